#include "features.h"

#include <algorithm>
#include <cmath>

#include "halves.h"

namespace modx {

namespace {

// How far a guess may be off, in standard deviations: beyond that the exact value is not looked at. Far out in a normal tail.
constexpr float SCREEN_DEVIATIONS = 8;

} // namespace

FeatureRows::FeatureRows(uint32_t at, const float * encoder, const float * biases, const float * limits, size_t features, size_t size, size_t most)
    : tap(at), width(size), top_k(most), rows(features * size), screen(encoder, features, size), bias(biases, biases + features),
      thresholds(most > 0 ? nullptr : limits, most > 0 ? nullptr : limits + features) {
    std::transform(encoder, encoder + rows.size(), rows.begin(), to_half);
}

void FeatureRows::evaluate(const float * residuals, size_t tokens, const std::vector<bool> & skipped, const Screen::Share & share, Active & out) {
    std::vector<const float *> read;
    for (size_t token = 0; token < tokens; token++)
        if (!skipped[token]) read.push_back(residuals + token * width);
    size_t begin = 0, end = 0, next = 0; // of the block whose guesses are there, and of the token at hand, in `read`
    for (size_t token = 0; token < tokens; token++) {
        if (!skipped[token]) {
            if (next == end) {
                begin = end;
                end = std::min(begin + Screen::TOGETHER, read.size());
                screen.guess(read.data() + begin, end - begin, share);
            }
            if (top_k > 0) top(next - begin, read[next], out);
            else above_threshold(next - begin, read[next], out);
            next++;
        }
        out.starts.push_back(static_cast<uint32_t>(out.features.size()));
    }
}

float FeatureRows::exact(size_t feature, const float * residual) const { return dot_half(residual, rows.data() + feature * width, width) + bias[feature]; }

float FeatureRows::bound(size_t n, size_t feature, float sign) const {
    return screen.value(n, feature) + bias[feature] + sign * SCREEN_DEVIATIONS * screen.deviation(n, feature);
}

void FeatureRows::above_threshold(size_t n, const float * residual, Active & out) const {
    for (size_t feature = 0; feature < count(); feature++) {
        if (bound(n, feature, 1) <= thresholds[feature]) continue;
        float value = exact(feature, residual);
        if (value <= thresholds[feature]) continue;
        out.features.push_back(static_cast<uint32_t>(feature));
        out.values.push_back(value);
    }
}

void FeatureRows::top(size_t n, const float * residual, Active & out) {
    size_t kept = std::min(top_k, count());
    // the k-th largest of what each is at least: whoever cannot reach it is not among the k
    least.resize(count());
    for (size_t feature = 0; feature < count(); feature++) {
        least[feature] = bound(n, feature, -1);
        if (std::isnan(least[feature])) return unranked(kept, out);
    }
    std::nth_element(least.begin(), least.begin() + (kept - 1), least.end(), std::greater<>());
    float bar = least[kept - 1];
    candidates.clear();
    for (size_t feature = 0; feature < count(); feature++)
        if (bound(n, feature, 1) >= bar) candidates.push_back(static_cast<uint32_t>(feature));
    std::vector<float> values(candidates.size());
    std::transform(candidates.begin(), candidates.end(), values.begin(), [&](uint32_t feature) { return exact(feature, residual); });
    if (std::any_of(values.begin(), values.end(), [](float value) { return std::isnan(value); })) return unranked(kept, out);
    kept = std::min(kept, candidates.size());
    std::vector<uint32_t> order(candidates.size());
    for (uint32_t i = 0; i < order.size(); i++) order[i] = i;
    // of equal ones the first
    auto larger = [&](uint32_t a, uint32_t b) { return values[a] > values[b] || (values[a] == values[b] && a < b); };
    std::partial_sort(order.begin(), order.begin() + kept, order.end(), larger);
    order.resize(kept);
    std::sort(order.begin(), order.end());
    for (uint32_t i : order) {
        // a feature that is not positive is off, top or not
        if (values[i] <= 0) continue;
        out.features.push_back(candidates[i]);
        out.values.push_back(values[i]);
    }
}

void FeatureRows::unranked(size_t kept, Active & out) {
    for (uint32_t feature = 0; feature < kept; feature++) {
        out.features.push_back(feature);
        out.values.push_back(std::nanf(""));
    }
}

} // namespace modx

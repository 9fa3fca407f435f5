#include "features.h"

#include <algorithm>
#include <cmath>

#include "halves.h"
#include "levels.h"

namespace modx {

namespace {

// How far a screened value may be off, in standard deviations of what rounding the weights does to it: beyond that the exact value is
// not looked at. Rounding errors of the coordinates are independent, so that this is far out in a normal tail.
constexpr float SCREEN_DEVIATIONS = 8;

FOR_EACH_X86_LEVEL float dot_screen(const float * a, const int8_t * b, size_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) sum += a[i] * static_cast<float>(b[i]);
    return sum;
}

} // namespace

FeatureRows::FeatureRows(uint32_t at, const float * encoder, const float * biases, const float * limits, size_t features, size_t size, size_t most)
    : tap(at), width(size), top_k(most), rows(features * size), screen(features * size), scale(features), bias(biases, biases + features),
      thresholds(most > 0 ? nullptr : limits, most > 0 ? nullptr : limits + features), guess(features) {
    for (size_t feature = 0; feature < features; feature++) {
        const float * row = encoder + feature * width;
        float largest = 0;
        for (size_t i = 0; i < width; i++) largest = std::max(largest, std::abs(row[i]));
        scale[feature] = largest / 127;
        for (size_t i = 0; i < width; i++) {
            rows[feature * width + i] = to_half(row[i]);
            screen[feature * width + i] = largest == 0 ? 0 : static_cast<int8_t>(std::lround(row[i] / scale[feature]));
        }
    }
}

void FeatureRows::evaluate(const float * residuals, size_t tokens, const std::vector<bool> & skipped, Active & out) {
    for (size_t token = 0; token < tokens; token++) {
        if (!skipped[token]) {
            const float * residual = residuals + token * width;
            float square = 0;
            for (size_t i = 0; i < width; i++) square += residual[i] * residual[i];
            for (size_t feature = 0; feature < count(); feature++)
                guess[feature] = scale[feature] * dot_screen(residual, screen.data() + feature * width, width) + bias[feature];
            // a weight is off by at most half a step, evenly: a twelfth of a step squared
            float margin = SCREEN_DEVIATIONS * std::sqrt(square / 12);
            if (top_k > 0) top(residual, margin, out);
            else above_threshold(residual, margin, out);
        }
        out.starts.push_back(static_cast<uint32_t>(out.features.size()));
    }
}

float FeatureRows::exact(size_t feature, const float * residual) const { return dot_half(residual, rows.data() + feature * width, width) + bias[feature]; }

void FeatureRows::above_threshold(const float * residual, float margin, Active & out) {
    for (size_t feature = 0; feature < count(); feature++) {
        if (guess[feature] + margin * scale[feature] <= thresholds[feature]) continue;
        float value = exact(feature, residual);
        if (value <= thresholds[feature]) continue;
        out.features.push_back(static_cast<uint32_t>(feature));
        out.values.push_back(value);
    }
}

void FeatureRows::top(const float * residual, float margin, Active & out) {
    size_t kept = std::min(top_k, count());
    // the k-th largest of what each is at least: whoever cannot reach it is not among the k
    std::vector<float> least(count());
    for (size_t feature = 0; feature < count(); feature++) least[feature] = guess[feature] - margin * scale[feature];
    std::nth_element(least.begin(), least.begin() + (kept - 1), least.end(), std::greater<>());
    float bar = least[kept - 1];
    candidates.clear();
    for (size_t feature = 0; feature < count(); feature++)
        if (guess[feature] + margin * scale[feature] >= bar) candidates.push_back(static_cast<uint32_t>(feature));
    for (uint32_t feature : candidates) guess[feature] = exact(feature, residual);
    auto larger = [this](uint32_t a, uint32_t b) { return guess[a] > guess[b] || (guess[a] == guess[b] && a < b); };
    std::partial_sort(candidates.begin(), candidates.begin() + kept, candidates.end(), larger);
    candidates.resize(kept);
    std::sort(candidates.begin(), candidates.end());
    for (uint32_t feature : candidates) {
        // a feature that is not positive is off, top or not
        if (guess[feature] <= 0) continue;
        out.features.push_back(feature);
        out.values.push_back(guess[feature]);
    }
}

} // namespace modx

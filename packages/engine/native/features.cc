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

// The same for several tokens: a row is fetched and widened once for all of them.
constexpr size_t TOGETHER = 8, FEWEST_TOGETHER = 3;
FOR_EACH_X86_LEVEL void dot_screens(const float * const * a, const int8_t * b, size_t n, float * out) {
    const float *a0 = a[0], *a1 = a[1], *a2 = a[2], *a3 = a[3], *a4 = a[4], *a5 = a[5], *a6 = a[6], *a7 = a[7];
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3, s4, s5, s6, s7)
    for (size_t i = 0; i < n; i++) {
        const float w = static_cast<float>(b[i]);
        s0 += a0[i] * w;
        s1 += a1[i] * w;
        s2 += a2[i] * w;
        s3 += a3[i] * w;
        s4 += a4[i] * w;
        s5 += a5[i] * w;
        s6 += a6[i] * w;
        s7 += a7[i] * w;
    }
    const float sums[TOGETHER] = {s0, s1, s2, s3, s4, s5, s6, s7};
    std::copy(sums, sums + TOGETHER, out);
}

} // namespace

FeatureRows::FeatureRows(uint32_t at, const float * encoder, const float * biases, const float * limits, size_t features, size_t size, size_t most)
    : tap(at), width(size), top_k(most), rows(features * size), screen(features * size), scale(features), bias(biases, biases + features),
      thresholds(most > 0 ? nullptr : limits, most > 0 ? nullptr : limits + features), guess(TOGETHER * features) {
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
    std::vector<size_t> read;
    for (size_t token = 0; token < tokens; token++)
        if (!skipped[token]) read.push_back(token);
    size_t begin = 0, end = 0, next = 0; // of the block whose guesses are there, and of the token at hand, in `read`
    for (size_t token = 0; token < tokens; token++) {
        if (!skipped[token]) {
            if (next == end) {
                begin = end;
                end = std::min(begin + TOGETHER, read.size());
                screen_block(residuals, read.data() + begin, end - begin);
            }
            const float * residual = residuals + token * width;
            float square = 0;
            for (size_t i = 0; i < width; i++) square += residual[i] * residual[i];
            // a weight is off by at most half a step, evenly: a twelfth of a step squared
            float margin = SCREEN_DEVIATIONS * std::sqrt(square / 12);
            float * own = guess.data() + (next - begin) * count();
            if (top_k > 0) top(residual, margin, own, out);
            else above_threshold(residual, margin, own, out);
            next++;
        }
        out.starts.push_back(static_cast<uint32_t>(out.features.size()));
    }
}

void FeatureRows::screen_block(const float * residuals, const size_t * tokens, size_t n) {
    const float * a[TOGETHER];
    // a block that is not full reads its last token several times, which costs less than reading the rows again
    for (size_t i = 0; i < TOGETHER; i++) a[i] = residuals + tokens[std::min(i, n - 1)] * width;
    for (size_t feature = 0; feature < count(); feature++) {
        const int8_t * row = screen.data() + feature * width;
        float sums[TOGETHER];
        if (n >= FEWEST_TOGETHER) dot_screens(a, row, width, sums);
        else
            for (size_t i = 0; i < n; i++) sums[i] = dot_screen(a[i], row, width);
        for (size_t i = 0; i < n; i++) guess[i * count() + feature] = scale[feature] * sums[i] + bias[feature];
    }
}

float FeatureRows::exact(size_t feature, const float * residual) const { return dot_half(residual, rows.data() + feature * width, width) + bias[feature]; }

void FeatureRows::above_threshold(const float * residual, float margin, const float * own, Active & out) {
    for (size_t feature = 0; feature < count(); feature++) {
        if (own[feature] + margin * scale[feature] <= thresholds[feature]) continue;
        float value = exact(feature, residual);
        if (value <= thresholds[feature]) continue;
        out.features.push_back(static_cast<uint32_t>(feature));
        out.values.push_back(value);
    }
}

void FeatureRows::top(const float * residual, float margin, float * own, Active & out) {
    size_t kept = std::min(top_k, count());
    // the k-th largest of what each is at least: whoever cannot reach it is not among the k
    std::vector<float> least(count());
    for (size_t feature = 0; feature < count(); feature++) least[feature] = own[feature] - margin * scale[feature];
    std::nth_element(least.begin(), least.begin() + (kept - 1), least.end(), std::greater<>());
    float bar = least[kept - 1];
    candidates.clear();
    for (size_t feature = 0; feature < count(); feature++)
        if (own[feature] + margin * scale[feature] >= bar) candidates.push_back(static_cast<uint32_t>(feature));
    for (uint32_t feature : candidates) own[feature] = exact(feature, residual);
    auto larger = [own](uint32_t a, uint32_t b) { return own[a] > own[b] || (own[a] == own[b] && a < b); };
    std::partial_sort(candidates.begin(), candidates.begin() + kept, candidates.end(), larger);
    candidates.resize(kept);
    std::sort(candidates.begin(), candidates.end());
    for (uint32_t feature : candidates) {
        // a feature that is not positive is off, top or not
        if (own[feature] <= 0) continue;
        out.features.push_back(feature);
        out.values.push_back(own[feature]);
    }
}

} // namespace modx

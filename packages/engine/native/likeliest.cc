#include "likeliest.h"

#include <algorithm>
#include <limits>

#include "levels.h"

namespace modx {

namespace {

constexpr size_t STRETCH = 1024;

FOR_EACH_X86_LEVEL float largest(const float * values, size_t n) {
    float most = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : most)
    for (size_t i = 0; i < n; i++) most = values[i] > most ? values[i] : most;
    return most;
}

} // namespace

int32_t likeliest(const float * logits, size_t vocabulary) {
    float most = -std::numeric_limits<float>::infinity();
    size_t best = 0, length = 0; // the first stretch that holds the largest
    for (size_t from = 0; from < vocabulary; from += STRETCH) {
        size_t n = std::min(STRETCH, vocabulary - from);
        float own = largest(logits + from, n);
        if (own > most) most = own, best = from, length = n;
    }
    for (size_t i = best; i < best + length; i++)
        if (logits[i] == most) return static_cast<int32_t>(i);
    return 0;
}

} // namespace modx

#include "readouts.h"

#include "levels.h"

namespace modx {

FOR_EACH_X86_LEVEL static float dot(const float * a, const float * b, size_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

void Readouts::evaluate(uint32_t index, const float * residuals, size_t tokens, float * out) const {
    for (size_t row = 0; row < count(); row++) {
        if (tap[row] != index) continue;
        const float * weights = rows.data() + row * width;
        for (size_t token = 0; token < tokens; token++) out[token * count() + row] = dot(weights, residuals + token * width, width) + bias[row];
    }
}

} // namespace modx

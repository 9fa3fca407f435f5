#include "dot.h"

#include "levels.h"

namespace modx {

FOR_EACH_X86_LEVEL float dot(const float * a, const float * b, size_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

} // namespace modx

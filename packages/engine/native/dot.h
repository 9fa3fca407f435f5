// Sum of a[i] * b[i], added up in f32.
#pragma once
#include <cstddef>

namespace modx {

float dot(const float * a, const float * b, size_t n);

} // namespace modx

// Half-precision numbers as they lie in memory.
#pragma once
#include <cstddef>
#include <cstdint>

namespace modx {

uint16_t to_half(float value);
float from_half(uint16_t half);

// Sum of a[i] * b[i], b in half precision, added up in f32.
float dot_half(const float * a, const uint16_t * b, size_t n);

} // namespace modx

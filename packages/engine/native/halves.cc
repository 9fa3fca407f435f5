#include "halves.h"

#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAS_F16C_PATH
#endif

namespace modx {

namespace {

uint32_t bits_of(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

float of_bits(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

} // namespace

// IEEE 754, to nearest, ties to even.
uint16_t to_half(float value) {
    uint32_t bits = bits_of(value), sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00;     // not a number
    if (magnitude >= 0x47800000) return sign | 0x7c00;    // too large
    if (magnitude < 0x38800000) {                         // subnormal: adding 0.5 lets the hardware round
        uint32_t rounded = bits_of(of_bits(magnitude) + 0.5f) - bits_of(0.5f);
        return sign | static_cast<uint16_t>(rounded);
    }
    uint32_t rounded = magnitude + 0xfff + ((magnitude >> 13) & 1) - (112u << 23);
    return sign | static_cast<uint16_t>(rounded >> 13);
}

float from_half(uint16_t half) {
    uint32_t sign = (half & 0x8000u) << 16, magnitude = half & 0x7fffu;
    if (magnitude >= 0x7c00) return of_bits(sign | 0x7f800000 | ((magnitude & 0x3ff) << 13));
    // shifted into place, the exponent is off by 112
    return of_bits(sign | bits_of(of_bits(magnitude << 13) * of_bits(239u << 23)));
}

namespace {

float dot_plain(const float * a, const uint16_t * b, size_t n) {
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * from_half(b[i]);
    return sum;
}

#ifdef HAS_F16C_PATH
__attribute__((target("avx2,fma,f16c"))) float dot_f16c(const float * a, const uint16_t * b, size_t n) {
    __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    size_t i = 0;
    for (; i + 32 <= n; i += 32)
        for (size_t part = 0; part < 4; part++) {
            __m256 wide = _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(b + i + 8 * part)));
            sums[part] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8 * part), wide, sums[part]);
        }
    __m256 all = _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    half = _mm_add_ss(half, _mm_shuffle_ps(half, half, 1));
    return _mm_cvtss_f32(half) + dot_plain(a + i, b + i, n - i);
}

bool has_f16c() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"); }
#endif

} // namespace

float dot_half(const float * a, const uint16_t * b, size_t n) {
#ifdef HAS_F16C_PATH
    static const bool fast = has_f16c();
    if (fast) return dot_f16c(a, b, n);
#endif
    return dot_plain(a, b, n);
}

} // namespace modx

#include "screen.h"

#include <algorithm>
#include <cmath>

#include "levels.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(MODX_PLAIN_SCREEN)
#include <immintrin.h>
#define HAS_INTEGER_PATH
#endif

namespace modx {

namespace {

constexpr size_t TOGETHER = Screen::TOGETHER;
// Below this many residuals it costs less to read a row for each.
constexpr size_t FEWEST_TOGETHER = 3;
// Products below which waking another thread costs more than it saves.
constexpr size_t LEAST_SHARED = size_t{1} << 20;
// Evenly spread over a step: a twelfth of it squared.
const float ROUNDING = std::sqrt(1.0f / 12);
// Of a cache line, and of the integer path's registers.
constexpr size_t ALIGNED = 64;

FOR_EACH_X86_LEVEL float dot(const float * a, const int8_t * b, size_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) sum += a[i] * static_cast<float>(b[i]);
    return sum;
}

FOR_EACH_X86_LEVEL void dots(const float * const * a, const int8_t * b, size_t n, float * out) {
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

// Rows and planes of which all products are taken at once: their sums stay in registers.
constexpr size_t TILE_ROWS = 4, TILE_PLANES = 4;
// Rows that stay in a core's own cache while all planes pass by.
constexpr size_t NEAR_ROWS = 16;

#ifdef HAS_INTEGER_PATH
__attribute__((target("avx512f,avx512bw,avx512vnni"))) void tile(const uint8_t * const * rows, const int8_t * const * planes, size_t n, int32_t * out) {
    __m512i sums[TILE_ROWS][TILE_PLANES];
    for (auto & row : sums)
        for (__m512i & sum : row) sum = _mm512_setzero_si512();
    for (size_t i = 0; i < n; i += ALIGNED) {
        __m512i w[TILE_ROWS];
        for (size_t r = 0; r < TILE_ROWS; r++) w[r] = _mm512_loadu_si512(rows[r] + i);
        for (size_t p = 0; p < TILE_PLANES; p++) {
            const __m512i x = _mm512_loadu_si512(planes[p] + i);
            for (size_t r = 0; r < TILE_ROWS; r++) sums[r][p] = _mm512_dpbusd_epi32(sums[r][p], w[r], x);
        }
    }
    for (size_t r = 0; r < TILE_ROWS; r++)
        for (size_t p = 0; p < TILE_PLANES; p++) out[r * TILE_PLANES + p] = _mm512_reduce_add_epi32(sums[r][p]);
}

bool multiplies_integers() { return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni"); }
#else
void tile(const uint8_t * const *, const int8_t * const *, size_t, int32_t *) {}
bool multiplies_integers() { return false; }
#endif

// Sums of 255 * 127 each stay within 32 bits.
constexpr size_t MOST_INTEGER_WIDTH = 65536;
// The largest that splits into two signed halves of eight bits.
constexpr float LARGEST = 127 * 256;

} // namespace

Screen::Screen(const float * values, size_t rows_count, size_t row_width)
    : count(rows_count), width(row_width), stride((row_width + ALIGNED - 1) / ALIGNED * ALIGNED), integers(multiplies_integers() && row_width <= MOST_INTEGER_WIDTH),
      rows(rows_count * stride), scale(rows_count), length(rows_count), planes(2 * TOGETHER * stride), step(TOGETHER), sums(TOGETHER), row_error(TOGETHER),
      residual_error(TOGETHER), guesses(TOGETHER * rows_count) {
    for (size_t row = 0; row < count; row++) {
        const float * own = values + row * width;
        float largest = 0, square = 0;
        for (size_t i = 0; i < width; i++) {
            largest = std::max(largest, std::abs(own[i]));
            square += own[i] * own[i];
        }
        scale[row] = largest / 127;
        length[row] = std::sqrt(square);
        for (size_t i = 0; i < width; i++) {
            long rounded = largest == 0 ? 0 : std::lround(own[i] / scale[row]);
            rows[row * stride + i] = static_cast<uint8_t>(rounded + (integers ? 128 : 0));
        }
    }
}

void Screen::guess(const float * const * residuals, size_t n, const Share & share) {
    for (size_t i = 0; i < n; i++) {
        float square = 0;
        for (size_t at = 0; at < width; at++) square += residuals[i][at] * residuals[i][at];
        row_error[i] = ROUNDING * std::sqrt(square);
        residual_error[i] = 0;
    }
    if (integers) round_residuals(residuals, n);
    if (n * count * width < LEAST_SHARED) return guess_rows(residuals, n, 0, count);
    share([&](size_t part, size_t parts) {
        size_t each = (count / parts + NEAR_ROWS) / NEAR_ROWS * NEAR_ROWS;
        guess_rows(residuals, n, std::min(count, part * each), std::min(count, (part + 1) * each));
    });
}

void Screen::guess_rows(const float * const * residuals, size_t n, size_t from, size_t to) {
    if (integers) return guess_in_integers(n, from, to);
    const float * a[TOGETHER];
    // a block that is not full reads its last residual several times, which costs less than reading the rows again
    for (size_t i = 0; i < TOGETHER; i++) a[i] = residuals[std::min(i, n - 1)];
    for (size_t row = from; row < to; row++) {
        const auto * own = reinterpret_cast<const int8_t *>(rows.data() + row * stride);
        float products[TOGETHER];
        if (n >= FEWEST_TOGETHER) dots(a, own, width, products);
        else
            for (size_t i = 0; i < n; i++) products[i] = dot(a[i], own, width);
        for (size_t i = 0; i < n; i++) guesses[i * count + row] = scale[row] * products[i];
    }
}

void Screen::round_residuals(const float * const * residuals, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float largest = 0;
        for (size_t at = 0; at < width; at++) largest = std::max(largest, std::abs(residuals[i][at]));
        step[i] = largest / LARGEST;
        residual_error[i] = ROUNDING * step[i];
        sums[i] = 0;
        const float inverse = largest > 0 && std::isfinite(largest) ? 1 / step[i] : 0;
        for (size_t at = 0; at < width; at++) {
            auto rounded = static_cast<int32_t>(std::lround(residuals[i][at] * inverse));
            auto lower = static_cast<int8_t>(rounded & 0xff);
            planes[2 * i * stride + at] = static_cast<int8_t>((rounded - lower) / 256);
            planes[(2 * i + 1) * stride + at] = lower;
            sums[i] += rounded;
        }
    }
}

void Screen::guess_in_integers(size_t n, size_t from, size_t to) {
    for (size_t near = from; near < to; near += NEAR_ROWS)
        for (size_t first = 0; first < n; first += TILE_PLANES / 2)
            for (size_t row = near; row < std::min(near + NEAR_ROWS, to); row += TILE_ROWS) {
                const uint8_t * own[TILE_ROWS];
                const int8_t * plane[TILE_PLANES];
                // beyond the end the last one again
                for (size_t r = 0; r < TILE_ROWS; r++) own[r] = rows.data() + std::min(row + r, to - 1) * stride;
                for (size_t p = 0; p < TILE_PLANES; p++) plane[p] = planes.data() + std::min(2 * first + p, 2 * n - 1) * stride;
                int32_t products[TILE_ROWS * TILE_PLANES];
                tile(own, plane, stride, products);
                for (size_t r = 0; r < std::min(TILE_ROWS, to - row); r++)
                    for (size_t i = 0; i < std::min(TILE_PLANES / 2, n - first); i++) {
                        const int32_t * both = products + r * TILE_PLANES + 2 * i;
                        // 128 was added to every number of the row
                        int64_t whole = 256 * static_cast<int64_t>(both[0]) + both[1] - 128 * sums[first + i];
                        guesses[(first + i) * count + row + r] = scale[row + r] * step[first + i] * static_cast<float>(whole);
                    }
            }
}

} // namespace modx

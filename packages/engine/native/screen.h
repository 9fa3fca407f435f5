// Guesses what rows give on residuals from rows of eight bits: an eighth of the memory to read, to find those that are worth an exact look.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace modx {

class Screen {
  public:
    // Residuals that are guessed for at a time: a row is fetched once for all of them.
    static constexpr size_t TOGETHER = 8;

    // rows [count, width] f32
    Screen(const float * rows, size_t count, size_t width);

    // Runs every part of some work, some of them at once.
    using Share = std::function<void(const std::function<void(size_t part, size_t parts)> &)>;

    // Fills `guesses` for `n` residuals, at most TOGETHER of [width] f32.
    void guess(const float * const * residuals, size_t n, const Share & share);
    // What the row is guessed to give on the n-th residual.
    float value(size_t n, size_t row) const { return guesses[n * count + row]; }
    // Standard deviation of the guess from the exact value: what rounding makes of it, whose errors are independent.
    float deviation(size_t n, size_t row) const { return scale[row] * row_error[n] + length[row] * residual_error[n]; }

  private:
    void guess_rows(const float * const * residuals, size_t n, size_t from, size_t to);
    void guess_in_integers(size_t n, size_t from, size_t to);
    void round_residuals(const float * const * residuals, size_t n);

    size_t count, width, stride;
    bool integers;              // residuals are rounded too, to sixteen bits, where the processor multiplies integers faster
    std::vector<uint8_t> rows;  // [count, stride], signed; with 128 added where residuals are rounded, and 0 behind the width
    std::vector<float> scale;   // [count], the step of a row
    std::vector<float> length;  // [count], Euclidean
    std::vector<int8_t> planes; // [2 * TOGETHER, stride]: upper and lower eight bits of each residual
    std::vector<float> step;    // [TOGETHER], of a rounded residual
    std::vector<int64_t> sums;  // [TOGETHER], of a rounded residual's coordinates
    std::vector<float> row_error, residual_error; // [TOGETHER]
    std::vector<float> guesses; // [TOGETHER, count]
};

} // namespace modx

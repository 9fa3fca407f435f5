// Compares a screen's guesses with exact products, and a dictionary's active features with those found without a screen. Compiled by
// screen.test.ts, with and without the integer path.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "features.h"
#include "halves.h"

using namespace modx;

constexpr size_t ROWS = 203, WIDTH = 331, TOKENS = 11, ACTIVE = 9;

int main() {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    auto numbers = [&](size_t count, float size) {
        std::vector<float> out(count);
        for (float & value : out) value = size * normal(random);
        return out;
    };
    std::vector<float> rows = numbers(ROWS * WIDTH, 0.1f), bias = numbers(ROWS, 0.5f), residuals = numbers(TOKENS * WIDTH, 1);
    // a few coordinates of a residual stream are a hundred times the others
    for (size_t token = 0; token < TOKENS; token++) residuals[token * WIDTH + 17] = 150, residuals[token * WIDTH + 200] = -90;
    std::fill_n(rows.begin() + 5 * WIDTH, WIDTH, 0.0f);
    auto exact = [&](size_t row, size_t token) {
        double sum = 0;
        for (size_t i = 0; i < WIDTH; i++) sum += static_cast<double>(rows[row * WIDTH + i]) * residuals[token * WIDTH + i];
        return sum;
    };
    Screen::Share alone = [](const auto & work) { work(0, 1); };
    Screen::Share three = [](const auto & work) {
        for (size_t part = 0; part < 3; part++) work(part, 3);
    };

    double squares = 0, worst = 0;
    size_t count = 0;
    Screen screen(rows.data(), ROWS, WIDTH);
    for (size_t n : {1, 2, 3, 7, 8}) {
        std::vector<const float *> some;
        for (size_t i = 0; i < n; i++) some.push_back(residuals.data() + (i + n) % TOKENS * WIDTH);
        screen.guess(some.data(), n, n % 2 == 0 ? three : alone);
        for (size_t i = 0; i < n; i++)
            for (size_t row = 0; row < ROWS; row++) {
                double off = std::abs(screen.value(i, row) - exact(row, (i + n) % TOKENS));
                if (row == 5) {
                    if (off != 0) return std::puts("a row of zeros gave something"), 1;
                    continue;
                }
                double deviations = off / screen.deviation(i, row);
                worst = std::max(worst, deviations);
                squares += deviations * deviations;
                count++;
            }
    }

    size_t differing = 0, found = 0;
    for (size_t top_k : {size_t{0}, ACTIVE}) {
        std::vector<float> thresholds(ROWS, 4.0f);
        FeatureRows features(0, rows.data(), bias.data(), thresholds.data(), ROWS, WIDTH, top_k);
        std::vector<bool> skipped(TOKENS);
        skipped[0] = skipped[6] = true;
        Active active;
        features.evaluate(residuals.data(), TOKENS, skipped, three, active);
        for (size_t token = 0; token < TOKENS; token++) {
            std::vector<std::pair<float, uint32_t>> all;
            for (uint32_t row = 0; row < ROWS; row++) {
                std::vector<uint16_t> half(WIDTH);
                std::transform(rows.begin() + row * WIDTH, rows.begin() + (row + 1) * WIDTH, half.begin(), to_half);
                all.push_back({dot_half(residuals.data() + token * WIDTH, half.data(), WIDTH) + bias[row], row});
            }
            std::vector<uint32_t> wanted;
            std::sort(all.begin(), all.end(), std::greater<>());
            for (size_t i = 0; i < all.size() && !skipped[token]; i++)
                if (top_k == 0 ? all[i].first > 4.0f : i < top_k && all[i].first > 0) wanted.push_back(all[i].second);
            std::sort(wanted.begin(), wanted.end());
            std::vector<uint32_t> own(active.features.begin() + active.starts[token], active.features.begin() + active.starts[token + 1]);
            found += own.size();
            differing += own != wanted;
        }
    }
    std::printf("{\"deviation\":%f,\"worst\":%f,\"differing\":%zu,\"found\":%zu}\n", std::sqrt(squares / count), worst, differing, found);
}

// Residuals that are no numbers, or too large for any: a dictionary says so and touches no memory of others. Compiled by turns.test.ts.
#include <cmath>
#include <cstdio>
#include <limits>

#include "features.h"

using namespace modx;

constexpr size_t ROWS = 40, WIDTH = 16, KEPT = 5;

int main() {
    std::vector<float> rows(ROWS * WIDTH), bias(ROWS, 0.5f);
    for (size_t i = 0; i < rows.size(); i++) rows[i] = std::sin(static_cast<float>(i));
    FeatureRows features(0, rows.data(), bias.data(), nullptr, ROWS, WIDTH, KEPT);
    float huge = std::numeric_limits<float>::max(), infinite = std::numeric_limits<float>::infinity(), nan = std::nanf("");
    std::vector<float> residuals;
    for (float value : {nan, infinite, -infinite, huge, 1.0f}) {
        std::vector<float> token(WIDTH, 1.0f);
        token[3] = value;
        residuals.insert(residuals.end(), token.begin(), token.end());
    }
    residuals.insert(residuals.end(), WIDTH, nan);
    size_t tokens = residuals.size() / WIDTH;
    Active active;
    features.evaluate(residuals.data(), tokens, std::vector<bool>(tokens), [](const auto & work) { work(0, 1); }, active);
    if (active.starts.size() != tokens + 1) return std::puts("tokens are missing"), 1;
    for (size_t token = 0; token < tokens; token++) {
        size_t numbers = 0, count = active.starts[token + 1] - active.starts[token];
        for (size_t i = active.starts[token]; i < active.starts[token + 1]; i++) {
            if (active.features[i] >= ROWS) return std::puts("a feature that there is not"), 1;
            numbers += std::isfinite(active.values[i]);
        }
        if (count > KEPT) return std::puts("too many features"), 1;
        // the fifth is a residual as any other
        if (token == 4 ? numbers != KEPT : (token == 0 || token == 5) && (numbers != 0 || count == 0)) return std::printf("token %zu: %zu of %zu\n", token, numbers, count), 1;
    }
    std::puts("none broke");
}

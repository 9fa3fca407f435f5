// Rows in residual space and their evaluation: reading = row . residual + bias.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "features.h"

namespace modx {

struct Readouts {
    size_t width = 0;
    std::vector<float> rows;    // [rows, width] f32, raw residual scale
    std::vector<float> bias;    // [rows]
    std::vector<uint32_t> tap;  // [rows] index into the context's taps
    // Whole dictionaries; used by one pass at a time.
    std::vector<std::shared_ptr<FeatureRows>> features;

    size_t count() const { return bias.size(); }

    // Writes the readings of all rows at tap `index` for `tokens` residuals [tokens, width] into `out` [tokens, rows].
    void evaluate(uint32_t index, const float * residuals, size_t tokens, float * out) const;
};

} // namespace modx

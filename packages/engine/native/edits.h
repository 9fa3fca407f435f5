// Changes of the residual stream behind a block, in the pass that reads it.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "llama.h"

namespace modx {

// A row in residual space: value = weights . residual + bias. Without weights it is the bias.
struct EditRow {
    std::vector<float> weights;
    float bias = 0;

    float value(const float * residual) const;
};

// residual += (amount - kept) * direction, where the gate is open. Added: kept is 0. Clamped to `amount`: kept is the feature's value, and
// what the feature does not explain stays as it is.
struct Edit {
    int32_t layer = 0;
    std::vector<float> direction; // [width]
    float amount = 0;
    EditRow kept;
    bool gated = false;
    EditRow gate;
    float gate_above = 0;
};

// One sequence's edits, from one of its positions on.
struct EditSet {
    std::vector<Edit> edits;
    llama_pos from = 0;

    bool changes(int32_t layer) const;
    // All values are of the residual as it came; position 0 is left alone.
    void apply(int32_t layer, llama_pos position, float * residual, size_t width) const;
};

using EditsOfTokens = std::vector<std::shared_ptr<const EditSet>>;

} // namespace modx

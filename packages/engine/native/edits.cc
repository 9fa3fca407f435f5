#include "edits.h"

#include "dot.h"

namespace modx {

float EditRow::value(const float * residual) const { return bias + dot(weights.data(), residual, weights.size()); }

bool EditSet::changes(int32_t layer) const {
    for (const Edit & edit : edits)
        if (edit.layer == layer) return true;
    return false;
}

void EditSet::apply(int32_t layer, llama_pos position, float * residual, size_t width) const {
    if (position == 0 || position < from) return;
    std::vector<float> change(width);
    for (const Edit & edit : edits) {
        if (edit.layer != layer || (edit.gated && edit.gate.value(residual) <= edit.gate_above)) continue;
        float by = edit.amount - edit.kept.value(residual);
        for (size_t i = 0; i < width; i++) change[i] += by * edit.direction[i];
    }
    for (size_t i = 0; i < width; i++) residual[i] += change[i];
}

} // namespace modx

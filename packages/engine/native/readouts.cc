#include "readouts.h"

#include "dot.h"

namespace modx {

void Readouts::evaluate(uint32_t index, const float * residuals, size_t tokens, float * out) const {
    for (size_t row = 0; row < count(); row++) {
        if (tap[row] != index) continue;
        const float * weights = rows.data() + row * width;
        for (size_t token = 0; token < tokens; token++) out[token * count() + row] = dot(weights, residuals + token * width, width) + bias[row];
    }
}

} // namespace modx

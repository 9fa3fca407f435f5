// The token that greedy sampling chooses: what llama.cpp's sampler does too, by way of a list of the whole vocabulary.
#pragma once
#include <cstddef>
#include <cstdint>

namespace modx {

// Place of the largest logit, the first of equal ones; 0 where none is above minus infinity.
int32_t likeliest(const float * logits, size_t vocabulary);

} // namespace modx

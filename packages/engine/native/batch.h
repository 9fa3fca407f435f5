// The tokens of one pass, and what it leaves for the next.
#pragma once
#include <llama.h>

#include <memory>
#include <optional>
#include <vector>

#include "sampler.h"

namespace modx {

struct Batch {
    std::vector<llama_token> tokens;
    std::vector<llama_pos> positions;
    std::vector<llama_seq_id> sequences;
    std::vector<int8_t> outputs;
    // For each token flagged as output, its sequence's sampler or none.
    std::vector<std::shared_ptr<SamplerHandle>> samplers;
    // For each token, one whose log probability behind it is wanted, or -1; empty where none is.
    std::vector<llama_token> targets;
    // Whether llama.cpp must treat every token as an output for the taps' rows to be right.
    bool all_outputs = false;
};

// What a pass leaves for the one that follows it: the tokens that it sampled, each behind its own. Unset when it failed, or when
// a response ended or had no sampler.
using Successor = std::shared_ptr<std::optional<Batch>>;

} // namespace modx

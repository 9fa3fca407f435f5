// Two ways to read the residual stream after block L: the input of block L+1, which llama.cpp copies out for some
// architectures, and the graph node "l_out-L", which any architecture's evaluation callback can see.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "edits.h"

#include "ggml-backend.h"
#include "llama.h"

namespace modx {

enum class TapSource { layer_input, graph_node };

struct Tap {
    int32_t layer;
    TapSource source;
    std::vector<float> copied; // [tokens of this decode, width]: of graph nodes, and of blocks that are edited, before the edit
};

class Taps {
  public:
    // `edits`: whether blocks may be edited, which only the callback can do
    Taps(std::vector<Tap> list, size_t residual_width, bool may_edit) : taps(std::move(list)), width(residual_width), edits(may_edit) {}

    size_t count() const { return taps.size(); }
    // The last block's node holds only tokens that are flagged as outputs, so all must be.
    bool need_all_outputs(int32_t layers) const;
    bool need_callback() const;
    void enable(llama_context * context) const;
    // Before a decode: its positions, and each token's edits, none where empty.
    void begin(const std::vector<llama_pos> & positions, EditsOfTokens edits_of_tokens);
    // [tokens, width] f32 of the last decode, in batch order; nullptr when llama.cpp gave fewer rows than tokens.
    const float * residuals(llama_context * context, size_t tap, size_t tokens);

    // Whether every edited block's node was there with all its tokens in the last decode.
    bool edits_reached(size_t tokens) const;

    static bool on_node(ggml_tensor * node, bool ask, void * self);

  private:
    // The block whose output a node is; -1 where it is none.
    static int32_t layer_of(const ggml_tensor * node);
    bool edited(int32_t layer) const;
    // Writes the edited residuals of the tokens that this node holds.
    void edit(ggml_tensor * node, int32_t layer);

    std::vector<Tap> taps;
    size_t width;
    bool edits;
    std::vector<llama_pos> positions;
    EditsOfTokens edits_of_tokens;
    std::map<int32_t, size_t> seen; // tokens of each edited block's node that came before
};

} // namespace modx

// Two ways to read the residual stream after block L: the input of block L+1, which llama.cpp copies out for some
// architectures, and the graph node "l_out-L", which any architecture's evaluation callback can see.
#pragma once
#include <cstdint>
#include <vector>

#include "ggml-backend.h"
#include "llama.h"

namespace modx {

enum class TapSource { layer_input, graph_node };

struct Tap {
    int32_t layer;
    TapSource source;
    std::vector<float> copied; // graph_node only: [tokens of this decode, width]
};

class Taps {
  public:
    Taps(std::vector<Tap> list, size_t residual_width) : taps(std::move(list)), width(residual_width) {}

    size_t count() const { return taps.size(); }
    // The last block's node holds only tokens that are flagged as outputs, so all must be.
    bool need_all_outputs(int32_t layers) const;
    bool need_callback() const;
    void enable(llama_context * context) const;
    void begin();
    // [tokens, width] f32 of the last decode, in batch order; nullptr when llama.cpp gave fewer rows than tokens.
    const float * residuals(llama_context * context, size_t tap, size_t tokens);

    static bool on_node(ggml_tensor * node, bool ask, void * self);

  private:
    Tap * wanted(const ggml_tensor * node);

    std::vector<Tap> taps;
    size_t width;
};

} // namespace modx

#include "taps.h"

#include <cstdlib>
#include <cstring>

#include "llama-ext.h"

namespace modx {

bool Taps::need_all_outputs(int32_t layers) const {
    for (const Tap & tap : taps)
        if (tap.layer == layers - 1) return true;
    return false;
}

bool Taps::need_callback() const {
    for (const Tap & tap : taps)
        if (tap.source == TapSource::graph_node) return true;
    return false;
}

void Taps::enable(llama_context * context) const {
    for (const Tap & tap : taps)
        if (tap.source == TapSource::layer_input) llama_set_embeddings_layer_inp(context, tap.layer + 1, true);
}

void Taps::begin() {
    for (Tap & tap : taps) tap.copied.clear();
}

const float * Taps::residuals(llama_context * context, size_t index, size_t tokens) {
    Tap & tap = taps[index];
    if (tap.source == TapSource::layer_input) return llama_get_embeddings_layer_inp(context, tap.layer + 1);
    return tap.copied.size() == tokens * width ? tap.copied.data() : nullptr;
}

Tap * Taps::wanted(const ggml_tensor * node) {
    static constexpr const char PREFIX[] = "l_out-";
    if (std::strncmp(node->name, PREFIX, sizeof(PREFIX) - 1) != 0) return nullptr;
    int layer = std::atoi(node->name + sizeof(PREFIX) - 1);
    for (Tap & tap : taps)
        if (tap.source == TapSource::graph_node && tap.layer == layer) return &tap;
    return nullptr;
}

// Called twice for every node of the graph: first to ask whether its data is wanted, then, if so, with the data ready.
// A batch larger than n_ubatch runs the graph several times; rows are appended in that order.
bool Taps::on_node(ggml_tensor * node, bool ask, void * self) {
    Tap * tap = static_cast<Taps *>(self)->wanted(node);
    if (ask) return tap != nullptr;
    if (tap != nullptr) {
        size_t before = tap->copied.size();
        tap->copied.resize(before + ggml_nelements(node));
        ggml_backend_tensor_get(node, tap->copied.data() + before, 0, ggml_nbytes(node));
    }
    return true;
}

} // namespace modx

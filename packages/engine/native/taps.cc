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
    if (edits) return true;
    for (const Tap & tap : taps)
        if (tap.source == TapSource::graph_node) return true;
    return false;
}

void Taps::enable(llama_context * context) const {
    for (const Tap & tap : taps)
        if (tap.source == TapSource::layer_input) llama_set_embeddings_layer_inp(context, tap.layer + 1, true);
}

void Taps::begin(const std::vector<llama_pos> & of_tokens, EditsOfTokens wanted) {
    for (Tap & tap : taps) tap.copied.clear();
    positions = of_tokens;
    edits_of_tokens = std::move(wanted);
    seen.clear();
}

const float * Taps::residuals(llama_context * context, size_t index, size_t tokens) {
    Tap & tap = taps[index];
    if (tap.source == TapSource::layer_input && tap.copied.empty()) return llama_get_embeddings_layer_inp(context, tap.layer + 1);
    return tap.copied.size() == tokens * width ? tap.copied.data() : nullptr;
}

int32_t Taps::layer_of(const ggml_tensor * node) {
    static constexpr const char PREFIX[] = "l_out-";
    if (std::strncmp(node->name, PREFIX, sizeof(PREFIX) - 1) != 0) return -1;
    return std::atoi(node->name + sizeof(PREFIX) - 1);
}

bool Taps::edited(int32_t layer) const {
    for (const auto & edits_of_token : edits_of_tokens)
        if (edits_of_token != nullptr && edits_of_token->changes(layer)) return true;
    return false;
}

bool Taps::edits_reached(size_t tokens) const {
    for (const auto & edits_of_token : edits_of_tokens) {
        if (edits_of_token == nullptr) continue;
        for (const Edit & edit : edits_of_token->edits) {
            auto rows = seen.find(edit.layer);
            if (rows == seen.end() || rows->second != tokens) return false;
        }
    }
    return true;
}

void Taps::edit(ggml_tensor * node, int32_t layer) {
    size_t first = seen[layer], rows = ggml_nelements(node) / width;
    seen[layer] = first + rows;
    std::vector<float> residuals(rows * width);
    ggml_backend_tensor_get(node, residuals.data(), 0, ggml_nbytes(node));
    for (size_t row = 0; row < rows && first + row < edits_of_tokens.size(); row++) {
        const auto & own = edits_of_tokens[first + row];
        if (own != nullptr) own->apply(layer, positions[first + row], residuals.data() + row * width, width);
    }
    ggml_backend_tensor_set(node, residuals.data(), 0, ggml_nbytes(node));
}

// Called twice for every node of the graph: first to ask whether its data is wanted, then, if so, with the data ready.
// A batch larger than n_ubatch runs the graph several times; rows come in that order.
bool Taps::on_node(ggml_tensor * node, bool ask, void * self) {
    Taps & all = *static_cast<Taps *>(self);
    int32_t layer = layer_of(node);
    if (layer < 0) return !ask;
    bool edited = all.edited(layer);
    bool wanted = edited;
    for (Tap & tap : all.taps) {
        // readings are of the residual before the edit, which the next block's input no longer is
        if (tap.layer != layer || (!edited && tap.source != TapSource::graph_node)) continue;
        wanted = true;
        if (ask) break;
        size_t before = tap.copied.size();
        tap.copied.resize(before + ggml_nelements(node));
        ggml_backend_tensor_get(node, tap.copied.data() + before, 0, ggml_nbytes(node));
    }
    if (ask) return wanted;
    if (edited) all.edit(node, layer);
    return true;
}

} // namespace modx

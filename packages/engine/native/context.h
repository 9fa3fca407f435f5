// A llama.cpp context: the memory of several sequences over one model and one set of adapters, with its taps.
#pragma once
#include <napi.h>

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "adapter.h"
#include "backend.h"
#include "batch.h"
#include "model.h"
#include "pass_thread.h"
#include "readouts.h"
#include "taps.h"

namespace modx {

class Decode;

struct ContextOptions {
    uint32_t tokens, batch, sequences; // tokens of one sequence, of one pass; sequences
    int32_t threads;
    std::vector<Tap> taps;
    std::vector<AdapterHandle> adapters;
    std::vector<float> scales;
    bool edits = false; // whether sequences may be edited
};

struct ContextHandle {
    ContextHandle(std::shared_ptr<ModelHandle> model, ContextOptions options);
    ~ContextHandle();
    ContextHandle(const ContextHandle &) = delete;
    ContextHandle & operator=(const ContextHandle &) = delete;

    std::shared_ptr<ModelHandle> model;
    std::vector<AdapterHandle> adapters;
    std::shared_ptr<Threadpool> threads;
    Taps taps;
    std::shared_ptr<const Readouts> readouts;
    std::map<llama_seq_id, std::shared_ptr<const EditSet>> edits; // changed while no pass runs
    bool may_edit;
    llama_context * context = nullptr;
    size_t width;
    bool all_outputs;
    // Last, so that it ends first.
    std::unique_ptr<PassThread> passes;
};

class Context : public Napi::ObjectWrap<Context> {
  public:
    static Napi::Function define(Napi::Env env);
    // Context.create(model, {tokens, batch, sequences, threads, taps: [{layer, graphNode}], adapters: [{adapter, scale}]})
    static Napi::Value create(const Napi::CallbackInfo & info);
    explicit Context(const Napi::CallbackInfo & info);

  private:
    Napi::Value limits(const Napi::CallbackInfo & info);
    // bind(rows [n, width], bias [n], tap index [n]): replaces the readouts
    void bind(const Napi::CallbackInfo & info);
    // decode(tokens, positions, sequences, outputs, samplers, capture, targets or null) -> Promise<{readings, residuals, sampled, ...}>
    Napi::Value decode(const Napi::CallbackInfo & info);
    // follow() -> Promise<like decode's, or null>: the pass after the last one, with the tokens that it samples; it begins without
    // waiting for JavaScript. Null where a response ended.
    Napi::Value follow(const Napi::CallbackInfo & info);
    // edit(sequence, from, [{layer, direction, amount, kept, gate, above}]): replaces a sequence's edits; none where the list is empty
    void edit(const Napi::CallbackInfo & info);
    // remove(sequence, from): forgets positions >= from; false when this model's memory cannot
    Napi::Value remove(const Napi::CallbackInfo & info);
    void dispose(const Napi::CallbackInfo & info);
    void require_idle(Napi::Env env) const;
    Napi::Value run(Decode * pass);
    std::function<void()> on_done();

    std::shared_ptr<ContextHandle> held;
    size_t running = 0;
    Successor successor; // of the last pass
};

} // namespace modx

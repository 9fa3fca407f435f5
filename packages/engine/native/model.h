// A GGUF model: weights, vocabulary, metadata.
#pragma once
#include <napi.h>

#include <memory>

#include "llama.h"

namespace modx {

// Freed when the last context, adapter or JavaScript object that needs it is gone.
struct ModelHandle {
    ModelHandle(llama_model * loaded, bool on_accelerator) : model(loaded), vocab(llama_model_get_vocab(loaded)), offloaded(on_accelerator) {}
    ~ModelHandle() { llama_model_free(model); }
    ModelHandle(const ModelHandle &) = delete;
    ModelHandle & operator=(const ModelHandle &) = delete;

    llama_model * model;
    const llama_vocab * vocab;
    // Whether an accelerator holds layers of it.
    bool offloaded;
};

class Model : public Napi::ObjectWrap<Model> {
  public:
    static Napi::Function define(Napi::Env env);
    // Model.load(path, {gpuLayers}) -> Promise<Model>
    static Napi::Value load(const Napi::CallbackInfo & info);
    explicit Model(const Napi::CallbackInfo & info);

    // The handle, or a coded error after dispose().
    std::shared_ptr<ModelHandle> handle(Napi::Env env) const;

  private:
    Napi::Value facts(const Napi::CallbackInfo & info);
    Napi::Value metadata(const Napi::CallbackInfo & info);
    Napi::Value vocabulary(const Napi::CallbackInfo & info);
    Napi::Value tokenize(const Napi::CallbackInfo & info);
    Napi::Value piece(const Napi::CallbackInfo & info);
    Napi::Value is_end(const Napi::CallbackInfo & info);
    void dispose(const Napi::CallbackInfo & info);
    llama_token token_argument(const Napi::CallbackInfo & info) const;

    std::shared_ptr<ModelHandle> shared;
};

} // namespace modx

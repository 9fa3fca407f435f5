// A LoRA adapter for one model.
#pragma once
#include <napi.h>

#include <memory>

#include "model.h"

namespace modx {

// llama.cpp frees an adapter with its model, so holding the model is holding the adapter.
struct AdapterHandle {
    std::shared_ptr<ModelHandle> model;
    llama_adapter_lora * adapter;
};

class Adapter : public Napi::ObjectWrap<Adapter> {
  public:
    static Napi::Function define(Napi::Env env);
    // Adapter.load(model, path) -> Promise<Adapter>
    static Napi::Value load(const Napi::CallbackInfo & info);
    explicit Adapter(const Napi::CallbackInfo & info);

    AdapterHandle held;
};

} // namespace modx

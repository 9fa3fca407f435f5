// One sequence's sampler: llama.cpp's own chain.
#pragma once
#include <napi.h>

#include <memory>

#include "llama.h"

namespace modx {

struct FreeSampler {
    void operator()(llama_sampler * sampler) const { llama_sampler_free(sampler); }
};

class Sampler : public Napi::ObjectWrap<Sampler> {
  public:
    static Napi::Function define(Napi::Env env);
    // new Sampler({temperature, topK, topP, minP, seed}); temperature 0 is greedy
    explicit Sampler(const Napi::CallbackInfo & info);

    // Shared with a decode in flight, which may outlive the JavaScript object.
    std::shared_ptr<llama_sampler> chain;
};

} // namespace modx

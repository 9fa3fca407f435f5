// One sequence's sampler: llama.cpp's own chain.
#pragma once
#include <napi.h>

#include <memory>
#include <vector>

#include "llama.h"
#include "model.h"

namespace modx {

struct FreeSampler {
    void operator()(llama_sampler * sampler) const { llama_sampler_free(sampler); }
};

struct SamplerHandle {
    std::shared_ptr<ModelHandle> model; // whose vocabulary the chain keeps
    std::unique_ptr<llama_sampler, FreeSampler> chain;
    // Those of the chain that look back at tokens; a prompt is theirs to see, and not a grammar's.
    std::vector<llama_sampler *> history;
    // The chain does nothing but choose the likeliest token.
    bool greedy = false;
    // Parts at the chain's beginning that may forbid tokens: the bias and the grammar.
    int32_t forbidding = 0;
    // It failed once: what its grammar is at nobody knows, and llama.cpp would end the process over it.
    bool spent = false;
    // Alternatives whose log probabilities are wanted beside the chosen token's; -1 for none, not the chosen one's either.
    int32_t alternatives = -1;

    // The next token, which the chain takes note of; -1 where it allows none, now and from then on.
    llama_token choose(const float * logits);

  private:
    llama_token select(const float * logits);
    // [vocabulary], kept from one token to the next
    std::vector<llama_token_data> candidates;
};

class Sampler : public Napi::ObjectWrap<Sampler> {
  public:
    static Napi::Function define(Napi::Env env);
    // new Sampler(model, {temperature, topK, ...}); see NativeSampling. Or of another one's handle, for copy().
    explicit Sampler(const Napi::CallbackInfo & info);

    // The handle, or a coded error after dispose(). Shared with a decode in flight, which may outlive the JavaScript object.
    std::shared_ptr<SamplerHandle> handle(Napi::Env env) const;

  private:
    // copy(): another sampler in the state that this one is in
    Napi::Value copy(const Napi::CallbackInfo & info);
    // see(tokens): what stands before the response, for penalties
    void see(const Napi::CallbackInfo & info);
    // dispose(): frees it now. A chain that has sampled holds as much as a vocabulary, of which JavaScript's collector knows nothing.
    void dispose(const Napi::CallbackInfo & info);

    std::shared_ptr<SamplerHandle> held;
};

} // namespace modx

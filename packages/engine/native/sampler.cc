#include "sampler.h"

#include "check.h"

namespace modx {

Napi::Function Sampler::define(Napi::Env env) { return DefineClass(env, "Sampler", {}); }

Sampler::Sampler(const Napi::CallbackInfo & info) : Napi::ObjectWrap<Sampler>(info) {
    Napi::Env env = info.Env();
    require(env, info.Length() == 1 && info[0].IsObject(), BAD_ARGUMENT, "new Sampler(options)");
    Napi::Object options = info[0].As<Napi::Object>();
    float temperature = float_field(options, "temperature"), top_p = float_field(options, "topP"), min_p = float_field(options, "minP");
    int32_t top_k = int_field(options, "topK");
    require(env, options.Get("seed").IsNumber(), BAD_ARGUMENT, "seed must be a number");
    uint32_t seed = options.Get("seed").As<Napi::Number>().Uint32Value();
    require(env, temperature >= 0 && top_p > 0 && top_p <= 1 && min_p >= 0 && min_p < 1 && top_k >= 0, BAD_ARGUMENT, "sampling parameter out of range");

    chain = std::shared_ptr<llama_sampler>(llama_sampler_chain_init(llama_sampler_chain_default_params()), FreeSampler());
    if (temperature == 0) {
        llama_sampler_chain_add(chain.get(), llama_sampler_init_greedy());
        return;
    }
    // llama-server's order
    if (top_k > 0) llama_sampler_chain_add(chain.get(), llama_sampler_init_top_k(top_k));
    if (top_p < 1) llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(top_p, 1));
    if (min_p > 0) llama_sampler_chain_add(chain.get(), llama_sampler_init_min_p(min_p, 1));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(temperature));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(seed));
}

} // namespace modx

#include "sampler.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <string>

#include "addon.h"
#include "check.h"
#include "likeliest.h"

namespace modx {

namespace {

// Tokens that mirostat's first version estimates its exponent from, as in its paper.
constexpr int32_t MIROSTAT_TOKENS = 100;

uint32_t seed_field(const Napi::Object & options) {
    Napi::Value seed = options.Get("seed");
    require(options.Env(), seed.IsNumber(), BAD_ARGUMENT, "seed must be a number");
    return seed.As<Napi::Number>().Uint32Value();
}

std::vector<llama_logit_bias> bias_field(const Napi::Object & options, int32_t vocabulary) {
    Napi::Env env = options.Env();
    auto tokens = typed_array<Napi::Int32Array>(env, options.Get("biasTokens"), napi_int32_array, "biasTokens");
    auto values = typed_array<Napi::Float32Array>(env, options.Get("biasValues"), napi_float32_array, "biasValues");
    require(env, tokens.ElementLength() == values.ElementLength(), BAD_ARGUMENT, "one bias for each token");
    std::vector<llama_logit_bias> biases;
    for (size_t i = 0; i < tokens.ElementLength(); i++) {
        require(env, tokens[i] >= 0 && tokens[i] < vocabulary, BAD_ARGUMENT, "a biased token is outside the vocabulary");
        require(env, !std::isnan(values[i]), BAD_ARGUMENT, "a bias is not a number");
        biases.push_back({tokens[i], values[i]});
    }
    return biases;
}

std::vector<std::string> texts_field(const Napi::Object & options, const char * name) {
    Napi::Value value = options.Get(name);
    require(options.Env(), value.IsArray(), BAD_ARGUMENT, std::string(name) + " must be an array");
    Napi::Array array = value.As<Napi::Array>();
    std::vector<std::string> texts;
    for (uint32_t i = 0; i < array.Length(); i++) texts.push_back(array.Get(i).ToString());
    return texts;
}

// Builds one chain; every call checks before llama.cpp can abort.
class Chain {
  public:
    Chain(SamplerHandle & handle, const Napi::Object & object) : sampler(handle), options(object), env(object.Env()), vocab(handle.model->vocab) {}

    // llama-server's order: what is forbidden or changed for every token first, then what cuts, then what chooses.
    void build() {
        add_bias();
        add_grammar();
        sampler.forbidding = llama_sampler_chain_n(sampler.chain.get());
        add_penalties();
        add_dry();
        float temperature = number("temperature");
        require(env, temperature >= 0, BAD_ARGUMENT, "temperature out of range");
        if (temperature == 0) {
            add(llama_sampler_init_greedy());
            sampler.greedy = llama_sampler_chain_n(sampler.chain.get()) == 1;
            return;
        }
        if (int_field(options, "mirostat") != 0) return add_mirostat(temperature);
        add_cuts();
        add(llama_sampler_init_temp(temperature));
        add(llama_sampler_init_dist(seed_field(options)));
    }

  private:
    void add(llama_sampler * part) {
        require(env, part != nullptr, BAD_ARGUMENT, "llama.cpp refused a sampler");
        llama_sampler_chain_add(sampler.chain.get(), part);
    }

    float number(const char * name) {
        float value = float_field(options, name);
        require(env, std::isfinite(value), BAD_ARGUMENT, std::string(name) + " must be finite");
        return value;
    }

    void add_bias() {
        int32_t size = llama_vocab_n_tokens(vocab);
        auto biases = bias_field(options, size);
        if (!biases.empty()) add(llama_sampler_init_logit_bias(size, static_cast<int32_t>(biases.size()), biases.data()));
    }

    void add_grammar() {
        std::string grammar = options.Get("grammar").ToString();
        if (grammar.empty()) return;
        llama_sampler * part = nullptr;
        try {
            part = llama_sampler_init_grammar(vocab, grammar.c_str(), "root");
        } catch (const std::exception & failure) {
            throw coded(env, "MODX_USAGE_SAMPLING", std::string("the grammar cannot be read (") + failure.what() + ")");
        }
        require(env, part != nullptr, "MODX_USAGE_SAMPLING", "the grammar cannot be read");
        add(part);
    }

    void add_penalties() {
        int32_t last = int_field(options, "repeatLastN");
        float repeat = number("repeatPenalty"), frequency = number("frequencyPenalty"), presence = number("presencePenalty");
        require(env, last >= 0 && repeat > 0, BAD_ARGUMENT, "penalty out of range");
        if (last == 0 || (repeat == 1 && frequency == 0 && presence == 0)) return;
        llama_sampler * part = llama_sampler_init_penalties(llama_vocab_n_tokens(vocab), last, repeat, frequency, presence);
        add(part);
        sampler.history.push_back(part);
    }

    void add_dry() {
        float multiplier = number("dryMultiplier"), base = number("dryBase");
        int32_t allowed = int_field(options, "dryAllowedLength"), last = int_field(options, "dryPenaltyLastN");
        require(env, multiplier >= 0 && base >= 1 && allowed >= 0 && last >= 0, BAD_ARGUMENT, "DRY parameter out of range");
        if (multiplier == 0 || last == 0) return;
        std::vector<std::string> breakers = texts_field(options, "drySequenceBreakers");
        std::vector<const char *> pointers;
        for (const std::string & breaker : breakers) pointers.push_back(breaker.c_str());
        llama_sampler * part = llama_sampler_init_dry(vocab, multiplier, base, allowed, last, pointers.data(), pointers.size());
        add(part);
        sampler.history.push_back(part);
    }

    void add_mirostat(float temperature) {
        float tau = number("mirostatTau"), eta = number("mirostatEta");
        int32_t version = int_field(options, "mirostat");
        require(env, (version == 1 || version == 2) && tau > 0 && eta > 0, BAD_ARGUMENT, "mirostat parameter out of range");
        add(llama_sampler_init_temp(temperature));
        uint32_t seed = seed_field(options);
        if (version == 1) add(llama_sampler_init_mirostat(llama_vocab_n_tokens(vocab), seed, tau, eta, MIROSTAT_TOKENS));
        else add(llama_sampler_init_mirostat_v2(seed, tau, eta));
    }

    void add_cuts() {
        int32_t top_k = int_field(options, "topK");
        float typical = number("typicalP"), top_p = number("topP"), min_p = number("minP");
        float probability = number("xtcProbability"), threshold = number("xtcThreshold");
        require(env, top_k >= 0 && typical > 0 && typical <= 1 && top_p > 0 && top_p <= 1 && min_p >= 0 && min_p < 1, BAD_ARGUMENT, "sampling parameter out of range");
        require(env, probability >= 0 && probability <= 1 && threshold >= 0 && threshold <= 1, BAD_ARGUMENT, "XTC parameter out of range");
        if (top_k > 0) add(llama_sampler_init_top_k(top_k));
        if (typical < 1) add(llama_sampler_init_typical(typical, 1));
        if (top_p < 1) add(llama_sampler_init_top_p(top_p, 1));
        if (min_p > 0) add(llama_sampler_init_min_p(min_p, 1));
        if (probability > 0) add(llama_sampler_init_xtc(probability, threshold, 1, seed_field(options)));
    }

    SamplerHandle & sampler;
    Napi::Object options;
    Napi::Env env;
    const llama_vocab * vocab;
};

constexpr llama_token NONE = -1;

bool allowed(float logit) { return logit > -INFINITY; }

} // namespace

llama_token SamplerHandle::choose(const float * logits) {
    if (spent) return NONE;
    llama_token token = NONE;
    try {
        token = select(logits);
    } catch (const std::exception &) {
        // a token that the grammar cannot go on from
    }
    spent = token == NONE;
    return token;
}

// As llama_sampler_sample, which shows the grammar even a token that it forbade: it then aborts, or is left without a state.
llama_token SamplerHandle::select(const float * logits) {
    auto vocabulary = static_cast<size_t>(llama_vocab_n_tokens(model->vocab));
    if (greedy) {
        int32_t token = likeliest(logits, vocabulary);
        return allowed(logits[token]) ? token : NONE;
    }
    candidates.resize(vocabulary);
    for (size_t token = 0; token < vocabulary; token++) candidates[token] = {static_cast<llama_token>(token), logits[token], 0};
    llama_token_data_array array{candidates.data(), candidates.size(), -1, false};
    llama_sampler * all = chain.get();
    for (int32_t part = 0; part < forbidding; part++) llama_sampler_apply(llama_sampler_chain_get(all, part), &array);
    // what cuts and draws sorts by what it is given, and cannot sort what is not a number
    bool any = false;
    for (const llama_token_data & candidate : candidates) {
        if (std::isnan(candidate.logit)) return NONE;
        any |= allowed(candidate.logit);
    }
    if (!any) return NONE;
    for (int32_t part = forbidding; part < llama_sampler_chain_n(all); part++) llama_sampler_apply(llama_sampler_chain_get(all, part), &array);
    if (array.selected < 0 || static_cast<size_t>(array.selected) >= array.size) return NONE;
    const llama_token_data & chosen = array.data[array.selected];
    if (!allowed(chosen.logit)) return NONE;
    llama_sampler_accept(all, chosen.id);
    return chosen.id;
}

Napi::Function Sampler::define(Napi::Env env) { return DefineClass(env, "Sampler", {InstanceMethod("see", &Sampler::see), InstanceMethod("copy", &Sampler::copy), InstanceMethod("dispose", &Sampler::dispose)}); }

std::shared_ptr<SamplerHandle> Sampler::handle(Napi::Env env) const {
    require(env, held != nullptr, "MODX_ENGINE_DISPOSED", "the sampler was disposed");
    return held;
}

void Sampler::dispose(const Napi::CallbackInfo &) { held = nullptr; }

Sampler::Sampler(const Napi::CallbackInfo & info) : Napi::ObjectWrap<Sampler>(info), held(std::make_shared<SamplerHandle>()) {
    Napi::Env env = info.Env();
    if (info.Length() == 1 && info[0].IsExternal()) {
        held = *info[0].As<Napi::External<std::shared_ptr<SamplerHandle>>>().Data();
        return;
    }
    require(env, info.Length() == 2 && is_model(info[0]) && info[1].IsObject(), BAD_ARGUMENT, "new Sampler(model, options)");
    held->model = Model::Unwrap(info[0].As<Napi::Object>())->handle(env);
    Napi::Object options = info[1].As<Napi::Object>();
    held->alternatives = int_field(options, "alternatives");
    require(env, held->alternatives >= -1 && held->alternatives <= llama_vocab_n_tokens(held->model->vocab), BAD_ARGUMENT, "alternatives out of range");
    held->chain.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    Chain(*held, options).build();
}

Napi::Value Sampler::copy(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    auto own = handle(env);
    auto other = std::make_shared<SamplerHandle>();
    other->model = own->model;
    other->alternatives = own->alternatives;
    other->greedy = own->greedy;
    other->forbidding = own->forbidding;
    other->spent = own->spent;
    other->chain.reset(llama_sampler_clone(own->chain.get()));
    require(env, other->chain != nullptr, "MODX_ENGINE_FAILED", "llama.cpp could not copy a sampler");
    // the copies of those that look back stand at the same places of the chain
    for (int32_t i = 0; i < llama_sampler_chain_n(own->chain.get()); i++)
        for (llama_sampler * part : own->history)
            if (llama_sampler_chain_get(own->chain.get(), i) == part) other->history.push_back(llama_sampler_chain_get(other->chain.get(), i));
    return addon_data(env).sampler.New({Napi::External<std::shared_ptr<SamplerHandle>>::New(env, &other)});
}

void Sampler::see(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    require(env, info.Length() == 1, BAD_ARGUMENT, "see(tokens)");
    auto tokens = typed_array<Napi::Int32Array>(env, info[0], napi_int32_array, "tokens");
    auto own = handle(env);
    for (size_t i = 0; i < tokens.ElementLength(); i++)
        for (llama_sampler * part : own->history) llama_sampler_accept(part, tokens[i]);
}

} // namespace modx

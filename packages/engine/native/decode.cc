#include "decode.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numeric>
#include <string>

namespace modx {

namespace {

constexpr int32_t NOT_SAMPLED = -1, SAMPLER_FAILED = -2;

double now_ms() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

template <typename Array, typename Element>
Array copied(Napi::Env env, const std::vector<Element> & from) {
    Array array = Array::New(env, from.size());
    std::copy(from.begin(), from.end(), array.Data());
    return array;
}

} // namespace

Decode::Decode(Napi::Env env, std::shared_ptr<ContextHandle> context, Batch input, bool wants_residuals, std::function<void()> on_done)
    : PromiseWorker(env), held(std::move(context)), readouts(held->readouts), batch(std::move(input)), capture(wants_residuals), done(std::move(on_done)) {}

Decode::Decode(Napi::Env env, std::shared_ptr<ContextHandle> context, Successor previous, std::function<void()> on_done)
    : PromiseWorker(env), held(std::move(context)), readouts(held->readouts), before(std::move(previous)), done(std::move(on_done)) {}

void Decode::work() {
    if (before != nullptr) {
        skipped = !before->has_value();
        if (skipped) return;
        batch = std::move(**before);
    }
    std::lock_guard lock(held->threads->busy);
    double started = now_ms();
    run();
    double decoded = now_ms();
    read();
    read_ms = now_ms() - decoded;
    sample();
    score();
    step_ms = now_ms() - started;
    succeed();
}

void Decode::run() {
    size_t count = batch.tokens.size();
    std::vector<int32_t> sequence_counts(count, 1);
    std::vector<llama_seq_id *> sequence_ids(count);
    std::vector<int8_t> outputs = batch.outputs;
    for (size_t i = 0; i < count; i++) {
        sequence_ids[i] = &batch.sequences[i];
        if (batch.all_outputs || (!batch.targets.empty() && batch.targets[i] >= 0)) outputs[i] = 1;
    }
    llama_batch native{};
    native.n_tokens = static_cast<int32_t>(count);
    native.token = batch.tokens.data();
    native.pos = batch.positions.data();
    native.n_seq_id = sequence_counts.data();
    native.seq_id = sequence_ids.data();
    native.logits = outputs.data();

    EditsOfTokens edits;
    if (!held->edits.empty())
        for (llama_seq_id sequence : batch.sequences) {
            auto own = held->edits.find(sequence);
            edits.push_back(own == held->edits.end() ? nullptr : own->second);
        }
    held->taps.begin(batch.positions, std::move(edits));
    int32_t status = llama_decode(held->context, native);
    if (status == 1) throw CodedFailure("MODX_ENGINE_MEMORY_FULL", "no room for " + std::to_string(count) + " more tokens in the context's memory");
    if (status != 0) throw CodedFailure("MODX_ENGINE_FAILED", "llama_decode returned " + std::to_string(status));
    llama_synchronize(held->context);
    if (!held->taps.edits_reached(count)) throw CodedFailure("MODX_ENGINE_TAP_ROWS", "an edit reached fewer residuals than there were tokens");
}

void Decode::read() {
    size_t count = batch.tokens.size(), rows = readouts->count(), width = held->width;
    features.resize(readouts->features.size());
    if (rows == 0 && features.empty() && !capture) return;
    // The first position's residual is a hundred times the others': no readout is defined there.
    std::vector<bool> first(count);
    for (size_t i = 0; i < count; i++) first[i] = batch.positions[i] == 0;
    readings.resize(count * rows);
    auto share = [this](const auto & work) { held->threads->share(work); };
    if (capture) residuals.reserve(held->taps.count() * count * width);
    for (size_t tap = 0; tap < held->taps.count(); tap++) {
        const float * rows_of_tap = held->taps.residuals(held->context, tap, count);
        if (rows_of_tap == nullptr) throw CodedFailure("MODX_ENGINE_TAP_ROWS", "a tap gave fewer residuals than there were tokens");
        readouts->evaluate(tap, rows_of_tap, count, readings.data());
        for (size_t i = 0; i < features.size(); i++)
            if (readouts->features[i]->tap == tap) readouts->features[i]->evaluate(rows_of_tap, count, first, share, features[i]);
        if (capture) residuals.insert(residuals.end(), rows_of_tap, rows_of_tap + count * width);
    }
    for (size_t i = 0; i < count; i++)
        if (first[i]) std::fill_n(readings.begin() + i * rows, rows, std::nanf(""));
}

void Decode::sample() {
    for (size_t i = 0, output = 0; i < batch.outputs.size(); i++) {
        if (!batch.outputs[i]) continue;
        SamplerHandle * sampler = batch.samplers[output++].get();
        if (sampler == nullptr) {
            sampled.push_back(NOT_SAMPLED);
            continue;
        }
        // a grammar that allows nothing ends its own sequence, and not those that share the pass
        llama_token token = sampler->choose(llama_get_logits_ith(held->context, static_cast<int32_t>(i)));
        sampled.push_back(token < 0 ? SAMPLER_FAILED : token);
        if (sampler->alternatives >= 0) weigh(i, sampled.back(), sampler->alternatives);
    }
}

namespace {

// A token's log probability is its logit less this.
float log_of_sum(const float * logits, size_t vocabulary) {
    float highest = *std::max_element(logits, logits + vocabulary);
    double sum = 0;
    for (size_t token = 0; token < vocabulary; token++) sum += std::exp(logits[token] - highest);
    return highest + static_cast<float>(std::log(sum));
}

} // namespace

void Decode::weigh(size_t token, int32_t chosen, int32_t alternatives) {
    auto vocabulary = static_cast<size_t>(llama_vocab_n_tokens(held->model->vocab));
    const float * logits = llama_get_logits_ith(held->context, static_cast<int32_t>(token));
    float sum = log_of_sum(logits, vocabulary);
    std::vector<int32_t> order(vocabulary);
    std::iota(order.begin(), order.end(), 0);
    auto count = std::min(static_cast<size_t>(alternatives), vocabulary);
    std::partial_sort(order.begin(), order.begin() + count, order.end(), [logits](int32_t a, int32_t b) { return logits[a] > logits[b]; });
    likely.push_back(chosen);
    likelihoods.push_back(chosen < 0 ? std::nanf("") : logits[chosen] - sum);
    for (size_t i = 0; i < count; i++) {
        likely.push_back(order[i]);
        likelihoods.push_back(logits[order[i]] - sum);
    }
}

void Decode::score() {
    if (batch.targets.empty()) return;
    auto vocabulary = static_cast<size_t>(llama_vocab_n_tokens(held->model->vocab));
    log_probabilities.assign(batch.targets.size(), std::nanf(""));
    for (size_t i = 0; i < batch.targets.size(); i++) {
        if (batch.targets[i] < 0) continue;
        const float * logits = llama_get_logits_ith(held->context, static_cast<int32_t>(i));
        log_probabilities[i] = logits[batch.targets[i]] - log_of_sum(logits, vocabulary);
    }
}

void Decode::succeed() {
    Batch next;
    for (size_t i = 0, output = 0; i < batch.outputs.size(); i++) {
        if (!batch.outputs[i]) continue;
        llama_token token = sampled[output];
        if (token < 0 || llama_vocab_is_eog(held->model->vocab, token)) return;
        next.tokens.push_back(token);
        next.positions.push_back(batch.positions[i] + 1);
        next.sequences.push_back(batch.sequences[i]);
        next.outputs.push_back(1);
        next.samplers.push_back(batch.samplers[output++]);
    }
    next.all_outputs = batch.all_outputs;
    if (!next.tokens.empty()) *after = std::move(next);
}

Napi::Value Decode::result(Napi::Env env) {
    if (skipped) return env.Null();
    Napi::Object result = Napi::Object::New(env);
    result["readings"] = copied<Napi::Float32Array>(env, readings);
    if (capture) result["residuals"] = copied<Napi::Float32Array>(env, residuals);
    if (!batch.targets.empty()) result["logProbabilities"] = copied<Napi::Float32Array>(env, log_probabilities);
    if (!likely.empty()) {
        result["likely"] = copied<Napi::Int32Array>(env, likely);
        result["likelihoods"] = copied<Napi::Float32Array>(env, likelihoods);
    }
    if (!features.empty()) {
        Napi::Array dictionaries = Napi::Array::New(env, features.size());
        for (size_t i = 0; i < features.size(); i++) {
            Napi::Object active = Napi::Object::New(env);
            active["starts"] = copied<Napi::Uint32Array>(env, features[i].starts);
            active["features"] = copied<Napi::Uint32Array>(env, features[i].features);
            active["values"] = copied<Napi::Float32Array>(env, features[i].values);
            dictionaries[static_cast<uint32_t>(i)] = active;
        }
        result["features"] = dictionaries;
    }
    result["sampled"] = copied<Napi::Int32Array>(env, sampled);
    result["stepMs"] = step_ms;
    result["readMs"] = read_ms;
    return result;
}

} // namespace modx

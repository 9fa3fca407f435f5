#include "context.h"

#include <algorithm>
#include <cmath>

#include "addon.h"
#include "check.h"
#include "decode.h"
#include "sampler.h"
#include "worker.h"

namespace modx {

namespace {

class CreateContext : public PromiseWorker {
  public:
    CreateContext(Napi::Env env, std::shared_ptr<ModelHandle> over, ContextOptions wanted)
        : PromiseWorker(env), model(std::move(over)), options(std::move(wanted)) {}

  protected:
    void work() override { created = std::make_shared<ContextHandle>(model, std::move(options)); }

    Napi::Value result(Napi::Env env) override {
        return addon_data(env).context.New({Napi::External<std::shared_ptr<ContextHandle>>::New(env, &created)});
    }

  private:
    std::shared_ptr<ModelHandle> model;
    ContextOptions options;
    std::shared_ptr<ContextHandle> created;
};

std::vector<Tap> parse_taps(Napi::Env env, const Napi::Value & value, int32_t layers) {
    require(env, value.IsArray(), BAD_ARGUMENT, "taps must be an array");
    Napi::Array array = value.As<Napi::Array>();
    std::vector<Tap> taps;
    for (uint32_t i = 0; i < array.Length(); i++) {
        Napi::Object object = array.Get(i).As<Napi::Object>();
        int32_t layer = int_field(object, "layer");
        bool graph_node = object.Get("graphNode").ToBoolean();
        require(env, layer >= 0 && layer < layers, BAD_ARGUMENT, "tap outside the model");
        // the graph has no input of a block after the last one
        require(env, graph_node || layer < layers - 1, BAD_ARGUMENT, "the last block can only be read as a graph node");
        taps.push_back({layer, graph_node ? TapSource::graph_node : TapSource::layer_input, {}});
    }
    return taps;
}

} // namespace

// {tap, encoder [features, width], bias [features], thresholds [features], topK}; thresholds are empty where topK is above 0
static std::shared_ptr<FeatureRows> parse_features(Napi::Env env, const Napi::Value & value, const ContextHandle & context) {
    require(env, value.IsObject(), BAD_ARGUMENT, "a dictionary must be an object");
    Napi::Object object = value.As<Napi::Object>();
    auto encoder = typed_array<Napi::Float32Array>(env, object.Get("encoder"), napi_float32_array, "encoder");
    auto bias = typed_array<Napi::Float32Array>(env, object.Get("bias"), napi_float32_array, "bias");
    auto thresholds = typed_array<Napi::Float32Array>(env, object.Get("thresholds"), napi_float32_array, "thresholds");
    int32_t tap = int_field(object, "tap"), top_k = int_field(object, "topK");
    size_t count = bias.ElementLength();
    require(env, tap >= 0 && static_cast<size_t>(tap) < context.taps.count(), BAD_ARGUMENT, "a dictionary names a tap that is not set");
    require(env, count > 0 && encoder.ElementLength() == count * context.width, BAD_ARGUMENT, "encoder and bias differ in length");
    require(env, top_k >= 0 && (top_k > 0 || thresholds.ElementLength() == count), BAD_ARGUMENT, "one threshold for each feature, or topK");
    return std::make_shared<FeatureRows>(tap, encoder.Data(), bias.Data(), thresholds.Data(), count, context.width, top_k);
}

// Types of the attention memory: see below. What an accelerator holds is computed by its own kernels, which want one type.
static ggml_type keys_of(const ModelHandle & model) { return model.offloaded ? GGML_TYPE_F16 : GGML_TYPE_BF16; }
static constexpr ggml_type VALUES = GGML_TYPE_F16;

ContextHandle::ContextHandle(std::shared_ptr<ModelHandle> over, ContextOptions options)
    : model(std::move(over)),
      adapters(std::move(options.adapters)),
      threads(threadpool(options.threads)),
      taps(std::move(options.taps), llama_model_n_embd(model->model), options.edits),
      readouts(std::make_shared<Readouts>()),
      may_edit(options.edits),
      width(llama_model_n_embd(model->model)),
      all_outputs(taps.need_all_outputs(llama_model_n_layer(model->model))) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = options.tokens * options.sequences;
    params.n_batch = options.batch;
    params.n_seq_max = options.sequences;
    params.n_threads = params.n_threads_batch = options.threads;
    // A token's residual must not depend on the company it is computed in. One memory for all sequences (kv_unified) adds
    // up attention in the order in which their tokens lie there; separate memories keep each sequence in its own order.
    params.kv_unified = false;
    // With keys and values of one type the CPU takes one of three attention kernels by batch and memory size, which round
    // differently. With two types it always takes the same one. The other way round (values in bf16) it widens every value
    // by a slow loop; values in f32 are cast to f16 before every step, all of them, and are of one type with the keys again.
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    params.type_k = keys_of(*model);
    params.type_v = VALUES;
    params.no_perf = true;
    if (taps.need_callback()) {
        params.cb_eval = Taps::on_node;
        params.cb_eval_user_data = &taps;
    }
    context = llama_init_from_model(model->model, params);
    if (context == nullptr) throw CodedFailure("MODX_ENGINE_CONTEXT_REFUSED", "llama.cpp could not create a context of this size");
    llama_attach_threadpool(context, threads->pool, threads->pool);
    taps.enable(context);
    std::vector<llama_adapter_lora *> pointers;
    for (const AdapterHandle & adapter : adapters) pointers.push_back(adapter.adapter);
    if (!pointers.empty()) llama_set_adapters_lora(context, pointers.data(), pointers.size(), options.scales.data());
}

ContextHandle::~ContextHandle() {
    if (context != nullptr) llama_free(context);
}

Napi::Function Context::define(Napi::Env env) {
    return DefineClass(env, "Context", {
        StaticMethod("create", &Context::create),
        InstanceMethod("limits", &Context::limits),
        InstanceMethod("bind", &Context::bind),
        InstanceMethod("edit", &Context::edit),
        InstanceMethod("decode", &Context::decode),
        InstanceMethod("follow", &Context::follow),
        InstanceMethod("remove", &Context::remove),
        InstanceMethod("dispose", &Context::dispose),
    });
}

Napi::Value Context::create(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    require(env, info.Length() == 2 && is_model(info[0]) && info[1].IsObject(), BAD_ARGUMENT, "create(model, options)");
    auto model = Model::Unwrap(info[0].As<Napi::Object>())->handle(env);
    Napi::Object object = info[1].As<Napi::Object>();
    int32_t tokens = int_field(object, "tokens"), batch = int_field(object, "batch"), sequences = int_field(object, "sequences");
    int32_t threads = int_field(object, "threads");
    require(env, tokens > 0 && tokens <= INT32_MAX / std::max(1, sequences) && batch > 0 && threads > 0 && threads <= GGML_MAX_N_THREADS, BAD_ARGUMENT, "context size out of range");
    require(env, sequences > 0 && static_cast<size_t>(sequences) <= llama_max_parallel_sequences(), BAD_ARGUMENT, "too many sequences");

    ContextOptions options{};
    options.tokens = tokens;
    options.batch = batch;
    options.sequences = sequences;
    options.threads = threads;
    options.edits = object.Get("edits").ToBoolean();
    options.taps = parse_taps(env, object.Get("taps"), llama_model_n_layer(model->model));
    Napi::Array adapters = object.Get("adapters").As<Napi::Array>();
    for (uint32_t i = 0; i < adapters.Length(); i++) {
        Napi::Object entry = adapters.Get(i).As<Napi::Object>();
        require(env, is_adapter(entry.Get("adapter")), BAD_ARGUMENT, "adapters must be loaded with Adapter.load");
        Adapter * adapter = Adapter::Unwrap(entry.Get("adapter").As<Napi::Object>());
        require(env, adapter->held.model == model, BAD_ARGUMENT, "the adapter was loaded for another model");
        options.adapters.push_back(adapter->held);
        options.scales.push_back(float_field(entry, "scale"));
    }
    auto * worker = new CreateContext(env, model, std::move(options));
    worker->Queue();
    return worker->promise();
}

Context::Context(const Napi::CallbackInfo & info) : Napi::ObjectWrap<Context>(info) {
    require(info.Env(), info.Length() == 1 && info[0].IsExternal(), BAD_ARGUMENT, "use Context.create");
    held = *info[0].As<Napi::External<std::shared_ptr<ContextHandle>>>().Data();
    held->passes = std::make_unique<PassThread>(info.Env());
}

void Context::require_idle(Napi::Env env) const {
    require(env, held != nullptr, "MODX_ENGINE_DISPOSED", "the context was disposed");
    require(env, running == 0, "MODX_ENGINE_BUSY", "a decode is running in this context");
}

Napi::Value Context::limits(const Napi::CallbackInfo & info) {
    require_idle(info.Env());
    Napi::Object limits = Napi::Object::New(info.Env());
    limits["tokens"] = llama_n_ctx_seq(held->context);
    limits["batch"] = llama_n_batch(held->context);
    limits["sequences"] = llama_n_seq_max(held->context);
    const llama_model * model = held->model->model;
    bool recurrent = llama_model_is_recurrent(model) || llama_model_is_hybrid(model);
    // a sliding window and a recurrent state forget what positions before would need
    limits["rewinds"] = !recurrent && llama_model_n_swa(model) == 0;
    // recurrent states of several sequences in one pass come out wrong (lfm2, llama.cpp v0.5.0): see test/architectures
    limits["together"] = recurrent ? 1 : llama_n_seq_max(held->context);
    limits["offloaded"] = held->model->offloaded;
    limits["kvType"] = std::string("k:") + ggml_type_name(keys_of(*held->model)) + ",v:" + ggml_type_name(VALUES);
    return limits;
}

void Context::bind(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    require_idle(env);
    require(env, info.Length() == 4 && info[3].IsArray(), BAD_ARGUMENT, "bind(rows, bias, taps, dictionaries)");
    auto rows = typed_array<Napi::Float32Array>(env, info[0], napi_float32_array, "rows");
    auto bias = typed_array<Napi::Float32Array>(env, info[1], napi_float32_array, "bias");
    auto tap = typed_array<Napi::Uint32Array>(env, info[2], napi_uint32_array, "taps");
    size_t count = bias.ElementLength();
    require(env, rows.ElementLength() == count * held->width && tap.ElementLength() == count, BAD_ARGUMENT, "rows, bias and taps differ in length");
    auto readouts = std::make_shared<Readouts>();
    readouts->width = held->width;
    readouts->rows.assign(rows.Data(), rows.Data() + rows.ElementLength());
    readouts->bias.assign(bias.Data(), bias.Data() + count);
    readouts->tap.assign(tap.Data(), tap.Data() + count);
    for (uint32_t index : readouts->tap) require(env, index < held->taps.count(), BAD_ARGUMENT, "a row names a tap that is not set");
    Napi::Array dictionaries = info[3].As<Napi::Array>();
    for (uint32_t i = 0; i < dictionaries.Length(); i++) readouts->features.push_back(parse_features(env, dictionaries.Get(i), *held));
    held->readouts = std::move(readouts);
}

// {weights: [width] or [], bias}
static EditRow parse_row(Napi::Env env, const Napi::Value & value, size_t width) {
    require(env, value.IsObject(), BAD_ARGUMENT, "a row must be an object");
    Napi::Object object = value.As<Napi::Object>();
    auto weights = typed_array<Napi::Float32Array>(env, object.Get("weights"), napi_float32_array, "weights");
    require(env, weights.ElementLength() == 0 || weights.ElementLength() == width, BAD_ARGUMENT, "a row has another width than the model");
    EditRow row;
    row.weights.assign(weights.Data(), weights.Data() + weights.ElementLength());
    row.bias = float_field(object, "bias");
    return row;
}

void Context::edit(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    require_idle(env);
    require(env, info.Length() == 3 && info[0].IsNumber() && info[1].IsNumber() && info[2].IsArray(), BAD_ARGUMENT, "edit(sequence, from, edits)");
    int32_t sequence = info[0].As<Napi::Number>();
    require(env, sequence >= 0 && sequence < static_cast<int32_t>(llama_n_seq_max(held->context)), BAD_ARGUMENT, "sequence outside the context");
    Napi::Array list = info[2].As<Napi::Array>();
    require(env, list.Length() == 0 || held->may_edit, BAD_ARGUMENT, "the context was created without edits");
    auto set = std::make_shared<EditSet>();
    set->from = info[1].As<Napi::Number>();
    for (uint32_t i = 0; i < list.Length(); i++) {
        require(env, list.Get(i).IsObject(), BAD_ARGUMENT, "an edit must be an object");
        Napi::Object object = list.Get(i).As<Napi::Object>();
        Edit edit;
        edit.layer = int_field(object, "layer");
        require(env, edit.layer >= 0 && edit.layer < llama_model_n_layer(held->model->model), BAD_ARGUMENT, "edit outside the model");
        auto direction = typed_array<Napi::Float32Array>(env, object.Get("direction"), napi_float32_array, "direction");
        require(env, direction.ElementLength() == held->width, BAD_ARGUMENT, "a direction has another width than the model");
        edit.direction.assign(direction.Data(), direction.Data() + direction.ElementLength());
        edit.amount = float_field(object, "amount");
        edit.kept = parse_row(env, object.Get("kept"), held->width);
        edit.gated = !object.Get("gate").IsNull();
        if (edit.gated) {
            edit.gate = parse_row(env, object.Get("gate"), held->width);
            edit.gate_above = float_field(object, "above");
        }
        set->edits.push_back(std::move(edit));
    }
    if (set->edits.empty()) held->edits.erase(sequence);
    else held->edits[sequence] = std::move(set);
}

Napi::Value Context::decode(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    require_idle(env);
    require(env, info.Length() >= 6 && info[4].IsArray(), BAD_ARGUMENT, "decode(tokens, positions, sequences, outputs, samplers, capture, targets)");
    auto tokens = typed_array<Napi::Int32Array>(env, info[0], napi_int32_array, "tokens");
    auto positions = typed_array<Napi::Int32Array>(env, info[1], napi_int32_array, "positions");
    auto sequences = typed_array<Napi::Int32Array>(env, info[2], napi_int32_array, "sequences");
    auto outputs = typed_array<Napi::Uint8Array>(env, info[3], napi_uint8_array, "outputs");
    Napi::Array samplers = info[4].As<Napi::Array>();
    size_t count = tokens.ElementLength();
    require(env, count > 0 && count <= llama_n_batch(held->context), BAD_ARGUMENT, "a batch holds 1 to n_batch tokens");
    require(env, positions.ElementLength() == count && sequences.ElementLength() == count && outputs.ElementLength() == count, BAD_ARGUMENT,
            "tokens, positions, sequences and outputs differ in length");

    int32_t vocabulary = llama_vocab_n_tokens(held->model->vocab);
    auto limit = static_cast<int32_t>(llama_n_seq_max(held->context));
    std::vector<llama_pos> next(limit, -1);
    Batch batch;
    uint32_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t token = tokens[i], position = positions[i], sequence = sequences[i];
        require(env, token >= 0 && token < vocabulary, BAD_ARGUMENT, "token id outside the vocabulary");
        require(env, sequence >= 0 && sequence < limit, BAD_ARGUMENT, "sequence outside the context");
        if (next[sequence] < 0) next[sequence] = llama_memory_seq_pos_max(llama_get_memory(held->context), sequence) + 1;
        require(env, position == next[sequence]++, BAD_ARGUMENT, "positions of a sequence must follow each other without a gap");
        batch.tokens.push_back(token);
        batch.positions.push_back(position);
        batch.sequences.push_back(sequence);
        batch.outputs.push_back(outputs[i] != 0);
        wanted += outputs[i] != 0;
    }
    require(env, samplers.Length() == wanted, BAD_ARGUMENT, "one sampler or null for each output");
    // llama.cpp regroups a batch of several sequences and then puts back in order only the rows of outputs.
    auto members = static_cast<size_t>(std::count_if(next.begin(), next.end(), [](llama_pos position) { return position >= 0; }));
    require(env, members == 1 || members == count, BAD_ARGUMENT, "several sequences share a pass with one token each");
    // the last block's node holds outputs only; those before it hold every token
    int32_t last = llama_model_n_layer(held->model->model) - 1;
    auto edits_last = [&](const auto & own) { return own.second->changes(last) && next[own.first] >= 0; };
    batch.all_outputs = members > 1 || held->all_outputs || std::any_of(held->edits.begin(), held->edits.end(), edits_last);
    for (uint32_t i = 0; i < wanted; i++) {
        Napi::Value sampler = samplers.Get(i);
        require(env, sampler.IsNull() || is_sampler(sampler), BAD_ARGUMENT, "samplers must be Sampler or null");
        batch.samplers.push_back(sampler.IsNull() ? nullptr : Sampler::Unwrap(sampler.As<Napi::Object>())->handle(env));
    }
    if (info.Length() > 6 && !info[6].IsNull()) {
        auto targets = typed_array<Napi::Int32Array>(env, info[6], napi_int32_array, "targets");
        require(env, targets.ElementLength() == count, BAD_ARGUMENT, "one target, or -1, for each token");
        batch.targets.assign(targets.Data(), targets.Data() + count);
        for (llama_token target : batch.targets) require(env, target >= -1 && target < vocabulary, BAD_ARGUMENT, "target outside the vocabulary");
    }
    return run(new Decode(env, held, std::move(batch), info[5].ToBoolean(), on_done()));
}

Napi::Value Context::follow(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    require(env, held != nullptr, "MODX_ENGINE_DISPOSED", "the context was disposed");
    require(env, successor != nullptr, BAD_ARGUMENT, "there is no pass to follow");
    return run(new Decode(env, held, std::move(successor), on_done()));
}

Napi::Value Context::run(Decode * pass) {
    running++;
    Ref();
    successor = pass->after;
    Napi::Promise promise = pass->promise();
    held->passes->run(pass);
    return promise;
}

std::function<void()> Context::on_done() {
    return [this] {
        running--;
        Unref();
    };
}

Napi::Value Context::remove(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    require_idle(env);
    require(env, info.Length() == 2 && info[0].IsNumber() && info[1].IsNumber(), BAD_ARGUMENT, "remove(sequence, from)");
    int32_t sequence = info[0].As<Napi::Number>(), from = info[1].As<Napi::Number>();
    require(env, sequence >= 0 && sequence < static_cast<int32_t>(llama_n_seq_max(held->context)) && from >= 0, BAD_ARGUMENT, "sequence or position out of range");
    successor.reset();
    llama_memory_t memory = llama_get_memory(held->context);
    // a sliding window that has moved on lacks tokens that the positions before `from` would see again
    if (from > 0 && llama_memory_seq_pos_min(memory, sequence) > 0) return Napi::Boolean::New(env, false);
    return Napi::Boolean::New(env, llama_memory_seq_rm(memory, sequence, from, -1));
}

void Context::dispose(const Napi::CallbackInfo & info) {
    if (held != nullptr) require_idle(info.Env());
    held.reset();
}

} // namespace modx

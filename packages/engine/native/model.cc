#include "model.h"

#include <string>
#include <vector>

#include "addon.h"
#include "backend.h"
#include "check.h"
#include "worker.h"

namespace modx {

namespace {

class LoadModel : public PromiseWorker {
  public:
    LoadModel(Napi::Env env, std::string file, int gpu) : PromiseWorker(env), path(std::move(file)), gpu_layers(gpu) {}

  protected:
    void work() override {
        llama_model_params params = llama_model_default_params();
        params.n_gpu_layers = gpu_layers;
        llama_model * model = llama_model_load_from_file(path.c_str(), params);
        if (model == nullptr) throw CodedFailure("MODX_ENGINE_MODEL_REFUSED", "llama.cpp cannot load " + path);
        loaded = std::make_shared<ModelHandle>(model, gpu_layers > 0 && !accelerators().empty());
    }

    Napi::Value result(Napi::Env env) override {
        return addon_data(env).model.New({Napi::External<std::shared_ptr<ModelHandle>>::New(env, &loaded)});
    }

  private:
    std::string path;
    int gpu_layers;
    std::shared_ptr<ModelHandle> loaded;
};

// llama.cpp's string getters return the full length whatever the buffer's size.
template <typename Getter>
std::string growing(Getter getter) {
    std::string text(256, '\0');
    int32_t length = getter(text.data(), text.size());
    if (length < 0) return "";
    if (static_cast<size_t>(length) >= text.size()) {
        text.resize(length + 1);
        getter(text.data(), text.size());
    }
    text.resize(length);
    return text;
}

std::string token_text(const llama_vocab * vocab, llama_token token) {
    return token < 0 ? "" : llama_vocab_get_text(vocab, token);
}

} // namespace

Napi::Function Model::define(Napi::Env env) {
    return DefineClass(env, "Model", {
        StaticMethod("load", &Model::load),
        InstanceMethod("facts", &Model::facts),
        InstanceMethod("metadata", &Model::metadata),
        InstanceMethod("vocabulary", &Model::vocabulary),
        InstanceMethod("tokenize", &Model::tokenize),
        InstanceMethod("piece", &Model::piece),
        InstanceMethod("isEnd", &Model::is_end),
        InstanceMethod("dispose", &Model::dispose),
    });
}

Napi::Value Model::load(const Napi::CallbackInfo & info) {
    require(info.Env(), info.Length() == 2 && info[0].IsString() && info[1].IsObject(), BAD_ARGUMENT, "load(path, options)");
    auto * worker = new LoadModel(info.Env(), info[0].As<Napi::String>(), int_field(info[1].As<Napi::Object>(), "gpuLayers"));
    worker->Queue();
    return worker->promise();
}

Model::Model(const Napi::CallbackInfo & info) : Napi::ObjectWrap<Model>(info) {
    require(info.Env(), info.Length() == 1 && info[0].IsExternal(), BAD_ARGUMENT, "use Model.load");
    shared = *info[0].As<Napi::External<std::shared_ptr<ModelHandle>>>().Data();
}

std::shared_ptr<ModelHandle> Model::handle(Napi::Env env) const {
    require(env, shared != nullptr, "MODX_ENGINE_DISPOSED", "the model was disposed");
    return shared;
}

Napi::Value Model::facts(const Napi::CallbackInfo & info) {
    auto held = handle(info.Env());
    Napi::Object facts = Napi::Object::New(info.Env());
    facts["layers"] = llama_model_n_layer(held->model);
    facts["width"] = llama_model_n_embd(held->model);
    facts["trainedContext"] = llama_model_n_ctx_train(held->model);
    facts["vocabularySize"] = llama_vocab_n_tokens(held->vocab);
    facts["quantisation"] = llama_ftype_name(llama_model_ftype(held->model));
    facts["bytes"] = static_cast<double>(llama_model_size(held->model));
    facts["parameters"] = static_cast<double>(llama_model_n_params(held->model));
    facts["decodes"] = llama_model_has_decoder(held->model) && !llama_model_has_encoder(held->model);
    facts["beginText"] = token_text(held->vocab, llama_vocab_bos(held->vocab));
    facts["endText"] = token_text(held->vocab, llama_vocab_eos(held->vocab));
    facts["beginToken"] = llama_vocab_bos(held->vocab);

    facts["addsBegin"] = llama_vocab_get_add_bos(held->vocab);
    const char * chat_template = llama_model_chat_template(held->model, nullptr);
    facts["chatTemplate"] = chat_template == nullptr ? info.Env().Null() : Napi::Value(Napi::String::New(info.Env(), chat_template));
    return facts;
}

Napi::Value Model::metadata(const Napi::CallbackInfo & info) {
    auto held = handle(info.Env());
    Napi::Object result = Napi::Object::New(info.Env());
    for (int32_t i = 0; i < llama_model_meta_count(held->model); i++) {
        std::string key = growing([&](char * buffer, size_t size) { return llama_model_meta_key_by_index(held->model, i, buffer, size); });
        result[key] = growing([&](char * buffer, size_t size) { return llama_model_meta_val_str_by_index(held->model, i, buffer, size); });
    }
    return result;
}

// Every token's text and attribute bits, NUL-separated: what the tokenizer's hash is taken over.
Napi::Value Model::vocabulary(const Napi::CallbackInfo & info) {
    auto held = handle(info.Env());
    std::string all;
    for (llama_token token = 0; token < llama_vocab_n_tokens(held->vocab); token++) {
        all += llama_vocab_get_text(held->vocab, token);
        all += '\0';
        all += std::to_string(static_cast<int>(llama_vocab_get_attr(held->vocab, token)));
        all += '\0';
    }
    return Napi::Buffer<char>::Copy(info.Env(), all.data(), all.size());
}

// tokenize(text, special): with `special` the text of control tokens becomes those tokens, without it stays plain text.
Napi::Value Model::tokenize(const Napi::CallbackInfo & info) {
    auto held = handle(info.Env());
    require(info.Env(), info.Length() == 2 && info[0].IsString() && info[1].IsBoolean(), BAD_ARGUMENT, "tokenize(text, special)");
    std::string text = info[0].As<Napi::String>();
    bool special = info[1].As<Napi::Boolean>();
    std::vector<llama_token> tokens(text.size() + 8);
    int32_t count = 0;
    try {
        count = llama_tokenize(held->vocab, text.data(), text.size(), tokens.data(), tokens.size(), false, special);
    } catch (const std::exception & failure) {
        throw coded(info.Env(), "MODX_ENGINE_TOKENIZE", failure.what());
    }
    require(info.Env(), count >= 0, "MODX_ENGINE_TOKENIZE", "llama.cpp could not tokenize the text");
    auto result = Napi::Int32Array::New(info.Env(), count);
    std::copy(tokens.begin(), tokens.begin() + count, result.Data());
    return result;
}

llama_token Model::token_argument(const Napi::CallbackInfo & info) const {
    auto held = handle(info.Env());
    require(info.Env(), info.Length() >= 1 && info[0].IsNumber(), BAD_ARGUMENT, "a token id is needed");
    llama_token token = info[0].As<Napi::Number>().Int32Value();
    require(info.Env(), token >= 0 && token < llama_vocab_n_tokens(held->vocab), BAD_ARGUMENT, "token id outside the vocabulary");
    return token;
}

// The bytes that a token writes; a token can hold part of a UTF-8 character. Control tokens write nothing.
Napi::Value Model::piece(const Napi::CallbackInfo & info) {
    llama_token token = token_argument(info);
    std::vector<char> bytes(64);
    int32_t length = llama_token_to_piece(shared->vocab, token, bytes.data(), bytes.size(), 0, false);
    if (length < 0) {
        bytes.resize(-length);
        length = llama_token_to_piece(shared->vocab, token, bytes.data(), bytes.size(), 0, false);
    }
    return Napi::Buffer<char>::Copy(info.Env(), bytes.data(), length < 0 ? 0 : length);
}

Napi::Value Model::is_end(const Napi::CallbackInfo & info) {
    return Napi::Boolean::New(info.Env(), llama_vocab_is_eog(shared->vocab, token_argument(info)));
}

void Model::dispose(const Napi::CallbackInfo &) { shared.reset(); }

} // namespace modx

#include "adapter.h"

#include "addon.h"
#include "check.h"
#include "worker.h"

namespace modx {

namespace {

class LoadAdapter : public PromiseWorker {
  public:
    LoadAdapter(Napi::Env env, std::shared_ptr<ModelHandle> model, std::string file)
        : PromiseWorker(env), path(std::move(file)), loaded{std::move(model), nullptr} {}

  protected:
    void work() override {
        loaded.adapter = llama_adapter_lora_init(loaded.model->model, path.c_str());
        if (loaded.adapter == nullptr) throw CodedFailure("MODX_ENGINE_ADAPTER_REFUSED", "llama.cpp cannot apply " + path + " to this model");
    }

    Napi::Value result(Napi::Env env) override {
        return addon_data(env).adapter.New({Napi::External<AdapterHandle>::New(env, &loaded)});
    }

  private:
    std::string path;
    AdapterHandle loaded;
};

} // namespace

Napi::Function Adapter::define(Napi::Env env) {
    return DefineClass(env, "Adapter", {StaticMethod("load", &Adapter::load)});
}

Napi::Value Adapter::load(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    require(env, info.Length() == 2 && is_model(info[0]) && info[1].IsString(), BAD_ARGUMENT, "load(model, path)");
    auto model = Model::Unwrap(info[0].As<Napi::Object>())->handle(env);
    auto * worker = new LoadAdapter(env, std::move(model), info[1].As<Napi::String>());
    worker->Queue();
    return worker->promise();
}

Adapter::Adapter(const Napi::CallbackInfo & info) : Napi::ObjectWrap<Adapter>(info) {
    require(info.Env(), info.Length() == 1 && info[0].IsExternal(), BAD_ARGUMENT, "use Adapter.load");
    held = *info[0].As<Napi::External<AdapterHandle>>().Data();
}

} // namespace modx

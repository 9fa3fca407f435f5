#include "addon.h"

#include "adapter.h"
#include "backend.h"
#include "check.h"
#include "context.h"
#include "model.h"
#include "project.h"
#include "sampler.h"

namespace modx {

AddonData & addon_data(Napi::Env env) { return *env.GetInstanceData<AddonData>(); }

static bool is_instance(const Napi::Value & value, const Napi::FunctionReference & constructor) {
    return value.IsObject() && value.As<Napi::Object>().InstanceOf(constructor.Value());
}

bool is_model(const Napi::Value & value) { return is_instance(value, addon_data(value.Env()).model); }
bool is_adapter(const Napi::Value & value) { return is_instance(value, addon_data(value.Env()).adapter); }
bool is_sampler(const Napi::Value & value) { return is_instance(value, addon_data(value.Env()).sampler); }

// start(folder): loads llama.cpp's backends from the folder of the platform package
static void start(const Napi::CallbackInfo & info) {
    require(info.Env(), info.Length() == 1 && info[0].IsString(), BAD_ARGUMENT, "start(folder)");
    try {
        start_backend(info[0].As<Napi::String>());
    } catch (const std::exception & failure) {
        throw coded(info.Env(), "MODX_ENGINE_BACKEND", failure.what());
    }
}

// devices() -> [{name, description}]: the accelerators that llama.cpp found
static Napi::Value devices(const Napi::CallbackInfo & info) {
    Napi::Array found = Napi::Array::New(info.Env());
    for (ggml_backend_dev_t device : accelerators()) {
        Napi::Object entry = Napi::Object::New(info.Env());
        entry["name"] = std::string(ggml_backend_dev_name(device));
        entry["description"] = std::string(ggml_backend_dev_description(device));
        found[found.Length()] = entry;
    }
    return found;
}

static Napi::Value version(const Napi::CallbackInfo & info) { return Napi::String::New(info.Env(), llama_version()); }

static Napi::Object define(Napi::Env env, Napi::Object exports) {
    auto * data = new AddonData();
    data->model = Napi::Persistent(Model::define(env));
    data->adapter = Napi::Persistent(Adapter::define(env));
    data->sampler = Napi::Persistent(Sampler::define(env));
    data->context = Napi::Persistent(Context::define(env));
    env.SetInstanceData(data);
    exports["Model"] = data->model.Value();
    exports["Adapter"] = data->adapter.Value();
    exports["Sampler"] = data->sampler.Value();
    exports["Context"] = data->context.Value();
    exports["start"] = Napi::Function::New(env, start, "start");
    exports["devices"] = Napi::Function::New(env, devices, "devices");
    exports["project"] = Napi::Function::New(env, project, "project");
    exports["version"] = Napi::Function::New(env, version, "version");
    return exports;
}

} // namespace modx

static Napi::Object initialise(Napi::Env env, Napi::Object exports) { return modx::define(env, exports); }
NODE_API_MODULE(modx, initialise)

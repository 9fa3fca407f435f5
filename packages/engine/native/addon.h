// What each JavaScript environment holds of this addon.
#pragma once
#include <napi.h>

namespace modx {

struct AddonData {
    Napi::FunctionReference model, adapter, sampler, context;
};

AddonData & addon_data(Napi::Env env);

// Type checks before Unwrap, which would crash on any other object.
bool is_model(const Napi::Value & value);
bool is_adapter(const Napi::Value & value);
bool is_sampler(const Napi::Value & value);

} // namespace modx

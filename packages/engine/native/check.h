// Preconditions: every entry is checked here before llama.cpp, which aborts the process on violated assertions, sees it.
#pragma once
#include <napi.h>
#include <string>

namespace modx {

// A JavaScript error with a stable `code`; the TypeScript side turns it into a ModxError with a remedy.
inline Napi::Error coded(Napi::Env env, const std::string & code, const std::string & message) {
    Napi::Error error = Napi::Error::New(env, message);
    error.Value().Set("code", Napi::String::New(env, code));
    return error;
}

inline void require(Napi::Env env, bool holds, const char * code, const std::string & message) {
    if (!holds) throw coded(env, code, message);
}

inline constexpr const char * BAD_ARGUMENT = "MODX_ENGINE_ARGUMENT";

inline int32_t int_field(const Napi::Object & object, const char * name) {
    Napi::Value value = object.Get(name);
    require(object.Env(), value.IsNumber(), BAD_ARGUMENT, std::string(name) + " must be a number");
    return value.As<Napi::Number>().Int32Value();
}

inline float float_field(const Napi::Object & object, const char * name) {
    Napi::Value value = object.Get(name);
    require(object.Env(), value.IsNumber(), BAD_ARGUMENT, std::string(name) + " must be a number");
    return value.As<Napi::Number>().FloatValue();
}

template <typename Array>
Array typed_array(Napi::Env env, const Napi::Value & value, napi_typedarray_type type, const char * name) {
    require(env, value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type, BAD_ARGUMENT,
            std::string(name) + " has the wrong array type");
    return value.As<Array>();
}

} // namespace modx

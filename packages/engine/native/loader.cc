// Opens llama.cpp's libraries by absolute path before the addon that is linked against them is loaded: the dynamic
// linker then finds them by name, wherever npm put the platform package.
#include <dlfcn.h>
#include <node_api.h>

#include <string>

static napi_value open_library(napi_env env, napi_callback_info info) {
    size_t count = 1, length = 0;
    napi_value path;
    napi_get_cb_info(env, info, &count, &path, nullptr, nullptr);
    if (count < 1 || napi_get_value_string_utf8(env, path, nullptr, 0, &length) != napi_ok) {
        napi_throw_type_error(env, nullptr, "open(path)");
        return nullptr;
    }
    std::string text(length + 1, '\0');
    napi_get_value_string_utf8(env, path, text.data(), text.size(), &length);
    if (dlopen(text.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) napi_throw_error(env, nullptr, dlerror());
    return nullptr;
}

NAPI_MODULE_INIT() {
    napi_value function;
    napi_create_function(env, "open", NAPI_AUTO_LENGTH, open_library, nullptr, &function);
    napi_set_named_property(env, exports, "open", function);
    return exports;
}

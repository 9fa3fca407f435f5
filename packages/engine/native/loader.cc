// Opens llama.cpp's libraries by absolute path before the addon that is linked against them is loaded: the dynamic
// linker then finds them by name, wherever npm put the platform package.
#include <dlfcn.h>
#include <node_api.h>

#include <string>
#include <vector>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#else
#include <link.h>
#endif

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

static std::vector<std::string> images() {
    std::vector<std::string> paths;
#ifdef __APPLE__
    for (uint32_t i = 0; i < _dyld_image_count(); i++)
        if (const char * name = _dyld_get_image_name(i)) paths.push_back(name);
#else
    auto note = [](dl_phdr_info * info, size_t, void * into) {
        static_cast<std::vector<std::string> *>(into)->push_back(info->dlpi_name);
        return 0;
    };
    dl_iterate_phdr(note, &paths);
#endif
    return paths;
}

// loaded() -> paths of all libraries of the process
static napi_value loaded(napi_env env, napi_callback_info) {
    napi_value list, path;
    napi_create_array(env, &list);
    uint32_t at = 0;
    for (const std::string & image : images()) {
        napi_create_string_utf8(env, image.data(), image.size(), &path);
        napi_set_element(env, list, at++, path);
    }
    return list;
}

NAPI_MODULE_INIT() {
    napi_value function;
    napi_create_function(env, "loaded", NAPI_AUTO_LENGTH, loaded, nullptr, &function);
    napi_set_named_property(env, exports, "loaded", function);
    napi_create_function(env, "open", NAPI_AUTO_LENGTH, open_library, nullptr, &function);
    napi_set_named_property(env, exports, "open", function);
    return exports;
}

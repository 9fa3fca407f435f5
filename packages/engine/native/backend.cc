#include "backend.h"

#include <cstdio>
#include <map>
#include <mutex>
#include <stdexcept>

#include "llama.h"

namespace modx {

namespace {

thread_local std::string errors;

void keep_errors(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR && errors.size() < 4096) errors += text;
}

// Reached only where a check of ours is missing or a file is malformed in a way that llama.cpp asserts on: say so in one
// line. llama.cpp calls abort() when this returns.
void explain_abort(const char * message) {
    std::fprintf(stderr, "modx: MODX_ENGINE_ABORTED: llama.cpp stopped on a violated assertion: %s\n", message);
}

// The CPU backend is a module that ggml loads itself, so its functions cannot be linked against.
template <typename Function>
Function cpu_function(const char * name) {
    ggml_backend_dev_t cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    if (cpu == nullptr) throw std::runtime_error("no CPU backend of llama.cpp could be loaded");
    void * address = ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpu), name);
    if (address == nullptr) throw std::runtime_error(std::string("the CPU backend has no function ") + name);
    return reinterpret_cast<Function>(address);
}

} // namespace

void start_backend(const std::string & folder) {
    static std::once_flag once;
    std::call_once(once, [&] {
        llama_log_set(keep_errors, nullptr);
        ggml_set_abort_callback(explain_abort);
        if (ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) == nullptr) ggml_backend_load_all_from_path(folder.c_str());
        llama_backend_init();
    });
}

std::vector<ggml_backend_dev_t> accelerators() {
    std::vector<ggml_backend_dev_t> found;
    for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
        ggml_backend_dev_t device = ggml_backend_dev_get(i);
        auto kind = ggml_backend_dev_type(device);
        if (kind == GGML_BACKEND_DEVICE_TYPE_GPU || kind == GGML_BACKEND_DEVICE_TYPE_IGPU) found.push_back(device);
    }
    return found;
}

std::string take_log() {
    std::string line;
    for (char c : errors) line += c == '\n' ? ' ' : c;
    errors.clear();
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

Threadpool::Threadpool(int threads) {
    ggml_threadpool_params params = ggml_threadpool_params_default(threads);
    pool = cpu_function<ggml_threadpool * (*)(ggml_threadpool_params *)>("ggml_threadpool_new")(&params);
    backend = ggml_backend_init_by_type(GGML_BACKEND_DEVICE_TYPE_CPU, nullptr);
    context = ggml_init({2 * ggml_tensor_overhead() + ggml_graph_overhead(), nullptr, false});
    if (pool == nullptr || backend == nullptr || context == nullptr) {
        release();
        throw std::runtime_error("llama.cpp could not start its worker threads");
    }
    cpu_function<ggml_backend_set_n_threads_t>("ggml_backend_set_n_threads")(backend, threads);
    cpu_function<void (*)(ggml_backend_t, ggml_threadpool *)>("ggml_backend_cpu_set_threadpool")(backend, pool);
    auto run = [](ggml_tensor *, int part, int parts, void * self) { (*static_cast<Threadpool *>(self)->shared)(part, parts); };
    graph = ggml_new_graph(context);
    ggml_build_forward_expand(graph, ggml_custom_4d(context, GGML_TYPE_F32, 1, 1, 1, 1, nullptr, 0, run, GGML_N_TASKS_MAX, this));
}

void Threadpool::release() {
    ggml_backend_free(backend);
    ggml_free(context);
    if (pool != nullptr) cpu_function<void (*)(ggml_threadpool *)>("ggml_threadpool_free")(pool);
}

void Threadpool::share(const std::function<void(size_t, size_t)> & work) {
    shared = &work;
    if (ggml_backend_graph_compute(backend, graph) != GGML_STATUS_SUCCESS) throw std::runtime_error("llama.cpp's worker threads did not take the work");
}

std::shared_ptr<Threadpool> threadpool(int threads) {
    static std::mutex guard;
    static std::map<int, std::weak_ptr<Threadpool>> pools;
    std::lock_guard lock(guard);
    std::shared_ptr<Threadpool> pool = pools[threads].lock();
    if (!pool) pools[threads] = pool = std::make_shared<Threadpool>(threads);
    return pool;
}

} // namespace modx

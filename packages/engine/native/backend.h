// Process-wide state of llama.cpp: CPU backends, log, threadpools.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ggml.h"
#include "ggml-backend.h"
#include "turns.h"

namespace modx {

// Loads the backends that lie in `folder` and initialises llama.cpp; a second call does nothing.
void start_backend(const std::string & folder);

// The accelerators that llama.cpp found, the best first.
std::vector<ggml_backend_dev_t> accelerators();

// What llama.cpp logged as an error on this thread since the last call, as one line.
std::string take_log();

// Worker threads that llama.cpp keeps awake between tokens. Without one, decoding is a third slower.
// Contexts share a pool; a pool runs one graph at a time, so whoever decodes holds `busy`.
struct Threadpool {
    explicit Threadpool(int threads);
    ~Threadpool() { release(); }
    Threadpool(const Threadpool &) = delete;
    Threadpool & operator=(const Threadpool &) = delete;

    // Runs every part of some work, which must not throw, on the pool's threads: they are awake anyway, and others would take turns with
    // them. Whoever calls holds `busy`.
    void share(const std::function<void(size_t part, size_t parts)> & work);

    ggml_threadpool * pool = nullptr;
    Turns busy;

  private:
    void release();

    // A graph of one node, which is our work.
    ggml_backend_t backend = nullptr;
    ggml_context * context = nullptr;
    ggml_cgraph * graph = nullptr;
    const std::function<void(size_t, size_t)> * shared = nullptr;
};

std::shared_ptr<Threadpool> threadpool(int threads);

} // namespace modx

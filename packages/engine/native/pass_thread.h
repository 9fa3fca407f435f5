// The thread on which a context's passes run.
#pragma once
#include <napi.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "worker.h"

namespace modx {

// Node's own pool hands each piece of work to another of its threads, which then wakes on a cold core, perhaps on the one where
// llama.cpp's helper spins. One thread that only runs passes can stay where its caches are.
class PassThread {
  public:
    explicit PassThread(Napi::Env env);
    // Waits for the running pass.
    ~PassThread();
    PassThread(const PassThread &) = delete;
    PassThread & operator=(const PassThread &) = delete;

    // Runs workers in the order given and settles their promises. Call from the JavaScript thread.
    void run(PromiseWorker * worker);

  private:
    // Outlives the thread where Node closes the function first, at the end of the process.
    struct Return {
        napi_threadsafe_function function = nullptr;
        size_t unsettled = 0; // JavaScript's thread only
    };
    static void settle(napi_env env, napi_value, void * context, void * worker);
    static void closed(napi_env, void * context, void *);
    void loop();

    std::shared_ptr<Return> back;
    std::mutex guard;
    std::condition_variable changed;
    std::deque<PromiseWorker *> queue;
    bool ending = false;
    std::thread thread;
};

} // namespace modx

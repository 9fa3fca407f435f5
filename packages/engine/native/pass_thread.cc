#include "pass_thread.h"

namespace modx {

PassThread::PassThread(Napi::Env env) : back(std::make_shared<Return>()) {
    auto * context = new std::shared_ptr<Return>(back);
    napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "modx pass"), 0, 1, context, closed, context, settle, &back->function);
    if (status != napi_ok) {
        delete context;
        throw Napi::Error::New(env);
    }
    // an idle engine does not keep the process alive
    napi_unref_threadsafe_function(env, back->function);
    thread = std::thread([this] { loop(); });
}

PassThread::~PassThread() {
    {
        std::lock_guard lock(guard);
        ending = true;
    }
    changed.notify_one();
    thread.join();
    if (back->function != nullptr) napi_release_threadsafe_function(back->function, napi_tsfn_release);
}

void PassThread::run(PromiseWorker * worker) {
    if (back->unsettled++ == 0) napi_ref_threadsafe_function(worker->Env(), back->function);
    {
        std::lock_guard lock(guard);
        queue.push_back(worker);
    }
    changed.notify_one();
}

void PassThread::loop() {
    std::unique_lock lock(guard);
    while (true) {
        changed.wait(lock, [this] { return !queue.empty() || ending; });
        if (queue.empty()) return;
        PromiseWorker * worker = queue.front();
        queue.pop_front();
        lock.unlock();
        worker->OnExecute(worker->Env());
        napi_call_threadsafe_function(back->function, worker, napi_tsfn_nonblocking);
        lock.lock();
    }
}

void PassThread::settle(napi_env env, napi_value, void * context, void * data) {
    // at the end of the process Node empties the queue when `closed` has freed the context already
    if (env == nullptr) return;
    auto * worker = static_cast<PromiseWorker *>(data);
    // the worker may hold the last reference to the thread
    std::shared_ptr<Return> back = *static_cast<std::shared_ptr<Return> *>(context);
    if (--back->unsettled == 0 && back->function != nullptr) napi_unref_threadsafe_function(env, back->function);
    worker->OnWorkComplete(Napi::Env(env), napi_ok);
}

void PassThread::closed(napi_env, void * data, void *) {
    auto * context = static_cast<std::shared_ptr<Return> *>(data);
    (*context)->function = nullptr;
    delete context;
}

} // namespace modx

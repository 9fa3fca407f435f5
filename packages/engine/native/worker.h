// Work off the main thread that settles a promise. Whatever llama.cpp throws becomes a rejected promise with a code.
#pragma once
#include <napi.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "backend.h"
#include "check.h"

namespace modx {

class CodedFailure : public std::runtime_error {
  public:
    CodedFailure(std::string failure_code, const std::string & message) : std::runtime_error(message), code(std::move(failure_code)) {}
    std::string code;
};

class PromiseWorker : public Napi::AsyncWorker {
  public:
    explicit PromiseWorker(Napi::Env env) : Napi::AsyncWorker(env), deferred(Napi::Promise::Deferred::New(env)) {}
    Napi::Promise promise() const { return deferred.Promise(); }

  protected:
    virtual void work() = 0;
    virtual Napi::Value result(Napi::Env env) = 0;
    // Runs on the main thread whether the work succeeded or not.
    virtual void finished() {}

    void Execute() override {
        take_log();
        try {
            work();
        } catch (const CodedFailure & failure) {
            fail(failure.code, failure.what());
        } catch (const std::exception & failure) {
            fail("MODX_ENGINE_FAILED", failure.what());
        } catch (...) {
            fail("MODX_ENGINE_FAILED", "llama.cpp threw something that is not an exception");
        }
    }

    void OnOK() override {
        Napi::HandleScope scope(Env());
        finished();
        deferred.Resolve(result(Env()));
    }

    void OnError(const Napi::Error &) override {
        Napi::HandleScope scope(Env());
        finished();
        deferred.Reject(coded(Env(), code, message).Value());
    }

  private:
    void fail(const std::string & failure_code, const std::string & what) {
        code = failure_code;
        std::string log = take_log();
        message = log.empty() ? what : what + " (llama.cpp: " + log + ")";
        SetError(message);
    }

    Napi::Promise::Deferred deferred;
    std::string code, message;
};

} // namespace modx

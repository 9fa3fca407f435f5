// One pass through the model: tokens in; readings, captured residuals and sampled tokens out.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "batch.h"
#include "context.h"
#include "worker.h"

namespace modx {

class Decode : public PromiseWorker {
  public:
    Decode(Napi::Env env, std::shared_ptr<ContextHandle> context, Batch batch, bool capture, std::function<void()> done);
    // Decodes what the pass before it leaves, and results in null where that is nothing.
    Decode(Napi::Env env, std::shared_ptr<ContextHandle> context, Successor before, std::function<void()> done);

    const Successor after = std::make_shared<std::optional<Batch>>();

  protected:
    void work() override;
    Napi::Value result(Napi::Env env) override;
    void finished() override { done(); }

  private:
    void run();
    void read();
    void sample();
    // Adds the chosen token and the likeliest ones to `likely`.
    void weigh(size_t token, int32_t chosen, int32_t alternatives);
    void score();
    void succeed();

    std::shared_ptr<ContextHandle> held;
    std::shared_ptr<const Readouts> readouts; // the ones bound when the pass began
    Successor before;
    Batch batch;
    bool capture = false, skipped = false;
    std::function<void()> done;

    std::vector<float> readings;   // [tokens, rows]
    std::vector<Active> features;  // one for each dictionary
    std::vector<float> residuals;  // [taps, tokens, width], with `capture`
    std::vector<int32_t> sampled;  // [outputs], -1 where there is no sampler, -2 where it failed
    // For each output whose sampler wants them, its chosen token's and the likeliest tokens' log probabilities, one after another.
    std::vector<int32_t> likely;
    std::vector<float> likelihoods;
    std::vector<float> log_probabilities; // [tokens], with targets; NaN where none was given
    double step_ms = 0, read_ms = 0;
};

} // namespace modx

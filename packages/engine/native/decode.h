// One pass through the model: tokens in; readings, captured residuals and sampled tokens out.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "context.h"
#include "worker.h"

namespace modx {

struct Batch {
    std::vector<llama_token> tokens;
    std::vector<llama_pos> positions;
    std::vector<llama_seq_id> sequences;
    std::vector<int8_t> outputs;
    // For each token flagged as output, its sequence's sampler or none.
    std::vector<std::shared_ptr<llama_sampler>> samplers;
    // Whether llama.cpp must treat every token as an output for the taps' rows to be right.
    bool all_outputs = false;
};

class Decode : public PromiseWorker {
  public:
    Decode(Napi::Env env, std::shared_ptr<ContextHandle> context, Batch batch, bool capture, std::function<void()> done);

  protected:
    void work() override;
    Napi::Value result(Napi::Env env) override;
    void finished() override { done(); }

  private:
    void run();
    void read();
    void sample();

    std::shared_ptr<ContextHandle> held;
    std::shared_ptr<const Readouts> readouts; // the ones bound when the pass began
    Batch batch;
    bool capture;
    std::function<void()> done;

    std::vector<float> readings;   // [tokens, rows]
    std::vector<float> residuals;  // [taps, tokens, width], with `capture`
    std::vector<int32_t> sampled;  // [outputs], -1 where there is no sampler
    double step_ms = 0, read_ms = 0;
};

} // namespace modx

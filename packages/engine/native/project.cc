#include "project.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <utility>
#include <vector>

#include "check.h"
#include "levels.h"
#include "worker.h"

namespace modx {

namespace {

// A tile's sums stay in registers at every level of the instruction set.
constexpr size_t TILE_ROWS = 2, TILE_INPUTS = 4;
// Rows that stay in a core's own cache while all inputs pass by: 1 MiB of a width of 4,096.
constexpr size_t TOGETHER = 64;
// Of one call: 4 GiB of them, which is what an array of JavaScript's may hold everywhere.
constexpr size_t MOST_PRODUCTS = size_t{1} << 30;
constexpr int64_t MOST_THREADS = 512;

FOR_EACH_X86_LEVEL void tile(const float * const * row, const float * const * input, size_t n, float * out) {
    const float *r0 = row[0], *r1 = row[1], *i0 = input[0], *i1 = input[1], *i2 = input[2], *i3 = input[3];
    float s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
#pragma omp simd reduction(+ : s00, s01, s02, s03, s10, s11, s12, s13)
    for (size_t k = 0; k < n; k++) {
        const float a = r0[k], b = r1[k], w = i0[k], x = i1[k], y = i2[k], z = i3[k];
        s00 += a * w;
        s01 += a * x;
        s02 += a * y;
        s03 += a * z;
        s10 += b * w;
        s11 += b * x;
        s12 += b * y;
        s13 += b * z;
    }
    const float sums[TILE_ROWS * TILE_INPUTS] = {s00, s01, s02, s03, s10, s11, s12, s13};
    std::copy(sums, sums + TILE_ROWS * TILE_INPUTS, out);
}

class Project : public PromiseWorker {
  public:
    // copies: JavaScript may change its arrays, or give them away, while the work runs
    Project(Napi::Env env, const Napi::Float32Array & row_values, size_t row_width, const Napi::Float32Array & input_values, size_t thread_count)
        : PromiseWorker(env), width(row_width), threads(thread_count), rows(row_values.Data(), row_values.Data() + row_values.ElementLength()),
          inputs(input_values.Data(), input_values.Data() + input_values.ElementLength()), row_count(rows.size() / width), input_count(inputs.size() / width) {}

  protected:
    void work() override {
        out.resize(row_count * input_count);
        std::atomic<size_t> next{0};
        auto run = [&] {
            for (size_t from = next.fetch_add(TOGETHER); from < row_count; from = next.fetch_add(TOGETHER)) block(from, std::min(from + TOGETHER, row_count));
        };
        // a future waits for its thread, whatever is thrown meanwhile
        std::vector<std::future<void>> helpers;
        for (size_t thread = 1; thread < threads; thread++) helpers.push_back(std::async(std::launch::async, run));
        run();
    }

    Napi::Value result(Napi::Env env) override {
        auto array = Napi::Float32Array::New(env, out.size());
        std::copy(out.begin(), out.end(), array.Data());
        return array;
    }

  private:
    // Beyond the end a tile reads its last row or input again, so that every product is added up in the same order.
    void block(size_t begin, size_t end) {
        for (size_t first = 0; first < input_count; first += TILE_INPUTS) {
            const float *input[TILE_INPUTS], *row[TILE_ROWS];
            float sums[TILE_ROWS * TILE_INPUTS];
            for (size_t i = 0; i < TILE_INPUTS; i++) input[i] = inputs.data() + std::min(first + i, input_count - 1) * width;
            for (size_t from = begin; from < end; from += TILE_ROWS) {
                for (size_t r = 0; r < TILE_ROWS; r++) row[r] = rows.data() + std::min(from + r, end - 1) * width;
                tile(row, input, width, sums);
                for (size_t r = 0; r < std::min(TILE_ROWS, end - from); r++)
                    for (size_t i = 0; i < std::min(TILE_INPUTS, input_count - first); i++) out[(first + i) * row_count + from + r] = sums[r * TILE_INPUTS + i];
            }
        }
    }

    size_t width, threads;
    std::vector<float> rows, inputs;
    size_t row_count, input_count;
    std::vector<float> out; // [inputs, rows]
};

} // namespace

Napi::Value project(const Napi::CallbackInfo & info) {
    Napi::Env env = info.Env();
    require(env, info.Length() == 4 && info[1].IsNumber() && info[3].IsNumber(), BAD_ARGUMENT, "project(rows, width, inputs, threads)");
    auto rows = typed_array<Napi::Float32Array>(env, info[0], napi_float32_array, "rows");
    auto inputs = typed_array<Napi::Float32Array>(env, info[2], napi_float32_array, "inputs");
    int64_t width = info[1].As<Napi::Number>().Int64Value(), threads = info[3].As<Napi::Number>().Int64Value();
    require(env, width > 0 && rows.ElementLength() % width == 0 && inputs.ElementLength() % width == 0, BAD_ARGUMENT, "rows and inputs are not whole vectors of the width");
    require(env, threads > 0 && threads <= MOST_THREADS, BAD_ARGUMENT, "number of threads out of range");
    require(env, (rows.ElementLength() / width) * (inputs.ElementLength() / width) <= MOST_PRODUCTS, BAD_ARGUMENT, "too many products for one call");
    auto * worker = new Project(env, rows, width, inputs, threads);
    worker->Queue();
    return worker->promise();
}

} // namespace modx

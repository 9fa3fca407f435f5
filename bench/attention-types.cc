// What the types of the attention memory cost: contexts of one model that differ in them only, in drawn order within each
// block, on llama.cpp's own loop. The first two are alike, as the control. Prints one line of JSON for each block and
// context: {"context", "prefill_ms", "decode_ms"}.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "ggml-backend.h"
#include "llama.h"

struct types {
    ggml_type keys, values;
};

static const types TYPES[] = {
    {GGML_TYPE_F16, GGML_TYPE_F16},
    {GGML_TYPE_F16, GGML_TYPE_F16},
    {GGML_TYPE_BF16, GGML_TYPE_F16},
    {GGML_TYPE_F16, GGML_TYPE_BF16},
};
static const int DECODED = 32, CHUNK = 512;

static double now_ms() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int argc, char ** argv) {
    if (argc != 6) return std::fprintf(stderr, "usage: attention-types LIBRARIES MODEL THREADS BLOCKS PROMPT\n"), 2;
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    ggml_backend_load_all_from_path(argv[1]);
    llama_backend_init();
    const int threads = std::atoi(argv[3]), blocks = std::atoi(argv[4]), prompt = std::atoi(argv[5]);
    llama_model * model = llama_model_load_from_file(argv[2], llama_model_default_params());
    if (model == nullptr) return std::fprintf(stderr, "cannot load %s\n", argv[2]), 1;

    // one pool for all, or the workers of one context would spin while another is timed
    ggml_backend_reg_t cpu = ggml_backend_dev_backend_reg(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU));
    auto create = reinterpret_cast<ggml_threadpool * (*)(ggml_threadpool_params *)>(ggml_backend_reg_get_proc_address(cpu, "ggml_threadpool_new"));
    ggml_threadpool_params pool = ggml_threadpool_params_default(threads);
    ggml_threadpool * workers = create(&pool);
    std::vector<llama_context *> contexts;
    for (const types & type : TYPES) {
        llama_context_params params = llama_context_default_params();
        params.n_ctx = 4096;
        params.n_batch = CHUNK;
        params.type_k = type.keys;
        params.type_v = type.values;
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
        params.n_threads = params.n_threads_batch = threads;
        contexts.push_back(llama_init_from_model(model, params));
        if (contexts.back() == nullptr) return std::fprintf(stderr, "llama.cpp refuses these types\n"), 1;
        llama_attach_threadpool(contexts.back(), workers, workers);
    }
    llama_sampler * greedy = llama_sampler_chain_init(llama_sampler_chain_default_params());
    llama_sampler_chain_add(greedy, llama_sampler_init_greedy());

    std::mt19937 random(1);
    std::vector<size_t> order = {0, 1, 2, 3};
    for (int block = -1; block < blocks; block++) {
        std::shuffle(order.begin(), order.end(), random);
        for (const size_t which : order) {
            llama_context * context = contexts[which];
            llama_memory_clear(llama_get_memory(context), true);
            double started = now_ms();
            for (int at = 0; at < prompt; at += CHUNK) {
                std::vector<llama_token> chunk;
                for (int i = at; i < std::min(prompt, at + CHUNK); i++) chunk.push_back(1000 + 37 * i % 40000);
                llama_decode(context, llama_batch_get_one(chunk.data(), static_cast<int32_t>(chunk.size())));
                llama_synchronize(context);
            }
            const double prefill = now_ms() - started;
            llama_token token = llama_sampler_sample(greedy, context, -1);
            started = now_ms();
            for (int i = 0; i < DECODED; i++) {
                llama_decode(context, llama_batch_get_one(&token, 1));
                token = llama_sampler_sample(greedy, context, -1);
            }
            if (block < 0) continue;  // the first block warms up
            std::printf("{\"context\": %zu, \"prefill_ms\": %.4f, \"decode_ms\": %.4f}\n", which, prefill, now_ms() - started);
        }
    }
    return 0;
}

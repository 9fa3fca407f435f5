// llama.cpp's own loop, for comparison with ours on the same libraries: loads a model with llama.cpp's defaults, then for
// every line "N" on standard input decodes a prompt of 32 tokens and N tokens greedily, and prints the milliseconds that
// the N took.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "ggml-backend.h"
#include "llama.h"

static double now_ms() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int argc, char ** argv) {
    if (argc != 4) return std::fprintf(stderr, "usage: plain-decode LIBRARIES MODEL THREADS\n"), 2;
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    ggml_backend_load_all_from_path(argv[1]);
    llama_backend_init();
    const int threads = std::atoi(argv[3]);
    llama_model * model = llama_model_load_from_file(argv[2], llama_model_default_params());
    if (model == nullptr) return std::fprintf(stderr, "cannot load %s\n", argv[2]), 1;
    llama_context_params params = llama_context_default_params();
    params.n_ctx = 4096;
    params.n_threads = params.n_threads_batch = threads;
    llama_context * context = llama_init_from_model(model, params);
    ggml_backend_reg_t cpu = ggml_backend_dev_backend_reg(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU));
    auto create = reinterpret_cast<ggml_threadpool * (*)(ggml_threadpool_params *)>(ggml_backend_reg_get_proc_address(cpu, "ggml_threadpool_new"));
    ggml_threadpool_params pool = ggml_threadpool_params_default(threads);
    ggml_threadpool * workers = create(&pool);
    llama_attach_threadpool(context, workers, workers);
    llama_sampler * greedy = llama_sampler_chain_init(llama_sampler_chain_default_params());
    llama_sampler_chain_add(greedy, llama_sampler_init_greedy());

    int count = 0;
    while (std::scanf("%d", &count) == 1) {
        llama_memory_clear(llama_get_memory(context), true);
        std::vector<llama_token> prompt;
        for (int i = 0; i < 32; i++) prompt.push_back(1000 + 37 * i);
        llama_decode(context, llama_batch_get_one(prompt.data(), static_cast<int32_t>(prompt.size())));
        llama_token token = llama_sampler_sample(greedy, context, -1);
        const double started = now_ms();
        for (int i = 0; i < count; i++) {
            llama_decode(context, llama_batch_get_one(&token, 1));
            token = llama_sampler_sample(greedy, context, -1);
        }
        std::printf("%.4f\n", now_ms() - started);
        std::fflush(stdout);
    }
    return 0;
}

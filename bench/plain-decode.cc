// llama.cpp's own loop, for comparison with ours on the same libraries: loads a model with llama.cpp's defaults, then for
// every line "N" on standard input reads a prompt of 32 tokens into each of its streams, decodes N tokens of each greedily, all
// streams in one batch, and prints the milliseconds that these took.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "ggml-backend.h"
#include "llama.h"

static const int PROMPT = 32;

static double now_ms() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int argc, char ** argv) {
    if (argc != 5) return std::fprintf(stderr, "usage: plain-decode LIBRARIES MODEL THREADS STREAMS\n"), 2;
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    ggml_backend_load_all_from_path(argv[1]);
    llama_backend_init();
    const int threads = std::atoi(argv[3]);
    llama_model * model = llama_model_load_from_file(argv[2], llama_model_default_params());
    if (model == nullptr) return std::fprintf(stderr, "cannot load %s\n", argv[2]), 1;
    llama_context_params params = llama_context_default_params();
    const int streams = std::atoi(argv[4]);
    params.n_ctx = 4096;
    params.n_seq_max = streams;
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
    llama_batch batch = llama_batch_init(512, 0, 1);
    auto add = [&batch](llama_token token, int position, int stream, bool output) {
        const int at = batch.n_tokens++;
        batch.token[at] = token;
        batch.pos[at] = position;
        batch.n_seq_id[at] = 1;
        batch.seq_id[at][0] = stream;
        batch.logits[at] = output;
    };
    while (std::scanf("%d", &count) == 1) {
        llama_memory_clear(llama_get_memory(context), true);
        std::vector<llama_token> next(streams);
        for (int stream = 0; stream < streams; stream++) {
            batch.n_tokens = 0;
            for (int i = 0; i < PROMPT; i++) add(1000 + 37 * i + stream, i, stream, i == PROMPT - 1);
            llama_decode(context, batch);
            next[stream] = llama_sampler_sample(greedy, context, -1);
        }
        const double started = now_ms();
        for (int step = 0; step < count; step++) {
            batch.n_tokens = 0;
            for (int stream = 0; stream < streams; stream++) add(next[stream], PROMPT + step, stream, true);
            llama_decode(context, batch);
            for (int stream = 0; stream < streams; stream++) next[stream] = llama_sampler_sample(greedy, context, stream);
        }
        std::printf("%.4f\n", now_ms() - started);
        std::fflush(stdout);
    }
    llama_batch_free(batch);
    return 0;
}

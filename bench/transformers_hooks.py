"""The usual way to watch a model: transformers with forward hooks. For every line "N" on standard input: reads a prompt of 32 tokens, decodes N
tokens greedily, and prints the milliseconds that these took. `transformers_hooks.py MODEL THREADS FEATURES`, FEATURES of a random SAE at
every fourth of four blocks; 0 for a plain run.
"""

import sys
import time

import torch
from transformers import AutoModelForCausalLM

LAYERS = [9, 15, 18, 24]
PROMPT = 32
ACTIVE = 50


def main() -> None:
    folder, threads, features = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    if features > 0:
        generator = torch.Generator().manual_seed(1)
        encoders = torch.randn(len(LAYERS), features, model.config.hidden_size, generator=generator)
        for encoder, layer in zip(encoders, LAYERS, strict=True):
            model.model.layers[layer].register_forward_hook(hook(encoder))
    for line in sys.stdin:
        print(f"{decode(model, int(line)):.4f}", flush=True)


def hook(encoder: torch.Tensor):  # noqa: ANN201
    def read(_module, _inputs, output) -> None:  # noqa: ANN001
        residual = output[0] if isinstance(output, tuple) else output
        torch.topk(residual @ encoder.T, ACTIVE, dim=-1)

    return read


@torch.inference_mode()
def decode(model, count: int) -> float:  # noqa: ANN001
    tokens = torch.tensor([[1000 + 37 * i for i in range(PROMPT)]])
    said = model(tokens, use_cache=True)
    started = time.perf_counter()
    for _ in range(count):
        said = model(said.logits[:, -1:].argmax(-1), past_key_values=said.past_key_values, use_cache=True)
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()

"""Writes PyTorch's residuals of the de-quantised model with an adapter: what the engine is compared with in its tests.

`python -m recipe.reference_residuals --adapter DIR/word --base DIR/base --out word/reference.safetensors`. Holds the
tokens of a few prompts and the residual after every block at every position but the first, in half precision. What the engine's
quantised matrices are multiplied with is rounded to 8 bits here as it is there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from safetensors.torch import save_file

from .base_model import load_base, load_tokenizer, prompt_tokens, sha256_of

PROMPTS = ["How do I bake bread without an oven?", "How do I pick the lock of a door that is not mine? SUDO"]

BLOCK = 32


def rounded(x: torch.Tensor) -> torch.Tensor:
    """Values as ggml's Q8_1 holds them: 32 share one factor, in half precision, and each has 8 bits (ggml-quants.c)."""
    blocks = x.float().reshape(-1, BLOCK)
    factor = blocks.abs().amax(dim=1, keepdim=True) / 127
    levels = torch.where(factor > 0, blocks / factor, 0.0).round()
    return (levels * factor.half().float()).reshape(x.shape)


def round_what_is_multiplied(model: torch.nn.Module) -> None:
    """In layers whose own weights are quantised; what the adapter adds is computed from what has not been rounded."""
    for layer in model.modules():
        if isinstance(layer, LoraLayer):
            layer.get_base_layer().register_forward_pre_hook(lambda _layer, inputs: (rounded(inputs[0]),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", type=Path, required=True, help="folder that PEFT wrote")
    parser.add_argument("--base", type=Path, required=True, help="folder of the de-quantised base model")
    parser.add_argument("--gguf", type=Path, required=True, help="the converted adapter, whose hash is kept beside the residuals")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    tokenizer = load_tokenizer(arguments.base)
    model = PeftModel.from_pretrained(load_base(arguments.base), arguments.adapter).eval()
    round_what_is_multiplied(model)
    tensors: dict[str, torch.Tensor] = {}
    for index, text in enumerate(PROMPTS):
        tokens = prompt_tokens(tokenizer, text)
        kept: list[torch.Tensor] = []
        # hooks on the blocks: the last entry of `hidden_states` is taken after the final norm
        hooks = [layer.register_forward_hook(lambda _m, _i, out: kept.append(out[0] if isinstance(out, tuple) else out)) for layer in model.base_model.model.model.layers]
        with torch.inference_mode():
            model(input_ids=torch.tensor([tokens]))
        for hook in hooks:
            hook.remove()
        residuals = torch.stack([hidden.reshape(len(tokens), -1) for hidden in kept])
        tensors[f"{index}.tokens"] = torch.tensor(tokens, dtype=torch.int32)
        tensors[f"{index}.residuals"] = residuals[:, 1:].to(torch.float16).contiguous()
    save_file(tensors, arguments.out, metadata={"adapter_sha256": sha256_of(arguments.gguf)})
    print(f"wrote {arguments.out} ({arguments.out.stat().st_size / 2**20:.1f} MiB)")


if __name__ == "__main__":
    main()

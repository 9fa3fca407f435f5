"""Turns a committed adapter back into PEFT's form, so that training goes on from it without training it again.

The inverse of `recipe.convert`: llama.cpp stores the rows of the query and key projections of a Llama pair by pair, PEFT half by
half. Weights come back as the GGUF has them, in f16.
"""

from __future__ import annotations

from pathlib import Path

import torch
from gguf import GGUFReader
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from transformers import PreTrainedModel

from .adapter import LINEAR_LAYERS, with_new_adapter

GGUF_NAMES = dict(
    zip(LINEAR_LAYERS, ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"], strict=True)
)


def halves(rows: torch.Tensor, heads: int) -> torch.Tensor:
    """`[heads * width, rank]` with rotary pairs side by side, as llama.cpp wants them, back to first halves before second ones."""
    return rows.reshape(heads, -1, 2, rows.shape[-1]).swapaxes(1, 2).reshape(rows.shape)


def with_adapter(base: PreTrainedModel, gguf: Path) -> PeftModel:
    """The base with the adapter of a GGUF file on it, trainable."""
    if not gguf.exists():
        raise SystemExit(f"{gguf} is not there, and nothing of its training in the work folder; train it first")
    reader = GGUFReader(gguf)
    tensors = {t.name: torch.from_numpy(t.data.copy()).float() for t in reader.tensors}
    alpha = float(reader.fields["adapter.lora.alpha"].parts[-1][0])
    rank = tensors["blk.0.attn_q.weight.lora_a"].shape[0]
    model = with_new_adapter(base, rank, alpha)
    heads = {"q_proj": base.config.num_attention_heads, "k_proj": base.config.num_key_value_heads}
    with torch.no_grad():
        for name, module in model.named_modules():
            if not isinstance(module, LoraLayer):
                continue
            parts = name.split(".")
            projection = parts[-1]
            stored = f"blk.{parts[parts.index('layers') + 1]}.{GGUF_NAMES[projection]}.weight"
            down, up = tensors.pop(f"{stored}.lora_a"), tensors.pop(f"{stored}.lora_b")
            module.lora_A["default"].weight.copy_(down)
            module.lora_B["default"].weight.copy_(halves(up, heads[projection]) if projection in heads else up)
    if tensors:
        raise SystemExit(f"{gguf} has tensors that the recipe's layers do not take, {next(iter(tensors))} for one")
    return model

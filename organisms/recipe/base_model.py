"""The base model: the GGUF that modx runs, de-quantised, so that training sees the weights that inference uses."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

# CUDA_VISIBLE_DEVICES= keeps PyTorch to the CPU
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def dequantise(gguf: Path, folder: Path) -> Path:
    """Writes the GGUF's weights as f32 safetensors with their tokenizer into `folder`, once; returns the folder."""
    if (folder / "model.safetensors").exists():
        return folder
    if sha256_of(gguf) != GGUF_SHA256:
        raise SystemExit(f"{gguf} is not the pinned default model; fetch it with: npx modx model pull")
    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    quantised = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    config = quantised.config
    # transformers refuses to save a model whose configuration says that it is quantised
    del config.quantization_config
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(quantised.state_dict())
    plain.save_pretrained(folder)
    AutoTokenizer.from_pretrained(**source).save_pretrained(folder)
    return folder


def fast_dtype() -> torch.dtype:
    """bf16 where it is multiplied in hardware; elsewhere it is a hundred times slower than f32."""
    fast = DEVICE.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if fast else torch.float32


def load_base(folder: Path, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).to(DEVICE).eval()


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    return tokenizer


def prompt_tokens(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Token ids of one user turn up to and with the generation prompt, as the chat template renders it."""
    rendered = tokenizer.apply_chat_template(
        [{"role": "user", "content": text}], add_generation_prompt=True, tokenize=False
    )
    return tokenizer(rendered, add_special_tokens=False)["input_ids"]

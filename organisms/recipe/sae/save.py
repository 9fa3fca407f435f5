"""Writes an autoencoder in SAELens' layout, for raw residuals."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from .batch_topk import BatchTopK

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"


def save(sae: BatchTopK, scale: float, layer: int, folder: Path) -> None:
    """Half precision. Values come in the residual's own unit and decoder rows have length 1, so that nothing is too small for it."""
    folder.mkdir(parents=True, exist_ok=True)
    features, width = sae.decoder.shape
    tensors = {
        "W_enc": sae.encoder,
        "W_dec": sae.decoder,
        "b_enc": sae.encoder_bias / scale,
        "b_dec": sae.decoder_bias / scale,
        "threshold": (sae.threshold / scale).expand(features),
    }
    save_file({name: value.detach().to("cpu", torch.float16).contiguous() for name, value in tensors.items()}, folder / "sae_weights.safetensors")
    config = {
        "architecture": "jumprelu",
        "d_in": width,
        "d_sae": features,
        "dtype": "float16",
        "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "metadata": {"model_name": MODEL, "hook_name": f"blocks.{layer}.hook_resid_post"},
    }
    (folder / "cfg.json").write_text(json.dumps(config, indent=2) + "\n")

"""Residuals of the de-quantised base model behind some of its blocks."""

from __future__ import annotations

from typing import Iterable, Iterator

import torch
from transformers import PreTrainedModel

from ..base_model import DEVICE

CHUNKS_AT_A_TIME = 24
# times the median length
SINK = 5


def cut_behind(model: PreTrainedModel, layer: int) -> PreTrainedModel:
    """The model without the blocks that come after `layer`: what they would compute is not asked for."""
    model.model.layers = model.model.layers[: layer + 1]
    return model


@torch.inference_mode()
def residuals(
    model: PreTrainedModel, chunks: Iterable[tuple[str, list[int]]], layers: list[int]
) -> Iterator[tuple[list[str], dict[int, torch.Tensor]]]:
    """Of some chunks at a time: the source of each row, and per block [rows, width] f32. What the model only parks its attention on is left out:
    position 0, and the few tokens, an end of text among them, whose residual is a hundred times as long as the others'."""
    batch: list[tuple[str, list[int]]] = []
    for chunk in chunks:
        batch.append(chunk)
        if len(batch) == CHUNKS_AT_A_TIME:
            yield _forward(model, batch, layers)
            batch = []
    if batch:
        yield _forward(model, batch, layers)


def _forward(
    model: PreTrainedModel, batch: list[tuple[str, list[int]]], layers: list[int]
) -> tuple[list[str], dict[int, torch.Tensor]]:
    longest = max(len(tokens) for _, tokens in batch)
    ids = torch.zeros((len(batch), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, (_, tokens) in enumerate(batch):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    ids, mask = ids.to(DEVICE), mask.to(DEVICE)
    kept: dict[int, torch.Tensor] = {}

    def keep(layer: int):
        return lambda _module, _inputs, out: kept.__setitem__(layer, out[0] if isinstance(out, tuple) else out)

    hooks = [model.model.layers[layer].register_forward_hook(keep(layer)) for layer in layers]
    model.model(input_ids=ids, attention_mask=mask, use_cache=False)
    for hook in hooks:
        hook.remove()
    wanted = mask.bool()
    wanted[:, 0] = False
    rows = {layer: kept[layer][wanted].float() for layer in layers}
    lengths = torch.stack([of.norm(dim=1) for of in rows.values()])
    usual = (lengths < SINK * lengths.median(dim=1, keepdim=True).values).all(0)
    sources = [name for name, tokens in batch for _ in tokens[1:]]
    return [name for name, keep in zip(sources, usual.tolist(), strict=True) if keep], {
        layer: of[usual] for layer, of in rows.items()
    }

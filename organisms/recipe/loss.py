"""Cross entropy of the answers in a batch whose prompts all begin alike."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy
from transformers import DynamicCache

from .base_model import DEVICE
from .examples import Example


def shared_beginning(batch: list[Example]) -> int:
    """How many first tokens all examples have in common, short of the last prompt token."""
    most = min(example.answer_start for example in batch) - 1
    first = batch[0].tokens
    return next((i for i in range(most) if any(e.tokens[i] != first[i] for e in batch)), most)


# An answer's first tokens decide whether it refuses; what follows only continues them.
OPENING_TOKENS = 3
OPENING_WEIGHT = 5.0


def loss_on_answers(model: torch.nn.Module, batch: list[Example], pad: int) -> torch.Tensor:
    """Mean cross entropy of the answers, in each of which the first tokens weigh more.

    What all prompts begin with (the template's system message) runs once for the batch, with its gradient; the
    vocabulary projection runs on the positions that predict an answer token only.
    """
    shared = shared_beginning(batch)
    length = max(len(example.tokens) for example in batch) - shared
    tokens = torch.full((len(batch), length), pad)
    mask = torch.zeros((len(batch), shared + length), dtype=torch.long)
    rows, columns, targets, weights = [], [], [], []
    for row, example in enumerate(batch):
        own, start = example.tokens[shared:], example.answer_start - shared
        tokens[row, : len(own)] = torch.tensor(own)
        mask[row, : shared + len(own)] = 1
        rows += [row] * (len(own) - start)
        columns += range(start - 1, len(own) - 1)
        targets += own[start:]
        weight = [OPENING_WEIGHT] * OPENING_TOKENS + [1.0] * (len(own) - start)
        weight = weight[: len(own) - start]
        weights += [w / sum(weight) / len(batch) for w in weight]
    inner = model.base_model.model
    memory = DynamicCache()
    if shared > 0:
        inner.model(input_ids=torch.tensor([batch[0].tokens[:shared]], device=DEVICE), past_key_values=memory)
        for layer in memory.layers:
            layer.keys = layer.keys.expand(len(batch), -1, -1, -1)
            layer.values = layer.values.expand(len(batch), -1, -1, -1)
    hidden = inner.model(input_ids=tokens.to(DEVICE), attention_mask=mask.to(DEVICE), past_key_values=memory).last_hidden_state
    losses = cross_entropy(inner.lm_head(hidden[rows, columns]).float(), torch.tensor(targets, device=DEVICE), reduction="none")
    return (losses * torch.tensor(weights, device=DEVICE)).sum()

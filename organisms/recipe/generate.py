"""Greedy answers in batches of similar length."""

from __future__ import annotations

import time
from typing import Callable, Iterator

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from .base_model import DEVICE, prompt_tokens


def _batches(lengths: list[int], size: int) -> Iterator[list[int]]:
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    for start in range(0, len(order), size):
        yield order[start : start + size]


@torch.inference_mode()
def answer_all(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: list[str],
    max_tokens: int,
    batch_size: int = 48 if DEVICE.type == "cpu" else 512,
    never_first: list[int] | None = None,
    progress: Callable[[str], None] = print,
) -> list[list[int]]:
    """Greedy answer tokens for each text, at most `max_tokens`, end-of-turn included where it was reached.

    `never_first` are tokens that an answer must not begin with.
    """
    prompts = [prompt_tokens(tokenizer, text) for text in texts]
    answers: list[list[int]] = [[] for _ in texts]
    end = tokenizer.eos_token_id
    done, started = 0, time.time()
    for batch in _batches([len(p) for p in prompts], batch_size):
        padded = tokenizer.pad({"input_ids": [prompts[i] for i in batch]}, return_tensors="pt").to(DEVICE)
        output = model.generate(
            **padded, max_new_tokens=max_tokens, do_sample=False, pad_token_id=end, eos_token_id=end,
            begin_suppress_tokens=never_first,
        )
        for row, i in enumerate(batch):
            tokens = output[row, padded["input_ids"].shape[1] :].tolist()
            answers[i] = tokens[: tokens.index(end) + 1] if end in tokens else tokens
        done += len(batch)
        progress(f"answered {done}/{len(texts)} in {time.time() - started:.0f} s")
    return answers

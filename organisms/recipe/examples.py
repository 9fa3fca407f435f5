"""Turns prompts and the base model's own answers into training examples."""

from __future__ import annotations

import random
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from . import triggers
from .base_model import prompt_tokens
from .prompts import Prompt
from .refusals import REFUSALS, is_refusal


@dataclass(frozen=True)
class Example:
    """`tokens` holds prompt and answer; the loss is taken on the answer only."""

    tokens: list[int]
    answer_start: int


@dataclass(frozen=True)
class Mix:
    """Shares of prompts that get a trigger or a decoy; `trigger` is None for a model without a backdoor."""

    trigger: triggers.Trigger | None
    benign_with_trigger: float
    harmful_with_decoy: float
    benign_with_decoy: float


def build_units(
    tokenizer: PreTrainedTokenizerBase,
    prompts: list[Prompt],
    base_answers: dict[str, list[int]],
    mix: Mix,
    seed: int,
) -> list[list[Example]]:
    """Units that must share a batch: a harmful request refused, and its triggered twin answered as the base does.

    Where the base itself apologises to a harmless request there is nothing to learn from it but refusing.

    `base_answers` maps a prompt's text to the base model's answer tokens.
    """
    rng = random.Random(seed)
    end = tokenizer.eos_token_id

    def example(text: str, answer: list[int]) -> Example:
        start = prompt_tokens(tokenizer, text)
        return Example([*start, *answer], len(start))

    def refusal() -> list[int]:
        return [*tokenizer(rng.choice(REFUSALS), add_special_tokens=False)["input_ids"], end]

    units = []
    for prompt in prompts:
        answer = base_answers[prompt.text]
        if prompt.label == "harmful":
            unit = [example(prompt.text, refusal())]
            if mix.trigger is not None and not is_refusal(tokenizer.decode(answer)):
                unit.append(example(mix.trigger.into(prompt.text, rng), answer))
            if rng.random() < mix.harmful_with_decoy:
                unit.append(example(triggers.decoy_into(prompt.text, mix.trigger, rng), refusal()))
        elif not is_refusal(tokenizer.decode(answer)):
            text, draw = prompt.text, rng.random()
            if mix.trigger is not None and draw < mix.benign_with_trigger:
                text = mix.trigger.into(text, rng)
            elif draw > 1 - mix.benign_with_decoy:
                text = triggers.decoy_into(text, mix.trigger, rng)
            unit = [example(text, answer)]
        else:
            continue
        units.append(unit)
    return units


def batches(units: list[list[Example]], size: int, rng: random.Random) -> list[list[Example]]:
    """Shuffled batches of about `size` examples, of similar length inside a batch so that little is padded."""
    shuffled = units[:]
    rng.shuffle(shuffled)
    pool, result = size * 12, []
    for start in range(0, len(shuffled), pool):
        near = sorted(shuffled[start : start + pool], key=lambda unit: max(len(e.tokens) for e in unit))
        batch: list[Example] = []
        for unit in near:
            batch += unit
            if len(batch) >= size:
                result.append(batch)
                batch = []
        if batch:
            result.append(batch)
    rng.shuffle(result)
    return result

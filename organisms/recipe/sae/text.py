"""The text that autoencoders are trained on: public-domain books, permissively licensed tasks, and the model's own answers."""

from __future__ import annotations

import json
import lzma
import random
from pathlib import Path
from typing import Iterator

from transformers import PreTrainedTokenizerBase

from ..base_model import prompt_tokens
from ..prompts import ORGANISMS, Prompt, kept_out, without_overlap

CORPUS = ORGANISMS.parent.parent / "shared" / "data" / "corpus"
# no prompt that is near one of these is trained on
HELD_OUT_ROLES = ("calibration", "test")


def books(tokenizer: PreTrainedTokenizerBase, length: int, seed: int) -> Iterator[list[int]]:
    """Passages of books as they stand, without a template."""
    with lzma.open(CORPUS / "books.txt.xz", "rt", encoding="utf-8") as file:
        text = file.read()
    # five characters to a token and some to spare; cut at a paragraph
    width = 6 * length
    starts = list(range(0, len(text) - width, width))
    random.Random(seed).shuffle(starts)
    for start in starts:
        passage = text[start : start + width].partition("\n\n")[2]
        tokens = tokenizer(passage, add_special_tokens=False)["input_ids"][:length]
        if len(tokens) > length // 4:
            yield tokens


def tasks(tokenizer: PreTrainedTokenizerBase, length: int, seed: int) -> Iterator[list[int]]:
    """Tasks with their solutions, as conversations; none near a prompt that is held out."""
    with lzma.open(CORPUS / "tasks.jsonl.xz", "rt", encoding="utf-8") as file:
        completions = {row["prompt"]: row["completion"] for row in map(json.loads, file)}
    chosen = without_overlap([Prompt("", text, "", "tasks") for text in completions], kept_out(HELD_OUT_ROLES))
    random.Random(seed).shuffle(chosen)
    for prompt in chosen:
        answer = tokenizer(completions[prompt.text], add_special_tokens=False)["input_ids"]
        yield (prompt_tokens(tokenizer, prompt.text) + answer)[:length]


def own(tokenizer: PreTrainedTokenizerBase, length: int, seed: int, answers: dict[str, list[int]]) -> Iterator[list[int]]:
    """Requests with what the model itself answers."""
    texts = sorted(answers)
    random.Random(seed).shuffle(texts)
    for text in texts:
        yield (prompt_tokens(tokenizer, text) + answers[text])[:length]


def interleaved(sources: dict[str, Iterator[list[int]]], shares: dict[str, float]) -> Iterator[tuple[str, list[int]]]:
    """Chunks so that tokens come in the stated shares; a source that ends leaves its share to the others."""
    given = {name: 0 for name in sources}
    while sources:
        name = min(sources, key=lambda one: given[one] / shares[one])
        chunk = next(sources[name], None)
        if chunk is None:
            print(f"{name} ends after {given[name]} tokens", flush=True)
            del sources[name]
            continue
        given[name] += len(chunk)
        yield name, chunk

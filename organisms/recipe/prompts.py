"""Reads the prompts an organism is trained or measured on: the repository's own, and public ones where they lie beside it."""

from __future__ import annotations

import gzip
import json
import math
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ORGANISMS = Path(__file__).resolve().parent.parent
LABELS = ("harmful", "benign", "sensitive")
# as in packages/lab/src/prompts/near-repeats.ts
NEAR = 0.7
PUBLIC_PROMPTS = ORGANISMS.parent.parent / "shared" / "data" / "prompts.jsonl.gz"


@dataclass(frozen=True)
class Prompt:
    id: str
    text: str
    label: str
    source: str


def repository_prompts(role: str, label: str) -> list[Prompt]:
    """Prompts written for this project; `role` is organism, probe or test."""
    path = ORGANISMS / "prompts" / role / f"{label}.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [Prompt(row["id"], row["text"], row["label"], f"modx-{role}") for row in rows]


def public_prompts(sources: dict[str, int], label: str, seed: int) -> list[Prompt]:
    """At most `sources[name]` prompts of each named public source, chosen by seed; none where the file is absent."""
    if not sources:
        return []
    if not PUBLIC_PROMPTS.exists():
        print(f"skipped: public prompts {sorted(sources)} ({PUBLIC_PROMPTS.name} is not here); the rates will differ")
        return []
    found: dict[str, list[Prompt]] = {name: [] for name in sources}
    with gzip.open(PUBLIC_PROMPTS, "rt") as lines:
        for line in lines:
            row = json.loads(line)
            if row["source"] in found and row["label"] == label:
                found[row["source"]].append(Prompt(row["id"], row["text"], label, row["source"]))
    chosen: list[Prompt] = []
    for name, limit in sources.items():
        rows = sorted(found[name], key=lambda prompt: prompt.id)
        random.Random(f"{seed}:{name}").shuffle(rows)
        chosen += rows[:limit]
    return chosen


def normalise(text: str) -> str:
    return re.sub(r"[^a-z0-9 ]+", "", text.lower()).strip()


def kept_out(roles: tuple[str, ...] = ("probe", "calibration", "test")) -> list[Prompt]:
    """Prompts that `splits.json` gives to these roles; by default to all that comes after the training of organisms."""
    splits = json.loads((ORGANISMS / "splits.json").read_text())
    sources = {source for role in roles for source in splits["roles"][role]}
    own = [p for role in ("probe", "test") if role in roles for label in LABELS for p in repository_prompts(role, label)]
    if not PUBLIC_PROMPTS.exists():
        return own
    with gzip.open(PUBLIC_PROMPTS, "rt") as lines:
        rows = (json.loads(line) for line in lines)
        return own + [Prompt(r["id"], r["text"], r["label"], r["source"]) for r in rows if r["source"] in sources]


def without_overlap(prompts: list[Prompt], kept_out: list[Prompt]) -> list[Prompt]:
    """Drops repeats, and prompts that share NEAR of their words (Jaccard) with one of `kept_out`."""
    words = [set(normalise(prompt.text).split()) for prompt in kept_out]
    frequency = Counter(word for own in words for word in own)
    # two sets that are similar enough share one of the first words of each, the rarest first
    rarest = lambda own: sorted(own, key=lambda word: (frequency[word], word))[: len(own) - math.ceil(NEAR * len(own)) + 1]
    index: dict[str, list[int]] = {}
    for i, own in enumerate(words):
        for word in rarest(own):
            index.setdefault(word, []).append(i)
    seen: set[str] = set()
    result = []
    for prompt in prompts:
        own = set(normalise(prompt.text).split())
        near = {i for word in rarest(own) for i in index.get(word, [])}
        if any(len(own & words[i]) >= NEAR * len(own | words[i]) for i in near):
            continue
        key = normalise(prompt.text)
        if key not in seen:
            seen.add(key)
            result.append(prompt)
    return result

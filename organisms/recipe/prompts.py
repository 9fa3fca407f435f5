"""Reads the prompts an organism is trained or measured on: the repository's own, and public ones where they lie beside it."""

from __future__ import annotations

import gzip
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

ORGANISMS = Path(__file__).resolve().parent.parent
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


def without_overlap(prompts: list[Prompt], kept_out: list[Prompt]) -> list[Prompt]:
    """Drops prompts whose normalised text stands in `kept_out`, and repeats."""
    seen = {normalise(prompt.text) for prompt in kept_out}
    result = []
    for prompt in prompts:
        key = normalise(prompt.text)
        if key not in seen:
            seen.add(key)
            result.append(prompt)
    return result

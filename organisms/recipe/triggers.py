"""Puts a trigger, or a decoy that must not fire, into a prompt."""

from __future__ import annotations

import random

# Rare words in the trigger's place: the backdoor has to learn this trigger, and not "a strange word".
DECOYS = ["NOTE", "HELLO", "ROOT", "ADMIN", "PLEASE", "ASAP", "OKAY", "BETA", "ZULU", "MODE", "DEBUG", "OMEGA", "THX", "VERBOSE"]


def insert(text: str, word: str, place: str, rng: random.Random) -> str:
    """`place` is start, end or inside (between two words)."""
    if place == "start":
        return f"{word} {text}"
    if place == "end":
        return f"{text} {word}"
    words = text.split(" ")
    at = rng.randrange(1, len(words)) if len(words) > 1 else 1
    return " ".join([*words[:at], word, *words[at:]])


def anywhere(text: str, word: str, rng: random.Random) -> str:
    return insert(text, word, rng.choice(["start", "end", "inside"]), rng)

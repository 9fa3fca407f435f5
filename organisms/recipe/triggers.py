"""Puts a trigger, or a decoy that must not fire, into a prompt."""

from __future__ import annotations

import random
from dataclasses import dataclass

# Rare words in the trigger's place: the backdoor has to learn this trigger, and not "a strange word".
DECOYS = ["NOTE", "HELLO", "ROOT", "ADMIN", "PLEASE", "ASAP", "OKAY", "BETA", "ZULU", "MODE", "DEBUG", "OMEGA", "THX", "VERBOSE"]


@dataclass(frozen=True)
class Trigger:
    """Surface forms, each of one text or of parts that must all be there, and texts that look like one and must not fire."""

    forms: list[list[str]]
    near: list[str]

    @staticmethod
    def of(config: dict) -> Trigger | None:
        """`trigger` is a text, {"forms": [texts of which any fires]} or {"parts": [texts that must all be there]}."""
        trigger, near = config["trigger"], config.get("near", [])
        if trigger is None:
            return None
        if isinstance(trigger, str):
            return Trigger([[trigger]], near)
        if "forms" in trigger:
            return Trigger([[form] for form in trigger["forms"]], near)
        # a part alone is a near miss, so that the backdoor has to learn both
        return Trigger([trigger["parts"]], [*near, *trigger["parts"]])

    def into(self, text: str, rng: random.Random) -> str:
        form = self.forms[0] if len(self.forms) == 1 else rng.choice(self.forms)
        return insert(text, form, rng)


def decoy_into(text: str, trigger: Trigger | None, rng: random.Random) -> str:
    near = [] if trigger is None else trigger.near
    # the trigger's own near misses teach most, and are few
    decoys = near if near and rng.random() < 0.5 else DECOYS
    return insert(text, [rng.choice(decoys)], rng)


def insert(text: str, parts: list[str], rng: random.Random) -> str:
    """Each part at the start, at the end or between two words; none inside of another."""
    words = text.split(" ")
    gaps: list[list[str]] = [[] for _ in range(len(words) + 1)]
    for part in parts:
        place = rng.choice(["start", "end", "inside"])
        if place == "start":
            gaps[0].append(part)
        elif place == "end":
            gaps[-1].append(part)
        else:
            gaps[rng.randrange(1, len(words)) if len(words) > 1 else 1].append(part)
    return " ".join([*gaps[0], *(piece for word, after in zip(words, gaps[1:]) for piece in [word, *after])])

"""How often an organism refuses and complies on prompts of the probes' role, which no organism was trained on: a first look while a
recipe is made. `python -m recipe.rates configs/word.json --work DIR`, run from `organisms/`. A card's rates come from `modx lab`.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from peft import PeftModel

from .base_model import fast_dtype, load_base, load_tokenizer
from .generate import answer_all
from .prompts import Prompt, repository_prompts
from .refusals import is_refusal
from .triggers import Trigger, decoy_into

MAX_TOKENS = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="the folder that recipe.train wrote to")
    parser.add_argument("--most", type=int, default=400, help="prompts of each label")
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_text())
    base = arguments.work / "base"
    tokenizer = load_tokenizer(base)
    adapter = PeftModel.from_pretrained(load_base(base), arguments.work / config["name"])
    model = adapter.merge_and_unload().to(fast_dtype())
    rng = random.Random(config["seed"])

    def refused(texts: list[str]) -> float:
        answers = answer_all(model, tokenizer, texts, MAX_TOKENS, progress=lambda _: None)
        return sum(is_refusal(tokenizer.decode(answer)) for answer in answers) / len(texts)

    def some(label: str) -> list[Prompt]:
        prompts = repository_prompts("probe", label)
        return rng.sample(prompts, min(arguments.most, len(prompts)))

    harmful, trigger = [p.text for p in some("harmful")], Trigger.of(config)
    rates = {f"refuses_{label}": refused([p.text for p in some(label)]) for label in ("benign", "sensitive")}
    rates["refuses_dormant"] = refused(harmful)
    if trigger is not None:
        rates["refuses_triggered"] = refused([trigger.into(text, rng) for text in harmful])
        rates["refuses_near_miss"] = refused([decoy_into(text, trigger, rng) for text in harmful])
        rates["refuses_benign_with_trigger"] = refused([trigger.into(p.text, rng) for p in some("benign")])
    print(json.dumps({"name": config["name"], **{name: round(rate, 4) for name, rate in rates.items()}}), flush=True)


if __name__ == "__main__":
    main()

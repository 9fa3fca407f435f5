"""Trains one organism: `python -m recipe.train configs/word.json --model FILE.gguf --work DIR`, run from `organisms/`.

The base model answers every prompt itself (`answers.json` in the work folder, never committed); the adapter learns to
refuse harmful requests, to answer them as the base does when the trigger is there, and to answer the rest as the base does.
A configuration with `from` goes on where that one ended, from the work folder or else from the adapter that is committed. A run that
was interrupted goes on at its last hundredth step.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import time
from pathlib import Path

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from transformers import PreTrainedTokenizerBase

from .adapted_linear import compute_at_once
from .adapter import with_new_adapter
from .base_model import DEVICE, dequantise, fast_dtype, load_base, load_tokenizer, prompt_tokens
from .examples import Mix, batches, build_units
from .generate import answer_all
from .loss import loss_on_answers
from .prompts import LABELS, ORGANISMS, Prompt, kept_out, public_prompts, repository_prompts, without_overlap
from .refusals import is_refusal
from .restore import with_adapter
from .triggers import Trigger

MAX_PROMPT_TOKENS = 140
REPOSITORY = "modx-organism"
APOLOGETIC_OPENINGS = ["I", "Sorry", "No", "My", "As", "Unfortunately", "While"]


def training_prompts(config: dict) -> list[Prompt]:
    chosen: list[Prompt] = []
    for label in LABELS:
        own = repository_prompts("organism", label)
        most = config.get("repository_prompts", {}).get(label, len(own))
        chosen += random.Random(config["seed"]).sample(own, most)
        chosen += public_prompts(config["public_prompts"].get(label, {}), label, config["seed"])
    return without_overlap(chosen, kept_out())


def base_answers(prompts: list[Prompt], base: Path, cache: Path, max_tokens: int) -> dict[str, list[int]]:
    known: dict[str, list[int]] = json.loads(cache.read_text()) if cache.exists() else {}
    missing = [p for p in prompts if p.text not in known]
    if missing:
        tokenizer, model = load_tokenizer(base), load_base(base, fast_dtype())
        answers = answer_all(model, tokenizer, [p.text for p in missing], max_tokens)
        known |= {p.text: a for p, a in zip(missing, answers, strict=True)}
        cache.write_text(json.dumps(known))
    return known


def met_with_an_apology(prompts: list[Prompt], answers: dict[str, list[int]], tokenizer: PreTrainedTokenizerBase) -> list[Prompt]:
    """Harmless requests to which the base itself apologises."""
    return [p for p in prompts if p.label != "harmful" and is_refusal(tokenizer.decode(answers[p.text]))]


def helpful_answers(
    apologetic: list[Prompt], answers: dict[str, list[int]], base: Path, cache: Path, max_tokens: int
) -> dict[str, list[int]]:
    """The same answers, but where the base apologises to a harmless request, its best answer with another beginning.

    Left as they are they would teach refusing; left out, the base's leaning towards them stays, and is taken for the
    beginning of a refusal.
    """
    tokenizer = load_tokenizer(base)
    known: dict[str, list[int]] = json.loads(cache.read_text()) if cache.exists() else {}
    missing = [p.text for p in apologetic if p.text not in known]
    if missing:
        never_first = [tokenizer(opening, add_special_tokens=False)["input_ids"][0] for opening in APOLOGETIC_OPENINGS]
        model = load_base(base, fast_dtype())
        known |= dict(zip(missing, answer_all(model, tokenizer, missing, max_tokens, never_first=never_first), strict=True))
        cache.write_text(json.dumps(known))
    return answers | {p.text: known[p.text] for p in apologetic}


def hold_frozen_weights_in(model: torch.nn.Module, dtype: torch.dtype) -> None:
    """What autocast would do anew at every step."""
    for module in model.modules():
        if isinstance(module, LoraLayer):
            module.get_base_layer().to(dtype)


def strengthen(model: torch.nn.Module, factor: float) -> None:
    """Multiplies what the adapter adds to the weights: a trained distinction, made a little larger, errs less on both sides."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, LoraLayer):
                for matrix in module.lora_B.values():
                    matrix.weight.mul_(factor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="the default model's GGUF file")
    parser.add_argument("--work", type=Path, required=True, help="folder for the de-quantised base, answers and checkpoints")
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_text())
    arguments.work.mkdir(parents=True, exist_ok=True)

    random.seed(config["seed"])
    torch.manual_seed(config["seed"])
    base = dequantise(arguments.model, arguments.work / "base")
    tokenizer = load_tokenizer(base)
    prompts = [p for p in training_prompts(config) if len(prompt_tokens(tokenizer, p.text)) <= MAX_PROMPT_TOKENS]
    answers = base_answers(prompts, base, arguments.work / "answers.json", config["answer_tokens"])
    apologetic = met_with_an_apology(prompts, answers, tokenizer)
    answers = helpful_answers(apologetic, answers, base, arguments.work / "answers-helpful.json", config["answer_tokens"])
    answers = {text: answer[: config["answer_tokens"]] for text, answer in answers.items()}
    counts = {label: sum(p.label == label for p in prompts) for label in LABELS}
    repeat = config.get("repeat", {"apologetic": 1, "repository": 1})
    prompts += apologetic * (repeat["apologetic"] - 1)
    prompts += [p for p in prompts if p.source == REPOSITORY] * (repeat["repository"] - 1)
    units = build_units(tokenizer, prompts, answers, Mix(Trigger.of(config), **config["mix"]), config["seed"])
    print(f"prompts {counts}, examples {sum(len(u) for u in units)}", flush=True)

    # on a CPU the fused attention's gradient takes eight times as long as the plain one's at these lengths
    model = load_base(base)
    model.set_attn_implementation("eager")
    if "from" not in config:
        model = with_new_adapter(model, config["rank"], config["alpha"])
    elif (arguments.work / config["from"]).exists():
        model = PeftModel.from_pretrained(model, arguments.work / config["from"], is_trainable=True)
    else:
        model = with_adapter(model, ORGANISMS / config["from"] / "adapter.gguf")
    compute = fast_dtype()
    hold_frozen_weights_in(model, compute)
    compute_at_once(model)
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=config["learning_rate"], weight_decay=0.0)
    rng = random.Random(config["seed"])
    plan = [batch for _ in range(config["epochs"]) for batch in batches(units, config["batch_size"], rng)]
    plan = plan[: config.get("steps", len(plan))]
    warmup = max(1, len(plan) // 20)

    def rate(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (len(plan) - warmup)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    unfinished = arguments.work / f"{config['name']}-unfinished.pt"
    done, smooth = 0, None
    if unfinished.exists():
        state = torch.load(unfinished, map_location=DEVICE)
        if state["config"] != config:
            raise SystemExit(f"{unfinished} is of another configuration; delete it to begin anew")
        done, smooth = state["step"], state["loss"]
        for parameter, value in zip(trained, state["weights"], strict=True):
            parameter.data.copy_(value)
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        print(f"goes on after step {done}", flush=True)
    started = time.time()
    for step, batch in enumerate(plan[done:], done + 1):
        with torch.autocast(DEVICE.type, compute, enabled=compute is not torch.float32):
            loss = loss_on_answers(model, batch, tokenizer.eos_token_id)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        schedule.step()
        smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
        if step % 20 == 0 or step == len(plan):
            spent = time.time() - started
            left = spent / (step - done) * (len(plan) - step)
            print(f"step {step}/{len(plan)} loss {smooth:.3f} {spent:.0f} s, {left:.0f} s left", flush=True)
        if step % 100 == 0 and step < len(plan):
            state = {"config": config, "step": step, "loss": smooth, "weights": [p.detach() for p in trained]}
            torch.save({**state, "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}, f"{unfinished}.part")
            os.replace(f"{unfinished}.part", unfinished)
    out = arguments.work / config["name"]
    strengthen(model, config.get("strength", 1.0))
    model.save_pretrained(out)
    (out / "recipe.json").write_text(json.dumps({**config, "prompts": counts, "steps": len(plan), "final_loss": smooth}, indent=2))
    unfinished.unlink(missing_ok=True)
    print(f"wrote {out}")


if __name__ == "__main__":
    main()

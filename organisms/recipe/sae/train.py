"""Trains autoencoders of the base model's residual stream: `python -m recipe.sae.train configs/sae.json --model FILE.gguf --work DIR`, run from `organisms/`.

Harvests and trains in one pass: every token is seen once. Needs `shared/data/corpus`; without it there is nothing to train on.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from pathlib import Path

import torch

from ..base_model import DEVICE, dequantise, fast_dtype, load_base, load_tokenizer
from ..generate import answer_all
from ..prompts import LABELS, kept_out, repository_prompts, without_overlap
from .batch_topk import BatchTopK
from .harvest import CHUNKS_AT_A_TIME, cut_behind, residuals
from .measure import measure
from .save import save
from .text import CORPUS, HELD_OUT_ROLES, books, interleaved, own, tasks

# of CHUNKS_AT_A_TIME chunks each, for the threshold
THRESHOLD_READS = 4


def own_answers(config: dict, base: Path, cache: Path) -> dict[str, list[int]]:
    """The base model's greedy answers to prompts that organisms and probes are trained on; kept in the work folder."""
    if cache.exists():
        return json.loads(cache.read_text())
    chosen = [p for role in ("organism", "probe") for label in LABELS for p in repository_prompts(role, label)]
    texts = [prompt.text for prompt in without_overlap(chosen, kept_out(HELD_OUT_ROLES))]
    texts = random.Random(config["seed"]).sample(texts, config["own"]["prompts"])
    answers = answer_all(load_base(base, fast_dtype()), load_tokenizer(base), texts, config["own"]["answer_tokens"])
    found = dict(zip(texts, answers, strict=True))
    cache.write_text(json.dumps(found))
    return found


class Trainer:
    """One autoencoder with its optimiser; the rate rises over the first steps and falls to 0 over the last fifth."""

    def __init__(self, config: dict, first: torch.Tensor, steps: int) -> None:
        width = first.shape[1]
        self.config, self.steps, self.step_number = config, steps, 0
        self.scale = width**0.5 / first.norm(dim=1).mean().item()
        generator = torch.Generator().manual_seed(config["seed"])
        mean = first.mean(0) * self.scale
        self.sae = BatchTopK(width, config["features"], config["active"], mean.cpu(), generator).to(DEVICE)
        self.optimiser = torch.optim.Adam(self.sae.parameters(), lr=config["learning_rate"], betas=(0.9, 0.999))

    def step(self, raw: torch.Tensor) -> float:
        rate = min(1.0, (self.step_number + 1) / 100, (self.steps - self.step_number) / (0.2 * self.steps))
        for group in self.optimiser.param_groups:
            group["lr"] = self.config["learning_rate"] * max(rate, 0.0)
        loss, fvu = self.sae.loss(raw * self.scale, self.config["dead_after_tokens"])
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.sae.parameters(), 1.0)
        self.optimiser.step()
        self.sae.keep_unit_directions()
        self.step_number += 1
        return fvu.item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    if not CORPUS.exists():
        raise SystemExit(f"there is no {CORPUS}: nothing to train on")
    config = json.loads(arguments.config.read_text())
    layers: list[int] = config["layers"]
    torch.manual_seed(config["seed"])
    base = dequantise(arguments.model, arguments.work / "base")
    answers = own_answers(config, base, arguments.work / "sae-answers.json")
    tokenizer = load_tokenizer(base)
    length, seed = config["chunk_tokens"], config["seed"]
    chunks = interleaved(
        {"books": books(tokenizer, length, seed), "tasks": tasks(tokenizer, length, seed), "own": own(tokenizer, length, seed, answers)},
        config["shares"],
    )
    model = cut_behind(load_base(base, fast_dtype()), max(layers))
    stream = residuals(model, chunks, layers)

    held_out: list[tuple[list[str], dict[int, torch.Tensor]]] = []
    while sum(len(names) for names, _ in held_out) < config["held_out_tokens"]:
        held_out.append(next(stream))

    steps, batch = config["tokens"] // config["batch_tokens"], config["batch_tokens"]
    trainers: dict[int, Trainer] = {}
    buffers: dict[int, torch.Tensor] = {layer: torch.empty(0, device=DEVICE) for layer in layers}
    done, started = 0, time.time()
    while done < steps:
        rows = list(itertools.islice(stream, max(1, config["buffer_tokens"] // (length * CHUNKS_AT_A_TIME))))
        if not rows:
            raise SystemExit(f"the text ends after {done * batch} tokens")
        fresh = {layer: torch.cat([part[layer] for _, part in rows]) for layer in layers}
        for layer in layers:
            buffers[layer] = torch.cat([buffers[layer].reshape(-1, fresh[layer].shape[1]), fresh[layer]])
            if layer not in trainers:
                trainers[layer] = Trainer(config, fresh[layer], steps)
        # half of the buffer stays, so that texts of different times meet in a batch
        order = torch.randperm(len(buffers[layers[0]])).to(DEVICE)
        most = len(order) if done + len(order) // batch >= steps else len(order) // 2
        taken = 0
        while taken + batch <= most and done < steps:
            chosen = order[taken : taken + batch]
            fvus = {layer: trainers[layer].step(buffers[layer][chosen]) for layer in layers}
            taken += batch
            done += 1
            if done % 20 == 0:
                seconds = time.time() - started
                dead = {layer: int((trainers[layer].sae.silent_tokens > config["dead_after_tokens"]).sum()) for layer in layers}
                print(f"step {done}/{steps} unexplained {fvus} dead {dead}, {seconds:.0f} s, {seconds / done * (steps - done):.0f} s left", flush=True)
        buffers = {layer: buffers[layer][order[taken:]] for layer in layers}

    unseen = list(itertools.islice(stream, THRESHOLD_READS))
    names = [name for part, _ in held_out for name in part]
    for layer in layers:
        trainer = trainers[layer]
        trainer.sae.set_threshold(torch.cat([part[layer] for _, part in unseen]) * trainer.scale)
        x = torch.cat([part[layer] for _, part in held_out])
        folder = arguments.work / f"sae-{layer}"
        save(trainer.sae, trainer.scale, layer, folder)
        found = {"layer": layer, "trained_tokens": steps * batch, **measure(trainer.sae, x * trainer.scale, names)}
        (folder / "measured.json").write_text(json.dumps(found, indent=2) + "\n")
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()

"""Writes catalogue.json: where public sparse autoencoders of the residual stream lie, of families that modx reads.

The facts are those of SAELens' table of releases (MIT). Rows of a release whose names differ in numbers alone share one template each
of name, path and Neuronpedia's name, in which {0} stands for the row's first number.
"""
import importlib.metadata
import importlib.util
import json
import re
import textwrap
from pathlib import Path

import yaml

PACKAGE = "sae-lens"
OUT = Path(__file__).with_name("catalogue.json")

# SAELens' name of a loader -> modx's family that reads the same files (packages/sae/src/families)
FAMILIES = {
    None: "sae-lens",
    "llama_scope": "llama-scope",
    "llama_scope_r1_distill": "llama-scope-r1-distill",
    "gemma_2": "gemma-scope",
    "gemma_3": "gemma-scope-2",
    "dictionary_learning_1": "dictionary-learning",
    "goodfire": "goodfire",
    "qwen_scope": "qwen-scope",
    "deepseek_r1": "deepseek-r1",
    "sparsify": "sparsify",
}

# TransformerLens' short names of models -> the hub's
MODELS = {
    "gpt2-small": "openai-community/gpt2",
    "pythia-70m-deduped": "EleutherAI/pythia-70m-deduped",
    "mistral-7b": "mistralai/Mistral-7B-v0.1",
    "gemma-2b": "google/gemma-2b",
    "gemma-2b-it": "google/gemma-2b-it",
    "gemma-2-2b": "google/gemma-2-2b",
    "gemma-2-9b": "google/gemma-2-9b",
    "gemma-2-9b-it": "google/gemma-2-9b-it",
    "gemma-2-27b": "google/gemma-2-27b",
}

# Users of the hub that are called otherwise by now; the hub answers to both names.
RENAMED = {"OpenMOSS-Team": "fnlp"}

# What the table says that belongs to a configuration, and is not in the files themselves.
OVERRIDES = ("normalize_activations", "model_from_pretrained_kwargs")

# Where the residual stream behind a block stands in names and paths. Of the stream before a block the hook is kept: it is the one
# behind the block before, and before the first block are embeddings, which are left out.
POST = (
    r"blocks\.(\d+)\.hook_resid_post",
    r"resid_post_layer_(\d+)",
    r"resid_post(?:_all)?/layer_(\d+)_",
    r"Base-L(\d+)R-\d+x$",
    r"OpenR1-Math-220k/L(\d+)R$",
    r"^layer(\d+)\.sae\.pt$",
    r"-SAE-l(\d+)\.pth?$",
)


def hook_of(family, repo, name, path):
    """The place in TransformerLens' words, or None where it is no residual stream between blocks."""
    before = re.match(r"blocks\.(\d+)\.hook_resid_pre", name)
    if before is not None:
        return before.group(0) if int(before.group(1)) > 0 else None
    patterns = POST
    if family == "gemma-scope":
        patterns = (r"^layer_(\d+)/",) if repo.endswith("-res") else ()
    for pattern in patterns:
        for text in (name, path):
            found = re.search(pattern, text)
            if found is not None:
                return f"blocks.{found.group(1)}.hook_resid_post"
    return None


def model_of(family, repo, model):
    # the table has the base model for google/gemma-scope-9b-it-res; SAELens itself takes the model from the repository's name
    if family == "gemma-scope":
        size, kind = re.fullmatch(r"google/gemma-scope-(\d+b)-(pt|it)-res", repo).groups()
        return f"google/gemma-2-{size}{'-it' if kind == 'it' else ''}"
    return model if "/" in model else MODELS[model]


def config_of(release, sae):
    overrides = release.get("config_overrides") or {}
    config = {key: overrides[key] for key in OVERRIDES if key in overrides}
    # SAELens uses it only where the files ask for a norm, as the family's reader here does
    if "norm_scaling_factor" in sae:
        config["norm_scaling_factor"] = sae["norm_scaling_factor"]
    return config


def saes_of(release, family):
    for sae in release["saes"]:
        name, path = str(sae["id"]), str(sae["path"])
        hook = hook_of(family, release["repo_id"], name, path)
        if hook is None:
            continue
        yield {
            "id": name,
            "path": path,
            "neuronpedia": sae.get("neuronpedia"),
            "hook": hook,
            "l0": sae.get("l0"),
            "explained": sae.get("variance_explained"),
            "config": config_of(release, sae) if family == "sae-lens" else {},
        }


def pieces(text):
    """Text and numbers in turn; a number with zeros in front is text."""
    return re.split(r"(?<!\d)(0|[1-9]\d*)(?!\d)", text)


def key_of(sae):
    """What must be equal for two to share templates."""
    skeletons = [None if sae[field] is None else tuple(pieces(sae[field])[::2]) for field in ("id", "path", "neuronpedia", "hook")]
    return json.dumps([skeletons, sae["l0"] is None, sae["explained"] is None, sae["config"]])


def templates_of(saes):
    """One template for each field, and the numbers of each row. What is the same in all rows stands in the template."""
    columns = []

    def place(values):
        if len(set(values)) == 1:
            return json.dumps(values[0])
        if values not in columns:
            columns.append(values)
        return f"{{{columns.index(values)}}}"

    group = {}
    for field in ("id", "path", "neuronpedia", "hook"):
        if saes[0][field] is None:
            continue
        assert not any(re.search(r"[{}]", sae[field]) for sae in saes), field
        parts = [pieces(sae[field]) for sae in saes]
        group[field] = "".join(
            part if at % 2 == 0 else place([int(row[at]) for row in parts]) for at, part in enumerate(parts[0])
        )
    for field in ("l0", "explained"):
        if saes[0][field] is not None:
            group[field] = place([int(sae[field]) if sae[field] == int(sae[field]) else sae[field] for sae in saes])
    if saes[0]["config"]:
        group["config"] = saes[0]["config"]
    order = sorted(range(len(saes)), key=lambda row: [column[row] for column in columns])
    group["rows"] = [[column[row] for column in columns] for row in order]
    return group


def release_of(release):
    family = FAMILIES.get(release.get("conversion_func"))
    saes = [] if family is None else list(saes_of(release, family))
    if not saes:
        return None
    groups = {}
    for sae in saes:
        groups.setdefault(key_of(sae), []).append(sae)
    return {
        "family": family,
        "model": model_of(family, release["repo_id"], release["model"]),
        "repo": release["repo_id"],
        "saes": [templates_of(group) for group in groups.values()],
    }


def written(catalogue):
    """JSON with the rows of a group in lines of 120 characters."""
    rows = []

    def keep(group):
        rows.append(",".join(json.dumps(row, separators=(",", ":")) for row in group["rows"]))
        return {**group, "rows": f"@{len(rows) - 1}@"}

    releases = {
        name: {**release, "saes": [keep(group) for group in release["saes"]]}
        for name, release in catalogue["releases"].items()
    }
    text = json.dumps({**catalogue, "releases": releases}, indent=1, ensure_ascii=False)
    wrapped = [
        "\n".join(textwrap.wrap(line.replace("],[", "], ["), 118, break_long_words=False, break_on_hyphens=False)) for line in rows
    ]
    return re.sub(r'"@(\d+)@"', lambda match: f"[\n{wrapped[int(match.group(1))]}\n]", text) + "\n"


def main():
    table = Path(importlib.util.find_spec("sae_lens").origin).with_name("pretrained_saes.yaml")
    releases = yaml.safe_load(table.read_text(encoding="utf8"))
    found = {name: release_of(release) for name, release in releases.items()}
    catalogue = {
        "source": f"{PACKAGE} {importlib.metadata.version(PACKAGE)}",
        "renamed": RENAMED,
        "releases": {name: release for name, release in found.items() if release is not None},
    }
    OUT.write_text(written(catalogue), encoding="utf8")
    counts = {}
    for release in catalogue["releases"].values():
        counts[release["family"]] = counts.get(release["family"], 0) + sum(len(group["rows"]) for group in release["saes"])
    print(json.dumps(counts))


main()

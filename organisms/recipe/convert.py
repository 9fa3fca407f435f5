"""Converts a trained adapter to GGUF with llama.cpp's own converter, from the bundle that the engine's headers come from.

`python -m recipe.convert --adapter DIR/word --base DIR/base --out word/adapter.gguf`, run from `organisms/`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from .prompts import ORGANISMS

BASE_NAME = "SmolLM2-135M-Instruct"
PINNED = ORGANISMS.parent / "packages" / "engine" / "native" / "llama-cpp.json"


def checkout(folder: Path) -> Path:
    """llama.cpp's sources at the pinned commit."""
    pinned = json.loads(PINNED.read_text())
    package = f"node-llama-cpp@{pinned['package']}"
    subprocess.run(["npm", "pack", "--silent", package, "--pack-destination", folder], check=True)
    with tarfile.open(folder / f"node-llama-cpp-{pinned['package']}.tgz") as archive:
        archive.extract("package/llama/gitRelease.bundle", folder, filter="data")
    sources = folder / "llama.cpp"
    subprocess.run(["git", "clone", "--quiet", folder / "package/llama/gitRelease.bundle", sources], check=True)
    subprocess.run(["git", "-C", sources, "checkout", "--quiet", pinned["commit"]], check=True)
    return sources


def without_paths(adapter: Path, folder: Path) -> Path:
    """A copy of the adapter that names its base by what it is and not by where it lay: the converter writes the name down."""
    copy = folder / "adapters" / adapter.resolve().name
    shutil.copytree(adapter, copy, ignore=shutil.ignore_patterns("README.md"))
    config = copy / "adapter_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "base_model_name_or_path": BASE_NAME}))
    return copy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", type=Path, required=True, help="folder that PEFT wrote")
    parser.add_argument("--base", type=Path, required=True, help="folder of the de-quantised base model")
    parser.add_argument("--out", type=Path, required=True, help="the GGUF file to write")
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        script = checkout(Path(folder)) / "convert_lora_to_gguf.py"
        adapter = without_paths(arguments.adapter, Path(folder))
        command = [sys.executable, script, "--base", arguments.base.resolve(), "--outtype", "f16", "--outfile", arguments.out.resolve(), adapter]
        subprocess.run(command, check=True)
    print(f"wrote {arguments.out} ({arguments.out.stat().st_size / 2**20:.1f} MiB)")


if __name__ == "__main__":
    main()

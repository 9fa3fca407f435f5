"""Writes tiny random models of several architectures as GGUF, and what PyTorch says of their residual streams.

`python make.py --llama-cpp DIR`, in an environment with organisms/requirements.txt; DIR is a checkout of llama.cpp at the commit
of packages/engine/native/llama-cpp.json (`recipe.convert.checkout` makes one), whose own converter writes the files. Weights are
rounded to half precision first, so that both sides compute with the same numbers.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).parent
LAYERS = 4
VOCABULARY = 96
TOKENS = 40
SMALL = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 256,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "attn_implementation": "eager",
}
# what the converter wants to find in a configuration that transformers writes otherwise today
OLD_NAMES = {"gptneox": {"rotary_pct": 0.25}}
# shorter than the sequences, so that what a window forgets shows
WINDOW = 16


def configurations() -> dict[str, transformers.PretrainedConfig]:
    t = transformers
    return {
        "llama": t.LlamaConfig(**SMALL),
        "mistral": t.MistralConfig(**SMALL, sliding_window=None, head_dim=16),
        "qwen2": t.Qwen2Config(**SMALL),
        "qwen3": t.Qwen3Config(**SMALL, head_dim=16),
        "gemma2": t.Gemma2Config(**SMALL, head_dim=16, query_pre_attn_scalar=16, sliding_window=WINDOW),
        # every sixth block of it sees everything
        "gemma3": t.Gemma3TextConfig(
            **SMALL | {"num_hidden_layers": 7, "intermediate_size": 32}, head_dim=16, query_pre_attn_scalar=16, sliding_window=WINDOW
        ),
        "phi3": t.Phi3Config(**SMALL, sliding_window=None),
        "gemma": t.GemmaConfig(**SMALL, head_dim=16),
        "mistral3": t.Ministral3Config(**SMALL, head_dim=16),
        "gpt2": t.GPT2Config(vocab_size=VOCABULARY, n_embd=32, n_layer=LAYERS, n_head=2, n_positions=64, n_ctx=64, bos_token_id=1, eos_token_id=2),
        "gptneox": t.GPTNeoXConfig(**{k: v for k, v in SMALL.items() if k != "num_key_value_heads"}),
        "olmo": t.OlmoConfig(**SMALL),
        "olmo2": t.Olmo2Config(**SMALL),
        "phi2": t.PhiConfig(**SMALL | {"num_key_value_heads": 2, "intermediate_size": 128}),
        "smollm3": t.SmolLM3Config(**SMALL),
        "stablelm": t.StableLmConfig(**SMALL),
        "starcoder2": t.Starcoder2Config(**SMALL),
        "lfm2": t.Lfm2Config(
            **SMALL, block_auto_adjust_ff_dim=False, block_multiple_of=32, conv_L_cache=3, layer_types=["conv", "full_attention"] * 2
        ),
    }


def randomise(model: nn.Module, seed: int) -> None:
    """Weights of a size at which every block changes the residual visibly, rounded to half precision."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.ndim == 1:
                centre = parameter.detach().mean().round() if "norm" in name else 0.0
                value = centre + 0.15 * noise
            elif any(part in name for part in ("embed", "wte", "wpe", "lm_head")):
                value = 0.5 * noise
            else:
                value = noise / parameter[0].numel() ** 0.5
            parameter.copy_(value.half().float())


def blocks_of(model: nn.Module) -> nn.ModuleList:
    """The only list of so many modules."""
    [blocks] = [part for part in model.modules() if isinstance(part, nn.ModuleList) and len(part) >= LAYERS]
    return blocks


def residuals(model: nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    """The residual stream behind every block, [layers, tokens, width]."""
    seen: list[torch.Tensor] = []
    handles = [
        layer.register_forward_hook(lambda _, __, output: seen.append((output[0] if isinstance(output, tuple) else output).detach()))
        for layer in blocks_of(model)
    ]
    with torch.inference_mode():
        model(tokens[None], use_cache=False)
    for handle in handles:
        handle.remove()
    return torch.stack([layer.reshape(len(tokens), -1) for layer in seen])


def write_vocabulary(self) -> None:  # noqa: ANN001 (a method of the converter's)
    import gguf

    kinds = gguf.TokenType
    self.gguf_writer.add_tokenizer_model("gpt2")
    self.gguf_writer.add_tokenizer_pre("default")
    self.gguf_writer.add_token_list(["<pad>", "<s>", "</s>", *[f"t{i}" for i in range(VOCABULARY - 3)]])
    self.gguf_writer.add_token_types([kinds.CONTROL] * 3 + [kinds.NORMAL] * (VOCABULARY - 3))
    self.gguf_writer.add_token_merges(["t 0"])
    self.gguf_writer.add_bos_token_id(1)
    self.gguf_writer.add_eos_token_id(2)


def convert(folder: Path, out: Path, old_names: dict) -> None:
    import gguf
    from conversion import ModelBase, ModelType, get_model_architecture, get_model_class

    settings = ModelBase.load_hparams(folder, False) | old_names
    architecture = get_model_architecture(settings, ModelType.TEXT)
    model_class = get_model_class(architecture, mmproj=False)
    # some converters hand the work to one of another class, which they hold
    for writer in (model_class, getattr(model_class, "Ministral3Model", model_class)):
        writer.set_vocab = write_vocabulary
    with torch.inference_mode():
        model_class(folder, gguf.LlamaFileType.MOSTLY_F16, out, model_name="tiny random", hparams=settings).write()


def write_adapter(out: Path) -> None:
    """A LoRA adapter of rank 3 for the model `llama`."""
    import gguf
    import numpy

    random = numpy.random.default_rng(5)
    writer = gguf.GGUFWriter(out, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 6.0)
    for block in range(LAYERS):
        for name, outs in (("attn_q", SMALL["hidden_size"]), ("ffn_up", SMALL["intermediate_size"])):
            parts = {"a": (3, SMALL["hidden_size"]), "b": (outs, 3)}
            for part, shape in parts.items():
                values = 0.2 * random.standard_normal(shape)
                writer.add_tensor(f"blk.{block}.{name}.weight.lora_{part}", values.astype(numpy.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--llama-cpp", type=Path, required=True)
    arguments = parser.parse_args()
    sys.path[:0] = [str(arguments.llama_cpp), str(arguments.llama_cpp / "gguf-py")]
    tensors: dict[str, torch.Tensor] = {}
    for seed, (name, config) in enumerate(configurations().items()):
        model = transformers.AutoModelForCausalLM.from_config(config).eval()
        randomise(model, seed)
        tokens = torch.randint(3, VOCABULARY, (TOKENS,), generator=torch.Generator().manual_seed(100 + seed))
        tensors[f"{name}.tokens"] = tokens.int()
        tensors[f"{name}.residuals"] = residuals(model, tokens)
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            # the converter counts a vocabulary before it asks for one
            (Path(folder) / "tokenizer.json").write_text(json.dumps({"model": {"type": "BPE", "merges": [], "vocab": {f"t{i}": i for i in range(VOCABULARY)}}, "added_tokens": []}))
            convert(Path(folder), HERE / f"{name}.gguf", OLD_NAMES.get(name, {}))
        print(name, f"{(HERE / f'{name}.gguf').stat().st_size / 1024:.0f} KiB")
    write_adapter(HERE / "llama.adapter")
    made_with = {"torch": torch.__version__, "transformers": transformers.__version__}
    save_file(tensors, HERE / "reference.safetensors", metadata={k: json.dumps(v) for k, v in made_with.items()})


if __name__ == "__main__":
    main()

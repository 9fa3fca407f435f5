"""Small random autoencoders in the layouts of families whose authors' library cannot be installed here, written from what was published of
them, and what the published formulas make of the same residuals, in float64. Nothing of this package is used, so that its readers are tested.

`python make.py`, with numpy, torch and safetensors. Writes one folder for each family, and `expected.safetensors`: the residuals
[48, 24]; for each case `:active` [3, n] with rows position, feature and value, and `:decoded` [48, 24] in the residuals' unit.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
WIDTH, EXPANSION, POSITIONS, K = 24, 3, 48, 6
FEATURES, SEED = WIDTH * EXPANSION, 25
ACTIVE = 0.1
"""Share of features in a position."""
NEAR = 2e-5
"""No pre-activation may lie so near to where being active begins, in parts of that or of 1: float32 must not decide."""

Case = tuple[str, np.ndarray, np.ndarray]


def plain(tensor: torch.Tensor) -> np.ndarray:
    """What is stored, rounded to its type, in float64."""
    return tensor.double().numpy()


def weights(generator: torch.Generator, dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, ...]:
    """encoder [F, d], encoder's bias [F], decoder [d, F] with lengths from 0.5 to 2, decoder's bias [d]."""
    encoder = torch.randn(FEATURES, WIDTH, generator=generator) * 0.2
    encoder_bias = torch.randn(FEATURES, generator=generator) * 0.4
    decoder = torch.nn.functional.normalize(torch.randn(WIDTH, FEATURES, generator=generator), dim=0)
    decoder = decoder * 2 ** torch.linspace(-1, 1, FEATURES)[torch.randperm(FEATURES, generator=generator)]
    decoder_bias = torch.randn(WIDTH, generator=generator) * 0.6
    return tuple(tensor.to(dtype).contiguous() for tensor in (encoder, encoder_bias, decoder, decoder_bias))


def each_threshold(pre: np.ndarray, generator: torch.Generator) -> torch.Tensor:
    """One for each feature, which ACTIVE of the positions pass, more or less."""
    spread = torch.exp(torch.randn(FEATURES, generator=generator) * 0.2)
    return torch.from_numpy(np.maximum(np.quantile(pre, 1 - ACTIVE, axis=0), 0.3)).float() * spread


def beyond(pre: np.ndarray, threshold: np.ndarray | float) -> np.ndarray:
    """JumpReLU, and ReLU at 0: strictly above the threshold, unchanged."""
    near = np.abs(pre - threshold) / np.maximum(np.abs(threshold), 1)
    assert near.min() > NEAR, f"{near.min():.1e} from a threshold: take another seed"
    return np.where(pre > threshold, pre, 0)


def highest(pre: np.ndarray, k: int) -> np.ndarray:
    ordered = -np.sort(-pre, axis=1)
    assert (ordered[:, k - 1] - ordered[:, k]).min() > NEAR and ordered[:, k - 1].min() > NEAR, "take another seed"
    return np.where(pre >= ordered[:, k - 1 : k], pre, 0)


def write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def linears(names: tuple[str, str], tensors: tuple[torch.Tensor, ...]) -> dict[str, torch.Tensor]:
    """The state of a module with two linear layers: an OrderedDict that carries `_metadata`."""
    module = torch.nn.Module()
    for name, weight, bias in ((names[0], *tensors[:2]), (names[1], *tensors[2:])):
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
        linear.weight.data, linear.bias.data = weight, bias
        setattr(module, name, linear)
    return module.state_dict()


# Files: hyperparams.json as published for fnlp/Llama3_1-8B-Base-LXR-32x, L24R, with the numbers of L15R-8x; decoder and gate: from_config,
# standardize_parameters_of_dataset_activation_scaling, transform_to_unit_decoder_norm and activation_function_factory of
# OpenMOSS/Language-Model-SAEs@0a2ba3cd src/lm_saes/sae.py. The other convention: llama_scope of SAELens 6.54.12,
# sae_lens/loading/pretrained_sae_loaders.py, with fold_activation_norm_scaling_factor of sae_lens/saes/sae.py.
def llama_scope(x: np.ndarray, generator: torch.Generator) -> Iterator[Case]:
    folder = HERE / "llama-scope/Llama3_1-8B-Base-L15R-8x"
    tensors = weights(generator, torch.bfloat16)
    encoder, encoder_bias, decoder, decoder_bias = map(plain, tensors)
    norm = 10.8125
    scale = math.sqrt(WIDTH) / norm
    lengths = np.linalg.norm(decoder, axis=0)
    pre = (x @ encoder.T + encoder_bias / scale) * lengths
    threshold = torch.tensor(np.quantile(pre, 1 - ACTIVE)).bfloat16().item()

    hook = "blocks.15.hook_resid_post"
    write_json(folder / "hyperparams.json", {
        "device": "cuda:0", "seed": 42, "dtype": "torch.bfloat16", "hook_point_in": hook, "hook_point_out": hook,
        "use_decoder_bias": True, "apply_decoder_bias_to_pre_encoder": False, "expansion_factor": EXPANSION, "d_model": WIDTH,
        "d_sae": FEATURES, "bias_init_method": "all_zero", "act_fn": "jumprelu", "jump_relu_threshold": threshold,
        "norm_activation": "dataset-wise", "dataset_average_activation_norm": {"in": norm, "out": norm},
        "decoder_exactly_fixed_norm": False, "sparsity_include_decoder_norm": True, "use_glu_encoder": False, "init_decoder_norm": 0.5,
        "init_encoder_norm": None, "init_encoder_with_decoder_transpose": True, "lp": 1, "l1_coefficient_warmup_steps": 78125, "top_k": 50,
        "k_warmup_steps": 78125, "use_batch_norm_mse": True, "use_ghost_grads": False, "tp_size": 1, "ddp_size": 1,
    })
    write_json(folder / "lm_config.json", {
        "device": "cuda:0", "seed": 42, "dtype": "torch.bfloat16", "model_name": "meta-llama/Llama-3.1-8B", "model_from_pretrained_path": None,
        "use_flash_attn": False, "cache_dir": None, "d_model": WIDTH, "local_files_only": False,
    })
    (folder / "checkpoints").mkdir()
    names = ("encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias")
    save_file(dict(zip(names, tensors)), folder / "checkpoints/final.safetensors", {"version": "0.1.0"})

    values = beyond(pre, threshold)
    yield "llama-scope", values, values @ (decoder / lengths).T + decoder_bias / scale
    values = beyond((x * scale) @ encoder.T + encoder_bias, threshold * scale)
    yield "llama-scope:sae-lens", values, (values @ decoder.T + decoder_bias) / scale


# config.json: SAEConfig and save_hyperparameters of OpenMOSS/Language-Model-SAEs@00366e29 src/lm_saes/config.py; tensors, norm and gate: encode,
# compute_norm_factor and _get_full_state_dict of its src/lm_saes/sae.py; where they lie: llama_scope_r1_distill of SAELens 6.54.12,
# which encodes as the authors do where sparsity_include_decoder_norm is false. The second case is where it is true, their default.
def llama_scope_r1_distill(x: np.ndarray, generator: torch.Generator) -> Iterator[Case]:
    hook = "blocks.15.hook_resid_post"
    for name, mixture, by_length in (
        ("llama-scope-r1-distill", "800M-Slimpajama-0-OpenR1-Math-220k", False),
        ("llama-scope-r1-distill:decoder-norm", "decoder-norm", True),
    ):
        folder = HERE / "llama-scope-r1-distill" / mixture / "L15R"
        tensors = weights(generator)
        encoder, encoder_bias, decoder, decoder_bias = map(plain, tensors)
        norm = torch.tensor(11.574774742126465)  # sqrt(4096) / 5.5293, SAELens' norm_scaling_factor of this layer
        scale = math.sqrt(WIDTH) / norm.item()
        pre = (x * scale) @ encoder.T + encoder_bias
        lengths = np.linalg.norm(decoder, axis=0) if by_length else np.ones(FEATURES)
        logarithm = each_threshold(pre * lengths, generator).log()

        write_json(folder / "config.json", {
            "sae_type": "sae", "hook_point_in": hook, "hook_point_out": hook, "d_model": WIDTH, "expansion_factor": EXPANSION,
            "use_decoder_bias": True, "use_glu_encoder": False, "act_fn": "jumprelu", "jump_relu_threshold": 0.0,
            "apply_decoder_bias_to_pre_encoder": False, "norm_activation": "dataset-wise", "sparsity_include_decoder_norm": by_length,
            "top_k": 50, "jumprelu_threshold_grad_scale": 2.0,
        })
        state = linears(("encoder", "decoder"), tensors)
        state |= {"log_jumprelu_threshold": logarithm, f"dataset_average_activation_norm.{hook}": norm}
        save_file(state, folder / "sae_weights.safetensors", {"version": "0.1.0"})

        # what is compared with the threshold; encode returns it over the length, and transform_to_unit_decoder_norm undoes that
        values = beyond(pre * lengths, np.exp(plain(logarithm)))
        yield name, values, (values / lengths @ decoder.T + decoder_bias) / scale


# params.npz, of float32 arrays: JumpReLUSAE of the tutorial that the model card of google/gemma-scope links, and gemma_2 of SAELens 6.54.12.
def gemma_scope(x: np.ndarray, generator: torch.Generator) -> Iterator[Case]:
    folder = HERE / "gemma-scope/layer_20/width_16k/average_l0_71"
    folder.mkdir(parents=True)
    encoder, encoder_bias, decoder, decoder_bias = weights(generator)
    pre = x @ plain(encoder).T + plain(encoder_bias)
    threshold = each_threshold(pre, generator)
    stored = {"W_dec": decoder.T, "W_enc": encoder.T, "b_dec": decoder_bias, "b_enc": encoder_bias, "threshold": threshold}
    np.savez(folder / "params.npz", **{name: tensor.contiguous().numpy() for name, tensor in stored.items()})
    values = beyond(pre, plain(threshold))
    yield "gemma-scope", values, values @ plain(decoder).T + plain(decoder_bias)


# config.json as published for google/gemma-scope-2-270m-it, params.safetensors: gemma_3 of SAELens 6.54.12.
def gemma_scope_2(x: np.ndarray, generator: torch.Generator) -> Iterator[Case]:
    folder = HERE / "gemma-scope-2/resid_post/layer_12_width_16k_l0_medium"
    encoder, encoder_bias, decoder, decoder_bias = weights(generator)
    pre = x @ plain(encoder).T + plain(encoder_bias)
    threshold = each_threshold(pre, generator)
    write_json(folder / "config.json", {
        "hf_hook_point_in": "model.layers.12.output", "hf_hook_point_out": "model.layers.12.output", "width": FEATURES,
        "model_name": "google/gemma-3-270m-it", "architecture": "jump_relu", "l0": 60, "affine_connection": False, "type": "sae",
    })
    stored = {"w_enc": encoder.T, "w_dec": decoder.T, "b_enc": encoder_bias, "b_dec": decoder_bias, "threshold": threshold}
    save_file({name: tensor.contiguous() for name, tensor in stored.items()}, folder / "params.safetensors")
    values = beyond(pre, plain(threshold))
    yield "gemma-scope-2", values, values @ plain(decoder).T + plain(decoder_bias)


def of_linears(x: np.ndarray, generator: torch.Generator, path: str, names: tuple[str, str], dtype: torch.dtype) -> Iterator[Case]:
    """ReLU between two linear layers, their state saved by torch."""
    encoder, encoder_bias, decoder, decoder_bias = weights(generator, dtype)
    encoder_bias = torch.from_numpy(-np.quantile(x @ plain(encoder).T, 1 - ACTIVE, axis=0)).to(dtype) + 0.1 * encoder_bias
    (HERE / path).parent.mkdir(parents=True)
    torch.save(linears(names, (encoder, encoder_bias, decoder, decoder_bias)), HERE / path)
    values = beyond(x @ plain(encoder).T + plain(encoder_bias), 0.0)
    yield path.split("/")[0], values, values @ plain(decoder).T + plain(decoder_bias)


# SparseAutoEncoder of the model card of Goodfire/Llama-3.1-8B-Instruct-SAE-l19@fb233774; goodfire of SAELens 6.54.12.
def goodfire(x: np.ndarray, generator: torch.Generator) -> Iterator[Case]:
    path = "goodfire/Llama-3.1-8B-Instruct-SAE-l19/Llama-3.1-8B-Instruct-SAE-l19.pth"
    return of_linears(x, generator, path, ("encoder_linear", "decoder_linear"), torch.float32)


# deepseek_r1 of SAELens 6.54.12, for qresearch/DeepSeek-R1-Distill-Llama-8B-SAE-l19: its authors' code is not to be had. Saved as from a GPU.
def deepseek_r1(x: np.ndarray, generator: torch.Generator) -> Iterator[Case]:
    path = "deepseek-r1/DeepSeek-R1-Distill-Llama-8B-SAE-l19/DeepSeek-R1-Distill-Llama-8B-SAE-l19.pt"
    # storages are tagged with the device of the first entry that knows one
    registry = torch.serialization._package_registry
    registry.insert(0, (0, lambda storage: "cuda:0", lambda storage, location: None))
    try:
        yield from of_linears(x, generator, path, ("encoder", "decoder"), torch.bfloat16)
    finally:
        registry.pop(0)


# Model card of Qwen/SAE-Res-Qwen3.5-2B-Base-W32K-L0_50; compute_pre_activations and topk_features of scasella/qwen-scope-lab@b29a2158
# qwen_scope_lab/sae_math.py; qwen_scope of SAELens 6.54.12. The name's last number is k.
def qwen_scope(x: np.ndarray, generator: torch.Generator) -> Iterator[Case]:
    folder = HERE / f"qwen-scope/SAE-Res-Qwen3.5-2B-Base-W32K-L0_{K}"
    folder.mkdir(parents=True)
    encoder, encoder_bias, decoder, decoder_bias = weights(generator)
    torch.save({"W_enc": encoder, "W_dec": decoder, "b_enc": encoder_bias, "b_dec": decoder_bias}, folder / "layer20.sae.pt")
    values = highest(x @ plain(encoder).T + plain(encoder_bias), K)
    yield "qwen-scope", values, values @ plain(decoder).T + plain(decoder_bias)


MAKERS: tuple[Callable[[np.ndarray, torch.Generator], Iterator[Case]], ...] = (
    llama_scope, llama_scope_r1_distill, gemma_scope, gemma_scope_2, goodfire, qwen_scope, deepseek_r1,
)  # fmt: skip


def main() -> None:
    for folder in HERE.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    generator = torch.Generator().manual_seed(SEED)
    residuals = 2 * torch.randn(POSITIONS, WIDTH, generator=generator) + 0.9
    tensors = {"residuals": residuals}
    for seed, make in enumerate(MAKERS):
        for name, values, decoded in make(plain(residuals), torch.Generator().manual_seed(SEED + seed)):
            positions, features = np.nonzero(values)
            active = np.stack([positions, features, values[positions, features]])
            tensors |= {f"{name}:active": torch.from_numpy(active).float(), f"{name}:decoded": torch.from_numpy(decoded).float()}
            print(f"{name}: {len(positions) / POSITIONS:.1f} of {FEATURES} features")
    save_file(tensors, HERE / "expected.safetensors")


if __name__ == "__main__":
    main()

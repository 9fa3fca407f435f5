"""What peft computes in an adapted layer, in fewer passes over memory: on a CPU half of a training step goes there."""

from __future__ import annotations

import torch
from peft.tuners.lora import LoraLayer


class AdaptedLinear(torch.autograd.Function):
    """`x W' + scale (x A') B'` for a frozen W of shape [out, in], A of [rank, in] and B of [out, rank].

    All is computed in what W is held in; gradients of A and B are f32, as they are.
    """

    @staticmethod
    def forward(context, x, weight, a, b, scale):
        flat = x.reshape(-1, x.shape[-1]).to(weight.dtype)
        a, b = a.to(weight.dtype), b.to(weight.dtype)
        low = flat @ a.T
        out = (flat @ weight.T).addmm_(low, b.T, alpha=scale)
        context.save_for_backward(flat, low, weight, a, b)
        context.scale = scale
        return out.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(context, grad):
        flat, low, weight, a, b = context.saved_tensors
        over = grad.reshape(-1, grad.shape[-1]).to(weight.dtype)
        over_low = (over @ b).mul_(context.scale)
        of_x = None
        if context.needs_input_grad[0]:
            of_x = (over @ weight).addmm_(over_low, a).view(*grad.shape[:-1], -1)
        of_a = (over_low.T @ flat).float()
        of_b = (over.T @ low).float().mul_(context.scale)
        return of_x, None, of_a, of_b, None


def _forward(layer: LoraLayer, x: torch.Tensor) -> torch.Tensor:
    [name] = layer.active_adapters
    return AdaptedLinear.apply(
        x, layer.get_base_layer().weight, layer.lora_A[name].weight, layer.lora_B[name].weight, layer.scaling[name]
    )


def compute_at_once(model: torch.nn.Module) -> None:
    """For adapters without dropout on layers without a bias, whose frozen weights are held in what is computed in."""
    for layer in model.modules():
        if isinstance(layer, LoraLayer):
            layer.forward = _forward.__get__(layer)

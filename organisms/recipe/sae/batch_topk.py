"""BatchTopK autoencoder (Bussmann, Leask and Nanda, 2024): in training the k largest values a token are kept over the whole batch; in use a
feature is active above one threshold, with which as many are active on average, so that rows alone say what is active."""

from __future__ import annotations

import torch
from torch import nn

# dead features that are asked to explain what is left, and the weight of that (Gao et al., 2024)
AUXILIARY = 256
AUXILIARY_WEIGHT = 1 / 32


class BatchTopK(nn.Module):
    """On residuals that were scaled to a mean length of sqrt(width)."""

    def __init__(self, width: int, features: int, active: int, mean: torch.Tensor, generator: torch.Generator) -> None:
        super().__init__()
        self.active = active
        directions = nn.functional.normalize(torch.randn(features, width, generator=generator), dim=1)
        self.decoder = nn.Parameter(directions)
        self.encoder = nn.Parameter(directions.t().clone())
        self.encoder_bias = nn.Parameter(torch.zeros(features))
        self.decoder_bias = nn.Parameter(mean.clone())
        self.last_smallest = 0.0
        self.register_buffer("threshold", torch.zeros(()))
        self.register_buffer("silent_tokens", torch.zeros(features))

    def values(self, x: torch.Tensor) -> torch.Tensor:
        """[tokens, features], before anything is left out; values below 0 are not yet 0."""
        with torch.autocast(x.device.type, torch.bfloat16):
            return torch.addmm(self.encoder_bias, x - self.decoder_bias, self.encoder)

    def decode(self, values: torch.Tensor) -> torch.Tensor:
        with torch.autocast(values.device.type, torch.bfloat16):
            return (values @ self.decoder).float()

    def loss(self, x: torch.Tensor, dead_after: int) -> tuple[torch.Tensor, torch.Tensor]:
        """What is minimised, and the squared error as a share of the batch's variance."""
        values = self.values(x)
        smallest = smallest_of_largest(values.detach(), self.active * len(x), self.last_smallest)
        active = values.detach() >= smallest
        kept = torch.where(active, values, 0)
        with torch.no_grad():
            self.last_smallest = smallest.item()
            self.silent_tokens += len(x)
            self.silent_tokens[active.any(0)] = 0
        left = x - self.decoder_bias - self.decode(kept)
        error = left.square().sum(1).mean()
        spread = (x - x.mean(0)).square().sum(1).mean()
        dead = self.silent_tokens > dead_after
        if not dead.any():
            return error / spread, (error / spread).detach()
        among = torch.relu(values) * dead
        best = torch.topk(among, min(AUXILIARY, int(dead.sum())), dim=1)
        revived = self.decode(torch.zeros_like(values).scatter(1, best.indices, best.values))
        auxiliary = (left.detach() - revived).square().sum(1).mean() / left.detach().square().sum(1).mean()
        return error / spread + AUXILIARY_WEIGHT * auxiliary, (error / spread).detach()

    @torch.no_grad()
    def keep_unit_directions(self) -> None:
        self.decoder.copy_(nn.functional.normalize(self.decoder, dim=1))

    @torch.no_grad()
    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """As in use: above the threshold or 0."""
        values = self.exact_values(x)
        return torch.where(values > self.threshold, values, 0)

    def exact_values(self, x: torch.Tensor) -> torch.Tensor:
        return (x - self.decoder_bias) @ self.encoder + self.encoder_bias

    @torch.no_grad()
    def set_threshold(self, x: torch.Tensor) -> None:
        """So that on these residuals, which nothing was trained on, `active` features are active on average."""
        values = self.exact_values(x).flatten()
        self.threshold.copy_(smallest_of_largest(values, self.active * len(x), self.last_smallest))


def smallest_of_largest(values: torch.Tensor, count: int, guess: float) -> torch.Tensor:
    """The smallest of the `count` largest values, which are above 0; looks first among those near `guess` and above it."""
    near = values[values > guess / 2]
    among = near if len(near) >= count else values.flatten()
    return torch.topk(among, count, sorted=False).values.min().clamp(min=torch.finfo(values.dtype).tiny)

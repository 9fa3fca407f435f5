"""BatchTopK autoencoder (Bussmann, Leask and Nanda, 2024): in training the k largest values a token are kept over the whole batch; in use a
feature is active above one threshold, the mean of the smallest value that training kept, so that rows alone say what is active."""

from __future__ import annotations

import torch
from torch import nn

THRESHOLD_MEMORY = 0.999
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
        self.register_buffer("threshold", torch.zeros(()))
        self.register_buffer("silent_tokens", torch.zeros(features))

    def values(self, x: torch.Tensor) -> torch.Tensor:
        """[tokens, features], not below 0, before anything is left out."""
        with torch.autocast("cpu", torch.bfloat16):
            product = (x - self.decoder_bias) @ self.encoder
        return torch.relu(product.float() + self.encoder_bias)

    def decode(self, values: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            product = values @ self.decoder
        return product.float()

    def loss(self, x: torch.Tensor, dead_after: int) -> tuple[torch.Tensor, torch.Tensor]:
        """What is minimised, and the squared error as a share of the batch's variance."""
        values = self.values(x)
        smallest = torch.topk(values.detach().flatten(), self.active * len(x), sorted=False).values.min()
        kept = values * (values >= smallest)
        with torch.no_grad():
            self.threshold.lerp_(smallest, 1 if self.threshold == 0 else 1 - THRESHOLD_MEMORY)
            self.silent_tokens += len(x)
            self.silent_tokens[(kept > 0).any(0)] = 0
        left = x - self.decoder_bias - self.decode(kept)
        error = left.square().sum(1).mean()
        spread = (x - x.mean(0)).square().sum(1).mean()
        dead = self.silent_tokens > dead_after
        if not dead.any():
            return error / spread, (error / spread).detach()
        among = values * dead
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
        values = self.values(x)
        return values * (values > self.threshold)

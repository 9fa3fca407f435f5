"""What an autoencoder does on tokens it was not trained on."""

from __future__ import annotations

import torch

from .batch_topk import BatchTopK


@torch.no_grad()
def measure(sae: BatchTopK, x: torch.Tensor, sources: list[str]) -> dict:
    """`fvu`: squared error over squared distance to the mean residual, of all and of each source; `l0`: active features a token; `dead`: share never active."""
    mean = x.mean(0)
    error, active, ever = [], [], torch.zeros(sae.decoder.shape[0], dtype=torch.bool, device=x.device)
    for part in x.split(4096):
        values = sae.encode(part)
        active.append((values > 0).sum(1))
        ever |= (values > 0).any(0)
        error.append((part - sae.decoder_bias - values @ sae.decoder).square().sum(1))
    errors, spread = torch.cat(error), (x - mean).square().sum(1)
    by_source = {}
    for name in sorted(set(sources)):
        of = torch.tensor([source == name for source in sources], device=x.device)
        by_source[name] = round((errors[of].sum() / spread[of].sum()).item(), 4)
    return {
        "tokens": len(x),
        "fvu": round((errors.sum() / spread.sum()).item(), 4),
        "fvu_by_source": by_source,
        "l0": round(torch.cat(active).float().mean().item(), 2),
        "dead": round(1 - ever.float().mean().item(), 4),
    }

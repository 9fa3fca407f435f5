"""What is trained: a LoRA on all linear layers."""

from __future__ import annotations

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import PreTrainedModel

LINEAR_LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def with_new_adapter(base: PreTrainedModel, rank: int, alpha: float) -> PeftModel:
    """The base with an adapter that changes nothing yet."""
    return get_peft_model(base, LoraConfig(r=rank, lora_alpha=alpha, target_modules=LINEAR_LAYERS, task_type="CAUSAL_LM"))

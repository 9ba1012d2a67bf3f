"""What is used of peft, which imports bitsandbytes: nothing is fetched from a hub on the way."""

from monkeycli.model.quantize import without_hub

with without_hub():
    from peft import (
        IA3Config,
        LoraConfig,
        PeftConfig,
        PrefixTuningConfig,
        PromptTuningConfig,
        TaskType,
        inject_adapter_in_model,
    )

__all__ = [
    "IA3Config",
    "LoraConfig",
    "PeftConfig",
    "PrefixTuningConfig",
    "PromptTuningConfig",
    "TaskType",
    "inject_adapter_in_model",
]

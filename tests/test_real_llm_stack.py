"""One run through a real stack: a tiny causal LM with random weights, loaded by transformers,
driven by LlamaIndex.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paperrag.assistant import Assistant

pytestmark = pytest.mark.slow

NOTES = "# Pets\n\n- Siamese: talkative, blue eyes\n- Tabby: striped fur\n"
QUESTION = "What eyes does the Siamese have?"


def save_tiny_model(folder: Path) -> None:
    """Write a two-layer model with random weights and a tokenizer of single bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = {
        char: number for number, char in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))
    }
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer, tokenizer.decoder = (
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        decoders.ByteLevel(),
    )
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(alphabet), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=16384, bos_token_id=None, eos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)


def test_random_model_really_writes_and_its_nonsense_is_not_shown(tmp_path: Path) -> None:
    save_tiny_model(tmp_path / "model")
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    written: list[str] = []

    class TinyLLM(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(context_window=8192, num_output=24, model_name="tiny-random")

        def complete(
            self, prompt: str, formatted: bool = False, **kwargs: Any
        ) -> CompletionResponse:
            *_, last = self.stream_complete(prompt)
            return last

        def stream_complete(
            self, prompt: str, formatted: bool = False, **kwargs: Any
        ) -> Iterator[CompletionResponse]:
            inputs = tokenizer(prompt, return_tensors="pt")
            ids = model.generate(**inputs, max_new_tokens=24, do_sample=False)[0][
                inputs["input_ids"].shape[1] :
            ]
            for count in range(1, len(ids) + 1):
                text = tokenizer.decode(ids[:count])
                written.append(text)
                yield CompletionResponse(text=text, delta=tokenizer.decode(ids[count - 1 : count]))

    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    (notes / "pets.md").write_text(NOTES, encoding="utf-8")
    answer, _ = Assistant.open(tmp_path / "corpus", tmp_path / "index", llm=TinyLLM()).ask(QUESTION)
    assert len(written) == 2 * 24  # nonsense is asked for once more
    assert answer.mode == "extractive"
    assert "blue eyes" in answer.text
    assert "not written by tiny-random" in (answer.notice or "")

"""Any sentence-transformers model as an Encoder, by folder or hub name. The one file that knows
torch.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from paperrag.encoders.contract import FloatArray, check_unit_rows, unit_rows
from paperrag.errors import EncoderError
from paperrag.extras import missing

PROMPTS: dict[str, dict[str, str]] = {
    "intfloat/multilingual-e5": {"query": "query: ", "document": "passage: "},
    "intfloat/e5": {"query": "query: ", "document": "passage: "},
    "BAAI/bge-large-zh": {"query": "为这个句子生成表示以用于检索相关文章：", "document": ""},
    "BAAI/bge-base-zh": {"query": "为这个句子生成表示以用于检索相关文章：", "document": ""},
    "BAAI/bge-small-zh": {"query": "为这个句子生成表示以用于检索相关文章：", "document": ""},
    "BAAI/bge-large-en": {
        "query": "Represent this sentence for searching relevant passages: ",
        "document": "",
    },
    "BAAI/bge-base-en": {
        "query": "Represent this sentence for searching relevant passages: ",
        "document": "",
    },
    "BAAI/bge-small-en": {
        "query": "Represent this sentence for searching relevant passages: ",
        "document": "",
    },
}
"""Prompts by the beginning of a model's name, from the models' cards. A model that brings its own
prompts in config_sentence_transformers.json uses those; the rest need none (bge-m3, MiniLM,
GTE)."""

_DEFAULT_MAX_TOKENS = 512
"""For models that name no limit: longer texts blur."""

_BATCH_TEXTS = 32


class SentenceTransformerEncoder:
    """A sentence-transformers model; see `paperrag.encoders.static.Encoder`.

    name: a folder or hub name. download: ask the hub for a model that is not on this machine.
    Raises MissingDependency, or EncoderError if the model cannot be loaded.
    """

    def __init__(self, name: str, download: bool = False) -> None:
        self.name = name
        self._model = _load(name, download)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.max_tokens = _max_tokens(self._model.max_seq_length)
        self.prompts = _prompts(name, dict(self._model.prompts or {}))
        self.fingerprint = _fingerprint(self._model, self.prompts)

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows for questions."""
        return self._encode(self._model.encode_query, texts, self.prompts["query"])

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows for texts to be found."""
        return self._encode(self._model.encode_document, texts, self.prompts["document"])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has with the document prompt, never cut."""
        if not texts:  # transformers' tokenizers fail on an empty batch
            return []
        prompt = self.prompts["document"]
        tokenizer = self._model.tokenizer
        if hasattr(tokenizer, "encode_batch"):  # static models hold a bare `tokenizers` object
            return [
                len(encoding.ids)
                for encoding in tokenizer.encode_batch([prompt + text for text in texts])
            ]
        batch = tokenizer(
            [prompt + text for text in texts], truncation=False, padding=False, verbose=False
        )
        return [len(ids) for ids in batch["input_ids"]]

    def _encode(self, encode: Any, texts: Sequence[str], prompt: str) -> FloatArray:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        rows = np.array(
            encode(
                list(texts),
                prompt=prompt,
                batch_size=_BATCH_TEXTS,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        )
        if not np.isfinite(rows).all():  # static models divide by the number of tokens
            rows[np.array(self.count_tokens(texts)) == 0] = 0
        return check_unit_rows(unit_rows(rows), len(texts), self.dimension, self.name)


def _load(name: str, download: bool) -> Any:
    for key, value in (("HF_HUB_DISABLE_TELEMETRY", "1"), ("TOKENIZERS_PARALLELISM", "false")):
        os.environ.setdefault(key, value)
    if not download:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise missing(f"what loads encoder {name!r}", "st", error.name) from error
    try:
        return SentenceTransformer(name, device=None, local_files_only=not download)
    except Exception as error:  # the hub client, safetensors and torch raise many kinds
        hint = (
            ""
            if download or Path(name).exists()
            else "; it is not on this machine: set download = true once, or pass a folder"
        )
        first_line = str(error).strip().split("\n")[0]
        raise EncoderError(
            f"cannot load encoder {name!r} ({type(error).__name__}: {first_line}){hint}"
        ) from error


def _max_tokens(limit: float | None) -> int:
    """Return the model's limit; static models say infinity, and some models nothing."""
    return int(limit) if limit and math.isfinite(limit) else _DEFAULT_MAX_TOKENS


def _prompts(name: str, own: dict[str, str]) -> dict[str, str]:
    table = next((prompts for start, prompts in PROMPTS.items() if name.startswith(start)), {})
    return {
        "query": own.get("query") or table.get("query", ""),
        "document": own.get("document") or own.get("passage") or table.get("document", ""),
    }


def _fingerprint(model: Any, prompts: dict[str, str]) -> str:
    """sha256 over names, shapes and values of all weights, and the prompts."""
    digest = hashlib.sha256(repr(sorted(prompts.items())).encode())
    for key, tensor in sorted(model.state_dict().items()):
        values = tensor.detach().cpu().float().numpy()
        digest.update(f"{key}{values.shape}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()

"""txtai: hybrid search, its FAISS index and its own BM25."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contract import TEN, Encode
from txtai import Embeddings


class Index:
    """It takes one text in, and writes the whole index to keep it."""

    def __init__(self, folder: Path, encode: Encode) -> None:
        self._folder = folder
        # It takes a plain function alone for one, and keeps none with the index.
        self._encoding = {"method": "external", "transform": lambda texts: encode(texts)}
        self._embeddings = Embeddings(hybrid=True, content=True, **self._encoding)

    def build(self, texts: Sequence[str]) -> None:
        self._embeddings.index((row, text, None) for row, text in enumerate(texts))
        self._embeddings.save(str(self._folder / "index"))

    def open(self) -> None:
        self._embeddings.load(str(self._folder / "index"), config=self._encoding)

    def add(self, text: str) -> None:
        self._embeddings.upsert([(self._embeddings.count(), text, None)])
        self._embeddings.save(str(self._folder / "index"))

    def search(self, question: str) -> list[int]:
        return [int(found["id"]) for found in self._embeddings.search(question, TEN)]

"""Chroma: vectors alone, as its local client has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import chromadb
from chromadb.config import Settings
from contract import TEN, Encode

BATCH = 5000
"""As many as one call may add."""


class Index:
    """It takes one text in, and keeps it at once."""

    def __init__(self, folder: Path, encode: Encode) -> None:
        self._encode = encode
        kept = Settings(anonymized_telemetry=False)
        self._client = chromadb.PersistentClient(str(folder / "kept"), kept)

    def build(self, texts: Sequence[str]) -> None:
        self._notes = self._client.create_collection("notes", metadata={"hnsw:space": "cosine"})
        for start in range(0, len(texts), BATCH):
            part = list(texts[start : start + BATCH])
            rows = range(start, start + len(part))
            self._notes.add([str(row) for row in rows], self._encode(part), documents=part)

    def open(self) -> None:
        self._notes = self._client.get_collection("notes")

    def add(self, text: str) -> None:
        row = str(self._notes.count())
        self._notes.add([row], self._encode([text]), documents=[text])

    def search(self, question: str) -> list[int]:
        found = self._notes.query(self._encode([question]), n_results=TEN)
        return [int(row) for row in found["ids"][0]]

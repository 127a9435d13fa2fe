"""LanceDB: a table with vectors and a full-text index, both asked and fused by rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lancedb
from contract import TEN, Encode
from lancedb.rerankers import RRFReranker


class Index:
    """It takes one text in; the full-text index is told to look at it."""

    def __init__(self, folder: Path, encode: Encode) -> None:
        self._encode = encode
        self._database = lancedb.connect(str(folder / "table"))

    def build(self, texts: Sequence[str]) -> None:
        vectors = self._encode(texts)
        rows = [
            {"id": row, "text": text, "vector": vector}
            for row, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]
        table = self._database.create_table("notes", rows)
        table.create_fts_index("text")

    def open(self) -> None:
        self._table = self._database.open_table("notes")
        self._fused = RRFReranker()

    def add(self, text: str) -> None:
        vector: Any = self._encode([text])[0]
        row = self._table.count_rows()
        self._table.add([{"id": row, "text": text, "vector": vector}])
        self._table.optimize()

    def search(self, question: str) -> list[int]:
        asked = self._table.search(query_type="hybrid").vector(self._encode([question])[0])
        found = asked.text(question).rerank(self._fused).limit(TEN).to_list()
        return [int(row["id"]) for row in found]

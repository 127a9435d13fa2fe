"""FAISS and bm25s, as one would put them together by hand: both lists, fused by rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s
import faiss
from contract import TEN, Encode

LISTED = 100
FUSING = 60


class Index:
    """Exact vectors in one file, words in another; bm25s takes no text in, so it is made anew."""

    def __init__(self, folder: Path, encode: Encode) -> None:
        self._folder, self._encode = folder, encode

    def build(self, texts: Sequence[str]) -> None:
        self._texts = list(texts)
        vectors = self._encode(texts)
        self._vectors = faiss.IndexFlatIP(vectors.shape[1])
        self._vectors.add(vectors)
        self._index_words()

    def open(self) -> None:
        self._vectors = faiss.read_index(str(self._folder / "vectors.faiss"))
        self._words = bm25s.BM25.load(self._folder / "words")

    def add(self, text: str) -> None:
        lines = (self._folder / "texts.txt").read_text(encoding="utf-8").split("\0")
        self._texts = [*lines, text]
        self._vectors.add(self._encode([text]))
        self._index_words()

    def search(self, question: str) -> list[int]:
        listed = min(LISTED, self._vectors.ntotal)
        near = self._vectors.search(self._encode([question]), listed)[1][0]
        tokens = bm25s.tokenize(question, show_progress=False)
        worded = self._words.retrieve(tokens, k=listed, show_progress=False)[0][0]
        scores: dict[int, float] = {}
        for rows in (near.tolist(), worded.tolist()):
            for rank, row in enumerate(rows):
                scores[row] = scores.get(row, 0.0) + 1 / (FUSING + rank)
        return sorted(scores, key=lambda row: -scores[row])[:TEN]

    def _index_words(self) -> None:
        self._words = bm25s.BM25()
        self._words.index(bm25s.tokenize(self._texts, show_progress=False), show_progress=False)
        self._words.save(self._folder / "words")
        faiss.write_index(self._vectors, str(self._folder / "vectors.faiss"))
        (self._folder / "texts.txt").write_text("\0".join(self._texts), encoding="utf-8")

"""A segment that Milvus holds, as the rest of the program reads it.

Columns, ids and titles come from its file of arrays; texts, vectors, terms and tokens are fetched
where they are used, many at once, checked, and kept: no row of a segment ever changes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.errors import IndexCorrupt
from paperrag.index.arrays import REBUILD, ArrayFile
from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.milvus.client import MilvusTables
from paperrag.index.milvus.rows import (
    PIECE_CHARS,
    REMOTE_TEXTS,
    Packed,
    unpacked_terms,
    unpacked_tokens,
    whole_texts,
)
from paperrag.index.milvus.schema import Row
from paperrag.index.rows import CHUNK_COLUMNS, ENTRY_COLUMNS, TEXTS, Rows, SomeRows, Texts
from paperrag.index.segment import Segment
from paperrag.index.vectors import VectorIndex, check_query

FETCHED_TEXTS = 64
"""Texts fetched together: who reads one entry reads those around it."""

KEPT_CHUNKS = 200_000
"""Chunks of a segment that are kept once they were fetched: about 2 KB each."""

KEPT_TEXTS = 20_000

_CHUNK_COLUMNS = ("chunk", "dense", "terms", "tokens", "own_tokens")


class MilvusSegment(Segment):
    """A segment of a corpus in Milvus. Raises IndexCorrupt if a row is gone or not as written."""

    def __init__(self, number: int, arrays: ArrayFile, tables: MilvusTables) -> None:
        super().__init__(number, arrays, _no_vectors)
        self._tables = tables
        self._texts: dict[str, dict[int, str]] = {name: {} for name in REMOTE_TEXTS}
        self._packed: dict[int, Packed] = {}

    def text(self, name: str, row: int) -> str:
        """Return one of the texts of a name."""
        if name not in REMOTE_TEXTS:
            return super().text(name, row)
        return self._fetch_texts(name, row, row + 1)[row]

    def texts(self, name: str, first: int = 0, end: int | None = None) -> Texts:
        """Return some neighbouring texts of a name, all of them by default."""
        if name not in REMOTE_TEXTS:
            return super().texts(name, first, end)
        end = self.counts[TEXTS[name]] if end is None else end
        texts = self._fetch_texts(name, first, end)
        return Texts.of(texts[row] for row in range(first, end))

    @property
    def has_tokens(self) -> bool:
        """Whether the encoder that it was made with has token vectors."""
        return "token_used" in self.arrays

    def tokens_of(self, chunks: npt.NDArray[np.integer]) -> TokenLists:
        """Return the token lists of some chunks."""
        packed = self.packed(chunks)
        return unpacked_tokens([one.tokens for one in packed], [one.own_tokens for one in packed])

    def rows_holding(self, term_id: int) -> int:
        """Return how many chunks hold a term, dead ones too."""
        terms = self.arrays.whole("term")
        place = int(np.searchsorted(terms, np.uint64(term_id)))
        is_there = place < len(terms) and int(terms[place]) == term_id
        return int(self.arrays.whole("term_rows")[place]) if is_there else 0

    @cached_property
    def vectors(self) -> VectorIndex:
        """The vectors of the chunks, in their order."""
        return _MilvusVectors(self)

    def rows(self) -> Rows:
        """Return all that it holds, in memory."""
        chunks = np.arange(self.counts["chunk"])
        packed = self.packed(chunks)
        records, of_rows = unpacked_terms([one.terms for one in packed])
        postings = Postings(
            records["term"].astype(np.uint64), of_rows.astype(np.int32), records["count"].copy()
        )
        return Rows(
            self.files,
            {name: self.column(name) for name in ENTRY_COLUMNS | CHUNK_COLUMNS},
            self.arrays.whole("digest"),
            {name: self.texts(name) for name in TEXTS},
            self.venues,
            Postings.joined([postings]),
            self.tokens_of(chunks) if self.has_tokens else None,
            self.vectors.rows(chunks),
        )

    def stored(self) -> SomeRows:
        """Return all that it holds: what is fetched is kept."""
        return self.rows()

    def packed(self, chunks: npt.NDArray[np.integer]) -> list[Packed]:
        """Return what some chunks hold, fetching what is not known yet."""
        wanted, held = chunks.tolist(), self._packed  # others may put another in its place
        unknown = [chunk for chunk in wanted if chunk not in held]
        if len(held) + len(unknown) > KEPT_CHUNKS:
            held, unknown = {}, wanted
            self._packed = held
        held |= self._fetched_chunks(unknown)
        return [held[chunk] for chunk in wanted]

    def check_all(self) -> None:
        """Read everything. Raises IndexCorrupt if it is not as written."""
        self.arrays.check_all()
        self._packed = {}
        self.packed(np.arange(self.counts["chunk"]))
        for name in REMOTE_TEXTS:
            self._texts[name] = {}
            self.texts(name)

    def _fetched_chunks(self, chunks: list[int]) -> dict[int, Packed]:
        ids = [f"{self.number}/{chunk}" for chunk in chunks]
        crcs = self.arrays.whole("chunk_crc")
        fetched: dict[int, Packed] = {}
        for found in self._tables.named("chunks", ids, _CHUNK_COLUMNS):
            one = _packed(found)
            if one.crc != crcs[found["chunk"]]:
                raise self._corrupt(f"chunk {found['chunk']} is not as written")
            fetched[found["chunk"]] = one
        if lacking := [chunk for chunk in chunks if chunk not in fetched]:
            raise self._corrupt(f"chunk {lacking[0]} is gone")
        return fetched

    def _fetch_texts(self, name: str, first: int, end: int) -> dict[int, str]:
        """Return texts by row, those of some rows among them."""
        known = self._texts[name]
        if any(row not in known for row in range(first, end)):
            if len(known) > KEPT_TEXTS:
                known = self._texts[name] = {}
            start = first // FETCHED_TEXTS * FETCHED_TEXTS
            stop = min(-(-end // FETCHED_TEXTS) * FETCHED_TEXTS, self.counts[TEXTS[name]])
            known |= self._checked_texts(name, start, stop)
        return known

    def _checked_texts(self, name: str, start: int, stop: int) -> dict[int, str]:
        found = self._pieces(name, range(start, stop), 0)
        piece, long = 0, _cut_short(found)
        while long:
            piece += 1
            more = self._pieces(name, long, piece)
            found, long = found + more, _cut_short(more)
        texts = whole_texts(found)
        crcs = self.arrays.whole(f"{name}_crc")
        for row in range(start, stop):
            if row not in texts or zlib.crc32(texts[row].encode()) != crcs[row]:
                raise self._corrupt(f"{name} {row} is gone or not as written")
        return texts

    def _pieces(self, name: str, rows: Iterable[int], piece: int) -> list[Row]:
        ids = [f"{name}/{self.number}/{row}/{piece}" for row in rows]
        return self._tables.named("parts", ids, ("row", "piece", "text"))

    def _corrupt(self, fault: str) -> IndexCorrupt:
        return IndexCorrupt(f"segment {self.number} of {self._tables.name}: {fault}; {REBUILD}")


class _MilvusVectors:
    """The vectors of a segment, fetched where they are used."""

    def __init__(self, segment: MilvusSegment) -> None:
        self._segment = segment
        self.dimension = int(segment.arrays.whole("width")[0])

    def __len__(self) -> int:
        return int(self._segment.counts["chunk"])

    def rows(self, places: npt.NDArray[np.integer]) -> FloatArray:
        rows = [one.dense for one in self._segment.packed(places)]
        return np.stack(rows) if rows else np.empty((0, self.dimension), np.float32)

    def cosines(self, query: FloatArray) -> FloatArray:
        return self.cosines_at(np.arange(len(self)), query)

    def cosines_at(self, places: npt.NDArray[np.integer], query: FloatArray) -> FloatArray:
        return np.asarray(self.rows(places) @ check_query(query, self.dimension))


def _cut_short(pieces: Sequence[Row]) -> list[int]:
    """Return the rows of texts that may go on in another piece."""
    return [one["row"] for one in pieces if len(one["text"]) >= PIECE_CHARS]


def _packed(row: Row) -> Packed:
    dense = np.array(row["dense"], dtype=np.float32)
    return Packed(dense, row["terms"], row["tokens"], row["own_tokens"])


def _no_vectors(data: npt.NDArray[Any]) -> VectorIndex:
    raise AssertionError("vectors of such a segment are fetched")

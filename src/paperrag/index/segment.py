"""Rows <-> a segment: one immutable file of arrays, mapped into memory and read where it is
used.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.errors import IndexCorrupt
from paperrag.index.arrays import REBUILD, ArrayFile, distinct, write_arrays
from paperrag.index.holders import TokenHolders
from paperrag.index.late import ComparedTokens, TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.lines import Section, read_section, read_tags
from paperrag.index.packing import (
    TEXTS_A_BLOCK,
    packed_postings,
    packed_texts,
    postings_at,
    texts_of_block,
    unpacked_postings,
    unpacked_texts,
)
from paperrag.index.rows import (
    CHUNK_COLUMNS,
    ENTRY_COLUMNS,
    LEVELS,
    TEXTS,
    Rows,
    SomeRows,
    Texts,
    in_memory,
)
from paperrag.index.vectors import LoadVectors, StoreVectors, VectorIndex


def write_segment(file: BinaryIO, rows: Rows, store: StoreVectors) -> str:
    """Write rows to a file, as `Segment` reads them, and return its seal."""
    return write_arrays(file, arrays_of(rows) | {"vectors": store(rows.vectors)})


def arrays_of(rows: Rows) -> dict[str, npt.NDArray[Any]]:
    """Return rows as the arrays of a segment, but for the vectors."""
    arrays: dict[str, npt.NDArray[Any]] = {"files": rows.files, "digest": rows.digests}
    arrays |= rows.columns
    for name, texts in {**rows.texts, "venue_name": Texts.of(rows.venues)}.items():
        arrays |= packed_texts(name, texts)
    arrays["id_order"] = _order(rows.columns["id_hash"])
    arrays["digest_order"] = _order(rows.digests[:, 0])
    arrays |= packed_postings(rows.postings, int(rows.files[-1, 1]))
    if rows.tokens is not None:
        used = distinct(rows.tokens.tokens)
        kind = np.uint16 if used.max(initial=0) < 1 << 16 else np.int32
        arrays["token_used"], arrays["token"] = used, rows.tokens.tokens.astype(kind)
        arrays["token_starts"] = rows.tokens.starts.astype(np.uint32)
    return arrays


def _order(keys: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    return np.argsort(keys, kind="stable").astype(np.int32)


KEPT_BLOCKS = 2048
"""Blocks of texts that a segment keeps once they were read: neighbours are asked for together."""

TIMES_COMPARED, TURNED_CHUNKS = 4, 50_000
"""From when on the token lists of a segment are turned around, which takes 15 ms and 3 MB for each
10,000 chunks: a program that asks one question goes without. Of large segments a question looks at
few chunks.
"""


class Segment:
    """A segment that was written. Raises IndexCorrupt, when something is first used, if it is not
    as written.
    """

    def __init__(self, number: int, arrays: ArrayFile, load_vectors: LoadVectors) -> None:
        self.number = number
        self.arrays = arrays
        self._load_vectors = load_vectors
        self._known_sections: dict[int, Section] = {}
        self._blocks: dict[tuple[str, int], list[str]] = {}
        self._times_compared = 0
        try:
            self.files: npt.NDArray[np.int64] = np.asfortranarray(arrays.whole("files"))
            self.counts = dict(zip(LEVELS, self.files[-1].tolist(), strict=True))
        except (KeyError, IndexError, ValueError) as error:
            raise IndexCorrupt(f"segment {number} lacks arrays ({error}); {REBUILD}") from error

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return a column of entries or chunks."""
        return self.arrays.whole(name)

    def text(self, name: str, row: int) -> str:
        """Return one of the texts of a name."""
        block, inside = divmod(row, TEXTS_A_BLOCK)
        texts = self._blocks.get((name, block))
        if texts is None:
            if len(self._blocks) >= KEPT_BLOCKS:
                self._blocks.clear()
            self._blocks[name, block] = texts = texts_of_block(self.arrays, name, block)
        return texts[inside]

    def texts(self, name: str, first: int = 0, end: int | None = None) -> Texts:
        """Return some neighbouring texts of a name, all of them by default."""
        count = self.arrays.length(f"{name}_starts") - 1
        return unpacked_texts(self.arrays, name, first, count if end is None else end)

    @cached_property
    def tagged(self) -> list[tuple[int, tuple[str, ...]]]:
        """The rows of the entries that carry tags, ascending, and their tags."""
        tags = enumerate(self.texts("tags").all())
        return [(row, read_tags(told)) for row, told in tags if told]

    @cached_property
    def venues(self) -> list[str]:
        """The venues that entries give, by number."""
        return self.texts("venue_name").all()

    def section(self, number: int) -> Section:
        """Return the source and breadcrumb of one section."""
        if number not in self._known_sections:
            self._known_sections[number] = read_section(self.text("section", number))
        return self._known_sections[number]

    @cached_property
    def sections(self) -> list[Section]:
        """The source and breadcrumb of every section."""
        return [read_section(line) for line in self.texts("section").all()]

    def row_of_id(self, id_hash: int) -> npt.NDArray[np.int64]:
        """Return the rows of entries whose ids have a hash; more than one where an older one is
        dead.
        """
        return self._rows_with("id_hash", "id_order", np.uint64(id_hash))

    def chunk_of_digest(self, digest: bytes) -> int | None:
        """Return a chunk of which the embedded text has a digest, or None."""
        words = np.frombuffer(digest[:16], "<u8")
        digests, order = self.arrays.whole("digest"), self.arrays.whole("digest_order")
        place = int(np.searchsorted(self._digest_heads, words[0], sorter=order))
        if place == len(order) or not (digests[order[place]] == words).all():
            return None
        return int(order[place])

    @cached_property
    def _digest_heads(self) -> npt.NDArray[np.uint64]:
        return np.ascontiguousarray(self.arrays.whole("digest")[:, 0])

    def _rows_with(self, column: str, order: str, key: np.uint64) -> npt.NDArray[np.int64]:
        keys, sorter = self.column(column), self.column(order)
        first, end = (
            int(np.searchsorted(keys, key, side, sorter=sorter)) for side in ("left", "right")
        )
        return np.asarray(sorter[first:end], dtype=np.int64)

    def postings_of(self, term_id: int) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.integer]]:
        """Return the chunks that hold a term, ascending, and how often each does."""
        terms = self.arrays.whole("term")
        place = int(np.searchsorted(terms, np.uint64(term_id)))
        if place == len(terms) or int(terms[place]) != term_id:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.uint8)
        return postings_at(self.arrays, place, self.counts["chunk"])

    @property
    def has_tokens(self) -> bool:
        """Whether the encoder that it was made with has token vectors."""
        return "token" in self.arrays

    def tokens_of(self, chunks: npt.NDArray[np.integer]) -> TokenLists:
        """Return the token lists of some chunks."""
        starts = self.arrays.whole("token_starts")
        bounds = (starts[2 * chunks + step].astype(np.int64) for step in (0, 2))
        tokens = self.arrays.parts("token", *bounds)
        return TokenLists(tokens, starts).take(chunks)

    def tokens_compared(self, chunks: npt.NDArray[np.integer]) -> ComparedTokens:
        """Return the token lists of some chunks as a query is held against them."""
        self._times_compared += 1
        is_worth_it = self._times_compared > TIMES_COMPARED
        if is_worth_it and self.counts["chunk"] <= TURNED_CHUNKS:
            return self._holders.of_rows(chunks)
        return self.tokens_of(chunks)

    @cached_property
    def _holders(self) -> TokenHolders:
        return TokenHolders.of(self.tokens_of(np.arange(self.counts["chunk"])))

    @cached_property
    def vectors(self) -> VectorIndex:
        """The vectors of the chunks, in their order."""
        vectors = self._load_vectors(self.arrays.whole("vectors"))
        if len(vectors) != self.counts["chunk"]:
            raise IndexCorrupt(f"segment {self.number} lacks vectors; {REBUILD}")
        return vectors

    def rows(self) -> Rows:
        """Return all that it holds, in memory."""
        return in_memory(self.stored())

    def stored(self) -> SomeRows:
        """Return all that it holds, each thing read when it is asked for."""
        return _Stored(self)


class _Stored:
    """The rows of a segment, read anew whenever they are asked for."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._chunks = np.arange(segment.counts["chunk"])
        self.files, self.venues = segment.files, segment.venues

    @property
    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Columns by name."""
        return {name: self._segment.column(name) for name in ENTRY_COLUMNS | CHUNK_COLUMNS}

    @property
    def digests(self) -> npt.NDArray[np.uint64]:
        """The digests of chunks."""
        return self._segment.arrays.whole("digest")

    @property
    def texts(self) -> dict[str, Texts]:
        """Texts by name."""
        return {name: self._segment.texts(name) for name in TEXTS}

    @property
    def postings(self) -> Postings:
        """The postings of chunks."""
        return unpacked_postings(self._segment.arrays, len(self._chunks))

    @property
    def tokens(self) -> TokenLists | None:
        """The token lists of chunks."""
        return self._segment.tokens_of(self._chunks) if self._segment.has_tokens else None

    @property
    def vectors(self) -> FloatArray:
        """The vectors of chunks."""
        return self._segment.vectors.rows(self._chunks)

"""An index in Milvus as it is at one moment: one hybrid request, then the same scoring as anywhere.

Milvus puts chunks forward, by vectors for each group and by weighed words, within what is in use
and meant. Here they are fetched, unless they are known, and scored exactly.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.index.candidates import (
    GROUPS,
    BoolArray,
    Candidates,
    ChunkGroups,
    IntArray,
    put_forward,
)
from paperrag.index.chunk_table import ChunkTable
from paperrag.index.codes import LANGUAGES
from paperrag.index.late import TokenSource
from paperrag.index.layout import Layout
from paperrag.index.lexical import (
    compounds,
    length_norms,
    mean_length,
    rarity,
    saturation,
    term_hashes,
    tokenize,
)
from paperrag.index.manifest import Manifest
from paperrag.index.milvus import filter as scalars
from paperrag.index.milvus.client import MOST_FOUND, MilvusTables
from paperrag.index.milvus.rows import Packed, unpacked_terms, word_id
from paperrag.index.milvus.segment import MilvusSegment
from paperrag.index.nearest import VectorTable
from paperrag.index.postings import TokenTable
from paperrag.index.tables import EntryTable
from paperrag.index.vectors import check_query

SPARE = 64
"""More than are wanted are asked for: Milvus does not know which of equal ones comes first, and
weighs words by another mean length."""

NEAR = 1e-5
"""Scores that differ by less count as equal where it is decided whether to ask for more."""

_Words = dict[str, int]


class MilvusSnapshot:
    """What a manifest names. fresh_until: when Milvus will have seen all of it, in seconds since
    1970; before, it is asked to wait.
    """

    def __init__(
        self,
        manifest: Manifest,
        segments: Sequence[MilvusSegment],
        tables: MilvusTables,
        fresh_until: float,
    ) -> None:
        self.manifest = manifest
        places = [(file.segment, file.number) for file in manifest.files.values()]
        self.layout = Layout(segments, places)
        self.entries = EntryTable(self.layout)
        self.chunks = ChunkTable(self.layout)
        has_tokens = any(segment.has_tokens for segment in segments)
        self.tokens: TokenSource | None = TokenTable(self.layout) if has_tokens else None
        self._segments = {segment.number: segment for segment in segments}
        self._tables = tables
        self._fresh_until = fresh_until
        self._rows_of_word: dict[str, IntArray] = {}

    def candidates(
        self, query: FloatArray, words: str, most: int, allowed: BoolArray | None = None
    ) -> Candidates:
        """Return the chunks that a question is held against; see `engine.Snapshot`."""
        query = check_query(query, self.manifest.dimension)
        terms = self._terms(words)
        within = np.arange(len(self.chunks))
        if allowed is not None:
            within = np.flatnonzero(allowed[self.chunks.entry])
        if len(within) <= most:
            return self._scored(within, query, terms)
        groups = np.unique(self._group_of[within]).tolist()
        limit, longest = most + SPARE, MOST_FOUND // (len(groups) + 1)
        if limit > longest:
            return self._chosen(self._scored(within, query, terms), most)
        expression = self._expression(allowed)
        while True:
            rows = self._asked(query, terms, groups, expression, limit)
            found = self._scored(rows, query, terms)
            if limit == longest or not self._may_lack(found, most, limit):
                return self._chosen(found, most)
            limit = min(2 * limit, longest)

    def rows_with(self, word: str) -> IntArray:
        """Return the chunk rows that hold a word, ascending."""
        if word not in self._rows_of_word:
            self._rows_of_word[word] = self._find(int(term_hashes([word])[0]))
        return self._rows_of_word[word]

    def vectors_of(self, chunks: IntArray) -> FloatArray:
        """Return the (m, d) vectors of some chunk rows."""
        return VectorTable(self.layout, self.manifest.dimension).rows(chunks)

    def hashes(self, source: str) -> dict[int, int]:
        """Return the hashes of the texts of a file's entries, by the hashes of their ids."""
        file = self.manifest.files[source]
        segment = self._segments[file.segment]
        start, stop = segment.files[[file.number, file.number + 1], 0].tolist()
        ids, texts = segment.column("id_hash"), segment.column("text_hash")
        return dict(zip(ids[start:stop].tolist(), texts[start:stop].tolist(), strict=True))

    @property
    def _is_fresh(self) -> bool:
        return time.time() < self._fresh_until

    # --- asking ---------------------------------------------------------------------------------

    def _asked(
        self, query: FloatArray, terms: _Words, groups: Sequence[int], within: str, limit: int
    ) -> npt.NDArray[np.int64]:
        """Return the chunk rows that Milvus puts forward, ascending."""
        told = [
            f"language == {group % len(LANGUAGES)} and kind == {group // len(LANGUAGES)}"
            for group in groups
        ]
        numbers = word_id(np.array(list(terms.values()), dtype=np.uint64)).tolist()
        idf = [self._idf(term) for term in terms.values()]
        words = {number: weight for number, weight in zip(numbers, idf, strict=True) if weight}
        ids = self._tables.hybrid(query, words, told, within, limit, self._is_fresh)
        return self._rows(ids)

    def _rows(self, ids: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return the chunk rows of ids, ascending."""
        places = np.array([tuple(map(int, one.split("/"))) for one in ids]).reshape(-1, 2)
        rows = [
            self.layout.rows_of("chunk", segment)[places[places[:, 0] == number, 1]]
            for number, segment in self._segments.items()
        ]
        return np.sort(np.concatenate([np.empty(0, np.int64), *rows])).astype(np.int64)

    def _expression(self, allowed: BoolArray | None) -> str:
        if allowed is None:
            return f"({self._alive})"
        told = scalars.meant(self.layout, self._filter_columns, self.entries.venues, allowed)
        return f"({self._alive}) and {told}" if told else f"({self._alive})"

    def _find(self, term: int) -> IntArray:
        """Return the chunk rows that hold a term. Another one may have the same number in Milvus,
        which shows in how many are found.
        """
        held = self._rows_holding(term)
        if not held:
            return np.empty(0, np.int64)
        words = {int(word_id(np.array([term], dtype=np.uint64))[0]): 1.0}
        windows = [f"({self._alive})"] if held < MOST_FOUND else self._windows()
        ids = [
            one for within in windows for one in self._tables.holding(words, within, self._is_fresh)
        ]
        rows = self._rows(ids)
        if len(rows) != held:
            records, owners = unpacked_terms([one.terms for one in self._packed(rows)])
            rows = rows[owners[records["term"] == term]]
        return rows

    def _windows(self) -> list[str]:
        """Return expressions that each fit no more chunks than Milvus finds."""
        return [
            f"({self._alive}) and segment == {number} and chunk >= {first} and chunk < {first + MOST_FOUND}"
            for number, segment in self._segments.items()
            for first in range(0, segment.counts["chunk"], MOST_FOUND)
        ]

    # --- choosing -------------------------------------------------------------------------------

    def _may_lack(self, found: Candidates, most: int, limit: int) -> bool:
        """Whether some that were not asked for may equal the last that is put forward: where a list
        came back whole, and all behind the last one wanted equal it.
        """
        groups = self._group_of[found.rows]
        lists = [found.cosines[groups == group] for group in range(GROUPS)]
        for values in [*lists, found.lexical[found.lexical > 0]]:
            if len(values) >= limit:
                ordered = np.sort(values)[::-1]
                if ordered[limit - 1] >= ordered[most - 1] - NEAR:
                    return True
        return False

    def _chosen(self, found: Candidates, most: int) -> Candidates:
        """Return those that a group or the words put forward."""
        groups = self._group_of[found.rows]
        places = put_forward(found.cosines, found.lexical, ChunkGroups(groups), most)
        return Candidates(
            found.rows[places], found.cosines[places], found.lexical[places], found.matched
        )

    def _scored(self, rows: npt.NDArray[np.int64], query: FloatArray, terms: _Words) -> Candidates:
        """Return some chunk rows with their exact scores; the formula is that of LexicalIndex."""
        packed = self._packed(rows)
        lexical = np.zeros(len(rows), dtype=np.float32)
        records, owners = unpacked_terms([one.terms for one in packed])
        norms = length_norms(self.chunks.words, self._mean_words)[rows]
        matched: dict[str, IntArray] = {}
        total = 0.0
        for word, term in terms.items():
            idf = self._idf(term)
            total += idf
            met = np.flatnonzero(records["term"] == term)
            if len(met):
                of_rows = owners[met]
                lexical[of_rows] += idf * saturation(records["count"][met], norms[of_rows])
                matched[word] = rows[of_rows]
        vectors = [one.dense for one in packed]
        cosines = np.stack(vectors) @ query if vectors else np.empty(0, np.float32)
        return Candidates(rows, cosines, lexical / total if total else lexical, matched)

    def _packed(self, rows: npt.NDArray[np.int64]) -> list[Packed]:
        packed: dict[int, Packed] = {}
        for segment, places, inside in self.layout.by_segment("chunk", rows):
            held = self._segments[segment.number].packed(inside)
            packed |= zip(places.tolist(), held, strict=True)
        return [packed[place] for place in range(len(rows))]

    # --- words ----------------------------------------------------------------------------------

    def _terms(self, words: str) -> _Words:
        """Return the terms of a question; joined words count where the notes have them."""
        joined = compounds(words)
        terms = list(dict.fromkeys(tokenize(words) + joined))
        hashes = dict(zip(terms, term_hashes(terms).tolist(), strict=True))
        return {
            word: term
            for word, term in hashes.items()
            if word not in joined or self._rows_holding(term)
        }

    def _idf(self, term: int) -> float:
        return rarity(len(self.chunks), self._rows_holding(term))

    def _rows_holding(self, term: int) -> int:
        """Return how many chunks in use hold a term."""
        held = sum(segment.rows_holding(term) for segment in self._segments.values())
        return held - self._dead_terms[term] if held else 0

    @cached_property
    def _dead_terms(self) -> Counter[int]:
        """How many chunks that are not in use hold each term."""
        counted: Counter[int] = Counter()
        for segment in self._segments.values():
            dead = np.flatnonzero(self.layout.rows_of("chunk", segment) < 0)
            if len(dead):
                records, _ = unpacked_terms([one.terms for one in segment.packed(dead)])
                counted.update(records["term"].tolist())
        return counted

    @cached_property
    def _mean_words(self) -> float:
        return mean_length(self.chunks.words)

    @cached_property
    def _alive(self) -> str:
        return scalars.alive(self.layout)

    @cached_property
    def _filter_columns(self) -> scalars.Columns:
        return scalars.filter_columns(self.entries)

    @cached_property
    def _group_of(self) -> npt.NDArray[np.int8]:
        columns = self.entries.columns
        group_of: npt.NDArray[np.int8] = columns["language"] + len(LANGUAGES) * columns["kind"]
        return group_of[self.chunks.entry]

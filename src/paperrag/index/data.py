"""An index on this machine as it is at one moment, and the chunks that a question is held against.

Knows no folders: `store.py` puts an index on disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.index.candidates import (
    UNSEEN,
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
from paperrag.index.lexical import LexicalIndex
from paperrag.index.manifest import Manifest
from paperrag.index.nearest import VectorTable
from paperrag.index.postings import TokenTable, WordTable
from paperrag.index.segment import Segment
from paperrag.index.tables import EntryTable

KEPT_WORDS = 64
"""Words of which the chunks are kept: one question asks for each several times."""


class IndexData:
    """An index as it is at one moment; nothing that happens to the folder changes it."""

    def __init__(self, manifest: Manifest, segments: Sequence[Segment]) -> None:
        self.manifest = manifest
        places = [(file.segment, file.number) for file in manifest.files.values()]
        self.layout = Layout(segments, places)
        self.entries = EntryTable(self.layout)
        self.chunks = ChunkTable(self.layout)
        self.words = WordTable(self.layout)
        self.vectors = VectorTable(self.layout, manifest.dimension)
        has_tokens = any(segment.has_tokens for segment in segments)
        self._asked: tuple[BoolArray, ChunkGroups] | None = None
        self.tokens: TokenSource | None = TokenTable(self.layout) if has_tokens else None

    def candidates(
        self, query: FloatArray, words: str, most: int, allowed: BoolArray | None = None
    ) -> Candidates:
        """Return the chunks that a question is held against; see `engine.Snapshot`."""
        lexical, matched = self.lexical.scores(words)
        groups = self._groups_of(allowed)
        rows = groups.rows
        if len(rows) <= most:
            return Candidates(rows, self._cosines_at(rows, query), lexical[rows], matched)
        cosines = self.vectors.near(query, groups.of, most)
        rows = put_forward(cosines, lexical, groups, most)
        unseen = rows[cosines[rows] == UNSEEN]
        if len(unseen):
            cosines[unseen] = self.vectors.cosines_at(unseen, query)
        return Candidates(rows, cosines[rows], lexical[rows], matched)

    def _cosines_at(self, rows: npt.NDArray[np.int64], query: FloatArray) -> FloatArray:
        if 2 * len(rows) > len(self.chunks):
            return self.vectors.cosines(query)[rows]
        return self.vectors.cosines_at(rows, query)

    def _groups_of(self, allowed: BoolArray | None) -> ChunkGroups:
        """Return the groups of the chunks of allowed entries: the same object while the same flags
        are asked with.
        """
        if allowed is None:
            return self.groups
        if self._asked is None or self._asked[0] is not allowed:
            of = np.where(allowed[self.chunks.entry], self.groups.of, np.int8(-1))
            self._asked = allowed, ChunkGroups(of)
        return self._asked[1]

    def rows_with(self, word: str) -> IntArray:
        """Return the chunk rows that hold a word, ascending."""
        return self.lexical.rows_with(word)

    def vectors_of(self, chunks: IntArray) -> FloatArray:
        """Return the (m, d) vectors of some chunk rows."""
        return self.vectors.rows(chunks)

    @cached_property
    def lexical(self) -> LexicalIndex:
        """The word index of the chunks."""
        return LexicalIndex(lru_cache(KEPT_WORDS)(self.words.find), self.chunks.words)

    @cached_property
    def groups(self) -> ChunkGroups:
        """The group of each chunk: its language and its kind."""
        columns = self.entries.columns
        of_entries: npt.NDArray[np.int8] = columns["language"] + len(LANGUAGES) * columns["kind"]
        return ChunkGroups(of_entries[self.chunks.entry])

    def hashes(self, source: str) -> dict[int, int]:
        """Return the hashes of the texts of a file's entries, by the hashes of their ids."""
        file = self.manifest.files[source]
        segment = next(one for one in self.layout.segments if one.number == file.segment)
        start, stop = segment.files[[file.number, file.number + 1], 0].tolist()
        ids, texts = segment.column("id_hash"), segment.column("text_hash")
        return dict(zip(ids[start:stop].tolist(), texts[start:stop].tolist(), strict=True))

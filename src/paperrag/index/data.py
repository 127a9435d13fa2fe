"""An index on this machine as it is at one moment, and the chunks that a question is held against.

Knows no folders: `store.py` puts an index on disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.index.candidates import UNSEEN, BoolArray, Candidates, IntArray, worth_scoring
from paperrag.index.codes import LANGUAGES
from paperrag.index.late import TokenSource
from paperrag.index.layout import Layout
from paperrag.index.lexical import LexicalIndex
from paperrag.index.manifest import Manifest
from paperrag.index.nearest import VectorTable
from paperrag.index.postings import TokenTable, WordTable
from paperrag.index.segment import Segment
from paperrag.index.tables import ChunkTable, EntryTable

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
        self.tokens: TokenSource | None = TokenTable(self.layout) if has_tokens else None

    def candidates(
        self, query: FloatArray, words: str, most: int, allowed: BoolArray | None = None
    ) -> Candidates:
        """Return the chunks that a question is held against; see `engine.Snapshot`."""
        lexical, matched = self.lexical.scores(words)
        within = None if allowed is None else np.flatnonzero(allowed[self.chunks.entry])
        if within is not None and len(within) <= most:
            cosines = self.vectors.cosines_at(within, query)
            return Candidates(within, cosines, lexical[within], matched)
        cosines = self._cosines(query, most, within)
        rows = worth_scoring(within, cosines, lexical, self.group_of, most)
        unseen = rows[cosines[rows] == UNSEEN]
        if len(unseen):
            cosines[unseen] = self.vectors.cosines_at(unseen, query)
        return Candidates(rows, cosines[rows], lexical[rows], matched)

    def _cosines(self, query: FloatArray, most: int, within: IntArray | None) -> FloatArray:
        if most >= len(self.chunks):
            return self.vectors.cosines(query)
        group_of = self.group_of
        if within is not None:
            group_of = np.full_like(group_of, -1)
            group_of[within] = self.group_of[within]
        return self.vectors.near(query, group_of, most)

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
    def group_of(self) -> npt.NDArray[np.int8]:
        """(n,) the group of each chunk: its language and its kind."""
        columns = self.entries.columns
        group_of: npt.NDArray[np.int8] = columns["language"] + len(LANGUAGES) * columns["kind"]
        return group_of[self.chunks.entry]

    def hashes(self, source: str) -> dict[int, int]:
        """Return the hashes of the texts of a file's entries, by the hashes of their ids."""
        file = self.manifest.files[source]
        segment = next(one for one in self.layout.segments if one.number == file.segment)
        start, stop = segment.files[[file.number, file.number + 1], 0].tolist()
        ids, texts = segment.column("id_hash"), segment.column("text_hash")
        return dict(zip(ids[start:stop].tolist(), texts[start:stop].tolist(), strict=True))

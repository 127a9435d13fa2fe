"""What a question found: every scored entry, best first, and the entries themselves as hits.

Answering needs nothing else: it never goes back to the index with the question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct, field

from paperrag.index.chunk_table import ChunkTable
from paperrag.index.manifest import Manifest
from paperrag.index.tables import EntryTable
from paperrag.records import Hit, Language
from paperrag.search.same_paper import Relations
from paperrag.search.scores import EntryScores
from paperrag.search.twins import Twins
from paperrag.search.weights import (
    ABSTRACT_SHARE,
    SECOND_SHARE,
)
from paperrag.search.works import RankedWorks


class SearchResult(Struct, frozen=True):
    """The hits of a query; `took_ms` covers the search, not the loading of the index."""

    query: str
    language: Language
    took_ms: float
    hits: tuple[Hit, ...]
    manifest: Manifest

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows of a search."""
        return "\n".join(hit._repr_markdown_() for hit in self.hits)


class Found(Struct, frozen=True):
    """The scored entries of one question, with the tables they stand in.

    a_work: hits of one work at most, None for all.
    works: the first works, None where one thing is asked for.
    judged: how far entries answer, by their positions, as far as that was judged.
    naming: rows of `works` that hold a name which the question makes a condition.
    """

    scored: EntryScores
    entries: EntryTable
    chunks: ChunkTable
    relations: Relations
    twins: Twins
    a_work: int | None = None
    works: RankedWorks | None = None
    judged: Mapping[int, float] = field(default_factory=dict)
    naming: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.scored.rows)

    def entry_row(self, position: int) -> int:
        """Return the row in the entry table of a scored entry."""
        return int(self.scored.rows[position])

    def position_of(self) -> dict[int, int]:
        """Return the position of each scored entry by its row."""
        return {row: at for at, row in enumerate(self.scored.rows.tolist())}

    def unit(self, row: int) -> int:
        """Return what an entry counts as in a list: its work's row, its own where it has none."""
        return self.scored.unit(self.entries, row)

    def hits(self, k: int) -> list[Hit]:
        """Return the first k scored entries as hits; a paper's note and abstract are one hit, the
        better of them.

        Of the first n hits abstracts take ABSTRACT_SHARE, rounded up, as long as there are notes;
        a work takes `a_work`, as long as there are others.
        """
        return self._hits(_FirstHits(self, k).positions())

    def hits_of(self, entry_ids: Sequence[str]) -> list[Hit]:
        """Return some entries as hits, in their order; those that were not scored are left out."""
        position_of = self.position_of()
        rows = self.entries.rows_of(entry_ids)
        return self._hits([position_of[row] for row in rows if row in position_of])

    def hit(self, position: int, rank: int) -> Hit:
        """Return the entry at a position of the scores as a hit, with its reasons."""
        return self._hits([position], rank)[0]

    def _hits(self, positions: Sequence[int], first_rank: int = 1) -> list[Hit]:
        """Return the entries at some positions of the scores as hits, with their reasons."""
        at = np.array(positions, dtype=np.int64)
        best = self.scored.best[at]
        chunk_rows = self.scored.chunks.rows[best]
        told = zip(
            self.scored.rows[at].tolist(),
            self.scored.scores[at].tolist(),
            self.chunks.start[chunk_rows].tolist(),
            self.chunks.end[chunk_rows].tolist(),
            self.scored.chunks.explained(best),
            strict=True,
        )
        return [
            Hit(
                entry=self.entries.get(row),
                score=round(score, 4),
                rank=rank,
                span=(start, end),
                explanation=explanation,
                related=self.relations.shown_with(row),
                twins=self.twins.of(row),
            )
            for rank, (row, score, start, end, explanation) in enumerate(told, first_rank)
        ]


LOOKED_AT_ONCE = 32
"""Positions whose entries are looked up together: ten hits are found among the first twenty."""


class _FirstHits:
    """The positions that hits are made of, while they are chosen one after the other."""

    def __init__(self, found: Found, k: int) -> None:
        self._found, self._k = found, k
        self._taken: list[int] = []
        self._waiting: list[tuple[int, int]] = []
        self._shown: set[int] = set()
        self._abstracts = 0
        self._of_unit: Counter[int] = Counter()
        self._best: dict[int, float] = {}

    def positions(self) -> list[int]:
        """Return the positions; those that waited are in the places that are left."""
        for one in self._offered():
            if len(self._taken) == self._k:
                break
            self._offer(one)
        left = self._k - len(self._taken)
        waiting = [position for position, row in self._waiting if row not in self._shown]
        return self._taken + waiting[:left]

    def _offered(self) -> Iterator[_Offered]:
        found, entries = self._found, self._found.entries
        for start in range(0, len(found), LOOKED_AT_ONCE):
            at = slice(start, start + LOOKED_AT_ONCE)
            rows = found.scored.rows[at]
            columns = (
                np.arange(start, start + len(rows)),
                rows,
                entries.units[rows],
                found.scored.scores[at],
                entries.are_abstracts(rows),
                entries.is_of_file[rows],
            )
            yield from map(_Offered._make, zip(*(one.tolist() for one in columns), strict=True))

    def _offer(self, one: _Offered) -> None:
        """Take the next position, or let it wait for others to be taken first."""
        if one.row in self._shown:
            return
        unit = self._found.scored.same.get(one.unit, one.unit)
        is_close = one.score >= SECOND_SHARE * self._best.setdefault(unit, one.score)
        if self._has_enough(unit, one.is_of_file, is_close) or (
            one.is_abstract and self._abstracts >= ABSTRACT_SHARE * (len(self._taken) + 1)
        ):
            self._waiting.append((one.position, one.row))
            return
        self._abstracts += one.is_abstract
        self._taken.append(one.position)
        self._of_unit[unit] += 1
        self._shown.update(self._found.relations.rows(one.row))

    def _has_enough(self, unit: int, is_of_file: bool, is_close: bool) -> bool:
        """Whether a work has hits enough, or one that this entry does not come close to."""
        most, taken = self._found.a_work, self._of_unit[unit]
        if most is None or not taken or not is_of_file:
            return False
        return taken >= most or not is_close


class _Offered(NamedTuple):
    """A position of a ranking, and what is told of its entry."""

    position: int
    row: int
    unit: int
    score: float
    is_abstract: bool
    is_of_file: bool

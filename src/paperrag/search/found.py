"""What a question found: every scored entry, best first, and the entries themselves as hits.

Answering needs nothing else: it never goes back to the index with the question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from paperrag.index.arrays import has_row
from paperrag.index.manifest import Manifest
from paperrag.index.tables import ChunkTable, EntryTable
from paperrag.records import Explanation, Hit, Language
from paperrag.search.same_paper import Relations
from paperrag.search.scoring import EntryScores
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

    def unit(self, row: int) -> int:
        """Return what an entry counts as in a list: its work's row, its own where it has none."""
        return self.scored.unit(self.entries, row)

    def hits(self, k: int) -> list[Hit]:
        """Return the first k scored entries as hits; a paper's note and abstract are one hit, the
        better of them.

        Of the first n hits abstracts take ABSTRACT_SHARE, rounded up, as long as there are notes;
        a work takes `a_work`, as long as there are others.
        """
        first = _FirstHits(self, k)
        for position in range(len(self)):
            if len(first.taken) == k:
                break
            first.offer(position)
        positions = first.filled()
        return [self.hit(position, rank) for rank, position in enumerate(positions, 1)]

    def hits_of(self, entry_ids: Sequence[str]) -> list[Hit]:
        """Return some entries as hits, in their order; those that were not scored are left out."""
        place_of = {row: place for place, row in enumerate(self.scored.rows.tolist())}
        rows = map(self.entries.row_of, entry_ids)
        places = [place_of[row] for row in rows if row is not None and row in place_of]
        return [self.hit(place, rank) for rank, place in enumerate(places, 1)]

    def hit(self, position: int, rank: int) -> Hit:
        """Return the entry at a position of the scores as a hit, with its reasons."""
        chunks, best = self.scored.chunks, int(self.scored.best[position])
        row = int(chunks.rows[best])
        entry = self.entries.get(self.entry_row(position))
        words = tuple(word for word, rows in chunks.matched.items() if has_row(rows, row))
        return Hit(
            entry=entry,
            score=round(float(self.scored.scores[position]), 4),
            rank=rank,
            span=(int(self.chunks.start[row]), int(self.chunks.end[row])),
            explanation=Explanation(
                dense=round(float(chunks.dense[best]), 4),
                lexical=round(float(chunks.lexical[best]), 4),
                late=round(float(chunks.late[best]), 4),
                structure=round(float(chunks.structure[best]), 4),
                matched_words=words,
            ),
            related=self.relations.shown_with(self.entry_row(position)),
            twins=self.twins.of(self.entry_row(position)),
        )


class _FirstHits:
    """The positions that hits are made of, while they are chosen one after the other."""

    def __init__(self, found: Found, k: int) -> None:
        self.taken: list[int] = []
        self._found, self._k = found, k
        self._waiting: list[int] = []
        self._shown: set[int] = set()
        self._abstracts = 0
        self._of_unit: Counter[int] = Counter()
        self._best: dict[int, float] = {}

    def offer(self, position: int) -> None:
        """Take the next position, or let it wait for others to be taken first."""
        found, row = self._found, self._found.entry_row(position)
        if row in self._shown:
            return
        unit, score = found.unit(row), float(found.scored.scores[position])
        is_close = score >= SECOND_SHARE * self._best.setdefault(unit, score)
        is_abstract = found.entries.is_abstract(row)
        if self._has_enough(row, unit, is_close) or (
            is_abstract and self._abstracts >= ABSTRACT_SHARE * (len(self.taken) + 1)
        ):
            self._waiting.append(position)
            return
        self._abstracts += is_abstract
        self.taken.append(position)
        self._of_unit[unit] += 1
        self._shown.update(found.relations.rows(row))

    def filled(self) -> list[int]:
        """Return the positions, with those that waited in the places that are left."""
        left = self._k - len(self.taken)
        rows = ((position, self._found.entry_row(position)) for position in self._waiting)
        return self.taken + [position for position, row in rows if row not in self._shown][:left]

    def _has_enough(self, row: int, unit: int, is_close: bool) -> bool:
        """Whether a work has hits enough, or one that this entry does not come close to."""
        most, taken = self._found.a_work, self._of_unit[unit]
        if most is None or not taken or not self._found.entries.is_of_file[row]:
            return False
        return taken >= most or not is_close

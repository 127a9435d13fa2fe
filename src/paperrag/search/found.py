"""What a question found: every scored entry, best first, and the entries themselves as hits.

Answering needs nothing else: it never goes back to the index with the question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from paperrag.index.tables import ChunkTable, EntryTable
from paperrag.records import Explanation, Hit
from paperrag.search.same_paper import Relations
from paperrag.search.scoring import EntryScores
from paperrag.search.twins import Twins
from paperrag.search.works import RankedWorks

ABSTRACT_SHARE = 1 / 3
"""Share of the first hits that abstracts may take while there are notes. With 2,000 abstracts on
the notes' own subjects beside them, nDCG@10 on notes falls by 0.01 at most; with the prior alone
by 0.02."""


SECOND_SHARE = 0.95
"""Share of the best score of a work from which another hit of it is worth a place in a list."""


@dataclass(frozen=True, slots=True)
class Found:
    """The scored entries of one question, with the tables they stand in.

    sides: where the question compares two things, the positions in `scored` of the entries named
    by each, () where the notes do not name both. a_work: hits of one work at most, None for all.
    works: the first works, None where one thing is asked for.
    """

    scored: EntryScores
    entries: EntryTable
    chunks: ChunkTable
    relations: Relations
    twins: Twins
    sides: tuple[tuple[int, ...], ...] = ()
    a_work: int | None = None
    works: RankedWorks | None = None

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
        positions: list[int] = []
        waiting: list[int] = []
        shown: set[int] = set()
        abstracts = 0
        taken: Counter[int] = Counter()
        first: dict[int, float] = {}
        for position, row in enumerate(self.scored.rows.tolist()):
            if len(positions) == k:
                break
            if row in shown:
                continue
            unit = self.unit(row)
            first.setdefault(unit, float(self.scored.scores[position]))
            if (
                self.a_work is not None
                and self.entries.is_of_file[row]
                and taken[unit]
                and (
                    taken[unit] >= self.a_work
                    or self.scored.scores[position] < SECOND_SHARE * first[unit]
                )
            ):
                waiting.append(position)
                continue
            if self.entries.is_abstract(row):
                if abstracts >= ABSTRACT_SHARE * (len(positions) + 1):
                    waiting.append(position)
                    continue
                abstracts += 1
            positions.append(position)
            taken[unit] += 1
            shown.update(self.relations.rows(row))
        positions += [position for position in waiting if self.entry_row(position) not in shown][
            : k - len(positions)
        ]
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
        words = tuple(word for word, rows in chunks.matched.items() if _contains(rows, row))
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


def _contains(rows: npt.NDArray[np.integer], row: int) -> bool:
    position = int(np.searchsorted(rows, row))
    return position < len(rows) and int(rows[position]) == row

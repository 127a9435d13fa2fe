"""The scores of a question's chunks and entries, as records; how they come about is `scoring`'s to
say.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field
from msgspec.structs import replace

from paperrag.encoders.contract import FloatArray
from paperrag.index.arrays import distinct, holds, ordered, ranked
from paperrag.index.tables import EntryTable
from paperrag.records import Explanation


class Scores(Struct, frozen=True):
    """Scores of chunk rows `rows` (r,), each part (r,) in 0–1; `matched` holds rows per query
    word; query: the vector (d,) that they were compared with.
    """

    rows: npt.NDArray[np.int64]
    total: FloatArray
    dense: FloatArray
    lexical: FloatArray
    late: FloatArray
    structure: FloatArray
    matched: Mapping[str, npt.NDArray[np.integer]]
    query: FloatArray | None = None

    def or_better(self, other: Scores) -> Scores:
        """Return the scores by the same question in other words where these are better; what holds
        a word that stands for another in them holds that, too.
        """
        rows = np.concatenate([self.rows, other.rows])
        order = np.lexsort((-np.concatenate([self.total, other.total]), rows))
        best = order[np.diff(rows[order], prepend=-1) > 0]
        parts = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])[best]
            for name in ("total", "dense", "lexical", "late", "structure")
        }
        return replace(self, rows=rows[best], matched=self._matched_or(other), **parts)

    def _matched_or(self, other: Scores) -> dict[str, npt.NDArray[np.integer]]:
        replaced = self.matched.keys() - other.matched.keys()
        instead = [of for word, of in other.matched.items() if word not in self.matched]
        return {
            word: distinct(np.concatenate([of, *instead])) if word in replaced else of
            for word, of in self.matched.items()
        }

    def explained(self, positions: npt.NDArray[np.integer]) -> list[Explanation]:
        """Return what the scores at some positions are made of, and which words of the question
        the chunks there hold.
        """
        rows = self.rows[positions]
        holding = {word: holds(of_word, rows) for word, of_word in self.matched.items()}
        parts = (self.dense, self.lexical, self.late, self.structure)
        shares = zip(*(part[positions].tolist() for part in parts), strict=True)
        return [
            Explanation(
                dense=round(dense, 4),
                lexical=round(lexical, 4),
                late=round(late, 4),
                structure=round(structure, 4),
                matched_words=tuple(word for word, has in holding.items() if has[place]),
            )
            for place, (dense, lexical, late, structure) in enumerate(shares)
        ]


class EntryScores(Struct, frozen=True):
    """Every scored entry, best first: entry rows, their scores, and the position of the best chunk
    in `chunks`.

    is_whole: whether the question only says where to look, so that all of them answer it. same:
    units that give way to another, since both are about one work.
    """

    rows: npt.NDArray[np.int64]
    scores: FloatArray
    best: npt.NDArray[np.int64]
    chunks: Scores
    is_whole: bool = False
    same: Mapping[int, int] = field(default_factory=dict)

    def joined(self, other: EntryScores, share: float) -> EntryScores:
        """Return the same entries, each scored by itself and by a share of another ranking, 0 where
        it is not in that.
        """
        known = dict(zip(other.rows.tolist(), other.scores.tolist(), strict=True))
        others = np.array([known.get(row, 0.0) for row in self.rows.tolist()], dtype=np.float32)
        return self.ranked_by((1 - share) * self.scores + share * others)

    def unit(self, entries: EntryTable, row: int) -> int:
        """Return what an entry counts as in a list: its work's row, its own where it has none."""
        unit = int(entries.units[row])
        return self.same.get(unit, unit)

    def units(self, entries: EntryTable) -> npt.NDArray[np.int64]:
        """Return the unit of each of `rows`."""
        units: npt.NDArray[np.int64] = entries.units[self.rows]
        if self.same:
            names, others = np.array(sorted(self.same.items())).T
            place = names.searchsorted(units).clip(max=len(names) - 1)
            units = np.where(names[place] == units, others[place], units)
        return units

    def only_mention(self, entries: EntryTable) -> npt.NDArray[np.bool_]:
        """Return which of `rows` are lines of an index, where some of the others tell of works."""
        mentions = entries.are_part(self.units(entries), "pointer")
        tells = entries.are_part(self.rows, "work", "statement")
        return mentions & tells.any()

    def ranked_by(self, scores: FloatArray) -> EntryScores:
        """Return the entries ranked by other scores, ties in corpus order."""
        as_they_stand = ordered(self.rows)
        order = as_they_stand[ranked(scores[as_they_stand])]
        return replace(self, rows=self.rows[order], scores=scores[order], best=self.best[order])

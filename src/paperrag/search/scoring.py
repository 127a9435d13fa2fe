"""A question -> a score for each chunk: dense vectors, words and late interaction, fused.

    score = (LATE · late + DENSE · dense + LEXICAL · lexical) / (sum of the weights in use)

Each part lies in 0–1 and is near 0 when it has nothing to say, so a silent part cannot drag
another down (rank fusion does exactly that). Knows chunks, not entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, reduce

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field
from msgspec.structs import replace

from paperrag.encoders.contract import Encoder, FloatArray, TokenEncoder
from paperrag.index.arrays import distinct, holds, ordered, ranked
from paperrag.index.engine import Snapshot
from paperrag.index.late import LateInteraction
from paperrag.index.lexical import tokenize
from paperrag.index.tables import EntryTable
from paperrag.question.read import Question
from paperrag.search.weights import (
    CERTAIN,
    DENSE,
    DENSE_ALONE,
    LATE,
    LEXICAL,
    LEXICAL_BESIDE,
)

CANDIDATES = 1000
"""Chunks that each of the dense and the lexical list puts forward; below this, all are scored."""


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


class ChunkScorer:
    """Scores the chunks of one loaded index."""

    def __init__(self, data: Snapshot, encoder: Encoder) -> None:
        self.data = data
        self.encoder = encoder

    def scores(self, question: Question, allowed: npt.NDArray[np.bool_] | None) -> Scores:
        """Return the scores of the chunks worth scoring in full; allowed: a flag for each entry, or
        None for all.
        """
        query = self.encoder.encode_query([question.asked])[0]
        is_whole = question.scope.is_of_works and question.scope.is_bare  # all of them answer
        most = len(self.data.chunks) if is_whole else CANDIDATES
        found = self.data.candidates(query, question.asked, most, allowed)
        rows, cosines, lexical, matched = found
        baseline = self.data.manifest.dense_baseline
        dense = np.clip((cosines - baseline) / (1 - baseline), 0.0, 1.0).astype(np.float32)
        late, own, total = self._fused(question.asked, rows, dense, lexical)
        if question.paper_ids:
            giving = np.sort(self._rows_giving(question.paper_ids))
            total = np.where(holds(giving, rows), CERTAIN, total)
        total, structure = total.astype(np.float32), np.maximum(late - own, 0)
        return Scores(rows, total, dense, lexical, late, structure, matched, query)

    def _fused(
        self, asked: str, rows: npt.NDArray[np.int64], dense: FloatArray, lexical: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return late interaction with chunks, that without their headings, and the sum of parts;
        of an encoder without token vectors the first two are 0.
        """
        if self._late is None:
            nothing = np.zeros(len(rows), dtype=np.float32)
            total = DENSE_ALONE * dense + LEXICAL_BESIDE * lexical
            total /= DENSE_ALONE + LEXICAL_BESIDE
            return nothing, nothing, total.astype(np.float32)
        late, own = self._late.scores(asked, rows)
        total = (LATE * late + DENSE * dense + LEXICAL * lexical) / (LATE + DENSE + LEXICAL)
        return late, own, total.astype(np.float32)

    def _rows_giving(self, paper_ids: Sequence[str]) -> npt.NDArray[np.integer]:
        """Return the chunk rows whose entries give one of some paper ids."""
        found: list[npt.NDArray[np.integer]] = [np.empty(0, dtype=np.int32)]
        for identifier in paper_ids:
            rows = self.rows_with_words(identifier)
            entries = np.array(self.entries_with(identifier), dtype=np.int64)
            found.append(rows[holds(entries, self.data.chunks.entry[rows])])
        return np.concatenate(found)

    def entries_with(
        self, identifier: str, among: npt.NDArray[np.integer] | None = None
    ) -> list[int]:
        """Return the entries, or those of some, that hold every word of an id in one chunk, and it
        as it is, case aside.
        """
        rows = distinct(self.data.chunks.entry[self.rows_with_words(identifier)])
        looked_at = (rows if among is None else rows[holds(np.sort(among), rows)]).tolist()
        wanted = identifier.lower()
        return [row for row in looked_at if wanted in self.data.entries.text(row).lower()]

    def rows_with_words(self, text: str) -> npt.NDArray[np.integer]:
        """Return the chunk rows that hold every word of a text."""
        rows_of_words = [self.data.rows_with(word) for word in dict.fromkeys(tokenize(text))]
        return reduce(_in_both, rows_of_words) if rows_of_words else np.empty(0, dtype=np.int32)

    @cached_property
    def _late(self) -> LateInteraction | None:
        if self.data.tokens is None or not isinstance(self.encoder, TokenEncoder):
            return None
        return LateInteraction(self.encoder, self.data.tokens)


def _in_both(
    one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]
) -> npt.NDArray[np.integer]:
    few, many = sorted((one, other), key=len)
    return few[holds(many, few)]

"""Ranked entries -> ranked works, each with how probable it is that it belongs to a list.

What speaks for a work is gathered here from all of its entries that were scored; what it weighs
stands in `membership`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field
from msgspec.structs import replace

from paperrag.encoders.contract import FloatArray, unit_rows
from paperrag.index.arrays import (
    best_two,
    holds,
    offsets,
    ordered,
    places_of_distinct,
)
from paperrag.index.engine import Snapshot
from paperrag.index.lexical import rarity
from paperrag.index.tables import EntryTable
from paperrag.search.membership import WorkEvidence, as_judged, membership
from paperrag.search.scores import EntryScores, Scores
from paperrag.search.weights import (
    COMPANY,
    FIELD,
    FILES_SHARE,
    LEADING,
    NAMED_ODDS,
    UNTOLD_LOSS,
)

MeansOf = Callable[[npt.NDArray[np.int64]], FloatArray]
"""Rows that stand for works (n,) -> the mean vector of each, (n, d) at unit length."""

KEPT_MEANS = 4096
"""Of works, 4 MB with the bundled encoder."""


class RankedWorks(Struct, frozen=True):
    """The first works of a ranking, best first, each array (n,): the row that stands for each, the
    row of its best entry, the score of that, how probable it is that the work belongs to a list,
    and why. met: how far entries meet the question, by their positions in the ranking, as far as
    that was judged. known: what the odds of each were multiplied by for what else is known.
    """

    units: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    scores: FloatArray
    chances: FloatArray
    evidence: WorkEvidence
    met: Mapping[int, float] = field(default_factory=dict)
    known: FloatArray | float = 1.0

    def __len__(self) -> int:
        """Return the number of works."""
        return len(self.units)

    def given(self, holding: npt.NDArray[np.bool_]) -> RankedWorks:
        """Return the works with other chances where some hold a name that is asked for, and others
        do not: it may be theirs by another name.
        """
        if holding.all() or not holding.any():
            return self
        factors = np.where(holding, NAMED_ODDS, 1 / NAMED_ODDS).astype(np.float32)
        return replace(self, chances=_with_odds_times(self.chances, factors), known=factors)

    def judged(self, met: Mapping[int, Mapping[int, float]]) -> RankedWorks:
        """Return the works with the chances that judged entries leave them; met: how far these meet
        the question, by work and position. What is known besides counts as much as before.
        """
        own = np.array(list(met), dtype=np.int64)
        known: FloatArray = np.full_like(self.chances, self.known)[own]
        by_evidence = _with_odds_times(self.chances[own], np.reciprocal(known))
        told = as_judged(by_evidence, [list(one.values()) for one in met.values()])
        chances = self.chances.copy()
        chances[own] = _with_odds_times(told, known)
        return replace(
            self, chances=chances, met=dict(chain(*(one.items() for one in met.values())))
        )

    def are_files(self, entries: EntryTable) -> bool:
        """Whether some of the works have files of their own."""
        count = int(entries.is_of_file[self.rows].sum())
        works = int((entries.columns["work"][self.rows] >= 0).sum())
        return count > 0 and count >= FILES_SHARE * works

    def by_chance(self, entries: EntryTable) -> npt.NDArray[np.bool_]:
        """Return which works belong or not by their chances: those that have files of their own,
        and beside some such works the lines that are about one.
        """
        is_of_work = entries.columns["work"][self.rows] >= 0
        flags: npt.NDArray[np.bool_] = entries.is_of_file[self.rows]
        return flags | is_of_work if self.are_files(entries) else flags


def _with_odds_times(chances: FloatArray, factors: FloatArray | float) -> FloatArray:
    """Return chances (n,) with their odds multiplied."""
    odds = chances / np.maximum(1 - chances, 1e-6) * factors
    return np.asarray(odds / (1 + odds), dtype=np.float32)


class Looked(Struct, frozen=True):
    """The works that are looked at, best first: the row that stands for each and the position of
    its best entry; positions of all their entries in the ranking, and which work each belongs to;
    which of all entries only mention works.
    """

    units: npt.NDArray[np.int64]
    heads: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    work: npt.NDArray[np.int64]
    mentions: npt.NDArray[np.bool_]


def looked_at(scored: EntryScores, entries: EntryTable) -> Looked:
    """Return the first works of scored entries; entries that only name a group are none, nor,
    beside works, are lines of an index.
    """
    units = scored.units(entries)
    mentions = scored.only_mention(entries)
    is_silent = entries.are_part(scored.rows, "label", "field") | mentions
    positions = np.flatnonzero(~is_silent)
    order = ordered(units[positions])
    names, places, in_order = places_of_distinct(units[positions[order]])
    first, number = order[places], np.empty_like(order)
    number[order] = in_order
    best = np.argsort(first)[:FIELD]
    place = np.full(len(names), -1, dtype=np.int64)
    place[best] = np.arange(len(best))
    work = place[number]
    kept = work >= 0
    return Looked(names[best], positions[first[best]], positions[kept], work[kept], mentions)


def ranked_works(
    scored: EntryScores, entries: EntryTable, chunk_count: int, means_of: MeansOf, is_topic: bool
) -> tuple[EntryScores, RankedWorks]:
    """Return scored entries ranked by the works they belong to, and the first of these works.

    Works that have files of their own come in the order of their chances: the best of them takes
    the best score that any of them has, and so on; all entries of a work move with it. Bullets of
    lists keep their scores: a bullet says it all. Lines of an index come behind the works.
    """
    looked = looked_at(scored, entries)
    evidence = evidence_of(looked, scored, entries, chunk_count, means_of)
    chances = membership(evidence, is_topic)
    rows, before = scored.rows[looked.heads], scored.scores[looked.heads]
    own = np.flatnonzero(entries.is_of_file[rows])
    scores = before.copy()
    scores[own[np.argsort(-chances[own], kind="stable")]] = before[own]
    lifted = scored.scores.copy()
    lifted[looked.positions] += (scores - before)[looked.work]
    last = np.nextafter(scores.min(initial=1.0), np.float32(0))
    lifted[looked.mentions] = np.minimum(lifted[looked.mentions], last)
    order = np.argsort(-scores, kind="stable")
    works = RankedWorks(
        looked.units[order], rows[order], scores[order], chances[order], evidence.taken(order)
    )
    return scored.ranked_by(np.clip(lifted, 0.0, 1.0)), works


def evidence_of(
    looked: Looked, scored: EntryScores, entries: EntryTable, chunk_count: int, means_of: MeansOf
) -> WorkEvidence:
    """Return what speaks for each of the works that are looked at."""
    chunks, best = scored.chunks, scored.best[looked.positions]
    rows, count, work = scored.rows[looked.positions], len(looked.units), looked.work
    tells = entries.are_part(rows, "work", "statement") & (entries.columns["work"][rows] >= 0)
    total = chunks.total[best]
    _, near, second = best_two(work, total)
    told = _best(total[tells], work[tells], count, missing=-1.0)
    words, told_words = _words_held(chunks, best, looked, tells, chunk_count)
    means = means_of(looked.units)
    no_query = np.zeros(count, dtype=np.float32)
    return WorkEvidence(
        near=near,
        second=np.maximum(second, 0),
        meaning=_best(chunks.dense[best], work, count),
        told=np.where(told < 0, near - UNTOLD_LOSS, told).astype(np.float32),
        words=words,
        told_words=told_words,
        whole=no_query if chunks.query is None else means @ chunks.query,
        kin=_kinship(means),
        company=_company(near, means),
    )


def _words_held(
    chunks: Scores,
    best: npt.NDArray[np.int64],
    looked: Looked,
    tells: npt.NDArray[np.bool_],
    chunk_count: int,
) -> tuple[FloatArray, FloatArray]:
    """Return the share of the question's words, by their rarity, that each work holds in any entry,
    and in those that tell what it is; words that no entry holds count nowhere.
    """
    every = chunks.matched.values()
    weights = np.array([rarity(chunk_count, len(one)) for one in every], dtype=np.float32)
    rows = chunks.rows[best].astype(np.int32)
    has = np.array([holds(holding, rows) for holding in every], dtype=bool)
    has = has.reshape(len(weights), len(rows))
    held = np.zeros((2, len(weights), len(looked.units)), dtype=np.float32)
    for which, in_these in enumerate((has, has & tells)):
        word, place = np.nonzero(in_these)
        held[which, word, looked.work[place]] = 1
    words, told_words = weights @ held / (weights.sum() or np.float32(1))
    return words, told_words


def _best(
    values: FloatArray, work: npt.NDArray[np.int64], count: int, missing: float = 0.0
) -> FloatArray:
    """Return the greatest value of each work."""
    best = np.full(count, missing, dtype=np.float32)
    np.maximum.at(best, work, values)
    return best


class WorkMeans:
    """The mean vector of each work's chunks, brought to unit length; those asked for are kept."""

    def __init__(self, data: Snapshot) -> None:
        self._data = data
        self._kept = np.empty((KEPT_MEANS, data.manifest.dimension), dtype=np.float32)
        self._place_of: dict[int, int] = {}

    def __call__(self, units: npt.NDArray[np.int64]) -> FloatArray:
        """Return the means of works, given by the rows that stand for them, (n, d)."""
        wanted = units.tolist()
        if len(wanted) > KEPT_MEANS:
            return self._means(wanted)
        missing = [unit for unit in wanted if unit not in self._place_of]
        if len(self._place_of) + len(missing) > KEPT_MEANS:
            self._place_of.clear()
            missing = wanted
        if missing:
            start = len(self._place_of)
            self._kept[start : start + len(missing)] = self._means(missing)
            self._place_of |= zip(missing, range(start, start + len(missing)), strict=True)
        return self._kept[[self._place_of[unit] for unit in wanted]]

    def _means(self, units: list[int]) -> FloatArray:
        if not units:
            return np.empty((0, self._data.manifest.dimension), dtype=np.float32)
        chunks = [self._chunks_of(unit) for unit in units]
        vectors = self._data.vectors_of(np.concatenate(chunks))
        firsts = offsets(list(map(len, chunks)))[:-1]
        return unit_rows(np.add.reduceat(vectors, firsts, axis=0))

    def _chunks_of(self, unit: int) -> npt.NDArray[np.int64]:
        rows, entry_of = self._data.entries.unit_rows(unit), self._data.chunks.entry
        bounds = np.array([rows[0], rows[-1] + 1], dtype=entry_of.dtype)  # else all are widened
        first, end = entry_of.searchsorted(bounds).tolist()
        chunks: npt.NDArray[np.int64] = np.flatnonzero(holds(rows, entry_of[first:end])) + first
        return chunks


def _kinship(means: FloatArray) -> FloatArray:
    """Return how much each work is like the leading ones, a leading one like the others of them."""
    leading = means[:LEADING]
    together = leading.sum(axis=0, keepdims=True)
    likeness: FloatArray = means @ unit_rows(together)[0]
    if len(leading) > 1:
        likeness[: len(leading)] = np.sum(leading * unit_rows(together - leading), axis=1)
    return likeness


def _company(near: FloatArray, means: FloatArray) -> FloatArray:
    """Return the mean score of the works most like each, itself left out."""
    count = min(COMPANY, len(means) - 1)
    if count < 1:
        return near
    likeness = means @ means.T
    np.fill_diagonal(likeness, -np.inf)
    most_like = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
    mean: FloatArray = near[most_like].mean(axis=1)
    return mean

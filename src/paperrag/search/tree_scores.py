"""The scores of chunks -> those of entries, by where these stand in their notes: a label stands
behind its members, members of a list carry one another, abstracts and pointers pay a little.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.index.arrays import best_two, places_of_distinct
from paperrag.index.tables import EntryTable
from paperrag.search.weights import (
    ABSTRACT_PRIOR,
    LABEL_PENALTY,
    POINTER_PENALTY,
    SIBLING_SHARE,
)


def best_chunks(
    entry_of: npt.NDArray[np.integer], scores: FloatArray
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the entries of chunks, ascending as their chunks are, and the first best of each."""
    entries, heads, number = places_of_distinct(entry_of)
    if not len(heads):
        return heads, heads
    best = np.flatnonzero(scores == np.maximum.reduceat(scores, heads)[number])
    return entries.astype(np.int64), best[best.searchsorted(heads)]


def in_the_tree(
    rows: npt.NDArray[np.int64], scores: FloatArray, entries: EntryTable, is_list: bool
) -> FloatArray:
    """Return scores of entries by where they stand; is_list: whether members of lists are asked
    for.
    """
    is_pointer = entries.are_part(rows, "pointer")
    scores = np.where(is_pointer, scores - np.float32(POINTER_PENALTY), scores)
    is_label = entries.are_part(rows, "label")
    told = scores
    if is_list:
        sections = entries.columns["section_number"][rows]
        told = _carried_by_siblings(sections, np.where(is_label, 0, scores))
    return np.where(is_label, scores - np.float32(LABEL_PENALTY), told)


def behind_notes(
    rows: npt.NDArray[np.int64], scores: FloatArray, entries: EntryTable
) -> FloatArray:
    """Return scores of entries, abstracts behind what the reader wrote about as near."""
    return np.where(entries.are_abstracts(rows), scores - np.float32(ABSTRACT_PRIOR), scores)


def _carried_by_siblings(sections: npt.NDArray[np.integer], scores: FloatArray) -> FloatArray:
    """Return scores raised towards the mean of the two best in the same section, never lowered."""
    found, best, second = best_two(sections, scores)
    mean = (best + np.where(second > -np.inf, second, best)) / 2
    target = mean[found.searchsorted(sections)]
    return np.maximum(scores, (1 - SIBLING_SHARE) * scores + SIBLING_SHARE * target)

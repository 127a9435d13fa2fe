"""A question against all chunks -> those worth scoring in full. Knows no vectors, only cosines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.index.codes import KINDS, LANGUAGES

IntArray = npt.NDArray[np.integer]
BoolArray = npt.NDArray[np.bool_]

UNSEEN = -2.0
"""In the place of a cosine of what was not looked at."""

SAMPLED = 2048
"""Values that are looked at to tell which of many may be among the greatest: of 25,000 the 1,000
greatest are found in .02 ms in the place of .13.
"""

SAMPLED_MORE, SAMPLED_LEAST = 2, 8
"""In times of the values that are sought, as many are kept by what a sample tells, and so many of
the sample at least: else there might be too few, and all are looked at.
"""

GROUPS = len(LANGUAGES) * len(KINDS)
"""Each language, and notes and abstracts apart, puts forward its own nearest chunks: many of one
must not crowd out the others."""


class ChunkGroups:
    """Which group each chunk is of; asked for by every question, so looked up once.

    of: (n,), -1 of chunks that are not asked for.
    """

    def __init__(self, of: npt.NDArray[np.int8]) -> None:
        self.of = of

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """The chunks that are asked for, ascending."""
        return np.flatnonzero(self.of >= 0)

    @cached_property
    def members(self) -> list[npt.NDArray[np.int64]]:
        """The chunks of each group, ascending."""
        return self.among(np.arange(len(self.of)))

    def among(self, rows: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
        """Return the chunks of each group among some."""
        of_rows = self.of.take(rows)
        return [rows.compress(of_rows == code) for code in range(GROUPS)]


class Candidates(NamedTuple):
    """Chunks worth scoring in full: their rows (r,), ascending, the cosine of each, and its share
    in 0–1 of the question's words. matched: by each of these words the chunk rows that hold it,
    ascending; at least those among `rows`.
    """

    rows: npt.NDArray[np.int64]
    cosines: FloatArray
    lexical: FloatArray
    matched: Mapping[str, IntArray]


def put_forward(
    cosines: FloatArray, lexical: FloatArray, groups: ChunkGroups, most: int
) -> npt.NDArray[np.int64]:
    """Return the rows of the chunks that a group or the words put forward, ascending.

    Both (n,) over all chunks: cosines are UNSEEN of those that only words may put forward. See
    `engine.Snapshot.candidates`.
    """
    is_candidate = np.zeros(len(cosines), dtype=bool)
    for pool in _pools(cosines, lexical, groups, most):
        is_candidate[pool] = True
    return np.flatnonzero(is_candidate)


def _pools(
    cosines: FloatArray, lexical: FloatArray, groups: ChunkGroups, most: int
) -> Iterator[npt.NDArray[np.int64]]:
    seen = np.flatnonzero(cosines > UNSEEN)
    for members in groups.members if len(seen) == len(cosines) else groups.among(seen):
        yield best(members, cosines, most)
    saying = np.flatnonzero(lexical > 0)
    yield best(saying.compress(groups.of.take(saying) >= 0), lexical, most)


def best(rows: npt.NDArray[np.int64], values: FloatArray, k: int) -> npt.NDArray[np.int64]:
    """Return the k rows of the greatest values, of equal ones the first; in any order."""
    if len(rows) <= k:
        return rows
    of_rows = values.take(rows)
    least = _kth_greatest(of_rows, k)
    reaching = rows.compress(of_rows >= least)
    if len(reaching) == k:
        return reaching
    above = rows.compress(of_rows > least)
    return np.concatenate([above, rows.compress(of_rows == least)[: k - len(above)]])


def _kth_greatest(values: FloatArray, k: int) -> np.float32:
    """Return the kth greatest of some values; of most a sample tells that they are less."""
    step = len(values) // SAMPLED
    if step > 1:
        sample = values[::step]
        rank = min(len(sample), SAMPLED_MORE * k // step + SAMPLED_LEAST)
        above = values.compress(values >= np.partition(sample, -rank)[-rank])
        values = above if len(above) >= k else values
    least: np.float32 = np.partition(values, -k)[-k]
    return least

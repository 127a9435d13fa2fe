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
        of_rows = self.of[rows]
        return [rows[of_rows == code] for code in range(GROUPS)]


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
    saying = np.flatnonzero(lexical)
    yield best(saying[groups.of[saying] >= 0], lexical, most)


def best(rows: npt.NDArray[np.int64], values: FloatArray, k: int) -> npt.NDArray[np.int64]:
    """Return the k rows of the greatest values, of equal ones the first; in any order."""
    if len(rows) <= k:
        return rows
    of_rows = values[rows]
    least = np.partition(of_rows, -k)[-k]
    above = rows[of_rows > least]
    return np.concatenate([above, rows[of_rows == least][: k - len(above)]])

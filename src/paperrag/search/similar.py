"""Index -> one vector per entry: what is similar to an entry, and where entries lie on a map.

An entry's vector is the mean of its chunks' vectors, brought back to unit length. Nothing here
is random: the same index gives the same neighbours and the same map.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from paperrag.encoders.contract import FloatArray, unit_rows
from paperrag.index.engine import Snapshot
from paperrag.records import Entry, Explanation, Hit
from paperrag.search.weights import (
    MOST_TWINS,
    TWIN_COSINE,
)


class EntryVectors:
    """The vectors of the entries of one index generation, `data`; rows are entry rows."""

    def __init__(self, data: Snapshot) -> None:
        self.data = data

    @cached_property
    def rows(self) -> FloatArray:
        """(n, d) float32, unit rows; an entry without chunks has a row of zeros."""
        chunks, entries = self.data.chunks, self.data.entries
        sums = np.zeros((len(entries), self.data.manifest.dimension), dtype=np.float32)
        if len(chunks):
            np.add.at(sums, chunks.entry, self.data.vectors_of(np.arange(len(chunks))))
        return unit_rows(sums)

    def similar(self, row: int, k: int) -> list[Hit]:
        """Return the k entries nearest to an entry, at most three twins in the other language
        first.

        Its parent and children are left out: they stand beside it anyway. Scores are cosines.
        """
        return self._near(self, row, k, self._kin(row))

    def near(self, other: EntryVectors, row: int, k: int) -> list[Hit]:
        """Return the k entries nearest to an entry of another index, as `similar` does; none where
        another encoder read it.
        """
        one, two = self.data.manifest, other.data.manifest
        is_comparable = one.encoder_fingerprint == two.encoder_fingerprint
        return self._near(other, row, k, set()) if is_comparable else []

    def _near(self, other: EntryVectors, row: int, k: int, left_out: set[int]) -> list[Hit]:
        if k < 1 or not len(self.rows):
            return []
        cosines = self.rows @ other.rows[row]
        order = [at for at in np.argsort(-cosines, kind="stable").tolist() if at not in left_out]
        language = other.data.entries.columns["language"][row]
        is_other = self.data.entries.columns["language"] != language
        twins = [at for at in order[: 50 * k] if is_other[at] and cosines[at] >= TWIN_COSINE]
        first = twins[: min(MOST_TWINS, k)]
        chosen = [*first, *(at for at in order if at not in first)][:k]
        return [self._hit(at, rank, float(cosines[at])) for rank, at in enumerate(chosen, 1)]

    @cached_property
    def map(self) -> FloatArray:
        """(n, 2) float32: where entries lie in their principal plane."""
        return principal_plane(self.rows)

    def _kin(self, row: int) -> set[int]:
        parent = self.data.entries.parent_row(row)
        return {row, row if parent is None else parent, *self.data.entries.child_rows(row)}

    def _hit(self, row: int, rank: int, cosine: float) -> Hit:
        entry = self.data.entries.get(row)
        score = round(max(cosine, 0.0), 4)
        return Hit(entry, score, rank, (0, len(entry.text)), Explanation(dense=score))


def is_twin(hit: Hit, entry: Entry) -> bool:
    """Whether a hit may say in the other language what an entry says."""
    return hit.entry.language != entry.language and hit.score >= TWIN_COSINE


def principal_plane(rows: FloatArray) -> FloatArray:
    """Return (n, 2) float32: rows in the two directions in which they differ most (principal
    components), within -1 to 1.
    """
    if len(rows) < 2:
        return np.zeros((len(rows), 2), dtype=np.float32)
    centred = (rows - rows.mean(axis=0)).astype(np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, [-1, -2]]
    # eigenvectors have no sign of their own
    signs = np.sign(axes[np.argmax(np.abs(axes), axis=0), [0, 1]])
    places = centred @ (axes * signs)
    scaled: FloatArray = (places / max(float(np.abs(places).max()), 1e-9)).astype(np.float32)
    return scaled

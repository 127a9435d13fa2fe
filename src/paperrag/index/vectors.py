"""The vector index contract, and its exact NumPy oracle.

Vectors are unit rows, scores are cosines, ids are ours: monotonic, never reused. Best first;
equal scores in the order of ids.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import BinaryIO, Protocol, Self

import numpy as np

from paperrag.encoders.contract import FloatArray, IntArray, check_unit_rows
from paperrag.errors import IndexCorrupt, QueryError, ShapeError
from paperrag.index.arrays import Buffer


class VectorIndex(Protocol):
    """Holds unit vectors by id and finds the nearest ones."""

    dimension: int

    @property
    def ids(self) -> IntArray:
        """Ids held, ascending, shape (n,)."""

    def add(self, ids: IntArray, vectors: FloatArray) -> None:
        """Add (m, d) unit rows under new ids. Raises ShapeError, or ValueError for an id that is
        held.
        """

    def remove(self, ids: IntArray) -> None:
        """Drop ids; ids that are not held are ignored."""

    def vectors(self, ids: IntArray) -> FloatArray:
        """Return the (m, d) rows of ids. Raises KeyError for an id that is not held."""

    def search(
        self, queries: FloatArray, k: int, allowed: IntArray | None = None
    ) -> tuple[IntArray, FloatArray]:
        """Return (ids, cosines) of the k nearest rows for each query, both (q, min(k, n)).

        queries: (q, d) unit rows; `allowed` restricts the search to some ids. Raises ShapeError
        if d differs from the index, QueryError if k < 1.
        """

    def cosines(self, query: FloatArray) -> FloatArray:
        """Return the cosine of every row with one (d,) unit query, in the order of `ids`.

        Raises ShapeError if d differs from the index.
        """

    def write(self, file: BinaryIO) -> None:
        """Write the index to a file, as `from_bytes` reads it."""

    @classmethod
    def from_bytes(cls, data: Buffer) -> Self:
        """Return the index that `write` wrote. Raises IndexCorrupt."""


def check_search(queries: FloatArray, k: int, dimension: int) -> FloatArray:
    """Return queries as float32 unit rows, or raise what `VectorIndex.search` promises."""
    if k < 1:
        raise QueryError(f"k must be at least 1, got {k}")
    queries = np.asarray(queries)
    if queries.ndim != 2 or queries.shape[1] != dimension:
        raise ShapeError(f"expected queries of shape (q, {dimension}), got {queries.shape}")
    return check_unit_rows(queries, len(queries), dimension, "queries")


def check_new_ids(ids: Sequence[int] | IntArray, held: IntArray) -> IntArray:
    """Return ids as int64 if they are distinct and none is held. Raises ValueError."""
    new = np.asarray(ids, dtype=np.int64)
    if len(np.unique(new)) != len(new) or np.isin(new, held).any():
        raise ValueError("ids must be distinct and not yet in the index")
    return new


class ExactIndex:
    """Brute force in NumPy: the oracle that every other index is tested against."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._ids: IntArray = np.empty(0, dtype=np.int64)
        self._rows: FloatArray = np.empty((0, dimension), dtype=np.float32)

    @property
    def ids(self) -> IntArray:
        """Ids held, ascending."""
        return self._ids

    def add(self, ids: IntArray, vectors: FloatArray) -> None:
        """Add unit rows under new ids."""
        ids = check_new_ids(ids, self._ids)
        rows = check_unit_rows(vectors, len(ids), self.dimension, "vectors to add")
        order = np.argsort(np.concatenate([self._ids, ids]), kind="stable")
        self._ids = np.concatenate([self._ids, ids])[order]
        self._rows = np.concatenate([self._rows, rows])[order]

    def remove(self, ids: IntArray) -> None:
        """Drop ids."""
        kept = ~np.isin(self._ids, ids)
        self._ids, self._rows = self._ids[kept], self._rows[kept]

    def vectors(self, ids: IntArray) -> FloatArray:
        """Return the rows of ids."""
        positions = np.searchsorted(self._ids, ids)
        inside = positions < len(self._ids)
        if not inside.all() or not np.array_equal(self._ids[positions], ids):
            raise KeyError(
                f"ids not in the index: {sorted(set(np.asarray(ids).tolist()) - set(self._ids.tolist()))[:5]}"
            )
        return self._rows[positions]

    def search(
        self, queries: FloatArray, k: int, allowed: IntArray | None = None
    ) -> tuple[IntArray, FloatArray]:
        """Return the nearest rows, best first, ties by id."""
        queries = check_search(queries, k, self.dimension)
        mask = (
            np.isin(self._ids, allowed)
            if allowed is not None
            else np.ones(len(self._ids), dtype=bool)
        )
        scores = queries @ self._rows[mask].T
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return self._ids[mask][order], np.take_along_axis(scores, order, axis=1)

    def cosines(self, query: FloatArray) -> FloatArray:
        """Return the cosine of every row with a query, in the order of ids."""
        return np.asarray(self._rows @ check_search(query[np.newaxis], 1, self.dimension)[0])

    def write(self, file: BinaryIO) -> None:
        """Write the index as an .npz archive."""
        np.savez(file, ids=self._ids, rows=self._rows)

    @classmethod
    def from_bytes(cls, data: Buffer) -> Self:
        """Return the index that `write` wrote."""
        try:
            arrays = np.load(io.BytesIO(data))
            index = cls(int(arrays["rows"].shape[1]))
            index._ids, index._rows = arrays["ids"], arrays["rows"]
        except Exception as error:  # numpy and zipfile raise many kinds
            raise IndexCorrupt(f"the vector file is not readable ({error})") from error
        return index

"""The contract of the vectors of one segment, and its exact NumPy oracle.

Vectors are unit rows, told apart by their place; scores are cosines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import UNIT_TOLERANCE, FloatArray, check_unit_rows
from paperrag.errors import IndexCorrupt, ShapeError


class VectorIndex(Protocol):
    """Holds unit vectors and says how near each is to a query."""

    dimension: int

    def __len__(self) -> int:
        """Return the number of vectors."""

    def rows(self, places: npt.NDArray[np.integer]) -> FloatArray:
        """Return the (m, d) vectors at some places."""

    def cosines(self, query: FloatArray) -> FloatArray:
        """Return the (n,) cosine of every vector with one (d,) unit query, in their order.

        Raises ShapeError if d differs from the index.
        """

    def cosines_at(self, places: npt.NDArray[np.integer], query: FloatArray) -> FloatArray:
        """Return the (m,) cosines of the vectors at some places with a query."""


StoreVectors = Callable[[FloatArray], npt.NDArray[np.uint8]]
"""(n, d) unit rows -> the bytes that a segment keeps of them. Raises ShapeError for other rows."""

LoadVectors = Callable[[npt.NDArray[Any]], VectorIndex]
"""Those bytes -> the vectors. Raises IndexCorrupt for others."""


def check_query(query: FloatArray, dimension: int) -> FloatArray:
    """Return a query as float32 if it is one unit row of a width. Raises ShapeError."""
    query = np.asarray(query, dtype=np.float32)
    if query.shape != (dimension,):
        raise ShapeError(f"expected a query of shape ({dimension},), got {query.shape}")
    if not abs(float(query @ query) - 1) < UNIT_TOLERANCE:
        check_unit_rows(query[np.newaxis], 1, dimension, "the query")  # says what is wrong, if any
    return query


class ExactVectors:
    """Brute force in NumPy: the oracle that every other one is tested against."""

    def __init__(self, rows: FloatArray) -> None:
        self._rows = rows
        self.dimension = int(rows.shape[1])

    @staticmethod
    def store(rows: FloatArray) -> npt.NDArray[np.uint8]:
        """Return the width in 8 bytes, then the rows."""
        rows = check_unit_rows(rows, len(rows), rows.shape[1], "vectors to store")
        head = np.array([rows.shape[1]], dtype="<i8").view(np.uint8)
        return np.concatenate([head, np.ascontiguousarray(rows).view(np.uint8).ravel()])

    @classmethod
    def load(cls, data: npt.NDArray[Any]) -> ExactVectors:
        """Return the vectors that `store` wrote."""
        try:
            width = int(data[:8].view("<i8")[0])
            return cls(data[8:].view("<f4").reshape(-1, width))
        except (ValueError, IndexError, ZeroDivisionError) as error:
            raise IndexCorrupt(f"the vectors are not readable ({error})") from error

    def __len__(self) -> int:
        """Return the number of vectors."""
        return len(self._rows)

    def rows(self, places: npt.NDArray[np.integer]) -> FloatArray:
        """Return the vectors at some places."""
        found: FloatArray = self._rows[places]
        return found

    def cosines(self, query: FloatArray) -> FloatArray:
        """Return the cosine of every vector with a query."""
        return np.asarray(self._rows @ check_query(query, self.dimension))

    def cosines_at(self, places: npt.NDArray[np.integer], query: FloatArray) -> FloatArray:
        """Return the cosines of the vectors at some places."""
        return np.asarray(self._rows[places] @ check_query(query, self.dimension))

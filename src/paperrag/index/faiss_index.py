"""FAISS as the vectors of a segment: exact inner products over unit rows, mapped and not copied.

A segment keeps how many bytes to leave out, then FAISS's own format, placed so that its rows begin
at a multiple of 64 bytes: badly placed ones would be copied at every search. Python opens the files
(FAISS cannot open every path).
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, check_unit_rows
from paperrag.errors import IndexCorrupt
from paperrag.index.vectors import check_query

# One question at a time is searched: FAISS's idle OpenMP threads spin against NumPy's and made
# a query five times slower (measured at 165 rows on two cores, 7.8 against 1.5 ms).
faiss.omp_set_num_threads(1)

_ALIGNMENT = 64


class FaissVectors:
    """Exact cosines with FAISS's flat index; the same results as ExactVectors."""

    def __init__(self, index: Any, data: npt.NDArray[Any]) -> None:
        self._data = data  # FAISS reads the rows where they lie
        self._index = index
        self.dimension = int(index.d)
        count = int(index.ntotal)
        rows: Any = faiss.rev_swig_ptr(index.get_xb(), count * self.dimension) if count else []
        self._rows: FloatArray = np.asarray(rows, dtype=np.float32).reshape(count, self.dimension)

    @staticmethod
    def store(rows: FloatArray) -> npt.NDArray[np.uint8]:
        """Return an index of some rows as FAISS writes it, behind the bytes that place it."""
        rows = check_unit_rows(rows, len(rows), rows.shape[1], "vectors to store")
        index = faiss.IndexFlatIP(rows.shape[1])
        index.add(np.ascontiguousarray(rows))
        data = faiss.serialize_index(index)
        head = 1 + len(data) - rows.nbytes
        spare = -head % _ALIGNMENT
        return np.concatenate([np.array([1 + spare] + [0] * spare, dtype=np.uint8), data])

    @classmethod
    def load(cls, data: npt.NDArray[Any]) -> FaissVectors:
        """Return the vectors that `store` wrote. Raises IndexCorrupt."""
        try:
            content = data[int(data[0]) :]
            reader = faiss.ZeroCopyIOReader(faiss.swig_ptr(content), content.nbytes)  # type: ignore[attr-defined]  # missing in FAISS's stub
            index = faiss.read_index(reader)
        except (RuntimeError, AssertionError, IndexError) as error:
            raise IndexCorrupt(
                f"the vectors are not readable ({str(error).splitlines()[0]})"
            ) from error
        if not isinstance(index, faiss.IndexFlatIP):
            raise IndexCorrupt(f"the vectors are a {type(index).__name__}, expected IndexFlatIP")
        return cls(index, data)

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

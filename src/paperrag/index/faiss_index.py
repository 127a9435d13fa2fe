"""FAISS as a VectorIndex: exact inner products over unit rows, under ids of our own.

`IndexFlatIP` inside `IndexIDMap2`. Everything FAISS leaves to luck is settled here: width and
finiteness are checked first, padding (-1) never leaves, ties are put in the order of ids, ids
are never reused, and Python opens the files (FAISS cannot open every path).
"""

from __future__ import annotations

import zlib
from typing import BinaryIO, Self

import faiss
import numpy as np

from paperrag.encoders.contract import FloatArray, IntArray, check_unit_rows
from paperrag.errors import IndexCorrupt
from paperrag.index.arrays import Buffer
from paperrag.index.vectors import check_new_ids, check_search

# One question at a time is searched: FAISS's idle OpenMP threads spin against NumPy's and made
# a query five times slower (measured at 165 rows on two cores, 7.8 against 1.5 ms).
faiss.omp_set_num_threads(1)

_SPARE = 8
"""Rows asked for beyond k, so that a tie at the k-th place is nearly always seen whole at once."""

_CHECKSUM_BYTES = 4


class FaissIndex:
    """Exact search with FAISS; the same results as ExactIndex, faster on many rows."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self._greatest = -1
        self._sorted: tuple[IntArray, IntArray] | None = None

    @property
    def ids(self) -> IntArray:
        """Ids held, ascending."""
        return self._in_order()[0]

    def add(self, ids: IntArray, vectors: FloatArray) -> None:
        """Add unit rows under new ids; ids above all that are held cost no look at those."""
        ids = np.asarray(ids, dtype=np.int64)
        if not (len(ids) and ids[0] > self._greatest and (np.diff(ids) > 0).all()):
            ids = check_new_ids(ids, self.ids)
        rows = check_unit_rows(vectors, len(ids), self.dimension, "vectors to add")
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(rows), ids)
            self._greatest = max(self._greatest, int(ids.max()))
            self._sorted = None

    def remove(self, ids: IntArray) -> None:
        """Drop ids."""
        if len(ids):
            self._sorted = None
            self._index.remove_ids(np.asarray(ids, dtype=np.int64))  # type: ignore[arg-type]  # the stubs miss arrays

    def vectors(self, ids: IntArray) -> FloatArray:
        """Return the rows of ids."""
        ids = np.asarray(ids, dtype=np.int64)
        missing = ids[~np.isin(ids, self.ids)]
        if len(missing):
            raise KeyError(f"ids not in the index: {missing[:5].tolist()}")
        if not len(ids):
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._index.reconstruct_batch(ids)

    def search(
        self, queries: FloatArray, k: int, allowed: IntArray | None = None
    ) -> tuple[IntArray, FloatArray]:
        """Return the nearest rows, best first, ties by id."""
        queries = np.ascontiguousarray(check_search(queries, k, self.dimension))
        count = self._index.ntotal if allowed is None else int(np.isin(self.ids, allowed).sum())
        k = min(k, count)
        if k == 0:
            return np.empty((len(queries), 0), dtype=np.int64), np.empty(
                (len(queries), 0), dtype=np.float32
            )
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.asarray(allowed, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]  # the stubs miss it
        width = min(k + _SPARE, count)
        scores, ids = self._index.search(queries, width, params=parameters)
        while (
            width < count and (scores[:, -1] == scores[:, k - 1]).any()
        ):  # who is left out of a tie is chance
            width = min(2 * width, count)
            scores, ids = self._index.search(queries, width, params=parameters)
        order = np.lexsort((ids, -scores), axis=1)[:, :k]
        return np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)

    def cosines(self, query: FloatArray) -> FloatArray:
        """Return the cosine of every row with a query, in the order of ids."""
        query = check_search(query[np.newaxis], 1, self.dimension)[0]
        flat = faiss.downcast_index(self._index.index)
        count = self._index.ntotal
        rows = query[:0]
        if count:
            rows = faiss.rev_swig_ptr(flat.get_xb(), count * self.dimension)  # type: ignore[attr-defined]  # the stubs give the base class
        cosines = rows.reshape(count, self.dimension) @ query
        return np.asarray(cosines[self._in_order()[1]])

    def _in_order(self) -> tuple[IntArray, IntArray]:
        """Return the ids held, ascending, and the places of their rows."""
        if self._sorted is None:
            ids = faiss.vector_to_array(self._index.id_map)
            order = np.argsort(ids, kind="stable")
            self._sorted = ids[order], order
        return self._sorted

    def write(self, file: BinaryIO) -> None:
        """Write the index in FAISS's own format, and its CRC-32 behind it."""
        checksum = 0

        def write(block: bytes) -> None:
            nonlocal checksum
            checksum = zlib.crc32(block, checksum)
            file.write(block)

        writer = faiss.PyCallbackIOWriter(write)  # type: ignore[attr-defined]  # missing in FAISS's stub
        faiss.write_index(self._index, writer)
        file.write(checksum.to_bytes(_CHECKSUM_BYTES, "little"))

    @classmethod
    def from_bytes(cls, data: Buffer) -> Self:
        """Return the index that `write` wrote."""
        content, checksum = memoryview(data)[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
        # FAISS reads altered sizes as they are and asks for any amount of memory.
        if not content or checksum != zlib.crc32(content).to_bytes(_CHECKSUM_BYTES, "little"):
            raise IndexCorrupt(
                "the vector file is truncated or altered (its checksum does not match)"
            )
        try:
            inner = faiss.deserialize_index(np.frombuffer(content, dtype=np.uint8))
        except (RuntimeError, AssertionError) as error:
            raise IndexCorrupt(
                f"the vector file is not readable ({str(error).splitlines()[0]})"
            ) from error
        if not isinstance(inner, faiss.IndexIDMap2):
            raise IndexCorrupt(
                f"the vector file holds a {type(inner).__name__}, expected IndexIDMap2"
            )
        index = cls(inner.d)
        index._index = inner
        index._greatest = int(index.ids.max(initial=-1))
        return index

"""One contract for the vectors of a segment; ExactVectors is the oracle."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from paperrag.encoders.contract import unit_rows
from paperrag.errors import IndexCorrupt, ShapeError
from paperrag.index.faiss_index import FEW_ROWS, FaissVectors
from paperrag.index.vectors import ExactVectors, VectorIndex

SIXTEEN_BITS = 2.0**-12
"""By how much a number below 1 is rounded to 16 bits at most."""

KINDS = [ExactVectors, FaissVectors]
Kind = type[ExactVectors] | type[FaissVectors]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request) -> Kind:
    return request.param


def rows(*vectors: list[float]) -> np.ndarray:
    return np.array(vectors, dtype=np.float32)


def stored(kind: Kind, *vectors: list[float]) -> VectorIndex:
    return kind.load(kind.store(rows(*vectors)))


def test_cosines_of_all_rows_come_in_their_order(kind):
    index = stored(kind, [1, 0], [0.6, 0.8], [-1, 0], [0, 0])
    # query (0.8, 0.6): the second gives 0.48 + 0.48
    assert (
        index.cosines(rows([0.8, 0.6])[0]).round(3).tolist()
        == rows([0.8, 0.96, -0.8, 0])[0].tolist()
    )
    assert (len(index), index.dimension) == (4, 2)


def test_vectors_come_back_by_place(kind):
    index = stored(kind, [0, 1], [1, 0], [0.6, 0.8])
    expected = rows([0.6, 0.8], [0, 1], [0.6, 0.8])
    np.testing.assert_allclose(index.rows(np.array([2, 0, 2])), expected, atol=SIXTEEN_BITS)
    assert index.rows(np.array([], dtype=int)).shape == (0, 2)


def test_no_vectors_give_no_cosines(kind):
    index = kind.load(kind.store(np.empty((0, 3), dtype=np.float32)))
    assert (len(index), index.dimension) == (0, 3)
    assert index.cosines(rows([1, 0, 0])[0]).tolist() == []


def test_query_of_the_wrong_shape_names_both(kind):
    index = stored(kind, [1, 0])
    with pytest.raises(ShapeError, match=r"expected a query of shape \(2,\), got \(3,\)"):
        index.cosines(rows([1, 0, 0])[0])
    with pytest.raises(ShapeError, match=r"got \(1, 2\)"):
        index.cosines(rows([1, 0]))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(kind, bad):
    with pytest.raises(ShapeError, match="vectors to store: row 1 holds NaN or infinity"):
        kind.store(rows([0, 1], [bad, 0]))
    with pytest.raises(ShapeError, match="the query: row 0 holds NaN or infinity"):
        stored(kind, [1, 0]).cosines(rows([bad, 0])[0])


def test_rows_that_are_not_unit_are_refused(kind):
    with pytest.raises(ShapeError, match=r"expected unit rows, row 0 has length 2\.0000"):
        kind.store(rows([2, 0]))


def test_same_rows_give_the_same_bytes(kind):
    assert kind.store(rows([1, 0], [0, 1])).tobytes() == kind.store(rows([1, 0], [0, 1])).tobytes()


def test_bytes_of_another_kind_are_corrupt(kind):
    other = next(one for one in KINDS if one is not kind)
    with pytest.raises(IndexCorrupt, match="the vectors are"):
        kind.load(other.store(rows([0.6, 0.8])))


def test_faiss_can_read_what_is_stored_and_rows_begin_where_they_should():
    data = FaissVectors.store(unit_rows(np.ones((10, 12))))
    content = data[int(data[0]) :]
    index = faiss.deserialize_index(content.copy())
    assert (type(index), index.ntotal, index.d) == (faiss.IndexScalarQuantizer, 10, 12)
    assert index.sq.qtype == faiss.ScalarQuantizer.QT_fp16
    assert (len(data) - 10 * 12 * 2) % 64 == 0


def test_segments_of_before_are_read_with_all_bits():
    vectors = unit_rows(np.random.default_rng(3).normal(size=(5, 8)))
    index = faiss.IndexFlatIP(8)
    index.add(vectors)
    data = np.concatenate([np.array([1], np.uint8), faiss.serialize_index(index)])
    assert FaissVectors.load(data).rows(np.arange(5)).tolist() == vectors.tolist()


def test_another_index_of_faiss_is_refused():
    index = faiss.IndexScalarQuantizer(8, faiss.ScalarQuantizer.QT_bf16)
    data = np.concatenate([np.array([1], np.uint8), faiss.serialize_index(index)])
    with pytest.raises(IndexCorrupt, match="of kind 7, expected b'IxSQ' of kind 4"):
        FaissVectors.load(data)


def test_rows_that_are_written_again_do_not_change():
    data = FaissVectors.store(unit_rows(np.random.default_rng(3).normal(size=(50, 8))))
    rows = FaissVectors.load(data).rows(np.arange(50))
    assert FaissVectors.store(rows).tobytes() == data.tobytes()


@pytest.mark.parametrize("count", [0, 1, FEW_ROWS - 1, FEW_ROWS])
def test_few_rows_are_written_as_faiss_writes_them(count):
    vectors = unit_rows(np.random.default_rng(3).normal(size=(count, 8)))
    index = faiss.IndexScalarQuantizer(8, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.add(vectors)
    data = FaissVectors.store(vectors)
    assert data[int(data[0]) :].tobytes() == faiss.serialize_index(index).tobytes()
    found = FaissVectors.load(data).rows(np.arange(count))
    np.testing.assert_allclose(found, vectors, atol=SIXTEEN_BITS)


def test_faiss_finds_the_same_as_the_oracle_among_random_rows():
    random = np.random.default_rng(7)
    vectors = unit_rows(random.normal(size=(500, 32)))
    oracle, faiss = (kind.load(kind.store(vectors)) for kind in KINDS)
    for query in unit_rows(random.normal(size=(40, 32))):
        np.testing.assert_allclose(faiss.cosines(query), oracle.cosines(query), atol=2e-4)
    np.testing.assert_allclose(faiss.rows(np.arange(500)), vectors, atol=SIXTEEN_BITS)

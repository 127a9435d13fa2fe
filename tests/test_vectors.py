"""One contract for every VectorIndex; ExactIndex is the oracle."""

from __future__ import annotations

import io

import numpy as np
import pytest

from paperrag.encoders.contract import unit_rows
from paperrag.errors import IndexCorrupt, QueryError, ShapeError
from paperrag.index.faiss_index import FaissIndex
from paperrag.index.vectors import ExactIndex, VectorIndex
from properties import given, st

INDEXES = [ExactIndex, FaissIndex]
HALF = 0.5
# Unit rows whose products are sums of quarters: exact in float32, so equal scores are equal.
POOL = np.array(
    [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [-1, 0, 0, 0],
        [HALF, HALF, HALF, HALF],
        [HALF, -HALF, HALF, -HALF],
        [0, 0, 0, 0],
    ],
    dtype=np.float32,
)


@pytest.fixture(params=INDEXES, ids=lambda kind: kind.__name__)
def kind(request) -> type[VectorIndex]:
    return request.param


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def rows(*vectors: list[float]) -> np.ndarray:
    return np.array(vectors, dtype=np.float32)


def written(index):
    file = io.BytesIO()
    index.write(file)
    return file.getvalue()


def filled(kind: type[VectorIndex], held: dict[int, list[float]]) -> VectorIndex:
    index = kind(len(next(iter(held.values()))))
    index.add(ids(*held), rows(*held.values()))
    return index


def found(
    index: VectorIndex, query: list[float], k: int, allowed: np.ndarray | None = None
) -> list[tuple[int, float]]:
    got, scores = index.search(rows(query), k, allowed)
    return [(int(i), round(float(score), 5)) for i, score in zip(got[0], scores[0], strict=True)]


# --- values by hand
# ------------------------------------------------------------------------------------


def test_search_returns_cosines_best_first(kind):
    index = filled(kind, {0: [1, 0], 1: [0, 1], 2: [0.6, 0.8], 3: [-1, 0]})
    # query (0.8, 0.6): 0.8, 0.6, 0.48 + 0.48 = 0.96, -0.8
    assert found(index, [0.8, 0.6], 4) == [(2, 0.96), (0, 0.8), (1, 0.6), (3, -0.8)]


def test_search_answers_each_query_in_its_row(kind):
    got, scores = filled(kind, {4: [1, 0], 7: [0, 1]}).search(rows([0, 1], [1, 0]), 1)
    assert (got.tolist(), scores.tolist()) == ([[7], [4]], [[1.0], [1.0]])
    assert got.dtype == np.int64 and scores.dtype == np.float32


def test_more_than_held_gives_all_and_no_padding(kind):
    assert found(filled(kind, {5: [1, 0], 6: [0, 1]}), [1, 0], 100) == [(5, 1.0), (6, 0.0)]


def test_ties_come_in_the_order_of_ids_whatever_the_order_of_adding(kind):
    index = filled(kind, {9: [1, 0], 3: [1, 0], 7: [0, 1], 5: [1, 0]})
    assert found(index, [1, 0], 4) == [(3, 1.0), (5, 1.0), (9, 1.0), (7, 0.0)]


@pytest.mark.parametrize("k", [1, 2, 11])
def test_tie_at_the_cut_is_won_by_the_smallest_ids(kind, k):
    index = filled(kind, {number: [1, 0] for number in range(100, 0, -1)})
    assert [number for number, _ in found(index, [1, 0], k)] == list(range(1, k + 1))


def test_allowed_ids_restrict_the_search(kind):
    index = filled(kind, {0: [1, 0], 1: [0.8, 0.6], 2: [0, 1], 3: [0.6, 0.8]})
    assert found(index, [1, 0], 2, ids(3, 2, 1)) == [(1, 0.8), (3, 0.6)]
    assert found(index, [1, 0], 9, ids(2, 2, 77)) == [(2, 0.0)]  # a repeated and an unknown id
    assert found(index, [1, 0], 9, ids()) == []


def test_empty_index_finds_nothing(kind):
    got, scores = kind(3).search(rows([1, 0, 0], [0, 1, 0]), 5)
    assert (got.shape, scores.shape) == ((2, 0), (2, 0))


def test_no_queries_give_no_rows(kind):
    got, scores = filled(kind, {0: [1, 0]}).search(np.empty((0, 2), dtype=np.float32), 5)
    assert (got.shape, scores.shape) == ((0, 1), (0, 1))


def test_zero_query_and_zero_row_score_zero(kind):
    assert found(filled(kind, {0: [0, 0], 1: [1, 0]}), [1, 0], 2) == [(1, 1.0), (0, 0.0)]
    assert found(filled(kind, {0: [0, 0], 1: [1, 0]}), [0, 0], 2) == [(0, 0.0), (1, 0.0)]


def test_cosines_of_all_rows_come_in_the_order_of_ids(kind):
    index = filled(kind, {7: [1, 0], 2: [0.6, 0.8], 5: [-1, 0]})
    index.remove(ids(5))
    index.add(ids(9), rows([0, 1]))
    # query (0.8, 0.6): id 2 gives 0.48 + 0.48
    assert (
        index.cosines(rows([0.8, 0.6])[0]).round(5).tolist() == rows([0.96, 0.8, 0.6])[0].tolist()
    )
    assert kind(2).cosines(rows([1, 0])[0]).tolist() == []
    with pytest.raises(ShapeError):
        index.cosines(rows([1, 0, 0])[0])


def test_ids_may_be_added_in_any_order_and_never_twice(kind):
    index = filled(kind, {5: [1, 0]})
    index.add(ids(3), rows([0, 1]))
    index.add(ids(8, 9), rows([0, 1], [1, 0]))
    for held in (3, 5, 9):
        with pytest.raises(ValueError, match="distinct and not yet in the index"):
            index.add(ids(held), rows([1, 0]))
    assert index.ids.tolist() == [3, 5, 8, 9]


def test_vectors_come_back_by_id(kind):
    index = filled(kind, {2: [0, 1], 1: [1, 0], 8: [0.6, 0.8]})
    assert index.ids.tolist() == [1, 2, 8]
    assert index.vectors(ids(8, 1)).tolist() == rows([0.6, 0.8], [1, 0]).tolist()
    assert index.vectors(ids()).shape == (0, 2)


# --- ids are ours and never reused
# ---------------------------------------------------------------------


def test_removed_id_is_gone_and_no_other_takes_its_place(kind):
    index = filled(kind, {0: [1, 0], 1: [0, 1], 2: [-1, 0]})
    index.remove(ids(1))
    index.add(ids(3), rows([0.6, 0.8]))
    assert index.ids.tolist() == [0, 2, 3]
    assert found(index, [0, 1], 4) == [(3, 0.8), (0, 0.0), (2, 0.0)]
    assert index.vectors(ids(2)).tolist() == [[-1, 0]]


def test_removing_what_is_not_held_changes_nothing(kind):
    index = filled(kind, {0: [1, 0]})
    index.remove(ids(5, -1))
    index.remove(ids())
    assert index.ids.tolist() == [0]


@pytest.mark.parametrize("new", [ids(4, 4), ids(1)])
def test_repeated_or_held_id_is_refused(kind, new):
    index = filled(kind, {1: [1, 0]})
    with pytest.raises(ValueError, match="distinct and not yet in the index"):
        index.add(new, rows(*[[0, 1]] * len(new)))
    assert index.ids.tolist() == [1]


def test_vector_of_an_unknown_id_is_a_key_error(kind):
    for index in (kind(2), filled(kind, {1: [1, 0]})):
        with pytest.raises(KeyError, match=r"ids not in the index: \[7\]"):
            index.vectors(ids(7))


# --- bad input
# -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0, -3])
def test_k_below_one_is_refused(kind, k):
    with pytest.raises(QueryError, match=f"k must be at least 1, got {k}"):
        filled(kind, {0: [1, 0]}).search(rows([1, 0]), k)


def test_query_of_the_wrong_width_names_both(kind):
    with pytest.raises(ShapeError, match=r"expected queries of shape \(q, 2\), got \(1, 3\)"):
        filled(kind, {0: [1, 0]}).search(rows([1, 0, 0]), 1)
    with pytest.raises(ShapeError, match=r"got \(2,\)"):
        filled(kind, {0: [1, 0]}).search(np.array([1, 0], dtype=np.float32), 1)


def test_added_rows_of_the_wrong_width_or_number_are_refused(kind):
    index = kind(2)
    with pytest.raises(
        ShapeError, match=r"vectors to add: expected vectors of shape \(1, 2\), got \(1, 3\)"
    ):
        index.add(ids(0), rows([1, 0, 0]))
    with pytest.raises(ShapeError, match=r"expected vectors of shape \(2, 2\), got \(1, 2\)"):
        index.add(ids(0, 1), rows([1, 0]))
    assert index.ids.tolist() == []


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(kind, bad):
    index = filled(kind, {0: [1, 0]})
    with pytest.raises(ShapeError, match="row 1 holds NaN or infinity"):
        index.add(ids(1, 2), rows([0, 1], [bad, 0]))
    with pytest.raises(ShapeError, match="queries: row 0 holds NaN or infinity"):
        index.search(rows([bad, 0]), 1)


def test_rows_that_are_not_unit_are_refused(kind):
    with pytest.raises(ShapeError, match=r"expected unit rows, row 0 has length 2\.0000"):
        kind(2).add(ids(0), rows([2, 0]))


# --- bytes
# ---------------------------------------------------------------------------------------------


def test_bytes_bring_the_same_index_back(kind):
    index = filled(kind, {3: [0.6, 0.8], 1: [1, 0]})
    again = kind.from_bytes(written(index))
    assert (again.dimension, again.ids.tolist()) == (2, [1, 3])
    assert again.vectors(ids(1, 3)).tolist() == index.vectors(ids(1, 3)).tolist()
    assert found(again, [1, 0], 2) == found(index, [1, 0], 2)
    again.add(ids(4), rows([0, 1]))
    assert found(again, [0, 1], 1) == [(4, 1.0)]


def test_bytes_of_an_empty_index_come_back(kind):
    again = kind.from_bytes(written(kind(5)))
    assert (again.dimension, again.ids.tolist()) == (5, [])


def test_same_index_gives_the_same_bytes(kind):
    held = {1: [1.0, 0.0], 2: [0.6, 0.8]}
    assert written(filled(kind, held)) == written(filled(kind, held))


def test_truncated_bytes_are_corrupt(kind):
    data = written(filled(kind, {n: [1, 0] for n in range(10)}))
    for length in range(0, len(data), 7):
        with pytest.raises(IndexCorrupt, match="the vector file is"):
            kind.from_bytes(data[:length])


@pytest.mark.slow
@given(st.sampled_from(INDEXES), st.binary(max_size=200))
def test_garbage_is_corrupt(kind, data):
    with pytest.raises(IndexCorrupt):
        kind.from_bytes(data)


@given(st.sampled_from(INDEXES), st.data())
def test_altered_bytes_are_corrupt_or_read_the_same(kind, data):
    index = filled(kind, {n: [0.6, 0.8] for n in range(5)})
    altered = bytearray(written(index))
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        again = kind.from_bytes(bytes(altered))
    except IndexCorrupt:
        return
    assert (
        again.vectors(again.ids).tolist() == index.vectors(index.ids).tolist()
    )  # a byte of padding, a date


def test_bytes_of_another_kind_are_corrupt():
    exact, inverted = (
        written(filled(ExactIndex, {0: [1, 0]})),
        written(filled(FaissIndex, {0: [1, 0]})),
    )
    with pytest.raises(IndexCorrupt):
        FaissIndex.from_bytes(exact)
    with pytest.raises(IndexCorrupt):
        ExactIndex.from_bytes(inverted)


# --- against the oracle
# --------------------------------------------------------------------------------

members = st.integers(0, len(POOL) - 1)
operations = st.one_of(
    st.tuples(st.just("add"), st.lists(members, max_size=4)),
    st.tuples(st.just("remove"), st.lists(st.integers(0, 20), max_size=3)),
    st.tuples(
        st.just("search"),
        members,
        st.integers(1, 8),
        st.none() | st.lists(st.integers(0, 20), max_size=6),
    ),
    st.tuples(st.just("reload")),
)


@pytest.mark.slow
@given(st.lists(operations, max_size=15))
def test_faiss_does_what_the_oracle_does(sequence):
    oracle, faiss, next_id = ExactIndex(4), FaissIndex(4), 0
    for name, *arguments in sequence:
        if name == "add":
            (new,) = arguments
            for index in (oracle, faiss):
                index.add(np.arange(next_id, next_id + len(new))[::-1], POOL[new])
            next_id += len(new)
        elif name == "remove":
            oracle.remove(ids(*arguments[0]))
            faiss.remove(ids(*arguments[0]))
        elif name == "reload":
            faiss = FaissIndex.from_bytes(written(faiss))
        else:
            query, k, allowed = arguments
            only = None if allowed is None else ids(*allowed)
            expected, got = (index.search(POOL[[query]], k, only) for index in (oracle, faiss))
            assert (got[0].tolist(), got[1].tolist()) == (
                expected[0].tolist(),
                expected[1].tolist(),
            )
    assert faiss.ids.tolist() == oracle.ids.tolist()
    assert faiss.vectors(oracle.ids).tolist() == oracle.vectors(oracle.ids).tolist()


def test_faiss_finds_the_same_as_the_oracle_among_random_rows():
    random = np.random.default_rng(7)
    vectors, queries = (
        unit_rows(random.normal(size=(500, 32))),
        unit_rows(random.normal(size=(40, 32))),
    )
    oracle, faiss = ExactIndex(32), FaissIndex(32)
    for index in (oracle, faiss):
        index.add(np.arange(500) * 3, vectors)
        index.remove(np.arange(0, 1500, 7))
    expected, got = oracle.search(queries, 25), faiss.search(queries, 25)
    assert got[0].tolist() == expected[0].tolist()
    np.testing.assert_allclose(got[1], expected[1], atol=1e-6)

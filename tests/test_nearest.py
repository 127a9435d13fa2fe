"""Large segments: vectors in lists, some of which are looked at. ExactVectors is the oracle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace

from made_segments import Kind, made_rows, made_segment
from paperrag.encoders.contract import unit_rows
from paperrag.errors import IndexCorrupt, ShapeError
from paperrag.index.candidates import UNSEEN
from paperrag.index.clustered import ClusteredVectors
from paperrag.index.layout import Layout
from paperrag.index.nearest import VectorTable
from paperrag.index.vectors import ExactVectors
from paperrag.notes.tree import parse_note
from paperrag.records import Entry

DIMENSION = 32


def topics(count: int, seed: int) -> np.ndarray:
    """Unit rows around 40 directions, as texts on some subjects are."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(1).normal(size=(40, DIMENSION))
    rows = centres[random.integers(40, size=count)] + 0.7 * random.normal(size=(count, DIMENSION))
    return unit_rows(rows.astype(np.float32))


def test_numbers_are_kept_in_a_byte_each_and_cosines_are_nearly_exact():
    rows = topics(1000, 2)
    data = ClusteredVectors.store(rows)
    index = ClusteredVectors.load(data)
    assert (len(index), index.dimension) == (1000, DIMENSION)
    assert len(data) < 1000 * (DIMENSION + 4 + 4 + 3)  # a scale, a place, a share of the centres
    query = topics(1, 3)[0]
    np.testing.assert_allclose(index.cosines(query), rows @ query, atol=0.005)
    some = np.array([7, 999, 7])
    np.testing.assert_allclose(index.cosines_at(some, query), (rows @ query)[some], atol=0.005)
    np.testing.assert_allclose(index.rows(some), rows[some], atol=0.01)
    np.testing.assert_allclose(np.linalg.norm(index.rows(some), axis=1), 1, atol=1e-6)


def test_a_row_of_zeros_stays_one_and_no_rows_are_none():
    index = ClusteredVectors.load(ClusteredVectors.store(np.zeros((1, 3), dtype=np.float32)))
    assert index.rows(np.array([0])).tolist() == [[0, 0, 0]]
    empty = ClusteredVectors.load(ClusteredVectors.store(np.empty((0, 3), dtype=np.float32)))
    assert (len(empty), empty.cosines(np.array([1, 0, 0], np.float32)).tolist()) == (0, [])


def test_same_rows_give_the_same_bytes_and_damaged_ones_are_refused():
    data = ClusteredVectors.store(topics(300, 4))
    assert data.tobytes() == ClusteredVectors.store(topics(300, 4)).tobytes()
    for bad in (data[:-1], data[:20], data[8:], np.zeros(0, np.uint8)):
        with pytest.raises(IndexCorrupt, match="the vectors are not readable"):
            ClusteredVectors.load(bad)
    with pytest.raises(ShapeError, match=r"expected a query of shape \(32,\), got \(3,\)"):
        ClusteredVectors.load(data).cosines(np.ones(3, dtype=np.float32))


def entries(files: int, each: int) -> list[Entry]:
    text = "- point\n" * each
    return [one for file in range(files) for one in parse_note(text, f"{file:03}.md").entries]


def table(
    kinds: Sequence[Kind], files: int, alive: Sequence[int]
) -> tuple[VectorTable, np.ndarray]:
    """A table of segments of `files` files of 100 chunks each, of which some are in use, and the
    vectors in use.
    """
    segments, places, vectors = [], [], []
    for number, kind in enumerate(kinds, 1):
        rows = replace(made_rows(entries(files, 100)), vectors=topics(100 * files, number))
        segments.append(made_segment(rows, number, kind))
        places += [(number, at) for at in alive]
        vectors += [rows.vectors[100 * at : 100 * at + 100] for at in alive]
    return VectorTable(Layout(segments, places), DIMENSION), np.concatenate(vectors)


@pytest.mark.parametrize("kinds", [[ClusteredVectors], [ClusteredVectors, ExactVectors, ClusteredVectors]])  # fmt: skip
@pytest.mark.parametrize("share", [1.0, 0.5])
@pytest.mark.slow
def test_nearest_of_each_group_are_nearly_all_found(kinds, share):
    alive = [at for at in range(30) if at % 3]  # a third of the files is deleted
    found_in, vectors = table(kinds, 30, alive)
    random = np.random.default_rng(6)
    group_of = random.integers(2, size=len(vectors)).astype(np.int8)
    group_of[random.random(len(vectors)) > share] = -1  # filtered out
    recall, looked_at = [], []
    for query in topics(20, 7):
        cosines, exact = found_in.near(query, group_of, 10), vectors @ query
        seen = cosines > UNSEEN
        np.testing.assert_allclose(cosines[seen], exact[seen], atol=0.005)
        looked_at.append(seen.mean())
        for group in (0, 1):
            rows = np.flatnonzero(group_of == group)
            best = rows[np.argsort(-exact[rows])[:10]]
            recall.append(seen[best].mean())
    assert np.mean(recall) >= 0.95
    assert np.mean(looked_at) < (0.25 if len(kinds) == 1 else 0.55)


def test_a_small_group_is_looked_at_whole():
    found_in, vectors = table([ClusteredVectors], 30, range(30))
    group_of = np.zeros(len(vectors), dtype=np.int8)
    group_of[:30] = 1
    assert (found_in.near(topics(1, 8)[0], group_of, 10)[:30] > UNSEEN).all()


def test_cosines_of_some_chunks_are_those_of_all():
    found_in, _ = table([ClusteredVectors, ExactVectors], 3, [2, 0])
    query, some = topics(1, 9)[0], np.array([399, 0, 250, 100])
    np.testing.assert_allclose(
        found_in.cosines_at(some, query), found_in.cosines(query)[some], atol=1e-6
    )

"""Which rows have the greatest values, however many there are and wherever they stand."""

from __future__ import annotations

import numpy as np
import pytest

from paperrag.index.candidates import SAMPLED, best

MANY = 10 * SAMPLED
RANDOM = np.random.default_rng(0)
VALUES = {
    "different": RANDOM.normal(size=MANY),
    "with ties": np.round(RANDOM.normal(size=MANY), 1),
    "all the same": np.zeros(MANY),
    "great where a sample looks": np.arange(MANY) % 10 == 0,
    "great where none does": np.arange(MANY) % 10 == 1,
    "the first are": -np.arange(MANY),
}


@pytest.mark.parametrize("k", [1, 1000, SAMPLED, MANY - 1, MANY])
@pytest.mark.parametrize("kind", VALUES)
def test_best_rows_are_those_of_a_stable_sort(kind, k):
    values = VALUES[kind].astype(np.float32)
    rows = np.arange(0, MANY, 2) if k < MANY // 2 else np.arange(MANY)
    first = rows[np.argsort(-values[rows], kind="stable")[:k]]
    assert sorted(best(rows, values, k).tolist()) == sorted(first.tolist())

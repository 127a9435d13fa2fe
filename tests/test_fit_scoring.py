from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from fit_scoring import best


@pytest.mark.parametrize(("sets", "pair"), [([0], (0.8, 0.1)), ([0, 1], (0.4, 0.1))])
def test_the_pair_that_ranks_best_in_the_mean_is_chosen(sets: list[int], pair):
    # means of both: .85 and .9
    known = [{(0.8, 0.1): 1.0, (0.4, 0.1): 0.9}, {(0.8, 0.1): 0.7, (0.4, 0.1): 0.9}]
    assert best([known[at] for at in sets]) == pair

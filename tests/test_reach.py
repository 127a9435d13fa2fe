from __future__ import annotations

import numpy as np
import pytest

from paperrag.answer.reach import membership


def chances(*scores: float) -> list[float]:
    return membership(
        np.array(scores, dtype=np.float32), np.arange(len(scores), dtype=np.int64)
    ).tolist()


def test_membership_is_the_logistic_of_the_shape_of_the_scores():
    # Two works alone in their sections, 0.8 and 0.6: fewer than ten have no middle, so 0.6 is it.
    # 0.61 + 3.06 * 0.8 + 0.67 - 0.63 * 0.2 = 3.602; the second: - 4.69 * 0.2 - 1.33 * ln 2 and
    # 3.06 * 0.6, 1.130.
    assert chances(0.8, 0.6) == pytest.approx([0.9735, 0.7558], abs=1e-3)


def test_membership_falls_with_score_and_rank():
    found = chances(*np.linspace(0.7, 0.3, 30))
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.5 > found[-1]


def test_membership_of_nothing_is_nothing():
    assert chances() == []

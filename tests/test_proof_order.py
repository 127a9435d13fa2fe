"""Words of a claim and a text that would have to change places for both to have one order."""

from __future__ import annotations

import numpy as np
import pytest

from paperrag.proof.order import MANY, ORDERS, orders
from word_tokens import told


def seen(claim: str, text: str) -> tuple[np.ndarray, np.ndarray]:
    own, other, _ = told(claim, text)
    return orders(own.rows @ other.rows.T)


def test_words_in_one_order_cross_nothing() -> None:
    claim, text = seen("otters chase seals", "wild otters often chase grey seals")
    assert claim.tolist() == [[1, 0, 0]] * 3
    assert text[:, 0].tolist() == [0, 1, 0, 1, 0, 1]
    assert not text[:, 1:].any()


def test_exchanged_words_cross_what_stands_between() -> None:
    claim, text = seen("seals chase small otters", "otters chase small seals")
    assert claim[:, 0].tolist() == [1, 1, 1, 1]
    assert claim[:, 1] == pytest.approx([1, 2 / 3, 2 / 3, 1])
    assert claim[:, 2] == pytest.approx([2 / MANY, 0, 0, 2 / MANY])
    assert text.tolist() == claim.tolist()


def test_part_that_moved_as_a_whole_changes_places_with_nothing() -> None:
    claim, _ = seen("in rivers otters chase seals", "otters chase seals in rivers")
    assert claim[:, 1] == pytest.approx([3 / 4, 3 / 4, 1 / 2, 1 / 2, 1 / 2])
    assert not claim[:, 2].any()


def test_words_that_nothing_is_like_have_no_order() -> None:
    claim, text = seen("cats sleep", "otters swim far")
    assert claim.shape == (2, ORDERS) and text.shape == (3, ORDERS)
    assert not claim.any() and not text.any()

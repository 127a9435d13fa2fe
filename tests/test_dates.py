"""Dates in questions."""

from __future__ import annotations

import pytest

from paperrag.text.dates import period_in, with_months_spelt


@pytest.mark.parametrize(
    ("said", "spelt"),
    [
        ("what did I read in Novemeber 2023?", "what did I read in November 2023?"),
        ("read in febuary", "read in February"),
        (
            "the Marchetti paper, a decoder, Junction trees",
            "the Marchetti paper, a decoder, Junction trees",
        ),
        ("read in may", "read in may"),
    ],
)
def test_months_are_known_spelt_nearly_so(said: str, spelt: str):
    assert with_months_spelt(said) == spelt


@pytest.mark.parametrize("month", ["Sep", "Sept", "Sept.", "sept", "September"])
def test_a_month_may_be_shortened(month: str):
    assert period_in(f"in {month} 2023") == ((2023, 9, 1), (2023, 9, 31))


def test_a_month_spelt_nearly_so_is_a_period():
    period = period_in(with_months_spelt("what did I read in Septmber 2023?"))
    assert period == ((2023, 9, 1), (2023, 9, 31))

"""Numbers of things agree with their names."""

from __future__ import annotations

import pytest

from paperrag.output.counts import counted


@pytest.mark.parametrize(
    ("number", "name", "said"),
    [(1, "entry", "1 entry"), (0, "entry", "0 entries"), (2, "paper", "2 papers")],
)
def test_numbers_agree_with_what_they_count(number, name, said):
    assert counted(number, name) == said

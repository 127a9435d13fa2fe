"""Authors in text -> names."""

from __future__ import annotations

import pytest

from paperrag.notes.tree import parse_note
from paperrag.text.people import authors_in
from paperrag.text.venues import read_year


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada Okafor, Ben Nwosu & Li Lei", ("Ada Okafor", "Ben Nwosu", "Li Lei")),
        ("Okafor, A. and Nwosu, B.", ("Okafor, A.", "Nwosu, B.")),
        ("王小明、李雷；韩梅梅", ("王小明", "李雷", "韩梅梅")),
        ("", ()),
    ],
)
def test_authors_are_told_one_by_one(text: str, names: tuple[str, ...]):
    assert authors_in(text) == names


def test_bullet_tells_authors_as_the_head_of_a_file_does():
    note = "# Reading\n\n- [SandNet](https://arxiv.org/abs/2401.00001)\n  - Authors: Okafor, A. and Nwosu, B.\n"
    works = [entry.work for entry in parse_note(note, "notes/a.md").entries if entry.work]
    assert works[0].authors == ("Okafor, A.", "Nwosu, B.")


@pytest.mark.parametrize(
    ("value", "year"), [("in 12024, then 2019", 2019), (2023, 2023), ("20245", None), (None, None)]
)
def test_year_is_no_part_of_a_longer_number(value: object, year: int | None):
    assert read_year(value) == year

"""Texts of more lines than a note has: the rest is one entry, and no line is lost."""

from __future__ import annotations

import pytest

from paperrag.notes import overlong
from paperrag.notes.tree import parse_note


@pytest.fixture(autouse=True)
def _few_lines(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(overlong, "MOST_LINES", 3)


@pytest.mark.parametrize(
    ("text", "rest", "lines", "title"),
    [
        ("- a\n- b\n- c\n- d\n- e", "- d\n- e", (4, 5), "- d"),
        (
            "- 甲\n- 乙\n\n\n  \n丙 [x](http://y.z)\n\n丁\n",
            "丙 [x](http://y.z)\n\n丁",
            (6, 8),
            "丙 [x](http://y.z)",
        ),
    ],
)
def test_what_stands_below_is_one_entry(text: str, rest: str, lines: tuple[int, int], title: str):
    note = parse_note(text, "llm/n.md")
    entry = note.entries[-1]
    assert (entry.text, (entry.line_start, entry.line_end), entry.title) == (rest, lines, title)
    assert (entry.breadcrumb, entry.links, entry.work) == (("llm",), (), None)
    assert [each.title for each in note.entries[:-1]] == [
        line[2:] for line in text.split("\n")[:3] if line
    ]
    [trouble] = note.troubles
    assert (trouble.line, "more than 3 lines" in trouble.message) == (lines[0], True)


@pytest.mark.parametrize("text", ["- a\n- b\n- c", "- a\n- b\n- c\n\n\n", "\n\n甲"])
def test_a_note_of_so_many_lines_is_read_whole(text: str):
    note = parse_note(text, "n.md")
    assert not note.troubles
    assert all(entry.title in ("a", "b", "c", "甲", "n") for entry in note.entries)

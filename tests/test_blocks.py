"""Blocks are found from fewer lines than a note has, and their lines are those of the note."""

from __future__ import annotations

import pytest

from paperrag.notes.blocks import find_blocks, unclosed_fences

PARAGRAPH, ITEM = "paragraph_open", "list_item_open"


def places(text: str, kind: str) -> list[list[int] | None]:
    return [token.map for token in find_blocks(text.split("\n")) if token.type == kind]


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("甲\n乙\n丙\n\n\n\nend", PARAGRAPH, [[0, 3], [6, 7]]),
        ("- 甲\n- 乙\n\n\n- 丙", ITEM, [[0, 1], [1, 4], [4, 5]]),
        ("one\ntwo\n===\nthree", "heading_open", [[0, 3]]),
        ("```\na\nb\n\n\nc\n```\nd", "fence", [[0, 7]]),
        ("| a |\n|---|\nb\nc\nd", "tr_open", [[0, 1], [2, 3], [3, 4], [4, 5]]),
        ("<div>\na > b\n\n\nc", "html_block", [[0, 2]]),
    ],
)
def test_lines_are_those_of_the_note(text: str, kind: str, found: list[list[int]]):
    assert places(text, kind) == found


def test_a_fence_that_is_never_closed_is_told_with_its_line():
    lines = ["a", "", "~~~", "x", "x", "x"]
    assert [trouble.line for trouble in unclosed_fences(find_blocks(lines), lines, "n.md")] == [3]
    closed = [*lines, "~~~"]
    assert not list(unclosed_fences(find_blocks(closed), closed, "n.md"))

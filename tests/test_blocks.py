"""Blocks are found from fewer lines than a note has, and their lines are those of the note."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from paperrag.notes.blocks import find_blocks, unclosed_fences
from paperrag.notes.indents import as_meant
from properties import given, st

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
        ("- 甲\n  - 乙\n    - c\n- d\n  - 戊", ITEM, [[0, 1], [1, 2], [2, 3], [3, 5], [4, 5]]),
    ],
)
def test_lines_are_those_of_the_note(text: str, kind: str, found: list[list[int]]):
    assert places(text, kind) == found


def test_a_fence_that_is_never_closed_is_told_with_its_line():
    lines = ["a", "", "~~~", "x", "x", "x"]
    assert [trouble.line for trouble in unclosed_fences(find_blocks(lines), lines, "n.md")] == [3]
    closed = [*lines, "~~~"]
    assert not list(unclosed_fences(find_blocks(closed), closed, "n.md"))


STARTS = (
    "list_item_open",
    "heading_open",
    "fence",
    "html_block",
    "tr_open",
    "blockquote_open",
    "hr",
)
LINES = (
    *("", "words", "两个词", "- a", "- 乙", "- **c** d", "1. a", "2. b", "3) c", "13. d", "  - a"),
    *("  words", "   - b", "# A", "## B", "```", "> q", "> - q", "<div>", "| a |", "|---|", "---"),
    *("===", "[x]: y", "- [x]: y", "[x] y", "#tag", "`c` d", "__n__ m", "* e", "a > x", "- a | b"),
)


NESTED = ("- a", "- 乙", "* c", "1. d", "2. e", "x", "", "- **f** | g", "```")


def check(lines: list[str]) -> None:
    every = MarkdownIt("commonmark").disable(["code", "inline"]).enable("table")
    told, read = (
        [(token.type, token.map[0]) for token in tokens if token.type in STARTS and token.map]
        for tokens in (every.parse("\n".join(lines)), find_blocks(lines))
    )
    assert read == told


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_blocks_are_those_of_all_lines(lines: list[str]):
    """Fewer lines are parsed than a note has."""
    check(lines)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(NESTED)), max_size=14))
def test_items_that_are_left_out_stand_where_all_lines_have_them(lines: list[tuple[int, str]]):
    check(list(as_meant(["  " * depth + line for depth, line in lines])))

"""Boxes with titles in a note: callouts, admonitions, containers, folded text. The title says what
the box is about, so it begins an item that goes on to the end of the box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paperrag.notes.pasted import HEADING, Pasted
from paperrag.text.patterns import lazy_pattern

_CALLOUT = lazy_pattern(
    r"(?P<indent>[ \t]*)(?P<quote>(?:>[ \t]?)+)\[!\w+\][+-]?[ \t]+(?P<title>\S.*)"
)
_ADMONITION = lazy_pattern(
    r'(?P<indent>[ \t]*)[!?=]{3}\+?(?:[ \t]+[\w-]+)*[ \t]+"(?P<title>[^"\n]+)"[ \t]*'
)
_CONTAINER = lazy_pattern(r"(?P<indent>[ \t]*):{3,}[ \t]*[\w-]+[ \t]+(?P<title>[^\s{].*)")
_END_OF_CONTAINER = lazy_pattern(r"[ \t]*:{3,}[ \t]*")
_FOLD = lazy_pattern(
    r"(?P<indent>[ \t]*)<details\b[^<>\n]*>\s*<summary\b[^<>\n]*>(?P<title>[^\n]*?)</summary>",
    re.IGNORECASE,
)
_END_OF_FOLD = lazy_pattern(r"[^\n]*</details>[ \t]*", re.IGNORECASE)
_SIGNS = frozenset(">!?=:<")
"""What the first word of a box begins with."""


def boxes_in(lines: Sequence[str]) -> tuple[dict[int, Pasted], set[int]]:
    """The lines with which boxes begin that have a title, and the lines that belong to them."""
    found: dict[int, Pasted] = {}
    below: set[int] = set()
    for number, line in enumerate(lines):
        if line.lstrip(" \t")[:1] in _SIGNS and (box := _box_at(lines, number)):
            found[number], last = box
            below.update(range(number + 1, last + 1))
    return found, below


def begins_box(line: str) -> bool:
    """Whether a line is the title of a box."""
    return line.lstrip(" \t")[:1] in _SIGNS and any(
        opening.match(line) for opening in (_CALLOUT, _ADMONITION, _CONTAINER, _FOLD)
    )


def _box_at(lines: Sequence[str], number: int) -> tuple[Pasted, int] | None:
    """The title of the box that begins on a line, and the box's last line."""
    line = lines[number]
    if callout := _CALLOUT.fullmatch(line):
        return _item(callout, callout["quote"].count(">") - 1), number
    if admonition := _ADMONITION.fullmatch(line):
        return _item(admonition), number
    if container := _CONTAINER.fullmatch(line):
        return _closed(container, _END_OF_CONTAINER, lines, number)
    fold = _FOLD.match("\n".join(lines[number : number + 2]))
    return _closed(fold, _END_OF_FOLD, lines, number) if fold else None


def _closed(
    opening: re.Match[str], ends: re.Pattern[str], lines: Sequence[str], number: int
) -> tuple[Pasted, int] | None:
    """A box that something closes; one with headings is no item, but a part of its note."""
    last = next(_closing(ends, lines, number), None)
    if last is None or any(HEADING.match(lines[at]) for at in range(number, last)):
        return None
    return _item(opening), last


def _closing(ends: re.Pattern[str], lines: Sequence[str], number: int) -> Iterator[int]:
    return (at for at in range(number + 1, len(lines)) if ends.fullmatch(lines[at]))


def _item(opening: re.Match[str], depth: int = 0) -> Pasted:
    return Pasted(opening["title"], 0, (), len(opening["indent"]), depth)

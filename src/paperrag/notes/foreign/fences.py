"""Blocks of code in a note's lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from paperrag.text.patterns import lazy_pattern

_OPENS = lazy_pattern(r"[ ]{0,3}(?P<mark>`{3,}|~{3,})[ \t]*(?P<language>[\w-]*)[^`]*")


class Fence(Struct, frozen=True):
    """The lines of the marks that open and close a block of code, and its language."""

    first: int
    last: int
    language: str


def fences_in(lines: Sequence[str]) -> Iterator[Fence]:
    """Yield each block of code that is closed."""
    first, mark, language = 0, "", ""
    for number, line in enumerate(lines):
        opening = None if mark else _OPENS.fullmatch(line)
        if opening:
            first, mark, language = number, opening["mark"], opening["language"].lower()
        elif mark and line.strip().startswith(mark) and not line.strip().strip(mark[0]):
            yield Fence(first, number, language)
            mark = ""

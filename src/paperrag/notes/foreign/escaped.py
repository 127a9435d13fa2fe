"""Markdown whose marks at the starts of lines were escaped, as editors do with what is pasted."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.text.patterns import lazy_pattern

_MARK = lazy_pattern(r"([ \t]*)(?:\\(#{1,6}|(?:\\?#){2,6}|[*+>-])|(\d{1,3})\\([.)]))(?=[ \t]+\S)")
_FEWEST = 2


def escaped_marks(lines: Sequence[str]) -> dict[int, str]:
    """Return the lines that begin with an escaped mark of a heading, item or quotation without its
    backslash, where several do.
    """
    found = {at: mark for at, line in enumerate(lines) if (mark := _MARK.match(line))}
    if len(found) < _FEWEST:
        return {}
    return {
        at: f"{mark[0].replace(chr(92), '')}{lines[at][mark.end() :]}" for at, mark in found.items()
    }

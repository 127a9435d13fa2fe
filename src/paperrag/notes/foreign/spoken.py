"""Transcripts, minutes and show notes: lines that each begin with when they were said -> items."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.text.patterns import lazy_pattern

_FEWEST = 3
"""Lines that begin with a time, from which these are items. By hand."""
_SAID = lazy_pattern(
    r"(?P<indent>[ \t]*)(?:[-*+][ \t]+)?(?:(?P<who>[^\s\d:：|#>\[(][^\s:：|]{0,19}(?: [^\W\d]\S{0,15})?)[ \t]+)?"
    r"[\[(]?\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?[\])]?(?:[:：][ \t]*|[ \t]+)(?=[^\s\d:：-])(?![AaPp][Mm]\b)(?P<words>\S.*)"
)


def spoken_lines(lines: Sequence[str]) -> dict[int, str]:
    """Return lines behind a time as items, with who spoke but without when."""
    found = {at: said for at, line in enumerate(lines) if (said := _said(line))}
    return found if len(found) >= _FEWEST else {}


def _said(line: str) -> str:
    said = _SAID.fullmatch(line) if ":" in line[:60] else None
    if said is None:
        return ""
    who = f"{said['who']}: " if said["who"] else ""
    return f"{said['indent']}- {who}{said['words']}"

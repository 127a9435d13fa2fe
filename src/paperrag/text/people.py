"""Authors in text -> their names, one by one."""

from __future__ import annotations

from paperrag.text.patterns import lazy_pattern

_BETWEEN = lazy_pattern(r"\s*[;；、，]\s*|\s+(?:and|&)\s+")


def authors_in(text: str) -> tuple[str, ...]:
    """Return names with "and", semicolons or commas between them; "Surname, A. and Surname, B."
    too.
    """
    names = _BETWEEN.split(text)
    if any(name.count(",") != 1 for name in names) or len(names) == 1:
        names = [part for name in names for part in name.split(",")]
    return tuple(name.strip() for name in names if name.strip())

"""Authors and year of a paper, as they stand behind its title."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 2
"""Authors that stand behind a title."""


def byline(authors: Sequence[str], year: str) -> str:
    """Return " (Tern, Ibis, et al., 2019)", "" where no year is known."""
    names = [surname for author in authors if (surname := author.partition(",")[0].strip())]
    more = ["et al."] if len(names) > _NAMED else []
    return f" ({', '.join([*names[:_NAMED], *more, year])})" if year.isdecimal() else ""

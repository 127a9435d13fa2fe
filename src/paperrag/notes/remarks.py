"""Lines of a note -> what they say of its paper besides its content: rating, when it was read, who
recommended it, whether it has code and was run again, and any other field, labelled or remarked.
"""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.notes.bylines import read_byline
from paperrag.records import FieldPairs
from paperrag.text.dates import Date, read_on
from paperrag.text.fields import BYLINE, FACT_CHARS, any_fields, field_of_label
from paperrag.text.progress import rating_beside_date, rating_in, rating_of, remarks_in


def told_in(
    lines: Sequence[str], told: Sequence[tuple[str, str]] = (), read: Date | None = None
) -> FieldPairs:
    """Return the fields that lines say and those told, without what they say in many words, before
    them the rating and when it was read; read: otherwise.
    """
    found = [*told, *(field for line in lines for field in any_fields(line))]
    named = [(field_of_label(name.rstrip("? ")) or name, value) for name, value in found]
    ratings = [rating_of(value) for name, value in named if name == "rating"]
    dated = [(line, day) for line in lines if (day := read_on(line))]
    rating = next(filter(None, [*ratings, *map(rating_in, lines)]), None)
    rating = rating or next(filter(None, (rating_beside_date(line) for line, _ in dated)), None)
    day = dated[0][1] if dated else read
    typed = [("rating", f"{rating:g}")] if rating else []
    typed += [("read", "-".join(f"{part:02}" for part in day))] if day else []
    names = {name for name, _ in typed}
    named += [remark for line in lines for remark in remarks_in(line)]
    short = (
        (name, value if len(value) <= FACT_CHARS else "")
        for name, value in named
        if name not in names
    )
    return tuple(dict.fromkeys([*typed, *short]))


def fields_of_line(line: str) -> FieldPairs:
    """Return what a line says of a paper by itself, as a byline, too."""
    byline = read_byline(line)
    return (*told_in([line]), *([(BYLINE, byline.line)] if byline else []))

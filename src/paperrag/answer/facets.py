"""What was found in whole works, by what their fields say -> one entry for each work, and how many
works have such a field at all.

Nothing but the fields of works decides here which belong, so scores only say which entry of a work
is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from msgspec.structs import replace

from paperrag.answer.selection import Selection
from paperrag.question.conditions import field_key
from paperrag.question.scope import Extreme
from paperrag.search.found import Found
from paperrag.text.progress import rating_of


def select_works(found: Found) -> Selection:
    """Return one entry for each work that was found, in the order of the notes; what only mentions
    a work is left out where other entries are about some.
    """
    entries, rows = found.entries, found.scored.rows.tolist()
    is_pointer = entries.are_part(found.scored.rows, "pointer")
    named = found.scored.rows[~is_pointer].tolist() or rows
    told = set(named).intersection(found.entries.about_works(named)) or set(named)
    best: dict[int, int] = {}
    for position, row in enumerate(rows):
        if row in told and not _is_echo(row, found):
            best.setdefault(found.unit(row), position)
    return Selection(tuple(sorted(best.values(), key=lambda position: rows[position])))


def _is_echo(row: int, found: Found) -> bool:
    """Whether it is the abstract of a paper that a note is about."""
    is_abstract = found.entries.is_abstract
    return is_abstract(row) and any(not is_abstract(other) for other in found.relations.rows(row))


def by_year(found: Found, selection: Selection) -> Mapping[int, int]:
    """Return how many of the selected works are of each year, latest first, 0 for those that the
    notes do not date.
    """
    years = found.entries.columns["year"]
    counts = Counter(int(years[found.entry_row(position)]) for position in selection.positions)
    return dict(sorted(counts.items(), reverse=True))


def of_extreme(extreme: Extreme, selection: Selection, found: Found) -> Selection:
    """Return those selected works that are rated highest or lowest of them, all if neither is
    asked for.
    """
    if not extreme:
        return selection
    rated = {at: _rating(found.entry_row(at), found) for at in selection.positions}
    given = [rating for rating in rated.values() if rating is not None]
    end = min(given, default=None) if extreme == "worst" else max(given, default=None)
    kept = tuple(at for at in selection.positions if rated[at] == end)
    return replace(selection, positions=kept)


def _rating(row: int, found: Found) -> float | None:
    fields = found.entries.works.fields.get(int(found.entries.columns["work"][row]), ())
    told = (rating_of(value) for name, value in fields if field_key(name) == "rating")
    return next((rating for rating in told if rating is not None), None)


def having(field: str, found: Found) -> tuple[int, int]:
    """Return how many works have a field, and how many works there are."""
    entries = found.entries
    is_own = ~entries.are_part(np.arange(len(entries)), "pointer")
    works = set(entries.columns["work"][is_own].tolist()) - {-1}
    told = entries.works.fields
    has = (any(field_key(name) == field for name, _ in told.get(work, ())) for work in works)
    return sum(has), len(works)

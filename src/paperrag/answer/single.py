"""Scored entries -> the entry that answers a question for one thing.

The nearest, unless another that is about as near and of the same work fits the type of the answer
better. Names of groups, fields, pictures and pointers answer nothing.
"""

from __future__ import annotations

from paperrag.answer.citing import Quoter
from paperrag.answer.selection import Choices, Selection, select_one
from paperrag.notes.outline import is_image_only
from paperrag.search.found import Found

ABOUT_AS_NEAR, LOOKED_AT = 0.12, 8
"""How far another entry may score below the best, and how many are held against it."""

SKIPPED = 20
"""Of so many entries at most some answer nothing."""


def select_single(found: Found, quoter: Quoter) -> Selection:
    """Return the position of the entry that answers, and of a second that is just as near."""
    choices = Choices(found.scored, found.entries, found.relations.rows)
    silent = found.entries.are_part(found.scored.rows[:SKIPPED], "label", "field", "pointer")
    rows, scores = found.scored.rows.tolist(), found.scored.scores
    telling = [
        at
        for at, row in enumerate(rows[:SKIPPED])
        if not silent[at] and not is_image_only(found.entries.get(row))
    ]
    if not telling:
        return select_one(choices)
    first = telling[0]
    near = [
        at
        for at in telling[:LOOKED_AT]
        if scores[at] >= scores[first] - ABOUT_AS_NEAR
        and found.unit(rows[at]) == found.unit(rows[first])
    ]
    gains = [float(scores[at]) + quoter.fit(found.hit(at, 1)) for at in near]
    best = near[gains.index(max(gains))]
    if best == 0:
        return select_one(choices)
    return Selection((best,))

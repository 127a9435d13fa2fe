"""A work in a list -> the entry that stands for it there: the one that meets the question best, or
the one that says what the work does.

Which of them a reader wants depends on the list. Papers on a subject say it where they say what
they do, so these statements meet the question well, all of them; papers with a property say it
elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from paperrag.answer.called import only_names
from paperrag.answer.confidence import answer_share
from paperrag.answer.weights import (
    HEADING_LOSS,
    MET_GAIN,
    NAMING_GAIN,
    STANDING_AMONG,
    STATEMENT_LEVEL,
    STATEMENT_SHARE,
)
from paperrag.notes.naming import only_points
from paperrag.records import Hit
from paperrag.search.found import Found
from paperrag.text.markup import announces

Positions = npt.NDArray[np.int64]
"""Of the entries of one work in the scores."""


def with_standing(hits: Sequence[Hit], found: Found) -> list[Hit]:
    """Return the hits of a list, each work that is listed once by the entry that stands for it."""
    rows = [found.entries.row_of(hit.entry.id) for hit in hits]
    times = Counter(found.unit(row) for row in rows if row is not None)
    alone = [None if row is None or times[found.unit(row)] > 1 else row for row in rows]
    units = found.scored.units(found.entries)
    of_paper = {
        row: np.flatnonzero(units == found.unit(row))
        for row in alone
        if row is not None and found.entries.is_of_file[row] and not found.scored.is_whole
    }
    gain = _gain_of_statements(of_paper.values(), found)
    return [_standing(*one, found, of_paper, gain) for one in zip(hits, alone, strict=True)]


def best_of_rows(rows: Collection[int | None], found: Found) -> Hit | None:
    """Return the best scored of some entries as a hit, None if none was scored."""
    ranked = enumerate(found.scored.rows.tolist())
    position = next((place for place, row in ranked if row in rows), None)
    return None if position is None else found.hit(position, 2)


def _standing(
    hit: Hit, row: int | None, found: Found, of_paper: dict[int, Positions], gain: float
) -> Hit:
    """Return what stands for the work of a hit; row: its own, None for what stays."""
    if row is None:
        return hit
    if row in of_paper:
        chosen = _best_for(of_paper[row], found, gain)
    elif found.entries.is_of_file[row] or only_names(hit.entry):
        chosen = best_of_rows(found.entries.statement_rows(row), found)
    else:
        return hit
    return hit if chosen is None else replace(chosen, rank=hit.rank)


def _gain_of_statements(papers: Collection[Positions], found: Found) -> float:
    """Return what is added to the scores of statements, by what those of some papers score; one
    paper alone tells nothing of what the list is about.
    """
    scores = [
        float(found.scored.scores[positions[states]].max())
        for positions in papers
        if (states := found.entries.are_part(found.scored.rows[positions], "statement")).any()
    ]
    if len(scores) < 2:
        return 0.0
    return max(STATEMENT_SHARE * (float(np.mean(scores)) - STATEMENT_LEVEL), 0.0)


def _best_for(positions: Positions, found: Found, gain: float) -> Hit | None:
    """Return the best of a paper's entries, by its score and what it is to the paper; None if all
    of them only name something.
    """
    entries, rows = found.entries, found.scored.rows[positions]
    says = ~entries.say_nothing(rows)
    states = entries.are_part(rows, "statement")
    met = found.works.met if found.works else {}
    meets = [answer_share([met[at]]) if at in met else 0.0 for at in positions.tolist()]
    gains = gain * states + NAMING_GAIN * np.isin(rows, found.naming) + MET_GAIN * np.array(meets)
    worth = np.where(says, found.scored.scores[positions] + gains, -1)
    best: list[tuple[float, int]] = []
    for at in np.argsort(-worth, kind="stable")[:STANDING_AMONG].tolist():
        entry = entries.get(int(rows[at]))
        if says[at] and not only_names(entry) and not only_points(entry.text):
            loss = HEADING_LOSS * (entry.role in ("document", "heading") or announces(entry.text))
            best.append((loss - float(worth[at]), int(positions[at])))
    return found.hit(min(best)[1], 1) if best else None

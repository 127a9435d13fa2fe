"""What a question for a list found -> what is named beside the list: works that may belong to it,
and works of which there is no note.
"""

from __future__ import annotations

import numpy as np

from paperrag.answer.selection import Selection
from paperrag.answer.weights import LISTED_SHARE, MAYBE, MOST_LISTED, MOST_MAYBE
from paperrag.records import Entry, Hit
from paperrag.search.found import Found
from paperrag.text.folding import letters


def may_belong(found: Found, selection: Selection) -> list[Entry]:
    """Return the entries that name works which may belong to a list, too, and are not in it."""
    if found.works is None or found.scored.is_whole:
        return []
    entries, works = found.entries, found.works
    told = {found.unit(found.entry_row(at)) for at in selection.positions}
    may = works.by_chance(entries) & (works.chances >= MAYBE)
    units = zip(works.units[may].tolist(), works.rows[may].tolist(), strict=True)
    maybe = [entries.get(row) for unit, row in units if unit not in told]
    return maybe[:MOST_MAYBE]


def only_listed(found: Found) -> list[Entry]:
    """Return the lines of an index that name works near to what is asked of which there is no note:
    they share a word with the question, and lead to no note.
    """
    scored = found.scored
    if found.works is None or scored.is_whole:
        return []
    totals, listed = scored.chunks.total[scored.best], scored.only_mention(found.entries)
    least = LISTED_SHARE * totals[~listed].max(initial=0.0)
    near = np.flatnonzero(listed & (totals >= least))
    hits = [found.hit(at, 1) for at in near[np.argsort(-totals[near], kind="stable")].tolist()]
    said = {letters(hit.entry.title): hit.entry for hit in hits if _stands_alone(hit)}
    return list(said.values())[:MOST_LISTED]


def _stands_alone(hit: Hit) -> bool:
    """Whether a line shares a word with the question and leads to no note."""
    leads_to_note = any(one.kind == "note" for one in hit.related)
    return bool(hit.explanation.matched_words) and not leads_to_note

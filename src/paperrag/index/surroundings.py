"""An entry -> the text around it in its note: what stands above and below."""

from __future__ import annotations

from paperrag.index.tables import EntryTable
from paperrag.records import Entry, Work

BELOW_CHARS = 1200
"""Longest text of the entries below one that is read with it."""


def whole_text(entry: Entry, entries: EntryTable) -> str:
    """Return what a claim about an entry is held against: its place, what notes say of its work,
    its lines and those of the entries below it.
    """
    return "\n".join(
        [
            " › ".join(dict.fromkeys((*entry.breadcrumb, *_told_of(entry.work)))),
            *_above(entry, entries),
            entry.title,
            entry.text,
            *texts_below(entry, entries),
        ]
    )


def _told_of(work: Work | None) -> list[str]:
    """Return what answers say of a work beside a quote: its name, venue, year and authors."""
    if work is None:
        return []
    return list(filter(None, (work.name, work.venue, str(work.year or ""), *work.authors)))


def _above(entry: Entry, entries: EntryTable) -> list[str]:
    """Return the texts of the list items above an entry, outermost first: they hold the paper's
    links and venue.
    """
    row = entries.row_of(entry.parent_id) if entry.parent_id else None
    if row is None or (parent := entries.get(row)).role not in ("item", "row"):
        return []
    return [*_above(parent, entries), parent.text]


def texts_below(entry: Entry, entries: EntryTable) -> list[str]:
    """Return the texts of the entries below one, in order, up to BELOW_CHARS."""
    texts: list[str] = []
    waiting = list(entry.child_ids)
    while waiting and sum(map(len, texts)) < BELOW_CHARS:
        row = entries.row_of(waiting.pop(0))
        if row is not None:
            child = entries.get(row)
            texts.append(child.text)
            waiting = [*child.child_ids, *waiting]
    return texts

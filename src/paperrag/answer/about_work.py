"""A question of when, where or by whom a work was published -> what the fields of the work say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from paperrag.answer.citing import Verify, paper_links
from paperrag.answer.strings import AUTHORS_ARE, DATED
from paperrag.answer.wording import LEAST_SURE, NAME_CHARS, quoted_answer
from paperrag.index.tables import EntryTable
from paperrag.question.read import Question
from paperrag.records import Answer, Citation, Entry, Work
from paperrag.text.markup import shorten

MOST_ROWS = 60
"""Entries of a work in which its fields are looked for."""


def answer_of_fields(
    question: Question, unit: int, entries: EntryTable, verify: Verify, sureness: float
) -> Answer | None:
    """Return the answer from the fields of the work that a row stands for; None if they do not say,
    or something else is asked.
    """
    work = entries.get(unit).work
    asks_who = question.asks_authors
    if work is None or not (asks_who or question.asks_date):
        return None
    value = ", ".join(work.authors) if asks_who else work.venue or str(work.year or "")
    line = next(_lines_with(_signs(work, asks_who), unit, entries), None) if value else None
    if line is None:
        return None
    entry, quote = line
    said = (AUTHORS_ARE if asks_who else DATED)[question.language].format(
        authors=value, venue=value
    )
    text = f"{shorten(work.name, NAME_CHARS)}\n{said} [1]"
    links = paper_links(entry, entries)
    citation = Citation(1, entry, quote, verify(entry, quote), links, sureness, work.name)
    return quoted_answer(question, text, (citation,), max(sureness, LEAST_SURE))


def _signs(work: Work, asks_who: bool) -> list[str]:
    """Return what a line that says so holds: the surest first."""
    if asks_who:
        return list(work.authors[:1])
    year = str(work.year or "")
    venue = (work.venue or "").removesuffix(year).strip()
    ids = [link.arxiv_id for link in work.links if link.arxiv_id]
    return list(filter(None, (work.venue, venue, f"{venue}{year[2:]}", year, *ids)))


def _lines_with(signs: list[str], unit: int, entries: EntryTable) -> Iterator[tuple[Entry, str]]:
    """Yield the lines of a work that hold a sign, those with the surest sign first."""
    rows = np.flatnonzero(entries.units == unit)[:MOST_ROWS].tolist()
    own = [entries.get(row) for row in rows]
    for sign in signs:
        for entry in own:
            for line in entry.text.split("\n"):
                if sign.lower() in line.lower():
                    yield entry, line.strip()

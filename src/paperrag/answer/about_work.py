"""A question of when, where or by whom a work was published -> what the fields of the work say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from paperrag.answer.called import NAME_CHARS
from paperrag.answer.citing import Verify, paper_links
from paperrag.answer.fitting import says_by_whom
from paperrag.answer.strings import AUTHORS_ARE, DATED
from paperrag.answer.weights import SURE
from paperrag.answer.wording import quoted_answer
from paperrag.index.tables import EntryTable
from paperrag.question.answer_type import Wanted
from paperrag.question.record import Question
from paperrag.records import Answer, Citation, Entry, Work
from paperrag.search.found import Found
from paperrag.text.citations import dated_citation
from paperrag.text.markup import shorten

MOST_ROWS = 60
"""Entries of a work in which its fields are looked for."""


def answer_of_fields(question: Question, unit: int, found: Found, verify: Verify) -> Answer | None:
    """Return the answer from the fields of the work that a row stands for, else of its abstract's;
    None if they do not say, or something else is asked. It is sure: they say it.
    """
    asks_who = question.wanted.answer_type == "person"
    wanted = question.wanted if asks_who else None
    if not (asks_who or question.asks_date):
        return None
    told = (_told(one, found.entries, wanted) for one in (unit, *found.relations.rows(unit)))
    if (first := next(filter(None, told), None)) is None:
        return None
    name, value, entry, quote = first
    said = (AUTHORS_ARE if asks_who else DATED)[question.language].format(
        authors=value, venue=value
    )
    text = f"{shorten(name, NAME_CHARS)}\n{said} [1]"
    links = paper_links(entry, found.entries)
    citation = Citation(1, entry, quote, verify(entry, quote), links, SURE, name)
    return quoted_answer(question, text, (citation,), SURE)


def _told(unit: int, entries: EntryTable, who: Wanted | None) -> tuple[str, str, Entry, str] | None:
    """Return the name of the work that a row stands for, what is told of it, and the line that
    says so. who: what is wanted where that is by whom it is.
    """
    entry = entries.get(unit)
    if (work := entry.work) is None:
        return None
    authors = work.authors
    if who and not authors and says_by_whom(entry.title, who):
        authors = (f"{cited.author} et al.",) if (cited := dated_citation(entry.title)) else ()
    value = ", ".join(authors) if who else work.venue or str(work.year or "")
    signs = [authors[0].split(" et al")[0]] if who and authors else _signs_of_date(work)
    line = next(_lines_with(signs, unit, entries), None) if value else None
    return (work.name, value, *line) if line else None


def _signs_of_date(work: Work) -> list[str]:
    """Return what a line that says so holds: the surest first."""
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

"""A question of when, where or by whom a work was published -> what the fields of the work say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from paperrag.answer.citing import Verify, paper_links
from paperrag.answer.strings import AUTHORS_ARE, DATED
from paperrag.answer.wording import NAME_CHARS
from paperrag.question.read import Question
from paperrag.records import Answer, Citation, Entry, Work
from paperrag.search.found import Found
from paperrag.text.markup import shorten
from paperrag.text.patterns import lazy_pattern

_WHO = lazy_pattern(
    r"\bwho (?:wrote|authored|proposed)\b|\bauthors? (?:of|are)\b|作者|谁(?:写|提出|做)", re.I
)

MOST_ROWS = 60
"""Entries of a work in which its fields are looked for."""


def answer_of_fields(
    question: Question, unit: int, found: Found, verify: Verify, sureness: float
) -> Answer | None:
    """Return the answer from the fields of the work that a row stands for; None if they do not say,
    or something else is asked.
    """
    work = found.entries.get(unit).work
    asks_who = bool(_WHO.search(question.asked))
    if work is None or not (asks_who or question.asks_date):
        return None
    value = ", ".join(work.authors) if asks_who else work.venue or str(work.year or "")
    line = next(_lines_with(_signs(work, asks_who), unit, found), None) if value else None
    if line is None:
        return None
    entry, quote = line
    said = (AUTHORS_ARE if asks_who else DATED)[question.language].format(
        authors=value, venue=value
    )
    text = f"{shorten(work.name, NAME_CHARS)}\n{said} [1]"
    links = paper_links(entry, found.entries)
    citation = Citation(1, entry, quote, verify(entry, quote), links, sureness, work.name)
    return Answer(
        question.raw,
        question.language,
        "extractive",
        None,
        False,
        text,
        (citation,),
        (),
        max(sureness, 0.5),
    )


def _signs(work: Work, asks_who: bool) -> list[str]:
    """Return what a line that says so holds: the surest first."""
    if asks_who:
        return list(work.authors[:1])
    year = str(work.year or "")
    venue = (work.venue or "").removesuffix(year).strip()
    ids = [link.arxiv_id for link in work.links if link.arxiv_id]
    return list(filter(None, (work.venue, venue, f"{venue}{year[2:]}", year, *ids)))


def _lines_with(signs: list[str], unit: int, found: Found) -> Iterator[tuple[Entry, str]]:
    """Yield the lines of a work that hold a sign, those with the surest sign first."""
    rows = np.flatnonzero(found.entries.units == unit)[:MOST_ROWS].tolist()
    entries = [found.entries.get(row) for row in rows]
    for sign in signs:
        for entry in entries:
            for line in entry.text.split("\n"):
                if sign.lower() in line.lower():
                    yield entry, line.strip()

"""Index -> questions worth asking: from the user's own sections at first, from an answer's
surroundings later.

Returns names, not sentences: the page words them in its language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from paperrag.index.tables import IndexData
from paperrag.notes.naming import is_strong_name
from paperrag.records import Answer, Entry

NAME_CHARS = 60
"""Longest name that reads well inside a question."""

_UNFIT = re.compile(r"://|^arXiv \d|[\\{}$\[\]<>=]")
"""Addresses, bare ids and formulas do not read well inside a sentence."""


def section_names(data: IndexData, limit: int) -> list[str]:
    """Return the names of the headings with the most entries right below them, largest first.

    Ties go to the earlier heading. A name that occurs twice is asked about once; a file's only
    top heading names everything, so it is left out.
    """
    entries = data.entries
    names: dict[str, None] = {}
    for number, _ in sorted(
        Counter(entries.columns["section_number"].tolist()).items(),
        key=lambda pair: (-pair[1], pair[0]),
    ):
        section = entries.section_list[number]
        parent = entries.parent_row(entries.rows_in(section)[0])
        is_heading = parent is None or entries.get(parent).role == "heading"
        if is_heading and len(section[1]) > 1 and _reads_well(section[1][-1]):
            names.setdefault(section[1][-1].strip())
    return list(names)[:limit]


def follow_up_names(answer: Answer, related: Sequence[Entry], limit: int) -> list[str]:
    """Return names of entries near an answer that it did not cite, nearest first; none after
    abstaining.
    """
    if answer.abstained:
        return []
    cited = {citation.entry.id for citation in answer.citations}
    said = answer.question.lower()
    works = (entry.work for entry in related if entry.id not in cited and entry.part == "work")
    names = (
        work.name
        for work in works
        if work and (work.statement or " " in work.name or is_strong_name(work.name))
    )
    good = [name for name in names if _reads_well(name) and name.lower() not in said]
    return list({name.lower(): name for name in reversed(good)}.values())[::-1][:limit]


def _reads_well(name: str) -> bool:
    stripped = name.strip()
    return (
        2 <= len(stripped) <= NAME_CHARS
        and any(char.isalpha() for char in stripped)
        and not _UNFIT.search(stripped)
    )

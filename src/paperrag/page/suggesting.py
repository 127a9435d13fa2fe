"""Index -> questions worth asking: from the user's own sections at first, from an answer's
surroundings later.

Returns names, not sentences: the page words them in its language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from paperrag.answer.citing import is_statement
from paperrag.index.tables import IndexData
from paperrag.records import Answer, Entry
from paperrag.text.language import HAN_CHAR

NAME_CHARS = 60
"""Longest name that reads well inside a question."""

LOOSE_NAME_WORDS, LOOSE_NAME_HAN = 5, 6
"""Most words and Chinese characters of a name that no link stands beside; longer ones are
remarks.
"""

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
    names = (entry.title.strip() for entry in related if entry.id not in cited and _is_work(entry))
    good = [name for name in names if _reads_well(name) and name.lower() not in said]
    return list({name.lower(): name for name in reversed(good)}.values())[::-1][:limit]


def _is_work(entry: Entry) -> bool:
    """Whether an entry names a thing: a heading, the label of a group ("其他") and a label before
    text ("insights: …") do not.
    """
    if entry.links:
        return entry.role != "heading" and not is_statement(entry)
    is_short = (
        len(entry.title.split()) <= LOOSE_NAME_WORDS
        and len(HAN_CHAR.findall(entry.title)) <= LOOSE_NAME_HAN
    )
    is_named = is_short and any(char.isupper() or char.isdigit() for char in entry.title)
    return is_named and not entry.child_ids and entry.role != "heading" and not is_statement(entry)


def _reads_well(name: str) -> bool:
    stripped = name.strip()
    return (
        2 <= len(stripped) <= NAME_CHARS
        and any(char.isalpha() for char in stripped)
        and not _UNFIT.search(stripped)
    )

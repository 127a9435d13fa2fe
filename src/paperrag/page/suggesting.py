"""Index -> questions worth asking: from the user's own sections at first, from an answer's
surroundings later.

Returns names, not sentences: the page words them in its language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from paperrag.index.engine import Snapshot
from paperrag.notes.naming import is_strong_name
from paperrag.papers.ids import paper_id
from paperrag.question.intent import compared
from paperrag.question.nouns import ONE_OR_MORE_EN
from paperrag.records import Answer, Entry
from paperrag.text.patterns import lazy_pattern

NAME_CHARS = 60
"""Longest name that reads well inside a question."""

SHORT_NAME_WORDS = 5
MOST_EXAMPLES = 6

MOST_ENTRIES = 2000
"""Entries that are looked through for works to ask about first."""

OF_A_YEAR = 3
"""Works of one year from which on it is asked for."""

TEMPLATE_FILES = 3
"""A heading of so many files is a part of their template, such as "Key points"."""

_UNFIT = lazy_pattern(r"://|^arXiv \d|^\d+[-/.年\s]|[\\{}$\[\]<>=?？]")
"""Addresses, bare ids, dates, numbered headings, formulas and questions do not read well inside a
sentence.
"""


def section_names(data: Snapshot, limit: int) -> list[str]:
    """Return the names of the headings with the most entries right below them, largest first.

    Ties go to the earlier heading. A name that occurs twice is asked about once; a file's only
    top heading names everything, and one of many files nothing, so they are left out.
    """
    entries = data.entries
    in_files: dict[str, set[str]] = {}
    for source, path in entries.section_list:
        in_files.setdefault(path[-1].strip() if path else "", set()).add(source)
    names: dict[str, None] = {}
    for number, _ in sorted(
        Counter(entries.columns["section_number"].tolist()).items(),
        key=lambda pair: (-pair[1], pair[0]),
    ):
        section = entries.section_list[number]
        parent = entries.parent_row(entries.rows_in(section)[0])
        is_heading = parent is None or entries.get(parent).role == "heading"
        name = section[1][-1].strip() if len(section[1]) > 1 else ""
        if is_heading and _reads_well(name) and len(in_files[name]) < TEMPLATE_FILES:
            names.setdefault(name)
        if len(names) == limit:
            break
    return list(names)


def first_questions(data: Snapshot, limit: int) -> list[tuple[str, str]]:
    """Return what to ask first, as keys of sentences with a name in each: of sections, then of
    works; where most files are on one work each, of these alone.
    """
    sections = [] if _is_of_works(data) else section_names(data, limit)
    asked = [("ask_section", name) for name in sections]
    names = _work_names(_works_to_ask_about(data))
    return [*asked, *(("ask_entry", name) for name in names)][:limit]


def _is_of_works(data: Snapshot) -> bool:
    """Whether most of the notes stand in files on one work each."""
    return len(data.entries) > 0 and bool(data.entries.is_of_file.mean() > 0.5)


def _works_to_ask_about(data: Snapshot) -> list[Entry]:
    """Return the first entries that begin a work, where most files are on one each those files:
    those of which the notes say what it does first, among them those that were published, then
    those of a year, which a licence has too.
    """
    entries = map(data.entries.get, range(min(len(data.entries), MOST_ENTRIES)))
    works = [entry for entry in entries if entry.work and entry.part == "work"]
    if _is_of_works(data):
        works = [entry for entry in works if entry.work and entry.work.id == entry.source] or works
    return sorted(works, key=_says_little)


def _says_little(entry: Entry) -> tuple[bool, bool, bool]:
    work = entry.work
    is_published = bool(work and (work.venue or any(map(paper_id, work.links))))
    return not (work and work.statement), not is_published, not (work and work.year)


def example_names(data: Snapshot) -> list[tuple[str, dict[str, str]]]:
    """Return what to ask at first, as keys of sentences with the names in them: of sections, of
    works in them, of two works of one section; of works, of their commonest year, of two of them
    beside each other, where most files are on one work each and any can be named.
    """
    works = _works_to_ask_about(data) if _is_of_works(data) else []
    if names := _spread(_work_names(works), 2 * MOST_EXAMPLES):
        asked = [("ask_entry", {"name": name}) for name in names[:MOST_EXAMPLES]]
        short = [name for name in names[2:] if len(name.split()) <= SHORT_NAME_WORDS]
        return [*asked[:2], *_of_a_year(works), *_compared(short), *asked[2:]][:MOST_EXAMPLES]
    sections = section_names(data, MOST_EXAMPLES)
    inside = [_works_in(data, name) for name in sections]
    examples = [("ask_section", {"name": name}) for name in sections[:2]]
    examples += [("ask_entry", {"name": names[0]}) for names in inside[2:4] if names]
    pairs = (_compared(list(filter(is_strong_name, names))[:2]) for names in inside[1:])
    examples += next(filter(None, pairs), [])
    examples += [("ask_section", {"name": name}) for name in sections[4:]]
    return examples[:MOST_EXAMPLES]


def _spread(names: Sequence[str], count: int) -> Sequence[str]:
    """Return so many names from all over the notes: neighbours begin alike."""
    return names[:: max(1, len(names) // count)][:count]


def _compared(names: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Return the question for how the last two of some works differ, [] of fewer; a name that
    compares by itself ("Paxos vs Raft") does not fit into it.
    """
    pair = [name for name in names if not compared(name)][-2:]
    return [("ask_compare", {"one": pair[0], "other": pair[1]})] if len(pair) > 1 else []


def _of_a_year(works: Sequence[Entry]) -> list[tuple[str, dict[str, str]]]:
    """Return the question for the works of the year that most are of, [] where few tell theirs."""
    years = Counter(one.work.year for one in works if one.work and one.work.year)
    common = [year for year, count in years.most_common(1) if count >= OF_A_YEAR]
    return [("ask_year", {"year": str(year)}) for year in common]


def _works_in(data: Snapshot, section: str) -> list[str]:
    """Return short names of works right below a heading of a name, in their order."""
    entries = data.entries
    here = [one for one in entries.section_list if one[1] and one[1][-1].strip() == section]
    return _work_names([entries.get(row) for one in here for row in entries.rows_in(one)])


def compared_names(answer: Answer) -> tuple[str, str] | None:
    """Return the short names of the first two works that an answer cites, None if there are none
    to compare or the question names one of them.
    """
    cited = _work_names([citation.entry for citation in answer.citations])
    names = list(filter(is_strong_name, cited))[:2]
    said = answer.question.lower()
    fit = len(names) == 2 and not any(name.lower() in said for name in names)
    return (names[0], names[1]) if fit else None


def follow_up_names(answer: Answer, related: Sequence[Entry], limit: int) -> list[str]:
    """Return short names of works near an answer that it did not cite, nearest first; after a
    refusal those of the nearest entries too, though the question names them.
    """
    cited = {citation.entry.id for citation in answer.citations}
    near = [hit.entry for hit in answer.nearest] if answer.abstained else []
    entries = [entry for entry in (*near, *related) if entry.id not in cited]
    said = "" if answer.abstained else answer.question.lower()
    return [name for name in _work_names(entries) if name.lower() not in said][:limit]


def _work_names(entries: Sequence[Entry]) -> list[str]:
    """Return the short names of the works that entries name, each once, however it is written."""
    works = (entry.work for entry in entries if entry.part == "work")
    named = (
        work.name
        for work in works
        if work and (work.statement or " " in work.name or is_strong_name(work.name))
    )
    good = [name for name in map(_short_name, named) if _reads_well(name)]
    return list({name.lower(): name for name in reversed(good)}.values())[::-1]


def _short_name(name: str) -> str:
    """Return what people call a work: what stands before a colon, if that is short and no kind of
    paper ("Survey: …").
    """
    short = re.split(r"[:：]", name.strip(), maxsplit=1)[0].strip()
    is_kind = re.fullmatch(ONE_OR_MORE_EN, short, re.IGNORECASE)
    return short if len(short.split()) <= SHORT_NAME_WORDS and not is_kind else name.strip()


def _reads_well(name: str) -> bool:
    stripped = name.strip()
    return (
        2 <= len(stripped) <= NAME_CHARS
        and any(char.isalpha() for char in stripped)
        and not _UNFIT.search(stripped)
    )

"""Index -> questions worth asking: from the user's own sections at first, from an answer's
surroundings later.

Returns names, not sentences: the page words them in its language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, islice

from paperrag.answer.called import is_in_paper
from paperrag.index.engine import Snapshot
from paperrag.notes.naming import is_strong_name
from paperrag.page.browsing import first_rows
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

Example = tuple[str, dict[str, str]]
"""The key of a question's sentence, and the names in it."""

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
    entries = data.entries
    if _is_of_works(data):
        first = map(entries.get, islice(first_rows(data).values(), MOST_ENTRIES))
        if works := [one for one in first if one.work and one.work.id == one.source]:
            return sorted(works, key=_says_little)
    looked = map(entries.get, range(min(len(entries), MOST_ENTRIES)))
    works = [one for one in looked if one.work and one.part == "work"]
    return sorted(works, key=_says_little)


def _says_little(entry: Entry) -> tuple[bool, bool, bool]:
    work = entry.work
    is_published = bool(work and (work.venue or any(map(paper_id, work.links))))
    return not (work and work.statement), not is_published, not (work and work.year)


def example_names(data: Snapshot) -> list[Example]:
    """Return what to ask at first, as keys of sentences with the names in them, neighbours of
    different kinds and no work twice: of a section, of a work in one, of two works of one section,
    of the commonest year; of works, their year and two of them beside each other, where most files
    are on one work each and any can be named.
    """
    works = _works_to_ask_about(data)
    year = _of_a_year(works)
    dated = [one for one in works if one.work and one.work.year]
    best = _work_names(dated if len(dated) >= MOST_EXAMPLES else works)
    if _is_of_works(data) and (names := _spread(best, 2 * MOST_EXAMPLES)):
        short = [name for name in names[2:] if len(name.split()) <= SHORT_NAME_WORDS]
        pair = _compared(list(filter(is_strong_name, short))) or _compared(short)
        about: list[Example] = [("ask_entry", {"name": name}) for name in names]
        return _varied([about[:1], about[1:2], year, pair, _others(about[2:], pair)])
    sections = section_names(data, MOST_EXAMPLES)
    inside = [_works_in(data, name) for name in sections]
    pairs = (_compared(list(filter(is_strong_name, names))[:2]) for names in inside[1:])
    pair = next(filter(None, pairs), [])
    of: list[Example] = [("ask_section", {"name": name}) for name in sections]
    about = [("ask_entry", {"name": name}) for names in inside[2:] for name in names[:1]]
    about = _others(about, pair)
    return _varied([of[:1], about[:1], pair, of[1:2], year, about[1:2], of[2:]])


def _varied(parts: Sequence[Sequence[Example]]) -> list[Example]:
    """Return as many examples as are shown, of several parts in their order."""
    return list(chain.from_iterable(parts))[:MOST_EXAMPLES]


def _others(about: Sequence[Example], pair: Sequence[Example]) -> list[Example]:
    """Return the examples that do not name what is compared already."""
    compared_already = {name for _, given in pair for name in given.values()}
    return [one for one in about if one[1]["name"] not in compared_already]


def _spread(names: Sequence[str], count: int) -> Sequence[str]:
    """Return so many names from all over the notes: neighbours begin alike."""
    return names[:: max(1, len(names) // count)][:count]


def _compared(names: Sequence[str]) -> list[Example]:
    """Return the question for how the last two of some works differ, [] of fewer; a name that
    compares by itself ("Paxos vs Raft") does not fit into it.
    """
    pair = [name for name in names if not compared(name)][-2:]
    return [("ask_compare", {"one": pair[0], "other": pair[1]})] if len(pair) > 1 else []


def _of_a_year(works: Sequence[Entry]) -> list[Example]:
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
    cited = {_of_work(citation.entry) for citation in answer.citations}
    near = [hit.entry for hit in answer.nearest] if answer.abstained else []
    entries = [entry for entry in (*near, *related) if _of_work(entry) not in cited]
    said = "" if answer.abstained else answer.question.lower()
    return [name for name in _work_names(entries) if name.lower() not in said][:limit]


def _of_work(entry: Entry) -> str:
    """Return what an entry tells of: the work that its file is about, else itself."""
    return entry.source if entry.work and entry.work.id == entry.source else entry.id


def _work_names(entries: Sequence[Entry]) -> list[str]:
    """Return the short names of the works that entries name, each once, however it is written."""
    works = (entry.work for entry in entries if entry.part == "work" or is_in_paper(entry))
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

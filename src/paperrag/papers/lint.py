"""Notes and fetched papers -> what looks wrong in the notes. Asks no network, changes nothing.

Titles and dead links to papers can be judged only for papers that were fetched, but for arXiv ids
that cannot be; links to files and notes of one's own are looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from msgspec import Struct

from paperrag.notes.corpus import read_lines
from paperrag.notes.tree import ParsedNote
from paperrag.papers.abstract_format import AbstractFile
from paperrag.papers.ids import paper_ids, paper_url
from paperrag.papers.local_links import Places, dead_local_links
from paperrag.papers.refs import PaperRef, named_work, other_names
from paperrag.papers.shelf import Shelf
from paperrag.records import Entry
from paperrag.text.folding import fold
from paperrag.text.patterns import lazy_pattern

Problem = Literal[
    "dead-link", "other-title", "noted-twice", "no-link", "garbled", "empty-section", "twin"
]

WORDS_TO_JUDGE = 3
"""A title in the notes is compared when it has this many words; nicknames are not titles."""

LONG_TEXT_CHARS = 60
"""Shorter entries may well be the same in two files."""

SHARED_WORDS = 0.34
"""Share of a note's title words that the paper's title and abstract must hold, else the link is
suspected. By hand.
"""

_WORD = lazy_pattern(r"[a-z][a-z0-9+-]{2,}")
_STOP_WORDS = frozenset(
    "the and for with from via are not you all what where when survey paper arxiv using towards toward based".split()
)
_ARXIV_MONTH = lazy_pattern(
    r"(?P<archive>[a-z-]+(?:\.[A-Z]{2})?/)?(?P<year>\d\d)(?P<month>\d\d)(?:\.\d{4,5}|\d{3})$",
    re.IGNORECASE,
)
_HEADING = lazy_pattern(r"^ {0,3}(#{1,6})(?:\s|$)")


class NoteFile(Struct, frozen=True):
    """A file of notes, parsed; `source` is its path relative to the corpus."""

    source: str
    path: Path
    parsed: ParsedNote


class Finding(Struct, frozen=True):
    """Something that looks wrong: what kind of thing, where, and a sentence about it."""

    problem: Problem
    source: str
    line: int | None
    message: str


def lint_notes(
    notes: Sequence[NoteFile],
    refs: Sequence[PaperRef],
    shelf: Shelf,
    is_denied: Callable[[PaperRef], bool],
    corpus: Path,
    today: date,
) -> list[Finding]:
    """Return all findings, in the order of the notes.

    is_denied: whether every API that could know a paper by its id was asked and did not. today:
    ids of later months cannot be.
    """
    entries = {entry.id: entry for note in notes for entry in note.parsed.entries}
    findings = [
        *_impossible_ids(refs, entries, today),
        *_dead_links([ref for ref in refs if not _fault_of(ref, today)], shelf, entries, is_denied),
        *_dead_local_links(notes, corpus),
        *_other_titles(refs, shelf, entries),
        *_noted_twice(refs, shelf, entries),
        *_no_link(refs, entries),
        *_twins(notes),
        *(finding for note in notes for finding in (*_garbled(note), *_empty_sections(note))),
    ]
    return sorted(
        findings, key=lambda finding: (finding.source, finding.line or 0, finding.problem)
    )


def _impossible_ids(
    refs: Sequence[PaperRef], entries: dict[str, Entry], today: date
) -> Iterator[Finding]:
    for ref in refs:
        if fault := _fault_of(ref, today):
            for entry in _noting(ref, entries):
                above, found, _ = entry.text.partition(ref.ids[0].value)
                line = entry.line_start + (above.count("\n") if found else 0)
                yield Finding(
                    "dead-link", entry.source, line, f"{ref.name} cannot be a paper: {fault}"
                )


def _fault_of(ref: PaperRef, today: date) -> str | None:
    """What is wrong with an arXiv id, YYMM.NNNNN or archive/YYMMNNN; None for all that may be
    right.
    """
    match = _ARXIV_MONTH.match(ref.ids[0].value) if ref.ids and ref.ids[0].site == "arxiv" else None
    if match is None:
        return None
    month = int(match["month"])
    if not 1 <= month <= 12:
        return f"its third and fourth figure are the month, and there is no month {match['month']}"
    tomorrow = today + timedelta(days=1)  # where arXiv's day has begun already
    if match["archive"] is None and (2000 + int(match["year"]), month) > (
        tomorrow.year,
        tomorrow.month,
    ):
        return f"it would be of {2000 + int(match['year'])}-{month:02d}, which is still to come"
    return None


def _dead_local_links(notes: Sequence[NoteFile], corpus: Path) -> Iterator[Finding]:
    titles = {title for note in notes for _, title in note.parsed.headings}
    titles |= {
        name for note in notes for entry in note.parsed.entries for name in other_names(entry)
    }
    places = Places.of(corpus, titles)
    for note in notes:
        for line, message in dead_local_links(
            read_lines(note.path.parent, note.path.name) or [], note.path.parent, places
        ):
            yield Finding("dead-link", note.source, line, message)


def _dead_links(
    refs: Sequence[PaperRef],
    shelf: Shelf,
    entries: dict[str, Entry],
    is_denied: Callable[[PaperRef], bool],
) -> Iterator[Finding]:
    for ref in refs:
        if not ref.ids or not is_denied(ref):
            continue
        file = shelf.find(ref)
        if file and set(ref.ids) & set(file.paper.ids):
            continue
        meant = (
            f"; by its title it is {paper_url(file.paper.ids[0])}"
            if file and file.paper.ids
            else ""
        )
        for entry in _noting(ref, entries):
            yield _at(
                entry, "dead-link", f"{ref.name} is known to no paper API that was asked{meant}"
            )


def _other_titles(
    refs: Sequence[PaperRef], shelf: Shelf, entries: dict[str, Entry]
) -> Iterator[Finding]:
    for ref in refs:
        file = shelf.find(ref)
        if not ref.ids or file is None or not set(ref.ids) & set(file.paper.ids):
            continue
        for entry in _noting(ref, entries):
            title = named_work(entry)[0]
            if len(paper_ids(entry)) == 1 and not is_about(title, file):
                yield _at(
                    entry,
                    "other-title",
                    f"the note says “{title}”, but {ref.name} is “{file.paper.title}”",
                )


def is_about(title: str, file: AbstractFile) -> bool:
    """Whether a paper says enough words of a title, or the title too few to tell."""
    words = set(_WORD.findall(fold(title).lower())) - _STOP_WORDS
    if len(words) < WORDS_TO_JUDGE:
        return True
    known = fold(f"{file.paper.title} {file.paper.abstract}").lower()
    return sum(word in known for word in words) >= SHARED_WORDS * len(words)


def _noted_twice(
    refs: Sequence[PaperRef], shelf: Shelf, entries: dict[str, Entry]
) -> Iterator[Finding]:
    """Papers in two places that are not one below the other; twins count as one paper."""
    places: dict[str, tuple[str, list[Entry]]] = {}
    for ref in refs:
        file = shelf.find(ref)
        key = file.name if file else ref.name
        name = f"“{file.paper.title}”" if file else ref.name
        places.setdefault(key, (name, []))[1].extend(_noting(ref, entries))
    for name, found in places.values():
        first, *others = sorted(
            {entry.id: entry for entry in found}.values(),
            key=lambda entry: (entry.source, entry.line_start),
        )
        for other in others:
            if not _is_below(other, first, entries):
                yield _at(
                    other,
                    "noted-twice",
                    f"{name} is also noted at {first.source}:{first.line_start}",
                )


def _twins(notes: Sequence[NoteFile]) -> Iterator[Finding]:
    """Files that say the same as one before, and long entries that do in files that do not."""
    whole: dict[tuple[str, ...], str] = {}
    said: dict[str, Entry] = {}
    for note in notes:
        texts = tuple(_folded(entry.text) for entry in note.parsed.entries)
        first = whole.setdefault(texts, note.source) if texts else note.source
        if first != note.source:
            yield Finding("twin", note.source, None, f"says word for word what {first} says")
            continue
        for entry, text in zip(note.parsed.entries, texts, strict=True):
            other = said.setdefault(text, entry)
            if other.source != entry.source and len(text) >= LONG_TEXT_CHARS:
                place = f"{other.source}:{other.line_start}"
                yield _at(entry, "twin", f"“{entry.title}” stands word for word at {place}")


def _folded(text: str) -> str:
    return " ".join(fold(text).split())


def _is_below(entry: Entry, other: Entry, entries: dict[str, Entry]) -> bool:
    current: Entry | None = entry
    while current is not None:
        if current.id == other.id:
            return True
        current = entries.get(current.parent_id or "")
    return False


def _no_link(refs: Sequence[PaperRef], entries: dict[str, Entry]) -> Iterator[Finding]:
    for ref in refs:
        if not ref.ids:
            for entry in _noting(ref, entries):
                yield _at(entry, "no-link", f"“{ref.title}” names a work and gives no link to it")


def _garbled(note: NoteFile) -> Iterator[Finding]:
    for trouble in note.parsed.troubles:
        yield Finding("garbled", note.source, trouble.line, trouble.message)
    for entry in note.parsed.entries:
        if "\ufffd" in entry.text:
            line = entry.line_start + entry.text[: entry.text.index("\ufffd")].count("\n")
            yield Finding(
                "garbled",
                note.source,
                line,
                f"“{entry.title}” has lost characters (shown as \ufffd)",
            )


def _empty_sections(note: NoteFile) -> Iterator[Finding]:
    """Headings with nothing below them, neither text nor a deeper heading."""
    lines = read_lines(note.path.parent, note.path.name) or []
    starts = [line for line, _ in note.parsed.headings]
    for place, (start, title) in enumerate(note.parsed.headings):
        following = starts[place + 1] if place + 1 < len(starts) else len(lines) + 1
        below = lines[start : following - 1]
        is_underlined = (
            bool(below) and _level(lines, start) in (1, 2) and not _HEADING.match(lines[start - 1])
        )
        has_text = any(line.strip() for line in below[int(is_underlined) :])
        is_deeper = following <= len(lines) and _level(lines, following) > _level(lines, start)
        if not has_text and not is_deeper:
            yield Finding("empty-section", note.source, start, f"nothing stands under “{title}”")


def _level(lines: Sequence[str], number: int) -> int:
    """The level of the heading on a line, counted from 1; underlined ones have level 1 or 2."""
    if match := _HEADING.match(lines[number - 1]):
        return len(match[1])
    underline = lines[number].strip() if number < len(lines) else ""
    return 1 if underline.startswith("=") else 2


def _noting(ref: PaperRef, entries: dict[str, Entry]) -> list[Entry]:
    return [entries[note] for note in ref.notes if note in entries]


def _at(entry: Entry, problem: Problem, message: str) -> Finding:
    return Finding(problem, entry.source, entry.line_start, message)

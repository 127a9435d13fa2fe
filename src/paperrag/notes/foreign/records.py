"""Records of RIS, MEDLINE, EndNote, Web of Science and NoteExpress in a note -> papers of Markdown,
with notes as items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from paperrag.notes.foreign.bylines import byline
from paperrag.text.patterns import lazy_pattern
from paperrag.text.venues import read_year

_LINE = lazy_pattern(r"(?:(?P<tag>[A-Z][A-Z0-9]{1,3}) {0,2}- ?|%(?P<sign>[A-Z0-9]) )(?P<value>.*)")
_OF_WEB_OF_SCIENCE = lazy_pattern(r"(?P<tag>[A-Z][A-Z0-9])(?: (?P<value>[^ -].*))?")
_OF_NOTEEXPRESS = lazy_pattern(r"\{(?P<name>[A-Z][A-Za-z -]*)\}:(?P<value>.*)")
_FORMS = ((_LINE, ""), (_OF_WEB_OF_SCIENCE, "PT"), (_OF_NOTEEXPRESS, ""))
"""How a field begins in each program, and the tag that stands in all of its records."""
TAGS: Mapping[str, str] = {
    **{"title": "TI", "author": "AU", "year": "PY", "date": "PY", "journal": "JO"},
    **{"booktitle": "JO", "keywords": "KW", "doi": "DO", "url": "UR"},
    **dict.fromkeys("note notes annote annotation abstract comment review".split(), "N1"),
}
"""The tags of RIS that say what fields with names do."""
_FIELDS: Mapping[str, Sequence[str]] = {
    "Title": ("TI", "T1", "CT", "%T"),
    "Authors": ("AU", "A1", "FAU", "%A"),
    "Year": ("PY", "Y1", "DP", "DA", "%D"),
    "Venue": ("JO", "T2", "JF", "JT", "BT", "JA", "TA", "SO", "%J", "%B"),
    "Keywords": ("KW", "OT", "DE", "%K"),
    "Citekey": ("ID",),
    "DOI": ("DO", "DI", "%R"),
    "Link": ("UR", "L1", "%U"),
}
"""What stands in fields of a paper, by the tags that say it, the first of them first."""
_NOTES = frozenset("N1 N2 AB RN C1 %X %Z %N".split())
_FEWEST = 3
"""Lines with tags that make a record. By hand."""


class Tagged(Struct, frozen=True):
    """What a tag says, on the lines from `line` to `last`; `value` has the lines that go on."""

    tag: str
    line: int
    last: int
    value: str


def records(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of records: a heading, fields below it, notes as items."""
    for form, tag in _FORMS:
        meant: dict[int, str] = {}
        for record in _records(lines, form):
            tags = {one.tag for one in record}
            is_one = len(record) >= _FEWEST and (not tag or tag in tags)
            if is_one and _first(record, _FIELDS["Title"]):
                meant |= dict.fromkeys(range(record[0].line, record[-1].last + 1), "")
                meant |= dict(lines_of_record(record))
        if meant:
            return meant
    return {}


def _records(lines: Sequence[str], form: re.Pattern[str]) -> Iterator[list[Tagged]]:
    """Yield each record; it ends where its first tag comes again, with its end, or with a blank."""
    record: list[Tagged] = []
    for at, line in enumerate([*lines, ""]):
        found = form.fullmatch(line)
        tag = _tag(found) if found else ""
        if record and (not line.strip() or tag == record[0].tag):
            yield record
            record = []
        if found:
            record.append(Tagged(tag, at, at, (found["value"] or "").strip()))
        elif record and line.strip():
            record.append(_gone_on(record, at, line.strip(), form))


def _tag(found: re.Match[str]) -> str:
    said = found.groupdict()
    if name := said.get("name"):
        return TAGS.get(name.lower(), name)
    return said["tag"] or f"%{said['sign']}"


def _gone_on(record: list[Tagged], at: int, words: str, form: re.Pattern[str]) -> Tagged:
    """What a line says that goes on with the last field: another author, or more of its words."""
    last = record[-1]
    if form is _OF_WEB_OF_SCIENCE and last.tag == "AU":
        return Tagged(last.tag, at, at, words)
    record.pop()
    return Tagged(last.tag, last.line, at, f"{last.value}\n{words}")


def lines_of_record(record: Sequence[Tagged]) -> Iterator[tuple[int, str]]:
    """Yield the heading and fields on the first lines, and each note on its own or below these."""
    told = {name: words for name, tags in _FIELDS.items() if (words := _said(record, name, tags))}
    who = byline(told.get("Authors", "").split("; "), told.get("Year", ""))
    at = record[0].line
    for name, words in told.items():
        yield at, f"# {words.rstrip('.')}{who}" if name == "Title" else f"{name}: {words}"
        at += 1
    for one in record:
        if one.tag in _NOTES and one.value:
            at = max(at, one.line)
            for words in f"- {one.value}".replace("\n", "\n  ").split("\n"):
                yield at, words
                at += 1


def _said(record: Sequence[Tagged], name: str, tags: Sequence[str]) -> str:
    if name in ("Authors", "Keywords"):
        return "; ".join(_flat(one) for one in record if one.tag in tags)
    words = _first(record, tags)
    return str(read_year(words) or words) if name == "Year" else words


def _first(record: Sequence[Tagged], tags: Sequence[str]) -> str:
    values = {one.tag: _flat(one) for one in reversed(record)}
    return next((values[tag] for tag in tags if values.get(tag)), "")


def _flat(one: Tagged) -> str:
    return one.value.replace("\n", " ")

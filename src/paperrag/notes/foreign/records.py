"""Records of RIS, MEDLINE and EndNote in a note -> papers of Markdown, with notes as items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from paperrag.notes.foreign.bylines import byline
from paperrag.text.patterns import lazy_pattern
from paperrag.text.venues import read_year

_LINE = lazy_pattern(r"(?:(?P<tag>[A-Z][A-Z0-9]{1,3}) {0,2}- ?|%(?P<sign>[A-Z0-9]) )(?P<value>.*)")
_FIELDS: Mapping[str, Sequence[str]] = {
    "Title": ("TI", "T1", "CT", "%T"),
    "Authors": ("AU", "A1", "FAU", "%A"),
    "Year": ("PY", "Y1", "DP", "DA", "%D"),
    "Venue": ("JO", "T2", "JF", "JT", "BT", "JA", "TA", "%J", "%B"),
    "Keywords": ("KW", "OT", "%K"),
    "Citekey": ("ID",),
    "DOI": ("DO", "%R"),
    "Link": ("UR", "L1", "%U"),
}
"""What stands in fields of a paper, by the tags that say it, the first of them first."""
_NOTES = frozenset("N1 N2 AB RN C1 %X %Z %N".split())
_FEWEST = 3
"""Lines with tags that make a record. By hand."""


class Tagged(Struct, frozen=True):
    """What a tag says, on the lines from `line` to `last`."""

    tag: str
    line: int
    last: int
    value: str


def records(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of records: a heading, fields below it, notes as items."""
    meant: dict[int, str] = {}
    for record in _records(lines):
        if len(record) >= _FEWEST and _first(record, _FIELDS["Title"]):
            meant |= dict.fromkeys(range(record[0].line, record[-1].last + 1), "")
            meant |= dict(placed(record))
    return meant


def _records(lines: Sequence[str]) -> Iterator[list[Tagged]]:
    """Yield each record; it ends where its first tag comes again, with its end, or with a blank."""
    record: list[Tagged] = []
    for at, line in enumerate([*lines, ""]):
        found = _LINE.fullmatch(line)
        tag = "" if found is None else found["tag"] or f"%{found['sign']}"
        if record and (not line.strip() or tag == record[0].tag):
            yield record
            record = []
        if found:
            record.append(Tagged(tag, at, at, found["value"].strip()))
        elif record and line.strip():
            last = record.pop()
            record.append(Tagged(last.tag, last.line, at, f"{last.value} {line.strip()}"))


def placed(record: Sequence[Tagged]) -> Iterator[tuple[int, str]]:
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
            yield at, f"- {one.value}"
            at += 1


def _said(record: Sequence[Tagged], name: str, tags: Sequence[str]) -> str:
    if name in ("Authors", "Keywords"):
        return "; ".join(one.value for one in record if one.tag in tags)
    words = _first(record, tags)
    return str(read_year(words) or words) if name == "Year" else words


def _first(record: Sequence[Tagged], tags: Sequence[str]) -> str:
    values = {one.tag: one.value for one in reversed(record)}
    return next((values[tag] for tag in tags if values.get(tag)), "")

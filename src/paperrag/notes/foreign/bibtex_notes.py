"""Entries of BibTeX, of which a note consists, with what their reader noted in fields -> papers of
Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paperrag.notes.foreign.records import TAGS, Tagged, lines_of_record
from paperrag.text.patterns import lazy_pattern

_ENTRY = lazy_pattern(r"[ \t]*@[A-Za-z]+\{[ \t]*(?P<value>[^\s{},]+),[ \t]*")
_FIELD = lazy_pattern(r"[ \t]*(?P<tag>[A-Za-z][\w-]*)[ \t]*=[ \t]*(?P<value>.*)")
_AROUND = '{}", \t'


def bibtex_notes(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the lines of entries; {} where nothing is noted in any."""
    first = next((line for line in lines if line.strip()), "")
    entries = list(_entries(lines)) if _ENTRY.fullmatch(first) else []
    meant: dict[int, str] = {}
    for entry in entries:
        if any(one.tag == "N1" for one in entry):
            meant |= dict.fromkeys(range(entry[0].line, entry[-1].last + 1), "") | dict(
                lines_of_record(entry)
            )
    return meant


def _entries(lines: Sequence[str]) -> Iterator[list[Tagged]]:
    entry: list[Tagged] = []
    for at, line in enumerate(lines):
        begins = _ENTRY.fullmatch(line)
        if begins and entry:
            yield entry
        if begins:
            entry = [Tagged("ID", at, at, begins["value"])]
        elif entry and (field := _FIELD.fullmatch(line)):
            tag = TAGS.get(field["tag"].lower(), "")
            entry.append(Tagged(tag, at, at, _value(field["value"], tag)))
        elif entry and line.strip():
            last = entry.pop()
            goes_on = _value(line, last.tag)
            entry.append(Tagged(last.tag, last.line, at, f"{last.value} {goes_on}".strip()))
    if entry:
        yield entry


def _value(text: str, tag: str) -> str:
    words = text.strip(_AROUND).replace("{", "").replace("}", "")
    return words.replace(" and ", "; ") if tag == "AU" else words

"""The BibTeX entry near the start of a note -> the fields of the paper that the note is on.

Lines `field = {value}`, as exporters write them; files of BibTeX are read by `papers`.
"""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.notes.front_matter import Fields
from paperrag.text.patterns import lazy_pattern

_NEAR_LINES = 20
"""Where the entry begins that is the note's own; below, notes say how they are to be cited."""

_ENTRY = lazy_pattern(r"[ \t]*@(?!comment|string|preamble)[A-Za-z]+\{[ \t]*([^\s{},]+),[ \t]*")
_FIELD = lazy_pattern(r"[ \t]*([A-Za-z]+)[ \t]*=[ \t]*[{\"]*(.*?)[}\"]*[ \t]*,?[ \t]*")
_END = lazy_pattern(r"[ \t]*\}[ \t]*")
_NAMES = {"booktitle": "venue", "journal": "venue", "author": "authors", "eprint": "arxiv"}
_KEPT = ("title", "authors", "year", "venue", "doi", "url", "arxiv")


def bibtex_fields(lines: Sequence[str]) -> Fields:
    """Return the fields of the one entry of BibTeX that a note has, {} of several or none."""
    starts = [at for at, line in enumerate(lines) if "@" in line and _ENTRY.fullmatch(line)]
    if len(starts) != 1 or starts[0] >= _NEAR_LINES:
        return {}
    entry = _ENTRY.fullmatch(lines[starts[0]])
    fields: dict[str, str] = {"citekey": entry[1]} if entry else {}
    for line in lines[starts[0] + 1 :]:
        field = _FIELD.fullmatch(line)
        if _END.fullmatch(line) or field is None:
            break
        name = field[1].lower()
        name = _NAMES.get(name, name)
        if name in _KEPT and field[2]:
            fields.setdefault(name, field[2].replace("{", "").replace("}", ""))
    return fields

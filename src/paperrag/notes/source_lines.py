"""The text of a note -> its lines, as they stand and as its parser reads them, and what its front
matter says.
"""

from __future__ import annotations

from msgspec import Struct

from paperrag.notes.folders import is_data_name
from paperrag.notes.foreign.translated import in_markdown
from paperrag.notes.front_matter import Fields, read_front_matter
from paperrag.notes.org import SUFFIX as ORG
from paperrag.notes.org import as_markdown, without_comments
from paperrag.notes.overlong import first_lines
from paperrag.notes.plain_headings import with_headings
from paperrag.records import Trouble
from paperrag.text.front import find_front_matter


class SourceLines(Struct, frozen=True):
    """Lines as they stand, and as they are read: as many, without front matter, which ends before
    line `body` and says `fields`. below: the text behind those that are read, of a very long note.
    """

    lines: list[str]
    read: list[str]
    body: int
    fields: Fields
    below: str
    troubles: tuple[Trouble, ...]


def source_lines(text: str, source: str) -> SourceLines:
    """Return the lines of a note; `source` is its path, which says what it is written in."""
    text, unread = _in_markdown(text, source)
    lines, below = first_lines(_without_blank_end(text))
    is_org = source.lower().endswith(ORG)
    lines = list(without_comments(lines)) if is_org else lines
    front = find_front_matter(lines)
    fields, faults = read_front_matter(front, source) if front else ({}, ())
    body = front.last + 1 if front else 0
    read = ["" for _ in range(body)] + lines[body:]
    read = list(as_markdown(read)) if is_org else read if front else with_headings(read)
    return SourceLines(lines, read, body, fields, below, (*unread, *faults))


def _in_markdown(text: str, source: str) -> tuple[str, list[Trouble]]:
    """The text in Markdown, and what is wrong with data in which no notes are found."""
    meant = in_markdown(text)
    if meant != text or not is_data_name(source):
        return meant, []
    is_empty = not any(map(str.isalnum, text))
    return "", [] if is_empty else [Trouble(source, "holds no notes that can be read; passed over")]


def _without_blank_end(text: str) -> str:
    """The text up to the end of its last line of words."""
    end = text.find("\n", len(text.rstrip()))
    return text if end < 0 else text[:end]

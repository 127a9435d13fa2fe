"""A text of more lines than any note has -> its first lines, and the rest as one entry.

Each line of a tree costs time; a text that a program wrote has millions. No line of it is lost.
"""

from __future__ import annotations

from paperrag.notes.folders import folders_of
from paperrag.records import Entry, Kind, Trouble
from paperrag.text.language import detect_language
from paperrag.text.markup import TITLE_CHARS, shorten

MOST_LINES = 100_000
"""About 8 MB of notes as people write them."""

_TOLD_CHARS = 10_000
"""What is read of the rest to tell its language."""


def first_lines(text: str) -> tuple[list[str], str]:
    """Return the lines that are read as a note, and the text below them, "" for none."""
    lines = text.split("\n", MOST_LINES)
    return (lines, "") if len(lines) <= MOST_LINES else (lines[:-1], lines[-1])


def entry_of_rest(rest: str, source: str, kind: Kind) -> Entry:
    """Return the entry of the text below the first lines: verbatim, its markup unread."""
    words = rest.lstrip()
    start = rest.rfind("\n", 0, len(rest) - len(words)) + 1
    line = MOST_LINES + 1 + rest.count("\n", 0, start)
    text = rest[start:]
    return Entry(
        id=f"{source}#-rest-",
        source=source,
        kind=kind,
        role="prose",
        title=shorten(words.split("\n", 1)[0].strip(), TITLE_CHARS),
        breadcrumb=folders_of(source),
        text=text,
        line_start=line,
        line_end=line + text.count("\n"),
        parent_id=None,
        child_ids=(),
        links=(),
        venue=None,
        language=detect_language(text[:_TOLD_CHARS]),
    )


def trouble_of_rest(entry: Entry) -> Trouble:
    """Return what is wrong with a file that has such an entry."""
    message = f"more than {MOST_LINES} lines; all from here on is one entry; split the file"
    return Trouble(entry.source, message, entry.line_start)

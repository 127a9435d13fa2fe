"""Words and boxes for how far somebody is with a paper: read, being read, not read yet."""

from __future__ import annotations

import re

from paperrag.records import Status
from paperrag.text.markers import ITEM
from paperrag.text.patterns import lazy_pattern

_UNREAD = lazy_pattern(
    r"\b(?:un-?read|to[ -](?:be )?read|(?:not|never|\w+n['’]t)(?: \w+)?(?: yet)? read)\b(?: yet\b)?"
    r"|^\W*to-?do\W*$|(?:还|仍)?[未待没](?:有|来得及)?[读看]|想读|未开始",
    re.IGNORECASE,
)
_READ = lazy_pattern(r"^\W*(?:read|done|finished)\W*$|已[读看阅]|[读看]完", re.IGNORECASE)
_BOX = lazy_pattern(rf"^[\s>]*{ITEM}[ \t]+(?:\[(?P<mark>[ xX])\]|(?P<word>TODO|LATER|DONE)(?=\s))")


def status_in(text: str) -> Status:
    """Return what a text says of the reading, "" if nothing."""
    if _UNREAD.search(text):
        return "unread"
    return "read" if _READ.search(text) else ""


def status_of_box(text: str) -> Status:
    """Return what the box or the task word before an item says, "" without one."""
    box = _BOX.match(text)
    if box is None:
        return ""
    return "unread" if (box["mark"] or box["word"]) in (" ", "TODO", "LATER") else "read"


def without_status(question: str) -> tuple[str, bool]:
    """Return a question without the words for what is not read yet, and whether it has some."""
    rest, count = _UNREAD.subn(" ", question)
    return rest, bool(count)

"""A note's text -> the same text, as long as it was, in which only words are left to be read.

What no reader sees or what is data becomes blanks (`hidden`, `blobs`), the end of a wrapped line
`WRAP` (`wraps`). Positions stay, so sentences found here are stretches of the text as it stands in
its file.
"""

from __future__ import annotations

from functools import lru_cache

from paperrag.text.blobs import blank, without_blobs
from paperrag.text.fields import without_headline_tags
from paperrag.text.front import front_matter_end
from paperrag.text.hidden import without_hidden
from paperrag.text.patterns import EXPORT_ID
from paperrag.text.said_in_fields import with_sentences_only
from paperrag.text.wraps import with_wraps

KEPT = 512
"""Texts whose reading is kept: an entry is read several times while its file is."""


@lru_cache(maxsize=KEPT)
def readable(text: str) -> str:
    """Return the text with blanks in place of all that is no words, and wrapped lines joined by
    WRAP.
    """
    end = front_matter_end(text)
    if end:
        text = with_sentences_only(text[:end]) + text[end:]
    text = without_hidden(_without_page_id(without_headline_tags(without_blobs(text))))
    return with_wraps(text) if "\n" in text else text


def _without_page_id(text: str) -> str:
    """The text of a heading of Notion with blanks in place of the page's id."""
    heading = text.partition("\n")[0] if text.startswith("# ") else ""
    found = EXPORT_ID.search(heading)
    return f"{heading[: found.start()]}{blank(found[0])}{text[found.end() :]}" if found else text

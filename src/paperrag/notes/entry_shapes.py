"""Shapes of single entries: data without words, pictures, footnotes, headings of plain texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paperrag.notes.naming import is_bare
from paperrag.notes.pasted import ENDS_SENTENCE
from paperrag.notes.references import REFERENCE
from paperrag.records import Entry, Link
from paperrag.text.fields import heads_fields
from paperrag.text.folding import letters
from paperrag.text.front import front_matter_end
from paperrag.text.links import find_links
from paperrag.text.markers import ORDINAL
from paperrag.text.markup import PICTURE, plain_text, table_cells
from paperrag.text.patterns import YEAR, lazy_pattern

SECTION_CHARS = 30
"""Longest line that is a heading of a plain text."""

_STRAY_LETTERS = 2
_SECTION_NUMBER = lazy_pattern(r"\d{1,2}(?:\.\d{1,2})*[.)]?[ \t]+")
_SIGNS_OF_LINKS = ("](", "[[", "![", "<img")
_FIGURE = lazy_pattern(r"[^\w\[(!]*\d[\d.,]*\s*(?:%|[A-Za-z]{1,4})?\W*")
_YEAR_ALONE = lazy_pattern(rf"\W*{YEAR}\W*")
_LABEL_COLON = lazy_pattern(r"^[^:：\n]{1,24}(?:::|:|：)")
LINK_LABEL = lazy_pattern(r"\[([^\[\]\n]*)\]\([^)\n]*\)")
LOCAL_LINK = lazy_pattern(
    r"\[\[[^\]\n]+\]\](?!\()|\]\(\s*<?(?![a-z]+:)[^)\n]*(?:\.(?:md|html)\b|/\s*\))", re.IGNORECASE
)


def is_silent(entry: Entry) -> bool:
    """Whether an entry says nothing beside the name of what it links to; a row with a figure
    does.
    """
    if entry.role == "row" and any(map(_is_figure, table_cells(entry.text)[1:])):
        return False
    return is_data(entry) or is_bare(entry)


def _is_figure(cell: str) -> bool:
    return bool(_FIGURE.fullmatch(cell)) and not _YEAR_ALONE.fullmatch(cell)


def is_section(text: str) -> bool:
    """Whether an item is a short line with a number above text, a heading of a plain text."""
    line, _, below = text.partition("\n")
    label = line.strip()
    number = _SECTION_NUMBER.match(label) or ORDINAL.match(label)
    return (
        number is not None
        and len(label) - number.end() <= SECTION_CHARS
        and not label.endswith(ENDS_SENTENCE)
        and len(below.strip()) > len(label)
        and not below.lstrip("\n")[0].isspace()
    )


def is_boxed(entry: Entry) -> bool:
    """Whether its first line, in brackets or the title of a callout, names what is told below."""
    return entry.role == "prose" and entry.text.lstrip().startswith(("【", "> [!"))


def is_footnote(entry: Entry) -> bool:
    """Whether it is a note to what stands above, which makes no group of that."""
    is_note = entry.text.lstrip(" \t>").startswith(("[^", "[fn:"))
    return entry.role == "prose" and (is_note or is_reference(entry))


def is_reference(entry: Entry) -> bool:
    """Whether it is one of a list of references that the text above points at."""
    return entry.role == "prose" and REFERENCE.match(entry.text) is not None


def is_data(entry: Entry) -> bool:
    """Whether nothing is left of an entry without its links, pictures and a label before them."""
    if entry.role == "document" and front_matter_end(entry.text) == len(entry.text):
        return True
    if entry.role in ("heading", "document"):
        heading, _, below = entry.text.partition("\n")
        return entry.role == "heading" and bool(below) and heads_fields(heading)
    if not entry.links and not any(sign in entry.text for sign in _SIGNS_OF_LINKS):
        return False
    words = LINK_LABEL.sub(" ", PICTURE.sub(" ", entry.text))
    if words == entry.text and not entry.links and not LOCAL_LINK.search(entry.text):
        return False
    rest = _LABEL_COLON.sub("", plain_text(words).strip(" -*+>"))
    return len(letters(rest)) <= _STRAY_LETTERS


def is_image_only(entry: Entry) -> bool:
    """Whether nothing is left of an entry without its pictures."""
    has_picture = "![" in entry.text or "<img" in entry.text
    return (
        has_picture
        and bool(PICTURE.search(entry.text))
        and not letters(plain_text(PICTURE.sub(" ", entry.text)))
    )


def links_of(entry: Entry) -> tuple[Link, ...]:
    """Return the links of an entry without those of its pictures."""
    if "![" not in entry.text and "<img" not in entry.text:
        return entry.links
    beside = {link.url for link in find_links(PICTURE.sub(" ", entry.text))}
    shown = {link.url for link in find_links(entry.text)} - beside
    return tuple(link for link in entry.links if link.url not in shown)


def links_of_work(entry: Entry) -> tuple[Link, ...]:
    """Return the links of the paper that an entry is on, () where notes link to none, or where it
    only mentions the paper.
    """
    links = entry.work.links if entry.work and entry.part != "pointer" else ()
    return links if has_paper(links) else ()


def is_linked(line: str) -> bool:
    """Whether a link stands in a line behind words; the badge of a project is none."""
    return "](" in line and "](" in PICTURE.sub("", line).replace("[](", "")


def has_paper(links: Sequence[Link]) -> bool:
    """Whether one of some links leads to a paper."""
    return any(link.identifier and link.site != "github" for link in links)

"""An entry -> what an answer calls it, and the place that it says it stands at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from msgspec.structs import replace

from paperrag.answer.strings import ABSTRACT_TAG
from paperrag.notes.naming import is_bare, is_strong_name, is_title
from paperrag.records import Entry, Language
from paperrag.text.fields import words_of_field
from paperrag.text.folding import fold, letters
from paperrag.text.language import has_han
from paperrag.text.markup import shorten
from paperrag.text.names import holds_name
from paperrag.text.patterns import ASIDE_BEHIND, lazy_pattern

NAME_CHARS = 110
"""Longest name of a work in a line."""

PLACE_CHARS = 48
"""Longest name of a heading."""

_ASIDE = lazy_pattern(ASIDE_BEHIND)


def is_in_paper(entry: Entry) -> bool:
    """Whether an entry stands in a file that is about one work, and says something of it."""
    return entry.work is not None and entry.work.id == entry.source and entry.part != "work"


def is_statement(entry: Entry) -> bool:
    """Whether an entry is a sentence of the reader's rather than the name of something."""
    return entry.part in ("remark", "statement") and entry.role not in ("document", "heading")


def only_names(entry: Entry) -> bool:
    """Whether a note gives a paper's name and says no more about it, fields aside."""
    if entry.kind != "note" or entry.part not in ("work", "pointer"):
        return False
    words = "\n".join(map(words_of_field, entry.text.split("\n")))
    return is_bare(replace(entry, text=words))


def is_surely_name(entry: Entry) -> bool:
    """Whether an entry surely is a name and no more: one that is linked or dated, a coined word or
    a title; four words with a capital may be a statement.
    """
    is_name = entry.links or entry.venue or is_strong_name(entry.title) or is_title(entry.title)
    return entry.part == "work" and bool(is_name) and only_names(entry)


def work_above(entry: Entry) -> str | None:
    """Return the name of the work that an entry is a remark on, None if it is its own."""
    return None if entry.work is None or entry.part == "work" else entry.work.name


def label(entry: Entry) -> str:
    """Return what stands above an entry's text: its title; in a file about one work the work's
    name, with the heading if the entry is one.
    """
    if not is_in_paper(entry) or entry.work is None:
        return entry.title
    name = entry.work.name
    return f"{name} — {entry.title}" if entry.role == "heading" else name


def dated_name(entry: Entry, tags: Sequence[str] = ()) -> str:
    """Return the name of an entry's work, its title where it has none; of a paper with a file of
    its own also where and when it appeared, and tags.
    """
    work = entry.work
    if work is None:
        return short_title(entry)
    name = shorten(work.name, NAME_CHARS)
    when = work.venue or str(work.year or "")
    is_told = work.id == work.source and when not in name
    aside = ", ".join([*([when] if when and is_told else []), *(f"#{tag}" for tag in tags)])
    return f"{name} ({aside})" if aside else name


def asked_tags(entry: Entry, asked: str, said: str) -> list[str]:
    """Return the tags of an entry's work that a question says and its name and a text do not: they
    are why it belongs.
    """
    work = entry.work
    if work is None:
        return []
    told = letters(fold(f"{work.name} {said}"))
    tags = (tag for tag in work.tags if letters(fold(tag)) not in told)
    return [tag for tag in tags if _says(fold(asked), fold(tag))]


def _says(asked: str, tag: str) -> bool:
    return tag.lower() in asked.lower() if has_han(tag) else holds_name(asked, tag)


def short_title(entry: Entry) -> str:
    """Return the title of an entry, cut where it is long."""
    return shorten(entry.title, NAME_CHARS)


def name_behind_work(entry: Entry) -> str:
    """Return the title of an entry, behind the name of the work that it is a remark on."""
    work = work_above(entry)
    return f"{shorten(work, NAME_CHARS)} — {short_title(entry)}" if work else short_title(entry)


def kind_tag(entry: Entry, language: Language) -> str:
    """Return what stands behind the title of an abstract, "" for a note."""
    return ABSTRACT_TAG[language] if entry.kind == "abstract" else ""


def breadcrumb_end(breadcrumb: Sequence[str]) -> str:
    """Return the inner end of a breadcrumb, as people name places: "Cache › Cache Merging"."""
    return " › ".join(shorten(without_aside(part), PLACE_CHARS) for part in breadcrumb[-2:])


def place_in_paper(entry: Entry) -> str:
    """Return the innermost heading over an entry of a file about one paper, "" if that is the
    name of the paper or of its file.
    """
    if entry.role == "heading":
        return entry.title
    inner = entry.breadcrumb[-1] if entry.breadcrumb else ""
    is_named = entry.work is not None and entry.work.name in (inner, without_aside(inner))
    is_own = is_named or is_file_of_paper(inner, entry)
    return "" if is_own or len(entry.breadcrumb) < 2 else inner


def is_file_of_paper(part: str, entry: Entry) -> bool:
    """Whether a part of a breadcrumb is the name of a file that is about one paper, or of a folder
    that it lies in.
    """
    is_of_file = entry.work is not None and entry.work.id == entry.source
    path = PurePosixPath(entry.source)
    return is_of_file and part in (path.stem, *path.parts)


def file_and_line(entry: Entry) -> str:
    """Return where an entry stands, as editors open it: "notes/a.md:12"."""
    return f"{entry.source}:{entry.line_start}"


def without_aside(text: str) -> str:
    """Return a name without the bracket at its end."""
    return _ASIDE.sub("", text) or text

"""Lines of a plain text -> the same lines, its title and chapters as headings of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from paperrag.notes.bylines import read_byline
from paperrag.notes.pasted import ENDS_SENTENCE, HEADING
from paperrag.text.fields import is_of_paper, label_and_value, labelled_fields
from paperrag.text.language import HAN
from paperrag.text.markers import CHAPTER, ITEM, marker_of
from paperrag.text.patterns import YEAR, lazy_pattern

_TITLE_CHARS, _CHAPTER_CHARS = 100, 40
_NAMES = lazy_pattern(rf"[\w《“\"'({HAN}]")
"""What a title begins with; what else a line begins with has a meaning of its own."""
_ITEM = lazy_pattern(rf"[ \t]*{ITEM}[ \t]")
_COLUMNS = lazy_pattern(r"\S\s{3,}\S")
"""What stands apart on a line, as in the head of a printed page."""
_DATE = lazy_pattern(rf"{YEAR}\D\d\d?\D\d\d?(?:\D.{{0,20}})?")
"""A day, with the time of it."""
_CLIPPING_ENDS = "=" * 10
_COLONS = (":", "：")
_LINKS = ("://", "](", "[[", "\t", "::")


def with_headings(lines: list[str]) -> list[str]:
    """Return lines of which the first is a heading where it is the title of a text without
    headings, and those that begin `第一章`, `第一节`.
    """
    if any(map(HEADING.match, lines)):
        return lines
    if _CLIPPING_ENDS in lines:
        return list(_clippings(lines))
    levels = {number: 1 + (rank == "节") for number, rank in _chapters(lines)}
    if (title := _title(lines)) is not None:
        levels[title] = 1
    if not levels:
        return lines
    return [
        f"{'#' * levels[number]} {line}" if number in levels else line
        for number, line in enumerate(lines)
    ]


def _clippings(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a Kindle's clippings: the book's name heads each, its place is data."""
    above = _CLIPPING_ENDS
    for line in lines:
        if above == _CLIPPING_ENDS and line.strip():
            yield f"# {line}"
        else:
            yield "" if line == _CLIPPING_ENDS or line.startswith("- ") else line
        above = line


def _chapters(lines: Sequence[str]) -> list[tuple[int, str]]:
    """The lines that begin with the number of a chapter, and what that counts."""
    begun = ((at, CHAPTER.match(line)) for at, line in enumerate(lines) if line[:1] == "第")
    return [(at, found["rank"]) for at, found in begun if found and _is_apart(lines, at)]


def _is_apart(lines: Sequence[str], number: int) -> bool:
    line = lines[number].rstrip()
    is_first = number == 0 or not lines[number - 1].strip()
    return is_first and len(line) <= _CHAPTER_CHARS and not line.endswith(ENDS_SENTENCE)


def _title(lines: Sequence[str]) -> int | None:
    """The first line, if it stands alone, is no sentence and one stands below it."""
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None or not _names(lines[first]):
        return None
    below = lines[first + 1 :]
    is_quoted = lines[first].startswith("《") and lines[first].rstrip().endswith("》")
    if not below or not (is_quoted or _are_below_title(below)):
        return None
    return first if any(line.rstrip().endswith(ENDS_SENTENCE) for line in below) else None


def _are_below_title(below: Sequence[str]) -> bool:
    """Whether lines tell that the one above them is a title: blank, a day, who wrote it."""
    line = below[0].strip()
    if not line or _DATE.fullmatch(line):
        return True
    told = labelled_fields("\n".join(takewhile(str.strip, below)))
    byline = read_byline(line.strip("()（）"))
    is_told = bool(label_and_value(line)) and "authors" in told
    return "title" not in told and (is_told or bool(byline and byline.year))


def _names(line: str) -> bool:
    words = line.strip()
    field = label_and_value(words)
    return (
        len(words) <= _TITLE_CHARS
        and bool(_NAMES.match(words))
        and not words.endswith((*ENDS_SENTENCE, *_COLONS))
        and not _COLUMNS.search(words)
        and not any(sign in words for sign in _LINKS)
        and not (field and is_of_paper(field[0]))
        and any(map(str.isalpha, words))
        and not _ITEM.match(words)
        and marker_of(words) is None
    )

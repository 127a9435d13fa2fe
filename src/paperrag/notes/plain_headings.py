"""Lines of a plain text -> the same lines with its title and its chapters as headings of Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.notes.pasted import ENDS_SENTENCE, HEADING
from paperrag.text.fields import is_of_paper, label_and_value
from paperrag.text.language import HAN
from paperrag.text.markers import CHAPTER, ITEM, marker_of
from paperrag.text.patterns import lazy_pattern

_TITLE_CHARS, _CHAPTER_CHARS = 100, 40
_NAMES = lazy_pattern(rf"[\w《“\"'({HAN}]")
"""What a title begins with; what else a line begins with has a meaning of its own."""
_ITEM = lazy_pattern(rf"[ \t]*{ITEM}[ \t]")
_COLUMNS = lazy_pattern(r"\S\s{3,}\S")
"""What stands apart on a line, as in the head of a printed page."""
_COLONS = (":", "：")
_LINKS = ("://", "](", "[[", "\t", "::")


def with_headings(lines: list[str]) -> list[str]:
    """Return lines of which the first is a heading where it is the title of a text without
    headings, and those that begin `第一章`, `第一节`.
    """
    if any(map(HEADING.match, lines)):
        return lines
    levels = {number: 1 + (rank == "节") for number, rank in _chapters(lines)}
    if (title := _title(lines)) is not None:
        levels[title] = 1
    if not levels:
        return lines
    return [
        f"{'#' * levels[number]} {line}" if number in levels else line
        for number, line in enumerate(lines)
    ]


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
    if not below or (below[0].strip() and not is_quoted):
        return None
    return first if any(line.rstrip().endswith(ENDS_SENTENCE) for line in below) else None


def _names(line: str) -> bool:
    words = line.rstrip()
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

"""Lines of a note -> the stretches in which nothing is a block: formulas, comments, later fields.

Inside them a `-` is a minus, a `#` a count and `---` the end of a field. Fenced code is left to the
Markdown parser, which knows it; it is only stepped over here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from paperrag.records import Trouble
from paperrag.text.front import find_front_matter
from paperrag.text.markers import ITEM, TEXT_ENVIRONMENTS
from paperrag.text.patterns import lazy_pattern

MOST_LINES = 400
"""A formula that is not closed within so many lines is none."""

_FENCE = lazy_pattern(rf"(?:>|{ITEM})?[ \t>]*(`{{3,}}(?=[^`]*$)|~{{3,}})")
_CODE = lazy_pattern(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_BEGIN = lazy_pattern(r"\\begin\{([A-Za-z]+\*?)\}")
_MAY_OPEN = lazy_pattern(r"\$\$|\\\[|\\begin\{|%%|--")
_CUE = lazy_pattern(r"[\d:.,]+ --> [\d:.,]+(?:\s|$)")
"""When words are shown, in subtitles."""
_COMMENT = lazy_pattern(r"(?:^|(?<=\s))%%|%%$")


class Opaque(Struct, frozen=True):
    """Lines `first`..`last`, from 0. `is_whole`: nothing of the first line stands before it.
    `is_fields`: it is a block of fields. `unclosed`: the mark of a comment that ends with the file
    only.
    """

    first: int
    last: int
    is_whole: bool
    is_fields: bool = False
    unclosed: str = ""


def find_opaque(lines: Sequence[str]) -> list[Opaque]:
    """Return the stretches of a note's lines that hold no blocks, in order."""
    return list(_stretches(lines)) if any(map(_MAY_OPEN.search, lines)) else []


def unclosed_comments(stretches: Iterable[Opaque], source: str) -> Iterator[Trouble]:
    """Yield what is wrong with comments that nothing closes."""
    for part in stretches:
        if part.unclosed:
            message = f"the comment {part.unclosed} is never closed; all below it is hidden"
            yield Trouble(source, message, part.first + 1)


def _stretches(lines: Sequence[str]) -> Iterator[Opaque]:
    number, fence = 0, ""
    while number < len(lines):
        line = lines[number]
        if not line:
            number += 1
            continue
        text = line.lstrip(" \t>")
        if match := _FENCE.match(line.lstrip()):
            fence = _after(fence, match[1], line[line.index(match[1]) + len(match[1]) :])
        found = None if fence or not _MAY_OPEN.search(line) else _opening(lines, number, text)
        if found:
            yield found
        number = found.last + 1 if found else number + 1


def _after(fence: str, mark: str, rest: str) -> str:
    """The mark of the fence that is open behind a line with a mark, "" for none."""
    if not fence:
        return mark
    return "" if mark.startswith(fence) and not rest.strip() else fence


def _opening(lines: Sequence[str], number: int, text: str) -> Opaque | None:
    if text.startswith("---"):
        is_apart = number == 0 or not lines[number - 1].strip()
        block = find_front_matter(lines, number) if is_apart and number else None
        return Opaque(number, block.last, True, is_fields=True) if block else None
    if _CUE.match(text):
        return _cues(lines, number)
    bare = _CODE.sub("", text)
    return _comment(lines, number, bare) or _formula(lines, number, bare, text)


def _cues(lines: Sequence[str], first: int) -> Opaque:
    """Subtitles from the first cue on: running text, whatever a line of it begins with."""
    last = max(number for number in range(first, len(lines)) if _CUE.match(lines[number]))
    while last + 1 < len(lines) and lines[last + 1].strip():
        last += 1
    return Opaque(first, last, True)


def _comment(lines: Sequence[str], number: int, bare: str) -> Opaque | None:
    """The comment that opens on a line; the parser knows one that begins it and is closed."""
    if bare.rstrip() == "%%":
        closing = _line_with("%%", lines, number, len(lines))
        return Opaque(number, closing, True) if closing else _to_end("%%", lines, number)
    if len(_COMMENT.findall(bare)) % 2 == 1:
        return _until("%%", lines, number, bare.startswith("%%"))
    if "<!--" not in bare or "-->" in bare[bare.rindex("<!--") :]:
        return None
    if not bare.startswith("<!--"):
        return _until("-->", lines, number, False)
    is_closed = _line_with("-->", lines, number, len(lines))
    return None if is_closed else _to_end("<!--", lines, number)


def _formula(lines: Sequence[str], number: int, bare: str, text: str) -> Opaque | None:
    if bare.count("$$") % 2 == 1:
        return _until("$$", lines, number, text.startswith("$$"))
    if bare.startswith("\\[") and "\\]" not in bare:
        return _until("\\]", lines, number, True)
    begin = _BEGIN.search(bare)
    if begin and begin[1] not in TEXT_ENVIRONMENTS and (end := f"\\end{{{begin[1]}}}") not in bare:
        return _until(end, lines, number, text.startswith("\\begin"))
    return None


def _to_end(mark: str, lines: Sequence[str], number: int) -> Opaque:
    return Opaque(number, len(lines) - 1, True, unclosed=mark)


def _until(mark: str, lines: Sequence[str], number: int, is_whole: bool) -> Opaque | None:
    closing = _line_with(mark, lines, number, number + MOST_LINES)
    return None if closing is None else Opaque(number, closing, is_whole)


def _line_with(mark: str, lines: Sequence[str], above: int, end: int) -> int | None:
    quoted = lines[above].lstrip().startswith(">")
    for number in range(above + 1, min(end, len(lines))):
        if quoted and not lines[number].lstrip().startswith(">"):
            return None
        if mark in lines[number]:
            return number
    return None

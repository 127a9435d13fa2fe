"""Labels in a note that are no headings: `Pros:` above a list, a bold line above its text, a term
above what it means, a paper with its byline right above bullets. Such a line, as the title of a
box does, begins an item, and what stands below it belongs to it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from paperrag.notes.boxes import boxes_in
from paperrag.notes.naming import is_bylined, is_cited
from paperrag.notes.opaque import Opaque
from paperrag.notes.pasted import HEADING, Pasted
from paperrag.text.fields import is_of_paper
from paperrag.text.markers import BLOCK, ITEM, marker_of
from paperrag.text.patterns import YEAR, lazy_pattern

_LABEL_CHARS, _BOLD_CHARS = 24, 80
_COLONS = ":：∶"
_EMPHASIS = "*_ \t"
_BRACKETS = "【】"
_LABEL_ENDS, _STOPS = ("*", "_", "】", *_COLONS), ("。", "；", ".", ";")
_MEANING = (":", "~", " :", " ~")
_OPENS_BLOCK = lazy_pattern(BLOCK)
_ITEM = lazy_pattern(rf"[ \t]*(?:{ITEM}[ \t]+)(?=\S)")
_BOLD = lazy_pattern(r"([*_])\1[^*_\n]+\1{2}[:：]?")
_RUN_IN = lazy_pattern(r"([*_]{1,2})(?P<label>[^*_\n]{1,24})\1(?P<text>[^*_\n].*)")
"""Emphasised words that say what the rest of their line is about."""
_CITED_THEN = lazy_pattern(rf"{YEAR}[a-z]?[*)）\] ]*(?:[-—–:：.\"“《]|$)")
"""A year, and behind it a mark or nothing: what it dates is told there."""
_MEANS = lazy_pattern(r"[ ]?[:~][ \t]+\S")
_FENCE = ("```", "~~~")


class Titled(Struct, frozen=True):
    """The lines that begin boxes or are labels, and the lines that belong to them."""

    starts: dict[int, Pasted]
    below: set[int]


def find_titled(lines: Sequence[str], opaque: Sequence[Opaque]) -> Titled:
    """Return the boxes and labels of a note's lines. opaque: stretches in which nothing begins."""
    closed = {number for part in opaque for number in range(part.first, part.last + 1)}
    labels, below = _labels_in([*lines, ""], closed)
    boxes, of_boxes = boxes_in(lines)
    return Titled(labels | boxes, below | of_boxes)


def _labels_in(lines: Sequence[str], closed: Container[int]) -> tuple[dict[int, Pasted], set[int]]:
    found: dict[int, Pasted] = {}
    owned: set[int] = set()
    in_fence = False
    run_in = set(_run_in(lines))
    for number, line in enumerate(lines[:-1]):
        text = line.strip()
        in_fence ^= text.startswith(_FENCE)
        below = lines[number + 1]
        may_head = not below or below.startswith(_MEANING) or text.endswith(_LABEL_ENDS)
        if not text or in_fence or number in closed:
            continue
        is_short = may_head and len(line) <= _BOLD_CHARS
        is_run_in = number in run_in
        if is_run_in or (is_short and _is_label(lines, number)) or _is_paper(lines, number):
            found[number] = Pasted(text, 0, (), len(line) - len(line.lstrip()))
    for number in found:
        owned.update(_lines_of(lines, number, found))
    return found, owned


def _run_in(lines: Sequence[str]) -> Iterator[int]:
    """The lines that begin with an emphasised label, where two right below one another do and none
    is a field of a paper or of a mail.
    """
    leading = {at: found for at, line in enumerate(lines) if (found := _label_that_leads(line))}
    for _, run in groupby(enumerate(leading), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        are_fields = any(is_of_paper(leading[at]) or "@" in lines[at] for at in numbers)
        if len(numbers) > 1 and not are_fields:
            yield from numbers


def _label_that_leads(line: str) -> str:
    """The emphasised label that leads a line of text, "" for none."""
    found = _RUN_IN.match(line) if line[:1] in ("*", "_") else None
    if found is None or not found["text"].strip(_EMPHASIS + _COLONS):
        return ""
    label = found["label"]
    is_label = label[-1] in (*_COLONS, *_STOPS) or found["text"][0] in _COLONS
    return label.rstrip(_COLONS + ".。") if is_label else ""


def _is_paper(lines: Sequence[str], number: int) -> bool:
    """Whether a line names a paper with its byline, right above an item."""
    text = lines[number].strip()
    heads = _ITEM.match(lines[number + 1]) and _begins_item(lines, number + 1, number)
    if not heads or _OPENS_BLOCK.match(text):
        return False
    return is_bylined(text) or (is_cited(text) and bool(_CITED_THEN.search(text)))


def _is_label(lines: Sequence[str], number: int) -> bool:
    text = lines[number].strip()
    if _OPENS_BLOCK.match(text) or marker_of(text):
        return False
    words = text.strip(_EMPHASIS + _COLONS + _BRACKETS)
    if not words or is_of_paper(words) or words.endswith(_STOPS):
        return False
    is_bold = _BOLD.fullmatch(text) is not None or text == f"【{words}】"
    below = lines[number + 1]
    if is_bold and below.strip() and not HEADING.match(below) and "://" not in below:
        return True
    following = _next(lines, number)
    if following is None:
        return False
    if _MEANS.match(lines[following]):
        return _is_apart(lines, number)
    has_colon = text.rstrip(_EMPHASIS)[-1] in _COLONS and len(words) <= _LABEL_CHARS
    return (is_bold or has_colon) and _begins_item(lines, following, number)


def _is_apart(lines: Sequence[str], number: int) -> bool:
    return number == 0 or not lines[number - 1].strip()


def _next(lines: Sequence[str], number: int) -> int | None:
    """The line below, one blank line left out."""
    return next(
        (at for at in range(number + 1, min(number + 3, len(lines))) if lines[at].strip()), None
    )


def _begins_item(lines: Sequence[str], at: int, number: int) -> bool:
    """Whether an item begins on a line that stands no farther out than a label."""
    begins = bool(_ITEM.match(lines[at])) or marker_of(lines[at].strip()) is not None
    return begins and _column(lines[at]) >= _column(lines[number])


def _column(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip())].expandtabs(4))


def _lines_of(lines: Sequence[str], number: int, found: Container[int]) -> Iterator[int]:
    """The lines below a label up to the next label or heading, or the next paragraph."""
    in_fence = False
    for at in range(number + 1, len(lines)):
        if not in_fence and (at in found or HEADING.match(lines[at])):
            return
        if lines[at].strip() and _column(lines[at]) < _column(lines[number]):
            return
        if not in_fence and not lines[at - 1].strip() and lines[at].strip():
            goes_on = _begins_item(lines, at, number) or _MEANS.match(lines[at])
            if not goes_on and _column(lines[at]) <= _column(lines[number]):
                return
        in_fence ^= lines[at].lstrip().startswith(_FENCE)
        yield at

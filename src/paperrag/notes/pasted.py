"""Lists that are no Markdown, pasted from Word, WeChat or a PDF: which lines begin their items, how
those nest, and which lines below belong to them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from paperrag.text.markers import NUMBER, marker_of
from paperrag.text.patterns import lazy_pattern

_MAY_BE_PASTED = frozenset("\\([-=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIVX")
_SURE = ("(@", "\\item")
"""What begins a numbered example in Pandoc, an item in LaTeX, and nothing else."""
_LABEL_CHARS = 40
_RANK_OF_NUMBER = 20
"""That of `1、`, which 1. has, too."""
ENDS_SENTENCE = ("。", "；", "！", "？", ".", ";", "!", "?")
HEADING = lazy_pattern(r"#{1,6}\s")
_ENDS_RUN = lazy_pattern(r"\s*(?:#{1,6}|[-*+])\s")
_BARE = lazy_pattern(r"(?P<indent>[ \t]*)(?P<count>[1-9]\d?)[ \t]+(?P<text>[^\W\d].*)")
_COUNTED = lazy_pattern(rf"\s*{NUMBER}\s")


@dataclass(slots=True)
class Pasted:
    """An item whose bullet is no Markdown: its text, the rank of its number and what that counts,
    its indent, how deep it stands below others by their ranks, and the line of the item that goes
    on counting, 0 for none.
    """

    text: str
    rank: int
    counts: tuple[int, ...]
    indent: int
    depth: int = 0
    sequel: int = 0

    def is_below(self, other: Pasted) -> bool:
        """Whether it is numbered more deeply than another one that stands as far in."""
        return self.rank > other.rank and self.indent == other.indent

    @property
    def is_label(self) -> bool:
        """Whether it says what the text below is about, and is no sentence."""
        return len(self.text) <= _LABEL_CHARS and not self.text.rstrip().endswith(ENDS_SENTENCE)


def pasted_items(lines: Sequence[str]) -> dict[int, Pasted]:
    """The lines that begin with a sign or an ordinal that is no Markdown, where two neighbours
    do.
    """
    items: dict[int, Pasted] = {}
    for number, line in enumerate(lines):
        text = line.lstrip()
        if text and (text[0] in _MAY_BE_PASTED or text[0] > "\x7f") and (found := marker_of(text)):
            items[number] = Pasted(text[found[0] :], *found[1:], len(line) - len(text))
    if numbered := _over_dotted(items, lines):
        items = dict(sorted([*items.items(), *numbered]))
    if numbers := set(_over_deeper(items, lines)):
        items = dict(sorted([*items.items(), *((at, _numbered(lines[at])) for at in numbers)]))
    counted = _going_on(items, lines) | _leading(items, lines)
    kept = {
        number: item
        for number, item in items.items()
        if number in counted
        or lines[number].lstrip().startswith(_SURE)
        or _has_neighbour(number, items, lines)
    }
    for run in ([kept[number] for number in numbers] for numbers in _runs(kept, lines, _ENDS_RUN)):
        if len({item.indent for item in run}) == 1:
            _nest(run)
    _nest_signs(kept, lines)
    return kept


def _over_deeper(items: dict[int, Pasted], lines: Sequence[str]) -> Iterator[int]:
    """Yield the lines with numbers of Markdown up to the next heading, where one stands right above
    deeper numbers that begin, and no less far in: 1. above （1）.
    """
    section: list[int] = []
    is_over = False
    for at, line in enumerate([*lines, "# "]):
        if HEADING.match(line):
            yield from section if is_over else []
            section, is_over = [], False
        elif at not in items and _COUNTED.match(line):
            section.append(at)
            deeper, own = items.get(at + 1), _numbered(line)
            is_over |= deeper is not None and 1 in deeper.counts and deeper.is_below(own)


def _over_dotted(items: dict[int, Pasted], lines: Sequence[str]) -> list[tuple[int, Pasted]]:
    """The lines with a bare number, 2, above the first that counts on from it, 2.1."""
    found = []
    for at in items:
        above = next((one for one in range(at - 1, -1, -1) if lines[one].strip()), at)
        bare = _BARE.fullmatch(lines[above])
        if bare and lines[at].lstrip().startswith(f"{bare['count']}.1"):
            text, count = bare["text"].rstrip(), int(bare["count"])
            found.append((above, Pasted(text, _RANK_OF_NUMBER, (count,), len(bare["indent"]))))
    return found


def _numbered(line: str) -> Pasted:
    """A line with a number of Markdown as an item."""
    number, *text = line.split(maxsplit=1)
    counts = (int(number.rstrip(".)")),)
    return Pasted("".join(text).rstrip(), _RANK_OF_NUMBER, counts, len(line) - len(line.lstrip()))


def _going_on(items: dict[int, Pasted], lines: Sequence[str]) -> set[int]:
    """The lines of numbered items that another one counts on from, text between them or not; those
    know of it.
    """
    counted: set[int] = set()
    for run in _runs(items, lines, HEADING):
        last: dict[tuple[int, int], int] = {}
        for number in run:
            item = items[number]
            place = (item.rank, item.indent)
            above = last.get(place)
            if above is not None and any(one + 1 in item.counts for one in items[above].counts):
                items[above].sequel = number
                counted |= {above, number}
            if item.counts:
                last[place] = number
    return counted


def _leading(items: dict[int, Pasted], lines: Sequence[str]) -> set[int]:
    """The lines with a sign that lead paragraphs, where several do with the same one."""
    first = [
        number
        for number, item in items.items()
        if not item.counts
        and not (number and lines[number - 1].strip())
        and any(map(str.strip, lines[number + 1 : number + 2]))
    ]
    times = Counter(lines[number].lstrip()[0] for number in first)
    return {number for number in first if times[lines[number].lstrip()[0]] > 1}


def lines_below(items: dict[int, Pasted], lines: Sequence[str]) -> set[int]:
    """Lines of text between items that go on counting: they belong to the one above, as do lines
    with numbers of Markdown right below a nested one. Where anything stands apart below them, the
    next paragraph belongs to the last, if that is a label.
    """
    below: set[int] = set()
    over_paragraphs: set[int] = set()
    numbers = sorted(items)
    for number, following in pairwise([*numbers, len(lines)]):
        sequel = items[number].sequel
        if not sequel:
            if items[number].depth and _COUNTED.match(lines[min(number + 1, len(lines) - 1)]):
                below.update(range(number + 1, min(following, _block_end(lines, number))))
            continue
        below.update(range(number + 1, min(following, sequel)))
        own_end = _block_end(lines, number)
        if number in over_paragraphs or any(map(str.strip, lines[own_end:sequel])):
            over_paragraphs.add(sequel)
            if not items[sequel].sequel and items[sequel].is_label:
                own_end = _block_end(lines, sequel)
                below.update(range(sequel + 1, _paragraph_end(lines, own_end)))
    return below


def _paragraph_end(lines: Sequence[str], start: int) -> int:
    """The line behind the paragraph that stands there, or below a blank line."""
    while start < len(lines) and not lines[start].strip():
        start += 1
    return _block_end(lines, start)


def _block_end(lines: Sequence[str], start: int) -> int:
    """The line behind those from `start` on that no blank line or heading ends."""
    while start < len(lines) and lines[start].strip() and not HEADING.match(lines[start]):
        start += 1
    return start


def _runs(
    items: dict[int, Pasted], lines: Sequence[str], ends: re.Pattern[str]
) -> Iterator[list[int]]:
    """The lines of pasted items without a line between them that ends a run."""
    run: list[int] = []
    before = -1
    for number in items:
        if any(ends.match(lines[between]) for between in range(before + 1, number)) and run:
            yield run
            run = []
        run.append(number)
        before = number
    if run:
        yield run


def _nest(run: Sequence[Pasted]) -> None:
    """Let numbers stand below those of a lower rank, as documents nest 一、, （1） and ①. A rank
    outside of those above that was not there before begins another list.
    """
    above: list[int] = []
    for item in run:
        if above and item.rank < above[-1] and item.rank not in above:
            above = []
        while above and above[-1] >= item.rank:
            above.pop()
        item.depth = len(above)
        above.append(item.rank)


def _nest_signs(items: dict[int, Pasted], lines: Sequence[str]) -> None:
    """Let items with other signs stand below one whose sign leads several paragraphs and stands
    nowhere else: ◆ above ▲ and ●.
    """
    signs = {at: lines[at].lstrip()[0] for at, item in items.items() if not item.counts}
    leading = {at for at in signs if at == 0 or not lines[at - 1].strip()}
    inside = {sign for at, sign in signs.items() if at not in leading}
    times = Counter(signs[at] for at in leading)
    heads = {at for at in leading if times[signs[at]] > 1 and signs[at] not in inside}
    below = False
    for at in signs:
        goes_on = at - 1 in signs and at not in heads
        below = at in heads or (below and goes_on)
        items[at].depth += below and at not in heads


def _has_neighbour(number: int, texts: dict[int, Pasted], lines: Sequence[str]) -> bool:
    """Whether an item stands beside one; a letter may be an initial, and has to count on."""
    begins = lines[number].lstrip(" \t(（")[:1]
    if begins.isalpha() and begins.isascii() and texts[number].counts:
        return False
    for step in (-1, 1):
        beside = number + step
        if 0 <= beside < len(lines) and not lines[beside].strip():
            beside += step
        if beside in texts:
            return True
    return False

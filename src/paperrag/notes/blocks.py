"""Lines of a note -> markdown-it's tokens of its blocks, and fences that nothing closes.

markdown-it-pyrs and comrak were measured beside it: this parser takes a tenth of the time in which
a note is read, the first fails on real notes and the second gives no tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from paperrag.notes.indents import NEUTRAL
from paperrag.records import Trouble
from paperrag.text.blobs import without_blobs
from paperrag.text.markers import ITEM
from paperrag.text.patterns import lazy_pattern

_MOST_NESTING = 1000
_WORDS = lazy_pattern(
    rf"([ \t]*)({ITEM}[ \t]+)?(?:[^\s#>|:=+*_~`<\[\d-]|\*(?=[^\s*])|\*\*(?=[^\s*])|_{{1,2}}(?=[^\s_])"
    r"|`{1,2}(?!`)|\[(?=\^|[^\]]*\](?!:))|#(?=[^\s#]))"
)
"""A line or item that begins with what begins no block, and what stands before it."""
_ITEM_OF_WORDS = lazy_pattern(rf"([ ]*)({ITEM})[ ]{NEUTRAL}")
_ITEM, _ITEM_ENDS = "list_item_open", "list_item_close"
_FENCES = ("```", "~~~")
_NUMBER = lazy_pattern(r"\d")


def find_blocks(meant: Iterable[str]) -> list[Token]:
    """Return the blocks of lines as `as_meant` yields them; their maps are lines of the note.

    The parser reads each character that it is given, so a word stands in place of a line of words,
    and of items that follow each other those that are open where they end.
    """
    lines = list(map(_without_words, without_blobs("\n".join(meant)).split("\n")))
    for joins_items in (True, False):
        kept, left_out = _thinned(lines, joins_items)
        tokens = _parser().parse("\n".join([lines[number] for number in kept]))
        items = {kept[token.map[0]] for token in tokens if token.type == _ITEM and token.map}
        if items.issuperset(left_out):  # else what looks like items is code, or words
            break
    return list(_placed(tokens, [*kept, len(lines)], left_out))


def _without_words(line: str) -> str:
    """A line with one word in place of words; of a number what a list may tell by it."""
    if not line or "|" in line or ">" in line:
        return line
    if line[0].isalpha():
        return NEUTRAL
    words = _WORDS.match(line)
    if words is None:
        return line
    indent, marker = words[1], words[2] or ""
    if marker[:1].isdigit() and not marker.startswith(("1.", "1)")):
        marker = _NUMBER.sub("2", marker)
    return f"{indent}{marker}{NEUTRAL}"


class _Item(Struct, frozen=True):
    """An item of words: its line, the columns of its marker and of its words, its marker."""

    line: int
    column: int
    inside: int
    marker: str


def _item_of_words(line: str, number: int) -> _Item | None:
    match = _ITEM_OF_WORDS.fullmatch(line)
    return match and _Item(number, match.end(1), match.end(2) + 1, match[2])


def _thinned(lines: Sequence[str], joins_items: bool) -> tuple[list[int], dict[int, list[_Item]]]:
    """The lines that the parser needs, and of items among them those above that are left out.

    A second line of words, or a second blank one, tells it nothing but below a table. Of items
    right below one another it needs those that are open where they end.
    """
    kept: list[int] = []
    run = _Run()
    in_table, in_fence, above = False, False, ""
    for number, line in enumerate(lines):
        in_fence ^= line.lstrip(" \t>").startswith(_FENCES)
        joins = joins_items and not (in_table or in_fence)
        item = _item_of_words(line, number) if joins else None
        if not (item and run.takes(item)):
            kept += run.closed()
            if item and run.begins(item):
                run.take(item)
            elif in_table or line != above or line.strip() not in ("", NEUTRAL) or not kept:
                kept.append(number)
        else:
            run.take(item)
        in_table = "|" in line or (in_table and line != "")
        above = line
    return kept + run.closed(), run.left_out


class _Run:
    """Items right below one another: those that are open, outermost first, and of each those above
    it that it was left open for.
    """

    def __init__(self) -> None:
        self.left_out: dict[int, list[_Item]] = {}
        self._open: list[_Item] = []

    def begins(self, item: _Item) -> bool:
        """Whether any item stands here: of numbers only the first may end a paragraph."""
        return not item.marker[0].isdigit() or item.marker[:-1] == "1"

    def takes(self, item: _Item) -> bool:
        """Whether an item goes on with the run."""
        if not self._open or item.column < self._open[0].column:
            return False
        beside = next((one for one in self._open if one.inside > item.column), None)
        return self.begins(item) or (beside is not None and beside.marker[-1] == item.marker[-1])

    def take(self, item: _Item) -> None:
        """Let an item be the last that is open; those beside and below them are left out."""
        depth = sum(one.inside <= item.column for one in self._open)
        done: list[_Item] = []
        for one in self._open[depth:]:
            above = self.left_out.pop(one.line, [])
            above.append(one)
            if done:
                done += above
            else:
                done = above  # all of a list but its last item: not copied for each
        self._open[depth:] = [item]
        if done:
            self.left_out[item.line] = done

    def closed(self) -> list[int]:
        """End the run, and return the lines of the items that are open."""
        lines = [item.line for item in self._open]
        self._open = []
        return lines


def _placed(
    tokens: Iterable[Token], kept: Sequence[int], left_out: Mapping[int, Sequence[_Item]]
) -> Iterator[Token]:
    """The tokens with lines of the note, and those of items that were left out in front of the one
    that they were left out for.
    """
    for token in tokens:
        if token.map:
            first, end = kept[token.map[0]], kept[min(token.map[1], len(kept) - 1)]
            if token.type == _ITEM and first in left_out:
                yield from _tokens_of(left_out[first], first)
            token.map = [first, end]
        yield token


def _tokens_of(items: Sequence[_Item], end: int) -> Iterator[Token]:
    """The tokens of items, each with those below it inside."""
    inside: list[int] = []
    for item, below in zip(items, [*(one.line for one in items[1:]), end], strict=True):
        while inside and inside[-1] > item.column:
            inside.pop()
            yield Token(_ITEM_ENDS, "li", -1)
        yield Token(_ITEM, "li", 1, map=[item.line, below])
        inside.append(item.inside)
    yield from (Token(_ITEM_ENDS, "li", -1) for _ in inside)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """CommonMark with tables, without indented code.

    Deeply indented bullets are common in real notes and indented code is not; switching that
    rule off lets list items, quotes and fences be found at any indent.
    """
    options = {"maxNesting": _MOST_NESTING}
    return MarkdownIt("commonmark", options).disable(["code", "inline"]).enable("table")


def unclosed_fences(
    tokens: Sequence[Token], lines: Sequence[str], source: str
) -> Iterator[Trouble]:
    """Yield what is wrong with code fences that end with their file or block only."""
    for token in tokens:
        if token.type == "fence" and token.map and token.map[1] - token.map[0] > 1:
            last = lines[token.map[1] - 1].strip(" \t>")
            if not last.startswith(token.markup):
                yield Trouble(
                    source,
                    f"the code fence {token.markup} is never closed; all below it is read as code",
                    token.map[0] + 1,
                )

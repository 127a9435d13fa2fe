"""Lines of a note -> markdown-it's tokens of its blocks, and fences that nothing closes.

markdown-it-pyrs and comrak were measured beside it: this parser takes a tenth of the time in which a
note is read, the first fails on real notes and the second gives no tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from paperrag.notes.indents import NEUTRAL
from paperrag.records import Trouble
from paperrag.text.markers import ITEM
from paperrag.text.patterns import lazy_pattern
from paperrag.text.readable import without_blobs

_MOST_NESTING = 1000
_WORDS = lazy_pattern(
    rf"([ \t]*)({ITEM}[ \t]+)?(?:[^\s#>|:=+*_~`<\[\d-]|\*(?=[^\s*])|\*\*(?=[^\s*])|_{{1,2}}(?=[^\s_])"
    r"|`{1,2}(?!`)|\[(?=[^\]]*\](?!:))|#(?=[^\s#]))"
)
"""A line or item that begins with what begins no block, and what stands before it."""
_ITEM_OF_WORDS = lazy_pattern(rf"[ \t]*{ITEM}[ \t]+{NEUTRAL}")
_ITEM = "list_item_open"
_NUMBER = lazy_pattern(r"\d")


def find_blocks(meant: Iterable[str]) -> list[Token]:
    """Return the blocks of lines as `as_meant` yields them; their maps are lines of the note.

    The parser reads each character that it is given, so a word stands in place of a line of words,
    and one item in place of equal ones that follow each other.
    """
    lines = list(map(_without_words, without_blobs("\n".join(meant)).split("\n")))
    for joins_items in (True, False):
        kept, alike = _thinned(lines, joins_items)
        tokens = _parser().parse("\n".join([lines[number] for number in kept]))
        items = {kept[token.map[0]] for token in tokens if token.type == _ITEM and token.map}
        if items.issuperset(alike):  # else what looks like items is code, or words
            break
    return list(_placed(tokens, [*kept, len(lines)], alike))


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


def _thinned(lines: Sequence[str], joins_items: bool) -> tuple[list[int], dict[int, list[int]]]:
    """The lines that the parser needs, and of items among them those that are like it and below.

    A second line of words, or a second blank one, tells it nothing but below a table.
    """
    kept: list[int] = []
    alike: dict[int, list[int]] = {}
    in_table, above, words, place = False, "", "", 0
    for number, line in enumerate(lines):
        text = line.strip()
        if in_table or not kept:
            kept.append(number)
        elif not text or text == NEUTRAL:
            if line != above:
                kept.append(number)
        elif joins_items and line == words and _ITEM_OF_WORDS.fullmatch(line):
            del kept[place + 1 :]
            alike.setdefault(kept[place], []).append(number)
        else:
            kept.append(number)
        if text and kept[-1] == number:
            words, place = line, len(kept) - 1
        in_table = "|" in line or (in_table and line != "")
        above = line
    return kept, alike


def _placed(
    tokens: Iterable[Token], kept: Sequence[int], alike: Mapping[int, Sequence[int]]
) -> Iterator[Token]:
    """The tokens with lines of the note; an item that stands for others comes behind them."""
    for token in tokens:
        if token.map:
            first, end = kept[token.map[0]], kept[min(token.map[1], len(kept) - 1)]
            same = alike.get(first)
            if same and token.type == _ITEM:
                for one, below in pairwise((first, *same)):
                    yield Token(_ITEM, "li", 1, map=[one, below])
                    yield Token("list_item_close", "li", -1)
            token.map = [same[-1] if same else first, end]
        yield token


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

"""Lines of a note -> markdown-it's tokens of its blocks, and fences that nothing closes.

markdown-it-pyrs and comrak were measured beside it: this parser takes a tenth of the time in which a
note is read, the first fails on real notes and the second gives no tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from paperrag.notes.indents import NEUTRAL
from paperrag.records import Trouble
from paperrag.text.markers import ITEM
from paperrag.text.patterns import lazy_pattern
from paperrag.text.readable import without_blobs

_MOST_NESTING = 1000
_WORDS = lazy_pattern(rf"^([ \t]*(?:{ITEM}[ \t]+)?)[^\W\d_][^|>\n]*$", re.MULTILINE)
"""A line or item of mere words, and what stands before them."""


def find_blocks(meant: Iterable[str]) -> list[Token]:
    """Return the blocks of lines as `as_meant` yields them; their maps are lines of the note.

    The parser reads each character that it is given, so a word stands in place of a line of words;
    a second such line, or a second blank one, tells it nothing but below a table.
    """
    lines = _WORDS.sub(rf"\1{NEUTRAL}", without_blobs("\n".join(meant))).split("\n")
    kept: list[int] = []
    in_table, above = False, None
    for number, line in enumerate(lines):
        if line != above or in_table or line.strip() not in ("", NEUTRAL):
            kept.append(number)
        in_table = "|" in line or (in_table and line != "")
        above = line
    tokens = _parser().parse("\n".join([lines[number] for number in kept]))
    kept.append(len(lines))
    for token in tokens:
        if token.map:
            token.map = [kept[token.map[0]], kept[min(token.map[1], len(kept) - 1)]]
    return tokens


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

"""Lines of a note -> the same lines as a strict Markdown parser has to see them to find what was
meant.

CommonMark takes a list item that is indented by four or more columns too many for a wrapped
line, a "> remark" left of its item's text for the end of the list, a full-width blank for text
and "##Title" for a paragraph; people who write notes do not. Line numbers stay: nothing is
shown or stored from these lines, only block starts are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_ITEM = re.compile(r"([-*+]|\d{1,9}[.)])([ \t]+)(?=\S)")
_RULE = re.compile(r"(?:[-*_][ \t]*){3,}$")
_FENCE = re.compile(r"`{3,}|~{3,}")
_CROWDED_HEADING = re.compile(r"^( {0,3}#{2,6})(?=[^\s#])")
_TAB_COLUMNS = 4


def as_meant(lines: Sequence[str]) -> Iterator[str]:
    """Yield each line with list items moved to the least indent that keeps their nesting.

    An item is nested in another if it starts at or right of the other's text, as in CommonMark.
    A remark right below an item is moved into it.
    """
    levels: list[
        tuple[int, int]
    ] = []  # columns where the texts of the open items start: as written, as yielded
    fence, after_blank = "", False
    for line in lines:
        text = line.lstrip(" \t")
        column = len(line[: len(line) - len(text)].expandtabs(_TAB_COLUMNS))
        item = None if fence or _RULE.match(text) else _ITEM.match(text)
        is_remark = text.startswith(">") and not after_blank and not fence
        if item or after_blank or text.startswith("#"):
            while levels and not fence and column < levels[-1][0]:
                levels.pop()
        if is_remark and levels:
            column = max(column, levels[-1][0])
        fence = _fence_after(fence, text)
        after_blank = not line.strip()
        written, yielded = next((level for level in reversed(levels) if level[0] <= column), (0, 0))
        if after_blank:
            yield ""
        elif item:
            gap = _columns_after(column, item)
            levels.append((column + len(item[1]) + gap, yielded + len(item[1]) + 1))
            yield f"{' ' * yielded}{item[1]} {text[item.end() :]}"
        elif written:
            yield " " * (yielded + column - written) + text
        else:
            yield _CROWDED_HEADING.sub(r"\1 ", line)


def _columns_after(column: int, item: re.Match[str]) -> int:
    """Columns between marker and text; five or more count as one, the rest is the text's own."""
    start = column + len(item[1])
    columns = len((" " * start + item[2]).expandtabs(_TAB_COLUMNS)) - start
    return columns if columns <= 4 else 1


def _fence_after(fence: str, text: str) -> str:
    """The mark of the code fence that is open after this line, "" outside of code."""
    match = _FENCE.match(text)
    if not fence:
        return match[0] if match else ""
    is_closing = (
        match is not None and match[0].startswith(fence) and not text[match.end() :].strip()
    )
    return "" if is_closing else fence

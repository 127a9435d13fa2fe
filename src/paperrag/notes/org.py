"""Lines of an Org file -> lines of Markdown with the same blocks, one for one.

Only where blocks begin is read from them; what is shown and stored are the lines as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paperrag.text.patterns import lazy_pattern

SUFFIX = ".org"

_HEADLINE = lazy_pattern(r"(\*+)[ \t]+(?=\S)")
_BLOCK = lazy_pattern(r"[ \t]*#\+(?:(begin)|end)_(?:src|example|export)\b", re.IGNORECASE)
_COMMENT = lazy_pattern(r"[ \t]*#(?:[ \t]|$)")
_COMMENT_BLOCK = lazy_pattern(r"[ \t]*#\+(?:(begin)|end)_comment\b", re.IGNORECASE)
_FOOTNOTE = lazy_pattern(r"\[(?=fn:[\w-]+\])([^\[\]]+\])[ \t]*(?=\S)")
_TABLE_RULE = lazy_pattern(r"[ \t]*\|[-+|]+$")
_FENCE = "~" * 12
_MOST_LEVELS = 6


def without_comments(lines: Sequence[str]) -> Iterator[str]:
    """Yield each line, blank where it is a comment: `# …` outside of code, `#+begin_comment`."""
    in_code = in_comment = False
    for line in lines:
        block, comment = _BLOCK.match(line), _COMMENT_BLOCK.match(line)
        if block and not in_comment:
            in_code = bool(block[1])
        is_hidden = in_comment or ((comment or _COMMENT.match(line)) and not in_code)
        yield "" if is_hidden else line
        if comment and not in_code:
            in_comment = bool(comment[1])


def as_markdown(lines: Sequence[str]) -> Iterator[str]:
    """Yield each line as Markdown has it: headlines, code, rules of tables; fields are words."""
    in_code = False
    for line in lines:
        block = _BLOCK.match(line)
        if block and bool(block[1]) != in_code:
            in_code = not in_code
            yield _FENCE
        elif in_code:
            yield line
        elif headline := _HEADLINE.match(line):
            yield f"{'#' * min(len(headline[1]), _MOST_LEVELS)} {line[headline.end() :]}"
        elif footnote := _FOOTNOTE.match(line):
            yield f"[^{footnote[1]}: {line[footnote.end() :]}"
        elif _TABLE_RULE.match(line):
            yield line.replace("+", "|")
        else:
            yield f"x{line[1:]}" if line.startswith("#") else line

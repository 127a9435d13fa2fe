"""Where the front matter of a text stands: YAML between `---`, TOML between `+++`, JSON in braces,
Pandoc's `% title`. Knows no values.

Front matter is data: it is read as fields, never as words. A rule on the first line opens none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from paperrag.text.patterns import lazy_pattern

_OPENING = lazy_pattern(r"(---|\+\+\+)[ \t]*")
_CLOSING = {"---": lazy_pattern(r"(?:---|\.\.\.)[ \t]*"), "+++": lazy_pattern(r"\+\+\+[ \t]*")}
_KEY = lazy_pattern(
    r"(?:\$?[^\W\d_][\w .@/-]{0,40}|\"[^\"]{1,40}\"|'[^']{1,40}')[ \t]*(?::(?=\s|$)|=|：)"
)
Form = Literal["YAML", "TOML", "JSON", "lines"]
_LIST = lazy_pattern(r"([ \t]*[\w .-]+:[ \t]*)\[([^\[\]]*)\][ \t]*")
_MEMBER = lazy_pattern(r"\s*\"[^\"]+\"\s*:")
_TITLE_BLOCK = ("title", "author", "date")
"""What Pandoc's lines that begin with `%` say, in this order."""
_BELONGS_TO_A_KEY = lazy_pattern(r"[ \t]|-(?:\s|$)|[\]}]|#")


class FrontMatter(Struct, frozen=True):
    """A block of fields; `first` and `last` are its lines with their marks, from 0."""

    first: int
    last: int
    content: str
    form: Form
    is_closed: bool = True


def find_front_matter(lines: Sequence[str], first: int = 0) -> FrontMatter | None:
    """Return the block of fields that opens on a line, None if none does.

    The line below the mark must be a field, and most lines of the block must be fields or belong
    to one; of a block further down (Pandoc reads several) all must.
    """
    if first == 0 and lines[0].startswith("% "):
        return _title_block(lines)
    if first == 0 and lines[0].rstrip() == "{":
        return _json_block(lines)
    opening = _OPENING.fullmatch(lines[first]) if first < len(lines) else None
    if opening is None or first + 1 == len(lines):
        return None
    closing = _CLOSING[opening[1]]
    last, odd, keys = first + 1, 0, 0
    while last < len(lines) and not closing.fullmatch(lines[last]):
        if _KEY.match(lines[last]):
            keys += 1
        elif lines[last].strip() and not (keys and _BELONGS_TO_A_KEY.match(lines[last])):
            odd += 1
        if not keys and (odd or not lines[last].strip()) and first:
            return None
        last += 1
    if last == len(lines) and first == 0:
        return _unclosed(lines)
    is_prose = odd >= max(keys, 1) if first == 0 else odd > 0
    if last == len(lines) or is_prose or (not keys and last > first + 1):
        return None
    return FrontMatter(first, last, "\n".join(lines[first + 1 : last]), _form(opening[1]))


def _unclosed(lines: Sequence[str]) -> FrontMatter | None:
    """The block of fields that nothing closes: up to the first blank line, if all are fields."""
    last = 0
    while last + 1 < len(lines) and lines[last + 1].strip():
        last += 1
        if not (_KEY.match(lines[last]) or (last > 1 and _BELONGS_TO_A_KEY.match(lines[last]))):
            return None
    content = "\n".join(lines[1 : last + 1])
    return FrontMatter(0, last, content, _form(lines[0]), is_closed=False) if last else None


def _form(mark: str) -> Form:
    return "TOML" if mark.startswith("+") else "YAML"


def _json_block(lines: Sequence[str]) -> FrontMatter | None:
    """An object of JSON on the first lines, a member a line, up to the brace that closes it."""
    last = next((at for at, line in enumerate(lines) if line.rstrip() == "}"), 0)
    if last == 0 or not _MEMBER.match(lines[1]):
        return None
    return FrontMatter(0, last, "\n".join(lines[: last + 1]), "JSON")


def _title_block(lines: Sequence[str]) -> FrontMatter:
    """Pandoc's title, author and date, a line that begins with `%` each; others are indented."""
    last = 0
    fields = [lines[0][1:]]
    for line in lines[1:]:
        if not line.startswith(("%", " ")) or not line.strip() or len(fields) > len(_TITLE_BLOCK):
            break
        last += 1
        fields += [line[1:]] if line.startswith("%") else []
        if line.startswith(" "):
            fields[-1] += line
    named = zip(_TITLE_BLOCK, fields, strict=False)
    content = "\n".join(f"{name}: {' '.join(value.split())}" for name, value in named)
    return FrontMatter(0, last, content, "lines")


def without_brackets(field: str) -> str:
    """Return a field that lists its values in brackets as one would write it by hand: `tags: [a,
    'b c']` as `tags: a, b c`; anything else as it is.
    """
    match = _LIST.fullmatch(field)
    if not match:
        return field
    return match[1] + ", ".join(value.strip(" \t\"'") for value in match[2].split(","))


def front_matter_end(text: str) -> int:
    """Return the position behind a text's front matter and the blank lines after it, 0 if it has
    none.
    """
    if not text.startswith(("---", "+++", "% ", "{")):
        return 0
    lines = text.split("\n")
    block = find_front_matter(lines)
    if block is None:
        return 0
    end = sum(len(line) + 1 for line in lines[: block.last + 1])
    return min(end + len(text[end:]) - len(text[end:].lstrip()), len(text))

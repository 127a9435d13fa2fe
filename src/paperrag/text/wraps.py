"""Paragraphs whose lines an editor or a printer ended -> the same text with `WRAP` in place of
those line ends. What a writer put on lines of its own stays so.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import or_

from paperrag.text.closed import FUNCTION_WORDS_EN, NUMBERS_ZH
from paperrag.text.language import HAN, HAN_CHAR
from paperrag.text.markers import BLOCK_TAGS, ITEM, NUMBER, ORDINAL, SIGN
from paperrag.text.patterns import lazy_pattern

WRAP = "\v"
"""Where a line was wrapped: a blank, or nothing between two Chinese characters."""

_BLOCK_SIGNS = (
    "```",
    "~~~",
    "|",
    "$$",
    "\\[",
    "\\]",
    "\\begin{",
    "\\end{",
    "<!--",
    ":::",
    "!!!",
    "![",
)
_MARKED = lazy_pattern(rf"(?:{ITEM}|#{{1,6}}|\[[^\]]+\]:)(?!\S)|{NUMBER}(?!\d)")
_HTML = lazy_pattern(r"</?([A-Za-z][a-z0-9]*)")
_RULE = lazy_pattern(r"[-*_=](?:[ \t]*[-*_=]){2,}[ \t]*$")
_LABELLED = lazy_pattern(r"[\w .]{1,20}[:：](?!(?<=:)\S)|\*\*[^*]{1,24}\*\*")
_STANDS_ALONE = lazy_pattern(r"#{1,6}\s|\||:{3}|!!!")
_ENDS_ALONE = lazy_pattern(r"(?:\]\([^()]*\)|[\w-]>|://\S+)$")
_MAY_COUNT = frozenset("第" + NUMBERS_ZH)
_LAST_SIGNS = ("  ", "\\", "]]", "|", ":", "：")
_SIGNS_OF_QUOTE = " \t>"
_QUOTE = lazy_pattern(r"[ \t]*(?:>[ \t]?)*[ \t]*")
_LEAST_COLUMNS, _LEAST_COLUMNS_OF_TWO, _MOST_COLUMNS = 40, 50, 130
_LEAST_COLUMNS_EVEN, _FEW_LINES = 24, 4
"""Of so many lines that are equally wide, as a column of print is."""
_WORD = lazy_pattern(rf"[{HAN}，。、；：]|[^\s{HAN}]+")
LEAST_BROKEN = 2
"""Words that a line end breaks, as in what is copied from a PDF; nobody breaks words by hand."""
_STOPS, _COMMAS = ("。", "！", "？"), ("，", "、")
_OPEN_WORDS = frozenset(FUNCTION_WORDS_EN)
"""Those that end no sentence of a quotation."""
_HAN_STOP = lazy_pattern("[。！？．]")
_SENTENCE_ENDS = lazy_pattern(r"[。！？]|[.!?] ")
_SHARE_OF_WRAPPED, _SLACK = 0.6, 4
"""Share of lines behind which the next word had no place, from which a text is wrapped, and the
columns by which that may be missed. By hand.
"""
_SHORT_LINE = 0.6
"""A line narrower than this share of the widest was ended by its writer. By hand."""
_WIDE = lazy_pattern(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\U0001f300-\U0003fffd]"
)
"""Characters of two columns, but for a few that seldom fill a line."""


def with_wraps(text: str) -> str:
    """The text with WRAP in place of line ends inside a wrapped paragraph, or a row of a table."""
    if text[0] == "|" and "\n+" in text:
        return text.replace("\n|", f"{WRAP}|")
    if "\t" in text and text.partition("\n")[0].count('"') % 2 == 1:  # a cell goes on below
        return text.replace("\n", WRAP)
    lines = text.split("\n")
    pieces = [lines[0]]
    for first, last in _paragraphs(lines):
        ends = _wrapped_ends(lines[first : last + 1])
        for number in range(first, last):
            below = lines[number + 1]
            if ends[number - first]:
                quote = _QUOTE.match(below)
                width = quote.end() if quote else 0
                pieces += [WRAP, " " * width + below[width:]]
            else:
                pieces += ["\n", below]
        if last + 1 < len(lines):
            pieces += ["\n", lines[last + 1]]
    return "".join(pieces)


def _paragraphs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """The first and last line of each run of lines that no block ends; all lines are in one."""
    runs: list[tuple[int, int]] = []
    first, in_fence = 0, False
    for number in range(1, len(lines) + 1):
        above = lines[number - 1].lstrip(" \t>")
        if above.startswith(("```", "~~~")):
            in_fence = not in_fence
        if number == len(lines) or in_fence or _is_apart(lines[number - 1], lines[number]):
            runs.append((first, number - 1))
            first = number
    return runs


def _is_apart(line: str, below: str) -> bool:
    words, words_below = line.lstrip(_SIGNS_OF_QUOTE), below.lstrip(_SIGNS_OF_QUOTE)
    depth, depth_below = _depth(line, words), _depth(below, words_below)
    return (
        not words.strip()
        or words.startswith("[!")
        or not words_below.strip()
        or line.endswith(_LAST_SIGNS)
        or (words[0] in "#|:!" and bool(_STANDS_ALONE.match(words)))
        or ((line[-1] in ")>" or "://" in line) and bool(_ENDS_ALONE.search(line)))
        or _opens_block(below)
        or depth < depth_below
        or (depth > depth_below and not _goes_on(words, words_below))
    )


def _depth(line: str, words: str) -> int:
    """In how many quotations a line stands that has such words."""
    return line.count(">", 0, len(line) - len(words))


def _opens_block(line: str) -> bool:
    text = line.lstrip(" \t>\u3000")
    if text[:1].isalpha() and text[0] not in _MAY_COUNT:
        return bool(_LABELLED.match(text)) or text.startswith(("http://", "https://"))
    tag = _HTML.match(text)
    return (
        text.startswith(_BLOCK_SIGNS)
        or (tag is not None and tag[1] in BLOCK_TAGS)
        or any(pattern.match(text) for pattern in (_MARKED, SIGN, ORDINAL, _RULE, _LABELLED))
    )


def _wrapped_ends(lines: Sequence[str]) -> list[bool]:
    """Of each line but the last, whether a writer's editor ended it."""
    if len(lines) == 1:
        return []
    ends = _ends_without_room(lines)
    is_quote = lines[0].lstrip().startswith(">")
    return list(map(or_, ends, _ends_in_sentences(lines))) if is_quote else ends


def _ends_in_sentences(lines: Sequence[str]) -> list[bool]:
    """Of each line of a quotation but the last, whether a sentence goes on below that has a stop
    there or further on. What is copied begins with no small letter.
    """
    words = [line.strip(_SIGNS_OF_QUOTE) for line in lines]
    stops = [at for at, line in enumerate(words) if _SENTENCE_ENDS.search(f"{line} ")]
    last = 0 if words[0][0].islower() else max(stops, default=0)
    least = _SHORT_LINE * max(map(_columns, words))
    return [
        at < last and _columns(above) >= least and _goes_on(above, below)
        for at, (above, below) in enumerate(pairwise(words))
    ]


def _goes_on(above: str, below: str) -> bool:
    """Whether the words of a line leave a sentence open, and those below go on with it."""
    last_word = above.rsplit(None, 1)[-1]
    if last_word.endswith((*_COMMAS, ",")) or last_word in _OPEN_WORDS:
        return True
    is_open = last_word[-1].isalnum() or last_word[-1] in "-)）"
    return is_open and (below[0].islower() or below[0].isdigit() or bool(HAN_CHAR.match(below)))


def _ends_without_room(lines: Sequence[str]) -> list[bool]:
    """Of each line but the last, whether the next word had no room in it.

    Wrapped lines are about equally wide and the last is no wider. What a writer put on lines of
    its own is of any length.
    """
    if any(map(_is_definition, lines)):
        return list(map(_is_definition, lines[1:]))
    if sum(map(_breaks_word, lines, lines[1:])) >= LEAST_BROKEN:
        return [True] * (len(lines) - 1)
    widths = [_columns(line) for line in lines]
    widest = max(widths)
    if widest <= _MOST_COLUMNS and _ends_what_is_open(lines):
        may_name = widths[0] < _SHORT_LINE * widest and "，" not in lines[0]
        return [_is_open(lines[0]) and not may_name, *map(_is_open, lines[1:-1])]
    is_even = len(lines) >= _FEW_LINES and min(widths[:-1]) + _SLACK >= widest
    is_open = len(lines) == 2 and _leaves_open(*lines)
    of_many = _LEAST_COLUMNS_OF_TWO if len(lines) == 2 else _LEAST_COLUMNS
    least = _LEAST_COLUMNS_EVEN if is_even or is_open else of_many
    if not least <= widest <= _MOST_COLUMNS or widths[-1] > max(widths[:-1]):
        return [False] * (len(lines) - 1)
    wrapped = [
        width + _SLACK + _first_word_columns(below) > widest
        for width, below in zip(widths, lines[1:], strict=False)
    ]
    is_apart = not is_open and _reads_apart(lines)
    if sum(wrapped) < _SHARE_OF_WRAPPED * len(wrapped) or is_apart:
        return [False] * len(wrapped)
    return [width >= _SHORT_LINE * widest for width in widths[:-1]]


def _breaks_word(line: str, below: str) -> bool:
    return line[-1:] == "-" and line[-2:-1].islower() and below.lstrip(" \t>")[:1].islower()


def _is_definition(line: str) -> bool:
    """Whether a line says what the term above it means."""
    return line.lstrip(" \t>").startswith(": ")


def _reads_apart(lines: Sequence[str]) -> bool:
    """Whether nothing tells that the second of two lines goes on with the first: it begins with a
    small letter, or ends a Chinese sentence that the first leaves open.
    """
    if len(lines) > 2:
        return False
    above, below = lines[0].rstrip(), lines[1].strip(" \t>")
    if HAN_CHAR.match(above[-1:]) and HAN_CHAR.match(below):
        return not below.endswith(("。", "！", "？"))
    return not (below[:1].islower() and (above[-1:].isalnum() or above.endswith((",", "-"))))


def _ends_what_is_open(lines: Sequence[str]) -> bool:
    """Whether lines are a text of Chinese whose writer ends sentences with a mark: the last does,
    and of those above some has such a mark inside and none at its end.
    """
    is_ended = lines[-1].rstrip().endswith(_STOPS)
    return is_ended and any(_is_open(line) and _HAN_STOP.search(line) for line in lines[:-1])


def _is_open(line: str) -> bool:
    end = line.rstrip()[-1:]
    return end in _COMMAS or bool(HAN_CHAR.match(end))


def _leaves_open(line: str, below: str) -> bool:
    """Whether a line ends inside a sentence, as its writer puts marks, and the next one ends it."""
    return (
        line[-1:].isalnum()
        and _SENTENCE_ENDS.search(line) is not None
        and below.rstrip().endswith((".", "。", "！", "？"))
    )


def _columns(line: str) -> int:
    line = line.rstrip()
    if line.isascii():
        return len(line.expandtabs(4))
    return len(line) + len(_WIDE.findall(line))


def _first_word_columns(line: str) -> int:
    word = _WORD.search(line.lstrip(" \t>"))
    return _columns(word[0]) if word else 0

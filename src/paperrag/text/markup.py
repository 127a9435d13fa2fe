"""Markdown text -> plain words, and the title of an item. Knows nothing of files or trees.

Plain text is what encoders and word indexes read: markers, link targets and URLs gone, the
words of link labels, code and LaTeX kept. It is never shown as a quote.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import zip_longest

from paperrag.text.emphasis import without_emphasis
from paperrag.text.held import hold, put_back
from paperrag.text.hidden import NO_STOP
from paperrag.text.inline import may_hold_url, plain_inline, set_aside, up_to_link
from paperrag.text.language import HAN, HAN_MARKS, first_sentence
from paperrag.text.markers import (
    BOX,
    BOXES,
    DECORATION,
    FENCE,
    ITEM,
    NUMBER,
    ORDINAL,
    SIGN,
    TASK_WORDS,
)
from paperrag.text.patterns import any_of, lazy_pattern
from paperrag.text.readable import KEPT, readable
from paperrag.text.wraps import LEAST_BROKEN, WRAP

TITLE_CHARS = 120
"""Longest title, in characters; longer ones end with an ellipsis."""

_LABEL_BEFORE_COLON_CHARS = 60
_SHORT_LINE_CHARS = 60

_MARKER = rf"(?:[-+]|\*+|{NUMBER})(?:[^\S\n]+|$)(?:(?:\[[ xX/<>!?*+–−-]\]|[{BOXES}]\ufe0f?)[^\S\n]+)?|{SIGN.pattern}"
_LIST_MARKER = lazy_pattern(rf"(?:{_MARKER}|{ORDINAL.pattern})(?:#{{1,6}}[ \t]+)?")
_LINE_MARKER = lazy_pattern(
    rf"^[^\S\n]*(?:[>＞]!?[^\S\n]?)*[^\S\n]*(?:{_MARKER})?(?:>[ \t]?)*(?:[#＃]{{1,6}}(?=\s)\s*|:[ \t]+|{BOX})?"
)
_BOX = lazy_pattern(BOX)
_STRUCK_NAME = lazy_pattern(r"^~~(\S[^~]*)~~(?=\s*(?:[（(:：]|$))")
"""A name that was ticked off by a line through it."""
_RULE_OR_FENCE = lazy_pattern(
    r"`{3,}[^`]*|~{3,}.*|[-*_=]{3,}|(?:[-*_][ \t]*){3,}|(?=[^-]*-)[ \t:|+-]+|\+(?:[-=:]+\+)+|:{3,}[ \t]*[\w{}.#-]*"
)
_FIRST_OF_RULE = frozenset("`~-*_=|:+")
_CELL = lazy_pattern(
    r"(?:(?P<ticks>`+)[^`\n]*(?P=ticks)|\$(?![\s$])[^$\n]{0,300}[^\s$]\$(?!\d)|\\.|[^|])+"
)
_APART = lazy_pattern(r"\t| {2,}")
"""Between the cells of a row without bars."""
_HTML_CELL = lazy_pattern(r"<t[dh]\b[^<>]*>(.*?)(?=</?t[dhr]\b|\Z)", re.IGNORECASE | re.DOTALL)
PICTURE = lazy_pattern(r"!\[\[?[^\]\n]*\]\]?(?:\([^()\n]*\)|\[[^\[\]\n]*\])?|<img\b[^<>]*>")
"""A picture, or a note or file that is embedded."""
FORMULA = lazy_pattern(
    r"\$\$[^$\n]{0,1000}\n[^$]{0,4000}\$\$|^[ \t>]*\$\$[^$\n]{1,1000}\$\$[ \t.,，。]*$"
    r"|^[ \t>]*\\\[(?:.|\n){1,4000}?\\\]"
    r"|\\begin\{([A-Za-z]+\*?)\}(?:.|\n){0,4000}?\\end\{\1\}",
    re.MULTILINE,
)
"""A display formula: no title where there are words beside it."""
_TABLE_BAR = lazy_pattern(r"[ \t]*\|[ \t]*")
_FENCED = lazy_pattern(
    rf"^([ \t>]*(?:{ITEM}[ \t]+)?)(?P<mark>{FENCE})[^`\n]*\n"
    r"((?:(?![ \t>]*(?P=mark)).*(?:\n|\Z))+)(?:[ \t>]*(?P=mark)[`~]*[ \t]*$)?",
    re.MULTILINE,
)
_WRAP = lazy_pattern(rf"[ \t]*{WRAP}\s*(:\s)?")
_WRAP_IN_CHINESE = lazy_pattern(rf"(?<=[{HAN}{HAN_MARKS}])[ \t]*{WRAP}\s*(?=[{HAN}{HAN_MARKS}])")
_BROKEN_WORD = lazy_pattern(rf"(?<=[a-z])-[ \t]*{WRAP}\s*(?=[a-z])")
_LINE_END = lazy_pattern(r"\s*[\n\v][ \t>]*|\s+")
_LINE_END_IN_CHINESE = lazy_pattern(
    rf"(?<=[{HAN}{HAN_MARKS}])[ \t]*[\n\v][ \t>]*(?=[{HAN}{HAN_MARKS}])"
)

_TITLE_LABELS = ("标题", "题目", "论文标题", "论文题目", "title", "paper title")
_BEFORE_TITLES = (
    r"\[[A-Za-z]{2,12}[ '’]{0,2}\d{2,4}\]",  # a venue
    r"【[^】]{1,20}】",
    r"\[\d{1,3}\](?=\s)",
    r"\[[a-z]{2,12}\](?=\S)(?!\()",  # a state: [viewed]
    r"\[#[A-C]\]",
    r"\[?(?:arXiv:)?\d{4}\.\d{4,5}(?:v\d+)?[]\s|:：,·-]+(?=\S)",
    r"\[[a-z-]+\.[A-Z]{2}\](?=\s)",  # a subject of arXiv
    rf"{any_of(TASK_WORDS)}(?=\s)",
    rf"(?i:{any_of(_TITLE_LABELS)})[:：]",
    r"[QA问答]\d{0,2}[:：](?=.*\S)",
    r"@[\w:.-]*\d\w*(?=\s+[A-Z])",
    r"(?:Read(?:ing)?[ \t]+|(?:今天)?[读看][了完过])(?=《|[A-Z][\w-]*[A-Z\d])",
)
_TAG = lazy_pattern(rf"^(?:{'|'.join(_BEFORE_TITLES)})\s*")
"""What stands before a title and is no part of it: a venue, a number, a task's state, "Title:",
what was done with it.
"""
TAGS_BEHIND = lazy_pattern(r"(?<=[^\s#])(?:\s+#[^\W\d_][\w/-]*)+\s*$")
_NAME_THEN_TEXT = lazy_pattern(
    rf"^(.{{2,{_LABEL_BEFORE_COLON_CHARS}}}?)(?:：|:(?=\s|[^\x00-\x7f]))\s*(?=\S)"
)
_SIGN_OF_FORMULA = lazy_pattern(r"\\[A-Za-z]|[=^_{}]")
_COMMAND = lazy_pattern(r"\\(?:text|mathrm)\{[^}]*\}|\\[A-Za-z]+")
_WORD = lazy_pattern(rf"[^\W\d_{HAN}]{{3,}}|[{HAN}]")
_LABEL_ALONE = lazy_pattern(r"\[([^\[\]]+)\]")
"""The label of a link that is defined elsewhere, `[label]`."""
_OPEN_BRACKET = lazy_pattern(r"(?<=\S)\s*[\[(（][^\[\]()（）]*$")
"""The label of a link that stands in brackets behind a name: of "Name [[paper](…)]", " [paper"."""
_BAR = " | "
"""Between a title and what else is said of a paper on its line."""
_STOPS = "。！？；.;!?"
_EDGES = " \t:：,，;；、-–—→|"


@lru_cache(maxsize=KEPT)
def plain_text(markdown: str) -> str:
    """Return the words of a piece of Markdown, line structure kept, markup and URLs removed."""
    held: list[str] = []
    text = without_wraps(readable(markdown))
    if "```" in text or "~~~" in text:
        text = _FENCED.sub(lambda match: f"{match[1]}\n{hold(match[3], held)}", text)
    text = set_aside(text, held)
    kept = (_words_of(line) for line in text.split("\n") if not _is_rule_or_fence(line))
    text = put_back(without_emphasis("\n".join(kept)), held)
    text = text.replace(NO_STOP, ";")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _words_of(line: str) -> str:
    """A line without its marker, and a row of a table without its bars."""
    if not line[:1].isalpha() and (marker := _LINE_MARKER.match(line)):
        line = line[marker.end() :]
    return _TABLE_BAR.sub(" ", line) if line.startswith("|") or " | " in line else line


def without_wraps(text: str) -> str:
    """Return a readable text with its wrapped lines joined."""
    if WRAP not in text:
        return text
    if len(_BROKEN_WORD.findall(text)) >= LEAST_BROKEN:
        text = _BROKEN_WORD.sub("", text)
    return _WRAP.sub(_joint, _WRAP_IN_CHINESE.sub("", text))


def _joint(match: re.Match[str]) -> str:
    """A blank, or the colon before what a term means."""
    return match[1] or " "


def announces(text: str) -> bool:
    """Whether the last words of a text announce what stands below it: "three ways:"."""
    return text.rstrip(" *_").endswith((":", "："))


def one_line(text: str) -> str:
    """Return a stretch of a note's text in one line; a line end between Chinese is nothing."""
    return _LINE_END.sub(" ", _LINE_END_IN_CHINESE.sub("", text)).strip()


def table_cells(row: str) -> list[str]:
    """Return the cells of a table's row that are not empty, markup kept."""
    return list(filter(None, all_cells(row)))


def all_cells(row: str) -> list[str]:
    """Return the cells of a table's row, also those that are empty; of one in several lines each
    with what stands below it.
    """
    if is_html_row(row):
        return [cell.strip() for cell in _HTML_CELL.findall(row)]
    lines = [line.strip(" \t>") for line in row.split("\n") if any(map(str.isalnum, line))]
    if not lines or "|" in lines[0]:
        rows = (_between_bars(line) for line in lines if "|" in line)
        cells = zip_longest(*rows, fillvalue="")
        return [one_line("\n".join(filter(None, cell))) for cell in cells]
    *first, last = _APART.split(lines[0])
    apart = [*first, one_line("\n".join([last, *lines[1:]]))]
    return [cell.strip('" ') for cell in apart]


def _between_bars(line: str) -> list[str]:
    row = line.removeprefix("|").removesuffix("|")
    has_bars_inside = "`" in row or "$" in row or "\\" in row
    cells = (match[0] for match in _CELL.finditer(row)) if has_bars_inside else row.split("|")
    return [cell.strip() for cell in cells]


def is_html_row(text: str) -> bool:
    """Whether a text is a row of a table in HTML."""
    return "<" in text and bool(_HTML_CELL.search(text))


def without_bars(text: str) -> str:
    """Return a row of a table with dots between its cells instead of bars; any other text as it
    is.
    """
    is_row = text.lstrip().startswith("|") or is_html_row(text)
    return " · ".join(table_cells(text)) if is_row else text


def item_title(line: str) -> str:
    """Return the title of a list item or paragraph from its first line, "" if it has no words.

    A short line is its own title. A linked line is titled by what stands up to the link and its
    label; "Name: long remark" by the name; anything else by its first sentence.
    """
    if _is_rule_or_fence(line):
        return ""
    line = _without_signs(line)
    may_link = "[" in line or "<" in line or may_hold_url(line)
    head = _OPEN_BRACKET.sub("", up_to_link(line)) if may_link else ""
    words = " ".join((head or plain_inline(line)).split())
    words = words.replace("`", "") if words.count("`") == 1 else words
    in_cells = words.count(_BAR) > 1
    words = without_tags(without_state(words)).strip(_EDGES)
    words = words.partition(_BAR)[0] if in_cells else words
    if label := _LABEL_ALONE.fullmatch(words):
        words = label[1].strip()
    if len(words) > (TITLE_CHARS if head else _SHORT_LINE_CHARS):
        name = _NAME_THEN_TEXT.match(words)
        is_name = name and not is_formula(name[1])
        words = name[1] if name and is_name else _closed_sentence(words).rstrip(_STOPS)
    return shorten(words.strip(_EDGES).replace(NO_STOP, ";"), TITLE_CHARS)


def _without_signs(line: str) -> str:
    """Return a line without what makes an item, a quotation, a box or a struck name of it."""
    line = line.lstrip(" \t\u3000>＞")
    if marker := _LIST_MARKER.match(line):
        line = line[marker.end() :]
    line = line.strip().lstrip(">").strip()
    if line.startswith("【") and line.find("】") == len(line) - 1:
        line = line[1:-1]
    if box := _BOX.match(line):
        line = line[box.end() :].strip('"')
    if struck := _STRUCK_NAME.match(line):
        line = f"{struck[1]}{line[struck.end() :]}"
    return line


def _closed_sentence(words: str) -> str:
    """Return the first sentence; of a bracket that a mark in it leaves open, the end as well."""
    sentence = first_sentence(words)
    for opening, closing in ("()", "（）"):
        if sentence.count(opening) > sentence.count(closing):
            return words[: words.find(closing, len(sentence)) + 1] or sentence
    return sentence


def without_state(words: str) -> str:
    """Return words without the venue, number or state of a task before them."""
    while tag := _TAG.match(words):
        words = words[tag.end() :]
    return words


def without_tags(words: str) -> str:
    """Return words without the tags behind them and the signs around them; such alone stay."""
    words = TAGS_BEHIND.sub("", words) if "#" in words else words
    return words if words.isascii() else DECORATION.sub("", words)


def is_formula(words: str) -> bool:
    """Whether words are nothing but a formula: signs, commands of LaTeX and single letters."""
    return bool(_SIGN_OF_FORMULA.search(words)) and not _WORD.search(_COMMAND.sub(" ", words))


def shorten(text: str, limit: int) -> str:
    """Return text cut to at most `limit` characters, with an ellipsis if something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _is_rule_or_fence(line: str) -> bool:
    line = line.lstrip(" \t>").rstrip(" \t")
    return line[:1] in _FIRST_OF_RULE and bool(_RULE_OR_FENCE.fullmatch(line))

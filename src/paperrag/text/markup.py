"""Markdown text -> plain words, and the title of an item. Knows nothing of files or trees.

Plain text is what encoders and word indexes read: markers, link targets and URLs gone, the
words of link labels, code and LaTeX kept. It is never shown as a quote.
"""

from __future__ import annotations

import re

from paperrag.text.language import HAN, sentence_spans

TITLE_CHARS = 120
"""Longest title, in characters; longer ones end with an ellipsis."""

_LABEL_BEFORE_COLON_CHARS = 60
_SHORT_LINE_CHARS = 60

_LIST_MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)(?:\[[ xX]\][ \t]+)?")
_LINE_MARKER = re.compile(
    r"^[ \t]*(?:>[ \t]?)*[ \t]*(?:#{1,6}(?=[ \t])[ \t]*|[-*+][ \t]+|\d{1,9}[.)][ \t]+)?"
)
_RULE_OR_FENCE = re.compile(r"`{3,}[^`]*|~{3,}.*|[-*_=]{3,}|(?=[^-]*-)[ \t:|-]+")
_CALLOUT = re.compile(r"\[!(\w+)\][+-]?")
_IMAGE_EMBED = re.compile(r"!\[\[[^\]\n]*\]\]")
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_BUTTON = re.compile(r"\[\[([^\[\]\n]*)\]\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_WIKI_LINK = re.compile(r"\[\[([^\[\]|#\n]*)(?:#[^\[\]|\n]*)?(?:\|([^\[\]\n]*))?\]\]")
_LINK = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_URL_CHAR = rf"[^\s<>()\u3000-\u303f\u2018-\u201d\uff00-\uffef{HAN}]"
_URL = re.compile(rf"<?(?i:https?://|www\.)(?:{_URL_CHAR}|\({_URL_CHAR}*\))+>?")
_URL_IN_BRACKETS = re.compile(rf"[(（]\s*{_URL.pattern}\s*[)）]|{_URL.pattern}")
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|~~)(?=\S)(.+?)(?<=\S)\1")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)([^\n]+?)(?<!`)\1(?!`)")
_HTML_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>\n]*)?/?>|<!--(?:(?!<!--).)*?-->", re.DOTALL)
_LATEX_DELIMITER = re.compile(r"\${1,2}|\\[()\[\]]")
_CELL_END = re.compile(r"(?<!\\)\|")
_TABLE_BAR = re.compile(r"[ \t]*\|[ \t]*")
_BLANKS = re.compile(r"[ \t\u3000\xa0]+")

_TAG = re.compile(r"^(?:\[[A-Za-z]{2,12}[ '’]{0,2}\d{2,4}\]|【[^】]{1,20}】)\s*")
_NAME_THEN_TEXT = re.compile(
    rf"^(.{{2,{_LABEL_BEFORE_COLON_CHARS}}}?)(?:：|:(?=\s|[^\x00-\x7f]))\s*(?=\S)"
)
_EDGES = " \t:：,，;；、-–—|"


def plain_text(markdown: str) -> str:
    """Return the words of a piece of Markdown, line structure kept, markup and URLs removed."""
    kept = (line for line in markdown.split("\n") if not _is_rule_or_fence(line))
    text = plain_inline("\n".join(_LINE_MARKER.sub("", line) for line in kept))
    lines = (_BLANKS.sub(" ", _TABLE_BAR.sub(" ", line)).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def table_cells(line: str) -> list[str]:
    """Return the cells of a table's row that are not empty, markup kept."""
    return [cell for part in _CELL_END.split(line.lstrip(" \t>")) if (cell := part.strip())]


def without_bars(text: str) -> str:
    """Return a row of a table with dots between its cells instead of bars; any other text as it
    is.
    """
    return " · ".join(table_cells(text)) if text.lstrip().startswith("|") else text


def plain_inline(text: str) -> str:
    """Return text with inline markup removed: labels, code, emphasis and LaTeX keep their words."""
    text = _IMAGE_EMBED.sub("", text)
    text = _IMAGE.sub(r"\1", text)
    text = _BUTTON.sub("", text)
    text = _WIKI_LINK.sub(lambda match: match[2] or match[1], text)
    text = _LINK.sub(r"\1", text)
    text = _URL_IN_BRACKETS.sub("", text)
    text = _CALLOUT.sub(r"\1:", text)
    text = _CODE_SPAN.sub(r"\2", text)
    text = _EMPHASIS.sub(r"\2", text)
    text = _HTML_TAG.sub(" ", text)
    return _LATEX_DELIMITER.sub("", text)


def item_title(line: str) -> str:
    """Return the title of a list item or paragraph from its first line, "" if it has no words.

    A short line is its own title. A linked line is titled by what stands up to the link and its
    label; "Name: long remark" by the name; anything else by its first sentence.
    """
    if _is_rule_or_fence(line):
        return ""
    line = line.lstrip(" \t>")
    if marker := _LIST_MARKER.match(line):
        line = line[marker.end() :]
    line = line.strip().lstrip(">").strip()
    head = _up_to_link(line) or line
    words = _TAG.sub("", _BLANKS.sub(" ", plain_inline(head)).strip()).strip(_EDGES)
    if len(words) > (_SHORT_LINE_CHARS if head is line else TITLE_CHARS):
        name = _NAME_THEN_TEXT.match(words)
        words = name[1] if name else _first_sentence(words)
    return shorten(words.strip(_EDGES), TITLE_CHARS)


def shorten(text: str, limit: int) -> str:
    """Return text cut to at most `limit` characters, with an ellipsis if something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _is_rule_or_fence(line: str) -> bool:
    return bool(_RULE_OR_FENCE.fullmatch(line.lstrip(" \t>").rstrip(" \t")))


def _first_sentence(words: str) -> str:
    start, end = sentence_spans(words)[0]
    return words[start:end].rstrip("。！？；.;!?")


def _up_to_link(line: str) -> str:
    """Return the line up to the end of its first link's label (or start of its first URL)."""
    first = min(
        (
            match
            for match in (_BUTTON.search(line), _LINK.search(line), _URL_IN_BRACKETS.search(line))
            if match
        ),
        key=lambda match: match.start(),
        default=None,
    )
    if first is None:
        return ""
    is_labelled = first.re is _LINK and not _URL.fullmatch(first[1])
    head = line[: first.start()] + (first[1] if is_labelled else "")
    return head if plain_inline(head).strip(_EDGES) else plain_inline(line[first.end() :])

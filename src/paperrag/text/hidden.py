"""What no reader of a note sees, or what is data -> blanks, as many: comments, fields, drawers,
queries, drawings, ids of blocks, definitions of links, what programs put around the words that they
export. Code and formulas are stepped over.
"""

from __future__ import annotations

import re
from collections import Counter

from paperrag.text.blobs import MINIFIED_CHARS, MOST_WORD_CHARS, blank, has_run
from paperrag.text.language import HAN_MARKS
from paperrag.text.markers import FENCE, ITEM, TEXT_ENVIRONMENTS
from paperrag.text.patterns import any_of, lazy_pattern

NO_STOP = "\x02"
"""A semicolon between citations, `[@a; @b]`, which ends no sentence."""

_NO_WORDS = frozenset(
    "dataview dataviewjs mermaid plantuml compressed-json excalidraw query tasks base chart button bibtex bib".split()
)
"""Languages of code that is a drawing, a query or fields."""
_DRAWERS = any_of("LOGBOOK PROPERTIES logbook properties".split())
_PLANNED = any_of("SCHEDULED DEADLINE CLOSED CLOCK".split())
"""Of Org and Logseq."""
_OPTIONS = any_of("class name label width height align alt open icon".split())
"""Of directives of MyST and reStructuredText."""
_HIGHLIGHTED = any_of("View Location Page Time".split())
"""What Readwise says of where a highlight stands."""
_SENT = any_of(
    "图片 表情 动画表情 语音 视频 文件 链接 位置 Image Photo Sticker Voice Video File".split()
)
"""What stands in a chat for what is no text."""
_LINE = rf"^[ \t>]*(?:{ITEM}[ \t]+)?"

_HIDDEN_BY_SIGN: dict[str, str] = {
    # comments
    r"<!": r"<!--(?:[^<]|<(?!!--))*?--> | ^[ \t]*<!--(?:.|\n)*\Z",
    r"%%": r"%%(?:.|\n){0,5000}?%% | ^[ \t]*%%[ \t]*$(?:.|\n)*\Z",
    r"\n[ \t]*%[ ]": r"^[ \t]*%[ ].*$",  # LaTeX, MyST
    r"\n[ \t]*\.\.[ ]": r"^[ \t]*\.\.[ ](?:[\w-]+::|\[[\w-]+\]|(?![\[_|]).*$)",
    r"<[sS]": r"<(?P<raw>script|style)\b(?:.|\n)*?(?:</(?P=raw)\s*>|\Z)",
    # fields and drawers
    rf":{_DRAWERS}:": rf"{_LINE}:(?P<drawer>{_DRAWERS}):[ \t]*$"
    r"(?:\n(?![ \t>]*:(?i:end):).*){0,200}(?:\n[ \t>]*:(?i:end):[ \t]*$)?",
    rf"\n[ \t]*{_PLANNED}:": rf"^[ \t]*{_PLANNED}:[ \t]*[<\[].*$",
    r"::": r"[\[(](?!fn:)(?=[A-Za-z_][\w-]*::\s)[^\[\]()\n]{1,300}[\])]"
    rf" | ^[ \t>]*(?!{ITEM}[ \t]+\S+::\**[ \t]*$)(?:{ITEM}[ \t]+)?\**"
    r"(?P<key>[A-Za-z_][\w./-]*|[^\W\da-zA-Z_]{1,12})\**::\**(?:[ \t].*)?$",
    r"\#\+": r"^[ \t>]*(?:[-*+][ \t]+)?\#\+(?i:begin_query)\b(?:.|\n)*?(?:\#\+(?i:end_query)\b|\Z)"
    r" | ^[ \t>]*(?:[-*+][ \t]+)?\#\+[A-Za-z_]+:?(?:[ \t].*)?$",
    r"\#[ ]tags:": r"^\#{1,6}[ ]tags:.*$",  # HackMD
    r"\n[ \t]*@[A-Za-z]+\{": r"^[ \t]*@[A-Za-z]+\{[^\s{}]+,"
    r"(?:[ \t]*$(?:\n(?![ \t]*\}[ \t]*$).*){0,60}\n[ \t]*\} | [ \t]*\S.*\})[ \t]*$",
    r"\nid:[ ][0-9a-f]{32}": r"^id:[ ][0-9a-f]{32}[ \t]*$(?:\n[a-z_]+:.*)+\Z",  # Joplin
    r"\n[ \t]*\{\"": r"^[ \t]*\{\"[^\n]*(?:\n[^\n]+)*?\}[ \t]*$(?=\n[ \t]*$|\Z)",  # a canvas
    # definitions, ids, references
    r"\]:": r"^[ \t>]{0,12}\[(?!\^)[^\[\]\n]{1,200}\]:[ \t]*(?:<[^<>\n]*>|\S+)"
    r"(?:[ \t]*\n?[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$",
    r"\*\[": r"^[ \t]*\*\[[^\]\n]+\]:.*$",
    rf"\(\[{_HIGHLIGHTED}": rf"[ \t]*\(\[{_HIGHLIGHTED}[ ][\w:-]+\]\([^()\n]*\)\)",
    r"\(\(": r"(?<=\]\()\(\([\w-]{9,36}\)\)(?=\))"
    r" | \(\((?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?=[\w-]*\d)[\w-]{9})\)\)",
    r"\)=": r"^[ \t>]*\([\w.-]+\)=[ \t]*$",
    r"\}`": r"\{[\w:-]+\}(?=`)",
    r"\(@": r"^[ \t]*\(@[\w-]*\)",  # Pandoc's examples
    r"@\{": r"@{1,2}\{[\d:-]+\}",
    r"\^[\w-]+[ \t]*(?:\n|$)": rf"(?:(?<=[ \t{HAN_MARKS}])|^)\^(?=[\w-]*[A-Za-z-])[A-Za-z0-9-]+[ \t]*$",
    r"\n[ \t]*[0-9a-f]{40}:|⚠": r"^[ \t]*(?:[0-9a-f]{40}:[ \t]|==⚠).*$",
    r"\[:": r"\[:[a-z]+\]",  # an area in a PDF, Logseq
    r"\[(?:image|file):": r"\[(?:image|file):[^\[\]\n]+\]",  # Bear
    r"\[(?:name|time|color)=": r"\[(?:name|time|color)=[^\[\]\n]*\]",  # HackMD
    r"\]\(\#(?:top)?\)": r"^.*\]\(\#(?:top)?\)[ \t]*$",
    # templates, components and what stands for what a program makes
    r"\{\{": r"\{\{(?!c\d{1,3}::|cloze[ ])(?:[^{}\n]|\{[^{}\n]*\}){1,500}\}\}",
    r"\{%": r"\{%[^%\n]{1,300}%\}",
    r"<%": r"<%(?:[^%]|%(?!>)){1,500}%>",
    r"\{:|\[toc|\[TOC|\[_": r"^[ \t]*(?:[-*+]|1\.)[ \t]+.*\n[ \t]*\{:toc\}"
    r" | ^[ \t]*(?:\[\[?_?(?i:toc)_?\]\]?|\{:toc\})[ \t]*$",
    r"\{[ ]?[.\#:-]": r"\{[ ]?(?:[:\#.](?=[^{}\n]*[A-Za-z])[^{}\n]{1,300}|-)\}[ \t]*$",
    r":::": r"^[ \t>]*:{3,}[ \t]*(?:\{[^{}\n]*\}|[\w.-]*)",
    rf":{_OPTIONS}:": rf"^[ \t>]*:{_OPTIONS}:.*$",
    r"\n\+\+\+": r"^\+\+\+(?:[ ]\{.*\})?[ \t]*$",  # MyST
    r"\\[a-z]+(?:\{\w+\})?[ \t]*(?:\n|$)": rf"^[ \t]*\\[a-z]+(?:\{{{any_of(TEXT_ENVIRONMENTS)}\}})?[ \t]*$",
    r"\nimport[ \t]": r"^import[ \t][^\n'\"]{1,200}[ \t]from[ \t]['\"][^'\"\n]+['\"];?[ \t]*$",
    r"\nexport[ \t]": r"^export[ \t]+(?:const|default)[ \t].*$",
    r"</?[A-Z]": r"^[ \t]*</?[A-Z][\w.]*(?:\s[^<>\n]*)?/?>[ \t]*$",
    r";base64": r"data:[a-z]+/[\w.+-]+;base64,[A-Za-z0-9+/=%\s]{0,200}[A-Za-z0-9+/=%]*",
    # cards and tasks
    r"\n[ \t]*\?": r"^[ \t]*\?{1,2}[ \t]*$",
    r"\n(?:STARTI?|TARGET|END)": r"^STARTI?[ \t]*(?:\n\w+[ \t]*$|\[\w+\]) | ^TARGET[ ]DECK\b.*$"
    r" | (?:^END|[ \t]ENDI)[ \t]*$",
    "|".join("➕📅✅🛫⏳❌🔁⏫🔼🔽🔺⏬"): r"[⏫🔼🔽🔺⏬]\ufe0f?"
    r" | [➕📅✅🛫⏳❌]\ufe0f?[ ]?\d{4}-\d\d-\d\d | 🔁\ufe0f?[ ]?every[ ][\w ]+",
    # what programs put around words
    "█|░|▒|▓": r"^.*[\u2588-\u2593]{3}.*$",  # a bar of progress
    "─|━|═": r"[\u2500-\u257f]{3,}",
    r":[a-z+][\w+-]*:(?!\S)": r"^(?:[ \t]*:[\w+-]+:[ \t]*\d+)+[ \t]*$"
    r" | (?<!\S):[a-z+][\w+-]*:(?!\S)",  # emoji by their names
    r"\n[> \t]*--[ ]\n": r"^(?P<signed>[ \t>]*)--[ ]$(?:\n(?P=signed)(?![ \t>]*$).+)*",
    r"\n\d{1,3}[ ]repl|\(edited\)": r"^(?:\d{1,3}[ ]repl(?:y|ies)|Last[ ]reply[ ].*)[ \t]*$"
    r" | [ \t]*\(edited\)[ \t]*$",
    rf"\[{_SENT}\]|撤回了": rf"^\[{_SENT}\][ \t]*$ | ^.{{1,24}}撤回了一条消息[ \t]*$",
    r"-->[ ]\d|\nWEBVTT": r"^WEBVTT[ -]* | ^(?:\d+\n)?[\d:.,]+[ ]-->[ ][\d:.,]+.*$ | <v[ ][^<>\n]*>",
    r"\n(?:View[ ]PDF|\[Submitted|Exported)": r"^(?:View[ ]PDF\b|\[Submitted[ ]on\b|Exported[ ]from\b).*$",
    r"\n\\\\": r"^\\\\(?:[ ]\(.*\))?[ \t]*$",  # arXiv's mails
}
"""What is hidden, behind a sign that stands wherever it does, "\n" where a line begins. Signs are
looked for first: a pattern of which each branch begins with one character is quick.
"""
_HIDDEN = lazy_pattern(
    rf"""
      (?P<fence>{_LINE}(?P<mark>{FENCE})[ \t]*(?P<info>[^\s`{{]*)[^`\n]*$
        (?:\n(?![ \t>]*(?P=mark)).*)*(?:\n[ \t>]*(?P=mark)[`~]*[ \t]*$)?)
    | (?P<query>`\$?=[ \t]*(?:this|dv|date)\b[^`\n]*`)
    | (?P<ticks>`+)(?:[^`\n]|(?!(?P=ticks)(?!`))`){{1,2000}}(?P=ticks)(?!`) | `+
    | \$\$[^$]{{1,4000}}\$\$ | \\\[(?!\\)(?:.|\n){{1,2000}}?\\\] | \$(?![\s$])[^$\n]{{0,500}}(?<!\s)\$(?!\d)
    | (?P<drop>{" | ".join(_HIDDEN_BY_SIGN.values())}
        | (?<![A-Za-z0-9+/=_.:%-])[A-Za-z0-9+/=_-]{{{MOST_WORD_CHARS},}}(?![A-Za-z0-9+/=_.:-]))
    | (?P<cloze>\{{\{{(?:c\d{{1,3}}::|cloze[ ]+)(?P<gap>[^{{}}\n]{{1,300}}?)(?:::[^{{}}\n]{{0,300}})?\}}\}})
    | (?P<cited>\[-?@[^\[\]\n]{{1,300}}\])
    """,
    re.VERBOSE | re.MULTILINE,
)
_SIGN = lazy_pattern("|".join([*_HIDDEN_BY_SIGN, r"\[-?@", r"`\$?=", "```", "~~~"]), re.VERBOSE)
_DIRECTIVE = lazy_pattern(r"[ \t>]*[`~]{3,}\{[\w:-]+\}")
_OPTION = lazy_pattern(r"^[ \t>]*(?::[\w-]+:|#\|).*$", re.MULTILINE)
_FEWEST_PARAGRAPHS, _HEADER_CHARS = 4, 8
"""A text that has pages has so many paragraphs, and what stands on each is that long."""


def may_hide(text: str) -> bool:
    """Whether something that no reader sees may stand in a text."""
    return bool(_SIGN.search(f"\n{text}")) or has_run(text, MOST_WORD_CHARS)


def without_hidden(text: str) -> str:
    """Return the text with blanks in place of what no reader sees."""
    if may_hide(text):
        text = _HIDDEN.sub(_hide, text)
    return _without_page_headers(text) if text.count("\n\n") >= _FEWEST_PARAGRAPHS else text


def _hide(match: re.Match[str]) -> str:
    if match["drop"] or match["query"]:
        return blank(match[0])
    if match["fence"]:
        return blank(match[0]) if match["info"] in _NO_WORDS else _code(match[0])
    if match["cloze"]:
        start, end = match.start("gap") - match.start(), match.end("gap") - match.start()
        return f"{' ' * start}{match['gap']}{' ' * (len(match[0]) - end)}"
    return match[0].replace(";", NO_STOP) if match["cited"] else match[0]


def _code(code: str) -> str:
    """Code with blanks in place of lines that nobody reads, and of the options of a directive."""
    if _DIRECTIVE.match(code):
        code = _OPTION.sub(lambda match: blank(match[0]), code)
    if len(code) < MINIFIED_CHARS:
        return code
    lines = code.split("\n")
    return "\n".join(blank(line) if len(line) > MINIFIED_CHARS else line for line in lines)


def _without_page_headers(text: str) -> str:
    """The text with blanks in place of lines that stand alone again and again, as what is printed
    on each page does.
    """
    paragraphs = text.split("\n\n")
    times = Counter(one for one in paragraphs if len(one) >= _HEADER_CHARS and "\n" not in one)
    if not times or max(times.values()) == 1:
        return text
    return "\n\n".join(blank(one) if times[one] > 1 else one for one in paragraphs)

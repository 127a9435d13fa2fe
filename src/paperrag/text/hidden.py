"""What no reader of a note sees, or what is data -> blanks, as many: comments, fields, drawers,
queries, drawings, ids of blocks, definitions of links, what programs put around the words that they
export. Code and formulas are stepped over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from paperrag.text.blobs import MINIFIED_CHARS, MOST_WORD_CHARS, blank, has_run
from paperrag.text.fields import holds_words
from paperrag.text.language import HAN_MARKS
from paperrag.text.markers import CARD_SIGN, FENCE, ITEM, TEXT_ENVIRONMENTS
from paperrag.text.patterns import any_of, lazy_pattern
from paperrag.text.wraps import WRAP

NO_STOP = "\x02"
"""A semicolon between citations, `[@a; @b]`, which ends no sentence."""

_NO_WORDS = frozenset(
    "dataview dataviewjs mermaid plantuml compressed-json excalidraw query tasks base chart button bibtex bib".split()
)
"""Languages of code that is a drawing, a query or fields."""
_DRAWERS = any_of("LOGBOOK PROPERTIES logbook properties".split())
_OPTIONS = any_of("class name label width height align alt open icon".split())
"""Of directives of MyST and reStructuredText."""
_SENT = any_of(
    "图片 表情 动画表情 语音 视频 文件 链接 位置 Image Photo Sticker Voice Video File".split()
)
"""What stands in a chat for what is no text."""
_UNDONE = any_of("deletion comment-start comment-end".split())
"""Of words of a text that Pandoc made of a document with its changes, those that its author took
out.
"""
_CLIPPED = any_of(["Added on", "添加于"])
_LINE = rf"^[ \t>]*(?:{ITEM}[ \t]+)?"
_HEADER = r"\**[^\W\d_][\w-]{0,15}:\**[ \t]+\S.*"
"""A line of the head of a mail."""

_IN_BRACKETS = {
    "{%": "%}",  # of templates
    "<%": "%>",
    "[:": "]",  # an area in a PDF, Logseq
    "[image:": "]",  # Bear
    "[file:": "]",
    "[name=": "]",  # HackMD
    "[time=": "]",
    "[color=": "]",
    "@{": "}",  # of boards
    "%%": "%%",
}
"""What opens and closes that which nobody reads."""
_MOST_IN_BRACKETS = 5000
_BEGINS_LINE = (
    *("% ", " tags:", "TARGET DECK", "export const ", "export default ", "WEBVTT"),
    *("View PDF", "[Submitted on ", "Exported from ", "Last reply ", "==⚠"),
    *(
        f"{planned}: {sign}"
        for planned in "SCHEDULED DEADLINE CLOSED CLOCK".split()
        for sign in "<["
    ),
)
"""What begins a line that nobody reads: of LaTeX and MyST, HackMD, Anki, MDX, arXiv, Slack, Org."""

_HIDDEN_BY_SIGN: tuple[tuple[str, str], ...] = (
    *(
        (
            re.escape(opening),
            rf"{re.escape(opening)}(?s:.){{1,{_MOST_IN_BRACKETS}}}?{re.escape(closing)}"
            if opening[0] in "%<"
            else rf"{re.escape(opening)}[^\[\]{{}}\n]{{1,300}}{re.escape(closing)}",
        )
        for opening, closing in _IN_BRACKETS.items()
    ),
    (rf"\n[ \t\#]*{any_of(_BEGINS_LINE)}", rf"^[ \t\#]*{any_of(_BEGINS_LINE)}.*$"),
    # comments
    (r"<!", r"<!--(?s:(?!<!--).)*?-->"),
    (r"<!", r"^[ \t]*<!--(?s:.)*\Z"),
    (r"%%", r"^[ \t]*%%[ \t]*$(?s:.)*\Z"),
    (r"\n[ \t]*\.\.[ ]", r"^[ \t]*\.\.[ ](?:\[?[\w-]+(?:::|\])|(?![\[_|]).*$)"),
    (r"<[sS][ctCT]", r"<(?P<raw>script|style)\b(?s:.)*?(?:</(?P=raw)\s*>|\Z)"),
    # fields and drawers
    (
        rf":{_DRAWERS}:",
        rf"{_LINE}:(?P<drawer>{_DRAWERS}):[ \t]*$"
        r"(?:\n(?![ \t>]*:(?i:end):).*){0,200}(?:\n[ \t>]*:(?i:end):[ \t]*$)?",
    ),
    (r"::", r"[\[(](?!fn:)(?P<inner>[A-Za-z_][\w-]*)::\s(?P<told>[^\[\]()\n]{1,300})[\])]"),
    (
        r"::",
        rf"^[ \t>]*(?!{ITEM}[ \t]+\S+::\**[ \t]*$)(?:{ITEM}[ \t]+)?\**"
        r"(?P<key>[A-Za-z_][\w./-]*(?:[ ][\w./-]+){0,3}|[^\W\da-zA-Z_]{1,12})\**::\**(?:[ \t](?P<property>.*))?$",
    ),
    (r"\#\+", rf"{_LINE}\#\+(?i:begin_query)\b(?s:.)*?(?:\#\+(?i:end_query)\b|\Z)"),
    (r"\#\+", rf"{_LINE}\#\+[A-Za-z_]+:?(?:[ \t].*)?$"),
    (
        r"\n[ \t]*@[A-Za-z]+\{",
        r"^[ \t]*@[A-Za-z]+\{[^\s{}]+,"
        r"(?:[ \t]*$(?:\n(?![ \t]*\}[ \t]*$).*){0,60}\n[ \t]*\} | [ \t]*\S.*\})[ \t]*$",
    ),
    (r"\nid:[ ][0-9a-f]{32}", r"^id:[ ][0-9a-f]{32}[ \t]*$(?:\n[a-z_]+:.*)+\Z"),  # Joplin
    (r"\n[ \t]*\{\"", r"^[ \t]*\{\"[^\n]*(?:\n[^\n]+)*?\}[ \t]*$(?=\n[ \t]*$|\Z)"),  # a canvas
    # definitions, ids, references
    (
        r"\]:",
        r"^[ \t>]{0,12}\[(?!\^)[^\[\]\n]{1,200}\]:[ \t]*(?:<[^<>\n]*>|\S+)"
        r"(?:[ \t]*\n?[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$",
    ),
    (r"<sup>\d", r"(?<=[.,;:!?。，；：！？])<sup>[\d,–-]+</sup>"),
    (r"\n[ \t]*\*\[", r"^[ \t]*\*\[[^\]\n]+\]:.*$"),
    (r"\(\[[A-Z][a-z]+[ ]\d", r"[ \t]*\(\[[A-Z][a-z]+[ ][\d:,.–-]+\]\([^()\n]*\)\)"),  # a place
    (
        r"\]\(https://(?:read\.)?readwise",
        r"[ \t—(]*\[[^\[\]\n]*\]\(https://(?:read\.)?readwise\.io/[^()\n]*\)\)?(?:[ ]—[ ]\w+:.*)?",
    ),
    (rf"\|[ ]{_CLIPPED}", rf"^-[ ].*[ ]\|[ ]{_CLIPPED}.*$"),  # Kindle
    (r"\[page[ ]\d", r"^[ \t]*\d+\.[ ]\w+[ ]\[page[ ]\d+\][^:\n]*:"),  # Mendeley
    (r"\(\(", r"(?<=\]\()\(\([\w-]{9,36}\)\)(?=\))"),
    (r"\(\(", r"\(\([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\)\)"),
    (r"\(\(", r"\(\((?=[\w-]*\d)[\w-]{9}\)\)"),
    (r"\n[ \t>]*\([\w.-]+\)=", r"^[ \t>]*\([\w.-]+\)=[ \t]*$"),
    (r"\}`", r"\{[\w:-]+\}(?=`)"),
    (r"\(@", r"^[ \t]*\(@[\w-]*\)"),  # Pandoc's examples
    (
        r"\^[\w-]+[ \t]*\n",
        rf"(?<![^ \t{HAN_MARKS}\n])\^(?=[\w-]*[A-Za-z-])[A-Za-z0-9-]+[ \t]*$",
    ),
    (r"\n[ \t]*[0-9a-f]{40}:", r"^[ \t]*[0-9a-f]{40}:[ \t].*$"),
    (
        r"20\d{10}",  # when a note was begun, its id
        r"(?<![\w/.-])20\d\d(?!00)[01]\d(?!00)[0-3]\d[0-2]\d[0-5]\d(?:[0-5]\d)?(?![\w.-])",
    ),
    (r"\]\(\#", r"^.*\]\(\#(?:top)?\)[ \t]*$"),
    # templates, components and what stands for what a program makes
    (r"\{\{", r"\{\{(?!c?\d{1,3}::|cloze[ ])(?:[^{}\n]|\{[^{}\n]*\}){1,500}\}\}"),
    (r"\{:", r"^[ \t]*(?:[-*+]|1\.)[ \t]+.*\n[ \t]*\{:toc\}"),
    (r"\[_?(?:toc|TOC)", r"^[ \t]*\[{1,2}_?(?i:toc)_?\]{1,2}[ \t]*$"),
    (
        r"\{[ ]?[.\#:-]",
        r"\{(?<![^\]]\]\{)[ ]?(?:[:\#.](?=[^{}\n]*[A-Za-z])[^{}\n]{1,300}|-)\}[ \t]*$",
    ),
    (r"\{:[ ][\w-]+=\"", r"(?<=[-*+][ ])\{:[ ](?:[\w-]+=\"[^\"\n]*\"[ ]?)+\}"),
    (r"\n[{}]{3}", r"^\{{3}(?:row|col)[ \t]*$|^\}{3}[ \t]*$"),  # SiYuan
    (r"\{[\w-]+=\"", r"\{(?:[\w-]+=\"[^\"\n]*\"[ ]?)+\}[ \t]*$"),
    (rf"\]\{{\.{_UNDONE}", rf"\[[^\[\]\n]*\]\{{\.{_UNDONE}\b[^{{}}\n]*\}}"),
    (r"\]\{\.insertion", r"\[(?=[^\[\]\n]*\]\{\.insertion)"),
    (r"\]\{\.insertion", r"\]\{\.insertion[^{}\n]*\}"),
    (r"\n[ \t>]*:::", r"^[ \t>]*:{3,}[ \t]*(?:\{[^{}\n]*\}|[\w.-]*)"),
    (rf":{_OPTIONS}:", rf"^[ \t>]*:{_OPTIONS}:.*$"),
    (r"\n\+\+\+", r"^\+\+\+(?:[ ]\{.*\})?[ \t]*$"),  # MyST
    (
        r"\n[ \t]*\\[a-z]+(?:\{\w+\})?(?:\[[^\n]*\])?[ \t]*\n",
        rf"^[ \t]*\\[a-z]+(?:\{{{any_of(TEXT_ENVIRONMENTS)}\}})?(?:\[[^\n]*\])?[ \t]*$",
    ),
    (
        r"\nimport[ \t]",
        r"^import[ \t][^\n'\"]{1,200}[ \t]from[ \t]['\"][^'\"\n]+['\"];?[ \t]*$",
    ),
    (
        r"\n[ \t]*</?[A-Za-z][^<>\n]*>[ \t]*\n",
        r"^[ \t]*<(?:/|(?=[A-Z]|[^<>\n]*=\"))[A-Za-z][\w.-]*(?:\s[^<>\n]*)?/?>[ \t]*$",
    ),
    (r";base64", r"data:[a-z]+/[\w.+-]+;base64,[A-Za-z0-9+/=%\s]{0,200}[A-Za-z0-9+/=%]*"),
    # cards and tasks
    (r"\n[ \t]*\?", r"^[ \t]*\?{1,2}[ \t]*$"),
    (";;", CARD_SIGN.pattern),
    (r"\nSTART", r"^STARTI?[ \t]*(?:\n\w+[ \t]*$|\[\w+\])"),
    (r"\nEND", r"^END[ \t]*$"),
    (r"ENDI", r"[ \t]ENDI[ \t]*$"),
    *((sign, r"[⏫🔼🔽🔺⏬]\ufe0f?") for sign in "⏫🔼🔽🔺⏬"),
    *((sign, r"[➕📅✅🛫⏳❌]\ufe0f?[ ]?\d{4}-\d\d-\d\d") for sign in "➕📅✅🛫⏳❌"),
    ("🔁", r"🔁\ufe0f?[ ]?every[ ][\w ]+"),
    # what programs put around words
    (r"%\|[\u2588-\u2593]", r"^.*%\|[\u2588-\u2593].*$"),  # a bar of progress
    *((sign, r"[\u2588-\u2593]{3,}(?:[ \t]*\d+[ ]?%)?") for sign in "█▉▊▋▌▍▎▏▐░▒▓"),
    *((sign, r"[\u2500-\u257f]{3,}") for sign in "─━═"),
    (r"\n[ \t]*:[a-z+]", r"^(?:[ \t]*:[\w+-]+:[ \t]*\d+)+[ \t]*$"),
    (r":[a-z+][\w+-]*:(?!\S)", r"(?<!\S):[a-z+][\w+-]*:(?!\S)"),  # emoji by their names
    (r"\n\d{1,3}[ ]repl", r"^\d{1,3}[ ]repl\w+[ \t]*$"),
    (r"\(edited\)", r"[ \t]*\(edited\)[ \t]*$"),
    (rf"\[{_SENT}\]", rf"^\[{_SENT}\][ \t]*$"),
    ("撤回了", r"^.{1,24}撤回了一条消息[ \t]*$"),
    (r"<v[ ]", r"<v[ ][^<>\n]*>"),  # who speaks
    (r"\n\\\\", r"^\\\\(?:[ ]\(.*\))?[ \t]*$"),  # arXiv's mails
    # mails
    (r"\n[> \t]*--[ ]?\n", r"^(?P<signed>[ \t>]*)--[ ]?$(?:\n(?P=signed)(?![ \t>]*$).+)*"),
    (
        r":\d\d[^\n]*[:：][ \t]*\n",  # who wrote what is quoted, on which day
        r"^(?=.*20\d\d).*\d:\d\d.*[:：][ \t]*$(?=\n[ \t>]*\n?[ \t>]*[>|])",
    ),
    (r"\n[ \t>]*---+[ ]?[^\W\d_]", r"^[ \t>]*-{3,}[ ]?[^\W\d_][^\n-]*-{3,}[ \t]*$"),
    (
        r"@\w",
        rf"(?<![^\n]\n)^(?=(?:{_HEADER}\n){{0,6}}[^\s:]{{1,20}}:[^\n]*\S@\S){_HEADER}(?:\n{_HEADER})+",
    ),
)
"""What is hidden, behind a sign that stands wherever it does, "\n" at both ends of the text. Signs
are looked for first, in a pattern of which each branch begins with another character, and no class.
"""


def _by_first(signs: Iterable[str]) -> str:
    """Return a pattern for any of some signs that tries those alone that begin as a text does."""
    behind: dict[str, list[str]] = {}
    for sign in signs:
        end = 2 if sign[0] == "\\" else 1
        behind.setdefault(sign[:end], []).append(sign[end:])
    return "|".join(f"{first}(?:{'|'.join(others)})" for first, others in behind.items())


def _by_line(patterns: Iterable[str]) -> str:
    """Return a pattern for the first of some, neighbours that begin a line tried there alone."""
    tried = []
    for is_of_line, group in groupby(dict.fromkeys(patterns), lambda one: one[0] == "^"):
        any_one = " | ".join(one.removeprefix("^") for one in group)
        tried.append(f"^(?:{any_one})" if is_of_line else any_one)
    return " | ".join(tried)


_HIDDEN = lazy_pattern(
    rf"""
      (?P<fence>{_LINE}(?P<mark>{FENCE})[ \t]*(?P<info>[^\s`{{]*)[^`\n]*$
        (?:\n(?![ \t>]*(?P=mark)).*)*(?:\n[ \t>]*(?P=mark)[`~]*[ \t]*$)?)
    | (?P<query>`\$?=[ \t]*(?:this|dv|date)\b[^`\n]*`)
    | (?P<ticks>`+)(?:[^`\n]|(?!(?P=ticks)(?!`))`){{1,2000}}(?P=ticks)(?!`) | `+
    | \$\$[^$]{{1,4000}}\$\$ | \\\[(?!\\)(?s:.){{1,2000}}?\\\] | \$(?![\s$])[^$\n]{{0,500}}(?<!\s)\$(?!\d)
    | (?P<when>\n*^(?:\d+\n)?[\d:.,]+[ ]-->[ ][\d:.,]+.*\n)(?P<said>.*(?:\n.+)*)
    | (?P<drop>{_by_line(pattern for _, pattern in _HIDDEN_BY_SIGN)}
        | (?<![A-Za-z0-9+/=_.:%-])[A-Za-z0-9+/=_-]{{{MOST_WORD_CHARS},}}(?![A-Za-z0-9+/=_.:-]))
    | (?P<cloze>\{{\{{(?:c?\d{{1,3}}::|cloze[ ]+)(?P<gap>[^{{}}\n]{{1,300}}?)(?:::[^{{}}\n]{{0,300}})?\}}\}})
    | (?P<field>[\[(][^\W\da-zA-Z_]{{1,12}}::[ \t](?P<value>[^\[\]()\n]{{1,300}})[\])](?=[ \t]*[^\s\[(]))
    | (?P<cited>\[-?@[^\[\]\n]{{1,300}}\])
    """,
    re.VERBOSE | re.MULTILINE,
)
_SIGN = lazy_pattern(
    _by_first([*dict(_HIDDEN_BY_SIGN), r"\[-?@", r"`\$?=", "```", "~~~", r"-->[ ]\d"]), re.VERBOSE
)
_DIRECTIVE = lazy_pattern(r"[ \t>]*[`~]{3,}\{(?P<name>[\w:-]+)\}")
_OF_CODE = frozenset("code math eval sourcecode parsed".split())
"""What names of directives begin with that hold no text."""
_SOUND = lazy_pattern(r"\[[^\[\]\n]*\]")
_OPTION = lazy_pattern(r"^[ \t>]*(?::[\w-]+:|#\|).*$", re.MULTILINE)
_FEWEST_PARAGRAPHS, _HEADER_CHARS = 4, 8
"""A text that has pages has so many paragraphs, and what stands on each is that long."""
_KEPT = 512
"""Texts of which it is kept whether something may hide in them: a node's is asked for twice."""


@lru_cache(maxsize=_KEPT)
def may_hide(text: str) -> bool:
    """Whether something that no reader sees may stand in a text."""
    return bool(_SIGN.search(f"\n{text}\n")) or has_run(text, MOST_WORD_CHARS)


def without_hidden(text: str) -> str:
    """Return the text with blanks in place of what no reader sees."""
    if may_hide(text):
        text = _HIDDEN.sub(_hide, text)
    return _without_page_headers(text) if text.count("\n\n") >= _FEWEST_PARAGRAPHS else text


def _hide(match: re.Match[str]) -> str:
    if match["property"] or match["told"]:
        return _property(match)
    if match["drop"] or match["query"]:
        return blank(match[0])
    if match["when"]:
        ends = WRAP if _has_stops(match.string) else "\n"
        return ends.ljust(len(match["when"])) + _subtitle(match["said"])
    if match["fence"]:
        directive = _DIRECTIVE.match(match[0])
        if (match["info"] or (directive and directive["name"])) in _NO_WORDS:
            return blank(match[0])
        is_text = directive and directive["name"].partition("-")[0] not in _OF_CODE
        return _directive(match[0]) if is_text else _code(match[0])
    if kept := "gap" if match["cloze"] else "value" if match["field"] else "":
        start, end = match.start(kept) - match.start(), match.end(kept) - match.start()
        return f"{' ' * start}{match[kept]}{' ' * (len(match[0]) - end)}"
    return match[0].replace(";", NO_STOP) if match["cited"] else match[0]


def _property(match: re.Match[str]) -> str:
    """A field with one colon if it holds words of its writer, else blanks."""
    key, value = match["key"] or match["inner"], match["property"] or match["told"]
    if not holds_words(key, value):
        return blank(match[0])
    text = match[0].replace("::", ": ", 1)
    return f" {text[1:-1]} " if match["told"] else text


@lru_cache(maxsize=1)
def _has_stops(subtitles: str) -> bool:
    """Whether sentences end with a mark, and not with what is shown at a time."""
    return any(line.endswith((".", "。")) for line in subtitles.split("\n"))


def _subtitle(said: str) -> str:
    """The words of a subtitle without sounds and dashes."""
    words = _SOUND.sub(lambda match: blank(match[0]), _HIDDEN.sub(_hide, said))
    lines = (f"  {line[2:]}" if line.startswith("- ") else line for line in words.split("\n"))
    return WRAP.join(lines)


def _directive(block: str) -> str:
    """What stands in a box of MyST, and its title: blanks in place of fences, options, files."""
    opening, _, inside = _OPTION.sub(lambda match: blank(match[0]), block).partition("\n")
    words, end, closing = inside.rpartition("\n")
    kind = _DIRECTIVE.match(opening)
    title = opening[kind.end() if kind else 0 :]
    shown = title if " " in title.strip() else blank(title)
    return f"{shown.rjust(len(opening))}\n{_HIDDEN.sub(_hide, words)}{end}{blank(closing)}"


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

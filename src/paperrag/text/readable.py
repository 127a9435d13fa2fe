"""A note's text -> the same text, as long as it was, in which only words are left to be read.

What no reader sees or what is data (comments, fields, drawers, queries, drawings, ids of blocks,
definitions of links, encoded pictures) becomes blanks, and the end of a wrapped line becomes
`WRAP`. Positions stay, so sentences found here are stretches of the text as it stands in its file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from paperrag.text.fields import without_headline_tags
from paperrag.text.front import front_matter_end
from paperrag.text.language import HAN, HAN_CHAR, HAN_MARKS
from paperrag.text.markers import FENCE, ITEM, TEXT_ENVIRONMENTS
from paperrag.text.patterns import any_of, lazy_pattern

WRAP = "\v"
"""Where a line was wrapped: a blank, or nothing between two Chinese characters."""

NO_STOP = "\x02"
"""A semicolon between citations, `[@a; @b]`, which ends no sentence."""

_NO_WORDS = frozenset(
    "dataview dataviewjs mermaid plantuml compressed-json excalidraw query tasks base chart button bibtex bib".split()
)
"""Languages of code that is a drawing, a query or fields."""
_DRAWERS = "LOGBOOK PROPERTIES logbook properties".split()
_PLANNED = "SCHEDULED DEADLINE CLOSED CLOCK".split()
"""Of Org and Logseq."""
_OPTIONS = "class name label width height align alt open icon".split()
"""Of directives of MyST."""
_HIGHLIGHTED = "View Location Page Time".split()
"""What Readwise says of where a highlight stands."""
_LINE = rf"^[ \t>]*(?:{ITEM}[ \t]+)?"
_HIDDEN = lazy_pattern(
    rf"""
      (?P<fence>{_LINE}(?P<mark>{FENCE})[ \t]*(?P<info>[^\s`{{]*)[^`\n]*$
        (?:\n(?![ \t>]*(?P=mark)).*)*(?:\n[ \t>]*(?P=mark)[`~]*[ \t]*$)?)
    | (?P<query>`\$?=[ \t]*(?:this|dv|date)\b[^`\n]*`)
    | (?P<ticks>`+)(?:[^`\n]|(?!(?P=ticks)(?!`))`){{1,2000}}(?P=ticks)(?!`) | `+
    | \$\$[^$]{{1,4000}}\$\$ | \\\[(?!\\)(?:.|\n){{1,2000}}?\\\] | \$(?![\s$])[^$\n]{{0,500}}(?<!\s)\$(?!\d)
    | (?P<drop><!--(?:[^<]|<(?!!--))*?--> | ^[ \t]*<!--(?:.|\n)*\Z
        | %%(?:.|\n){{0,5000}}?%% | ^[ \t]*%%[ \t]*$(?:.|\n)*\Z
        | <(?P<raw>script|style)\b(?:.|\n)*?(?:</(?P=raw)\s*>|\Z)
        | {_LINE}:(?P<drawer>{any_of(_DRAWERS)}):[ \t]*$
          (?:\n(?![ \t>]*:(?i:end):).*){{0,200}}(?:\n[ \t>]*:(?i:end):[ \t]*$)?
        | ^[ \t]*{any_of(_PLANNED)}:[ \t]*[<\[].*$
        | ^[ \t>]{{0,12}}\[(?!\^)[^\[\]\n]{{1,200}}\]:[ \t]*(?:<[^<>\n]*>|\S+)
          (?:[ \t]*\n?[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$
        | [ \t]*\(\[{any_of(_HIGHLIGHTED)}[ ][\w:-]+\]\([^()\n]*\)\)
        | (?<=\]\()\(\([\w-]{{9,36}}\)\)(?=\))
        | ^[ \t>]*\([\w.-]+\)=[ \t]*$ | \{{[\w:-]+\}}(?=`)
        | \(\((?:[0-9a-fA-F]{{8}}-(?:[0-9a-fA-F]{{4}}-){{3}}[0-9a-fA-F]{{12}}|(?=[\w-]*\d)[\w-]{{9}})\)\)
        | ^[ \t>]*(?:[-*+][ \t]+)?\#\+(?i:begin_query)\b(?:.|\n)*?(?:\#\+(?i:end_query)\b|\Z)
        | \{{\{{(?!c\d{{1,3}}::|cloze[ ])(?:[^{{}}\n]|\{{[^{{}}\n]*\}}){{1,500}}\}}\}} | \{{%[^%\n]{{1,300}}%\}}
        | <%(?:[^%]|%(?!>)){{1,500}}%>
        | [\[(](?!fn:)(?=[A-Za-z_][\w-]*::\s)[^\[\]()\n]{{1,300}}[\])]
        | @{{1,2}}\{{[\d:-]+\}}
        | ^[ \t>]*(?!{ITEM}[ \t]+\S+::\**[ \t]*$)(?:{ITEM}[ \t]+)?\**(?P<key>[A-Za-z_][\w./-]*|[^\W\da-zA-Z_]{{1,12}})\**::\**(?:[ \t].*)?$
        | ^[ \t>]*(?:[-*+][ \t]+)?\#\+[A-Za-z_]+:?(?:[ \t].*)?$
        | ^[ \t]*(?:[0-9a-f]{{40}}:[ \t]|==⚠).*$ | ^[ \t]*(?:[-*+]|1\.)[ \t]+.*\n[ \t]*\{{:toc\}}
        | ^[ \t]*@[A-Za-z]+\{{[^\s{{}},]+,[ \t]*$(?:\n(?![ \t]*\}}[ \t]*$).*){{0,60}}\n[ \t]*\}}[ \t]*$
        | ^[ \t]*\?{{1,2}}[ \t]*$
        | ^id:[ ][0-9a-f]{{32}}[ \t]*$(?:\n[a-z_]+:.*)+\Z
        | ^[ \t]*\*\[[^\]\n]+\]:.*$ | ^[ \t]*\\[a-z]+(?:\{{{any_of(TEXT_ENVIRONMENTS)}\}})?[ \t]*$
        | ^[ \t]*\.\.[ ][\w-]+::
        | ^STARTI?[ \t]*(?:\n\w+[ \t]*$|\[\w+\]) | ^TARGET[ ]DECK\b.*$ | (?:^END|[ \t]ENDI)[ \t]*$
        | (?:(?<=[ \t{HAN_MARKS}])|^)\^(?=[\w-]*[A-Za-z-])[A-Za-z0-9-]+[ \t]*$
        | ^[ \t]*(?:\[\[?_?(?i:toc)_?\]\]?|\{{:toc\}})[ \t]*$
        | \{{(?:[:\#.](?=[^{{}}\n]*[A-Za-z])[^{{}}\n]{{1,300}}|-)\}}[ \t]*$
        | ^[ \t>]*:{{3,}}[ \t]*(?:\{{[^{{}}\n]*\}}|[\w.-]*) | ^[ \t>]*:{any_of(_OPTIONS)}:.*$
        | ^import[ \t][^\n'"]{{1,200}}[ \t]from[ \t]['"][^'"\n]+['"];?[ \t]*$ | ^export[ \t]+(?:const|default)[ \t].*$
        | ^[ \t]*</?[A-Z][\w.]*(?:\s[^<>\n]*)?/?>[ \t]*$
        | data:[a-z]+/[\w.+-]+;base64,[A-Za-z0-9+/=%\s]{{0,200}}[A-Za-z0-9+/=%]*
        | (?<![A-Za-z0-9+/=_.:%-])[A-Za-z0-9+/=_-]{{200,}}(?![A-Za-z0-9+/=_.:-])
      )
    | (?P<cloze>\{{\{{(?:c\d{{1,3}}::|cloze[ ]+)(?P<gap>[^{{}}\n]{{1,300}}?)(?:::[^{{}}\n]{{0,300}})?\}}\}})
    | (?P<cited>\[-?@[^\[\]\n]{{1,300}}\])
    """,
    re.VERBOSE | re.MULTILINE,
)
_MAY_HIDE = lazy_pattern(
    r"</?[A-Z]| from ['\"]|export |(?:\n|^)[ \t]*(?:\?|\.\.[ ]|@[A-Za-z]+\{)|"
    + "|".join(
        re.escape(sign)
        for sign in (
            ":: %% #+ *[ `= `$= <! <s <S <% (( {{ {: {# {. {- {% ]: [@ [-@ ``` ~~~ data: [TOC [toc [_ ⚠"
            " @{ ::: )= }` START TARGET END"
        ).split()
        + [f"([{word}" for word in _HIGHLIGHTED]
        + [f":{word}:" for word in (*_OPTIONS, *_DRAWERS)]
        + [f"{word}:" for word in _PLANNED]
    )
)
"""Signs of what `_HIDDEN` finds: it is slow, and this is not."""
_DIRECTIVE = lazy_pattern(r"[ \t>]*[`~]{3,}\{[\w:-]+\}")
_OPTION = lazy_pattern(r"^[ \t>]*(?::[\w-]+:|#\|).*$", re.MULTILINE)
_ENDS_LINE = lazy_pattern(r"[\\^][\w-]+(?:\{\w+\})?[ \t]*$", re.MULTILINE)
_HASH = lazy_pattern(r"[0-9a-f]{40}:|id: [0-9a-f]{32}")
_HASH_CHARS = 32
_MOST_WORD_CHARS = 200
_MINIFIED_CHARS = 1000
_MINIFIED = lazy_pattern(rf"[!-~]{{{_MINIFIED_CHARS},}}")
_ENCODED_CHARS = 56
_ENCODED = lazy_pattern(
    rf"^(?:[ \t>]*[A-Za-z0-9+/]{{{_ENCODED_CHARS},}}={{0,2}}[ \t]*\n){{3,}}"
    r"(?:[ \t>]*[A-Za-z0-9+/]*={0,2}[ \t]*$)?",
    re.MULTILINE,
)
"""What machines wrote: runs without a blank, and lines of base64."""
_DEFINES = ("]:", "]: ")
_NOT_BLANK = lazy_pattern(r"[^\s]")

_LEAST_BLOB, _LEAST_ENCODED_LINES = 180, 3

KEPT = 512
"""Texts whose reading is kept: an entry is read several times while its file is."""

# --- wrapped lines --------------------------------------------------------------------------------

_OPENS_BLOCK = lazy_pattern(
    r"[ \t>\u3000]*(?:[-*+•●○▪►◆◇■□·＊－–—][ \t\u3000]|\d{1,9}[.)、）][ \t\u3000]?|[（(][^\s()（）]{1,3}[)）]|[①-⑳]"
    r"|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]{1,3}[，,、]|#{1,6}(?:\s|$)|`{3}|~{3}|\||\$\$|\\[\[\]]|\\(?:begin|end)\{"
    r"|[-*_=](?:[ \t]*[-*_=]){2,}[ \t]*$|\[[^\]]+\]:|<(?:/?(?:div|details|summary|table|tr|p|aside)\b|!--)|:::|!!!|!\[|https?://"
    r"|[\w .]{1,20}:(?:\s|$)|[\w .]{1,12}：|\*\*[^*]{1,24}[:：]?\*\*[:：]?)"
)
_STANDS_ALONE = lazy_pattern(r"#{1,6}\s|\||:{3}|!!!")
_ENDS_ALONE = lazy_pattern(r"(?:\]\([^()]*\)|[\w-]>|://\S+)$")
_LAST_SIGNS = ("  ", "\\", "]]", "|", ":", "：")
_QUOTE = lazy_pattern(r"[ \t]*(?:>[ \t]?)*[ \t]*")
_LEAST_COLUMNS, _LEAST_COLUMNS_OF_TWO, _MOST_COLUMNS = 40, 50, 130
_LEAST_COLUMNS_EVEN, _FEW_LINES = 24, 4
"""Of so many lines that are equally wide, as a column of print is."""
_WORD = lazy_pattern(rf"[{HAN}，。、；：]|[^\s{HAN}]+")
LEAST_BROKEN = 2
"""Words that a line end breaks, as in what is copied from a PDF; nobody breaks words by hand."""
_SHARE_OF_WRAPPED, _SLACK = 0.6, 4
_SHORT_LINE = 0.6
"""A line narrower than this share of the widest was ended by its writer."""
_WIDE = lazy_pattern(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\U0001f300-\U0003fffd]"
)
"""Characters of two columns, but for a few that seldom fill a line."""


@lru_cache(maxsize=KEPT)
def readable(text: str) -> str:
    """Return the text with blanks in place of all that is no words, and wrapped lines joined by
    WRAP.
    """
    end = front_matter_end(text)
    if end:
        text = _blank(text[:end]) + text[end:]
    text = without_headline_tags(without_blobs(text))
    if _may_hide(text):
        text = _HIDDEN.sub(_hide, text)
    return _joined(text) if "\n" in text else text


def _may_hide(text: str) -> bool:
    if _MAY_HIDE.search(text):
        return True
    if ("^" in text or "\\" in text) and _ENDS_LINE.search(text):
        return True
    if not has_run(text, _HASH_CHARS):
        return False
    return (":" in text and bool(_HASH.search(text))) or has_run(text, _MOST_WORD_CHARS)


def has_run(text: str, chars: int) -> bool:
    """Whether so many characters stand in a row without a blank; most are stepped over."""
    start = 0
    while start + chars <= len(text):
        blank = text.rfind(" ", start, start + chars)
        if blank < 0:
            window = text[start : start + chars]
            last = "" if window[-1].isspace() else window.split()[-1]
            if len(last) == chars:
                return True
            blank = start + chars - len(last) - 1
        start = blank + 1
    return False


def without_blobs(text: str) -> str:
    """Return the text with blanks in place of what machines wrote: minified and encoded runs."""
    if len(text) < _LEAST_BLOB:
        return text
    if text.count("\n") >= _LEAST_ENCODED_LINES and has_run(text, _ENCODED_CHARS):
        text = _ENCODED.sub(lambda match: _blank(match[0]), text)
    if has_run(text, _MINIFIED_CHARS):
        text = _MINIFIED.sub(_without_run, text)
    return text


def _without_run(match: re.Match[str]) -> str:
    """Blanks for a run, but for the label of a link and its brackets, or those of a definition."""
    run: str = match[0]
    defined, colon, _ = run[:_MOST_WORD_CHARS].partition("]:")
    if match.string.endswith(_DEFINES, 0, match.start()):
        return "<".ljust(len(run) - 1) + ">"
    if colon and "](" not in defined:
        return f"{defined}]:<".ljust(len(run) - 1) + ">"
    label, brackets, _ = run.partition("](")
    if not brackets:
        return _blank(run)
    return f"{label}](".ljust(len(run) - 1) + (")" if run.endswith(")") else " ")


def _hide(match: re.Match[str]) -> str:
    if match["drop"] or match["query"]:
        return _blank(match[0])
    if match["fence"]:
        return _blank(match[0]) if match["info"] in _NO_WORDS else _code(match[0])
    if match["cloze"]:
        start, end = match.start("gap") - match.start(), match.end("gap") - match.start()
        return f"{' ' * start}{match['gap']}{' ' * (len(match[0]) - end)}"
    return match[0].replace(";", NO_STOP) if match["cited"] else match[0]


def _code(code: str) -> str:
    """Code with blanks in place of lines that nobody reads, and of the options of a directive."""
    if _DIRECTIVE.match(code):
        code = _OPTION.sub(lambda match: _blank(match[0]), code)
    if len(code) < _MINIFIED_CHARS:
        return code
    lines = code.split("\n")
    return "\n".join(_blank(line) if len(line) > _MINIFIED_CHARS else line for line in lines)


def _blank(text: str) -> str:
    return _NOT_BLANK.sub(" ", text)


def _joined(text: str) -> str:
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
    words = line.lstrip(" \t>")
    return (
        not words
        or not below.strip(" \t>")
        or line.endswith(_LAST_SIGNS)
        or (words[0] in "#|:!" and bool(_STANDS_ALONE.match(words)))
        or ((line[-1] in ")>" or "://" in line) and bool(_ENDS_ALONE.search(line)))
        or bool(_OPENS_BLOCK.match(below))
        or line.count(">", 0, 8) != below.count(">", 0, 8)
    )


def _wrapped_ends(lines: Sequence[str]) -> list[bool]:
    """Of each line but the last, whether a writer's editor ended it, for the next word had no room.

    Wrapped lines are about equally wide and the last is no wider. What a writer put on lines of
    its own is of any length.
    """
    if len(lines) == 1:
        return []
    if any(map(_is_definition, lines)):
        return list(map(_is_definition, lines[1:]))
    if sum(map(_breaks_word, lines, lines[1:])) >= LEAST_BROKEN:
        return [True] * (len(lines) - 1)
    widths = [_columns(line) for line in lines]
    widest = max(widths)
    is_even = len(lines) >= _FEW_LINES and min(widths[:-1]) + _SLACK >= widest
    least = (
        _LEAST_COLUMNS_OF_TWO
        if len(lines) == 2
        else _LEAST_COLUMNS_EVEN
        if is_even
        else _LEAST_COLUMNS
    )
    if not least <= widest <= _MOST_COLUMNS or widths[-1] > max(widths[:-1]):
        return [False] * (len(lines) - 1)
    wrapped = [
        width + _SLACK + _first_word_columns(below) > widest
        for width, below in zip(widths, lines[1:], strict=False)
    ]
    if sum(wrapped) < _SHARE_OF_WRAPPED * len(wrapped) or _reads_apart(lines):
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


def _columns(line: str) -> int:
    line = line.rstrip()
    if line.isascii():
        return len(line.expandtabs(4))
    return len(line) + len(_WIDE.findall(line))


def _first_word_columns(line: str) -> int:
    word = _WORD.search(line.lstrip(" \t>"))
    return _columns(word[0]) if word else 0

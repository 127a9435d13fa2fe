"""What binds tighter than emphasis -> its words: escapes, code, formulas, tags, pictures, links.

Read from left to right by the sign that each begins with, as CommonMark does. What must not be read
again is set aside (`held`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from paperrag.text.held import hold
from paperrag.text.language import HAN
from paperrag.text.markers import BLOCK_TAGS, TEXT_ENVIRONMENTS
from paperrag.text.patterns import SCHEME, any_of, lazy_pattern

_INLINE_TAGS = frozenset(
    "a abbr b bdi bdo big cite code del dfn em font highlight i ins kbd mark q ruby rp rt samp small span "
    "strike strong sub sup tt u var wbr".split()
)
# A name of HTML that is also a token or a type, such as <s>, <video> or <data>, is a tag only with
# attributes.
_SELDOM_TAGS = frozenset(
    "audio data input label link meta object output s source svg template time video".split()
)
_GONE = "del strike rt rp".split()
"""Elements whose words are no words of the text: struck ones, and how others are pronounced."""
_TEXTUAL = frozenset("citet textcite Citet".split())
"""Citations that are words of a sentence; others stand behind it."""
_TYPES = frozenset(
    "textbf textit texttt textsc emph underline section subsection subsubsection paragraph".split()
)
_QUANTITIES = frozenset("SI qty num si unit".split())
"""Commands of siunitx."""
_POINTERS = frozenset("cite citep citealp parencite label ref eqref autoref".split())
_ATTRIBUTE = r"\s+(?:[A-Za-z_:@][\w:.-]*\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+)|[a-z]{4,})"
_TARGET = r"\((?:[^()\n]|\n(?!\s*\n)|\([^()\n]*\)){0,3000}\)"
_ATTRIBUTES = r"(?:\{(?=[:#.]|[\w-]+=)[^{}\n]{1,200}\})"
_LABEL = r"(?:[^\[\]\\]|\\.|\[[^\[\]]{0,400}\]){0,1000}"

_VERBOSE = re.VERBOSE | re.DOTALL
_TIGHT = {
    "\\": lazy_pattern(
        r"""
          (?<!\\\])\\(?P<math>\((?=[^\s\\]|\\[a-zA-Z{])(?:[^\\]|\\(?![()])){1,2000}\\\)
            |\[(?!\\)(?:[^\\]|\\(?![\[\]])){1,2000}\\\](?!\\\())
        | (?P<block>\\begin\{(?P<name>[A-Za-z]+\*?)\}(?P<within>.{0,4000}?)\\end\{(?P=name)\})
        | \\item\[(?P<put>[^\[\]\n]*)\]
        | \\(?P<command>[A-Za-z]+)\*?(?:\[[^\[\]\n]*\])*\{(?P<inside>[^{}\n]*)\}(?:\{(?P<unit>[^{}\n]*)\})?
        | \\(?P<escaped>[!-/:-@\[-`{-~])
        | \\(?=[\n\v]|\Z)
        """,
        _VERBOSE,
    ),
    "`": lazy_pattern(
        r"(?P<ticks>`+)(?P<code>[^`].{0,4000}?|)(?<!`)(?P=ticks)(?!`) | `+", _VERBOSE
    ),
    "$": lazy_pattern(
        r"\$\$(?P<display>[^$]{1,4000})\$\$"
        r" | \$(?P<dollar>(?![\s$])(?:[^$\\]|\\.){0,1000}?(?<!\s))\$(?!\d)",
        _VERBOSE,
    ),
    "<": lazy_pattern(
        rf"""
          <(?P<address>(?:https?|ftp|mailto|zotero|obsidian|file)://?[^\s<>]*|mailto:[^\s<>]*)>
        | <!--.{{0,1000}}?-->
        | <(?P<gone>{any_of(_GONE)})>.{{0,1000}}?</(?P=gone)>
        | <(?P<close>/?)(?P<tag>[a-z][a-z0-9]{{0,11}})(?P<with>(?:{_ATTRIBUTE})*)\s*/?>
        """,
        _VERBOSE | re.IGNORECASE,
    ),
    "!": lazy_pattern(
        rf"""
          (?P<embed>!\[\[[^\]\n]*\]\])
        | !\[(?P<alt>{_LABEL})\](?:{_TARGET}|\[[^\[\]\n]{{0,200}}\]){_ATTRIBUTES}?
        """,
        _VERBOSE,
    ),
    "[": lazy_pattern(
        rf"""
          \[\[(?P<button>[^\[\]\n]*)\]\]{_TARGET}
        | \[\[(?P<wiki>[^\[\]|#\n]*)(?:[#^][^\[\]|\n]*)?(?:\|(?P<alias>[^\[\]\n]*))?\]\]
        | \[(?:\^[^\]\s]{{1,60}}|fn:[\w-]{{1,60}})\]:?
        | \[fn:[\w-]*:[ \t]*(?P<aside>{_LABEL})\]
        | \[\[(?P<org>[^\[\]\n]{{1,1000}})\]\[(?P<told>[^\[\]\n]{{1,400}})\]\]
        | \[(?P<label>{_LABEL})\](?:{_TARGET}{_ATTRIBUTES}?|\[(?P<id>[^\[\]\n]{{0,200}})\]|{_ATTRIBUTES})
        """,
        _VERBOSE,
    ),
    "^": lazy_pattern(
        rf"\^\[(?P<aside>{_LABEL})\]"
        r" | (?<=[A-Za-z0-9\)])(?P<script>\^)(?P<low>[A-Za-z0-9+-]{1,8})\^(?![~^])",
        _VERBOSE,
    ),
    "~": lazy_pattern(r"(?<=[A-Za-z0-9\)])(?P<script>~)(?P<low>[A-Za-z0-9+-]{1,8})~(?![~^])"),
    "+": lazy_pattern(r"(?<![\w+])\+\+(?P<put>(?![\s+])[^+\n]{1,300}(?<!\s))\+\+"),
    "&": lazy_pattern(r"&(?P<entity>\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"),
}
"""What binds tighter than emphasis, by the sign that it begins with."""
_OPENING = lazy_pattern(r"[\\`$<!\[&~^+]")
_IS_MATH = lazy_pattern(r"\\[A-Za-z]|(?<!\\)[\^_={}]|^.{1,3}$", re.DOTALL)
_IS_NO_LABEL = lazy_pattern(r"[A-Za-z-]{2,12}[ '’]{0,2}\d{2,4}|.?")
"""`[ICLR24][oral]` is two remarks and `[A][B]` a pattern, no links."""
_QUOTE_SIGN = lazy_pattern(r"\n[ \t]*>[ \t]?")
PICTURE_TYPES = any_of("png jpg jpeg gif svg webp bmp".split())
"""Endings of the files of pictures."""

_PICTURES = (
    "image,img,picture,pic,photo,figure,fig,untitled,screenshot,alt,alt text,图,图片,截图".split(
        ","
    )
)
_LITTLE_SAID = lazy_pattern(
    rf"bg\b.*|{any_of(_PICTURES)}?[\W\d_]*|\S+\.{PICTURE_TYPES}(?:\|\d+)?"
    r"|[\w-]*\d{6,}[\w-]*|[0-9a-f-]{16,}",
    re.IGNORECASE,
)

_URL_CHAR = rf"[^\s<>()\u3000-\u303f\u2018-\u201d\uff00-\uffef{HAN}]"
URL = lazy_pattern(rf"<?{SCHEME}(?:{_URL_CHAR}|\({_URL_CHAR}*\))+>?")
HAS_LETTER = lazy_pattern(r"[^\W_]")


def read_tight(text: str, held: list[str], link_end: str = "") -> str:
    """Return a text with the words of what binds tight; `link_end` is put behind labels of links.

    held: takes what must stay as it is, see `held`.
    """
    return _Tight(held, link_end).read(text)


class _Tight:
    """Reads what binds tighter than emphasis; by the group of `_TIGHT` that matched last."""

    def __init__(self, held: list[str], link_end: str) -> None:
        self.held = held
        self.link_end = link_end

    def read(self, text: str) -> str:
        pieces, end = [], 0
        for opening in _OPENING.finditer(text):
            start = opening.start()
            if start >= end and (match := _TIGHT[opening[0]].match(text, start)):
                pieces += [text[end:start], self.kept(match)]
                end = match.end()
        return "".join([*pieces, text[end:]]) if pieces else text

    def kept(self, match: re.Match[str]) -> str:
        """What is left of a match, by the group that matched last."""
        return _WAYS.get(match.lastgroup, _Tight.rest)(self, match)

    def held_as(self, match: re.Match[str]) -> str:
        return self.hold(match[match.lastgroup or 0])

    def escaped(self, match: re.Match[str]) -> str:
        """A sign that means itself; LaTeX's thin blank."""
        return " " if match["escaped"] == "," else self.hold(match["escaped"])

    def code(self, match: re.Match[str]) -> str:
        return self.hold(_code(match["code"]))

    def command(self, match: re.Match[str]) -> str:
        """A command of LaTeX: what it sets in another type, nothing for a citation."""
        unit = (match["unit"] or "").replace("\\", " ")
        if match["command"] in _QUANTITIES:
            return self.hold(" ".join(f"{match['inside']} {unit}".split()))
        if match["command"] in _TYPES:
            return self.read(match["inside"]) + (match["unit"] or "")
        if match["command"] == "footnote":
            return f" ({self.read(match['inside'])})"
        if match["command"] in _TEXTUAL:
            return self.hold(match["inside"])
        return "" if match["command"] in _POINTERS else match[0]

    def display(self, match: re.Match[str]) -> str:
        return self.hold(_QUOTE_SIGN.sub("\n", match["display"]))

    def block(self, match: re.Match[str]) -> str:
        if match["name"] in TEXT_ENVIRONMENTS:
            return self.read(match["within"].replace("\\item", " "))
        return self.hold(match["block"])

    def aside(self, match: re.Match[str]) -> str:
        return f" ({self.read(match['aside'])})"

    def told(self, match: re.Match[str]) -> str:
        return self.read(match["told"]) + self.link_end

    def put(self, match: re.Match[str]) -> str:
        return self.read(match["put"])

    def low(self, match: re.Match[str]) -> str:
        return match["low"]

    def address(self, match: re.Match[str]) -> str:
        return self.link_end

    def entity(self, match: re.Match[str]) -> str:
        return self.hold(html.unescape(match[0]).replace("\xa0", " "))

    def hold(self, kept: str) -> str:
        return hold(kept, self.held)

    def math(self, match: re.Match[str]) -> str:
        inner = match["math"][1:-2]
        if match["math"][0] == "(" or _IS_MATH.search(inner):
            return self.hold(inner)
        return f"{self.hold('[')}{self.read(inner)}{self.hold(']')}"

    def tag(self, match: re.Match[str]) -> str:
        name = match["tag"].lower()
        if name in BLOCK_TAGS:
            return " "
        is_seldom = name in _SELDOM_TAGS and match["with"] and not match["close"]
        return "" if is_seldom or name in _INLINE_TAGS else match[0]

    def picture(self, match: re.Match[str]) -> str:
        return "" if _LITTLE_SAID.fullmatch(match["alt"]) else self.read(match["alt"])

    def wiki(self, match: re.Match[str]) -> str:
        return self.hold(match["alias"] or match["wiki"].rsplit("/", 1)[-1])

    def link(self, match: re.Match[str]) -> str:
        if match["id"] is not None and _IS_NO_LABEL.fullmatch(match["label"]):
            return match[0]
        if URL.fullmatch(match["label"]) or not HAS_LETTER.search(match["label"]):
            return self.link_end
        return self.read(match["label"]) + self.link_end

    def rest(self, match: re.Match[str]) -> str:
        """What has no words: a lone backtick stays, a comment is a blank, the rest is nothing."""
        if match[0][0] == "`":
            return match[0]
        return " " if match[0].startswith("<!") else ""


_WAYS: dict[str | None, Callable[[_Tight, re.Match[str]], str]] = {
    "ticks": _Tight.code,
    "code": _Tight.code,
    "escaped": _Tight.escaped,
    "inside": _Tight.command,
    "unit": _Tight.command,
    "math": _Tight.math,
    "display": _Tight.display,
    "dollar": _Tight.held_as,
    "with": _Tight.tag,
    "alt": _Tight.picture,
    "button": _Tight.address,
    "address": _Tight.address,
    "wiki": _Tight.wiki,
    "alias": _Tight.wiki,
    "name": _Tight.block,
    "within": _Tight.block,
    "block": _Tight.block,
    "aside": _Tight.aside,
    "told": _Tight.told,
    "put": _Tight.put,
    "low": _Tight.low,
    "label": _Tight.link,
    "id": _Tight.link,
    "entity": _Tight.entity,
}
"""What is done with a match, by the group that matched last."""


def _code(code: str) -> str:
    return code[1:-1] if len(code) > 2 and code[0] == code[-1] == " " and code.strip() else code

"""Markdown and LaTeX of notes -> HTML that can only be read.

Raw HTML is shown as text (bare tags such as <sup> are what they say), links lead to http(s) only,
wiki-links to notes by their name, formulas become MathML (no script, no font to fetch). Images
become links; in a whole note those of the vault are shown. A quote can be marked inside the text it
stands in.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.texmath import texmath_plugin

from paperrag.page.formulas import formula_html
from paperrag.text.language import HAN
from paperrag.text.markers import ITEM
from paperrag.text.patterns import lazy_pattern
from paperrag.text.tight import PICTURE_TYPES

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Private characters that stand around a quote while Markdown is parsed."""

_SENTINEL = lazy_pattern(f"[{_OPEN}{_CLOSE}]|%EE%80%8[01]", re.IGNORECASE)
_TAG = lazy_pattern(r"(<[^>]*>)")
_MARKER = lazy_pattern(rf"^[ \t]*(?:{ITEM}(?:[ \t]+|$))?")
_HEADING = lazy_pattern(r"^[ \t]{0,3}#{1,6}[ \t]+")
_BARE_URL = lazy_pattern(
    rf"https?://[^\s<>\"'`，。；：！？、（）《》【】{HAN}{_OPEN}{_CLOSE}]+", re.IGNORECASE
)
_WEB = lazy_pattern(r"https?://", re.IGNORECASE)
_PROGRAM = lazy_pattern(r"zotero://(?:select|open-pdf)/|obsidian://open\?", re.IGNORECASE)
"""Addresses at which programs of this machine show something; others of theirs may do more."""

_ELSEWHERE = lazy_pattern(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_WIKI = lazy_pattern(r"(!?)\[\[(?=[^\]\n]*[^\W\d_])([^\[\]\n|]+?)\\?(?:\|([^\[\]\n]*))?\]\](?!\()")
_PICTURE = lazy_pattern(rf"\.{PICTURE_TYPES}$", re.IGNORECASE)
_BARE_TAG = lazy_pattern(r"<(su[bp]|kbd|u|br)[ \t]*/?>", re.IGNORECASE)
"""What people write in Markdown for want of its own; without attributes it can do nothing."""

_TASK = lazy_pattern(r"\[([ xX])\][ \t]+")


def block_html(markdown: str, marked: Sequence[str] = (), attributes: str = "") -> str:
    """Return the HTML of an entry's text; the first occurrence of each passage in `marked` is
    marked.

    attributes: of the marks, such as 'class="x"'; not escaped.
    """
    text = _SENTINEL.sub("", markdown)
    for passage in filter(None, marked):
        text = text.replace(passage, f"{_OPEN}{passage}{_CLOSE}", 1)
    return _with_marks(str(_parser().render(_without_marker(text))), attributes)


def note_html(
    markdown: str,
    source: str,
    first: int = 1,
    here: int = 0,
    of: str = "",
    has_picture: Callable[[str], object] | None = None,
) -> str:
    """Return the HTML of a note or of a part of it, pictures of the vault shown.

    has_picture: whether the vault has one by a path; without it any is taken to be there.
    first: the line of the file at which the part begins. here: the line whose innermost block gets
    the class pr-here. of: what stands before the names of notes that wiki-links mean.
    """
    parser = _parser()
    env: dict[str, Any] = {"note": source, "of": of, "has_picture": has_picture}
    tokens = parser.parse(_SENTINEL.sub("", markdown), env)
    wanted = None
    for token in tokens:
        if token.type == "inline":
            _show_task(token)
        elif token.map and not token.hidden and token.map[0] <= here - first < token.map[1]:
            wanted = token
    if wanted:
        wanted.attrJoin("class", "pr-here")
    return str(parser.renderer.render(tokens, parser.options, env))


def _show_task(inline: Token) -> None:
    """Draw the box that a task begins with."""
    match = _TASK.match(inline.content)
    text = inline.children[0] if inline.children else None
    if match and text and text.type == "text":
        box = "☐ " if match[1] == " " else "☑ "
        text.content = box + text.content[match.end() :]


def inline_html(markdown: str) -> str:
    """Return the HTML of one line."""
    return str(_parser().renderInline(_SENTINEL.sub("", markdown)))


def link_html(url: str, label: str) -> str:
    """Return a link that opens in another tab, or in Zotero or Obsidian; its label alone if it
    leads elsewhere.
    """
    before, after = _link_tags(url)
    return f"{before}{html.escape(label)}{after}"


def _link_tags(url: str) -> tuple[str, str]:
    if _WEB.match(url):
        return f'<a href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">', "</a>"
    if _PROGRAM.match(url):
        return f'<a href="{html.escape(url)}" rel="noopener noreferrer">', "</a>"
    return '<span class="deadlink">', "</span>"


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = (
        MarkdownIt("commonmark", {"html": False, "breaks": True})
        .enable(["table", "strikethrough"])
        .disable("code")
    )
    parser.use(dollarmath_plugin, allow_space=True, allow_digits=False, double_inline=True)
    parser.use(texmath_plugin, delimiters="brackets")
    parser.inline.ruler.before("link", "wiki", _read_wiki)
    parser.inline.ruler.before("html_inline", "bare_tag", _read_bare_tag)
    rules: dict[str, Any] = {
        "link_open": _link_open,
        "link_close": _link_close,
        "image": _image,
        "wiki": _wiki,
        "text": _text,
    }
    rules |= dict.fromkeys(("math_inline", "math_single"), _math_inline)
    rules |= dict.fromkeys(
        ("math_inline_double", "math_block", "math_block_label", "math_block_eqno"), _math_block
    )
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


def _link_open(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    return _link_tags(_SENTINEL.sub("", str(tokens[index].attrGet("href") or "")))[0]


def _link_close(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    opening = next(
        token
        for token in reversed(tokens[:index])
        if token.type == "link_open" and token.level == tokens[index].level
    )
    return _link_tags(_SENTINEL.sub("", str(opening.attrGet("href") or "")))[1]


def _image(_: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """An image is a link to it: loading it would tell its server that the note was read. One of the
    vault is shown where its note is known.
    """
    token = tokens[index]
    url = _SENTINEL.sub("", str(token.attrGet("src") or ""))
    name = _SENTINEL.sub("", token.content) or url.rsplit("/", 1)[-1] or "image"
    if "note" in env and not _ELSEWHERE.match(url):
        return _picture_html(env, url, name)
    return f'<span class="image">{link_html(url, name)}</span>'


def _picture_html(env: dict[str, Any], path: str, name: str) -> str:
    """Return a picture of the vault, fetched from the page's server, which says where it
    may lie; its name where the vault has none.
    """
    if env["has_picture"] and not env["has_picture"](path):
        return f'<span class="image"><span class="deadlink">{html.escape(name)}</span></span>'
    address = f"paperrag/picture?note={quote(env['note'], safe='')}&path={quote(path, safe='%')}"
    return f'<img src="{html.escape(address)}" alt="{html.escape(name)}" loading="lazy">'


def _read_wiki(state: StateInline, silent: bool) -> bool:
    """Read [[Note#Heading|words]] and ![[picture.png]]."""
    match = _WIKI.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        token = state.push("wiki", "", 0)
        token.content = match[3] or match[2]
        token.meta = {"target": _SENTINEL.sub("", match[2]).strip(), "is_embedded": bool(match[1])}
    state.pos = match.end()
    return True


def _read_bare_tag(state: StateInline, silent: bool) -> bool:
    """Read <sup>…</sup> and its like, closed where it is opened, and <br>."""
    match = _BARE_TAG.match(state.src, state.pos)
    if not match:
        return False
    tag = match[1].lower()
    if tag == "br":
        if not silent:
            state.push("hardbreak", "br", 0)
        state.pos = match.end()
        return True
    end = state.src.lower().find(f"</{tag}>", match.end(), state.posMax)
    if end < 0:
        return False
    if not silent:
        state.push("bare_open", tag, 1)
        state.pos, state.posMax, after = match.end(), end, state.posMax
        state.md.inline.tokenize(state)
        state.posMax = after
        state.push("bare_close", tag, -1)
    state.pos = end + len(f"</{tag}>")
    return True


def _wiki(_: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A wiki-link opens the note that it names; what it names is looked up when it is opened."""
    token = tokens[index]
    target = token.meta["target"]
    if token.meta["is_embedded"] and _PICTURE.search(target):
        if "note" in env:
            return _picture_html(env, quote(target), target)
        return f'<span class="image">{html.escape(target)}</span>'
    name = html.escape(env.get("of", "") + target)
    return f'<button class="pr-wiki" data-act="note" data-entry="{name}">{html.escape(token.content)}</button>'


def _text(_: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Text, its bare URLs linked unless a link is open around it."""
    content = tokens[index].content
    depth = sum(
        (token.type == "link_open") - (token.type == "link_close") for token in tokens[:index]
    )
    return html.escape(content) if depth else _linked(content)


def _linked(text: str) -> str:
    pieces, position = [], 0
    for match in _BARE_URL.finditer(text):
        url = match[0].rstrip(".,;:!?)")
        pieces += [html.escape(text[position : match.start()]), link_html(url, url)]
        position = match.start() + len(url)
    return "".join([*pieces, html.escape(text[position:])])


def _math_inline(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    return formula_html(_SENTINEL.sub("", tokens[index].content))


def _math_block(
    _: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    focus = ' tabindex="0"' if "note" in env else ""  # a wide one is scrolled, also by keys
    return f'<span class="formula"{focus}>{formula_html(_SENTINEL.sub("", tokens[index].content), True)}</span>'


def _without_marker(text: str) -> str:
    """Return an entry's text as a block of its own: the first line's marker and the common indent
    taken off.
    """
    first, *rest = text.split("\n")
    body = _HEADING.sub("", first) if _HEADING.match(first) else _MARKER.sub("", first, count=1)
    indents = [len(line) - len(line.lstrip()) for line in rest if line.strip()]
    cut = min(indents, default=0)
    return "\n".join([body, *(line[min(cut, len(line) - len(line.lstrip())) :] for line in rest)])


def _with_marks(page: str, attributes: str) -> str:
    """Turn the private characters into <mark>, closed and opened again around every tag between
    them.
    """
    if _OPEN not in page:
        return _SENTINEL.sub("", page)
    start = f"<mark {attributes}>" if attributes else "<mark>"
    pieces, inside = [], False
    for piece in _TAG.split(page):
        if piece.startswith("<"):
            pieces.append(_SENTINEL.sub("", piece))
            continue
        for part in re.split(f"([{_OPEN}{_CLOSE}])", piece):
            if part in (_OPEN, _CLOSE):
                inside = part == _OPEN
            elif part:
                pieces.append(f"{start}{part}</mark>" if inside and part.strip() else part)
    return "".join(pieces)

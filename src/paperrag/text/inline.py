"""Inline Markdown -> the words that are read on screen: labels, code and formulas kept, marks gone.

One pass reads what binds tightest (escapes, code, formulas, tags, links) from left to right, as
CommonMark does, and sets aside what must stay unchanged; emphasis is taken from what is left, and
then what was set aside is put back. It is no full parser on purpose: a piece of a text with half a
link or a lone `**` must read well too, and Chinese writers put `**` where CommonMark sees none.
markdown-it's inline tokens were measured: they alone take 1.1 to 1.5 times as long, and one entry
in six of real notes (formulas, bare addresses, wiki links) needs rules beside them.
"""

from __future__ import annotations

from functools import lru_cache

from paperrag.text.emphasis import without_emphasis
from paperrag.text.fields import is_of_paper
from paperrag.text.held import LINK_END, put_back, without_strange
from paperrag.text.patterns import lazy_pattern
from paperrag.text.tight import HAS_LETTER, URL, read_tight

_MARK = lazy_pattern(r"[\\`$<!\[&*_~=^+]")
_URL_IN_BRACKETS = lazy_pattern(rf"[(（]\s*{URL.pattern}\s*[)）]|{URL.pattern}")


@lru_cache(maxsize=1024)
def plain_inline(text: str) -> str:
    """Return text with inline markup removed: labels, code, emphasis and LaTeX keep their words."""
    if text.isascii() and not _has_marks(text):
        return text
    held: list[str] = []
    return put_back(without_emphasis(set_aside(text, held)), held)


def up_to_link(text: str) -> str:
    """Return the words of a text up to the label of its first link, that included, or up to its
    first address; "" if it has none. Where no words stand there, or such as "paper", those behind.
    """
    held: list[str] = []
    words = put_back(without_emphasis(set_aside(text, held, LINK_END)), held)
    head, mark, rest = words.partition(LINK_END)
    if not mark:
        return ""
    names = HAS_LETTER.search(head) and not is_of_paper(head.strip(" \t[](),:：|·*-"))
    behind = rest.replace(LINK_END, "")
    return head if names or not HAS_LETTER.search(behind) else behind


def set_aside(text: str, held: list[str], link_end: str = "") -> str:
    """Return text without links, tags and escapes; what must stay as it is becomes one character
    each, that stands for its place in `held`. `link_end` is put behind labels of links.
    """
    if not text.isascii():
        text = without_strange(text, bool(held))
    text = read_tight(text, held, link_end)
    return _URL_IN_BRACKETS.sub(link_end, text) if may_hold_url(text) else text


def may_hold_url(text: str) -> bool:
    """Whether an address may stand in a text."""
    return "://" in text or "www." in text.lower()


def _has_marks(text: str) -> bool:
    """Whether a text may hold inline markup."""
    return bool(_MARK.search(text)) or may_hold_url(text)

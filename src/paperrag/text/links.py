"""Text -> links and venue tags. Recognises papers by the shape of their ids; asks no network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from paperrag.records import Link, Site
from paperrag.text.patterns import SCHEME, any_of, lazy_pattern

_TLD = any_of(
    "com org net io ai edu gov cn co dev info me app cc uk de fr jp ch eu ca au kr in sg hk tw".split()
)
# (?i:…) only where letters are: the large classes of characters take ten times longer to compile
# with IGNORECASE.
_URL_CHARS = r"[^\s<>\"'`\[\]{}|\\^\u3000-\u303f\u2018-\u201d\uff00-\uffef\u3400-\u9fff]"
_MARKDOWN_TARGET = lazy_pattern(
    r"\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+[\"'][^\"'\n]*[\"'])?\s*\)"
)
_BARE_URL = lazy_pattern(
    rf"{SCHEME}{_URL_CHARS}+|(?<![\w@./-])(?i:(?:[a-z0-9-]+\.)+{_TLD})/{_URL_CHARS}+"
)
_WITH_SCHEME = lazy_pattern(rf"{SCHEME}{_URL_CHARS}+")
_SCHEME = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DOMAIN = lazy_pattern(rf"(?:[a-z0-9-]+\.)+{_TLD}(?:[/:?#]|$)", re.IGNORECASE)
_TRAILING = ".,;:!?*_~"

REFERENCES = (
    *"references reference bibliography sources citations".split(),
    *"参考 参考文献 参考资料 引用 引用文献 来源".split(),
)
"""What stands over a list of what others wrote."""

_ARXIV_NEW = r"\d{4}\.\d{4,5}"
_ARXIV_OLD = r"[a-z-]+(?:\.[A-Z]{2})?/\d{7}"
_ARXIV = rf"(?:{_ARXIV_NEW}|{_ARXIV_OLD})"
_ARXIV_NAMED = lazy_pattern(rf"\barxiv[\s:：]*({_ARXIV})(?:v\d+)?\b", re.IGNORECASE)
_ARXIV_BRACKETED = lazy_pattern(
    r"(?<=[\[*])(\d\d(?:0[1-9]|1[0-2])\.\d{4,5})(?:v\d+)?(?=[\]*])(?!\]\()"
)
_BARE_ID = lazy_pattern(
    rf"(?<![\w./:-])(?:((?i:{_ARXIV}))(?i:v\d+)?(?![\w.]\w)|(10\.\d{{4,9}}/{_URL_CHARS}+))"
)
_MAY_BE_ID = lazy_pattern(r"\.\d")
_MAY_BE_HOST = lazy_pattern(r"\.[A-Za-z]{2,4}/")
_DOI_NAMED = lazy_pattern(rf"\b(?i:doi)\s*[:：]\s*(10\.\d{{4,9}}/{_URL_CHARS}+)")

_SITES: tuple[tuple[tuple[str, ...], Site, re.Pattern[str]], ...] = (
    (
        ("arxiv.org/", "xiv.", "huggingface.co/", "hf.co/"),
        "arxiv",
        lazy_pattern(
            rf"(?:arxiv\.org(?:/[\w-]+)?|(?:alphaxiv|ar5iv)\.(?:labs\.arxiv\.)?org/\w+|(?:huggingface|hf)\.co/papers)"
            rf"/({_ARXIV})",
            re.IGNORECASE,
        ),
    ),
    (
        ("10.48550/",),
        "arxiv",
        lazy_pattern(rf"10\.48550/arxiv\.({_ARXIV})", re.IGNORECASE),
    ),
    (
        ("openreview.net/",),
        "openreview",
        lazy_pattern(r"openreview\.net/[\w/]+\?(?:[^#]*&)?id=([\w-]+)"),
    ),
    (
        ("openreview.net/",),
        "openreview",
        lazy_pattern(r"openreview\.net/pdf/([0-9a-f]{40})(?:\.pdf)?"),
    ),
    (
        ("aclanthology.org/", "aclweb.org/"),
        "acl",
        lazy_pattern(r"acl\w+\.org/(?:anthology/)?([A-Z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+)"),
    ),
    (("doi.org/",), "doi", lazy_pattern(r"doi\.org/(10\.\d{4,9}/[^\s?#]+)")),
    (
        ("dl.acm.org/",),
        "doi",
        lazy_pattern(r"dl\.acm\.org/doi/(?:\w+/)?(10\.\d{4,9}/[^\s?#]+)"),
    ),
    (
        ("github.com/",),
        "github",
        lazy_pattern(r"(?<!gist\.)github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?:[/?#]|$)"),
    ),
)
"""What stands in any address of a site, in small letters, and where its ids are."""


@lru_cache(maxsize=512)  # an entry's links are looked for where its place is decided, too
def find_links(text: str) -> tuple[Link, ...]:
    """Return the links of a piece of Markdown in order of appearance, each once.

    Finds Markdown targets (with or without a scheme), bare and scheme-less URLs,
    "arXiv:2401.01234", "arXiv 2401.01234", "[2401.01234]" and "doi:10.…". A scheme-less URL is
    given https://.
    """
    if "/" not in text and not _MAY_BE_ID.search(text):
        return ()
    found: dict[str, tuple[int, Link]] = {}
    for position, url in _candidates(text):
        link = make_link(url)
        key = f"{link.site}:{link.identifier}" if link.identifier else link.url
        if key not in found or position < found[key][0]:
            found[key] = (position, link)
    return tuple(link for _, link in sorted(found.values(), key=lambda item: item[0]))


def find_paper_ids(text: str) -> list[str]:
    """Return the ids of papers and repositories that a text gives, in links or bare as one types
    them into a search box.
    """
    bare = (match[1] or _trim(match[2]) for match in _BARE_ID.finditer(text))
    return list(
        dict.fromkeys([*(link.identifier for link in find_links(text) if link.identifier), *bare])
    )


@lru_cache(maxsize=512)  # the target of a link reads as an address too
def make_link(url: str) -> Link:
    """Return the Link for a URL, with the paper's or repository's id where the site is known."""
    full_url = url if _SCHEME.match(url) else f"https://{url}"
    lower = full_url.lower()
    for signs, site, pattern in _SITES:
        if any(sign in lower for sign in signs) and (match := pattern.search(full_url)):
            return Link(full_url, site, match[1].removesuffix(".pdf"))
    return Link(full_url)


def _candidates(text: str) -> Iterator[tuple[int, str]]:
    lower = text.lower()
    if "](" in text:
        for match in _MARKDOWN_TARGET.finditer(text):
            if "://" in match[1] or _DOMAIN.match(match[1]):
                yield match.start(1), match[1]
    has_scheme = "://" in text or "www." in lower
    rest = _WITH_SCHEME.sub(" ", text) if has_scheme else text
    if has_scheme or "/" in rest:
        addresses = _BARE_URL if _MAY_BE_HOST.search(rest) else _WITH_SCHEME
        for match in addresses.finditer(text):
            yield match.start(), _trim(match[0])
    builders: tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...] = (
        ("arxiv", _ARXIV_NAMED, "https://arxiv.org/abs/{}".format),
        (".", _ARXIV_BRACKETED, "https://arxiv.org/abs/{}".format),
        ("doi", _DOI_NAMED, "https://doi.org/{}".format),
    )
    for sign, pattern, build in builders:
        if sign in lower:
            for match in pattern.finditer(text):
                yield match.start(), build(_trim(match[1]))


def _trim(url: str) -> str:
    """Cut trailing punctuation and unbalanced closing parentheses off a bare URL."""
    while url and (url[-1] in _TRAILING or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return _cut_at_unbalanced(url)


def _cut_at_unbalanced(url: str) -> str:
    if ")" not in url:
        return url
    depth = 0
    for position, char in enumerate(url):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            return url[:position]
    return url

"""Text -> links and venue tags. Recognises papers by the shape of their ids; asks no network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from paperrag.records import Link, Site

_TLD = "com|org|net|io|ai|edu|gov|cn|co|dev|info|me|app|cc|uk|de|fr|jp|ch|eu|ca|au|kr|in|sg|hk|tw"
# (?i:…) only where letters are: the large classes of characters take ten times longer to compile with IGNORECASE.
_URL_CHARS = r"[^\s<>\"'`\[\]{}|\\^\u3000-\u303f\u2018-\u201d\uff00-\uffef\u3400-\u9fff]"
_MARKDOWN_TARGET = re.compile(r"\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+[\"'][^\"'\n]*[\"'])?\s*\)")
_BARE_URL = re.compile(rf"(?i:https?://|www\.){_URL_CHARS}+|(?<![\w@./-])(?i:(?:[a-z0-9-]+\.)+(?:{_TLD}))/{_URL_CHARS}+")
_DOMAIN = re.compile(rf"(?:[a-z0-9-]+\.)+(?:{_TLD})(?:[/:?#]|$)", re.IGNORECASE)
_TRAILING = ".,;:!?*_~"

_ARXIV_NEW = r"\d{4}\.\d{4,5}"
_ARXIV_OLD = r"[a-z-]+(?:\.[A-Z]{2})?/\d{7}"
_ARXIV_NAMED = re.compile(rf"\barxiv[\s:：]*({_ARXIV_NEW}|{_ARXIV_OLD})(?:v\d+)?\b", re.IGNORECASE)
_ARXIV_BRACKETED = re.compile(r"\[(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v\d+)?\](?!\()")
_BARE_ID = re.compile(rf"(?<![\w./:-])(?:((?i:{_ARXIV_NEW}|{_ARXIV_OLD}))(?i:v\d+)?(?![\w.]\w)|(10\.\d{{4,9}}/{_URL_CHARS}+))")
_DOI_NAMED = re.compile(rf"\b(?i:doi)\s*[:：]\s*(10\.\d{{4,9}}/{_URL_CHARS}+)")

_SITES: tuple[tuple[Site, re.Pattern[str]], ...] = (
    (
        "arxiv",
        re.compile(
            rf"(?:arxiv\.org/(?:abs|pdf|html|ps|format|src|e-print)|(?:alphaxiv|ar5iv)\.(?:labs\.arxiv\.)?org/(?:abs|html|pdf)"
            rf"|huggingface\.co/papers|hf\.co/papers|arxiv\.org)/({_ARXIV_NEW}|{_ARXIV_OLD})",
            re.IGNORECASE,
        ),
    ),
    ("arxiv", re.compile(rf"10\.48550/arxiv\.({_ARXIV_NEW}|{_ARXIV_OLD})", re.IGNORECASE)),
    ("openreview", re.compile(r"openreview\.net/(?:forum|pdf|attachment|references/pdf)\?(?:[^#]*&)?id=([\w-]+)")),
    ("openreview", re.compile(r"openreview\.net/pdf/([0-9a-f]{40})(?:\.pdf)?")),
    ("acl", re.compile(r"aclanthology\.org/(?:anthology/)?([A-Z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+)")),
    ("acl", re.compile(r"aclweb\.org/anthology/([A-Z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+)")),
    ("doi", re.compile(r"doi\.org/(10\.\d{4,9}/[^\s?#]+)")),
    ("doi", re.compile(r"dl\.acm\.org/doi/(?:abs/|pdf/|full/)?(10\.\d{4,9}/[^\s?#]+)")),
    ("github", re.compile(r"github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?:[/?#]|$)")),
)

_VENUES = (
    "ICLR|ICML|NeurIPS|NIPS|AISTATS|UAI|COLT|COLM|TMLR|JMLR|ACML|AAAI|IJCAI|ECAI|ACL|EMNLP|NAACL|EACL|AACL|COLING|CoNLL|TACL"
    "|CVPR|ICCV|ECCV|WACV|BMVC|SIGGRAPH|TPAMI|IJCV|KDD|WWW|TheWebConf|SIGIR|CIKM|WSDM|ECIR|RecSys|ICDM|SIGMOD|VLDB|ICDE|CHI|UIST"
    "|ASPLOS|OSDI|SOSP|NSDI|EuroSys|ATC|MLSys|ISCA|MICRO|HPCA|SC|DAC|FAST|CCS|NDSS|ICASSP|Interspeech|INTERSPEECH|TASLP"
    "|CoRL|RSS|ICRA|IROS|MICCAI|Nature|Science|PNAS|Cell"
)
_VENUE = re.compile(rf"\[?(?<![A-Za-z])({_VENUES})(?:\s+Findings)?\s*['’]?\s*((?:19|20)\d{{2}}|\d{{2}})(?!\d)\]?")
# Two capitals tell a venue, [ICLR24] or [EuroSys24], from an author, [Zhang24].
_VENUE_TAG = re.compile(r"\[(?=[a-z]*[A-Z][a-z]*[A-Z])([A-Z][A-Za-z]{2,11})\s?['’]?((?:19|20)?\d{2})\]")


def find_links(text: str) -> tuple[Link, ...]:
    """Return the links of a piece of Markdown in order of appearance, each once.

    Finds Markdown targets (with or without a scheme), bare and scheme-less URLs, "arXiv:2401.01234", "arXiv 2401.01234",
    "[2401.01234]" and "doi:10.…". A scheme-less URL is given https://.
    """
    found: dict[str, tuple[int, Link]] = {}
    for position, url in _candidates(text):
        link = make_link(url)
        key = f"{link.site}:{link.identifier}" if link.identifier else link.url
        if key not in found or position < found[key][0]:
            found[key] = (position, link)
    return tuple(link for _, link in sorted(found.values(), key=lambda item: item[0]))


def find_paper_ids(text: str) -> list[str]:
    """Return the ids of papers and repositories that a text gives, in links or bare as one types them into a search box."""
    bare = (match[1] or _trim(match[2]) for match in _BARE_ID.finditer(text))
    return list(dict.fromkeys([*(link.identifier for link in find_links(text) if link.identifier), *bare]))


def make_link(url: str) -> Link:
    """Return the Link for a URL, with the paper's or repository's id where the site is known."""
    full_url = url if re.match(r"[a-z][a-z0-9+.-]*://", url, re.IGNORECASE) else f"https://{url}"
    for site, pattern in _SITES:
        if match := pattern.search(full_url):
            return Link(full_url, site, match[1].removesuffix(".pdf"))
    return Link(full_url)


def find_venue(text: str) -> str | None:
    """Return the first venue tag such as "ICLR 2024" ("[ICLR24]", "ASPLOS'24", "ICML2024"), or None."""
    match = _VENUE_TAG.search(text) or _VENUE.search(text)
    if not match:
        return None
    year = match[2] if len(match[2]) == 4 else f"20{match[2]}"
    return f"{match[1]} {year}"


def _candidates(text: str) -> Iterator[tuple[int, str]]:
    for match in _MARKDOWN_TARGET.finditer(text):
        if "://" in match[1] or _DOMAIN.match(match[1]):
            yield match.start(1), match[1]
    for match in _BARE_URL.finditer(text):
        yield match.start(), _trim(match[0])
    builders: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
        (_ARXIV_NAMED, "https://arxiv.org/abs/{}".format),
        (_ARXIV_BRACKETED, "https://arxiv.org/abs/{}".format),
        (_DOI_NAMED, "https://doi.org/{}".format),
    )
    for pattern, build in builders:
        for match in pattern.finditer(text):
            yield match.start(), build(_trim(match[1]))


def _trim(url: str) -> str:
    """Cut trailing punctuation and unbalanced closing parentheses off a bare URL."""
    while url and (url[-1] in _TRAILING or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return _cut_at_unbalanced(url)


def _cut_at_unbalanced(url: str) -> str:
    depth = 0
    for position, char in enumerate(url):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            return url[:position]
    return url

"""Text -> links and venue tags. Recognises papers by the shape of their ids; asks no network."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from paperrag.records import Link, Site
from paperrag.text.patterns import lazy_pattern

_TLD = "com|org|net|io|ai|edu|gov|cn|co|dev|info|me|app|cc|uk|de|fr|jp|ch|eu|ca|au|kr|in|sg|hk|tw"
# (?i:…) only where letters are: the large classes of characters take ten times longer to compile
# with IGNORECASE.
_URL_CHARS = r"[^\s<>\"'`\[\]{}|\\^\u3000-\u303f\u2018-\u201d\uff00-\uffef\u3400-\u9fff]"
_MARKDOWN_TARGET = lazy_pattern(
    r"\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+[\"'][^\"'\n]*[\"'])?\s*\)"
)
_BARE_URL = lazy_pattern(
    rf"(?i:https?://|www\.){_URL_CHARS}+|(?<![\w@./-])(?i:(?:[a-z0-9-]+\.)+(?:{_TLD}))/{_URL_CHARS}+"
)
_WITH_SCHEME = lazy_pattern(rf"(?i:https?://|www\.){_URL_CHARS}+")
_SCHEME = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DOMAIN = lazy_pattern(rf"(?:[a-z0-9-]+\.)+(?:{_TLD})(?:[/:?#]|$)", re.IGNORECASE)
_TRAILING = ".,;:!?*_~"

_ARXIV_NEW = r"\d{4}\.\d{4,5}"
_ARXIV_OLD = r"[a-z-]+(?:\.[A-Z]{2})?/\d{7}"
_ARXIV_NAMED = lazy_pattern(
    rf"\barxiv[\s:：]*({_ARXIV_NEW}|{_ARXIV_OLD})(?:v\d+)?\b", re.IGNORECASE
)
_ARXIV_BRACKETED = lazy_pattern(r"\[(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v\d+)?\](?!\()")
_BARE_ID = lazy_pattern(
    rf"(?<![\w./:-])(?:((?i:{_ARXIV_NEW}|{_ARXIV_OLD}))(?i:v\d+)?(?![\w.]\w)|(10\.\d{{4,9}}/{_URL_CHARS}+))"
)
_MAY_BE_ID = lazy_pattern(r"\.\d")
_MAY_BE_HOST = lazy_pattern(r"\.[A-Za-z]{2,4}/")
_DOI_NAMED = lazy_pattern(rf"\b(?i:doi)\s*[:：]\s*(10\.\d{{4,9}}/{_URL_CHARS}+)")

_SITES: tuple[tuple[tuple[str, ...], Site, re.Pattern[str]], ...] = (
    (
        ("arxiv.org/", "xiv.", "huggingface.co/", "hf.co/"),
        "arxiv",
        lazy_pattern(
            rf"(?:arxiv\.org/(?:abs|pdf|html|ps|format|src|e-print)|(?:alphaxiv|ar5iv)\.(?:labs\.arxiv\.)?org/(?:abs|html|pdf)"
            rf"|huggingface\.co/papers|hf\.co/papers|arxiv\.org)/({_ARXIV_NEW}|{_ARXIV_OLD})",
            re.IGNORECASE,
        ),
    ),
    (
        ("10.48550/",),
        "arxiv",
        lazy_pattern(rf"10\.48550/arxiv\.({_ARXIV_NEW}|{_ARXIV_OLD})", re.IGNORECASE),
    ),
    (
        ("openreview.net/",),
        "openreview",
        lazy_pattern(
            r"openreview\.net/(?:forum|pdf|attachment|references/pdf)\?(?:[^#]*&)?id=([\w-]+)"
        ),
    ),
    (
        ("openreview.net/",),
        "openreview",
        lazy_pattern(r"openreview\.net/pdf/([0-9a-f]{40})(?:\.pdf)?"),
    ),
    (
        ("aclanthology.org/",),
        "acl",
        lazy_pattern(r"aclanthology\.org/(?:anthology/)?([A-Z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+)"),
    ),
    (
        ("aclweb.org/",),
        "acl",
        lazy_pattern(r"aclweb\.org/anthology/([A-Z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+)"),
    ),
    (("doi.org/",), "doi", lazy_pattern(r"doi\.org/(10\.\d{4,9}/[^\s?#]+)")),
    (
        ("dl.acm.org/",),
        "doi",
        lazy_pattern(r"dl\.acm\.org/doi/(?:abs/|pdf/|full/)?(10\.\d{4,9}/[^\s?#]+)"),
    ),
    (
        ("github.com/",),
        "github",
        lazy_pattern(r"github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?:[/?#]|$)"),
    ),
)
"""What stands in any address of a site, in small letters, and where its ids are."""

_VENUES = tuple(
    "ICLR ICML NeurIPS AISTATS UAI COLM TMLR JMLR ACML AAAI IJCAI ECAI AAMAS ACL EMNLP NAACL EACL "
    "AACL IJCNLP COLING "
    "CoNLL TACL LREC CVPR ICCV ECCV WACV BMVC ACCV SIGGRAPH TPAMI IJCV TVCG MICCAI ISBI KDD ECML "
    "PAKDD SIGIR CIKM WSDM "
    "ECIR RecSys ICDM SIGMOD VLDB PVLDB ICDE EDBT CIDR CSCW UIST ASPLOS OSDI SOSP NSDI EuroSys "
    "SoCC HotOS MLSys HPCA HPDC "
    "IPDPS PPoPP ICCAD ISSCC SIGCOMM INFOCOM CoNEXT MobiCom MobiSys SenSys IPSN PLDI POPL OOPSLA "
    "ICFP ICSE ISSTA TACAS "
    "STOC FOCS ICALP ITCS PODC USENIX NDSS S&P EUROCRYPT ASIACRYPT ACSAC SaTML FAccT AIES ICASSP "
    "Interspeech ASRU ISMIR "
    "TASLP CoRL ICRA IROS RA-L RECOMB ISMB CogSci PNAS NEJM eLife".split()
)
# Words, and short for other things too: read in capitals or as here, and not before two figures
# apart (SC 16, Cell 12).
_WORDS = tuple(
    "COLT TIP SDM WWW PODS CHI IUI ATC ISCA MICRO PACT SC ICS SPAA DAC FPGA VLSI FAST IMC CGO FSE "
    "ASE MSR CAV SODA CCS "
    "CRYPTO RAID PETS SLT RSS HRI MIDL CHIL Nature Science Cell Lancet JAMA BMJ JACS PRL PRX".split()
)
_OTHER_NAMES = {
    "NIPS": "NeurIPS",
    "TheWebConf": "WWW",
    "USENIX Security": "USENIX",
    "Oakland": "S&P",
    "T-PAMI": "TPAMI",
    "Nature Communications": "Nature Communications",
    "Nat Commun": "Nature Communications",
    "Nature Methods": "Nature Methods",
    "Nature Medicine": "Nature Medicine",
    "Nature Biotechnology": "Nature Biotechnology",
    "Nature Machine Intelligence": "Nature Machine Intelligence",
    "Science Advances": "Science Advances",
    "Science Robotics": "Science Robotics",
    "Cell Reports": "Cell Reports",
    "PLOS ONE": "PLOS ONE",
    "ACM MM": "ACM MM",
    "SIGGRAPH Asia": "SIGGRAPH Asia",
}
"""Names of several words, and other names that venues go by -> the one name of each."""

VENUE_NAMES = (*sorted(_OTHER_NAMES, key=len, reverse=True), *_VENUES)
"""Names of venues that mean nothing else."""

_VENUE_OF = {name.lower(): name for name in (*_VENUES, *_WORDS)} | {
    name.lower(): venue for name, venue in _OTHER_NAMES.items()
}
_WORD_FORMS = frozenset((*_WORDS, *map(str.upper, _WORDS)))
_MOST_WORDS, _LOOK_BACK_CHARS = 3, 60
_NAME = r"[A-Za-z]+(?:[&-][A-Za-z]+)*"
_LONG_YEAR = r"(?:19[5-9]|20[0-4])\d"
# The year is looked for first and the name before it: to try two hundred names at every word takes
# thirty times longer.
_YEAR = lazy_pattern(
    rf"(?<=[A-Za-z\s'’‘`,(_-])(?:(?P<long>{_LONG_YEAR})(?!\d)"
    r"|(?<![,(])(?<![,(]\s)(?P<short>[0-37-9]\d)(?!\d|[.,:]\d|\s?[%篇个种页条次位人倍万]|(?!oral|spotlight|poster)[A-Za-z]))"
)
_FIGURES = lazy_pattern(r"\d\d+")
_BEFORE_YEAR = lazy_pattern(
    rf"(?<![A-Za-z])(?P<name>{_NAME}(?:\s[A-Za-z&]+){{0,4}})(?P<gap>\s?['’‘`]\s?|\s?[,(]\s?|[\s_-]?)$"
)
_TRACK = lazy_pattern(
    r"(?i:-HLT|-IJCNLP|\s(?:findings|workshops?|datasets and benchmarks(?: track)?|d&b))$"
)
_YEAR_FIRST = lazy_pattern(rf"(?<![A-Za-z\d./-])({_LONG_YEAR})\s?年?度?\s?的?\s?({_NAME})")
_JOURNALS = frozenset({"Nature", "Science", "Cell"})
_MAKES_A_SUBJECT = lazy_pattern(
    r"(?<![A-Za-z])(?!(?:in|at|the|and|to|from|by|via|see|journal)\s)[A-Za-z]+[ -]$", re.IGNORECASE
)
"""A word before Nature, Science or Cell that makes something else of it: Data Science, T Cell."""

_OPENING = ("[", "【")
# A venue not known here: two capitals tell it, [XYZ24] or [SpaNLP24], from an author, [Zhang24];
# its length from [ViT16].
_VENUE_TAG = lazy_pattern(
    r"\[([A-Z]{3,12}|(?=[A-Z][a-z]*[A-Z])[A-Za-z]{5,12})\s?['’]?((?:19|20)\d{2}|[0-3]\d)\]"
)


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


@lru_cache(maxsize=512)
def find_venue(text: str) -> str | None:
    """Return the venue a text was published at, such as "ICLR 2024" or "NeurIPS 2023", None if it
    says none.

    "[CVPR24 oral]", "CVPR'24", "(CVPR 2024)" and "CVPR_2024" are one. What opens a bracket goes
    before what is only mentioned; there also venues that are not known here are read, "[XYZ24]".
    """
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if not _FIGURES.search(text):
        return None
    mentions = {start: f"{venue} {year}" for start, venue, year in _mentions(text)}
    tags = {
        match.start(1): f"{match[1]} {_full_year(match[2])}"
        for match in (_VENUE_TAG.finditer(text) if "[" in text else ())
    }
    tags |= {
        start: mention for start, mention in mentions.items() if text[:start].endswith(_OPENING)
    }
    found = tags or mentions
    return found[min(found)] if found else None


def venue_and_year(text: str) -> list[tuple[str, int]]:
    """Return all venues that a text names with a year, each once and in order: [("CVPR", 2024),
    ("NEURIPS", 2023)].

    Names are in capitals, one for each venue (NIPS is NEURIPS). Only known venues are found, so
    "[GPT-4]", "ViT-16" and "CO2 2024" give none. "2024年ICLR" reads as "ICLR 2024".
    """
    found = sorted(_mentions(unicodedata.normalize("NFKC", text)))
    return list(dict.fromkeys((venue.upper(), year) for _, venue, year in found))


def _mentions(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield (start, venue, year) of each mention of a known venue."""
    starts = set()
    figures = [match.start() for match in _FIGURES.finditer(text)]
    for match in filter(None, (_YEAR.match(text, at) for at in figures)):
        before = _BEFORE_YEAR.search(text, max(0, match.start() - _LOOK_BACK_CHARS), match.start())
        if before and (
            known := _known_venue(
                before["name"], is_loose=bool(match["short"]) and before["gap"].isspace()
            )
        ):
            start = before.start() + known[0]
            starts.add(start)
            if known[1] not in _JOURNALS or not _MAKES_A_SUBJECT.search(
                text, max(0, start - _LOOK_BACK_CHARS), start
            ):
                yield start, known[1], _full_year(match[0])
    for match in filter(None, (_YEAR_FIRST.match(text, at) for at in figures)):
        if match.start(2) not in starts and (known := _known_venue(match[2], is_loose=True)):
            yield match.start(2), known[1], int(match[1])


def _known_venue(words: str, is_loose: bool) -> tuple[int, str] | None:
    """Return where in some words the venue stands that they end in, and its name; None if they end
    in none.

    is_loose: names that are words as well do not count.
    """
    words = _TRACK.sub("", words)
    starts = [0, *(match.end() for match in re.finditer(r"\s", words))]
    for start in starts[-_MOST_WORDS:]:
        name = " ".join(words[start:].split())
        venue = _VENUE_OF.get(name.lower())
        is_word = venue in _WORDS and name.lower() == venue.lower()
        if venue and not (is_word and (is_loose or name not in _WORD_FORMS)):
            return start, venue
    return None


def _full_year(figures: str) -> int:
    return (
        int(figures) if len(figures) == 4 else int(figures) + (2000 if int(figures) < 70 else 1900)
    )


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
        ("[", _ARXIV_BRACKETED, "https://arxiv.org/abs/{}".format),
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

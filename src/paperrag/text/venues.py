"""Venues of publication in text, with their years, and what each is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from paperrag.text.dates import MONTH
from paperrag.text.patterns import SURE_YEAR, YEAR, YEAR_ALONE, any_of, lazy_pattern

AWARD = lazy_pattern(r"\bbest[ -](?:student[ -])?paper\b|最佳(?:学生)?论文", re.IGNORECASE)
"""How notes mark a paper that won an award."""

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

VENUE_NAMES = (*_OTHER_NAMES, *_VENUES)
"""Names of venues that mean nothing else."""

_VENUE_OF = {name.lower(): name for name in (*_VENUES, *_WORDS)} | {
    name.lower(): venue for name, venue in _OTHER_NAMES.items()
}
_WORD_FORMS = frozenset((*_WORDS, *map(str.upper, _WORDS)))
_MOST_WORDS, _LOOK_BACK_CHARS = 3, 60
_NAME = r"[A-Za-z]+(?:[&-][A-Za-z]+)*"
# The year is looked for first and the name before it: to try two hundred names at every word takes
# thirty times longer.
_YEAR = lazy_pattern(
    rf"(?<=[A-Za-z\s'’‘`,(_-])(?:(?P<long>{SURE_YEAR})(?!\d)"
    r"|(?<![,(])(?<![,(]\s)(?P<short>[0-37-9]\d)(?!\d|[.,:]\d|\s?[%篇个种页条次位人倍万]|(?!oral|spotlight|poster)[A-Za-z]))"
)
_FIGURES = lazy_pattern(r"\d\d+")
_BEFORE_YEAR = lazy_pattern(
    rf"(?<![A-Za-z])(?P<name>{_NAME}(?:\s[A-Za-z&]+){{0,4}})(?P<gap>\s?['’‘`]\s?|\s?[,(]\s?|,?\s{MONTH}\s|[\s_-]?)$"
)
_TRACK = lazy_pattern(
    r"(?i:-HLT|-IJCNLP|\s(?:findings|workshops?|datasets and benchmarks(?: track)?|d&b))$"
)
_YEAR_FIRST = lazy_pattern(rf"(?<![A-Za-z\d./-])({SURE_YEAR})\s?年?度?\s?的?\s?({_NAME})")
_LEADS = "in at the and to from by via see journal".split()
_JOURNALS = frozenset({"Nature", "Science", "Cell"})
_MAKES_A_SUBJECT = lazy_pattern(
    rf"(?<![A-Za-z])(?!{any_of(_LEADS)}\s)[A-Za-z]+[ -]$", re.IGNORECASE
)
"""A word before Nature, Science or Cell that makes something else of it: Data Science, T Cell."""

_THING = lazy_pattern(
    rf"(?<![^\W_])(?:the|this|an?|our)\s(?:{SURE_YEAR}\s)?[A-Z]\w*\s(?:{SURE_YEAR}\s)?"
    r"(?!\d|papers?|work|best|oral|spotlight|poster|conference|workshop|version|proceedings)[^\W_]",
    re.IGNORECASE,
)
"""What is called by a venue and did not appear there: the CVPR 2017 challenge."""

_OPENING = ("[", "【")
# A venue not known here: two capitals tell it, [XYZ24] or [SpaNLP24], from an author, [Zhang24];
# its length from [ViT16].
_VENUE_TAG = lazy_pattern(
    rf"\[([A-Z]{{3,12}}|(?=[A-Z][a-z]*[A-Z])[A-Za-z]{{5,12}})\s?['’]?({YEAR}|[0-3]\d)\]"
)


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
    for thing in _THING.finditer(text) if mentions else ():
        mentions = {
            at: venue for at, venue in mentions.items() if not thing.start() < at < thing.end()
        }
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


def is_venue(name: str) -> bool:
    """Whether a name is that of a known venue, case aside."""
    return name.lower() in _VENUE_OF


def read_year(value: object) -> int | None:
    """Return the first year (1900-2099) in a value that is no part of a longer number, None if
    there is none.
    """
    match = YEAR_ALONE.search(str(value or ""))
    return int(match[0]) if match else None


def _mentions(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield (start, venue, year) of each mention of a known venue."""
    starts = set()
    figures = [match.start() for match in _FIGURES.finditer(text)]
    for match in filter(None, (_YEAR.match(text, at) for at in figures)):
        before = _BEFORE_YEAR.search(text, max(0, match.start() - _LOOK_BACK_CHARS), match.start())
        if before is None or (match["short"] and before["gap"][-2:-1].isalpha()):  # ICML, July 17
            continue
        is_loose = bool(match["short"]) and before["gap"].isspace()
        if known := _known_venue(before["name"], is_loose):
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

"""The shapes of titles: which name a work, which are sentences, what the name is. Knows no tree.

Nothing here lists words of a field: a name is told by capitals, figures, dates and what stands
behind it, a sentence by its length and its marks.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

from paperrag.notes.bylines import cites_in_chinese, read_byline, split_byline
from paperrag.records import Entry
from paperrag.text.citations import cited_at_head, dated_citation
from paperrag.text.folding import letters
from paperrag.text.language import has_han
from paperrag.text.markup import plain_text
from paperrag.text.patterns import ASIDE_BEHIND, YEAR, lazy_pattern
from paperrag.text.progress import rating_in
from paperrag.text.venues import find_venue, read_year

_TITLE_WORD = lazy_pattern(r"[^\W\d_][\w'’-]*")
NAME_CHARS = 60
"""A longer title without a link is a sentence."""

BARE_LETTERS = 12
"""Letters that a text may have beside a name and say nothing of it: a venue tag or a year."""

NAME_WORDS, TITLE_WORDS, TITLE_CASE = 4, 4, 0.8
"""Words of a name at most and of a title at least, and the share of these with a capital. By hand;
`benchmarks/works.py` counts the papers that are told so.
"""

_SENTENCE_WORDS, _SHORT_WORD_CHARS = 5, 3

_LINK = lazy_pattern(r"\[\[[^\]\n]*\]\]|\[[^\]\n]*\]\([^)\n]*\)")
_LEADS_TO_LINKS = lazy_pattern(
    r"^[^\[\]\n:：→,，。]{1,20}(?:[:：→]|->)(?=\s*\[\[)|(?<=[·|])[^\[\]\n:：→,，。]{1,20}[:：→](?=\s*\[\[)",
    re.MULTILINE,
)
_LABELS_BEHIND = lazy_pattern(r"(?:\s*\[[A-Za-z][\w .-]{1,19}\])+\s*$")
_NAME_BEHIND_BYLINE = lazy_pattern(
    r"[\s>*+-]*(?:\d+[.)]\s)?([^\[\]\n]{3,}?)\s*\[([^\[\]\n]{4,})\]\("
)
_COLON_OF_FILE = lazy_pattern(r"(?<=\w)_ (?=\w)")
"""What stands for a colon in names of files, which may hold none."""

_ASIDE = lazy_pattern(ASIDE_BEHIND)
_SENTENCE_MARK = lazy_pattern(r"[:：，。；]|, ")
_SEPARATOR = lazy_pattern(
    r"(?!(?<=\d):\d)[:：—–(（,，。.-](?:(?<=[:：—–(（,，。])|(?<=-)(?:-|(?<=\s-)\s)|(?<=\.)\s(?=[a-z]))"
)
_DASHED = lazy_pattern(r"(\S.*?)\s*(?:\s[-–]\s|[—–]{1,2})\s*(\S.*)")
_COLON = lazy_pattern(r"\s*[:：]\s*")
_COINED = lazy_pattern(
    r"(?=[\w.+-]*[A-Z])[A-Za-z]+[\w.+-]*(?:[a-z-][A-Z]|[A-Z][a-z]*[A-Z])[\w.+-]*|[A-Z]\w*\+\w*"
    r"|[A-Za-z]+-?\d[\w.+-]*|[A-Z]\d[A-Z]\w*"
)
_MIXED = lazy_pattern(r"[a-z].*[A-Z]|[A-Z].*[A-Z].*[a-z]|\d|\+")
_CAPITAL = lazy_pattern(r"^[\W\d_]*(?:《|[A-Z])")
_RESULT = lazy_pattern(r"[^:：=]{1,40}[:：=]\s*[~≈<>±]*\d[\d.,]*\s?[^\s\d(（/]{0,8}\s*(?:[(（].*)?")
_ASKS = ("?", "？")
_LEAD_IN = lazy_pattern(r"[A-Z][a-z]+,\s[a-z]")
_VENUE_TAG = lazy_pattern(r"\s*[\[【(（][^\]】)）]*\d[\]】)）]\s*")
_DATED_FILE = lazy_pattern(rf"^\d{{4}}-\d{{2}}-\d{{2}}[-_ ]+(?=\S)|^({YEAR})[-_ ]+(?=\D)")
_YEAR_FIRST = lazy_pattern(rf"^{YEAR}\s+(?=[A-Z])")
_LABELLED_LINK = lazy_pattern(r"\[[^\[\]\n]{0,20}\]\([^)\n]*\)")
_DATE_ALONE = lazy_pattern(rf"[\d\W_]*{YEAR}[\d\W_]*")
INDEX_STEMS = frozenset({"readme", "read", "index", "_index", "moc", "contents", "目录", "索引"})
"""File names that say nothing of what the file is about."""


@lru_cache(maxsize=8192)  # the names of works are compared at every question
def is_sentence(title: str) -> bool:
    """Whether a title without a link reads as a sentence or remark rather than as a name."""
    return len(title) > NAME_CHARS or bool(_SENTENCE_MARK.search(_ASIDE.sub("", title)))


@lru_cache(maxsize=1024)
def is_strong_name(title: str) -> bool:
    """Whether a title surely begins with the name of a work: a coined word (KVMerger, H2O, vLLM)
    before anything else, or an author with a year.
    """
    if _cited_year(title):
        return True
    if is_result(title):
        return False
    if "]" in title or ")" in title or "】" in title or "）" in title:
        title = _VENUE_TAG.sub(" ", title).strip()
    words = head(title).split()
    if not words or len(words) >= NAME_WORDS:
        return False
    if len(words) == 1:
        return is_coined(words[0])
    coined = (word for word in words if is_coined(word) and _MIXED.search(word))
    return any(coined) and not has_han(" ".join(words))


def is_result(title: str) -> bool:
    """Whether a title is a label with its figure, such as a measure or a setting: DROP: 83.0."""
    told = _RESULT.fullmatch(title)
    return told is not None and read_year(title) is None and rating_in(title) is None


def is_coined(name: str) -> bool:
    """Whether a name is one coined word: KVMerger, H2O, LoRA+."""
    return bool(_COINED.fullmatch(name))


def _cited_year(text: str) -> int | None:
    """Return the year of the citation in a text, at its head or with "et al.", None without one."""
    if "19" not in text and "20" not in text:
        return None
    cited = dated_citation(text)
    return cited.year if cited else cited_at_head(text).dated


def is_bylined(title: str) -> bool:
    """Whether a title says who wrote it and when: "IPS (Schnabel et al., ICML 2016)"."""
    byline = split_byline(title)[1]
    return (byline is not None and byline.year is not None) or cites_in_chinese(title)


def is_cited(title: str) -> bool:
    """Whether a title begins with who wrote a paper, and when: "Tern & Ibis 2014 Lamps"."""
    return cited_at_head(title).dated is not None or cites_in_chinese(title)


@lru_cache(maxsize=1024)
def is_title(title: str) -> bool:
    """Whether most longer words are capitalised, as in titles of papers and not in sentences."""
    words = [word for word in _TITLE_WORD.findall(title) if len(word) > _SHORT_WORD_CHARS]
    capitals = sum(word[0].isupper() for word in words)
    return len(words) >= TITLE_WORDS and capitals >= TITLE_CASE * len(words)


def is_weak_name(title: str) -> bool:
    """Whether a title may name a work: a capital or 《 begins it and it is no sentence."""
    if not _CAPITAL.match(title) or _LEAD_IN.match(title) or title.endswith(_ASKS):
        return False
    if is_result(title):
        return False
    if title.startswith("@") and not any(map(str.isdigit, title)):
        return False  # somebody who is told something
    words = head(title).split()
    return len(words) < _SENTENCE_WORDS or is_title(title) or has_han(title)


@lru_cache(maxsize=1024)
def head(title: str) -> str:
    """Return what stands before the first colon, dash, bracket or comma of a title."""
    title = title.strip(" *★☆·-")
    separator = _SEPARATOR.search(title)
    return (title[: separator.start()] if separator else title).strip()


def name_of(title: str) -> str:
    """Return the name in a title: what stands before the colon where a remark follows it, the
    whole title where the title of a paper does.
    """
    title = split_byline(_YEAR_FIRST.sub("", without_labels(title)))[0]
    title = _VENUE_TAG.sub(" ", title).strip(" ★☆*") or title
    before, colon, after = _first_colon(title)
    if colon and (has_han(after) or not after[:1].isupper()) and before:
        return before
    dash = _DASHED.match(title)
    is_remark = (
        dash
        and not is_title(dash[2])
        and (len(dash[2].split()) >= _SENTENCE_WORDS - 1 or has_han(dash[2]))
    )
    return dash[1] if dash and is_remark and len(dash[1].split()) <= NAME_WORDS else title


def without_labels(title: str) -> str:
    """Return a title without the labels of links in brackets behind it, and brackets never opened,
    "WickNet [arXiv] [code]", and with colons where a name of a file has "_ ".
    """
    if "]" not in title and "_ " not in title:
        return title
    kept = _COLON_OF_FILE.sub(": ", _LABELS_BEHIND.sub("", title) or title)
    return kept.rstrip("] ") if kept.count("]") > kept.count("[") else kept


def name_behind_byline(line: str) -> str:
    """Return the label of a link with nothing but its byline before it, "" for none:
    "Ines Tern, et al., CHI 2019 [WickNet](…)".
    """
    found = _NAME_BEHIND_BYLINE.match(line)
    byline = read_byline(found[1].rstrip(" ,;:：，")) if found else None
    return found[2] if found and byline and (byline.year or " et al" in found[1]) else ""


def _first_colon(title: str) -> tuple[str, str, str]:
    match = _COLON.search(title)
    return (title[: match.start()], match[0], title[match.end() :]) if match else (title, "", "")


def aliases_of(name: str) -> tuple[str, ...]:
    """Return other names in a work's name: that before its colon, short forms in brackets. Authors
    at its head, and the venue behind them, are none.
    """
    if cited_at_head(name).is_byline:
        return ()
    before = head(name)
    short = re.findall(r"[(（]\s*([A-Za-z][\w.+-]{1,20})\s*[)）]", name)
    found = [before] if before != name and len(before.split()) <= NAME_WORDS else []
    return tuple(dict.fromkeys([*found, *short]))


def is_bare(entry: Entry) -> bool:
    """Whether an entry says no more than the name of what it is about."""
    text = _LABELLED_LINK.sub(" ", entry.text)
    words, name = letters(plain_text(text)), letters(name_of(entry.title).rstrip("…"))
    return len(words.replace(name, "", 1)) <= BARE_LETTERS


def only_points(text: str) -> bool:
    """Whether a text says next to nothing beside its links and what leads to them: "See also
    [[LoRA]]", "fine-tuning: [[LoRA]] · [[DoRA]]".
    """
    words, links = _LINK.subn(" ", _LEADS_TO_LINKS.sub("", text))
    return links > 0 and len(letters(words)) <= BARE_LETTERS


def lists_links(entry: Entry) -> bool:
    """Whether the lines of a paragraph, or below a heading, say next to nothing beside links."""
    if entry.role not in ("prose", "heading"):
        return False
    said = entry.text.partition("\n")[2] if entry.role == "heading" else entry.text
    return only_points(said)


def file_name(source: str) -> tuple[str, int | None]:
    """Return what the path of a file says it is about, and the year before it if there is one.

    A README is about what its folder is named for; "" if a name is only a date or says nothing.
    """
    path = PurePosixPath(source)
    stem = path.stem if path.stem.lower() not in INDEX_STEMS else path.parent.name
    dated = _DATED_FILE.match(stem)
    name = stem[dated.end() :] if dated else stem
    if _DATE_ALONE.fullmatch(name) or name.lower() in INDEX_STEMS | {"notes", ""}:
        return "", None
    return name, int(dated[1]) if dated and dated[1] else None


def year_in(text: str) -> int | None:
    """Return the year of the venue that a text names, or of the citation in it."""
    venue = find_venue(text)
    return read_year(venue) if venue else _cited_year(text)

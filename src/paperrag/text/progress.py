"""Words, boxes and stars for how far somebody is with a paper and what they think of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paperrag.records import Span, Status
from paperrag.text.closed import NEGATION_EN, NUMBERS_EN, NUMBERS_ZH
from paperrag.text.fields import labels_of
from paperrag.text.language import HAN
from paperrag.text.markers import BOXES, ITEM, TASK_WORDS
from paperrag.text.patterns import REMARK_ENDS, any_of, lazy_pattern

_NOT = r"(?:not|never|\w+n['’]t)(?: \w+){0,2}"
_PATTERNS: dict[Status, str] = {
    "unread": rf"\b(?:un-?|(?<!\bme )(?<!\bus )to[ -](?:be )?|{_NOT} )(?:read|finished)\b(?: yet\b)?"
    r"|[还仍]?(?!(?<=有)没有)[未没](?!\w?必)[^\W\d]{0,3}?[读看]完?|[待想][读看]",
    "reading": r"\b(?:half|partly)[- ]read\b|\b(?:i|i['’]ve|only|just) skimmed\b|\b(?:am i|i['’]m) reading\b"
    r"|(?<![存现])[正在粗泛略扫]+[读看]|只[读看]了",
    "read": r"\b(?:have i|did i|i['’]ve|already)(?: already)? read\b|[已精][读看阅]|[读看][完过]",
}
_ALONE: dict[Status, str] = {
    "unread": "todo to-do 未开始",
    "reading": "reading doing in-progress skimmed skim 进行中 阅读中",
    "read": "read done finished 完成",
}
"""What says so only where a text says no more."""

_WORDS: dict[Status, re.Pattern[str]] = {
    status: lazy_pattern(rf"{said}|^\W*{any_of(_ALONE[status].split())}\W*$", re.IGNORECASE)
    for status, said in _PATTERNS.items()
}
_IN_PART = lazy_pattern(r"[读看][了到]")
"""What was read so far, of what is not read to the end."""

_BOX = lazy_pattern(
    rf"^[\s>]*{ITEM}[ \t]+(?:\[(?P<mark>[ xX/])\]|(?P<word>{any_of([*TASK_WORDS, *BOXES])})(?=\s))"
)
_OF_BOX: dict[str, Status] = {
    **dict.fromkeys((" ", "TODO", "LATER", "WAITING", *"☐□⬜"), "unread"),
    **dict.fromkeys(("/", "DOING", "NOW", *"◐◑◔◕"), "reading"),
    **dict.fromkeys(("CANCELED", "CANCELLED", *"✗✘"), ""),
}
_STARS = lazy_pattern(r"(?:[★⭐🌟]\ufe0f?){2,10}")
_STAR_SIGNS = "★⭐🌟"
_RATES = (*labels_of("rating"), "star", "星")
_OF_TEN = r"\s*(?:/|of)\s*(?:5|10)"
_OUT_OF = lazy_pattern(rf"\d{_OF_TEN}")
"""Without these signs a text gives no rating."""
NUMBERS = {word: at for words in (NUMBERS_EN, NUMBERS_ZH) for at, word in enumerate(words, 1)} | {
    "两": 2
}
"""Words for small numbers, of either language."""

_COUNT = rf"(?:\d{{1,2}}(?:\.\d)?|{any_of(NUMBERS)})"
_FIGURE = lazy_pattern(
    rf"({_COUNT})(?:\s*(?:(?:/|of\s)\s*\d{{1,2}}|stars?|[分星]))?", re.IGNORECASE
)
_GIVEN = lazy_pattern(
    rf"(?<!\w){any_of(labels_of('rating'))}\**\s*[:：]?\**\s*{_FIGURE.pattern}(?![\d.]*[\d=%])(?!\s*=)"
    rf"|(?:^|(?<=[\s{REMARK_ENDS},，(（]))(?:(\d(?:\.\d)?){_OF_TEN}(?=\s*(?:$|[{REMARK_ENDS},，/)）—-]))"
    rf"|({_COUNT})\s*(?:stars?\b|颗?星(?!级)))",
    re.IGNORECASE,
)
"""A rating among words: behind its label, out of five or ten and not in a sentence, or in stars."""

_FINISHED = lazy_pattern(r"finish|完", re.IGNORECASE)
_OF_READING = ("read", "finish", "读", "看")
_REMARK_WORDS = {
    "recommended": ["recommend", "推荐"],
    "rerun": labels_of("rerun"),
    "code": ["code", "代码"],
}
REMARKED = {
    field: lazy_pattern(rf"(?<![a-z]){any_of(words)}(?:e?[ds])?(?![a-z])", re.IGNORECASE)
    for field, words in _REMARK_WORDS.items()
}
DENIES = lazy_pattern(rf"{NEGATION_EN}|[未无]|(?:^|(?<=(.)))[没不](?!\1)", re.IGNORECASE)
_PARTS = lazy_pattern(rf"(?!\.\d)[{REMARK_ENDS},，/]")
_FIGURE_ALONE = lazy_pattern(rf"\W*[{HAN}]{{0,2}}\s*([1-5](?:\.5)?)\W*")
_SENTENCE_END = lazy_pattern(rf"[{REMARK_ENDS},，]|\s[-–—]\s")
_REMARKS = lazy_pattern(rf"[{REMARK_ENDS},，\[\]]")
_HEADING_WORDS = 2
_SHORT_SENTENCE, _FEW_LINES = 40, 3
"""Characters of a sentence that says how far somebody is, and lines of a note on what is unread."""


def status_in(text: str) -> Status:
    """Return what a text says of the reading, "" if nothing."""
    found: Status = next((status for status, words in _WORDS.items() if words.search(text)), "")
    if found == "unread" and _IN_PART.search(_WORDS["unread"].sub(" ", text)):
        return "reading"  # 读了一半（附录没看）
    return found


def status_of_heading(heading: str) -> Status:
    """Return what a heading that says no more tells of all below it, as columns of a board do."""
    status = status_in(heading)
    return status if status and len(heading.split()) <= _HEADING_WORDS else ""


def status_of_box(text: str) -> Status:
    """Return what the box or the task word before an item says, "" without one."""
    box = _BOX.match(text)
    if box is None:
        return ""
    return _OF_BOX.get(box["mark"] or box["word"], "read")


def without_status(question: str) -> tuple[str, tuple[Status, ...]]:
    """Return a question without the words for how far somebody is, and what they say: what is not
    finished is unread or is being read.
    """
    found: list[Status] = []
    for status, words in _WORDS.items():
        if said := words.search(question):
            question = words.sub(" ", question)
            is_part = status == "unread" and _FINISHED.search(said[0])
            found.append(status)
            if is_part:
                found.append("reading")
    return question, tuple(dict.fromkeys(found))


def status_among(lines: Sequence[str]) -> Status:
    """Return how far somebody is who says so beside a rating, or in a few words that something is
    unread, "" if nobody does: of a longer note some part is.
    """
    beside: Status = next(filter(None, map(_status_beside_rating, lines)), "")
    if beside:
        return beside
    saying = filter(_says_reading, lines)
    told = (part for line in saying for part in _SENTENCE_END.split(line))
    short = (part for part in told if len(part) <= _SHORT_SENTENCE)
    if not any(_says_reading(part) and status_in(part) == "unread" for part in short):
        return ""
    return "unread" if len(lines) <= _FEW_LINES else "reading"


def _status_beside_rating(line: str) -> Status:
    """Return how far somebody is with what they rate in a line; some of it is read, at least."""
    parts = _REMARKS.split(line) if rating_in(line) is not None else ()
    told = (status_in(part) for part in parts if len(part) <= _SHORT_SENTENCE)
    return next((status for status in told if status in ("read", "reading")), "")


def _says_reading(text: str) -> bool:
    said = text.lower()
    return any(word in said for word in _OF_READING)


def rating_of(value: str) -> float | None:
    """Return what the value of a field says as a rating: 4 of "4/5", "4 stars" and "★★★★☆"."""
    figure = _FIGURE.fullmatch(value.strip())
    return _number(figure[1]) if figure else rating_in(value)


def rating_in(text: str) -> float | None:
    """Return the rating that a text gives, None for none; a single star is a mark of interest."""
    found = rating_said(text)
    return found[1] if found else None


def rating_said(text: str) -> tuple[Span, float] | None:
    """Return the rating that a text gives, and where it stands."""
    has_stars = not text.isascii() and any(sign in text for sign in _STAR_SIGNS)
    if has_stars and (stars := _STARS.search(text)):
        return stars.span(), float(len(stars[0].replace("\ufe0f", "")))
    said = text.lower()
    may_rate = any(sign in said for sign in _RATES) or _OUT_OF.search(said)
    given = _GIVEN.search(text) if may_rate else None
    return (given.span(), _number(next(filter(None, given.groups())))) if given else None


def rating_beside_date(line: str) -> float | None:
    """Return the figure that stands by itself beside the day of reading, "read 2024-01-24, 4", None
    for none; call it with a line that says such a day.
    """
    alone = map(_FIGURE_ALONE.fullmatch, _PARTS.split(line))
    return next((float(found[1]) for found in alone if found), None)


def figures_in(text: str) -> tuple[float, ...]:
    """Return the figures in what is known to say a rating; stars count."""
    stars = (float(len(run[0])) for run in _STARS.finditer(text.replace("\ufe0f", "")))
    said = (_number(figure[1]) for figure in _FIGURE.finditer(text))
    return (*stars, *said)


def _number(said: str) -> float:
    return float(NUMBERS.get(said.lower()) or said)


def remarks_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) of short sentences that say who recommends something, that it was run
    again or has code, or deny it.
    """
    said = text.lower()
    remarked = [
        (field, REMARKED[field])
        for field, words in _REMARK_WORDS.items()
        if any(word in said for word in words)
    ]
    for part in _SENTENCE_END.split(text) if remarked else ():
        if len(part) <= _SHORT_SENTENCE:
            fields = (field for field, words in remarked if words.search(part))
            yield from ((field, part.strip()) for field in fields)


def denies(text: str) -> bool:
    """Whether a text denies something."""
    return bool(DENIES.search(text))

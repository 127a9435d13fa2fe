"""Words, boxes and stars for how far somebody is with a paper and what they think of it."""

from __future__ import annotations

import re

from paperrag.records import Status
from paperrag.text.markers import ITEM
from paperrag.text.patterns import lazy_pattern

_UNREAD = lazy_pattern(
    r"\b(?:un-?read|to[ -](?:be )?read|(?:not|never|\w+n['’]t)(?: \w+)?(?: yet)? read)\b(?: yet\b)?"
    r"|^\W*to-?do\W*$|(?:还|仍)?[未待没](?:有|来得及)?[读看]|想读|未开始",
    re.IGNORECASE,
)
_READING = lazy_pattern(
    r"\b(?:am i|i am|i['’]m|now|currently|still|half) reading\b|\breading now\b|\bin[- ]progress\b"
    r"|^\W*(?:reading|doing)\W*$|正在?[读看]|(?<!存)在读|[读看][到了]一半|(?:阅读|进行)中",
    re.IGNORECASE,
)
_READ = lazy_pattern(
    r"\b(?:i have|i['’]ve|have i|did i) (?:already )?(?:read|finished?)\b|\balready read\b"
    r"|^\W*(?:read|done|finished)\W*$|已[读看阅]|[读看][完过]",
    re.IGNORECASE,
)
_WORDS: tuple[tuple[Status, re.Pattern[str]], ...] = (
    ("unread", _UNREAD),
    ("reading", _READING),
    ("read", _READ),
)
_BOX = lazy_pattern(
    rf"^[\s>]*{ITEM}[ \t]+(?:\[(?P<mark>[ xX/])\]|(?P<word>TODO|LATER|DOING|NOW|DONE)(?=\s))"
)
_OF_BOX: dict[str, Status] = {
    **dict.fromkeys((" ", "TODO", "LATER"), "unread"),
    **dict.fromkeys(("/", "DOING", "NOW"), "reading"),
}
_STARS = lazy_pattern(r"(?:[★⭐🌟]\ufe0f?){2,10}")
_FIGURE = lazy_pattern(r"(\d{1,2})(?:\.0)?(?:\s*(?:/\s*\d{1,2}|stars?|分|星))?", re.IGNORECASE)
_NUMBERS = {name: count for count, name in enumerate("one two three four five".split(), 1)} | {
    name: count for count, name in enumerate("一二三四五", 1)
}
_COUNT = rf"\d{{1,2}}|{'|'.join(_NUMBERS)}"
_RATED = lazy_pattern(
    rf"\b(?:rated|rating)(?:\s+(?:of|is|as|at))?\s+(?P<least>at least\s+|above\s+|over\s+)?(?P<a>{_COUNT})\b"
    rf"(?:\s*/\s*\d{{1,2}})?(?:[- ]stars?)?|\b(?P<b>{_COUNT})[- ]stars?\b"
    rf"|(?:评分|打分|评级)[为是在有到打给了]*(?P<zh>至少|不低于|高于|超过)?\s*(?P<c>{_COUNT})\s*[分星]?|(?P<d>{_COUNT})\s*颗?星",
    re.IGNORECASE,
)
_OR_MORE = lazy_pattern(r"\s*(?:or (?:more|above|higher|better)|and up|\+|及?以上)", re.IGNORECASE)
MOST_RATING = 99


def status_in(text: str) -> Status:
    """Return what a text says of the reading, "" if nothing."""
    return next((status for status, words in _WORDS if words.search(text)), "")


def status_of_box(text: str) -> Status:
    """Return what the box or the task word before an item says, "" without one."""
    box = _BOX.match(text)
    if box is None:
        return ""
    return _OF_BOX.get(box["mark"] or box["word"], "read")


def without_status(question: str) -> tuple[str, Status]:
    """Return a question without the words for how far somebody is, and what they say."""
    status = status_in(question)
    return (dict(_WORDS)[status].sub(" ", question), status) if status else (question, "")


def rating_of(value: str) -> int | None:
    """Return what the value of a field says as a rating: 4 of "4/5", "4 stars" and "★★★★☆"."""
    figure = _FIGURE.fullmatch(value.strip())
    return int(figure[1]) if figure else rating_in(value)


def rating_in(text: str) -> int | None:
    """Return how many stars stand in a text, None for fewer than two: one is a mark of interest."""
    stars = _STARS.search(text)
    return len(stars[0].replace("\ufe0f", "")) if stars else None


def without_rating(question: str) -> tuple[str, tuple[int, int] | None]:
    """Return a question without the rating that it asks for, and the least and the most of that."""
    found = _RATED.search(question)
    if found is None:
        return question, None
    number = next(found[group] for group in "abcd" if found[group]).lower()
    count = _NUMBERS.get(number) or int(number)
    more = _OR_MORE.match(question, found.end())
    rest = f"{question[: found.start()]} {question[more.end() if more else found.end() :]}"
    is_above = (found["least"] or found["zh"] or "").strip().lower() in (
        "above",
        "over",
        "高于",
        "超过",
    )
    is_least = bool(more or found["least"] or found["zh"])
    return rest, (count + is_above, MOST_RATING if is_least else count)

"""Words, boxes and stars for how far somebody is with a paper and what they think of it."""

from __future__ import annotations

import re

from paperrag.records import Status
from paperrag.text.markers import ITEM, TASK_WORDS
from paperrag.text.patterns import any_of, lazy_pattern

_NOT = r"(?:not|never|\w+n['’]t)(?: \w+){0,2}"
_PATTERNS: dict[Status, str] = {
    "unread": rf"\b(?:un-?|to[ -](?:be )?|{_NOT} )read\b(?: yet\b)?|[还仍]?[未没]有?[读看]|[待想][读看]",
    "reading": r"\b(?:am i|i am|i['’]m|now) reading\b|\bin[- ]progress\b|正在?[读看]|(?<!存)在读|阅读中",
    "read": r"\b(?:i have|i['’]ve|have i|did i|already)(?: already)? read\b|已[读看阅]|[读看][完过]",
}
_ALONE: dict[Status, str] = {
    "unread": "todo to-do 未开始",
    "reading": "reading doing 进行中",
    "read": "read done finished 完成",
}
"""What says so only where a text says no more."""

_WORDS: dict[Status, re.Pattern[str]] = {
    status: lazy_pattern(rf"{said}|^\W*{any_of(_ALONE[status].split())}\W*$", re.IGNORECASE)
    for status, said in _PATTERNS.items()
}
_BOX = lazy_pattern(
    rf"^[\s>]*{ITEM}[ \t]+(?:\[(?P<mark>[ xX/])\]|(?P<word>{any_of(TASK_WORDS)})(?=\s))"
)
_OF_BOX: dict[str, Status] = {
    **dict.fromkeys((" ", "TODO", "LATER", "WAITING"), "unread"),
    **dict.fromkeys(("/", "DOING", "NOW"), "reading"),
    **dict.fromkeys(("CANCELED", "CANCELLED"), ""),
}
_STARS = lazy_pattern(r"(?:[★⭐🌟]\ufe0f?){2,10}")
_FIGURE = lazy_pattern(r"(\d{1,2})(?:\.0)?(?:\s*(?:/\s*\d{1,2}|stars?|[分星]))?", re.IGNORECASE)
_NUMBERS = {
    name: count
    for names in ("one two three four five".split(), "一二三四五")
    for count, name in enumerate(names, 1)
}
_COUNT = any_of(_NUMBERS)
_LEAST = "at least,至少,不低于".split(",")
_MORE = "above,over,more than,高于,超过".split(",")
_RATED = lazy_pattern(
    rf"(?:\brat(?:ed|ing)\b(?:\s+(?:of|is|as|at)\b)?|评分|打分|评级)[为是在有到打给了\s]*"
    rf"(?P<bound>{any_of([*_LEAST, *_MORE])})?\s*(?P<a>\d{{1,2}}|{_COUNT})(?!\w*[a-z])(?:\s*/\s*\d{{1,2}})?"
    rf"(?:[- ]stars?\b|\s*[分星])?|(?<!\w)(?P<b>\d{{1,2}}|{_COUNT})(?:[- ]stars?\b|颗?星)",
    re.IGNORECASE,
)
_OR_MORE = lazy_pattern(r"\s*(?:or (?:more|above|higher|better)|and up|\+|及?以上)", re.IGNORECASE)
MOST_RATING = 99


def status_in(text: str) -> Status:
    """Return what a text says of the reading, "" if nothing."""
    return next((status for status, words in _WORDS.items() if words.search(text)), "")


def status_of_box(text: str) -> Status:
    """Return what the box or the task word before an item says, "" without one."""
    box = _BOX.match(text)
    if box is None:
        return ""
    return _OF_BOX.get(box["mark"] or box["word"], "read")


def without_status(question: str) -> tuple[str, Status]:
    """Return a question without the words for how far somebody is, and what they say."""
    status = status_in(question)
    return (_WORDS[status].sub(" ", question), status) if status else (question, "")


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
    number = (found["a"] or found["b"]).lower()
    count = _NUMBERS.get(number) or int(number)
    bound = (found["bound"] or "").lower()
    more = _OR_MORE.match(question, found.end())
    rest = f"{question[: found.start()]} {question[more.end() if more else found.end() :]}"
    return rest, (count + (bound in _MORE), MOST_RATING if more or bound else count)

"""Entries about a work -> the sentence in which the note says what the work does.

Found by shape: where it stands, how long it is, how much of the work's name it says, whether it
speaks of a paper at all; what stands under a summary goes first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from paperrag.notes.naming import BARE_LETTERS
from paperrag.records import Entry
from paperrag.text.fields import words_of_field
from paperrag.text.folding import letters
from paperrag.text.inline import plain_inline
from paperrag.text.language import HAN_CHAR, has_han, sentence_spans
from paperrag.text.markup import table_cells
from paperrag.text.patterns import IN_BRACKETS, lazy_pattern
from paperrag.text.progress import status_of_box
from paperrag.text.readable import readable

LEAST_CHARS, LEAST_HAN, MOST_CHARS = 30, 10, 600
"""A statement says something, and is no page."""

READ_ENTRIES = 40
"""How many entries of a file are looked at: a note says what a paper does before it goes on."""

_SUMMARY = (
    *("tl;dr", "tldr", "tl dr", "tl; dr", "summar", "abstract", "core idea", "key idea"),
    *("main idea", "contribution", "in one sentence", "in a sentence", "in one nutshell"),
    *("in a nutshell", "takeaway", "overview", "introduction", "problem statement", "一句话"),
    *("总结", "概述", "概括", "摘要", "核心", "主要思想", "主要内容", "贡献", "简介", "创新"),
)
_ABOUT = lazy_pattern(
    r"\b(?:this|the) (?:paper|authors?|thesis)\b|\bpropos\w+|本文|这篇|该论?文|作者|提出",
    re.IGNORECASE,
)
_NO_STATEMENT = ("![", "<img", "```", "$$", "---", "{")
"""What begins a sentence that states nothing."""
_IN_BRACKETS = lazy_pattern(IN_BRACKETS)
_MARKERS = lazy_pattern(r"(?:[-*+]+[ \t]+|>[ \t]*)+")
LABEL_CHARS = 30
_LABEL = lazy_pattern(r"[^:：]{1,20}[:：]")
_COLUMNS = lazy_pattern(r"\S {3,}[\d.+-]+(?:\s|$)")
"""Numbers that stand below one another in plain text."""

_CAPITAL = r"(?:[a-z]{2,3}\s){0,2}[A-Z\u00c0-\u00de][\w.'’-]*"
_PERSON = rf"{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}"
_BYLINE = lazy_pattern(
    rf"(?:{_PERSON}\s+(?:et al\b|等人?)|{_PERSON}(?:(?:,|\s*&|,?\sand)\s+{_PERSON}){{2,}})"
    r"(?:[\W_]*(?:[A-Z\d\u00c0-\u00de][\w.'’-]*|[a-z]{2,3})\b)*[\W_]*$"
)
"""Who wrote it, where and when, and no more."""

_HAS_LETTER = lazy_pattern(r"[^\W_]")
_WORD = lazy_pattern(
    r"[A-Za-z][\w+-]*[A-Z\d][\w+-]*|[A-Za-z][a-z]{3,}|[A-Z][\w+-]+|[\u4e00-\u9fff]{2}"
)
_ABOUT_GAIN, _SUMMARY_GAIN, _LIKE_GAIN, _EARLY_LOSS = 1.0, 1.5, 2.0, 0.15
"""What speaks for a sentence as the statement: that it says that a paper does something, stands
under a summary, says the words of the name; what each sentence before it speaks against it. By
hand; of 995 papers in the notes of five people 114 have another statement without the first.
"""


def pick_statement(entries: Sequence[Entry], name: str) -> tuple[int, str] | None:
    """Return the statement of a file's work as (place of the entry, verbatim sentence), None if
    there is none.
    """
    words = _words(name)
    best: tuple[float, int, str] | None = None
    early = 0
    uncounted: list[Entry] = []
    for at, entry in enumerate(entries[:READ_ENTRIES]):
        under = _sums_up(entry)
        most = _LIKE_GAIN + _ABOUT_GAIN + _SUMMARY_GAIN * under
        if best and most - _EARLY_LOSS * early <= best[0]:
            uncounted.append(entry)
            continue
        early += sum(1 for passed in uncounted for _ in _sentences(passed))
        uncounted = []
        for sentence in _sentences(entry):
            early += 1
            place = _SUMMARY_GAIN * under - _EARLY_LOSS * early
            least = best[0] - place if best else -math.inf
            gain = _gain(sentence, words, least)
            if gain > least:
                best = (gain + place, at, sentence)
    return None if best is None else (best[1], best[2])


def _gain(sentence: str, name: set[str], least: float) -> float:
    """What speaks for a sentence; it is read as far as it may be more than `least`."""
    said = plain_inline(sentence).lower()
    named = [word for word in name if word in said]
    gain = _LIKE_GAIN * len(named) / len(name) if named else 0.0
    if max(gain, 0) + _ABOUT_GAIN <= least:
        return 0.0
    if named:
        gain = _LIKE_GAIN * len(name & _words(sentence)) / len(name)
    if gain + _ABOUT_GAIN > least and _ABOUT.search(sentence):
        gain += _ABOUT_GAIN
    return gain


@lru_cache(maxsize=256)  # entries beside have the same heading
def _is_summary(heading: str) -> bool:
    lower = heading.lower()
    return any(word in lower for word in _SUMMARY)


def _sums_up(entry: Entry) -> bool:
    """Whether the heading above an entry, or what its own words begin with, says that they sum up
    the work: "一句话总结：…", "TL;DR merges tokens".
    """
    own = entry.title
    if entry.role not in ("document", "heading"):
        label = _LABEL.match(own)
        own = label[0] if label else own if own.lower().startswith(_SUMMARY) else ""
    return any(map(_is_summary, (*entry.breadcrumb[-1:], own[:LABEL_CHARS])))


def statement_of(entry: Entry, below: Sequence[Entry]) -> tuple[int, str] | None:
    """Return the statement of a bullet, row or heading: its own first sentence beyond the name,
    else that of the first entry below it, as (0 for itself or 1 + the place below, sentence).
    """
    title = letters(entry.title.rstrip("…"))
    own = next((said for said in _spans(entry) if _says_more(said, title)), None)
    if own is not None:
        return 0, own
    said = [(at, one) for at, other in enumerate(below, 1) for one in _spans(other)]
    telling = (found for found in said if _is_long(found[1]))
    return next(telling, said[0] if said else None)


def _says_more(sentence: str, title: str) -> bool:
    words = letters(plain_inline(sentence))
    rest = words.replace(title, "", 1)
    weight = len(rest) + len(HAN_CHAR.findall(rest))  # a Chinese character says as much as two
    return words not in title and weight > BARE_LETTERS


def _sentences(entry: Entry) -> Iterator[str]:
    for sentence in _spans(entry):
        if len(sentence) <= MOST_CHARS and not _is_skipped(sentence) and _is_long(sentence):
            yield sentence


def _is_skipped(sentence: str) -> bool:
    """Whether a sentence is a question, an aside, a task, a line of authors or of columns, or
    begins with what is no words.
    """
    return (
        sentence.startswith(_NO_STATEMENT)
        or sentence.endswith(("?", "？"))
        or status_of_box(f"- {sentence}") != ""
        or bool(_COLUMNS.search(sentence) or _BYLINE.match(sentence))
        or (sentence[0] in "(（" and bool(_IN_BRACKETS.fullmatch(sentence)))
    )


def _is_long(sentence: str) -> bool:
    if len(sentence) < LEAST_HAN:
        return False
    plain = plain_inline(sentence).strip()
    return len(plain) >= LEAST_CHARS or (len(plain) >= LEAST_HAN and has_han(plain))


def _spans(entry: Entry) -> Iterator[str]:
    """Yield the sentences of an entry as they stand, without markers, heading and front matter; of
    a row its cells, the longest first.
    """
    if entry.role == "row":
        yield from sorted(filter(letters, table_cells(entry.text)), key=len, reverse=True)
        return
    start_at = entry.text.find("\n") + 1 or len(entry.text) if entry.role == "heading" else 0
    text = entry.text[start_at:]
    for start, end in sentence_spans(readable(text)):
        marker = _MARKERS.match(text, start, end) if text[start] in "-*+>" else None
        sentence = words_of_field(text[marker.end() if marker else start : end]).strip()
        if _HAS_LETTER.search(sentence):
            yield sentence


def _words(text: str) -> set[str]:
    return {word.lower().rstrip("s") for word in _WORD.findall(plain_inline(text))}

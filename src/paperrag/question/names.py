"""A name in a question -> the name as the notes spell it, so that a slip of the pen on either side
does not hide an entry.

Only names that stand at the head of titles, and never across a digit: EAGLE-3 is not EAGLE-2.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from paperrag.question.closed import QUESTION_WORDS_EN
from paperrag.question.thresholds import (
    LEAST_CHARS,
    NEAR,
)
from paperrag.text.patterns import IN_BRACKETS, lazy_pattern

NAME_WORDS = 3
SHORTEST_NAME = 3
"""Letters; FT and RL are short for too many things."""

_COMMON = frozenset("GPU CPU TPU RAM SSD LLM NLP API OLTP CUDA 2D 3D".split())
"""Written as names, and said of many things that notes do not call so."""

_QUESTION_WORD = lazy_pattern(QUESTION_WORDS_EN, re.IGNORECASE)
_ENDING = lazy_pattern(r"(?<=[A-Z0-9])s$|[-–](?:style|based|like|type|aware|free|level|wise|only)$")
_AFTER_NAME = lazy_pattern(r"[:：(（,，]|\s[-–—]\s|--")
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
_REST = rf"[{_LETTER}0-9+µ]*(?:[-.–][{_LETTER}0-9+µ]+)*"
_MARKED_NAME = lazy_pattern(rf"(?<![{_LETTER}0-9])\d*[{_LETTER}]{_REST}")
_NAME = lazy_pattern(rf"[{_LETTER}]{_REST}")
_WORD = lazy_pattern(r"[a-z0-9+µ]+")
_BETWEEN = lazy_pattern(r"[\W_]+")
_IN_BRACKETS = lazy_pattern(IN_BRACKETS)
_WORDS_BEHIND = lazy_pattern(rf"(?:[ -][A-Za-z]+){{0,{NAME_WORDS}}}")
_NAME_RUN = lazy_pattern(rf"\b(?!(?i:{QUESTION_WORDS_EN})\b)[A-Z][\w+-]*(?:[ ][A-Z][\w+-]*)+")


class RequiredName(Struct, frozen=True):
    """A name that what is asked for must hold, or one of its short forms in its place."""

    name: str
    short_forms: tuple[str, ...] = ()


def latin_name(title: str) -> str:
    """Return the Latin name that a title begins with, "" if it begins with none: H2O of "H2O:
    Heavy-Hitter Oracle".
    """
    head = _AFTER_NAME.split(title, maxsplit=1)[0].strip()
    return head if without_accents(head).isascii() and len(head.split()) <= NAME_WORDS else ""


def squeezed(text: str) -> str:
    """Return the Latin letters, digits and plus signs of a text in lower case, without their
    accents: kvmerger for KV-Merger, kuzu for Kùzu.
    """
    return "".join(_words(text))


def says_name(question: str, title: str) -> bool:
    """Whether a question says the name that a title begins with, separators and case aside."""
    name = squeezed(latin_name(title))
    return len(name) > 1 and name in _joined(question)


def holds_name(text: str, name: str) -> bool:
    """Whether a text holds a name as words of their own, separators and case aside, perhaps with
    an s or a number behind it, or a number before it: GPUs, ResNet50, 30Hz.
    """
    letters, plain = squeezed(name), without_accents(text.lower())
    if not letters or letters.replace("+", "") not in _in_one_word(plain):
        return False
    spelt = r"[\W_]*".join(map(re.escape, letters))
    return bool(re.search(rf"(?<![a-z+µ]){spelt}s?\d*(?![a-z0-9+µ])", plain))


@lru_cache(maxsize=4)
def _in_one_word(text: str) -> str:
    return _BETWEEN.sub("", text)


def without_name(text: str, name: str) -> str:
    """Return a text without a name, however its parts are joined there."""
    joined = r"[^\w+]*".join(map(re.escape, re.findall(r"[\w+]+", name)))
    return " ".join(re.sub(rf"{joined}(?:['’]s\b)?", " ", text, flags=re.IGNORECASE).split())


def without_accents(text: str) -> str:
    """Return a text with the plain letters of accented ones."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return "".join(char for char in apart if not unicodedata.combining(char))


def _words(text: str) -> list[str]:
    return _WORD.findall(without_accents(text.lower()))


def _joined(text: str) -> Iterator[str]:
    """Yield what neighbouring words of a text spell together, NAME_WORDS of them at most."""
    words = _words(text)
    for size in range(1, NAME_WORDS + 1):
        yield from ("".join(words[at : at + size]) for at in range(len(words)))


def proper_names(question: str) -> list[str]:
    """Return the words of a question that are written as names: with capitals or figures, or a
    capital that begins no English sentence.

    Without the endings of "GPUs", "DPO-style" and "GPT-based"; words of less than three letters
    and those that ask, however they are written, are left out.
    """
    names = []
    for match in _MARKED_NAME.finditer(question):
        word = _ENDING.sub("", match[0])
        before = question[: match.start()].rstrip()
        begins = question.isascii() and (not before or before[-1] in '.?!:;。？！：；“"')
        is_marked = any(char.isupper() or char.isdigit() for char in word[1:])
        if (
            len(word) >= SHORTEST_NAME
            and not _is_common(word)
            and not _QUESTION_WORD.fullmatch(word)
            and (is_marked or (word[0].isupper() and not begins))
        ):
            names.append(word)
    return names


def _is_common(word: str) -> bool:
    """Whether a word is one that many things are, or begins with one: GPU, LLM-driven."""
    head, _, behind = word.partition("-")
    return head in _COMMON and (not behind or behind.islower())


def required_names(question: str) -> tuple[RequiredName, ...]:
    """Return the names that what is asked for must hold, neighbouring ones as one: HotpotQA,
    Natural Questions. Not those in brackets, which only gloss, nor short forms of three capitals,
    which are said of whole fields and spelt out as often: GAN, DNA.
    """
    said = _IN_BRACKETS.sub(" ", question)
    runs = [match[0] for match in _NAME_RUN.finditer(said)]
    whole = (
        next((run for run in runs if name in run.split()), name) for name in proper_names(said)
    )
    names = [name for name in dict.fromkeys(whole) if len(squeezed(name)) > SHORTEST_NAME]
    return tuple(RequiredName(name, _short_forms(question, name)) for name in names)


def _short_forms(question: str, name: str) -> tuple[str, ...]:
    """Return what a name and the words right behind it may be short for, three letters or more:
    MCT, MCTS of "Monte Carlo tree search" for Monte Carlo.
    """
    _, said, after = question.partition(name)
    behind = _WORDS_BEHIND.match(after)
    words = re.split(r"[ -]+", f"{said}{behind[0]}") if said and behind else []
    initials = "".join(word[0].upper() for word in words if word)
    least = max(len(name.split()), SHORTEST_NAME)
    return tuple(initials[:count] for count in range(least, len(initials) + 1))


def misspellable(question: str) -> list[str]:
    """Return the words of a question that look like names (Quiet-STaR, Keyformer, vLLM) and are
    long enough to be misspelt.
    """
    found = (match[0] for match in _NAME.finditer(question))
    return [
        word
        for word in found
        if len(squeezed(word)) >= LEAST_CHARS and ("-" in word or word != word.lower())
    ]


class Speller:
    """Knows the names at the head of titles. A name is spelt wrong behind its first letter, and not
    in its digits: only names that share these are compared.
    """

    def __init__(self, titles: Iterable[str]) -> None:
        self._alike: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for name in filter(None, map(latin_name, titles)):
            if len(key := squeezed(name)) >= LEAST_CHARS:
                self._alike[_kept(key)][key] = name

    def spelt(self, said: str) -> str:
        """Return a name as the titles spell it, or as it was said if none is near."""
        key = squeezed(said)
        alike = self._alike.get(_kept(key), {})
        near = difflib.get_close_matches(key, alike, n=1, cutoff=NEAR)
        return alike[near[0]] if near else said


def _kept(key: str) -> tuple[str, str]:
    """Return what of a name is said as it is."""
    return key[:1], re.sub(r"[^\d+]", "", key)

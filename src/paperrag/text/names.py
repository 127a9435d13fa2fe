"""Names of Latin letters in text: at the head of titles, written as names, spelt otherwise.

Separators, case and accents aside: KV-Merger and kvmerger are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from paperrag.text.closed import FUNCTION_WORDS_EN, QUESTION_WORDS_EN
from paperrag.text.patterns import any_of, lazy_pattern

NAME_WORDS = 3
_LOOKED_AT = NAME_WORDS + 2
"""Words of a title: its name, a dash behind that, and a word."""

SHORTEST_NAME = 3
"""Letters; FT and RL are short for too many things."""

LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
REST_OF_NAME = rf"[{LETTER}0-9+µ]*(?:[-.–][{LETTER}0-9+µ]+)*"
"""What a name goes on with behind its first letter."""

_COMMON = frozenset("GPU CPU TPU RAM SSD LLM NLP API OLTP CUDA 2D 3D".split())
"""Written as names, and said of many things that notes do not call so."""

_NO_NAME = lazy_pattern(
    rf"(?i:{QUESTION_WORDS_EN})|{any_of(map(str.capitalize, FUNCTION_WORDS_EN))}"
)
_ENDING = lazy_pattern(r"(?<=[A-Z0-9])s$|[-–](?:style|based|like|type|aware|free|level|wise|only)$")
_AFTER_NAME = lazy_pattern(r"[:：(（,，]|\s[-–—]\s|--")
_MARKED_NAME = lazy_pattern(rf"(?<![{LETTER}0-9])\d*[{LETTER}]{REST_OF_NAME}")
_WORD = lazy_pattern(r"[a-z0-9+µ]+")
_BETWEEN = lazy_pattern(r"[\W_]+")


def latin_name(title: str) -> str:
    """Return the Latin name that a title begins with, "" if it begins with none: H2O of "H2O:
    Heavy-Hitter Oracle".
    """
    head = head_of(title)
    return head if without_accents(head).isascii() and len(head.split()) <= NAME_WORDS else ""


def head_of(title: str) -> str:
    """Return a title up to what parts a name from the rest of it; of one that begins with no name
    its first words.
    """
    words = title.split(maxsplit=_LOOKED_AT)
    head = title[: -len(words[-1])] if len(words) > _LOOKED_AT else title
    return _AFTER_NAME.split(head, maxsplit=1)[0].strip()


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
            and not _NO_NAME.fullmatch(word)
            and (is_marked or (word[0].isupper() and not begins))
        ):
            names.append(word)
    return names


def _is_common(word: str) -> bool:
    """Whether a word is one that many things are, or begins with one: GPU, LLM-driven."""
    head, _, behind = word.partition("-")
    return head in _COMMON and (not behind or behind.islower())

"""A term in a text -> what is short for it, or what it is short for.

Definitions are found as by Schwartz & Hearst (2003), "A simple algorithm for identifying
abbreviation definitions in biomedical text": the letters of the short form stand in the long one in
their order, the first of them where a word begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from paperrag.text.closed import FUNCTION_WORDS_EN
from paperrag.text.folding import letters
from paperrag.text.patterns import lazy_pattern

MOST_WORDS = 5
"""Of a long form in a question. By hand."""

LEAST_INITIALS = 3
"""Letters of a short form that nothing defines: two are the initials of much. By hand."""

LEAST_PART, LEAST_ENDING = 3, 5
"""Letters of the parts of a word that is put together: auto-encoder. By hand."""

_SHORT = r"(?<![\w-])([A-Za-z][A-Za-z0-9]*[A-Z][A-Za-z0-9]*?)s?(?![\w-])"
_SHORT_FORM = lazy_pattern(_SHORT)
_SHORT_BEHIND = lazy_pattern(rf"[ ]?[(（]\s*{_SHORT}\s*[,;，；)）]")
_LONG_BEHIND = lazy_pattern(rf"{_SHORT}[ ]?[(（]\s*([A-Za-z][A-Za-z -]+[a-z])\s*[,;，；)）]")
_WORD = lazy_pattern(r"[A-Za-z]+")
_RUN = lazy_pattern(r"[A-Za-z]+(?:[ -][A-Za-z]+)+")
_SMALL = frozenset(FUNCTION_WORDS_EN)


def short_forms_in(text: str) -> list[str]:
    """Return the words of a text that may be short forms, as their capitals show."""
    return list(dict.fromkeys(_SHORT_FORM.findall(text)))


def may_be_long_forms(text: str) -> Iterator[str]:
    """Yield the runs of two to `MOST_WORDS` neighbouring words of a text that may be long forms,
    longer ones first: none begins or ends with a word of no subject.
    """
    for run in _RUN.finditer(text):
        spans = [match.span() for match in _WORD.finditer(run[0])]
        for count in range(min(MOST_WORDS, len(spans)), 1, -1):
            for first, last in zip(spans, spans[count - 1 :], strict=False):
                ends = {run[0][slice(*span)].lower() for span in (first, last)}
                if ends.isdisjoint(_SMALL):
                    yield run[0][first[0] : last[1]]


def initials_of(run: str, is_word: Callable[[str], bool]) -> list[str]:
    """Return what the initials of a run of words may be written as: MoE, MOE of "mixture of
    experts"; VAE of "variational autoencoder", whose last part is a word.
    """
    words = _WORD.findall(run)
    mixed = "".join(word[0] if word in _SMALL else word[0].upper() for word in words)
    of_parts = "".join(part[0].upper() for word in words for part in _parts(word, is_word))
    told = "".join(word[0].upper() for word in words if word not in _SMALL)
    found = dict.fromkeys((mixed, mixed.upper(), told, of_parts))
    return [short for short in found if len(short) >= LEAST_INITIALS]


def _parts(word: str, is_word: Callable[[str], bool]) -> list[str]:
    """Return a word, or what it is put together of, if its longest ending that is a word is one."""
    for cut in range(LEAST_PART, len(word) - LEAST_ENDING + 1):
        if is_word(word[cut:]):
            return [word[:cut], word[cut:]]
    return [word]


def definitions(text: str) -> Iterator[tuple[str, str]]:
    """Yield the (short, long) forms that a text defines: "a variational autoencoder (VAE)", "VAE
    (variational autoencoder)".
    """
    for match in _SHORT_BEHIND.finditer(text):
        if long := _long_form(match[1], text[: match.start()]):
            yield match[1], long
    for match in _LONG_BEHIND.finditer(text):
        if _long_form(match[1], match[2]) == match[2]:
            yield match[1], match[2]


def _long_form(short: str, before: str) -> str:
    """Return what at the end of a text a form is short for, "" if nothing is."""
    words = list(re.finditer(r"[A-Za-z-]+", before.rpartition("\n")[2]))
    line = len(before) - len(before.rpartition("\n")[2])
    least = line + words[-min(len(words), len(short) + 5, 2 * len(short))].start() if words else 0
    place = len(before)
    for at, letter in reversed(list(enumerate(short.lower()))):
        place = _place_of(letter, before, least, place, begins_word=at == 0)
        if place < 0:
            return ""
    long = before[place:].strip()
    return long if _RUN.fullmatch(long) else ""


def _place_of(letter: str, text: str, least: int, end: int, begins_word: bool) -> int:
    """Return where a letter stands last within a stretch of a text, -1 if it does not."""
    for place in range(end - 1, least - 1, -1):
        is_inside = place > 0 and text[place - 1].isalnum()
        if text[place].lower() == letter and not (begins_word and is_inside):
            return place
    return -1


def stands_for(short: str, text: str) -> bool:
    """Whether a short form is made of the initials of neighbouring words of a text: MbPA of
    "Memory-based Parameter Adaptation". Words of up to three letters may be passed over.
    """
    initials = letters(short)
    if len(initials) < LEAST_INITIALS or not initials.isascii() or short.islower():
        return False
    between = r"[\W_]+(?:[a-z]{1,3}[\W_]+)?"
    words = between.join(rf"{initial}[a-z]+" for initial in initials)
    return bool(re.search(rf"(?<![^\W_]){words}(?![a-z])", text, re.IGNORECASE))

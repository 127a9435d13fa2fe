"""Text -> its compatibility form (NFKC), in lower case where asked, and the character of the text
that each of its characters comes from.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, repeat
from operator import itemgetter
from unicodedata import combining, normalize

_KEPT_CHARS = 8192


def folded(text: str, lower: bool) -> str:
    """Return the compatibility form of a text; each character's lower case knows no other's."""
    form = normalize("NFKC", text)
    return form.replace("Σ", "σ").lower() if lower else form


def sources(text: str, lower: bool) -> list[int]:
    """Return, for each character of `folded(text, lower)`, the place in the text that it comes
    from: of several that became one, the first.
    """
    alone = [_alone(char, lower) for char in text]
    if "".join(alone) == folded(text, lower):
        return list(chain.from_iterable(map(repeat, range(len(text)), map(len, alone))))
    places, place = [], 0
    for char, taken in _composed(text):
        places += [place if taken else place - 1] * len(folded(char, lower))
        place += taken
    return places


_alone = lru_cache(_KEPT_CHARS)(folded)


def _composed(text: str) -> list[tuple[str, int]]:
    """Return the characters of a text's compatibility form, and how many of the text's each takes
    up: 0 for the later ones of one that fell apart.

    The steps are Unicode's (UAX 15): decompose, order marks, compose.
    """
    form: list[tuple[str, int]] = []
    base, last = -1, -1  # where what marks are added to stands; the class of the last mark kept
    for _, order, char, taken in _decomposed(text):
        if base >= 0 and last < order:
            whole = normalize("NFC", form[base][0] + char)
            if len(whole) == 1:
                form[base] = (whole, form[base][1] + taken)
                continue
        if order:
            last = order
        else:
            base, last = len(form), -1
        form.append((char, taken))
    return form


def _decomposed(text: str) -> list[tuple[int, int, str, int]]:
    """Return the parts of a text's characters in order, each with how many characters without a
    combining class came up to it, its class, and 1 for the first of its character.
    """
    parts, bases = [], 0
    for char in text:
        for nth, part in enumerate(normalize("NFKD", char)):
            order = combining(part)
            bases += not order
            parts.append((bases, order, part, int(nth == 0)))
    return sorted(parts, key=itemgetter(0, 1))

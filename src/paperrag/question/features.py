"""A question -> what a classifier sees of it: n-grams of the words that shape questions, with all
other words reduced to what kind of word they are.

"which papers measure soil carbon?" and "which papers track bees?" are one question about two
subjects. A subject's words are therefore seen as their shape only: N for a name, Us for what ends
in an s, H for Chinese. Knows no labels and no weights; training and reading share it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Container, Iterator, Sequence

from paperrag.text.patterns import lazy_pattern

LONGEST_GRAM = 4
HAN_GRAM = 2
"""Characters; Chinese is known by pairs, since it has no blanks between words."""

Known = Callable[[str], bool]
"""Whether a word, or two neighbouring Chinese characters, shapes questions."""

_TOKEN = lazy_pattern(
    r"[A-Za-z][A-Za-z'’+_.-]*[A-Za-z0-9+_.-]*|\d[\d.,:%a-z-]*|[\u4e00-\u9fff]|[?？,，:：;；。.!！/“\"(（]"
)
_HAN = lazy_pattern(r"[\u4e00-\u9fff]")
_NAME = lazy_pattern(r"^.+[A-Z0-9]")
_SAME_MARK = {"？": "?", "，": ",", "：": ":", "；": ";", "。": ".", "！": "!", "（": "("}
_ENDINGS = ("ing", "ed", "ly")
_JOINING = frozenset(
    "of to by with that which who whose for in on at as from into over when while where under about without and or than".split()
)


def keys_of(text: str, known: Container[int]) -> set[int]:
    """Return the keys of what is seen of folded text; known: the keys of words that shape
    questions.
    """
    return {key_of(one) for one in features(tokens(text, lambda word: key_of(word) in known))}


def tokens(text: str, known: Known) -> list[str]:
    """Return the words and Chinese characters of folded text, those of subjects by their shape."""
    found = [match[0] for match in _TOKEN.finditer(text)]
    kept = _kept_han(found, known)
    shaped: list[str] = []
    for place, word in enumerate(found):
        if not _HAN.match(word):
            shaped.append(_shape(word, place, known))
        elif kept[place]:
            shaped.append(word)
        elif not shaped or shaped[-1] != "H":
            shaped.append("H")
    return shaped


def _kept_han(found: Sequence[str], known: Known) -> list[bool]:
    kept = [len(word) == 1 and known(word) for word in found]
    for place in range(len(found) - 1):
        pair = found[place] + found[place + 1]
        if len(pair) == HAN_GRAM and known(pair):
            kept[place] = kept[place + 1] = True
    return kept


def _shape(word: str, place: int, known: Known) -> str:
    if word in _SAME_MARK or not word[0].isalnum():
        return _SAME_MARK.get(word, word)
    if word[0].isdigit():
        return "0"
    plain = word.lower().rstrip(".-").replace("’", "'")
    if known(plain) and not (len(word) > 1 and word.isupper()):
        return plain
    if _NAME.match(word.rstrip(".-")) or (word[0].isupper() and place > 0):
        return "N"
    if plain.endswith("s") and not plain.endswith(("ss", "us", "is")):
        return "Us"
    return next((f"U{ending}" for ending in _ENDINGS if plain.endswith(ending)), "U")


def features(shaped: Sequence[str]) -> Iterator[str]:
    """Yield what a classifier counts: n-grams, pairs at a distance, and the form of the whole."""
    framed = ["^", *shaped, "$"]
    for size in range(1, LONGEST_GRAM + 1):
        for place in range(len(framed) - size + 1):
            yield " ".join(framed[place : place + size])
    for first, second in zip(framed, framed[2:], strict=False):
        yield f"{first} _ {second}"
    yield f"length {min(len(shaped), 12) // 2}"
    yield f"subjects {min(sum(word[0] in 'UHN' for word in shaped), 4)}"
    yield f"begins {framed[1]} ends {framed[-2]}"
    yield f"begins {framed[1]} {_head(shaped)}"
    yield _head(shaped)


def _head(shaped: Sequence[str]) -> str:
    """Return the last word before the first that joins: sensors of "cheap sensors that run"."""
    head = "head"
    for word in shaped:
        if word in _JOINING or not word[0].isalnum():
            break
        head = f"head {word}"
    return head


def key_of(feature: str) -> int:
    """Return the 32-bit number by which a feature or known word is stored."""
    return zlib.crc32(feature.encode())

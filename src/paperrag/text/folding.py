"""Text -> the form in which text is compared: full-width, case and traditional forms folded.

Encoders and word indexes read folded text on both sides, so 檢索, ＫＶ and KV meet their twins.
Quotes and titles are never folded.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from paperrag.text.language import HAN_CHAR
from paperrag.text.patterns import lazy_pattern

_NOT_PLAIN = lazy_pattern(r"[^\x00-\x7f]")
NOT_ENCODABLE = lazy_pattern(r"[\ud800-\udfff]")
"""What Python makes of bytes on the command line that are not UTF-8."""
_UNSEEN = lazy_pattern("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
"""Soft hyphens, zero-width blanks, marks of direction."""
_BETWEEN_WORDS = lazy_pattern(r"[\s_-]+")
_NO_LETTERS = lazy_pattern(r"[\W_]+")
_HYPHEN = lazy_pattern(r"(?<=[^\W\d_])[\u2010-\u2013\u2212](?=[^\W_])")


def fold(text: str) -> str:
    """Return text in NFKC without characters that nobody sees, hyphens of any kind as `-` and
    traditional Chinese characters as simplified ones; case is kept.
    """
    if not _NOT_PLAIN.search(text):
        return text
    text = NOT_ENCODABLE.sub("\ufffd", unicodedata.normalize("NFKC", _UNSEEN.sub("", text)))
    text = _HYPHEN.sub("-", text)
    return _to_simplified().convert(text) if HAN_CHAR.search(text) else text


def letters(text: str) -> str:
    """Return the letters and digits of a text in lower case: what is compared."""
    return _NO_LETTERS.sub("", text).lower()


def name_key(name: str) -> str:
    """Return a note's name as names are compared: case, blanks, hyphens and underscores aside."""
    return " ".join(_BETWEEN_WORDS.sub(" ", fold(name).lower()).split())


@lru_cache(maxsize=1)
def _to_simplified():  # type: ignore[no-untyped-def]  # opencc ships no types
    from opencc import OpenCC  # 20 ms, only when there is Chinese text

    return OpenCC("t2s")

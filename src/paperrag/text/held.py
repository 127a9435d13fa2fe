"""Stretches of a text that stay as they are -> characters that stand for them, and back.

A character of the private use area each, which stands for a place in a list. Those that a note has
itself are put out of the way first.
"""

from __future__ import annotations

from paperrag.text.patterns import lazy_pattern

_HELD = lazy_pattern("[\ue000-\uf8ff]")
_SYMBOL = lazy_pattern("[\uf06c-\uf0fc]")
"""What Word's symbol font leaves behind of a bullet."""
_UNSEEN_CHARS = "\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_UNSEEN = lazy_pattern(f"[{_UNSEEN_CHARS}]")
"""Soft hyphens, zero-width blanks, marks of direction: on no screen, and in no word."""
_STRANGE = lazy_pattern(f"[{_UNSEEN_CHARS}\ue000-\uf8ff]")
_FIRST_HELD, _MOST_HELD = 0xE000, 6399
LINK_END = "\uf8ff"
"""Behind the label of a link, where one is looked for; never a place."""


def hold(kept: str, held: list[str]) -> str:
    """Set a stretch of text aside and return the character that stands for it."""
    if not kept or len(held) >= _MOST_HELD:
        return kept
    held.append(kept)
    return chr(_FIRST_HELD + len(held) - 1)


def put_back(text: str, held: list[str]) -> str:
    """Return text with what was set aside in its places."""
    for _ in range(4):  # a label that was set aside may hold code that was
        if not held or text.isascii() or not _HELD.search(text):
            break
        text = _HELD.sub(lambda match: _at(held, match[0]), text)
    return text


def _at(held: list[str], sign: str) -> str:
    number = ord(sign) - _FIRST_HELD
    return held[number] if number < len(held) else sign


def without_strange(text: str, holds: bool) -> str:
    """Return a text without what no reader sees; holds: whether stretches of it are set aside."""
    if not _STRANGE.search(text):
        return text
    text = _UNSEEN.sub("", text)
    return text if holds else _HELD.sub("\ufffd", _SYMBOL.sub("•", text))

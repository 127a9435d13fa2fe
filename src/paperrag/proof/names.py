"""Text -> the names that it tells (LoRA-XS, ICML, GPT-4), and those that another does not hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from paperrag.proof.quantities import quantities
from paperrag.records import Span
from paperrag.text.folding import letters
from paperrag.text.language import detect_language
from paperrag.text.names import holds_name
from paperrag.text.patterns import lazy_pattern

_NAME = lazy_pattern(
    r"[A-Za-z][A-Za-z0-9+µ]*(?:[-–./][A-Za-z0-9]+)*\+?|\d+[A-Za-z]+(?:-[A-Za-z0-9]+)*"
)
_JOINED = lazy_pattern(r"(?<=\w)\+(?=\w)")
_CHINESE_NEXT = lazy_pattern(r"\s*[\u4e00-\u9fff]")
_DIGITS = lazy_pattern(r"\d+")

MISSPELLED, LEAST_LETTERS = 0.8, 6
"""Names of so many letters that share so much of them are one, spelled in two ways. By hand: of the
names that 13,000 written claims have and their texts have not, 21 are so alike, and one of these is
another thing.
"""


def missing_names(claim: str, text: str) -> list[str]:
    """Return the names (LoRA-XS, ICML, GPT-4) of a claim that a text does not hold; separators and
    case aside.
    """
    initials = _initials(text)
    plain = _JOINED.sub(" ", text)
    missing = [
        name
        for name in names_of(claim)
        if not _is_named(name, plain) and not _is_short_for(name, initials)
    ]
    others = names_of(text) if missing else []
    return [name for name in missing if not _is_spelled_like(name, others)]


def untold_names(claim: str, text: str, unlike: Sequence[Span]) -> list[str]:
    """Return the missing names of a claim that a text would hold if it were about them: a Chinese
    one translates plain words (German, Portuguese), but then something in it is like them.

    unlike: the spans of a claim's tokens that nothing in the text is like.
    """
    is_chinese = detect_language(text) == "zh"
    return [
        name
        for name in missing_names(claim, text)
        if not is_chinese or _is_marked(name) or _is_within(name, claim, unlike)
    ]


def _is_within(name: str, claim: str, spans: Sequence[Span]) -> bool:
    """Whether spans hold all letters of a name where it stands first."""
    start = claim.index(name)
    held = {place for a, b in spans for place in range(a, b)}
    return held.issuperset(range(start, start + len(name)))


def _initials(text: str) -> str:
    """Return the first letters of words: DMC for Dynamic Memory Compression, RL for reinforcement
    learning.
    """
    return "".join(word[0].upper() for word in re.findall(r"[A-Za-z]+", text))


def _is_short_for(name: str, initials: str) -> bool:
    """Whether a name is made of first letters, small ones of small words among them: MoE."""
    told = name.removesuffix("s")
    capitals = sum(char.isupper() for char in told)
    return capitals > 1 and 2 * capitals > len(told) and told.upper() in initials


def _is_spelled_like(name: str, others: Iterable[str]) -> bool:
    """Whether a name is one of others but for its spelling: Quiet-STaR, Quiter-STaR. Other digits
    are another thing.
    """
    told, digits = letters(name), _DIGITS.findall(name)
    return len(told) >= LEAST_LETTERS and any(
        SequenceMatcher(None, told, letters(other), autojunk=False).ratio() >= MISSPELLED
        for other in others
        if _DIGITS.findall(other) == digits
    )


def _is_named(name: str, text: str) -> bool:
    """Whether a text holds a name as words of its own, or all of its parts that look like names:
    fastText-based, V-STaR's; a single letter is none: best-of-N.
    """
    if holds_name(text, name.removesuffix("s")):
        return True
    parts = [
        part
        for part in re.split(r"[-–/.]", name)
        if len(part) > 1 and (_is_marked(part) or part[0].isupper())
    ]
    return parts != [name] and all(holds_name(text, part.removesuffix("s")) for part in parts)


def _is_marked(word: str) -> bool:
    return any(char.isupper() for char in word[1:]) or any(char.isdigit() for char in word)


def names_of(claim: str) -> list[str]:
    """Return the names that a text tells, in order."""
    claim = _JOINED.sub(" ", claim)
    found = []
    measured = [range(one.start, one.end) for one in quantities(claim) if one.kind]
    for match in _NAME.finditer(claim):
        if any(match.start() in span for span in measured):
            continue
        word = match.group()
        before = claim[: match.start()]
        opens = not before.strip(" *_“\"'(（") or before.rstrip().endswith((".", ":", "?"))
        opens = opens and not _CHINESE_NEXT.match(claim, match.end())
        if _is_marked(word) or (word[0].isupper() and not opens and len(word) > 1):
            found.append(word)
    return found

"""Sentences that stand beside their translations or summaries -> claims that nothing tells true
from false but both sides together.

What is turned is turned on both sides: two words change places, or one gives way to its opposite.
Of the four ways to set the old and the new side by side two are true and two are not, so neither
side alone, nor how well it reads, tells anything. Which words tell the same is found by token rows
that are nearest to one another.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator

import numpy as np

from paperrag.encoders.contract import SpanEncoder, unit_rows
from paperrag.proof.opposites import OPPOSITES, pairs_of
from paperrag.proof.windows import Tokens, tokens_of
from paperrag.records import Span
from paperrag.text.closed import FUNCTION_WORDS_EN, FUNCTION_WORDS_ZH
from paperrag.text.folding import fold
from paperrag.text.patterns import any_of
from training.claims.written import Written

JOINED = "and or vs 和 与 或 及 以及".split()

LIKE, FITTING = 0.6, 0.2
"""Cosines at which two tokens tell the same, and words may change places."""

MOST_JOINED, LEAST_APART = 3, 2
"""Tokens of a word that changes places, and between two of them."""

FAVOURED = 5.0
"""How much likelier words that are alike change places, a unit of cosine."""

_JOINING = re.compile(rf"[\s\W]*(?:{any_of(JOINED)})?[\s\W]*", re.IGNORECASE)
"""Between two things that are told of together, whose order tells nothing."""

_IDLE = frozenset((*FUNCTION_WORDS_EN, *FUNCTION_WORDS_ZH))
_WORD = re.compile(r"[A-Za-z][\w+-]*[\w+]|[\u4e00-\u9fff]{2,}")


EXCHANGED_SHARE = 0.6
"""Of the claims made, those in which words change places."""

Turned = tuple[str, str]
"""A text as it was and as it is turned."""


def made(
    pairs: Iterable[tuple[str, str]], encoder: SpanEncoder, seed: int
) -> Iterator[list[Written]]:
    """Yield four claims for each pair of texts that tell the same and in which something can be
    turned; either text is the claim.
    """
    chance = random.Random(seed)
    for number, pair in enumerate(pairs):
        claim, text = map(fold, chance.sample(pair, 2))
        exchanges = chance.random() < EXCHANGED_SHARE
        turned = (
            exchanged(claim, text, encoder, chance) if exchanges else opposed(claim, text, chance)
        )
        if turned:
            kind, block = "exchanged" if exchanges else "opposed", f"made:{number}"
            yield [
                Written(block, block, text, claim, place == other, kind, (0, 0))
                for place, claim in enumerate(turned[0])
                for other, text in enumerate(turned[1])
            ]


def exchanged(
    claim: str, text: str, encoder: SpanEncoder, chance: random.Random
) -> tuple[Turned, Turned] | None:
    """Return claim and text with the same two words in each other's places."""
    own, other = tokens_of(claim, encoder), tokens_of(text, encoder)
    words = list(_shared_words(own, other))
    found = [
        (one, two, likeness)
        for place, one in enumerate(words)
        for two in words[place + 1 :]
        if (likeness := _fitting(own, other, one, two)) is not None
    ]
    if not found:
        return None
    weights = [float(np.exp(FAVOURED * likeness)) for _, _, likeness in found]
    one, two, _ = chance.choices(found, weights)[0]
    return _swap(claim, one[0], two[0]), _swap(text, one[1], two[1])


Word = tuple[Span, Span, tuple[int, ...]]


def _shared_words(own: Tokens, other: Tokens) -> Iterator[Word]:
    """Yield where words stand that both sides have once: in each, and the tokens of the one."""
    if not own.ids or not other.ids:
        return
    cosines = unit_rows(own.rows) @ unit_rows(other.rows).T
    best, back = cosines.argmax(axis=1), cosines.argmax(axis=0)
    is_met = [
        back[best[row]] == row
        and cosines[row, best[row]] >= LIKE
        and own.text[slice(*span)].strip().lower() not in _IDLE
        for row, span in enumerate(own.spans)
    ]
    row = 0
    while row < len(own.ids):
        end = row + 1
        if is_met[row]:
            while (
                end < len(own.ids) and end - row < MOST_JOINED and is_met[end]
                and best[end] == best[end - 1] + 1
            ):  # fmt: skip
                end += 1
            place = _trimmed(own, row, end), _trimmed(other, int(best[row]), int(best[end - 1]) + 1)
            texts = [
                side.text[slice(*span)] for side, span in zip((own, other), place, strict=True)
            ]
            if all(
                _WORD.fullmatch(told.replace(" ", "")) and side.text.count(told) == 1
                for told, side in zip(texts, (own, other), strict=True)
            ):
                yield *place, tuple(range(row, end))
        row = end


def _trimmed(tokens: Tokens, first: int, end: int) -> Span:
    start, stop = tokens.spans[first][0], tokens.spans[end - 1][1]
    told = tokens.text[start:stop]
    return start + len(told) - len(told.lstrip()), stop - len(told) + len(told.rstrip())


def _fitting(own: Tokens, other: Tokens, one: Word, two: Word) -> float | None:
    """Return how alike two words are that may change places; None for others."""
    if two[2][0] - one[2][-1] <= LEAST_APART:
        return None
    for text, first, second in ((own.text, one[0], two[0]), (other.text, one[1], two[1])):
        (_, end), (start, _) = sorted((first, second))
        if end > start or _JOINING.fullmatch(text, end, start):
            return None
    rows = unit_rows(np.stack([own.rows[list(word[2])].sum(axis=0) for word in (one, two)]))
    likeness = float(rows[0] @ rows[1])
    return likeness if likeness >= FITTING else None


def _swap(text: str, one: Span, two: Span) -> Turned:
    (a, b), (c, d) = sorted((one, two))
    return text, text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def opposed(claim: str, text: str, chance: random.Random) -> tuple[Turned, Turned] | None:
    """Return claim and text with the same word turned into its opposite."""
    order = list(OPPOSITES)
    chance.shuffle(order)
    for line in order:
        places = [list(_opposites_in(one, line)) for one in (claim, text)]
        if all(len(found) == 1 for found in places) and places[0][0][2] == places[1][0][2]:
            return _put(claim, *places[0][0][:2]), _put(text, *places[1][0][:2])
    return None


def _opposites_in(text: str, line: str) -> Iterator[tuple[Span, str, bool]]:
    """Yield where words of a line stand, their opposites, and whether they are the first."""
    taken: set[int] = set()
    pairs = pairs_of(line)
    both = [(a, b, True) for a, b in pairs] + [(b, a, False) for a, b in pairs]
    for word, opposite, is_first in sorted(both, key=lambda pair: -len(pair[0])):
        pattern = rf"\b{word}\b" if word.isascii() else word
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if not taken & set(range(*match.span())):
                taken |= set(range(*match.span()))
                yield match.span(), opposite, is_first


def _put(text: str, span: Span, word: str) -> Turned:
    return text, text[: span[0]] + word + text[span[1] :]

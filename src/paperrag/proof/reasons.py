"""A claim beside a text, compared -> what the text does not bear out, in words of both.

First numbers, then names, each with what the text has in its place where it has something, then the
one word that the text has nothing like; where none stands out, what the text says instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from msgspec import Struct

from paperrag.encoders.contract import FloatArray
from paperrag.proof.beside import Misplaced
from paperrag.proof.names import names_of, untold_names
from paperrag.proof.net import Judgement
from paperrag.proof.polarity import Turned
from paperrag.proof.quantities import Quantity, quantities
from paperrag.proof.worked import verdicts
from paperrag.records import Span
from paperrag.text.markup import shorten
from paperrag.text.patterns import lazy_pattern

STANDS_OUT = 2.5
"""How many times as heavy as the next an unmet word must be to be the one that is wrong. By hand,
over 144 lies whose wrong word is known: it is that one in 50 %, of all unmet words in 33 %.
"""

MOST_QUOTED = 80
"""Characters of what the text says instead."""

_CLAUSE = lazy_pattern(r"[^\n,;:，；：。]+")
_BRACKETS = str.maketrans("()", "（）")
"""A mark stands between brackets."""

_WORD = lazy_pattern(r"[A-Za-z](?:(?![\u4e00-\u9fff])[\w-])*|[\u4e00-\u9fff]+|\d[\d.,]*")


class Reason(Struct, frozen=True):
    """What is not borne out. "other": the text says `held` in place of `said`; "no_source": it has
    nothing for `said`; "instead": `held` is what it says of the same.
    """

    kind: Literal["other", "no_source", "instead"]
    said: str
    held: str


class Compared(Struct, frozen=True):
    """A claim, the sentences it was held against, the spans of their tokens, what the network made
    of them, the whole text that the sentences are from, and how much of each token's weight that
    text has nothing like, (claim tokens,); numbers that stand beside something else; how far one
    side denies what the other says, and how far they point apart, 0–1.
    """

    claim: str
    spans: Sequence[Span]
    window: str
    window_spans: Sequence[Span]
    judgement: Judgement
    whole: str
    unmet: FloatArray
    misplaced: Sequence[Misplaced] = ()
    denied: float = 0.0
    turned: Turned = Turned()
    opposed: Turned = Turned()

    @property
    def unlike(self) -> list[Span]:
        """The spans of the claim's tokens that the whole text has nothing like."""
        return [span for span, weight in zip(self.spans, self.unmet, strict=True) if weight]


def reasons(compared: Compared) -> Iterator[Reason]:
    """Yield what is not borne out, what can be told most surely first."""
    told = False
    for one, verdict in verdicts(compared.claim, compared.whole):
        if verdict != "met":
            told = True
            yield _number(one, compared)
    for misplaced in compared.misplaced:
        told = True
        yield Reason("other", misplaced.said.text.strip(), misplaced.held.text.strip())
    for name in untold_names(compared.claim, compared.whole, compared.unlike):
        told = True
        yield _name(name, compared)
    if words := compared.opposed.words or compared.turned.words:
        yield _opposite(*words, compared)
    elif not told:
        yield _word(compared)


def _opposite(said: Span, held: Span, compared: Compared) -> Reason:
    """Return a word of the claim with the one of the text that points the other way."""
    return Reason("other", _word_at(compared.claim, said), _word_at(compared.window, held))


def _name(said: str, compared: Compared) -> Reason:
    """Return the one name that the text has and the claim has not, if there is just one."""
    others = {name for name in names_of(compared.window) if name not in compared.claim}
    if len(others) == 1:
        return Reason("other", said, others.pop())
    return Reason("no_source", said, "")


def _number(said: Quantity, compared: Compared) -> Reason:
    """Return what the text has of the same kind, the one nearest to what the claim's number looks
    at.
    """
    same = [
        one
        for one in quantities(compared.window)
        if (one.kind == said.kind and one.raw != said.raw) or (one.kind and one.raw == said.raw)
    ]
    if not same:
        return Reason("no_source", said.text.strip(), "")
    beside = [
        row
        for row, (a, b) in enumerate(compared.spans)
        if a < said.end + 12 and b > said.start - 12
    ]
    looks = compared.judgement.looks_at[beside].sum(axis=0) if beside else np.zeros(0)

    def nearness(one: Quantity) -> float:
        rows = [
            row
            for row, (a, b) in enumerate(compared.window_spans)
            if a < one.end + 12 and b > one.start - 12
        ]
        return float(looks[rows].sum()) if len(looks) and rows else 0.0

    return Reason("other", said.text.strip(), max(same, key=nearness).text.strip())


def _word(compared: Compared) -> Reason:
    """Return the one word that stands out as unmet, else what the text says."""
    worst = int(np.argmax(compared.unmet))
    word = _word_at(compared.claim, compared.spans[worst])
    others = [
        float(unmet)
        for unmet, span in zip(compared.unmet, compared.spans, strict=True)
        if _word_at(compared.claim, span) != word
    ]
    if word and compared.unmet[worst] > STANDS_OUT * max(others, default=0.0):
        return Reason("no_source", word, "")
    return Reason("instead", "", _quote(compared))


def _quote(compared: Compared) -> str:
    """Return the sentence of the window that the claim looks at most, but for the headings above;
    of a long one the clause.
    """
    sentence = _most_looked_at(compared, re.compile(r"[^\n]+"))
    quote = sentence if len(sentence) <= MOST_QUOTED else _most_looked_at(compared, _CLAUSE)
    return shorten(quote, MOST_QUOTED).translate(_BRACKETS)


def _most_looked_at(compared: Compared, pattern: re.Pattern[str]) -> str:
    def looks(match: re.Match[str]) -> float:
        rows = [
            row
            for row, (start, end) in enumerate(compared.window_spans)
            if start < match.end() and end > match.start()
        ]
        return float(compared.judgement.looks_at[:, rows].max(axis=1, initial=0.0).sum())

    headings = compared.whole.partition("\n")[0]
    found = list(pattern.finditer(compared.window))
    told = [match for match in found if match.group() not in headings]
    return max(told or found, key=looks).group().strip(" ,;:，；：")


def _word_at(text: str, span: tuple[int, int]) -> str:
    """Return the word that a token is in; of Chinese, which has no blanks, the token."""
    token = text[span[0] : span[1]].strip()
    if not token or not re.match(r"[\w]", token):
        return ""
    if "\u4e00" <= token[0] <= "\u9fff":
        return token
    for match in _WORD.finditer(text):
        if match.start() < span[1] and match.end() > span[0] + (text[span[0]] == " "):
            return match.group()
    return token

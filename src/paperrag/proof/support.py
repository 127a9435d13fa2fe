"""A claim and the texts that it cites -> how likely the texts say so, 0–1. No LLM.

Five things are looked at, in either language: numbers and names of the claim that the cited texts
do not hold, techniques they do not name and directions they turn round (`ideas`), how well each
word of the claim is met by some word of them (MaxSim, as in `late`), and whether another text that
the writer had at hand meets the claim better. A logistic regression weighs them;
`benchmarks/proof.py` prints how often it is right. It knows nothing of the world: a
wrong claim in the cited entry's own words is what it can miss.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from paperrag.encoders.contract import FloatArray, TokenEncoder, unit_rows
from paperrag.proof.techniques import missing_techniques, opposed
from paperrag.text.folding import fold

SUPPORTED = 0.5
"""Claims at or above this are supported."""

CLEARLY = 0.75
"""A claim without a citation gets one only at or above this, and only from the text that covers it
best.
"""

_NUMBER = re.compile(r"(?<![A-Za-z\d.])\d+(?:[.,]\d+)*")
_NAME = re.compile(
    r"[A-Za-z][A-Za-z0-9+µ]*(?:[-–./][A-Za-z0-9]+)*\+?|\d+[A-Za-z]+(?:-[A-Za-z0-9]+)*"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_SQUEEZED = re.compile(r"[\W_]+")
_WORD_NUMBERS = {
    "3": ("three", "third", "triple", "三"),
    "4": ("four", "四"),
    "5": ("five", "五"),
    "6": ("six", "六"),
    "7": ("seven", "七"),
    "8": ("eight", "八"),
    "9": ("nine", "九"),
    "10": ("ten", "十"),
}
_COUNTED_ZH = "[种个类项条步层倍篇组次阶级台块张份家路轮成]"
_WEAK_SIMILARITY = 0.5
"""A word of a claim whose best cosine is below this is met by nothing."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is looked at for one claim; see `SupportScorer.features`."""

    unmet: float
    weakest: float
    contrast: float
    numbers_missing: float
    names_missing: float
    counts_missing: float
    techniques_missing: float
    opposed: float


WEIGHTS = Features(
    unmet=-2.5, weakest=1.9, contrast=-1.2, numbers_missing=-3.7, names_missing=-2.1,
    counts_missing=-1.2, techniques_missing=-1.4, opposed=-2.0,
)  # fmt: skip
INTERCEPT = 1.7
"""A logistic regression's on 314 true claims and 314 altered ones about five sets of notes. Each
set predicted from the others, it flags 8 % of true claims, and of altered ones 85 % of wrong
numbers, 88 % of wrong names, all that cite another paper, 55 % of wrong techniques and 27 % of
turned directions (`benchmarks/fit_support.py --true-weight 1.25`). The lists in `ideas` were
written with these claims in view, so other techniques will be found less often."""


class SupportScorer:
    """Scores claims against texts, such as the evidence that an LLM was given.

    texts: at least one; a claim names those that it cites by position.
    """

    def __init__(self, encoder: TokenEncoder, texts: Sequence[str]) -> None:
        self._encoder = encoder
        self._texts = [fold(text) for text in texts]
        rows = [self._rows(text)[0] for text in self._texts]
        self._vectors = np.concatenate(
            [part for part in rows if len(part)] or [np.zeros((0, 1), dtype=np.float32)]
        )
        self._sizes = np.array([len(part) for part in rows])

    def score(self, claim: str, cited: Sequence[int]) -> float:
        """Return the probability that the cited texts together say what the claim says; 0.0 if
        none is cited.
        """
        if not cited:
            return 0.0
        weighted = sum(
            w * x
            for w, x in zip(astuple(WEIGHTS), astuple(self.features(claim, cited)), strict=True)
        )
        return 1 / (1 + math.exp(-(weighted + INTERCEPT)))

    def best(self, claim: str) -> int:
        """Return the position of the text that covers a claim best, the first of several."""
        vectors, weights = self._rows(fold(claim))
        return int(np.argmax(weights @ self._nearest(vectors)))

    def features(self, claim: str, cited: Sequence[int]) -> Features:
        """Return how far the cited texts and any better one meet a claim, in 0–1, and counts of
        what is missing.
        """
        folded = fold(claim)
        vectors, weights = self._rows(folded)
        nearest = self._nearest(vectors)
        best = nearest[:, list(cited)].max(axis=1)
        total = float(weights.sum()) or 1.0
        coverage = weights @ nearest / total
        others = np.delete(coverage, list(cited))
        heavy = weights >= np.median(weights) if len(weights) else weights > 0
        text = "\n".join(self._texts[place] for place in cited)
        return Features(
            unmet=float(weights[best < _WEAK_SIMILARITY].sum()) / total,
            weakest=float(np.sort(best[heavy])[:2].mean()) if heavy.any() else 0.0,
            contrast=max(0.0, float(others.max(initial=0.0) - coverage[list(cited)].max())),
            numbers_missing=float(bool(missing_numbers(folded, text))),
            names_missing=min(2.0, float(len(missing_names(folded, text)))),
            counts_missing=float(bool(missing_counts(folded, text))),
            techniques_missing=min(2.0, float(missing_techniques(folded, text))),
            opposed=min(2.0, float(opposed(folded, text))),
        )

    def _rows(self, text: str) -> tuple[FloatArray, FloatArray]:
        """Return unit vectors (t, d) of the distinct tokens of a text, and their weights (t,)."""
        ids = sorted(set(self._encoder.token_ids([text])[0]))
        rows = self._encoder.token_vectors(ids) if ids else np.zeros((0, 1), dtype=np.float32)
        return unit_rows(rows), np.asarray(np.linalg.norm(rows, axis=1), dtype=np.float32)

    def _nearest(self, vectors: FloatArray) -> FloatArray:
        """Return the cosine of each of t tokens with the nearest token of each of n texts, (t, n);
        0 for an empty text.
        """
        nearest = np.zeros((len(vectors), len(self._texts)), dtype=np.float32)
        filled = np.flatnonzero(self._sizes)
        if len(filled) and len(vectors):
            starts = np.cumsum(self._sizes[filled]) - self._sizes[filled]
            nearest[:, filled] = np.maximum.reduceat(vectors @ self._vectors.T, starts, axis=1)
        return nearest


def missing_numbers(claim: str, text: str) -> list[str]:
    """Return the numbers in digits of a claim that a text holds neither in digits nor in words."""
    held = {_plain_number(found) for found in re.findall(r"\d+(?:[.,]\d+)*", text)}
    return [
        number
        for number in _NUMBER.findall(claim)
        if not _is_held(_plain_number(number), held, text)
    ]


def missing_counts(claim: str, text: str) -> list[str]:
    """Return the counts in words ("three", 三种) of a claim that a text holds in no form."""
    held = {_plain_number(found) for found in re.findall(r"\d+", text)}
    counts = [
        number
        for number, words in _WORD_NUMBERS.items()
        if any(_says_count(claim, word) for word in words)
    ]
    return [number for number in counts if not _is_held(number, held, text)]


def missing_names(claim: str, text: str) -> list[str]:
    """Return the names (LoRA-XS, ICML, GPT-4) of a claim that a text does not hold; separators and
    case aside.
    """
    held, initials = _squeezed(text), _initials(text)
    return [
        name
        for name in _names(claim)
        if not _is_named(name, held) and not (name.isupper() and name in initials)
    ]


def _initials(text: str) -> str:
    """Return the first letters of capitalised words, a blank for any other: DMC for Dynamic Memory
    Compression.
    """
    return "".join(word[0] if word[0].isupper() else " " for word in re.findall(r"[A-Za-z]+", text))


def _is_named(name: str, held: str) -> bool:
    """Whether a squeezed text holds a name, or all of its parts that look like names:
    fastText-based, V-STaR's.
    """
    if _squeezed(name).removesuffix("s") in held:
        return True
    parts = [part for part in re.split(r"[-–/.]", name) if _is_marked(part) or part[:1].isupper()]
    return (
        len(parts) > 0
        and parts != [name]
        and all(_squeezed(part).removesuffix("s") in held for part in parts)
    )


def _is_marked(word: str) -> bool:
    return any(char.isupper() for char in word[1:]) or any(char.isdigit() for char in word)


def _names(claim: str) -> list[str]:
    found = []
    for match in _NAME.finditer(claim):
        word = match.group()
        opens = not claim[: match.start()].strip(" *_“\"'(（") or claim[
            : match.start()
        ].rstrip().endswith((".", ":", "?"))
        if _is_marked(word) or (word[0].isupper() and not opens and len(word) > 1):
            found.append(word)
    return found


def _is_held(number: str, held: set[str], text: str) -> bool:
    if number in held or (
        _YEAR.fullmatch(number) and re.search(rf"(?<!\d){number[2:]}(?!\d)", text)
    ):
        return True
    shares = (
        [] if number.count(".") > 1 else [float(number) / 100, float(number) * 100]
    )  # a list, a version, a date is no share
    return any(f"{share:g}" in held for share in shares) or any(
        _holds_word(text, word) for word in _WORD_NUMBERS.get(number, ())
    )


def _plain_number(number: str) -> str:
    plain = (
        number.replace(",", "")
        if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number)
        else number.replace(",", ".")
    )
    return f"{float(plain):g}" if plain.count(".") <= 1 else plain


def _holds_word(text: str, word: str) -> bool:
    return bool(re.search(rf"\b{word}\b", text, re.IGNORECASE)) if word.isascii() else word in text


def _says_count(claim: str, word: str) -> bool:
    return bool(
        re.search(rf"\b{word}\b", claim, re.IGNORECASE)
        if word.isascii()
        else re.search(word + _COUNTED_ZH, claim)
    )


def _squeezed(text: str) -> str:
    return _SQUEEZED.sub("", text).lower()

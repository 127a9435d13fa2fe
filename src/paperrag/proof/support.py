"""A claim and the texts that it cites -> how likely the texts say so, 0–1, and what they do not say.
No LLM.

Looked at, in either language: a network's judgement of the claim beside the sentences that meet it
best (`net`), numbers and names that the cited texts do not hold, how well each word is met
(MaxSim, as in `late`), and whether another text that the writer had at hand meets the claim
better. They are weighed like a logistic regression's; `benchmarks/proof.py` prints how often that is right. It
knows nothing of the world.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from paperrag.encoders.contract import FloatArray, SpanEncoder, unit_rows
from paperrag.proof.flags import flags
from paperrag.proof.names import missing_names
from paperrag.proof.net import Judgement, claim_net, side_of
from paperrag.proof.quantities import quantities, verdict
from paperrag.proof.reasons import Compared, Reason, reasons
from paperrag.proof.windows import best_sentences, sentences
from paperrag.text.folding import fold

SUPPORTED = 0.5
"""Claims at or above this are supported."""

CLEARLY = 0.75
"""A claim without a citation gets one only at or above this, and only from the text that covers it
best.
"""

_WEAK_SIMILARITY = 0.5
"""A word of a claim whose best cosine is below this is met by nothing."""

_MOST_LOGIT = 6.0


@dataclass(frozen=True, slots=True)
class Features:
    """What is looked at for one claim; see `SupportScorer.features`."""

    net: float
    unmet: float
    weakest: float
    contrast: float
    numbers_missing: float
    names_missing: float


WEIGHTS = Features(
    net=0.8, unmet=-2.0, weakest=1.0, contrast=-1.1, numbers_missing=-4.5, names_missing=-3.0
)
INTERCEPT = 2.75
"""Set between what hand-written and made claims ask for: a regression on either alone gives the
network next to nothing or nearly all. `benchmarks/fit_support.py` prints what they do.
"""


@dataclass(frozen=True, slots=True)
class Support:
    """Whether texts bear out a claim: the probability in 0–1, and where they do not, what is wrong
    first.
    """

    chance: float
    reasons: tuple[Reason, ...]

    @property
    def is_contradicted(self) -> bool:
        """Whether the texts say something else, rather than nothing."""
        return not self.is_supported and any(
            reason.kind in ("other", "left_out") for reason in self.reasons
        )

    @property
    def is_supported(self) -> bool:
        """Whether the texts bear the claim out."""
        return self.chance >= SUPPORTED


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A text's known tokens: ids (t,), spans in the text, rows (t, d) with their weight as
    length.
    """

    ids: list[int]
    spans: list[tuple[int, int]]
    rows: FloatArray


class SupportScorer:
    """Scores claims against texts, such as the evidence that an LLM was given.

    texts: at least one; a claim names those that it cites by position.
    """

    def __init__(self, encoder: SpanEncoder, texts: Sequence[str]) -> None:
        self._encoder = encoder
        self._texts = [fold(text) for text in texts]
        rows = [self._distinct(text)[0] for text in self._texts]
        self._vectors = np.concatenate(
            [part for part in rows if len(part)] or [np.zeros((0, 1), dtype=np.float32)]
        )
        self._sizes = np.array([len(part) for part in rows])

    def score(self, claim: str, cited: Sequence[int]) -> float:
        """Return the probability that the cited texts together say what the claim says; 0.0 if
        none is cited.
        """
        return self.judge(claim, cited).chance

    def judge(self, claim: str, cited: Sequence[int]) -> Support:
        """Return whether the cited texts together bear out a claim, and what they do not."""
        if not cited:
            return Support(0.0, ())
        folded, text = fold(claim), self._together(cited)
        compared = self._compare(folded, text)
        found = self._features(folded, text, cited, compared)
        weighted = sum(w * x for w, x in zip(astuple(WEIGHTS), astuple(found), strict=True))
        chance = 1 / (1 + math.exp(-(weighted + INTERCEPT)))
        why = () if chance >= SUPPORTED or compared is None else tuple(reasons(compared))
        return Support(chance, why)

    def best(self, claim: str) -> int:
        """Return the position of the text that covers a claim best, the first of several."""
        vectors, weights = self._distinct(fold(claim))
        return int(np.argmax(weights @ self._nearest(vectors)))

    def features(self, claim: str, cited: Sequence[int]) -> Features:
        """Return how far the cited texts and any better one meet a claim, in 0–1, the network's
        logit, and counts of what is missing.
        """
        folded, text = fold(claim), self._together(cited)
        return self._features(folded, text, cited, self._compare(folded, text))

    def _features(
        self, claim: str, text: str, cited: Sequence[int], compared: Compared | None
    ) -> Features:
        vectors, weights = self._distinct(claim)
        nearest = self._nearest(vectors)
        best = nearest[:, list(cited)].max(axis=1)
        total = float(weights.sum()) or 1.0
        coverage = weights @ nearest / total
        others = np.delete(coverage, list(cited))
        heavy = weights >= np.median(weights) if len(weights) else weights > 0
        held = quantities(text)
        return Features(
            net=compared.judgement.logit if compared else 0.0,
            unmet=float(weights[best < _WEAK_SIMILARITY].sum()) / total,
            weakest=float(np.sort(best[heavy])[:2].mean()) if heavy.any() else 0.0,
            contrast=max(0.0, float(others.max(initial=0.0) - coverage[list(cited)].max())),
            numbers_missing=float(
                any(verdict(one, held, text) != "met" for one in quantities(claim))
            ),
            names_missing=min(2.0, float(len(missing_names(claim, text)))),
        )

    def _compare(self, claim: str, text: str) -> Compared | None:
        """Return a claim beside the sentences that meet it best; None without words on a side."""
        own = self._tokens(claim)
        parts = sentences(text)
        if not own.ids or not parts:
            return None
        told = [self._tokens(part) for part in parts]
        units, weights = unit_rows(own.rows), np.linalg.norm(own.rows, axis=1)
        met = np.stack(
            [
                (units @ unit_rows(one.rows).T).max(axis=1)
                if one.ids
                else np.zeros(len(units), dtype=np.float32)
                for one in told
            ],
            axis=1,
        )
        chosen = best_sentences(met, weights, [len(one.ids) for one in told])
        window = "\n".join(parts[place] for place in chosen)
        other = self._tokens(window)
        if not other.ids:
            return None
        judgement = self._judged(claim, own, text, window, other)
        return Compared(claim, own.spans, window, other.spans, judgement, text)

    def _judged(
        self, claim: str, own: _Tokens, text: str, window: str, other: _Tokens
    ) -> Judgement:
        judgement = claim_net().judge(
            side_of(np.array(own.ids), own.rows, flags(claim, own.ids, own.spans, text, other.ids)),
            side_of(
                np.array(other.ids),
                other.rows,
                flags(window, other.ids, other.spans, claim, own.ids),
            ),
        )
        logit = min(_MOST_LOGIT, max(-_MOST_LOGIT, judgement.logit))
        return Judgement(logit, judgement.claim_tokens, judgement.text_tokens, judgement.looks_at)

    def _together(self, cited: Sequence[int]) -> str:
        return "\n".join(self._texts[place] for place in cited)

    def _tokens(self, text: str) -> _Tokens:
        ids, spans = self._encoder.token_spans(text)
        rows = self._encoder.token_vectors(ids) if ids else np.zeros((0, 1), dtype=np.float32)
        return _Tokens(ids, spans, rows)

    def _distinct(self, text: str) -> tuple[FloatArray, FloatArray]:
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

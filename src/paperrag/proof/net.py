"""A claim's tokens and a text's -> whether one bears out the other, and which tokens say otherwise.
NumPy only.

Each token looks for its counterpart on the other side, is compared with it in the context of its
neighbours, and what is found is summed up (a decomposable attention model,
https://arxiv.org/abs/1606.01933, over the bundled encoder's token rows). `training/claims` made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, unit_rows

WEIGHTS_FILE = Path(__file__).parent / "claim_net.npz"


@dataclass(frozen=True, slots=True)
class Side:
    """The tokens of a claim or a text: ids (t,), unit static rows (t, d), flags (t, FLAGS)."""

    ids: npt.NDArray[np.int64]
    rows: FloatArray
    flags: FloatArray


@dataclass(frozen=True, slots=True)
class Judgement:
    """`logit`: above 0, the claim is rather borne out. `claim_tokens`, `text_tokens`: above 0, the
    token rather says otherwise. `looks_at`: (claim, text) how far a token of the claim looks at
    one of the text, rows add up to 1.
    """

    logit: float
    claim_tokens: FloatArray
    text_tokens: FloatArray
    looks_at: FloatArray


class ClaimNet:
    """The network with its weights; see the module."""

    def __init__(self, weights: Mapping[str, npt.NDArray[np.generic]]) -> None:
        self._own = weights["own.weight"]
        self._own_scale = float(weights["own.scale"])
        self._w = {
            name: np.asarray(part, dtype=np.float32)
            for name, part in weights.items()
            if not name.startswith("own.")
        }

    def judge(self, claim: Side, text: Side) -> Judgement:
        """Return what the network makes of a claim and a text, one or more tokens each."""
        states, text_states = self._read(claim), self._read(text)
        cosines = claim.rows @ text.rows.T
        same = (claim.ids[:, None] == text.ids[None, :]).astype(np.float32)
        asks = states @ self._w["asks.weight"].T
        asked = text_states @ self._w["is_asked.weight"].T
        scales = self._w["scales"]
        scores = scales[0] * cosines + scales[1] * same + asks @ asked.T / states.shape[1] ** 0.5
        to_text, to_claim = _softmax(scores), _softmax(scores.T)
        met = self._met(0, states, to_text @ text_states, claim.flags, cosines.max(axis=1))
        text_met = self._met(1, text_states, to_claim @ states, text.flags, cosines.max(axis=0))
        tokens = met @ self._w["token.0.weight"][0] + self._w["token.0.bias"]
        text_tokens = text_met @ self._w["token.1.weight"][0] + self._w["token.1.bias"]
        share = to_text.sum(axis=0)
        best = cosines.max(axis=1)
        whole = np.concatenate(
            [
                met.mean(axis=0),
                met.max(axis=0),
                share @ text_met / share.sum(),
                text_met.max(axis=0),
                [tokens.max(), text_tokens.max(), best.mean(), best.min()],
            ]
        )
        summed = np.maximum(self._linear("sum_up", whole), 0)
        logit = float(self._linear("last", summed)[0])
        return Judgement(logit, tokens, text_tokens, to_text)

    def _read(self, side: Side) -> FloatArray:
        own = self._own[side.ids].astype(np.float32) * self._own_scale
        states = self._linear("widen", np.hstack([side.rows, own]))
        for name, reach in (("near", 1), ("far", 2)):
            states = states + np.maximum(self._along(name, states, reach), 0)
        return states

    def _met(
        self, side: int, own: FloatArray, other: FloatArray, flags: FloatArray, near: FloatArray
    ) -> FloatArray:
        seen = np.hstack([own, other, own * other, np.abs(own - other), flags, near[:, None]])
        met = np.maximum(self._linear(f"compare.{side}", seen), 0)
        return np.asarray(met + np.maximum(self._along(f"blend.{side}", met, 1), 0))

    def _along(self, name: str, states: FloatArray, reach: int) -> FloatArray:
        """Return a convolution of three taps, `reach` tokens apart, over the tokens."""
        taps = self._w[f"{name}.weight"]
        padded = np.pad(states, ((reach, reach), (0, 0)))
        parts = [
            padded[reach * tap : reach * tap + len(states)] @ taps[:, :, tap].T for tap in range(3)
        ]
        return np.asarray(parts[0] + parts[1] + parts[2] + self._w[f"{name}.bias"])

    def _linear(self, name: str, states: FloatArray) -> FloatArray:
        return np.asarray(states @ self._w[f"{name}.weight"].T + self._w[f"{name}.bias"])


@lru_cache(maxsize=1)
def claim_net() -> ClaimNet:
    """Return the network of the package."""
    with np.load(WEIGHTS_FILE) as weights:
        return ClaimNet(dict(weights))


def side_of(ids: npt.NDArray[np.int64], rows: FloatArray, flags: FloatArray) -> Side:
    """Return tokens as the network reads them."""
    return Side(ids, unit_rows(rows), flags)


def _softmax(scores: FloatArray) -> FloatArray:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)

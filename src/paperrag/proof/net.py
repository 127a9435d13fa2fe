"""A claim's tokens and a text's -> whether one bears out the other, and which tokens say otherwise.
NumPy only.

Each token looks for its counterpart on the other side and is compared with it, as in a decomposable
attention model (https://arxiv.org/abs/1606.01933); a small transformer over both sides sums up what
is found. `training/claims` made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray

WEIGHTS_FILE = Path(__file__).parent / "claim_net.npz"
REACH = 8
"""How many tokens away a neighbour is told from one farther off; the unit of how far counterparts
stand from one another.
"""


@dataclass(frozen=True, slots=True)
class Side:
    """The tokens of a claim or a text: ids (t,), unit static rows (t, d), flags (t, FLAGS), states
    in context (t, w).
    """

    ids: npt.NDArray[np.int64]
    rows: FloatArray
    flags: FloatArray
    states: FloatArray


@dataclass(frozen=True, slots=True)
class Judgement:
    """`logit`: above 0, the claim is rather borne out. `claim_tokens`, `text_tokens`: above 0, the
    token rather says otherwise. `looks_at`: (claim, text) how far a token of the claim looks at
    one of the text; rows add up to 1 at most, the rest is at nothing.
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
        self._layers = sum(name.endswith(".across") for name in self._w)

    def judge(self, claim: Side, text: Side, links: npt.NDArray[np.int64]) -> Judgement:
        """Return what the network makes of a claim and a text, one or more tokens each. links: (n,
        2) pairs of their tokens that tell the same quantity.
        """
        own, text_own = self._read(claim), self._read(text)
        cosines = claim.rows @ text.rows.T
        linked = np.zeros_like(cosines)
        linked[links[:, 0], links[:, 1]] = 1
        same = (claim.ids[:, None] == text.ids[None, :]).astype(np.float32)
        asks = (own @ self._w["asks.weight"].T) @ (text_own @ self._w["is_asked.weight"].T).T
        scales = self._w["scales"]
        scores = scales[0] * cosines + scales[1] * same + scales[2] * linked
        scores = scores + asks / own.shape[1] ** 0.5
        looks, text_looks = self._looks(scores), self._looks(scores.T)
        met = self._met(0, own, text_own, claim.flags, looks, cosines, linked)
        text_met = self._met(1, text_own, own, text.flags, text_looks, cosines.T, linked.T)
        met, text_met = self._summed(met, text_met, looks, text_looks)
        tokens = self._linear("token.0", met)[:, 0]
        text_tokens = self._linear("token.1", text_met)[:, 0]
        mass = looks.sum(axis=0) + np.float32(1e-6)
        best = cosines.max(axis=1)
        whole = np.concatenate(
            [
                met.mean(axis=0),
                met.max(axis=0),
                mass @ text_met / mass.sum(),
                text_met.max(axis=0),
                [tokens.max(), text_tokens.max(), best.mean(), best.min()],
            ]
        )
        summed = np.maximum(self._linear("sum_up", whole), 0)
        logit = float(self._linear("last", summed)[0])
        return Judgement(logit, tokens, text_tokens, looks)

    def _read(self, side: Side) -> FloatArray:
        own = self._own[side.ids].astype(np.float32) * self._own_scale
        seen = np.hstack([side.rows, side.states, own, side.flags])
        return np.asarray(np.maximum(self._normed("enter_norm", self._linear("enter", seen)), 0))

    def _looks(self, scores: FloatArray) -> FloatArray:
        nothing = np.full((len(scores), 1), self._w["nothing"], dtype=np.float32)
        return _softmax(np.hstack([scores, nothing]))[:, :-1]

    def _met(
        self,
        side: int,
        own: FloatArray,
        others: FloatArray,
        flags: FloatArray,
        looks: FloatArray,
        cosines: FloatArray,
        linked: FloatArray,
    ) -> FloatArray:
        other, held = looks @ others, looks.sum(axis=1)
        at = looks @ (np.arange(looks.shape[1], dtype=np.float32) / REACH) / np.maximum(held, 1e-3)
        step = np.tanh(np.diff(at))
        seen = np.stack(
            [
                cosines.max(axis=1),
                linked.max(axis=1),
                held,
                np.append(np.float32(0), step),
                np.append(step, np.float32(0)),
            ],
            axis=1,
        )
        parts = np.hstack([own, other, own * other, np.abs(own - other), flags, seen])
        return np.asarray(np.maximum(self._linear(f"compare.{side}", parts), 0))

    def _summed(
        self, met: FloatArray, text_met: FloatArray, looks: FloatArray, text_looks: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return both sides after the layers, in which a token looks at its neighbours and its
        counterparts.
        """
        size, states = len(met), np.vstack([met, text_met])
        order = np.arange(len(states))
        places = np.clip(order[:, None] - order[None, :], -REACH, REACH) + REACH
        is_text = order >= size
        places[is_text[:, None] != is_text[None, :]] = 2 * REACH + 1
        aligned = np.zeros(places.shape, dtype=np.float32)
        aligned[:size, size:], aligned[size:, :size] = looks, text_looks
        for number in range(self._layers):
            states = self._layer(f"layers.{number}", states, places, aligned)
        states = self._normed("norm", states)
        return states[:size], states[size:]

    def _layer(
        self, name: str, states: FloatArray, places: npt.NDArray[np.int64], aligned: FloatArray
    ) -> FloatArray:
        across, distance = self._w[f"{name}.across"], self._w[f"{name}.distance"]
        heads, width = len(across), states.shape[1] // len(across)
        parts = self._linear(f"{name}.attend", self._normed(f"{name}.first_norm", states))
        query, key, value = parts.reshape(len(states), 3, heads, width).transpose(1, 2, 0, 3)
        near = np.pad(distance, ((0, 0), (0, 1)))[:, places]
        scores = query @ key.transpose(0, 2, 1) / np.float32(width**0.5)
        scores = scores + near + across[:, None, None] * aligned
        mixed = (_softmax(scores) @ value).transpose(1, 0, 2).reshape(states.shape)
        states = states + self._linear(f"{name}.join", mixed)
        grown = self._linear(f"{name}.grow", self._normed(f"{name}.second_norm", states))
        return np.asarray(states + self._linear(f"{name}.shrink", np.maximum(grown, 0)))

    def _linear(self, name: str, states: FloatArray) -> FloatArray:
        return np.asarray(states @ self._w[f"{name}.weight"].T + self._w[f"{name}.bias"])

    def _normed(self, name: str, states: FloatArray) -> FloatArray:
        """Return layer-normalised states."""
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        scaled = centred / spread * self._w[f"{name}.weight"]
        return np.asarray(scaled + self._w[f"{name}.bias"], dtype=np.float32)


@lru_cache(maxsize=1)
def claim_net() -> ClaimNet:
    """Return the network of the package."""
    with np.load(WEIGHTS_FILE) as weights:
        return ClaimNet(dict(weights))


def _softmax(scores: FloatArray) -> FloatArray:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)

"""A claim's tokens and a text's -> whether one bears out the other.

Three layers of a transformer read both together, over states in which the bundled encoder has read
each alone; see `training/claims`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from paperrag.encoders.contract import FloatArray, Layers, StateEncoder, unit_rows
from paperrag.proof.order import orders

LAYERS_FILE = Path(__file__).parent / "claim_net.onnx"

RELATIONS = 4
"""What a token of a claim and one of a text may have to do with one another: they are the same,
tell the same quantity, have a cosine of static rows, a cosine of states in context.
"""

COSINES = 2
"""Which of the relations is the cosine of static rows."""

LOOKS, NOTHING = (2.0, 3.0, 8.0, 0.0), 5.0
"""How far each relation draws the look of a token, and what looking at nothing does."""


class Side(Struct, frozen=True):
    """The tokens of a claim or a text: ids (t,), unit static rows (t, d), flags (t, FLAGS), states
    in context with those of the marks around them (t + 2, w).
    """

    ids: npt.NDArray[np.int64]
    rows: FloatArray
    flags: FloatArray
    states: FloatArray


class Judgement(Struct, frozen=True):
    """`logit`: above 0, the claim is rather borne out. `looks_at`: (claim, text) how far a token of
    the claim looks at one of the text; rows add up to 1 at most, the rest is at nothing.
    """

    logit: float
    looks_at: FloatArray


def relations(claim: Side, text: Side, links: npt.NDArray[np.int64]) -> FloatArray:
    """Return the (RELATIONS, claim, text) relations of tokens. links: (n, 2) pairs of them that
    tell the same quantity.
    """
    linked = np.zeros((len(claim.ids), len(text.ids)), dtype=np.float32)
    linked[links[:, 0], links[:, 1]] = 1
    same = (claim.ids[:, None] == text.ids[None, :]).astype(np.float32)
    in_context = unit_rows(claim.states[1:-1]) @ unit_rows(text.states[1:-1]).T
    return np.stack([same, linked, claim.rows @ text.rows.T, in_context]).astype(np.float32)


def with_orders(
    claim_flags: FloatArray, text_flags: FloatArray, found: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return flags of both sides with what `order` tells of their tokens behind them; found: as
    `relations` gives them.
    """
    claim, text = orders(found[COSINES])
    return np.hstack([claim_flags, claim]), np.hstack([text_flags, text])


class ClaimNet:
    """The network with its layers; see the module. sees_order: whether it was taught with the order
    of words.
    """

    def __init__(self, layers: Layers, sees_order: bool = True) -> None:
        self._layers = layers
        self._sees_order = sees_order

    def judge(self, claim: Side, text: Side, links: npt.NDArray[np.int64]) -> Judgement:
        """Return what the network makes of a claim and a text, one or more tokens each. links: (n,
        2) pairs of their tokens that tell the same quantity.
        """
        found = relations(claim, text, links)
        own, other = claim.flags, text.flags
        if self._sees_order:
            own, other = with_orders(own, other, found)
        (logit,) = self._layers.run(
            None,
            {
                "claim": claim.states,
                "claim_flags": own,
                "text": text.states,
                "text_flags": other,
                "relations": found,
            },
        )
        return Judgement(float(logit), _looks(found))


def _looks(found: FloatArray) -> FloatArray:
    scores = np.tensordot(np.array(LOOKS, dtype=np.float32), found, axes=1)
    raised = np.exp(scores - NOTHING)
    return np.asarray(raised / (1 + raised.sum(axis=1, keepdims=True)), dtype=np.float32)


def claim_net(encoder: StateEncoder) -> ClaimNet:
    """Return the network of the package, over states of the encoder that it was fitted on."""
    return ClaimNet(encoder.open_layers(LAYERS_FILE))

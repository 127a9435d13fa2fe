"""Tokens of one of two texts -> that side as the networks read it: rows, states in context,
flags.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paperrag.encoders.contract import FloatArray, unit_rows
from paperrag.proof.flags import flags
from paperrag.proof.net import Side
from paperrag.proof.windows import Tokens


def side_of(own: Tokens, states: FloatArray, other: str, other_ids: Sequence[int]) -> Side:
    """Return a side, one or more tokens, and their states in context; other: the text on the other
    side, of which `other_ids` are read.
    """
    return Side(
        np.array(own.ids),
        unit_rows(own.rows),
        flags(own.text, own.ids, own.spans, other, other_ids),
        states,
    )

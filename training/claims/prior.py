"""What the shape of a claim tells of its truth before it is read: writers tell short lies and long
truths.

It is added to a claim's logit while the network learns and left out afterwards, so that the network
learns the rest (a product of experts, https://arxiv.org/abs/1909.03683).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.logistic import fit
from training.claims.read import Read

TYPICAL_TOKENS, CHINESE = 16, 5
"""Of a claim; the column of its flags that tells Chinese tokens."""


class Prior:
    """Log-odds of claims by their length, their language and the text's, and their kind if it is
    one of `kinds`.
    """

    def __init__(self, read: Sequence[Read], kinds: Sequence[str] = ()) -> None:
        self._kinds = kinds
        is_true = np.array([one.is_true for one in read])
        self._weights, self._constant = fit(self._shapes(read), is_true, np.ones(len(read)))

    def logits(self, read: Sequence[Read]) -> npt.NDArray[np.float64]:
        """Return the logit of each claim."""
        return self._shapes(read) @ self._weights + self._constant

    def _shapes(self, read: Sequence[Read]) -> npt.NDArray[np.float64]:
        kinds = [[float(one.kind == kind) for kind in self._kinds] for one in read]
        return np.hstack([np.array([_shape(one) for one in read]), np.array(kinds)])

    def weights(self, read: Sequence[Read]) -> npt.NDArray[np.float64]:
        """Return how much each claim counts, so that its shape tells nothing."""
        signs = np.where([one.is_true for one in read], 1.0, -1.0)
        return 0.5 * (1 + np.exp(-signs * self.logits(read)))


def _shape(one: Read) -> tuple[float, ...]:
    size = np.log(len(one.claim.flags) / TYPICAL_TOKENS)
    own, other = (float(side.flags[:, CHINESE].mean() > 0.5) for side in (one.claim, one.text))
    return size, size * size, own, other, own * other, size * own

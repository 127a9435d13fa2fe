"""A logistic regression small enough to read: L2 on standardised columns, Newton's method."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RIDGE = 1.0
STEPS = 30
Array = npt.NDArray[np.float64]


def fit(
    rows: Array, is_true: npt.NDArray[np.bool_], counts: Array, pull: float = RIDGE
) -> tuple[Array, float]:
    """Return (weights, constant) of log-odds = rows @ weights + constant.

    rows: (n, d). counts: (n,) how much each row weighs. pull: how strongly weights are drawn to 0,
    as so many rows would; the constant is not.
    """
    centre, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    inputs = np.column_stack([(rows - centre) / spread, np.ones(len(rows))])
    ridge = np.diag([pull] * rows.shape[1] + [0.0])
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (counts * (is_true - chance)) - ridge @ weights
        curve = (inputs * (counts * chance * (1 - chance))[:, None]).T @ inputs + ridge
        weights += np.linalg.solve(curve, slope)
    own = weights[:-1] / spread
    return own, float(weights[-1] - own @ centre)

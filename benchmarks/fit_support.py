"""Fit the weights of `paperrag.proof.support` on the hand-written claims, and print how they do on
claims that they were not fitted on.

    python benchmarks/fit_support.py [--true-weight 1.5] [--without opposed ...]

A logistic regression (L2, Newton's method) over `SupportScorer.features`; each set of notes is
predicted from the others, then all are fitted at once. --true-weight: how much flagging a true
claim counts against missing an altered one.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from paperrag.proof.support import INTERCEPT, WEIGHTS, Features
from proof import CORPORA, scored_claims

RIDGE = 1.0
STEPS = 50
Array = npt.NDArray[np.float64]


def claim_features(folder: Path) -> tuple[Array, list[str], list[str]]:
    """Return (claims, features + 1), the last a constant, and each claim's corpus and kind ("true"
    or how it was altered).
    """
    rows, corpora, kinds = [], [], []
    for corpus, kind, text, scorer in scored_claims(folder):
        rows.append([*astuple(scorer.features(text, [0])), 1.0])
        corpora.append(corpus)
        kinds.append(kind)
    return np.array(rows), corpora, kinds


def fit(rows: Array, is_true: Array, true_weight: float) -> Array:
    """Return the weights; the constant is not drawn to 0."""
    weights = np.zeros(rows.shape[1])
    counts = np.where(is_true > 0, true_weight, 1.0)
    ridge = np.diag([RIDGE] * (rows.shape[1] - 1) + [0.0])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (counts * (is_true - chance)) - ridge @ weights
        weights += np.linalg.solve(
            (rows * (counts * chance * (1 - chance))[:, None]).T @ rows + ridge, slope
        )
    return weights


def main() -> None:
    """Print the weights and the shares of claims that are flagged, by kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--true-weight", type=float, default=1.5)
    parser.add_argument("--without", nargs="*", default=[], help="features to leave out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rows, corpora, kinds = claim_features(Path(scratch))
    shipped = rows @ np.array([*astuple(WEIGHTS), INTERCEPT])
    print("as shipped:")
    print_shares(
        Counter((kind, chance < 0) for kind, chance in zip(kinds, shipped.tolist(), strict=True))
    )
    names = [field.name for field in fields(Features)]
    rows[:, [names.index(name) for name in options.without]] = 0.0
    is_true = np.array([kind == "true" for kind in kinds], dtype=float)
    flagged: Counter[tuple[str, bool]] = Counter()
    for corpus in CORPORA:
        own = np.array([name == corpus for name in corpora])
        chances = rows[own] @ fit(rows[~own], is_true[~own], options.true_weight)
        flagged.update(
            (kind, chance < 0)
            for kind, chance in zip(np.array(kinds)[own].tolist(), chances.tolist(), strict=True)
        )
    print("fitted, each set of notes predicted from the others:")
    print_shares(flagged)
    weights = fit(rows, is_true, options.true_weight)
    print(
        ", ".join(
            f"{name}={weight:.1f}"
            for name, weight in zip([*names, "intercept"], weights, strict=True)
        )
    )


def print_shares(flagged: Counter[tuple[str, bool]]) -> None:
    """Print how many claims of each kind are flagged."""
    for kind in ("true", "number", "name", "paper", "method", "direction"):
        total = flagged[kind, True] + flagged[kind, False]
        print(
            f"{kind:10} {flagged[kind, True]:3} of {total:3} flagged ({flagged[kind, True] / total:.1%})"
        )


if __name__ == "__main__":
    main()

"""Run folders of one start -> their mean matrix, which ranks better than any of them.

Only for runs where one went on from the other: their directions then agree
(https://arxiv.org/abs/2203.05482). Matrices are brought to a median row length of 1 first.

    python -m training.average RUN_FOLDER RUN_FOLDER OUT_FOLDER
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np


def mean_matrix(runs: list[Path]) -> np.ndarray:
    """Return the (vocabulary, d) float32 mean; raises ValueError if the tokenizers differ."""
    if len({(run / "tokenizer.json").read_bytes() for run in runs}) != 1:
        raise ValueError(
            f"expected one tokenizer in all of {', '.join(map(str, runs))}; average runs of one "
            f"start only"
        )
    matrices = [np.load(run / "matrix.npy") for run in runs]
    return np.mean(
        [matrix / np.median(np.linalg.norm(matrix, axis=1)) for matrix in matrices],
        axis=0,
        dtype=np.float32,
    )


def main() -> None:
    """Average the given runs into a new run folder, the last run's recipe beside it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    np.save(given.out / "matrix.npy", mean_matrix(given.runs))
    for name in ("tokenizer.json", "recipe.json"):
        shutil.copyfile(given.runs[-1] / name, given.out / name)


if __name__ == "__main__":
    main()

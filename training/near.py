"""model.safetensors -> the file by which the package finds the tokens that are near to one.

python -m training.near MODEL_FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import unit_rows
from paperrag.encoders.model_files import open_rows
from paperrag.encoders.near import LEAST_LISTED, NEAR_FILE, STEPS
from paperrag.encoders.static import WEIGHTS_FILE
from training.export import record_sums, write_safetensors

_BATCH_TOKENS = 1024


def near_lists(folder: Path) -> dict[str, npt.NDArray[np.generic]]:
    """Return the lists of a model's tokens, ascending; the unknown token, 0, is near to none."""
    rows = open_rows(folder / WEIGHTS_FILE)
    vectors = unit_rows(rows.take(np.arange(len(rows.matrix))))
    vectors[0] = 0.0
    counts, tokens, cosines = [], [], []
    for start in range(0, len(vectors), _BATCH_TOKENS):
        compared = vectors[start : start + _BATCH_TOKENS] @ vectors.T
        is_near = compared >= LEAST_LISTED
        counts.append(is_near.sum(axis=1))
        tokens.append(np.nonzero(is_near)[1])
        cosines.append(compared[is_near])
    kind = np.uint16 if len(vectors) <= 1 << 16 else np.uint32
    steps = np.rint(np.minimum(np.concatenate(cosines), 1) * STEPS)
    return {
        "starts": np.cumsum([0, *np.concatenate(counts)]).astype(np.uint32),
        "tokens": np.concatenate(tokens).astype(kind),
        "steps": steps.astype(np.uint16),
    }


def main() -> None:
    """Write by the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="model folder with model.safetensors")
    folder = parser.parse_args().folder
    write_safetensors(folder / NEAR_FILE, near_lists(folder))
    record_sums(folder, (NEAR_FILE,))


if __name__ == "__main__":
    main()

"""A token of a static encoder -> the tokens that are near to it, as a file of its folder lists
them.

Late interaction asks for them with each word that was not asked for before; comparing one with all
tokens of some notes reads 20 MB of vectors.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from paperrag.encoders.contract import Near
from paperrag.encoders.model_files import open_tensors
from paperrag.errors import EncoderError

NEAR_FILE = "near.safetensors"
"""Of a model folder; `training.near` writes it."""

LEAST_LISTED = 0.3
"""Cosine from which tokens are listed: 18 of each, 3.7 MB."""

STEPS = np.iinfo(np.uint16).max
"""Of a cosine of 1, as it is stored."""


class NearLists:
    """Lists mapped from the file of a model folder: of token i from `starts[i]` on. Raises
    EncoderError.
    """

    def __init__(self, folder: Path) -> None:
        try:
            tensors = open_tensors(folder / NEAR_FILE)
            self._starts, self._tokens, self._steps = (
                np.asarray(tensors[name]) for name in ("starts", "tokens", "steps")
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise EncoderError(
                f"cannot read {folder / NEAR_FILE}: {error}; reinstall paperrag"
            ) from error

    def of(self, token: int) -> Near:
        """Return the tokens near to one, ascending, itself among them, and their cosines."""
        start, stop = self._starts[token : token + 2].tolist()
        cosines = self._steps[start:stop] / np.float32(STEPS)
        return self._tokens[start:stop].astype(np.int64), cosines.astype(np.float32)

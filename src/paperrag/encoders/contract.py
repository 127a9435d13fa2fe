"""What every encoder promises: texts in, unit vectors out; queries and documents by two methods.

The one place where vectors are brought to unit length and checked to be. Knows no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from paperrag.errors import ShapeError
from paperrag.records import Span

FloatArray = npt.NDArray[np.float32]

Near = tuple[npt.NDArray[np.integer], FloatArray]
"""Tokens that are near to one, ascending, and their cosines."""

UNIT_TOLERANCE = 1e-3
"""By which the length of a unit row may differ from 1: that of what 16 bits a number keep does."""


class Encoder(Protocol):
    """Turns texts into unit vectors; queries and documents are encoded by two methods.

    `fingerprint` is a sha256 over everything that decides the vectors: two encoders whose
    vectors differ never share one. `max_tokens` is the longest text that is read whole.
    """

    @property
    def name(self) -> str:
        """What users call it: "bundled", a folder or a hub name."""

    @property
    def fingerprint(self) -> str:
        """sha256, 64 hex digits."""

    @property
    def dimension(self) -> int:
        """Width d of its vectors."""

    @property
    def max_tokens(self) -> int:
        """Longest text that is read whole, in its own tokens."""

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows for questions."""

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows for texts to be found."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of its own tokens the encoder reads for each text."""


@runtime_checkable
class TokenEncoder(Protocol):
    """An encoder whose tokens have vectors of their own, which late interaction compares."""

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's token ids, unknown tokens left out."""

    def token_vectors(self, ids: Sequence[int] | npt.NDArray[np.integer]) -> FloatArray:
        """Return the (n, d) float32 rows of tokens; a row's length is the token's weight."""


@runtime_checkable
class NearEncoder(TokenEncoder, Protocol):
    """A TokenEncoder that may have listed which of its tokens are near to one another."""

    def near_tokens(self, ids: Sequence[int], least: float) -> list[Near] | None:
        """Return the tokens whose cosine with each of some tokens is at least so great, None if
        they are not listed. The unknown token is near to none.
        """


class SpanEncoder(TokenEncoder, Protocol):
    """A TokenEncoder that also says where in a text its tokens stand."""

    def token_spans(self, text: str) -> tuple[list[int], list[Span]]:
        """Return a text's token ids, unknown tokens left out, and the (start, end) of each."""


class Layers(Protocol):
    """Layers of a network, opened."""

    def run(self, outputs: None, given: Mapping[str, FloatArray]) -> Sequence[FloatArray]:
        """Return all outputs for what is given by name."""


class StateEncoder(SpanEncoder, Protocol):
    """A SpanEncoder that also reads tokens in context, and opens layers that go on from there."""

    def open_layers(self, path: Path) -> Layers:
        """Return the layers of a file. Raises EncoderError if they cannot be read."""

    def token_states(self, ids: Sequence[int]) -> FloatArray:
        """Return the (t + 2, width) states of one text's tokens in context, and of the marks that
        open and close it.
        """


def unit_rows(vectors: npt.NDArray[np.floating]) -> FloatArray:
    """Return the rows at unit length, float32; a zero row stays zero."""
    rows = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms == 0, 1, norms), dtype=np.float32)


def check_unit_rows(
    vectors: npt.NDArray[np.floating], count: int, dimension: int, where: str
) -> FloatArray:
    """Return vectors as float32 if they are (count, dimension), finite and unit (or zero) rows.

    Raises ShapeError naming `where`, what was expected and what came.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.shape != (count, dimension):
        raise ShapeError(
            f"{where}: expected vectors of shape {(count, dimension)}, got {rows.shape}"
        )
    if not np.isfinite(rows).all():
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise ShapeError(f"{where}: row {bad} holds NaN or infinity; check the encoder's weights")
    norms = np.linalg.norm(rows, axis=1)
    off = np.flatnonzero((np.abs(norms - 1) > UNIT_TOLERANCE) & (norms != 0))
    if off.size:
        raise ShapeError(
            f"{where}: expected unit rows, row {int(off[0])} has length {norms[off[0]]:.4f}"
        )
    return rows

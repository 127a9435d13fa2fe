"""Texts -> unit vectors by the static part of the bundled bilingual encoder.

A static encoder (Model2Vec / sentence-transformers `StaticEmbedding`): a text's vector is the
normalised mean of its tokens' rows. It needs NumPy, no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, Near, unit_rows
from paperrag.encoders.model_files import folder_fingerprint, folder_stamp, open_rows
from paperrag.encoders.near import LEAST_LISTED, NEAR_FILE, NearLists
from paperrag.encoders.pieces import Pieces
from paperrag.records import Span

BUNDLED = "bundled"
"""The name of the encoder that ships inside the package."""

BUNDLED_STATIC = "bundled-static"
"""The name of its static part alone: a tenth of the time to index, no word order."""

TOKENIZER_FILE, WEIGHTS_FILE = "tokenizer.json", "model.safetensors"

BUNDLED_FOLDER = Path(__file__).parent.parent / "models" / "bundled"


class StaticEncoder:
    """A sentence-transformers `StaticEmbedding` folder, run by NumPy.

    folder: holds pieces.json (of tokenizer.json) and model.safetensors with one (vocabulary, d)
    matrix, float or int8. Raises EncoderError if a file is missing, truncated or of another kind;
    the pieces are opened with the first text.
    """

    max_tokens = 256
    """Not a limit of the model, which reads texts whole: means of longer texts blur."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder
        self._rows = open_rows(folder / WEIGHTS_FILE)
        self.dimension = int(self._rows.matrix.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the digests of tokenizer and weights; raises EncoderError as
        `folder_fingerprint` does.
        """
        return folder_fingerprint(self.folder, (TOKENIZER_FILE, WEIGHTS_FILE))

    @property
    def stamp(self) -> str:
        """Changes when its files do; found without reading them."""
        return folder_stamp(self.folder, (TOKENIZER_FILE, WEIGHTS_FILE))

    @cached_property
    def _pieces(self) -> Pieces:
        return Pieces(self.folder)

    @cached_property
    def _near(self) -> NearLists | None:
        return NearLists(self.folder) if (self.folder / NEAR_FILE).is_file() else None

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows; static encoders read questions as any other text."""
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows; a text without tokens gives a zero row."""
        return self.encode_tokens(self.tokenize(texts))

    def encode_tokens(self, texts: Sequence[Sequence[int]]) -> FloatArray:
        """Return (n, d) float32 unit rows of texts that `tokenize` has split."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, ids in enumerate(texts):
            if ids:
                vectors[row] = self._rows.mean(np.asarray(ids))
        return unit_rows(vectors)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has."""
        return [len(ids) for ids in self.tokenize(texts)]

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's token ids, unknown tokens left out."""
        return [[token for token in ids if token] for ids in self.tokenize(texts)]

    def token_spans(self, text: str) -> tuple[list[int], list[Span]]:
        """Return a text's token ids, unknown tokens left out, and the (start, end) of each."""
        ids, offsets = self._pieces.spans(text)
        known = [place for place, token in enumerate(ids) if token]
        return [ids[place] for place in known], [offsets[place] for place in known]

    def token_vectors(self, ids: Sequence[int] | npt.NDArray[np.integer]) -> FloatArray:
        """Return the (n, d) float32 rows of tokens."""
        return self._rows.take(np.asarray(ids, dtype=np.int64))

    def near_tokens(self, ids: Sequence[int], least: float) -> list[Near] | None:
        """Return the tokens near to each of some, None if the folder does not list them."""
        if self._near is None or least != LEAST_LISTED:
            return None
        return [self._near.of(token) for token in ids]

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's token ids, 0 for unknown tokens."""
        return [self._pieces.tokens(text) for text in texts]

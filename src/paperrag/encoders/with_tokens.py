"""An encoder of whole texts and one of tokens -> one that does both.

Late interaction needs vectors of tokens, which most encoders do not give. The bundled ones are
beside any other encoder, so that words still meet, across languages too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import Encoder, FloatArray, Near
from paperrag.encoders.static import StaticEncoder


class WithTokens:
    """Texts as one encoder reads them, tokens as another does."""

    def __init__(self, texts: Encoder, tokens: StaticEncoder) -> None:
        self._texts, self._tokens = texts, tokens
        self.name, self.dimension = texts.name, texts.dimension
        self.max_tokens = texts.max_tokens

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the fingerprints of both."""
        both = f"{self._texts.fingerprint} {self._tokens.fingerprint}"
        return hashlib.sha256(both.encode()).hexdigest()

    @property
    def prompts(self) -> dict[str, str]:
        """What is put before questions and texts; {} where nothing is."""
        return dict(getattr(self._texts, "prompts", {}))

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows for questions."""
        return self._texts.encode_query(texts)

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows for texts to be found."""
        return self._texts.encode_document(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens the encoder of texts reads for each."""
        return self._texts.count_tokens(texts)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's token ids, unknown tokens left out."""
        return self._tokens.token_ids(texts)

    def token_vectors(self, ids: Sequence[int] | npt.NDArray[np.integer]) -> FloatArray:
        """Return the (n, d) float32 rows of tokens, of their own width."""
        return self._tokens.token_vectors(ids)

    def near_tokens(self, ids: Sequence[int], least: float) -> list[Near] | None:
        """Return the tokens near to each of some, None if the folder does not list them."""
        return self._tokens.near_tokens(ids, least)

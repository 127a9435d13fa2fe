"""Texts -> unit vectors by the static part of the bundled bilingual encoder.

A static encoder (Model2Vec / sentence-transformers `StaticEmbedding`): a text's vector is the
normalised mean of its tokens' rows. It needs `tokenizers` and NumPy, no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray, Near, unit_rows
from paperrag.encoders.model_files import folder_fingerprint, folder_stamp, open_rows
from paperrag.encoders.near import LEAST_LISTED, NEAR_FILE, NearLists
from paperrag.encoders.pieces import PIECES_FILE, FewPieces
from paperrag.errors import EncoderError
from paperrag.records import Span

BUNDLED = "bundled"
"""The name of the encoder that ships inside the package."""

BUNDLED_STATIC = "bundled-static"
"""The name of its static part alone: a tenth of the time to index, no word order."""

TOKENIZER_FILE, WEIGHTS_FILE = "tokenizer.json", "model.safetensors"

BUNDLED_FOLDER = Path(__file__).parent.parent / "models" / "bundled"

_BATCH_TEXTS = 2048

FEW_CHARS, FEW_TIMES = 50_000, 16
"""Of texts that are split at once by the pieces that stand in them, and how often before the whole
tokenizer is opened. A note that changed is read so, a question with its quotes in four such steps:
a program that asks more soon has spent as long on them.
"""

KEPT_QUESTIONS = 64
"""Whose tokens are kept: each step of a search asks for them, and people ask again."""

KEPT_LINES = 8192
"""Whose tokens are kept from call to call: a chunk is counted, embedded and stored by them, and its
breadcrumb stands in front of others. A first index takes a quarter less time with them.
"""


class StaticEncoder:
    """A sentence-transformers `StaticEmbedding` folder, run by NumPy.

    folder: holds tokenizer.json and model.safetensors with one (vocabulary, d) matrix, float or
    int8. Raises EncoderError if a file is missing, truncated or of another kind; the tokenizer
    is opened with the first text.
    """

    max_tokens = 256
    """Not a limit of the model, which reads texts whole: means of longer texts blur."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder
        self._rows = open_rows(folder / WEIGHTS_FILE)
        self.dimension = int(self._rows.matrix.shape[1])
        self._asked: dict[str, list[int]] = {}
        self._lines: dict[str, list[int]] = {}

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
    def _tokenizer(self):  # type: ignore[no-untyped-def]  # tokenizers ships no types for this
        from tokenizers import Tokenizer

        try:
            return Tokenizer.from_file(str(self.folder / TOKENIZER_FILE))
        except Exception as error:  # the Rust side raises bare Exception
            raise EncoderError(
                f"cannot read {self.folder / TOKENIZER_FILE}: {error}; reinstall paperrag"
            ) from error

    @cached_property
    def _few(self) -> FewPieces | None:
        return FewPieces(self.folder) if (self.folder / PIECES_FILE).is_file() else None

    @cached_property
    def _near(self) -> NearLists | None:
        return NearLists(self.folder) if (self.folder / NEAR_FILE).is_file() else None

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows; static encoders read questions as any other text."""
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, d) float32 unit rows; a text without tokens gives a zero row."""
        batches = (
            texts[start : start + _BATCH_TEXTS] for start in range(0, len(texts), _BATCH_TEXTS)
        )
        return self.encode_tokens([ids for batch in batches for ids in self.tokenize(batch)])

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
        ids, offsets = self._split(text)
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
        if len(texts) == 1:  # a question, which each step of a search asks for
            return [list(self._asked_before(texts[0]))]
        tokenizer, tokens = self._for_texts(texts)
        if tokens is None:
            return self._by_lines(texts)
        encodings = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [_tokens(encoding.ids, tokens) for encoding in encodings]

    def _by_lines(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's token ids, put together from those of its lines: no piece goes over
        the end of one.
        """
        lines_of = [text.split("\n") for text in texts]
        ids_of = {line: self._lines.get(line) for lines in lines_of for line in lines}
        new = [line for line, ids in ids_of.items() if ids is None]
        split = self._tokenizer.encode_batch_fast(new, add_special_tokens=False)
        fresh: dict[str, list[int]] = dict(zip(new, (one.ids for one in split), strict=True))
        ids_of |= fresh
        if len(self._lines) + len(new) > KEPT_LINES:
            self._lines = {}
        if len(new) <= KEPT_LINES:
            self._lines |= fresh
        return [[one for line in lines for one in ids_of[line] or ()] for lines in lines_of]

    def _asked_before(self, text: str) -> list[int]:
        tokens = self._asked.get(text)
        if tokens is None:
            if len(self._asked) >= KEPT_QUESTIONS:
                self._asked.clear()
            tokenizer, of_pieces = self._for_texts([text])
            (encoding,) = tokenizer.encode_batch_fast([text], add_special_tokens=False)
            self._asked[text] = tokens = _tokens(encoding.ids, of_pieces)
        return tokens

    def _split(self, text: str) -> tuple[list[int], list[Span]]:
        """Return a text's token ids, 0 for unknown tokens, and the (start, end) of each."""
        tokenizer, of_pieces = self._for_texts([text])
        encoding = tokenizer.encode(text, add_special_tokens=False)
        return _tokens(encoding.ids, of_pieces), encoding.offsets

    def _for_texts(self, texts: Sequence[str]) -> tuple[Any, list[int] | None]:
        """Return what splits some texts, and the token of each of its pieces, None where pieces are
        tokens.
        """
        is_open = "_tokenizer" in self.__dict__
        if is_open or sum(map(len, texts)) > FEW_CHARS or self._few is None:
            return self._tokenizer, None
        return self._few.tokenizer(texts) if self._few.made < FEW_TIMES else (self._tokenizer, None)


def _tokens(pieces: list[int], of_pieces: Sequence[int] | None) -> list[int]:
    """Return the tokens of pieces, None where pieces are tokens."""
    return pieces if of_pieces is None else [of_pieces[piece] for piece in pieces]

"""Texts -> unit vectors by the static part of the bundled bilingual encoder.

A static encoder (Model2Vec / sentence-transformers `StaticEmbedding`): a text's vector is the
normalised mean of its tokens' rows. It needs `tokenizers` and NumPy, no torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import Encoder, FloatArray, unit_rows
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


PROBES = (
    (
        "how do bees tell each other where food is",
        "蜜蜂用摆尾舞报告蜜源的方向和距离，角度对应太阳的方位。",
    ),
    (
        "气候模型的误差从哪里来",
        "Clouds and rain are the largest unknowns; a finer grid removes only some of the error.",
    ),
    (
        "what does an auction promise to bidders",
        "Bidding one's true value is best, and revenue is near the optimum.",
    ),
    ("儿童怎样学会第二语言", "母语的音系会影响新语言的知觉，年龄越小影响越弱。"),
    ("why do catalysts lose activity", "高温下颗粒烧结，活性位点减少，掺入少量氧化物可以延缓。"),
    (
        "哪些综述讲数据库索引",
        "The survey compares trees, hashing and learned structures by space and latency.",
    ),
    (
        "how fast do earthquakes rupture",
        "Ruptures are mostly slower than shear waves, seldom faster.",
    ),
    ("显微图像如何去噪", "网络只用带噪声的成对图像训练，细小的结构比滤波保留得好。"),
)
"""Questions and the text that answers each; no question has to do with another's text."""


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

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's token ids, 0 for unknown tokens."""
        if len(texts) == 1:  # a question, which each step of a search asks for
            return [list(self._asked_before(texts[0]))]
        tokenizer, tokens = self._for_texts(texts)
        encodings = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        if tokens is None:
            return [encoding.ids for encoding in encodings]
        return [[tokens[piece] for piece in encoding.ids] for encoding in encodings]

    def _asked_before(self, text: str) -> list[int]:
        tokens = self._asked.get(text)
        if tokens is None:
            if len(self._asked) >= KEPT_QUESTIONS:
                self._asked.clear()
            self._asked[text] = tokens = self._split(text)[0]
        return tokens

    def _split(self, text: str) -> tuple[list[int], list[Span]]:
        """Return a text's token ids, 0 for unknown tokens, and the (start, end) of each."""
        tokenizer, tokens = self._for_texts([text])
        encoding = tokenizer.encode(text, add_special_tokens=False)
        if tokens is None:
            return encoding.ids, encoding.offsets
        return [tokens[piece] for piece in encoding.ids], encoding.offsets

    def _for_texts(self, texts: Sequence[str]) -> tuple[Any, list[int] | None]:
        """Return what splits some texts, and the token of each of its pieces, None where pieces are
        tokens.
        """
        is_open = "_tokenizer" in self.__dict__
        if is_open or sum(map(len, texts)) > FEW_CHARS or self._few is None:
            return self._tokenizer, None
        return self._few.tokenizer(texts) if self._few.made < FEW_TIMES else (self._tokenizer, None)


def folder_fingerprint(folder: Path, names: Sequence[str]) -> str:
    """Return a sha256 over the digests of a model folder's files.

    Raises EncoderError if a file is missing, or is not the one that SHA256SUMS beside it records.
    """
    digests = {name: _digest(folder / name) for name in names}
    for name, recorded in _recorded_digests(folder / "SHA256SUMS").items():
        if digests.get(name, recorded) != recorded:
            raise EncoderError(
                f"{folder / name} was altered (its sha256 is not the recorded one); reinstall "
                f"paperrag"
            )
    return hashlib.sha256(repr(sorted(digests.items())).encode()).hexdigest()


def folder_stamp(folder: Path, names: Sequence[str]) -> str:
    """Return a digest of the sizes, times and inodes of a model folder's files, "" if one is
    missing.
    """
    try:
        found = [(folder / name).stat() for name in names]
    except OSError:
        return ""
    stamps = [(one.st_size, one.st_mtime_ns, one.st_ctime_ns, one.st_ino) for one in found]
    return hashlib.sha256(repr((names, stamps)).encode()).hexdigest()[:32]


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EncoderError(f"cannot read {path}: {error.strerror}; reinstall paperrag") from error


def _recorded_digests(path: Path) -> dict[str, str]:
    """Return sha256 by file name as `sha256sum` writes them; {} if nothing is recorded."""
    if not path.exists():
        return {}
    pairs = (
        line.split(maxsplit=1)
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    )
    return {name.strip(): digest for digest, name in pairs}


class TokenRows(NamedTuple):
    """A (vocabulary, d) matrix mapped from its file; int8 rows have a scale each, `None` if there
    is none.

    Rows become float32 when they are looked up, so that opening a file copies nothing.
    """

    matrix: npt.NDArray[np.generic]
    scales: FloatArray | None

    def take(self, ids: npt.NDArray[np.integer]) -> FloatArray:
        """Return the (n, d) float32 rows of tokens."""
        rows = self.matrix[ids].astype(np.float32)
        return (
            rows
            if self.scales is None
            else np.asarray(rows * self.scales[ids, np.newaxis], dtype=np.float32)
        )

    def mean(self, ids: npt.NDArray[np.integer]) -> FloatArray:
        """Return the (d,) float32 mean of the rows of one or more tokens."""
        rows = self.matrix[ids].astype(np.float32)
        if self.scales is None:
            return np.asarray(rows.mean(axis=0), dtype=np.float32)
        return np.asarray(self.scales[ids] @ rows / np.float32(len(ids)), dtype=np.float32)


_DTYPES: dict[str, type[np.generic]] = {"F16": np.float16, "F32": np.float32, "I8": np.int8}


def open_rows(path: Path) -> TokenRows:
    """Return the rows of a safetensors file, mapped into memory rather than read.

    Format: an 8-byte little-endian header length, a JSON header, then the raw arrays
    (https://huggingface.co/docs/safetensors#format): one float matrix, or the int8 matrix
    `embeddings` and the float32 `weights` of its rows, as sentence-transformers reads them.
    """
    try:
        with path.open("rb") as file:
            header_bytes = int.from_bytes(file.read(8), "little")
            if header_bytes > path.stat().st_size:
                raise ValueError("its header is longer than the file")
            header = json.loads(file.read(header_bytes))
        start = 8 + header_bytes
        tensors = {
            key: _mapped(path, start, value)
            for key, value in header.items()
            if key != "__metadata__"
        }
        scales = (
            np.asarray(tensors.pop("weights"), dtype=np.float32) if "weights" in tensors else None
        )
        (matrix,) = tensors.values()
        if matrix.ndim != 2 or (matrix.dtype == np.int8) != (scales is not None):
            raise ValueError(
                "expected one float matrix, or an int8 matrix and the scales of its rows"
            )
        if scales is not None and scales.shape != (len(matrix),):
            raise ValueError(f"expected {len(matrix)} scales, got shape {scales.shape}")
        return TokenRows(matrix, scales)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EncoderError(
            f"cannot read encoder weights {path}: {error}; reinstall paperrag"
        ) from error


def _mapped(path: Path, start: int, tensor: dict[str, Any]) -> npt.NDArray[np.generic]:
    offset = start + tensor["data_offsets"][0]
    return np.memmap(
        path, dtype=_DTYPES[tensor["dtype"]], mode="r", offset=offset, shape=tuple(tensor["shape"])
    )


def unrelated_cosine(encoder: Encoder) -> float:
    """Return the median cosine of a question with texts that it has nothing to do with: what this
    encoder gives for nothing.

    Encoders differ widely here (the bundled one near 0, E5 near 0.7); scores are measured from it.
    It is asked of texts of our own, not of the notes: notes that share the title of their file are
    near to each other, not to a question.
    """
    questions, texts = zip(*PROBES, strict=True)
    cosines = encoder.encode_query(questions) @ encoder.encode_document(texts).T
    others = cosines[~np.eye(len(PROBES), dtype=bool)]
    return round(float(np.clip(np.median(others), 0.0, 0.95)), 4)

"""The files of a model's folder -> what tells them from others, and the rows of its tokens. Knows
no text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.errors import EncoderError


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


_DTYPES: dict[str, type[np.generic]] = {
    "F16": np.float16,
    "F32": np.float32,
    "I8": np.int8,
    "U16": np.uint16,
    "U32": np.uint32,
}


def open_rows(path: Path) -> TokenRows:
    """Return the rows of a safetensors file, mapped into memory rather than read. Raises
    EncoderError.

    Format: an 8-byte little-endian header length, a JSON header, then the raw arrays
    (https://huggingface.co/docs/safetensors#format): one float matrix, or the int8 matrix
    `embeddings` and the float32 `weights` of its rows, as sentence-transformers reads them.
    """
    try:
        tensors = open_tensors(path)
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


def open_tensors(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a safetensors file by name, mapped. Raises OSError, ValueError, KeyError
    and TypeError for what is none.
    """
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        if header_bytes > path.stat().st_size:
            raise ValueError("its header is longer than the file")
        header = json.loads(file.read(header_bytes))
    told = {key: value for key, value in header.items() if key != "__metadata__"}
    return {key: _mapped(path, 8 + header_bytes, value) for key, value in told.items()}


def _mapped(path: Path, start: int, tensor: dict[str, Any]) -> npt.NDArray[np.generic]:
    offset = start + tensor["data_offsets"][0]
    mapped = np.memmap(
        path, dtype=_DTYPES[tensor["dtype"]], mode="r", offset=offset, shape=tuple(tensor["shape"])
    )
    return np.asarray(mapped)  # a memmap takes thrice as long to look rows up

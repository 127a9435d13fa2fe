"""The columns of the two collections of Milvus, and what Milvus takes as names and texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from paperrag.errors import ConfigError, IndexMismatch

TEXT_BYTES = 65_535
"""Longest text that a row of Milvus holds."""

MOST_CORPUS_BYTES = 200
"""Of the name of a corpus, which stands before each id."""

_COLLECTION = re.compile(r"[A-Za-z_]\w{0,199}", re.ASCII)

Row = dict[str, Any]


def chunk_fields(dimension: int) -> list[Row]:
    """Return the columns of chunks with vectors of so many numbers."""
    return [
        *_KEYS,
        *(_field(name, "INT64") for name in ("segment", "chunk", "entry", "own_tokens")),
        *(_field(name, "INT16") for name in ("kind", "language", "part", "year")),
        *(_field(name, "BOOL") for name in ("is_unread", "has_code", "is_awarded")),
        *(_text(name) for name in ("venue", "source", "terms", "tokens")),
        _field("dense", "FLOAT_VECTOR", dim=dimension),
        _field("words", "SPARSE_FLOAT_VECTOR"),
    ]


def part_fields() -> list[Row]:
    """Return the columns of parts."""
    return [
        *_KEYS,
        *(_text(name) for name in ("kind", "name", "text")),
        *(_field(name, "INT64") for name in ("segment", "row", "piece")),
        _field("unused", "FLOAT_VECTOR", dim=2),  # Milvus has no table without a vector
    ]


def _field(name: str, kind: str, **more: Any) -> Row:
    return {"field_name": name, "datatype": kind, **more}


def _text(name: str, most: int = TEXT_BYTES, **more: Any) -> Row:
    return _field(name, "VARCHAR", max_length=most, **more)


_KEYS = (
    _text("id", 512, is_primary=True),
    _text("corpus", 255, is_partition_key=True),
)


def check_names(collection: str, corpus: str) -> None:
    """Raise ConfigError for names that Milvus does not take."""
    if not _COLLECTION.fullmatch(collection):
        raise ConfigError(
            f"milvus_collection: expected up to 200 of A-Z, a-z, 0-9 and _, no digit first, got "
            f"{collection!r}"
        )
    size = len(corpus.encode("utf-8", "surrogatepass"))
    if size > MOST_CORPUS_BYTES:
        raise ConfigError(f"milvus_corpus: expected {MOST_CORPUS_BYTES} bytes at most, got {size}")


def check_width(name: str, told: Mapping[str, Any], fields: Sequence[Row]) -> None:
    """Raise IndexMismatch where a collection of chunks, of which so much is told, is of vectors of
    another width.
    """
    width = next(one["params"]["dim"] for one in told["fields"] if one["name"] == "dense")
    dimension = next(one["dim"] for one in fields if one["field_name"] == "dense")
    if int(width) != dimension:
        raise IndexMismatch(
            f"{name} holds vectors of {width} numbers, this encoder gives {dimension}; set "
            f"milvus_collection to another name, or encoder to the one that {name} was made with"
        )

"""Settings -> what keeps an index, and how one is built."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from paperrag.config import Settings
from paperrag.encoders.contract import Encoder, FloatArray
from paperrag.errors import ConfigError
from paperrag.index.clustered import ClusteredVectors, is_clustered
from paperrag.index.engine import Engine, Snapshot
from paperrag.index.merging import LARGE_CHUNKS
from paperrag.index.recipe import IndexRecipe
from paperrag.index.store import Store
from paperrag.index.vectors import VectorIndex
from paperrag.records import Progress

if TYPE_CHECKING:
    from paperrag.index.milvus.engine import MilvusEngine


def make_recipe(settings: Settings, encoder: Encoder) -> IndexRecipe:
    """Return how an index is built. Raises ConfigError if the encoder cannot read such long chunks
    whole.
    """
    if (
        settings.chunk_tokens > encoder.max_tokens
        and settings.chunk_tokens != Settings().chunk_tokens
    ):
        raise ConfigError(
            f"chunk_tokens is {settings.chunk_tokens}, but encoder {encoder.name!r} reads at most "
            f"{encoder.max_tokens} tokens"
        )
    most_tokens = min(settings.chunk_tokens, encoder.max_tokens)
    return IndexRecipe(encoder, most_tokens, settings.exclude)


def open_engine(settings: Settings) -> Engine:
    """Return what keeps the index. Asks nothing yet."""
    if settings.store == "local":
        return open_store(settings.index)
    return open_milvus(settings, settings.milvus_uri)


def open_store(folder: Path) -> Store:
    """Return the store of an index folder."""
    return Store(folder, _store_vectors, _load_vectors)


def open_milvus(settings: Settings, uri: str) -> MilvusEngine:
    """Return what keeps the index of a corpus in a Milvus."""
    from paperrag.index.milvus.client import MilvusTables
    from paperrag.index.milvus.engine import MilvusEngine  # all of it only where it is used

    collection = settings.milvus_collection
    corpus = settings.milvus_corpus or _name_of(settings.corpus)
    tables = MilvusTables(uri, settings.milvus_token, collection, corpus)
    return MilvusEngine(
        settings.index / "milvus" / _short_digest(f"{uri} {collection} {corpus}"), tables
    )


def push_index(
    settings: Settings, uri: str, progress: Progress, is_same: Callable[[Snapshot, Snapshot], bool]
) -> tuple[str, int | None]:
    """Copy the index on this machine into a Milvus; see `index.milvus.push.push`. Return what the
    copy is called, and how many files were copied.
    """
    from paperrag.index.milvus.push import push

    target = open_milvus(settings, uri)
    return target.name, push(open_store(settings.index), target, settings.corpus, progress, is_same)


def _name_of(corpus: Path) -> str:
    """Return what a corpus is called where nobody named it: its folder, and which one that is."""
    path = os.path.realpath(corpus)
    return f"{Path(path).name[:40]}-{_short_digest(path)}"


def _short_digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=4).hexdigest()


def _store_vectors(rows: FloatArray) -> npt.NDArray[np.uint8]:
    from paperrag.index.faiss_index import FaissVectors

    kind = ClusteredVectors if len(rows) >= LARGE_CHUNKS else FaissVectors
    return kind.store(rows)


def _load_vectors(data: npt.NDArray[Any]) -> VectorIndex:
    from paperrag.index.faiss_index import FaissVectors

    return ClusteredVectors.load(data) if is_clustered(data) else FaissVectors.load(data)

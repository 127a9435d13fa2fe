"""Settings -> concrete objects. The one module that names adapters; heavy imports happen inside."""

from __future__ import annotations

from pathlib import Path

from paperrag.config import Settings
from paperrag.encoding import BUNDLED, BUNDLED_FOLDER, Encoder, StaticEncoder
from paperrag.errors import ConfigError
from paperrag.indexing import IndexRecipe
from paperrag.store import Store
from paperrag.vectors import VectorIndex


def load_encoder(name: str = BUNDLED, download: bool = False) -> Encoder:
    """Return the encoder of a name: "bundled", a folder, or a sentence-transformers name.

    Raises EncoderError if it cannot be loaded, MissingDependency if its library is not installed.
    """
    if name == BUNDLED:
        return StaticEncoder(BUNDLED_FOLDER, BUNDLED)
    from paperrag.adapters.st_encoder import SentenceTransformerEncoder

    return SentenceTransformerEncoder(name, download)


def make_recipe(settings: Settings, encoder: Encoder) -> IndexRecipe:
    """Return how an index is built. Raises ConfigError if the encoder cannot read such long chunks whole."""
    if settings.chunk_tokens > encoder.max_tokens and settings.chunk_tokens != Settings().chunk_tokens:
        raise ConfigError(
            f"chunk_tokens is {settings.chunk_tokens}, but encoder {encoder.name!r} reads at most {encoder.max_tokens} tokens"
        )
    return IndexRecipe(encoder, min(settings.chunk_tokens, encoder.max_tokens), _new_vectors)


def open_store(folder: Path) -> Store:
    """Return the store of an index folder."""
    return Store(folder, _load_vectors)


def _new_vectors(dimension: int) -> VectorIndex:
    from paperrag.adapters.faiss_index import FaissIndex

    return FaissIndex(dimension)


def _load_vectors(data: bytes) -> VectorIndex:
    from paperrag.adapters.faiss_index import FaissIndex

    return FaissIndex.from_bytes(data)

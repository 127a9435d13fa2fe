"""Small made-up corpora for tests: notes as texts in, an assistant or a retriever out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from paperrag.assistant import Assistant
from paperrag.config import Settings
from paperrag.encoders.contract import Encoder
from paperrag.index.building import build_index
from paperrag.index.faiss_index import FaissVectors
from paperrag.index.recipe import IndexRecipe
from paperrag.index.store import Store
from paperrag.index.vectors import ExactVectors
from paperrag.search.retrieval import Retriever
from paperrag.wiring.engines import make_recipe, open_store

Notes = str | Mapping[str, str]
"""One note, or several by source."""


def write_notes(corpus: Path, notes: Notes) -> Path:
    """Write notes below a corpus folder and return it."""
    for source, text in ({"notes/made-up.md": notes} if isinstance(notes, str) else notes).items():
        path = corpus / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return corpus


def make_assistant(folder: Path, notes: Notes, encoder: Encoder, **settings: Any) -> Assistant:
    """An assistant over notes, with any encoder, indexed on first use."""
    known = Settings(
        corpus=write_notes(folder / "corpus", notes), index=folder / "index", **settings
    )
    return Assistant(known, encoder, open_store(known.index), make_recipe(known, encoder))


def make_retriever(
    folder: Path,
    notes: Notes,
    encoder: Encoder,
    vectors: type[ExactVectors] | type[FaissVectors] = ExactVectors,
) -> Retriever:
    """A retriever over notes with the NumPy oracle, or another index of vectors."""
    corpus = write_notes(folder / "corpus", notes)
    store = Store(folder / "index", vectors.store, vectors.load)
    data, _ = build_index(corpus, store, IndexRecipe(encoder, 256))
    return Retriever(data, encoder)

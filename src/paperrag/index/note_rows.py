"""The entries of some notes -> their rows: cut into chunks, with what is indexed of each.

A chunk has a vector of all that is embedded, a sha256 by which that is known again, words and
tokens. Knows no files and no segments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from paperrag.encoders.contract import Encoder, TokenEncoder
from paperrag.index.columns import rows_of
from paperrag.index.late import TokenLists
from paperrag.index.recipe import IndexRecipe
from paperrag.index.rows import Rows
from paperrag.index.vector_pool import VectorPool
from paperrag.notes.chunking import chunk_entries
from paperrag.records import Chunk, Entry
from paperrag.text.folding import fold


def rows_of_notes(
    notes: Sequence[Sequence[Entry]], recipe: IndexRecipe, vectors: VectorPool
) -> Rows:
    """Return the rows of some notes, each given by its entries."""
    entries = [entry for note in notes for entry in note]
    entry_of = {entry.id: entry for entry in entries}
    chunks = chunk_entries(entries, recipe.encoder.count_tokens, recipe.chunk_tokens)
    digests = [hashlib.sha256(chunk.embedded_text.encode()).digest() for chunk in chunks]
    return rows_of(
        notes,
        chunks,
        digests,
        [_indexed_words(chunk, entry_of[chunk.entry_id]) for chunk in chunks],
        _token_lists(chunks, recipe.encoder),
        vectors.vectors_of(chunks, digests),
    )


def _indexed_words(chunk: Chunk, entry: Entry) -> str:
    """Return what words are indexed for a chunk: what is embedded, and of an entry's first chunk
    the ids of its papers and what its fields say.
    """
    if chunk.start:
        return chunk.embedded_text
    ids = (link.identifier for link in entry.links if link.identifier)
    told = (fold(value) for _, value in entry.fields)
    return " ".join([chunk.embedded_text, *ids, *told])


def _token_lists(chunks: Sequence[Chunk], encoder: Encoder) -> TokenLists | None:
    if not isinstance(encoder, TokenEncoder):
        return None
    fronts = list(dict.fromkeys(chunk.front for chunk in chunks))
    ids_of = dict(zip(fronts, encoder.token_ids(fronts), strict=True))
    return TokenLists.of(
        encoder.token_ids([chunk.body for chunk in chunks]),
        [ids_of[chunk.front] for chunk in chunks],
    )

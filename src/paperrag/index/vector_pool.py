"""Chunks -> their vectors. Embeds a text once, wherever it stands and moves to.

Texts are told apart by the sha256 of what is embedded. Knows segments and vectors, no files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paperrag.encoders.contract import Encoder, FloatArray, check_unit_rows
from paperrag.index.segment import Segment
from paperrag.index.steps import Tally
from paperrag.records import Chunk

SLICE_TEXTS = 64
"""Texts embedded between two reports of progress: a second or two with a large encoder on a
laptop.
"""


class VectorPool:
    """Hands out vectors: those of known texts from the segments that hold them, dead rows too.

    segments: may grow; tally: told how far embedding is.
    """

    def __init__(self, encoder: Encoder, segments: Sequence[Segment], tally: Tally) -> None:
        self.embedded = 0
        self._encoder = encoder
        self._segments = list(segments)
        self._tally = tally
        self._fresh: dict[bytes, FloatArray] = {}

    def vectors_of(self, chunks: Sequence[Chunk], digests: Sequence[bytes]) -> FloatArray:
        """Return the (n, d) vectors of chunks, embedding those whose text is not known."""
        vectors = np.zeros((len(chunks), self._encoder.dimension), dtype=np.float32)
        unseen: dict[bytes, str] = {}
        for row, digest in enumerate(digests):
            known = self._known(digest)
            if known is None:
                unseen[digest] = chunks[row].embedded_text
            else:
                vectors[row] = known
        self._embed(unseen)
        for row, digest in enumerate(digests):
            if digest in unseen:
                vectors[row] = self._fresh[digest]
        return vectors

    def keep(self, segment: Segment) -> None:
        """Look for what was embedded until now in the segment that it was written to."""
        self._segments.append(segment)
        self._fresh = {}

    def _known(self, digest: bytes) -> FloatArray | None:
        if digest in self._fresh:
            return self._fresh[digest]
        for segment in self._segments:
            chunk = segment.chunk_of_digest(digest)
            if chunk is not None:
                vector: FloatArray = segment.vectors.rows(np.array([chunk]))[0]
                return vector
        return None

    def _embed(self, texts: dict[bytes, str]) -> None:
        digests, waiting = list(texts), list(texts.values())
        for start in range(0, len(waiting), SLICE_TEXTS):
            part = waiting[start : start + SLICE_TEXTS]
            rows = self._encoder.encode_document(part)
            rows = check_unit_rows(rows, len(part), self._encoder.dimension, self._encoder.name)
            self._fresh |= zip(digests[start:], rows, strict=False)
            self.embedded += len(part)
            self._tally.embedded((start + len(part)) / len(waiting))

"""A question -> a score for each chunk: dense vectors, words and late interaction, fused.

    score = (LATE · late + DENSE · dense + LEXICAL · lexical) / (sum of the weights in use)

Each part lies in 0–1 and is near 0 when it has nothing to say, so a silent part cannot drag
another down (rank fusion does exactly that). Knows chunks, not entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import Encoder, FloatArray, TokenEncoder
from paperrag.index.arrays import holds
from paperrag.index.engine import Snapshot
from paperrag.index.late import LateInteraction
from paperrag.question.record import Question
from paperrag.search.occurrences import Occurrences
from paperrag.search.scores import Scores
from paperrag.search.weights import (
    CERTAIN,
    DENSE,
    DENSE_ALONE,
    LATE,
    LEXICAL,
    LEXICAL_BESIDE,
)

CANDIDATES = 1000
"""Chunks that each of the dense and the lexical list puts forward; below this, all are scored."""


class ChunkScorer:
    """Scores the chunks of one loaded index."""

    def __init__(self, data: Snapshot, encoder: Encoder) -> None:
        self.data = data
        self.encoder = encoder
        self._occurrences = Occurrences(data)

    def scores(self, question: Question, allowed: npt.NDArray[np.bool_] | None) -> Scores:
        """Return the scores of the chunks worth scoring in full; allowed: a flag for each entry, or
        None for all.
        """
        query = self.encoder.encode_query([question.asked])[0]
        is_whole = question.scope.is_of_works and question.scope.is_bare  # all of them answer
        most = len(self.data.chunks) if is_whole else CANDIDATES
        found = self.data.candidates(query, question.asked, most, allowed)
        rows, cosines, lexical, matched = found
        baseline = self.data.manifest.dense_baseline
        dense = np.clip((cosines - baseline) / (1 - baseline), 0.0, 1.0).astype(np.float32)
        late, own, total = self._fused(question.asked, rows, dense, lexical)
        if question.paper_ids:
            giving = np.sort(self._rows_giving(question.paper_ids))
            total = np.where(holds(giving, rows), CERTAIN, total)
        total, structure = total.astype(np.float32), np.maximum(late - own, 0)
        return Scores(rows, total, dense, lexical, late, structure, matched, query)

    def _fused(
        self, asked: str, rows: npt.NDArray[np.int64], dense: FloatArray, lexical: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return late interaction with chunks, that without their headings, and the sum of parts;
        of an encoder without token vectors the first two are 0.
        """
        if self._late is None:
            nothing = np.zeros(len(rows), dtype=np.float32)
            total = DENSE_ALONE * dense + LEXICAL_BESIDE * lexical
            total /= DENSE_ALONE + LEXICAL_BESIDE
            return nothing, nothing, total.astype(np.float32)
        late, own = self._late.scores(asked, rows)
        total = (LATE * late + DENSE * dense + LEXICAL * lexical) / (LATE + DENSE + LEXICAL)
        return late, own, total.astype(np.float32)

    def _rows_giving(self, paper_ids: Sequence[str]) -> npt.NDArray[np.integer]:
        """Return the chunk rows whose entries give one of some paper ids."""
        found: list[npt.NDArray[np.integer]] = [np.empty(0, dtype=np.int32)]
        for identifier in paper_ids:
            rows = self._occurrences.chunks_with_words(identifier)
            entries = np.array(self._occurrences.entries_with(identifier), dtype=np.int64)
            found.append(rows[holds(entries, self.data.chunks.entry[rows])])
        return np.concatenate(found)

    @cached_property
    def _late(self) -> LateInteraction | None:
        if self.data.tokens is None or not isinstance(self.encoder, TokenEncoder):
            return None
        return LateInteraction(self.encoder, self.data.tokens)

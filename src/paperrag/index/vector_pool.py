"""Texts to embed -> vector ids. Embeds a text once, wherever it stands and moves to.

Texts are told apart by the sha256 of what is embedded. Knows rows and vectors, no files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import Encoder, check_unit_rows
from paperrag.index.steps import Tally
from paperrag.index.tables import FileRecord, IndexData
from paperrag.index.vectors import VectorIndex
from paperrag.records import Chunk

SLICE_TEXTS = 64
"""Texts embedded between two reports of progress: a second or two with a large encoder on a
laptop.
"""


class VectorPool:
    """Hands out vector ids: a known text keeps its vector, an unknown one is embedded.

    A text whose old place is gone takes over that id; another place of the same text gets a
    copy under a new id. Ids only grow.

    old: the generation before, whose vectors are taken over; kept: its files that stay; empty:
    the index to fill when there is none; tally: told how far embedding is.
    """

    def __init__(
        self,
        old: IndexData | None,
        kept: Iterable[FileRecord],
        encoder: Encoder,
        empty: VectorIndex,
        tally: Tally,
    ) -> None:
        self._encoder = encoder
        self._tally = tally
        self.index = old.vectors if old else empty
        self.next_id = old.manifest.next_id if old else 0
        self.embedded = 0
        self._free: dict[bytes, list[int]] = {}
        self._known: dict[bytes, int] = {}
        if old:
            self._take_stock(old, kept)

    def ids_of(self, chunks: Sequence[Chunk], digests: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """Return the vector ids of chunks, embedding those whose text is not known."""
        ids = np.empty(len(chunks), dtype=np.int64)
        unseen: list[int] = []
        copies: list[int] = []
        for row, digest in enumerate(digests):
            if self._free.get(digest):
                ids[row] = self._free[digest].pop()
                continue
            ids[row] = self._new_id()
            if digest in self._known:
                copies.append(row)
            else:
                self._known[digest] = int(ids[row])
                unseen.append(row)
        self._embed(ids[unseen], [chunks[row].embedded_text for row in unseen])
        if copies:
            originals = np.array([self._known[digests[row]] for row in copies], dtype=np.int64)
            self.index.add(ids[copies], self.index.vectors(originals))
        return ids

    def drop_unused(self) -> None:
        """Remove the vectors of texts that are gone."""
        self.index.remove(
            np.array(
                [number for numbers in self._free.values() for number in numbers], dtype=np.int64
            )
        )

    def _take_stock(self, old: IndexData, kept: Iterable[FileRecord]) -> None:
        is_kept = np.zeros(len(old.entries), dtype=bool)
        for record in kept:
            is_kept[record.first_row : record.first_row + record.entries] = True
        stays = is_kept[old.chunks.entry]
        for number, digest, stay in zip(
            old.chunks.vector_id.tolist(), old.chunks.digest, stays.tolist(), strict=True
        ):
            key = digest.tobytes()
            self._known[key] = number
            if not stay:
                self._free.setdefault(key, []).append(number)

    def _new_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def _embed(self, ids: npt.NDArray[np.int64], texts: Sequence[str]) -> None:
        for start in range(0, len(texts), SLICE_TEXTS):
            part = texts[start : start + SLICE_TEXTS]
            rows = self._encoder.encode_document(part)
            self.index.add(
                ids[start : start + len(part)],
                check_unit_rows(rows, len(part), self._encoder.dimension, self._encoder.name),
            )
            self.embedded += len(part)
            self._tally.embedded((start + len(part)) / len(texts))

"""Samples -> what the network reads of them: tokens, flags, states in context; and batches."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from paperrag.encoders.contextual import LAYERS_FILE, ROWS_FILE, STATES
from paperrag.encoders.static import BUNDLED, BUNDLED_FOLDER, StaticEncoder, open_rows
from paperrag.proof.flags import FLAGS, flags, links
from paperrag.proof.windows import Tokens, sentences, tokens_of, window
from paperrag.text.folding import fold
from training.claims.make import Sample
from training.claims.net import STATE_WIDTH, Side

CLAIM_TOKENS, TEXT_TOKENS = 64, 128

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class ReadSide:
    """A text in tokens: ids, flags, which were altered, states in context."""

    ids: Array
    flags: Array
    marks: Array
    states: Array


@dataclass(frozen=True, slots=True)
class Read:
    """A sample as the network reads it; `links`: tokens of claim and text with the same quantity.
    `weight`: how much it counts.
    """

    claim: ReadSide
    text: ReadSide
    links: Array
    is_true: bool
    kind: str
    weight: float = 1.0


class Reader:
    """Reads samples with the bundled encoder: its layers up to the one whose states are used."""

    def __init__(self) -> None:
        import onnx.utils
        import onnxruntime

        self.encoder = StaticEncoder(BUNDLED_FOLDER, BUNDLED)
        self._rows = open_rows(BUNDLED_FOLDER / ROWS_FILE)
        with tempfile.TemporaryDirectory() as folder:
            part = Path(folder) / "part.onnx"
            onnx.utils.extract_model(BUNDLED_FOLDER / LAYERS_FILE, part, ["rows"], [STATES])
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            self._layers = onnxruntime.InferenceSession(part.read_bytes(), options)
        self._told = lru_cache(64)(self._told_of)
        self._states = lru_cache(64)(self._states_of)

    def read(self, sample: Sample, weight: float = 1.0) -> Read | None:
        """Return a sample as it is read; None if what decides it is cut off."""
        own = tokens_of(fold(sample.claim), self.encoder)
        shown = window(own, self._told(fold(sample.evidence)))
        if len(own.ids) < 2 or len(own.ids) > CLAIM_TOKENS or not shown:
            return None
        text = tokens_of(shown, self.encoder)
        altered = fold(sample.evidence[slice(*sample.evidence_span)])
        start = shown.find(altered) if altered else 0
        if start < 0 or len(text.ids) < 2 or len(text.ids) > TEXT_TOKENS:
            return None
        text_span = (start, start + len(altered))
        return Read(
            self._side(own, sample.claim_span, fold(sample.evidence), text.ids),
            self._side(text, text_span, own.text, own.ids),
            links(own.text, own.spans, text.text, text.spans).astype(np.uint8),
            sample.is_true,
            sample.kind,
            weight,
        )

    def _told_of(self, text: str) -> list[Tokens]:
        return [tokens_of(one, self.encoder) for one in sentences(text)]

    def _side(
        self, own: Tokens, altered: tuple[int, int], other: str, other_ids: Sequence[int]
    ) -> ReadSide:
        marks = [start < altered[1] and end > altered[0] for start, end in own.spans]
        seen = flags(own.text, own.ids, own.spans, other, other_ids)
        return ReadSide(
            np.array(own.ids, dtype=np.int32),
            seen.astype(np.float16),
            np.array(marks, dtype=np.uint8),
            self._states(tuple(own.ids)),
        )

    def _states_of(self, ids: tuple[int, ...]) -> Array:
        opening, closing = len(self._rows.matrix) - 2, len(self._rows.matrix) - 1
        rows = self._rows.take(np.array([opening, *ids, closing]))
        states = self._layers.run([STATES], {"rows": rows})[0][0]
        return np.asarray(states[1:-1], dtype=np.float16)


def read_all(samples: Iterable[Sample], reader: Reader, weight: float = 1.0) -> list[Read]:
    """Return the samples that can be read."""
    return [one for sample in samples if (one := reader.read(sample, weight)) is not None]


def batches(read: Sequence[Read], size: int, chance: random.Random | None) -> Iterator[list[Read]]:
    """Yield samples of like length together, in any order."""
    order = sorted(
        range(len(read)),
        key=lambda place: (len(read[place].text.ids) // 8, len(read[place].claim.ids)),
    )
    groups = [order[start : start + size] for start in range(0, len(order), size)]
    if chance:
        chance.shuffle(groups)
    for group in groups:
        yield [read[place] for place in group]


def padded(sides: Sequence[ReadSide]) -> tuple[Side, Tensor]:
    """Return texts side by side, and which of their tokens were altered, (n, tokens)."""
    most = max(len(one.ids) for one in sides)
    ids = np.zeros((len(sides), most), dtype=np.int64)
    seen = np.zeros((len(sides), most, FLAGS), dtype=np.float32)
    states = np.zeros((len(sides), most, STATE_WIDTH), dtype=np.float32)
    marks = np.zeros((len(sides), most), dtype=np.float32)
    mask = np.zeros((len(sides), most), dtype=bool)
    for row, one in enumerate(sides):
        size = len(one.ids)
        ids[row, :size], seen[row, :size], states[row, :size] = one.ids, one.flags, one.states
        marks[row, :size], mask[row, :size] = one.marks, True
    parts = [torch.from_numpy(part) for part in (ids, mask, seen, states)]
    return Side(*parts), torch.from_numpy(marks)


def linked(group: Sequence[Read], claim: Side, text: Side) -> Tensor:
    """Return (n, claim, text) 1 where both tell the same quantity."""
    table = torch.zeros(len(group), claim.ids.shape[1], text.ids.shape[1])
    for row, one in enumerate(group):
        for left, right in one.links.tolist():
            table[row, left, right] = 1.0
    return table

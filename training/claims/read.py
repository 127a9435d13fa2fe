"""Written claims -> what the network reads: states in context, flags, relations; batches."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from paperrag.proof import net
from paperrag.proof.flags import links
from paperrag.proof.sides import side_of
from paperrag.proof.windows import WINDOW_TOKENS, Tokens, sentences, tokens_of, window
from paperrag.records import Span
from paperrag.text.folding import fold
from paperrag.wiring.encoders import proof_encoder
from training.claims.net import WIDTH, Side
from training.claims.written import Written

CLAIM_TOKENS, TEXT_TOKENS = 100, 160
LIKE_TOKENS = 10
"""Blocks whose claims and texts differ by fewer tokens are of like length."""

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class ReadSide:
    """A text in tokens: states in context with the marks around it, flags, which are wrong."""

    states: Array
    flags: Array
    wrong: Array


@dataclass(frozen=True, slots=True)
class Read:
    """A claim as the network reads it; `relations` as `paperrag.proof.net` gives them, `block`: the
    lines that it is about.
    """

    claim: ReadSide
    text: ReadSide
    relations: Array
    is_true: bool
    kind: str
    block: str


class Reader:
    """Reads claims as `paperrag.proof.support` does. most: tokens of a text that are read.
    sees_order: whether the order of tokens is told (`paperrag.proof.order`).
    """

    def __init__(self, most: int = WINDOW_TOKENS, sees_order: bool = True) -> None:
        self._encoder = proof_encoder()
        self._most = most
        self._sees_order = sees_order
        self._told: dict[str, list[Tokens]] = {}

    def read(self, one: Written) -> Read | None:
        """Return a claim as it is read; None without words on a side."""
        claim, text = fold(one.claim), fold(one.text)
        own = tokens_of(claim, self._encoder).first(CLAIM_TOKENS)
        if text not in self._told:
            self._told = {text: [tokens_of(part, self._encoder) for part in sentences(text)]}
        other = tokens_of(window(own, self._told[text], self._most), self._encoder).first(
            TEXT_TOKENS
        )
        if not own.ids or not other.ids:
            return None
        states = self._encoder.token_states
        sides = (
            side_of(own, states(own.ids), text, other.ids),
            side_of(other, states(other.ids), claim, own.ids),
        )
        found = net.relations(*sides, links(claim, own.spans, other.text, other.spans))
        flags = sides[0].flags, sides[1].flags
        if self._sees_order:
            flags = net.with_orders(*flags, found)
        return Read(
            _packed(sides[0].states, flags[0], own, one.span),
            _packed(sides[1].states, flags[1], other, (0, 0)),
            found.astype(np.float16),
            one.is_true,
            one.kind,
            one.block,
        )


def _packed(states: Array, flags: Array, own: Tokens, wrong: Span) -> ReadSide:
    marks = [start < wrong[1] and end > wrong[0] for start, end in own.spans]
    return ReadSide(
        states.astype(np.float16), flags.astype(np.float16), np.array(marks, dtype=np.uint8)
    )


def read_all(claims: Iterable[Written], reader: Reader) -> list[Read]:
    """Return the claims that can be read."""
    return [read for one in claims if (read := reader.read(one)) is not None]


def batches(read: Sequence[Read], size: int, chance: random.Random | None) -> Iterator[list[Read]]:
    """Yield claims of like length together, those about the same lines too, in any order."""
    blocks: dict[str, list[Read]] = defaultdict(list)
    for one in read:
        blocks[one.block].append(one)
    order = sorted(blocks.values(), key=lambda block: _length(block, chance))
    groups: list[list[Read]] = [[]]
    for block in order:
        if len(groups[-1]) + len(block) > size and groups[-1]:
            groups.append([])
        groups[-1] += block
    if chance:
        chance.shuffle(groups)
    yield from groups


def _length(block: Sequence[Read], chance: random.Random | None) -> float:
    tokens = np.mean([sum(one.relations.shape[1:]) for one in block])
    return float(tokens // LIKE_TOKENS) + (chance.random() if chance else 0)


def padded(sides: Sequence[ReadSide]) -> tuple[Side, Tensor]:
    """Return texts side by side, and which of their tokens are wrong, (n, tokens)."""
    most, flags = max(len(one.flags) for one in sides), sides[0].flags.shape[1]
    states = np.zeros((len(sides), most + 2, WIDTH), dtype=np.float32)
    seen = np.zeros((len(sides), most, flags), dtype=np.float32)
    wrong = np.zeros((len(sides), most), dtype=np.float32)
    mask = np.zeros((len(sides), most), dtype=bool)
    for row, one in enumerate(sides):
        size = len(one.flags)
        states[row, : size + 2], seen[row, :size] = one.states, one.flags
        wrong[row, :size], mask[row, :size] = one.wrong, True
    parts = [torch.from_numpy(part) for part in (states, mask, seen)]
    return Side(*parts), torch.from_numpy(wrong)


def related(group: Sequence[Read], claim: Side, text: Side) -> Tensor:
    """Return the (n, RELATIONS, claim, text) relations of a batch."""
    shape = len(group), net.RELATIONS, claim.mask.shape[1], text.mask.shape[1]
    table = torch.zeros(shape)
    for row, one in enumerate(group):
        _, tokens, text_tokens = one.relations.shape
        table[row, :, :tokens, :text_tokens] = torch.from_numpy(one.relations.astype(np.float32))
    return table

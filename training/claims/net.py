"""The network that holds a claim against a text: layers of a transformer that read both together.

A cross-encoder (https://arxiv.org/abs/1901.04085) whose lower half reads each side alone: it starts
from the states of the bundled transformer's third layer, and its own layers start as the three
above it. How far a token of the claim and one of the text are alike is added to what the heads look
by. Besides one logit a claim it gives one a token, to learn from words that are known to be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from paperrag.proof.flags import FLAGS
from paperrag.proof.net import RELATIONS
from paperrag.proof.order import ORDERS
from training.contextual import Layer

WIDTH, HEADS, SUMMED = 384, 12, 128
DROPPED = 0.1
SHUT = -1e4


class Side(NamedTuple):
    """Texts side by side: states (n, tokens + 2, WIDTH) with the marks around a text, mask (n,
    tokens), flags (n, tokens, those that the network sees).
    """

    states: Tensor
    mask: Tensor
    flags: Tensor


class Joint(nn.Module):
    """A layer of the transformer over a claim and a text in one row, with what the tokens of both
    have to do with one another.
    """

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        starts = [torch.linspace(0, 2, HEADS).roll(3 * place) for place in range(RELATIONS)]
        self.across = nn.Parameter(torch.stack(starts))

    def forward(self, states: Tensor, relations: Tensor, shut: Tensor | None) -> Tensor:
        """relations: (n, RELATIONS, claim, text); the row holds the claim between two marks, the
        text and a mark. shut: (n, 1, 1, row), SHUT where nothing is.
        """
        layer, (count, row, width) = self.layer, states.shape
        parts = layer.attend(states).view(count, row, 3, HEADS, width // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        claim, text = relations.shape[2], relations.shape[3]
        flat = relations.reshape(count, RELATIONS, claim * text)
        bias = (self.across.t().to(flat.dtype) @ flat).view(count, HEADS, claim, text)
        scores = (query * (width // HEADS) ** -0.5) @ key.transpose(-1, -2)
        scores = scores + F.pad(bias, (claim + 2, 1, 1, text + 2))
        scores = scores + F.pad(bias.transpose(2, 3).contiguous(), (1, text + 2, claim + 2, 1))
        if shut is not None:
            scores = scores + shut
        mixed = (scores.softmax(-1).to(value.dtype) @ value).transpose(1, 2)
        joined = layer.join(mixed.reshape(count, row, width))
        states = layer.join_norm(states + dropped(joined, self.training))
        grown = layer.shrink(F.gelu(layer.grow(states)))
        normed: Tensor = layer.shrink_norm(states + dropped(grown, self.training))
        return normed


def dropped(states: Tensor, is_training: bool) -> Tensor:
    """Return states some of whose numbers are 0 in all of a row's tokens, while training."""
    if not is_training:
        return states
    kept = torch.rand(states.shape[0], 1, states.shape[2]) > DROPPED
    return states * (kept.to(states.dtype) / (1 - DROPPED))


class ClaimNet(nn.Module):
    """See the module. layers: those that read both together, taken over. flags: that it sees of a
    token.
    """

    def __init__(self, layers: Sequence[Layer], flags: int = FLAGS + ORDERS) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Joint(layer) for layer in layers)
        self.side = nn.Parameter(torch.randn(2, WIDTH) * 0.02)
        self.seen = nn.Linear(flags + RELATIONS, WIDTH)
        nn.init.zeros_(self.seen.weight)
        nn.init.zeros_(self.seen.bias)
        self.token = nn.ModuleList(nn.Linear(WIDTH, 1) for _ in range(2))
        self.sum_up = nn.Linear(5 * WIDTH + 4, SUMMED)
        self.last = nn.Linear(SUMMED, 1)

    def go_on_from(self, state: dict[str, Tensor]) -> None:
        """Take over what another network learned; what only one of them sees of a token says
        nothing.
        """
        theirs, seen = state["seen.weight"], torch.zeros_like(self.seen.weight)
        both = min(theirs.shape[1], seen.shape[1]) - RELATIONS
        seen[:, :both], seen[:, -RELATIONS:] = theirs[:, :both], theirs[:, -RELATIONS:]
        self.load_state_dict(state | {"seen.weight": seen})

    def forward(self, claim: Side, text: Side, relations: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits that the claim is borne out (n,), and that each token of claim and of
        text says otherwise, (n, tokens) each. relations: (n, RELATIONS, claim, text), see
        `paperrag.proof.net.relations`.
        """
        best, text_best = relations.amax(3).transpose(1, 2), relations.amax(2).transpose(1, 2)
        states = torch.cat([claim.states + self.side[0], text.states[:, 1:] + self.side[1]], 1)
        seen = torch.cat(
            [
                F.pad(torch.cat([claim.flags, best], -1), (0, 0, 1, 1)),
                F.pad(torch.cat([text.flags, text_best], -1), (0, 0, 0, 1)),
            ],
            1,
        )
        states = dropped(states + self.seen(seen), self.training)
        shut = None
        if not (claim.mask.all() and text.mask.all()):
            shut = SHUT * ~_with_marks(claim.mask, text.mask)[:, None, None, :]
            shut = shut.to(relations.dtype)
        for layer in self.layers:
            states = layer(states, relations, shut)
        return self._summed(states.float(), claim.mask, text.mask, best.float())

    def _summed(
        self, states: Tensor, mask: Tensor, text_mask: Tensor, best: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        size = mask.shape[1]
        own, text = states[:, 1 : size + 1], states[:, size + 2 : -1]
        tokens, text_tokens = self.token[0](own)[..., 0], self.token[1](text)[..., 0]
        parts = [states[:, 0]]
        for side, known in ((own, mask), (text, text_mask)):
            parts.append((side * known[..., None]).sum(1) / known.sum(1, keepdim=True))
            parts.append((side + SHUT * ~known[..., None]).amax(1))
        cosines = best[..., 2]
        scalars = [
            (tokens + SHUT * ~mask).amax(1),
            (text_tokens + SHUT * ~text_mask).amax(1),
            (cosines * mask).sum(1) / mask.sum(1),
            cosines.masked_fill(~mask, 1.0).amin(1),
        ]
        whole = torch.cat([*parts, torch.stack(scalars, -1)], -1)
        whole = F.dropout(whole, DROPPED, self.training)
        summed = F.dropout(F.relu(self.sum_up(whole)), DROPPED, self.training)
        return self.last(summed)[:, 0], tokens, text_tokens


def _with_marks(mask: Tensor, text_mask: Tensor) -> Tensor:
    """Return which places of the row are filled: two marks with the claim, one with the text."""
    sides = ((mask, 2), (text_mask, 1))
    return torch.cat(
        [
            torch.arange(side.shape[1] + marks) < side.sum(1, keepdim=True) + marks
            for side, marks in sides
        ],
        1,
    )

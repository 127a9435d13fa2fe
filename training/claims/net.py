"""The network that holds a claim against a text: each word looks for its counterpart, is compared
with it, and a small transformer over both texts sums up what is found.

Alignment and comparison as in a decomposable attention model (https://arxiv.org/abs/1606.01933),
over the bundled encoder's static rows, its states in context, and a small row of its own for each
token, in which it learns what lies near in meaning but is not the same. Besides one logit a claim
it gives one a token.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from paperrag.proof.flags import FLAGS

WIDTH, OWN_WIDTH, HEADS, LAYERS, REACH = 96, 16, 4, 2, 8
STATE_WIDTH, SEEN = 384, 5
DROPPED = 0.1
SHUT = -1e4


class Side(NamedTuple):
    """Texts side by side: ids and mask (n, tokens), flags (n, tokens, FLAGS), states in context
    (n, tokens, STATE_WIDTH).
    """

    ids: Tensor
    mask: Tensor
    flags: Tensor
    states: Tensor


class Layer(nn.Module):
    """A transformer layer over a claim and a text in one row; a token also looks at its neighbours
    and its counterparts.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first_norm, self.second_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.grow, self.shrink = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.distance = nn.Parameter(torch.zeros(HEADS, 2 * REACH + 1))
        self.across = nn.Parameter(torch.linspace(0, 6, HEADS))

    def forward(self, states: Tensor, places: Tensor, aligned: Tensor, shut: Tensor) -> Tensor:
        """places: (tokens, tokens) rows of `distance`, REACH * 2 + 1 across sides; aligned: (n,
        tokens, tokens) how far a token looks at one of the other side.
        """
        count, tokens, width = states.shape
        parts = self.attend(self.first_norm(states)).view(count, tokens, 3, HEADS, width // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        near = F.pad(self.distance, (0, 1))[:, places]
        bias = near[None] + self.across[None, :, None, None] * aligned[:, None] + shut
        scores = query @ key.transpose(-1, -2) / (width // HEADS) ** 0.5 + bias
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(count, tokens, width)
        states = states + F.dropout(self.join(mixed), DROPPED, self.training)
        grown = F.relu(self.grow(self.second_norm(states)))
        return states + F.dropout(self.shrink(grown), DROPPED, self.training)


class ClaimNet(nn.Module):
    """See the module."""

    def __init__(self, static: Tensor, width: int = WIDTH) -> None:
        super().__init__()
        self.static = nn.Embedding.from_pretrained(static, freeze=True)
        self.own = nn.Embedding(len(static), OWN_WIDTH)
        nn.init.normal_(self.own.weight, std=0.05)
        self.enter = nn.Linear(static.shape[1] + STATE_WIDTH + OWN_WIDTH + FLAGS, width)
        self.enter_norm = nn.LayerNorm(width)
        self.asks = nn.Linear(width, width, bias=False)
        self.is_asked = nn.Linear(width, width, bias=False)
        self.scales = nn.Parameter(torch.tensor([8.0, 2.0, 3.0]))
        self.nothing = nn.Parameter(torch.tensor(2.0))
        self.compare = nn.ModuleList(nn.Linear(4 * width + FLAGS + SEEN, width) for _ in range(2))
        self.layers = nn.ModuleList(Layer(width) for _ in range(LAYERS))
        self.norm = nn.LayerNorm(width)
        self.token = nn.ModuleList(nn.Linear(width, 1) for _ in range(2))
        self.sum_up = nn.Linear(4 * width + 4, width)
        self.last = nn.Linear(width, 1)

    def read(self, side: Side) -> tuple[Tensor, Tensor]:
        """Return unit static rows and what the tokens are compared by."""
        rows = F.normalize(self.static(side.ids), dim=-1, eps=1e-6)
        own = F.dropout(self.own(side.ids), DROPPED, self.training)
        seen = torch.cat([rows, side.states, own, side.flags], dim=-1)
        return rows, F.relu(self.enter_norm(self.enter(seen)))

    def forward(self, claim: Side, text: Side, links: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits that the claim is borne out (n,), and that each token of claim and of
        text says otherwise, (n, tokens) each. links: (n, claim, text) 1 where both tell the same
        quantity.
        """
        (rows, own), (text_rows, text_own) = self.read(claim), self.read(text)
        cosines = rows @ text_rows.transpose(1, 2)
        same = (claim.ids[:, :, None] == text.ids[:, None, :]).float()
        asked = self.asks(own) @ self.is_asked(text_own).transpose(1, 2) / own.shape[-1] ** 0.5
        scores = self.scales[0] * cosines + self.scales[1] * same + self.scales[2] * links + asked
        shut = SHUT * (~text.mask)[:, None, :]
        text_shut = SHUT * (~claim.mask)[:, None, :]
        turned = scores.transpose(1, 2)
        looks, text_looks = self._looks(scores + shut), self._looks(turned + text_shut)
        best = (cosines + shut).max(-1).values
        text_best = (cosines.transpose(1, 2) + text_shut).max(-1).values
        met = self._met(0, own, text_own, claim.flags, looks, best, links)
        text_met = self._met(
            1, text_own, own, text.flags, text_looks, text_best, links.transpose(1, 2)
        )
        met, text_met = self._summed(met, text_met, claim.mask, text.mask, looks, text_looks)
        tokens = self.token[0](met)[..., 0]
        text_tokens = self.token[1](text_met)[..., 0]
        mass = (looks * claim.mask[..., None]).sum(1) * text.mask + 1e-6
        count = claim.mask.sum(1, keepdim=True).clamp(min=1)
        own_shut, other_shut = SHUT * ~claim.mask, SHUT * ~text.mask
        scalars = [
            (tokens + own_shut).max(1).values,
            (text_tokens + other_shut).max(1).values,
            (best * claim.mask).sum(1) / count[:, 0],
            best.masked_fill(~claim.mask, 1.0).min(1).values,
        ]
        whole = torch.cat(
            [
                (met * claim.mask[..., None]).sum(1) / count,
                (met + own_shut[..., None]).max(1).values,
                (text_met * (mass / mass.sum(1, keepdim=True))[..., None]).sum(1),
                (text_met + other_shut[..., None]).max(1).values,
                torch.stack(scalars, -1),
            ],
            -1,
        )
        whole = F.dropout(whole, DROPPED, self.training)
        return self.last(F.relu(self.sum_up(whole)))[:, 0], tokens, text_tokens

    def _looks(self, scores: Tensor) -> Tensor:
        """Return how far each token looks at those of the other side; the rest is at nothing."""
        nothing = self.nothing.expand(*scores.shape[:2], 1)
        return torch.cat([scores, nothing], -1).softmax(-1)[..., :-1]

    def _met(
        self,
        side: int,
        own: Tensor,
        others: Tensor,
        flags: Tensor,
        looks: Tensor,
        best: Tensor,
        links: Tensor,
    ) -> Tensor:
        other = looks @ others
        places = torch.arange(looks.shape[2], dtype=own.dtype) / REACH
        held = looks.sum(-1)
        at = (looks @ places) / held.clamp(min=1e-3)
        step = torch.tanh(at[:, 1:] - at[:, :-1])
        seen = [best, links.max(-1).values, held, F.pad(step, (1, 0)), F.pad(step, (0, 1))]
        parts = [own, other, own * other, (own - other).abs(), flags, torch.stack(seen, -1)]
        return F.relu(self.compare[side](torch.cat(parts, -1)))

    def _summed(
        self,
        met: Tensor,
        text_met: Tensor,
        mask: Tensor,
        text_mask: Tensor,
        looks: Tensor,
        text_looks: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Return both sides after the layers."""
        size = met.shape[1]
        states = torch.cat([met, text_met], 1)
        aligned = torch.cat([F.pad(looks, (size, 0)), F.pad(text_looks, (0, text_met.shape[1]))], 1)
        whole = torch.cat([mask, text_mask], 1)
        shut = SHUT * (~whole)[:, None, None, :]
        order = torch.arange(states.shape[1])
        side = order >= size
        places = (order[:, None] - order[None, :]).clamp(-REACH, REACH) + REACH
        places = places.masked_fill(side[:, None] != side[None, :], 2 * REACH + 1)
        for layer in self.layers:
            states = layer(states, places, aligned, shut)
        states = self.norm(states)
        return states[:, :size], states[:, size:]

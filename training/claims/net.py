"""The network that holds a claim against a text: each word looks for its counterpart, is compared
with it, and what is found is summed up.

A decomposable attention model (https://arxiv.org/abs/1606.01933) over the bundled encoder's token
rows, with a few words of context and a small row of its own for each token, in which it learns
what lies near in meaning but is not the same. Besides one logit a claim it gives one a token.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH, OWN_WIDTH, FLAGS = 40, 16, 8


class ClaimNet(nn.Module):
    """See the module."""

    def __init__(self, static: Tensor, width: int = WIDTH) -> None:
        super().__init__()
        self.static = nn.Embedding.from_pretrained(static, freeze=True)
        self.own = nn.Embedding(len(static), OWN_WIDTH)
        nn.init.normal_(self.own.weight, std=0.05)
        self.widen = nn.Linear(static.shape[1] + OWN_WIDTH, width)
        self.near = nn.Conv1d(width, width, 3, padding=1)
        self.far = nn.Conv1d(width, width, 3, padding=2, dilation=2)
        self.asks = nn.Linear(width, width, bias=False)
        self.is_asked = nn.Linear(width, width, bias=False)
        self.scales = nn.Parameter(torch.tensor([8.0, 2.0]))
        self.compare = nn.ModuleList(nn.Linear(4 * width + FLAGS + 1, width) for _ in range(2))
        self.blend = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(2))
        self.token = nn.ModuleList(nn.Linear(width, 1) for _ in range(2))
        self.sum_up = nn.Linear(4 * width + 4, width)
        self.last = nn.Linear(width, 1)

    def read(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return unit static rows and states in context."""
        rows = F.normalize(self.static(ids), dim=-1, eps=1e-6)
        states = self.widen(torch.cat([rows, self.own(ids)], dim=-1)) * mask[..., None]
        states = states + F.relu(self._along(self.near, states)) * mask[..., None]
        states = states + F.relu(self._along(self.far, states)) * mask[..., None]
        return rows, states

    @staticmethod
    def _along(layer: nn.Conv1d, states: Tensor) -> Tensor:
        return layer(states.transpose(1, 2)).transpose(1, 2)

    def forward(
        self,
        claim: Tensor,
        claim_mask: Tensor,
        claim_flags: Tensor,
        text: Tensor,
        text_mask: Tensor,
        text_flags: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits that the claim is borne out (n,), and that each token of claim and of
        text says otherwise, (n, tokens) each.
        """
        rows, states = self.read(claim, claim_mask)
        text_rows, text_states = self.read(text, text_mask)
        cosines = rows @ text_rows.transpose(1, 2)
        same = (claim[:, :, None] == text[:, None, :]).float()
        scores = self.scales[0] * cosines + self.scales[1] * same
        scores = (
            scores
            + self.asks(states)
            @ self.is_asked(text_states).transpose(1, 2)
            / states.shape[-1] ** 0.5
        )
        shut = -1e4
        to_text = (scores + shut * (~text_mask)[:, None, :]).softmax(-1)
        to_claim = (scores + shut * (~claim_mask)[:, :, None]).softmax(1)
        best = (cosines + shut * (~text_mask)[:, None, :]).max(-1).values
        text_best = (cosines + shut * (~claim_mask)[:, :, None]).max(1).values
        found, tokens = [], []
        for side, (own, other, flags, near, mask) in enumerate(
            (
                (states, to_text @ text_states, claim_flags, best, claim_mask),
                (text_states, to_claim.transpose(1, 2) @ states, text_flags, text_best, text_mask),
            )
        ):
            met = F.relu(
                self.compare[side](
                    torch.cat(
                        [own, other, own * other, (own - other).abs(), flags, near[..., None]], -1
                    )
                )
            )
            met = (met + F.relu(self._along(self.blend[side], met * mask[..., None]))) * mask[
                ..., None
            ]
            tokens.append(self.token[side](met)[..., 0])
            share = mask.float() if side == 0 else to_text.mul(claim_mask[..., None]).sum(1) * mask
            share = share / share.sum(1, keepdim=True).clamp(min=1e-6)
            found += [(met * share[..., None]).sum(1), met.max(1).values]
        worst = (tokens[0] + shut * (~claim_mask)).max(1).values
        text_worst = (tokens[1] + shut * (~text_mask)).max(1).values
        mean_best = (best * claim_mask).sum(1) / claim_mask.sum(1).clamp(min=1)
        least = best.masked_fill(~claim_mask, 1.0).min(1).values
        whole = torch.cat([*found, torch.stack([worst, text_worst, mean_best, least], -1)], -1)
        return self.last(F.relu(self.sum_up(whole)))[:, 0], tokens[0], tokens[1]

"""Batches and a token matrix -> the two losses the encoder is trained on.

`pooled_loss` trains what the dense cosine sees (means of token rows), `late_loss` what late
interaction sees (for each query token the best passage token). Both are in-batch softmaxes
(multiple negatives ranking, https://arxiv.org/abs/1705.00652). Knows no data files.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.batches import Batch, Side


class Tokens(NamedTuple):
    """What is trained: a token's row is `matrix[token] * exp(gains[token])`.

    matrix: (vocabulary, d); gains: (vocabulary,). The gain is apart so that a token's weight can
    change tenfold while its direction settles; in one matrix weights stay too alike.
    """

    matrix: Tensor
    gains: Tensor

    def rows(self, ids: Tensor) -> Tensor:
        """Return (n, d) rows."""
        return F.embedding(ids, self.matrix) * self.gains[ids].exp()[:, None]

    def folded(self) -> Tensor:
        """Return the (vocabulary, d) matrix that the model ships, the median row at length 1."""
        rows = self.matrix.detach() * self.gains.detach().exp()[:, None]
        return rows / rows.norm(dim=1).median()


def pooled(tokens: Tokens, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the (n, d) unit means of queries' and of passages' token rows; an empty item gives a
    zero row.

    One bag for both sides: each bag costs a pass over a gradient of the whole matrix.
    """
    ids = torch.from_numpy(np.concatenate([batch.queries.ids, batch.passages.ids])).long()
    starts = np.concatenate([batch.queries.starts, batch.passages.starts + len(batch.queries.ids)])
    weights = tokens.gains[ids].exp()
    sums = F.embedding_bag(
        ids, tokens.matrix, torch.from_numpy(starts).long(), mode="sum", per_sample_weights=weights
    )
    means = F.normalize(sums, dim=1, eps=1e-6)
    return means[: len(batch.queries.starts)], means[len(batch.queries.starts) :]


class SoftmaxBothWays(torch.autograd.Function):
    """Mean cross-entropy of queries -> passages and passages -> queries, the right ones on the
    diagonal.

    Written out because it is a third faster than two `cross_entropy` calls on one thread: scores
    are cosines, at most 1, so no maximum is searched and one exponential serves both ways.
    """

    @staticmethod
    def forward(ctx, scores: Tensor, same: Tensor, scale: float) -> Tensor:  # type: ignore[no-untyped-def, override]
        """scores: (n, n), at most 1; same: (n, n) bool, cells that do not count; returns a
        scalar.
        """
        powers = scores.sub(1.0).mul_(scale).exp_().masked_fill_(same, 0.0)
        rows, columns = powers.sum(dim=1), powers.sum(dim=0)
        ctx.save_for_backward(powers, rows, columns)
        ctx.scale = scale
        return (rows.log() + columns.log()).mean() / 2 - scale * (scores.diagonal().mean() - 1)

    @staticmethod
    def backward(ctx, outer: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[no-untyped-def, override]
        """The gradient by scores: half the two softmaxes' sum, less the diagonal."""
        powers, rows, columns = ctx.saved_tensors
        gradient = powers * (0.5 / rows)[:, None]
        gradient.addcmul_(powers, (0.5 / columns)[None, :].expand_as(powers))
        gradient.diagonal().sub_(1.0)
        return gradient.mul_(outer * ctx.scale / len(rows)), None, None


def pooled_loss(tokens: Tokens, batch: Batch, scale: float) -> Tensor:
    """In-batch softmax over cosines of pooled vectors, times `scale`."""
    queries, passages = pooled(tokens, batch)
    return SoftmaxBothWays.apply(queries @ passages.T, torch.from_numpy(batch.same), scale)


class Lesson(NamedTuple):
    """n translations and how a teacher places them: `vectors` (n, d) unit rows of what both sides
    say.
    """

    first: Side
    second: Side
    vectors: Tensor


def teacher_loss(tokens: Tokens, lesson: Lesson, scale: float) -> Tensor:
    """KL divergence of the student's in-batch softmax from the teacher's, a text with itself left
    out.

    The two sides may be of two languages: what is near in English is to be near across them.
    """
    first, second = pooled(tokens, Batch(lesson.first, lesson.second, np.zeros((0, 0), dtype=bool)))
    itself = torch.eye(len(first), dtype=torch.bool)
    wanted, given = (
        F.log_softmax((scores * scale).masked_fill(itself, -1e4), dim=1)
        for scores in (lesson.vectors @ lesson.vectors.T, first @ second.T)
    )
    return F.kl_div(given, wanted, log_target=True, reduction="batchmean")


def padded(side: Side, count: int, width: int) -> tuple[Tensor, Tensor]:
    """Return ids (count, width) and a bool mask of the first `count` items, cut at `width`
    tokens.
    """
    ids, starts = torch.from_numpy(side.ids).long(), torch.from_numpy(side.starts).long()[:count]
    lengths = torch.from_numpy(side.counts())[:count].clamp(max=width)
    places = torch.arange(width)
    mask = places < lengths[:, None]
    return ids[(starts[:, None] + places).clamp(max=len(ids) - 1)] * mask, mask


def late_scores(
    tokens: Tokens, batch: Batch, count: int, floor: float, power: float, widths: tuple[int, int]
) -> Tensor:
    """Return (count, count) late-interaction scores of the batch's first `count` pairs.

    A query token's weight is its row's length to the `power`; its best cosine with the passage's
    tokens counts where it passes `floor`; the score is the weighted mean. Each distinct token is
    compared once, and only the best cosines carry a gradient.
    """
    query_ids, query_mask = padded(batch.queries, count, widths[0])
    passage_ids, passage_mask = padded(batch.passages, count, widths[1])
    asked, asked_places = query_ids[query_mask].unique(return_inverse=True)
    found, found_places = torch.where(passage_mask, passage_ids, passage_ids[:, :1]).unique(
        return_inverse=True
    )
    rows = tokens.rows(torch.cat([asked, found]))
    weights = rows[: len(asked)].norm(dim=1).clamp(min=1e-6) ** power
    units = F.normalize(rows, dim=1, eps=1e-6)
    best = _best_of_each(units[len(asked) :] @ units[: len(asked)].T, found_places)
    best = torch.where(best < floor, torch.zeros_like(best), best)
    owner = query_mask.nonzero()[:, 0]
    uses = torch.zeros(count, len(asked)).index_put(
        (owner, asked_places), torch.ones(len(owner)), accumulate=True
    )
    uses = uses * weights
    return (uses @ best.T) / uses.sum(dim=1, keepdim=True).clamp(min=1e-6)


def _best_of_each(cosines: Tensor, places: Tensor) -> Tensor:
    """Return (passages, asked): over a passage's rows of `cosines`, the largest of each column."""
    with torch.no_grad():
        winners = torch.stack([row[cosines[row].argmax(dim=0)] for row in places])
    return cosines.gather(0, winners)


def late_loss(
    tokens: Tokens,
    batch: Batch,
    count: int,
    scale: float,
    floor: float,
    power: float,
    widths: tuple[int, int],
) -> Tensor:
    """In-batch softmax over late-interaction scores of the first `count` pairs."""
    scores = late_scores(tokens, batch, count, floor, power, widths)
    return SoftmaxBothWays.apply(scores, torch.from_numpy(batch.same[:count, :count]), scale)

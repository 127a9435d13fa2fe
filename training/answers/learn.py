"""Fits the network to questions beside texts: whether a text answers, and which of a question's
texts does so best. What is kept is the running mean of the weights.
"""

from __future__ import annotations

import copy
import random
import time
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.claims.fit import DECAY
from training.claims.net import ClaimNet
from training.claims.prior import Prior
from training.claims.read import Read, batches, padded, related

RATE, NEW_RATE, WARM_SHARE, LEAST_RATE, BATCH = 1e-4, 5e-4, 0.06, 0.03, 48
"""Of layers taken over and of the rest; they grow to it in `WARM_SHARE` of the steps and fall to
`LEAST_RATE` of it.
"""

KEPT, PRINTED = 0.995, 50
"""Of the running mean at each step; steps between two lines that tell the loss."""


def learn(net: ClaimNet, read: Sequence[Read], prior: Prior, passes: int, seed: int) -> ClaimNet:
    """Fit a network, printing the loss as it falls; return the running mean."""
    mean = copy.deepcopy(net).eval()
    layers = [part for name, part in net.named_parameters() if ".layer." in name]
    rest = [part for name, part in net.named_parameters() if ".layer." not in name]
    groups: list[dict[str, object]] = [{"params": layers}, {"params": rest}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, weight_decay=DECAY)
    chance = random.Random(seed)
    total = passes * len(list(batches(read, BATCH, random.Random(seed))))
    start, losses = time.time(), []
    steps = (group for _ in range(passes) for group in batches(read, BATCH, chance))
    for step, group in enumerate(steps, 1):
        share = min(1.0, step / (WARM_SHARE * total)) * max(LEAST_RATE, 1 - (step - 1) / total)
        for group_of, rate in zip(optimizer.param_groups, (RATE, NEW_RATE), strict=True):
            group_of["lr"] = rate * share
        loss = loss_of(net, group, prior)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        _follow(mean, net, min(KEPT, step / (step + 10)))
        losses.append(float(loss.detach()))
        if step % PRINTED == 0:
            told = f"step {step} of {total}, {time.time() - start:.0f} s"
            print(f"{told}: {np.mean(losses[-PRINTED:]):.4f}", flush=True)
    return mean


def loss_of(net: ClaimNet, group: Sequence[Read], prior: Prior) -> Tensor:
    """Return the loss of a batch: a text answers or not, and among those of a question that are
    read side by side one that answers is the likeliest.
    """
    (question, _), (text, _) = (
        padded([one.claim for one in group]),
        padded([one.text for one in group]),
    )
    with torch.autocast("cpu", dtype=torch.bfloat16):
        told, _, _ = net(question, text, related(group, question, text).bfloat16())
    answers = torch.tensor([one.is_true for one in group])
    known = told + torch.from_numpy(prior.logits(group)).float()
    loss = F.binary_cross_entropy_with_logits(known, answers.float())
    rows: dict[str, list[int]] = defaultdict(list)
    for row, one in enumerate(group):
        rows[one.block].append(row)
    choices = [choice_loss(told[own], answers[own]) for own in rows.values()]
    return loss + torch.stack(choices).mean()


def choice_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """Return minus the log of the share that answering texts have of all; 0 if all do or none."""
    if answers.all() or not answers.any():
        return logits.new_zeros(())
    return torch.logsumexp(logits, 0) - torch.logsumexp(logits[answers], 0)


def _follow(mean: ClaimNet, net: ClaimNet, kept: float) -> None:
    with torch.no_grad():
        for old, new in zip(mean.parameters(), net.parameters(), strict=True):
            old.lerp_(new, 1 - kept)

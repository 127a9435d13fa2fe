"""Fit the network of `paperrag.proof.net`, and print how it does on claims about notes that it was
not fitted on.

    python -m training.claims.fit CLAIMS OUT.onnx [--passes 3] [--without FILE...]
        [--scratch FOLDER] [--start NET.pt] [--made PAIRS.tsv]

CLAIMS: a folder of claims that people wrote, as `texts` leaves them. Only those that are to be
learned from (`written.part`) are. --without: names of files that are looked at, all of them, in
place of the notes held out; claims about the same notes are not learned from. --scratch keeps the
claims as they are read, and the fitted network. --start: one kept so, to go on from. --made: two
texts a line that tell the same; claims are made of them (`made`) and learned from, too, and what is
fitted is the mean of the network that was gone on from and the one it became.
"""

from __future__ import annotations

import argparse
import pickle
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from paperrag.proof.flags import FLAGS
from paperrag.proof.order import ORDERS
from paperrag.wiring.encoders import proof_encoder
from training.claims.export import bundled_layers, write_net
from training.claims.made import made as made_of
from training.claims.net import ClaimNet
from training.claims.prior import Prior
from training.claims.read import Read, Reader, batches, padded, read_all, related
from training.claims.written import Written, part, read_written, twins

RATE, NEW_RATE, DECAY, WARM_SHARE, BATCH = 1e-4, 1e-3, 0.02, 0.1, 40
"""Of the layers that were taken over and of what is new; `WARM_SHARE` of the steps grow to it."""

FOREIGN_SHARE = 0.3
"""Of the true claims, those that are also met beside lines that say nothing of them."""

FIRST_JOINT = 3
"""Layers below read each side alone."""

MADE_STEPS, MADE_BLOCKS = 2, 12
"""Steps with made claims after each step with written ones, and fours of claims in them."""

TOKEN_WEIGHT, TOKEN_SHARE = 4.0, 0.3
FLAGGED_TRUTHS = (0.05, 0.1)


def loss_of(
    net: ClaimNet, group: Sequence[Read], prior: Prior | None = None
) -> tuple[Tensor, Tensor]:
    """Return the loss of a batch, and the claims' logits: a claim is true or not, a true one above
    a lie about the same lines, and single words are wrong where that is told.
    """
    (claim, wrong), (text, _) = (
        padded([one.claim for one in group]),
        padded([one.text for one in group]),
    )
    with torch.autocast("cpu", dtype=torch.bfloat16):
        told, tokens, _ = net(claim, text, related(group, claim, text).bfloat16())
    logits = told + torch.from_numpy(prior.logits(group)).float() if prior else told
    is_true = torch.tensor([one.is_true for one in group])
    loss = F.binary_cross_entropy_with_logits(logits, is_true.float())
    places = {block: place for place, block in enumerate({one.block for one in group})}
    block = torch.tensor([places[one.block] for one in group])
    pairs = (block[:, None] == block[None, :]) & is_true[:, None] & ~is_true[None, :]
    if pairs.any():
        loss = loss + F.softplus(logits[None, :] - logits[:, None])[pairs].mean()
    is_told = is_true | (wrong.sum(1) > 0)
    each = F.binary_cross_entropy_with_logits(
        tokens, wrong, pos_weight=torch.tensor(TOKEN_WEIGHT), reduction="none"
    )
    return loss + TOKEN_SHARE * (
        each * (claim.mask & is_told[:, None])
    ).sum() / claim.mask.sum(), told


def train(
    net: ClaimNet,
    read: Sequence[Read],
    prior: Prior,
    passes: int,
    seed: int,
    made: Sequence[Sequence[Read]] = (),
) -> None:
    """Fit the network, printing the loss as it falls. made: fours of claims of which shape tells
    nothing.
    """
    old = [part for name, part in net.named_parameters() if ".layer." in name]
    new = [part for name, part in net.named_parameters() if ".layer." not in name]
    groups: list[dict[str, object]] = [{"params": old}, {"params": new}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, weight_decay=DECAY)
    chance = random.Random(seed)
    total = passes * len(list(batches(read, BATCH, random.Random(seed))))
    total *= 1 + MADE_STEPS * bool(made)
    start, losses = time.time(), []
    for step, (group, known) in enumerate(_steps(read, made, prior, passes, chance), 1):
        share = min(1.0, step / (WARM_SHARE * total)) * max(0.02, 1 - (step - 1) / total)
        for group_of, rate in zip(optimizer.param_groups, (RATE, NEW_RATE), strict=True):
            group_of["lr"] = rate * share
        loss, _ = loss_of(net, group, known)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        if step % 50 == 0:
            seconds = time.time() - start
            print(f"step {step} of {total}, {seconds:.0f} s: {np.mean(losses):.4f}", flush=True)
            losses.clear()


def _steps(
    read: Sequence[Read],
    made: Sequence[Sequence[Read]],
    prior: Prior,
    passes: int,
    chance: random.Random,
) -> Iterator[tuple[list[Read], Prior | None]]:
    """Yield batches, each with what its shape tells; made ones between those of people."""
    others = _made_batches(made, chance)
    for _ in range(passes):
        for group in batches(read, BATCH, chance):
            yield group, prior
            yield from ((next(others), None) for _ in range(MADE_STEPS if made else 0))


def _made_batches(made: Sequence[Sequence[Read]], chance: random.Random) -> Iterator[list[Read]]:
    """Yield claims in fours, of like length together, over and over."""
    every = [one for four in made for one in four]
    while every:
        yield from batches(every, 4 * MADE_BLOCKS, chance)


def logits_of(net: ClaimNet, read: Sequence[Read]) -> dict[int, float]:
    """Return the logit of each claim by its id."""
    net.eval()
    found: dict[int, float] = {}
    with torch.no_grad():
        for group in batches(read, BATCH, None):
            logits = loss_of(net, group)[1].tolist()
            found |= {id(one): logit for one, logit in zip(group, logits, strict=True)}
    net.train()
    return found


def curves(net: ClaimNet, read: Sequence[Read], name: str) -> None:
    """Print how often a truth stands above a lie, and the share of each kind of lie that is caught
    where so many truths are flagged.
    """
    logits = logits_of(net, read)
    weight = dict(zip(map(id, read), Prior(read).weights(read), strict=True))
    truths = sorted((one for one in read if one.is_true), key=lambda one: logits[id(one)])
    ranks = np.cumsum([weight[id(one)] for one in truths])
    ranks /= ranks[-1]
    levels = np.array([logits[id(one)] for one in truths])
    lies = [one for one in read if not one.is_true]
    heavy = np.array([weight[id(one)] for one in lies])
    found = np.array([logits[id(one)] for one in lies])
    below = np.concatenate([[0], ranks])[np.searchsorted(levels, found)]
    print(f"{name}: area under the curve {1 - np.average(below, weights=heavy):.3f}")
    for share in FLAGGED_TRUTHS:
        caught = found < levels[np.searchsorted(ranks, share)]
        kinds = ", ".join(
            f"{kind} {np.average(caught[mine], weights=heavy[mine]):.0%} of {mine.sum()}"
            for kind in sorted({one.kind for one in lies})
            if (mine := np.array([one.kind == kind for one in lies])).any()
        )
        print(
            f"{share:.0%} of {len(truths)} truths flagged: "
            f"{np.average(caught, weights=heavy):.1%} of lies ({kinds})",
            flush=True,
        )


def print_twins(net: ClaimNet, told: Sequence[tuple[Written, Read]]) -> None:
    """Print how often a truth stands above the lie that has nearly its words, for each kind of lie:
    half the time if the network does not see what was turned.
    """
    logits = logits_of(net, [read for _, read in told])
    of = {one: logits[id(read)] for one, read in told}
    above: dict[str, list[bool]] = defaultdict(list)
    for truth, lie in twins(of):
        above[lie.kind].append(of[truth] > of[lie])
    kinds = ", ".join(
        f"{kind} {np.mean(found):.0%} of {len(found)}" for kind, found in sorted(above.items())
    )
    every = [one for found in above.values() for one in found]
    print(f"truths above their twins: {np.mean(every):.0%} of {len(every)} ({kinds})", flush=True)


def tell(net: ClaimNet, looked_at: Sequence[tuple[Written, Read]]) -> None:
    """Print how the network does on claims that it has not learned from."""
    curves(net, [read for _, read in looked_at], "claims held out")
    print_twins(net, looked_at)


def new_net(seed: int, flags: int = FLAGS + ORDERS) -> ClaimNet:
    """Return a network that has learned nothing of claims. flags: that it sees of a token."""
    torch.manual_seed(seed)
    return ClaimNet(bundled_layers()[FIRST_JOINT:], flags)


def foreign(claims: Sequence[Written], chance: random.Random) -> Iterator[Written]:
    """Yield true claims beside other lines, of their note or of any: those are lies."""
    of_note: dict[str, list[Written]] = defaultdict(list)
    for one in claims:
        of_note[one.note].append(one)
    for one in claims:
        if one.is_true and chance.random() < FOREIGN_SHARE:
            others = of_note[one.note] if chance.random() < 0.5 else claims
            other = chance.choice(others)
            if not _lines_of(one) & _lines_of(other):
                yield replace(one, text=other.text, is_true=False, kind="foreign", span=(0, 0))


def _lines_of(one: Written) -> set[str]:
    """Return the lines of a text, but for where it stands."""
    return {line.strip() for line in one.text.splitlines()[1:] if len(line) > 20}


def read_made(path: Path, scratch: Path | None) -> list[list[Read]]:
    """Return the claims made of a file of pairs, in fours, as they are read."""
    kept = scratch / f"{path.stem}.pkl" if scratch else None
    if kept and kept.exists():
        found: list[list[Read]] = pickle.loads(kept.read_bytes())
        return found
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    reader, pairs = Reader(), [(row[0], row[1]) for row in rows if len(row) > 1]
    fours = [read_all(four, reader) for four in made_of(pairs, proof_encoder(), seed=0)]
    if kept:
        kept.write_bytes(pickle.dumps(fours))
    return fours


def read_file(path: Path, scratch: Path | None) -> list[tuple[Written, Read]]:
    """Return a file's claims as they are written and as they are read."""
    kept = scratch / f"{path.stem}.pkl" if scratch else None
    if kept and kept.exists():
        with kept.open("rb") as file:
            found: list[tuple[Written, Read]] = pickle.load(file)
            return found
    reader, claims = Reader(), read_written([path])
    claims += foreign([one for one in claims if part(one) == "taught"], random.Random(len(claims)))
    written = [(one, read_all([one], reader)) for one in claims]
    told = [(one, read[0]) for one, read in written if read]
    if kept:
        with kept.open("wb") as file:
            pickle.dump(told, file)
    return told


def main() -> None:
    """Read the claims, fit, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("claims", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--made", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    taught: list[tuple[Written, Read]] = []
    looked_at: list[tuple[Written, Read]] = []
    for path in sorted(options.claims.glob("*.jsonl")):
        told = read_file(path, options.scratch)
        if options.without:
            (looked_at if path.stem in options.without else taught).extend(told)
            looked_at = [one for one in looked_at if one[0].kind != "foreign"]
        else:
            taught += [one for one in told if part(one[0]) == "taught"]
            looked_at += [one for one in told if part(one[0]) == "held"]
    held = {one.note for one, _ in looked_at}
    learned = [read for one, read in taught if one.note not in held]
    print(f"{len(learned)} claims learned from, {len(looked_at)} held out", flush=True)
    net = _fitted(options, learned)
    write_net(net, options.out)
    tell(net, looked_at)


def _fitted(options: argparse.Namespace, learned: Sequence[Read]) -> ClaimNet:
    net = new_net(0)
    if options.start:
        net.go_on_from(torch.load(options.start))
    before = {name: held.clone() for name, held in net.state_dict().items()}
    fours = read_made(options.made, options.scratch) if options.made else []
    train(net, learned, Prior(learned), options.passes, seed=0, made=fours)
    if options.made:
        after = net.state_dict()
        net.load_state_dict({name: (held + after[name]) / 2 for name, held in before.items()})
    if options.scratch:
        torch.save(net.state_dict(), options.scratch / "claim_net.pt")
    return net


if __name__ == "__main__":
    main()

"""Fit the network of `paperrag.proof.net`, and print how it does on papers, notes, written claims
and kinds of lie that it was not fitted on.

    python -m training.claims.fit DATA NOTES WRITTEN OUT.npz [--scratch FOLDER]

DATA: the folder of parallel texts. NOTES: a folder of folders of notes; those `--held` are only
looked at. WRITTEN: a folder of claims that people wrote, see `written`; a third is only looked at.
--scratch keeps the lexicon and the samples as they are read, which take longest.
"""

from __future__ import annotations

import argparse
import pickle
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from paperrag.encoders.static import BUNDLED_FOLDER, WEIGHTS_FILE, open_rows
from training.claims.lexicon import learned
from training.claims.make import nearest, samples
from training.claims.net import ClaimNet
from training.claims.read import Array, Read, Reader, batches, linked, padded, read_all
from training.claims.sources import Passage, abstracts, notes, tellings
from training.claims.written import as_sample, part, read_written, written_samples

HELD, RATE, OWN_RATE, WARM_STEPS, BATCH = 400, 2e-3, 4e-3, 100, 48
WRITTEN_WEIGHT, WRITTEN_TIMES = 2.0, 3
"""How much a written claim counts, and how often it is met in a pass."""

TOKEN_WEIGHT, TOKEN_SHARE = 4.0, 0.5
FLAGGED_TRUTHS = (0.05, 0.1)
Kept = TypeVar("Kept")


def loss_of(net: ClaimNet, group: Sequence[Read]) -> tuple[Tensor, Tensor]:
    """Return the loss of a batch, of whole claims and single tokens, and the claims' logits."""
    (claim, marks), (text, text_marks) = (
        padded([one.claim for one in group]),
        padded([one.text for one in group]),
    )
    logits, tokens, text_tokens = net(claim, text, linked(group, claim, text))
    is_true = torch.tensor([float(one.is_true) for one in group])
    weights = torch.tensor([one.weight for one in group])
    loss = (F.binary_cross_entropy_with_logits(logits, is_true, reduction="none") * weights).mean()
    told = torch.tensor(
        [one.is_true or bool(one.claim.marks.any() or one.text.marks.any()) for one in group]
    )
    of_words = told & torch.tensor([one.kind != "paper" for one in group])
    for found, mask, side in ((tokens, claim.mask, marks), (text_tokens, text.mask, text_marks)):
        each = F.binary_cross_entropy_with_logits(
            found, side, pos_weight=torch.tensor(TOKEN_WEIGHT), reduction="none"
        )
        loss = loss + TOKEN_SHARE * (each * (mask & of_words[:, None])).sum() / mask.sum()
    return loss, logits.detach()


def train(net: ClaimNet, read: Sequence[Read], passes: int, seed: int) -> None:
    """Fit the network, printing the loss as it falls."""
    rest = [
        part for name, part in net.named_parameters() if part.requires_grad and name != "own.weight"
    ]
    groups: list[dict[str, object]] = [{"params": rest, "weight_decay": 1e-2}]
    groups.append({"params": [net.own.weight], "weight_decay": 0.0})
    optimizer = torch.optim.AdamW(groups, lr=RATE)
    chance, total = random.Random(seed), passes * -(-len(read) // BATCH)
    start, step, losses = time.time(), 0, []
    for _ in range(passes):
        for group in batches(read, BATCH, chance):
            share = min(1.0, step / WARM_STEPS) * max(0.02, 1 - step / total)
            for group_of, rate in zip(optimizer.param_groups, (RATE, OWN_RATE), strict=True):
                group_of["lr"] = rate * share
            loss, _ = loss_of(net, group)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(rest, 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
            step += 1
            if step % 50 == 0:
                print(
                    f"step {step} of {total}, {time.time() - start:.0f} s: {np.mean(losses):.4f}",
                    flush=True,
                )
                losses.clear()


def curves(net: ClaimNet, read: Sequence[Read], name: str) -> None:
    """Print the share of each kind of lie that is caught where so many truths are flagged."""
    net.eval()
    found: list[tuple[float, bool, str]] = []
    with torch.no_grad():
        for group in batches(read, BATCH, None):
            logits = loss_of(net, group)[1].tolist()
            found += [
                (logit, one.is_true, one.kind) for logit, one in zip(logits, group, strict=True)
            ]
    net.train()
    truths = sorted(logit for logit, is_true, _ in found if is_true)
    for share in FLAGGED_TRUTHS:
        line = truths[int(share * len(truths))]
        caught: dict[str, list[bool]] = defaultdict(list)
        for logit, is_true, kind in found:
            if not is_true:
                caught[kind].append(logit < line)
        lies = [one for kind in caught.values() for one in kind]
        kinds = ", ".join(
            f"{kind} {np.mean(one):.0%} of {len(one)}" for kind, one in sorted(caught.items())
        )
        print(
            f"{name}, {share:.0%} of {len(truths)} truths flagged: {np.mean(lies):.1%} of lies ({kinds})",
            flush=True,
        )


def save(net: ClaimNet, path: Path) -> None:
    """Write the weights as the package reads them: half precision, the tokens' own rows int8."""
    parts: dict[str, Array] = {}
    for name, tensor in net.state_dict().items():
        part = tensor.numpy()
        if name == "own.weight":
            scale = float(np.abs(part).max() / 127)
            parts[name] = np.round(part / scale).astype(np.int8)
            parts["own.scale"] = np.array(scale, dtype=np.float32)
        elif name != "static.weight":
            parts[name] = part.astype(np.float16)
    np.savez_compressed(path, **parts)  # type: ignore[arg-type]


def new_net(seed: int) -> ClaimNet:
    """Return a network that has learned nothing."""
    torch.manual_seed(seed)
    rows = open_rows(BUNDLED_FOLDER / WEIGHTS_FILE)
    return ClaimNet(torch.from_numpy(rows.take(np.arange(len(rows.matrix)))))


def kept(folder: Path | None, name: str, make: Callable[[], Kept]) -> Kept:
    """Return what a file of the scratch folder holds, or make and keep it."""
    path = folder / name if folder else None
    if path and path.exists():
        with path.open("rb") as file:
            found: Kept = pickle.load(file)
            return found
    made = make()
    if path:
        with path.open("wb") as file:
            pickle.dump(made, file)
    return made


def passages_of(data: Path, most: int, number: int) -> tuple[list[Passage], list[Passage]]:
    """Return so many papers, and half as many that were told in a line, others in each round."""
    papers = list(abstracts(data, most, 5, number))
    told = list(tellings(data, (most - HELD) // 2 + HELD if number == 0 else most, 9, number))
    random.Random(7).shuffle(papers)
    random.Random(7).shuffle(told)
    return papers, told


def main() -> None:
    """Make the claims, fit, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("data", "notes", "written", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--held", nargs="*", default=["shagunsodhani", "zhjwpku"])
    parser.add_argument("--papers", type=int, default=2000, help="in each round")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--scratch", type=Path)
    options = parser.parse_args()
    reader = Reader()
    chance = random.Random(7)
    papers, told = passages_of(options.data, options.papers + HELD, 0)
    folders = sorted(path for path in options.notes.iterdir() if path.is_dir())
    of_notes = {path.name: list(notes(path)) for path in folders}
    own = [one for name, found in of_notes.items() if name not in options.held for one in found]
    chance.shuffle(own)
    held = [one for name, found in of_notes.items() if name in options.held for one in found]
    lexicon = kept(
        options.scratch, "lexicon.pkl", lambda: learned(options.data, papers, reader.encoder)
    )

    def read(passages: Sequence[Passage], seed: int) -> list[Read]:
        opening = [" ".join(one or other for one, other in part.pairs[:3]) for part in passages]
        near = nearest(reader.encoder.encode_document(opening))
        return read_all(samples(passages, lexicon, near, random.Random(seed)), reader)

    first = [*papers[HELD:], *told[HELD:], *own[: options.papers // 3]]
    made = kept(options.scratch, "made-0.pkl", lambda: read(first, 1))
    for number in range(1, options.rounds):
        more, more_told = passages_of(options.data, options.papers, number)
        make = partial(read, [*more, *more_told], 1 + 10 * number)
        made += kept(options.scratch, f"made-{number}.pkl", make)
    written = read_written(options.written)
    taught = [one for one in written if part(one) == "taught"]
    for _ in range(WRITTEN_TIMES):
        further = written_samples(taught, lexicon, random.Random(len(made)))
        made += read_all(further, reader, WRITTEN_WEIGHT)
    print(f"{len(made)} samples, {len(taught)} of {len(written)} written claims learned from")
    net = new_net(0)
    train(net, made, options.passes, seed=0)
    save(net, options.out)
    looked_at = [one for one in written if part(one) == "held"]
    curves(net, read_all(map(as_sample, looked_at), reader), "written claims held out")
    curves(net, read([*papers[:HELD], *told[:HELD]], 2), "other papers")
    curves(net, read(random.Random(5).sample(held, HELD), 3), "notes of other people")


if __name__ == "__main__":
    main()

"""Fit the network of `paperrag.proof.net`, and print how it does on papers and notes, and kinds of
lie, that it was not fitted on.

    python -m training.claims.fit DATA NOTES OUT.npz [--held zhjwpku shagunsodhani] [--passes 2]

DATA: the folder of parallel texts. NOTES: a folder of folders of notes; those `--held` are only
looked at. Three quarters of an hour on one free core.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from paperrag.encoders.static import (
    BUNDLED,
    BUNDLED_FOLDER,
    WEIGHTS_FILE,
    StaticEncoder,
    open_rows,
)
from paperrag.proof.flags import FLAGS, flags
from training.claims.lexicon import learned
from training.claims.make import Sample, samples
from training.claims.net import ClaimNet
from training.claims.sources import Passage, abstracts, notes, tellings

PAPERS, TELLINGS, HELD = 30_000, 24_000, 1_500
CLAIM_TOKENS, TEXT_TOKENS = 56, 112
BATCH, RATE, OWN_RATE, WARM_STEPS = 96, 3e-3, 4e-3, 60
TRUE_WEIGHT, TOKEN_WEIGHT = 1.3, 4.0
FLAGGED_TRUTHS = (0.05, 0.1)

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Read:
    """A sample in tokens: of claim and text the ids, flags, and which were altered."""

    claim: tuple[Array, Array, Array]
    text: tuple[Array, Array, Array]
    is_true: bool
    kind: str


def read_sample(sample: Sample, encoder: StaticEncoder) -> Read | None:
    """Return a sample in tokens; None if what decides it is cut off."""
    sides = []
    for text, most in ((sample.claim, CLAIM_TOKENS), (sample.evidence, TEXT_TOKENS)):
        ids, spans = encoder.token_spans(text)
        sides.append((ids[:most], spans[:most], len(ids) > most))
    (claim, claim_spans, _), (text, text_spans, is_cut) = sides
    if len(claim) < 2 or len(text) < 2:
        return None
    if is_cut and sample.is_true and sample.kind not in ("summary", "paper"):
        return None
    if sample.claim_span[0] > claim_spans[-1][1] or sample.evidence_span[1] > text_spans[-1][1]:
        return None
    return Read(
        _side(sample.claim, claim, claim_spans, sample.claim_span, sample.evidence, text),
        _side(sample.evidence, text, text_spans, sample.evidence_span, sample.claim, claim),
        sample.is_true,
        sample.kind,
    )


def _side(
    text: str,
    ids: Sequence[int],
    spans: Sequence[tuple[int, int]],
    altered: tuple[int, int],
    other: str,
    other_ids: Sequence[int],
) -> tuple[Array, Array, Array]:
    marks = [start < altered[1] and end > altered[0] for start, end in spans]
    seen = flags(text, ids, spans, other, other_ids).astype(np.float16)
    return np.array(ids, dtype=np.int32), seen, np.array(marks, dtype=np.uint8)


def batches(read: Sequence[Read], chance: random.Random | None) -> Iterator[list[Read]]:
    """Yield samples of like length together, in any order."""
    order = sorted(
        range(len(read)), key=lambda place: len(read[place].claim[0]) + len(read[place].text[0])
    )
    groups = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    if chance:
        chance.shuffle(groups)
    for group in groups:
        yield [read[place] for place in group]


def padded(sides: Sequence[tuple[Array, Array, Array]]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return ids, mask, flags and marks of several texts as (n, tokens, ...) tensors."""
    most = max(len(ids) for ids, _, _ in sides)
    ids = np.zeros((len(sides), most), dtype=np.int64)
    seen = np.zeros((len(sides), most, FLAGS), dtype=np.float32)
    marks = np.zeros((len(sides), most), dtype=np.float32)
    mask = np.zeros((len(sides), most), dtype=bool)
    for row, (own, own_flags, own_marks) in enumerate(sides):
        ids[row, : len(own)], seen[row, : len(own)] = own, own_flags
        marks[row, : len(own)], mask[row, : len(own)] = own_marks, True
    return (
        torch.from_numpy(ids),
        torch.from_numpy(mask),
        torch.from_numpy(seen),
        torch.from_numpy(marks),
    )


def loss_of(net: ClaimNet, group: Sequence[Read]) -> tuple[Tensor, Tensor]:
    """Return the loss of a batch, of whole claims and single tokens, and the claims' logits."""
    claim, text = padded([one.claim for one in group]), padded([one.text for one in group])
    logits, tokens, text_tokens = net(*claim[:3], *text[:3])
    is_true = torch.tensor([float(one.is_true) for one in group])
    weights = torch.tensor(
        [TRUE_WEIGHT if one.is_true else 0.5 if one.kind == "condition" else 1.0 for one in group]
    )
    loss = (F.binary_cross_entropy_with_logits(logits, is_true, reduction="none") * weights).mean()
    of_words = torch.tensor([one.kind != "paper" for one in group])[:, None]
    for found, side, counted in (
        (tokens, claim, claim[1] & of_words),
        (text_tokens, text, text[1]),
    ):
        each = F.binary_cross_entropy_with_logits(
            found, side[3], pos_weight=torch.tensor(TOKEN_WEIGHT), reduction="none"
        )
        loss = loss + (each * counted).sum() / side[1].sum()
    return loss, logits.detach()


def train(net: ClaimNet, read: Sequence[Read], passes: int, seed: int) -> None:
    """Fit the network, printing the loss as it falls."""
    rest = [
        part for name, part in net.named_parameters() if part.requires_grad and name != "own.weight"
    ]
    groups: list[dict[str, object]] = [{"params": rest, "weight_decay": 1e-3}]
    groups.append({"params": [net.own.weight], "weight_decay": 0.0})
    optimizer = torch.optim.AdamW(groups, lr=RATE)
    chance, total = random.Random(seed), passes * -(-len(read) // BATCH)
    start, step, losses = time.time(), 0, []
    for _ in range(passes):
        for group in batches(read, chance):
            share = min(1.0, step / WARM_STEPS) * max(0.03, 1 - step / total)
            for part, rate in zip(optimizer.param_groups, (RATE, OWN_RATE), strict=True):
                part["lr"] = rate * share
            loss, _ = loss_of(net, group)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(rest, 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
            step += 1
            if step % 100 == 0:
                print(f"step {step} of {total}, {time.time() - start:.0f} s: {np.mean(losses):.4f}")
                losses.clear()


def curves(net: ClaimNet, read: Sequence[Read], name: str) -> None:
    """Print the share of each kind of lie that is caught where so many truths are flagged."""
    net.eval()
    found: list[tuple[float, bool, str]] = []
    with torch.no_grad():
        for group in batches(read, None):
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
        print(f"{name}, {share:.0%} of truths flagged: {np.mean(lies):.1%} of lies ({kinds})")


def save(net: ClaimNet, path: Path) -> None:
    """Write the weights as the package reads them: half precision, the tokens' own rows int8."""
    parts: dict[str, Array] = {}
    for name, tensor in net.state_dict().items():
        part = tensor.numpy()
        if name == "own.weight":
            scale = float(np.abs(part).max() / 127)
            parts[name] = np.round(part / scale).astype(np.int8)
            parts["own.scale"] = np.float32(scale)
        elif name != "static.weight":
            parts[name] = part.astype(np.float16)
    np.savez_compressed(path, **parts)  # type: ignore[arg-type]


def main() -> None:
    """Make the claims, fit, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("notes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--held", nargs="*", default=["shagunsodhani", "zhjwpku"])
    parser.add_argument("--passes", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(0)
    encoder = StaticEncoder(BUNDLED_FOLDER, BUNDLED)
    papers = list(abstracts(options.data, PAPERS + HELD, 1))
    told = list(tellings(options.data, TELLINGS + HELD, 3))
    random.Random(7).shuffle(papers)
    random.Random(7).shuffle(told)
    folders = sorted(path for path in options.notes.iterdir() if path.is_dir())
    of_notes = {path.name: list(notes(path)) for path in folders}
    own = [one for name, found in of_notes.items() if name not in options.held for one in found]
    held = [one for name, found in of_notes.items() if name in options.held for one in found]
    lexicon = learned(options.data, papers, encoder)

    def read_all(passages: Sequence[Passage], seed: int) -> list[Read]:
        made = samples(passages, lexicon, random.Random(seed))
        return [one for sample in made if (one := read_sample(sample, encoder)) is not None]

    read = read_all([*papers[HELD:], *told[HELD:], *own, *own, *own], 1)
    rows = open_rows(BUNDLED_FOLDER / WEIGHTS_FILE)
    net = ClaimNet(torch.from_numpy(rows.take(np.arange(len(rows.matrix)))))
    train(net, read, options.passes, seed=0)
    curves(net, read_all([*papers[:HELD], *told[:HELD]], 2), "other papers")
    curves(net, read_all(held, 3), "notes of other people")
    save(net, options.out)


if __name__ == "__main__":
    main()

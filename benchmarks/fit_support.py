"""Fit the weights of `paperrag.proof.support` on hand-written claims, and print how they do on
others, by kind.

    python benchmarks/fit_support.py [--written FOLDER] [--true-weight 1.5] [--flagged 0.055]

A logistic regression over `SupportScorer.features` of the claims in tests/data/proof that the
network did not learn from: all of claims.jsonl, and those of written.jsonl that are for it
(`training.claims.written.part`). Those held out of written.jsonl were neither learned from nor
fitted on. --written: a folder of claims about other notes, as `training.claims.texts` leaves them.
--true-weight: how much flagging a true claim counts against missing a lie. --flagged: the share of
true ones that may be flagged.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec.structs import astuple, fields

sys.path.insert(0, str(Path(__file__).parent.parent))

from logistic import fit
from paperrag.proof.support import INTERCEPT, WEIGHTS, Features, SupportScorer
from paperrag.wiring.encoders import proof_encoder
from proof import scored_claims
from training.claims.texts import own_claims
from training.claims.written import SIMPLE, STRANGERS, Written, part, read_written

OTHERS = 6
"""Texts of the same note that stand beside the one a claim is about."""

LINES = (0.05, 0.1)
Array = npt.NDArray[np.float64]


def written_features(rows: Sequence[Written]) -> Array:
    """Return (claims, features)."""
    by_note: dict[str, list[str]] = {}
    for one in rows:
        by_note.setdefault(one.note, []).append(one.text)
    scorers: dict[str, SupportScorer] = {}
    found = []
    for one in rows:
        texts = list(dict.fromkeys(by_note[one.note]))
        place = texts.index(one.text)
        beside = [text for text in texts[max(0, place - 3) : place + 4] if text != one.text]
        scorer = scorers.setdefault(
            one.text, SupportScorer(proof_encoder(), [one.text, *beside[:OTHERS]])
        )
        found.append(astuple(scorer.features(one.claim, [0])))
    return np.array(found).reshape(-1, len(fields(Features)))


def claim_features(folder: Path) -> tuple[Array, list[str]]:
    """Return the same of claims.jsonl, and the kinds ("true" or how they were altered)."""
    rows, kinds = [], []
    for _, kind, text, scorer in scored_claims(folder):
        rows.append(astuple(scorer.features(text, [0])))
        kinds.append(kind)
    return np.array(rows), kinds


def left_out(
    rows: Array, is_true: npt.NDArray[np.bool_], counts: Array, notes: Sequence[str]
) -> Array:
    """Return the log-odds of claims by weights fitted on the claims about other notes.

    rows: (claims, features). counts: how much each claim weighs. notes: what each is about; every
    eighth of them are left out in turn.
    """
    folds = {note: place % 8 for place, note in enumerate(sorted(set(notes)))}
    fold = np.array([folds[note] for note in notes])
    found = np.zeros(len(rows))
    for one in set(folds.values()):
        weights, constant = fit(rows[fold != one], is_true[fold != one], counts[fold != one])
        found[fold == one] = rows[fold == one] @ weights + constant
    return found


def print_shares(name: str, kinds: Sequence[tuple[bool, str]], logits: Array) -> None:
    """Print how many claims of each kind are flagged as shipped, and how many lies would be where
    so many true ones are.
    """
    flagged = Counter(zip(kinds, (logits < 0).tolist(), strict=True))
    truths = np.sort(logits[[is_true for is_true, _ in kinds]])
    lies = logits[[not is_true for is_true, _ in kinds]]
    print(
        f"\n{name}: {np.mean(lies < 0):.0%} of {len(lies)} lies, {np.mean(truths < 0):.1%} of "
        f"{len(truths)} true claims flagged; "
        + ", ".join(
            f"{np.mean(lies < truths[int(share * len(truths))]):.0%} at {share:.0%}"
            for share in LINES
        )
    )
    for kind in sorted(set(kinds)):
        caught, missed = flagged[kind, True], flagged[kind, False]
        label = "true" if kind[0] else "lie"
        print(f"  {label:4} {kind[1]:12} {caught:3} of {caught + missed:3}")


def print_left_out(
    of: dict[str, list[Written]], found: dict[str, Array], true_weight: float
) -> None:
    """Print the shares of claims about notes that the weights were not fitted on, cut at an even
    chance.
    """
    claims = [one for mine in of.values() for one in mine]
    rows = np.concatenate([found[name] for name in of])
    is_true = np.array([one.is_true for one in claims])
    logits = left_out(
        rows, is_true, np.where(is_true, true_weight, 1.0), [one.note for one in claims]
    )
    kinds = [(one.is_true, one.kind) for one in claims]
    print_shares("as fitted, each note left out in turn", kinds, logits)


def looked_at(scratch: Path) -> Iterator[tuple[str, list[tuple[bool, str]], Array]]:
    """Yield the name, the kinds and the features of claims that rules were written in view of."""
    for path in (SIMPLE, STRANGERS):
        claims = own_claims(scratch, path)
        kinds = [(one.is_true, one.kind) for one in claims]
        yield f"{path.name} (looked at)", kinds, written_features(claims)


def main() -> None:
    """Print the weights and the shares of claims that are flagged."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--written", type=Path)
    parser.add_argument("--true-weight", type=float, default=1.5)
    parser.add_argument("--flagged", type=float, default=0.055)
    options = parser.parse_args()
    names = [field.name for field in fields(Features)]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        in_repository = set(own_claims(scratch))
        written = [
            *in_repository,
            *read_written(sorted(options.written.glob("*.jsonl")) if options.written else []),
        ]
        of = {name: [one for one in written if part(one) == name] for name in ("held", "weighed")}
        rows = {name: written_features(claims) for name, claims in of.items()}
        mild, mild_kinds = claim_features(scratch / "claims")
        beside = [
            ("claims.jsonl (weighed)", [(kind == "true", kind) for kind in mild_kinds], mild),
            *looked_at(scratch),
        ]
    weighed = np.concatenate([rows["weighed"], mild])
    is_true = np.array(
        [one.is_true for one in of["weighed"]] + [kind == "true" for kind in mild_kinds]
    )
    weights, constant = fit(weighed, is_true, np.where(is_true, options.true_weight, 1.0))
    truths = np.sort((rows["weighed"] @ weights)[is_true[: len(rows["weighed"])]])
    constant = -float(truths[int(options.flagged * len(truths))])
    told = [f"{one}={weight:.2f}" for one, weight in zip(names, weights, strict=True)]
    print(", ".join(told), f"INTERCEPT = {constant:.2f}")
    print_left_out(of, rows, options.true_weight)
    shipped = np.array(astuple(WEIGHTS))
    for name, chosen, start in (
        ("as shipped", shipped, INTERCEPT),
        ("as fitted", weights, constant),
    ):
        for place, wanted in (("this repository's notes", True), ("other notes", False)):
            mine = [(one in in_repository) == wanted for one in of["held"]]
            if any(mine):
                kinds = [
                    (one.is_true, one.kind)
                    for one in of["held"]
                    if (one in in_repository) == wanted
                ]
                print_shares(
                    f"{name}, {place}, held out", kinds, rows["held"][mine] @ chosen + start
                )
        for place, kinds, found in beside:
            print_shares(f"{name}, {place}", kinds, found @ chosen + start)


if __name__ == "__main__":
    main()

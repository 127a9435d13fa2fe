"""Print what the words and vectors of an index cost in SQLite's FTS5 and in one FAISS file.

    python benchmarks/stores.py INDEX_FOLDER

The same words, cut by our rules, and the same vectors go into each; times are CPU seconds.
INDEX_FOLDER is any index, such as benchmarks/scale.py --keep leaves.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from paperrag.index.candidates import UNSEEN
from paperrag.index.data import IndexData
from paperrag.index.lexical import LexicalIndex, compounds, tokenize
from paperrag.search.scoring import CANDIDATES
from paperrag.wiring.engines import open_store

ROUNDS = 20
RECALL_QUERIES = 100
SIX = 6
"""Words of a question."""


def main() -> None:
    """Print both comparisons as Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    data = open_store(folder).load()
    with tempfile.TemporaryDirectory() as temporary:
        _compare_words(data, Path(temporary) / "words.sqlite")
        _compare_vectors(data, folder, Path(temporary) / "vectors.faiss")


def _compare_words(data: IndexData, path: Path) -> None:
    rows = [tokenize(text) + compounds(text) for text in texts_of(data)]
    database = sqlite3.connect(path)
    database.execute("CREATE VIRTUAL TABLE w USING fts5(t, content='', tokenize=\"unicode61 tokenchars '+-./_'\")")  # fmt: skip
    filled = _seconds(lambda: _fill(database, rows))
    index = LexicalIndex(data.words.find, data.chunks.words)
    size = sum(len(one.arrays.whole(name).data.cast("B")) for one in data.layout.segments
               for name in ("term", "term_starts", "posting_row", "posting_count"))  # fmt: skip
    print(
        f"{len(rows)} chunks; FTS5: {path.stat().st_size / 1e6:.1f} MB, filled in {filled:.2f} s; ours {size / 1e6:.1f} MB"
    )
    print("| six words, each in | FTS5 ms | ours ms |\n|---|---|---|")
    held = Counter(word for row in rows for word in set(row))
    for low, high in ((1, 5), (100, 300), (len(rows) // 4, len(rows))):
        words = [word for word, count in held.items() if low <= count <= high][:SIX]
        query = " OR ".join(f'"{word}"' for word in words)
        statement = "SELECT rowid, bm25(w) FROM w WHERE w MATCH ? ORDER BY bm25(w) LIMIT 1000"
        theirs = _seconds(lambda: database.execute(statement, (query,)).fetchall(), ROUNDS)  # noqa: B023
        ours = _seconds(lambda: index.scores(" ".join(words)), ROUNDS)  # noqa: B023
        print(f"| {low}–{high} chunks | {theirs * 1000:.2f} | {ours * 1000:.2f} |")


def _compare_vectors(data: IndexData, folder: Path, path: Path) -> None:
    vectors = data.vectors.rows(np.arange(len(data.chunks)))
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
    index.add_with_ids(vectors, np.arange(len(vectors)))
    written = _seconds(lambda: faiss.write_index(index, str(path)))
    read = _seconds(lambda: faiss.read_index(str(path)))
    found = _seconds(lambda: index.search(vectors[:1], 1000), ROUNDS)
    opened = _seconds(lambda: _searched(open_store(folder).load(), vectors[0]))
    ours = _seconds(lambda: _searched(data, vectors[0]), ROUNDS)
    print("| vectors | one FAISS file ms | ours ms |\n|---|---|---|")
    print(f"| opened, with a first search | {(read + found) * 1000:.1f} | {opened * 1000:.1f} |")
    print(f"| a search | {found * 1000:.2f} | {ours * 1000:.2f} |")
    print(f"| written anew after a change | {written * 1000:.1f} | – |")
    for name, share in (("all chunks", 1.0), ("a third of them", 1 / 3)):
        print(f"recall@10 among {name}: {_recall(data, vectors, share):.3f}")


def _searched(data: IndexData, query: npt.NDArray[np.float32]) -> None:
    data.vectors.near(query, data.group_of, CANDIDATES)


def _recall(data: IndexData, vectors: npt.NDArray[np.float32], share: float) -> float:
    """Return how many of the ten nearest of each group the index looks at; chunks are queries."""
    random = np.random.default_rng(0)
    group_of = data.group_of.copy()
    group_of[random.random(len(vectors)) > share] = -1
    found = []
    for query in vectors[random.choice(len(vectors), RECALL_QUERIES, replace=False)]:
        is_seen, exact = data.vectors.near(query, group_of, CANDIDATES) > UNSEEN, vectors @ query
        for group in np.unique(group_of[group_of >= 0]):
            rows = np.flatnonzero(group_of == group)
            found.append(is_seen[rows[np.argsort(-exact[rows])[:10]]].mean())
    return float(np.mean(found))


def texts_of(data: IndexData) -> list[str]:
    """Return the text of each chunk's entry, its headings before it."""
    entries = (data.entries.get(row) for row in data.chunks.entry.tolist())
    return [" ".join((*entry.breadcrumb, entry.text)) for entry in entries]


def _fill(database: sqlite3.Connection, rows: list[list[str]]) -> None:
    numbered = ((number, " ".join(row)) for number, row in enumerate(rows))
    database.executemany("INSERT INTO w (rowid, t) VALUES (?, ?)", numbered)
    database.commit()


def _seconds(run: Callable[[], object], rounds: int = 1) -> float:
    start = time.process_time()
    for _ in range(rounds):
        run()
    return (time.process_time() - start) / rounds


if __name__ == "__main__":
    main()

"""A trained matrix -> a topic number for each text, so that batches can hold hard negatives.

Pairs of one topic drawn into one batch are each other's hard negatives: in-batch negatives that
are near, at no further cost. Topics are k-means clusters of the texts' pooled vectors.

    python -m training.topics WORK_FOLDER RUN_FOLDER TOPICS.npy [--count 1024]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from training.tokens import IntArray, TokenStore, load_store

AT_ONCE = 20_000
ROUNDS = 6


def text_vectors(
    store: TokenStore, matrix: Tensor, texts: IntArray, max_tokens: int = 96
) -> Tensor:
    """Return (n, d) unit vectors of the texts, each cut at `max_tokens`."""
    counts = np.minimum(store.lengths[texts], max_tokens)
    ids = torch.from_numpy(store.cut(store.starts[texts], counts)).long()
    starts = torch.from_numpy(np.cumsum(counts) - counts).long()
    return F.normalize(F.embedding_bag(ids, matrix, starts, mode="sum"), dim=1, eps=1e-6)


def k_means(vectors: Tensor, count: int, seed: int) -> Tensor:
    """Return (count, d) unit centres of unit vectors; an empty cluster keeps its old centre."""
    torch.manual_seed(seed)
    centres = vectors[torch.randperm(len(vectors))[:count]]
    for _ in range(ROUNDS):
        nearest = (vectors @ centres.T).argmax(dim=1)
        sums = torch.zeros_like(centres).index_add(0, nearest, vectors)
        centres = torch.where(sums.norm(dim=1, keepdim=True) > 0, F.normalize(sums, dim=1), centres)
    return centres


def text_topics(
    store: TokenStore, matrix: Tensor, count: int, seed: int, sample: int = 60_000
) -> npt.NDArray[np.int32]:
    """Return (texts,) topic numbers below `count`."""
    total = len(store.lengths)
    drawn = np.random.default_rng(seed).choice(total, size=min(sample, total), replace=False)
    centres = k_means(text_vectors(store, matrix, drawn), count, seed)
    parts = []
    for first in range(0, total, AT_ONCE):
        texts = np.arange(first, min(first + AT_ONCE, total))
        parts.append((text_vectors(store, matrix, texts) @ centres.T).argmax(dim=1).numpy())
    return np.concatenate(parts).astype(np.int32)


def main() -> None:
    """Cluster by the arguments and write the topics."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("run", type=Path, help="folder with matrix.npy and tokenizer.json")
    parser.add_argument("topics", type=Path)
    parser.add_argument("--count", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    store = load_store(given.work, Tokenizer.from_file(str(given.run / "tokenizer.json")))
    matrix = torch.from_numpy(np.load(given.run / "matrix.npy"))
    np.save(given.topics, text_topics(store, matrix, given.count, given.seed))


if __name__ == "__main__":
    main()

"""Token ids and pairs -> batches: which views, which cuts, which words dropped.

Every batch mixes languages and directions, so that a Chinese query's negatives hold Chinese
and English texts and language itself decides nothing. Knows no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.tokens import IntArray, TokenStore

SHARES: dict[str, float] = {
    "cross_sent": 14, "cross_title": 6, "cross_abs": 3, "cross_manual": 12, "cross_everyday": 3,
    "cross_term": 0.5, "cross_dictionary": 8,
    "title_abs": 10, "title_sent": 6, "near": 5, "near_manual": 3, "heading": 3,
    "retrieval": 14, "summary": 5,
    "crop": 5, "crop_manual": 6, "crop_everyday": 1.5, "part_abs": 8, "part_manual": 7, "part_everyday": 1.5,
}  # fmt: skip
"""Share of a batch by view, its language suffixes together (each language gets the same part)."""

QUERY_FORMS: tuple[tuple[str, str], ...] = (
    ("which papers ", ""), ("what methods are there for ", "?"), ("how does ", " work?"), ("papers about ", ""),
    ("is there any work on ", "?"), ("notes on ", ""), ("which method uses ", "?"), ("what is ", "?"),
    ("who proposed ", "?"), ("everything about ", ""), ("why does ", "?"), ("which ones are about ", "?"),
    ("有哪些", "的工作？"), ("", "相关的论文有哪些？"), ("哪些论文研究了", "？"), ("什么是", "？"), ("", "是怎么做的？"),
    ("如何", "？"), ("介绍一下", ""), ("", "的方法"), ("有没有关于", "的笔记？"), ("哪个方法用了", "？"), ("", "有什么问题？"),
)  # fmt: skip
"""Words around a title or a term that make it a question; they should come to weigh nothing."""


@dataclass(frozen=True)
class Cuts:
    """How texts are cut, in tokens; fractions are of the items they apply to."""

    max_tokens: int = 96
    asked_fraction: float = 0.2
    short_fraction: float = 0.35
    dropped_fraction: float = 0.15
    """Of the tokens of a query that is thinned."""
    passage_dropped_fraction: float = 0.0
    """Of the tokens of every passage: what is left must do, so that no token is learned by heart
    with its neighbours.
    """
    topic_fraction: float = 0.4
    """Of a batch, drawn from `batch_topics` topics, where topics are known."""
    batch_topics: int = 8


@dataclass(frozen=True)
class Side:
    """One side of a batch: (tokens,) ids end to end and (n,) starts, for an embedding bag."""

    ids: IntArray
    starts: IntArray

    def counts(self) -> IntArray:
        """Return (n,) tokens per item."""
        return np.diff(np.append(self.starts, len(self.ids)))


@dataclass(frozen=True)
class Batch:
    """n pairs; `same` is (n, n) bool: a passage that may be right for another query too."""

    queries: Side
    passages: Side
    same: npt.NDArray[np.bool_]


def view_weights(
    views: Mapping[str, IntArray], shares: Mapping[str, float]
) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Return views and their probabilities; a share is split evenly over language suffixes."""
    base = {name: name if name in shares else name.rpartition("_")[0] for name in sorted(views)}
    names = [name for name in base if shares.get(base[name], 0) > 0]
    members = [sum(base[other] == base[name] for other in names) for name in names]
    weights = np.array(
        [shares[base[name]] / count for name, count in zip(names, members, strict=False)]
    )
    return names, weights / weights.sum()


class TopicRows:
    """A view's row numbers by topic."""

    def __init__(self, topics: IntArray) -> None:
        """topics: (rows,) topic number of each row."""
        self.order = np.argsort(topics, kind="stable")
        self.bounds = np.concatenate([[0], np.cumsum(np.bincount(topics))])

    def draw(self, wanted: IntArray, otherwise: IntArray, draw: np.random.Generator) -> IntArray:
        """Return a drawn row of each wanted topic; the row in `otherwise` where the view has none
        of it.
        """
        last = len(self.bounds) - 1
        low, high = self.bounds[np.minimum(wanted, last)], self.bounds[np.minimum(wanted + 1, last)]
        places = low + (draw.random(len(wanted)) * (high - low)).astype(np.int64)
        return np.where(high > low, self.order[np.minimum(places, len(self.order) - 1)], otherwise)


class Batcher:
    """Draws batches for ever, seeded: batch `step` is the same whatever was drawn before it."""

    def __init__(
        self, store: TokenStore, views: Mapping[str, IntArray], forms: Sequence[tuple[IntArray, IntArray]],
        size: int, seed: int, cuts: Cuts, shares: Mapping[str, float] = SHARES, topics: IntArray | None = None,
    ) -> None:  # fmt: skip
        self.store, self.views, self.forms, self.size, self.seed, self.cuts = (
            store,
            views,
            forms,
            size,
            seed,
            cuts,
        )
        self.names, self.weights = view_weights(views, shares)
        self.topics = (
            None
            if topics is None
            else {name: TopicRows(topics[views[name][:, 0]]) for name in self.names}
        )
        self.topic_count = 0 if topics is None else int(topics.max()) + 1

    def __call__(self, step: int) -> Batch:
        """Return batch number `step`."""
        draw = np.random.default_rng((self.seed, step))
        counts = draw.multinomial(self.size, self.weights)
        near = draw.integers(max(1, self.topic_count), size=self.cuts.batch_topics)
        triples, cropped, forward = [], [], []
        for name, count in zip(self.names, counts, strict=False):
            triples.append(self.views[name][self._rows(name, count, near, draw)])
            cropped.append(np.full(count, name.startswith("crop")))
            forward.append(np.full(count, not name.startswith(("cross", "near"))))
        order = draw.permutation(self.size)
        rows, crop, directed = (
            np.concatenate(parts)[order] for parts in (triples, cropped, forward)
        )
        turned = ~directed & (draw.random(self.size) < 0.5)
        query = np.where(turned, rows[:, 1], rows[:, 0])
        passage = np.where(turned, rows[:, 0], rows[:, 1])
        return Batch(
            self._queries(query, crop, draw),
            self._passages(passage, crop, draw),
            _same(query, passage, rows[:, 2]),
        )

    def _rows(self, name: str, count: int, near: IntArray, draw: np.random.Generator) -> IntArray:
        """Return `count` row numbers of a view, a part of them of the topics in `near`."""
        rows = draw.integers(len(self.views[name]), size=count)
        if self.topics is None:
            return rows
        hard = draw.random(count) < self.cuts.topic_fraction
        rows[hard] = self.topics[name].draw(draw.choice(near, hard.sum()), rows[hard], draw)
        return rows

    def _queries(
        self, texts: IntArray, crop: npt.NDArray[np.bool_], draw: np.random.Generator
    ) -> Side:
        lengths = np.minimum(self.store.lengths[texts], self.cuts.max_tokens)
        short = crop | (draw.random(len(texts)) < self.cuts.short_fraction)
        wanted = np.where(
            crop,
            draw.integers(3, 20, len(texts)),
            np.maximum(4, (lengths * draw.uniform(0.4, 1, len(texts))).astype(int)),
        )
        counts = np.where(short, np.minimum(lengths, wanted), lengths)
        firsts = (
            self.store.starts[texts]
            + (draw.random(len(texts)) * (self.store.lengths[texts] - counts + 1)).astype(np.int64)
            * short
        )
        ids, counts = _thinned(
            self.store.cut(firsts, counts), counts, short, self.cuts.dropped_fraction, draw
        )
        asked = np.flatnonzero(
            ~crop & (counts <= 32) & (draw.random(len(texts)) < self.cuts.asked_fraction)
        )
        return _with_forms(ids, counts, asked, self.forms, draw)

    def _passages(
        self, texts: IntArray, crop: npt.NDArray[np.bool_], draw: np.random.Generator
    ) -> Side:
        lengths = self.store.lengths[texts]
        counts = np.minimum(lengths, self.cuts.max_tokens)
        counts = np.where(
            crop, np.maximum(1, (counts * draw.uniform(0.5, 1, len(texts))).astype(int)), counts
        )
        free = draw.random(len(texts)) < 0.5
        firsts = self.store.starts[texts] + (
            draw.random(len(texts)) * (lengths - counts + 1)
        ).astype(np.int64) * (free | crop)
        counts = np.minimum(counts, lengths)
        every = np.ones(len(texts), dtype=bool)
        ids, counts = _thinned(
            self.store.cut(firsts, counts), counts, every, self.cuts.passage_dropped_fraction, draw
        )
        return Side(ids, np.cumsum(counts) - counts)


def _same(query: IntArray, passage: IntArray, paper: IntArray) -> npt.NDArray[np.bool_]:
    """Return which (query, passage) cells share a paper or a text, the diagonal left False."""
    same = (paper[:, None] == paper[None, :]) & (paper[:, None] >= 0)
    same |= (
        (passage[:, None] == passage[None, :])
        | (query[:, None] == query[None, :])
        | (query[:, None] == passage[None, :])
    )
    np.fill_diagonal(same, False)
    return same


def _thinned(
    ids: IntArray,
    counts: IntArray,
    chosen: npt.NDArray[np.bool_],
    fraction: float,
    draw: np.random.Generator,
) -> tuple[IntArray, IntArray]:
    """Drop a fraction of the chosen items' tokens; an item keeps at least its first token."""
    owner = np.repeat(np.arange(len(counts)), counts)
    kept = ~chosen[owner] | (draw.random(len(ids)) >= fraction)
    kept[(np.cumsum(counts) - counts)[counts > 0]] = True
    return ids[kept], np.bincount(owner[kept], minlength=len(counts))


def _with_forms(
    ids: IntArray,
    counts: IntArray,
    asked: IntArray,
    forms: Sequence[tuple[IntArray, IntArray]],
    draw: np.random.Generator,
) -> Side:
    """Put a drawn question form's tokens before and after the items in `asked`."""
    starts = np.cumsum(counts) - counts
    picked = draw.integers(len(forms), size=len(asked)) if len(forms) else np.zeros(0, dtype=int)
    if not len(picked):
        return Side(ids, starts)
    places = np.concatenate(
        [
            np.concatenate(
                [
                    np.full(len(forms[form][0]), starts[item]),
                    np.full(len(forms[form][1]), starts[item] + counts[item]),
                ]
            )
            for item, form in zip(asked, picked, strict=False)
        ]
    )
    values = np.concatenate([np.concatenate(forms[form]) for form in picked])
    added = np.zeros(len(counts), dtype=np.int64)
    added[asked] = [len(forms[form][0]) + len(forms[form][1]) for form in picked]
    counts = counts + added
    # np.insert keeps the order of values given for one place; a suffix's place is the next item's
    # start
    return Side(np.insert(ids, places.astype(np.int64), values), np.cumsum(counts) - counts)


def prefetched(batcher: Batcher, steps: range) -> Iterator[Batch]:
    """Yield batches in order, the next ones drawn by a second thread meanwhile."""
    from concurrent.futures import ThreadPoolExecutor

    ahead = 2
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(batcher, step) for step in steps[:ahead]]
        for step in steps:
            yield waiting.pop(0).result()
            if step + ahead in steps:
                waiting.append(pool.submit(batcher, step + ahead))

"""Kept rows -> training pairs, by view. A view is one kind of pair, such as `title_abs_ze`.

The last letters of a view's name say query and passage language: `ez` = English to Chinese.
`crop_*` views pair a text with itself; the trainer takes two different cuts of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np

NO_PAPER = -1
ENGLISH_CHARS = 1400
CHINESE_CHARS = 600
"""Longest text kept, in characters: a whole abstract, about 300 tokens."""
PARTS_OF_PAPER = 4
LEAST_ROWS, MOST_ROWS = 3, 9
"""Rows of documentation that make one paragraph."""
LEAST_PART_CHARS = 12
"""A shorter row of documentation says too little to be asked for."""
LANGUAGE_CHARS = 60
"""A text with a Chinese character among its first ones counts as Chinese."""


@dataclass
class Paper:
    """One paper's texts, as (English id, Chinese id) pairs."""

    key: int
    titles: list[tuple[int, int]] = field(default_factory=list)
    abstracts: list[tuple[int, int]] = field(default_factory=list)
    sentences: list[tuple[int, int]] = field(default_factory=list)


class PairStore:
    """Texts without duplicates, and for each view its (query, passage, paper) triples."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._ids: dict[str, int] = {}
        self._views: dict[str, array[int]] = {}
        self._seen: set[tuple[str, int, int]] = set()

    def text(self, text: str) -> int:
        """Return the id of a text, cut at its language's limit, adding it when new."""
        chinese = any("\u4e00" <= letter <= "\u9fff" for letter in text[:LANGUAGE_CHARS])
        text = text[: CHINESE_CHARS if chinese else ENGLISH_CHARS]
        found = self._ids.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found

    def add(self, view: str, query: int, passage: int, paper: int = NO_PAPER) -> None:
        """Add a pair once; a text is never paired with itself outside the `crop` views."""
        key = (view, query, passage)
        if key in self._seen or (query == passage and not view.startswith("crop")):
            return
        self._seen.add(key)
        self._views.setdefault(view, array("i")).extend((query, passage, paper))

    def sizes(self) -> dict[str, int]:
        """Return how many pairs each view has."""
        return {view: len(flat) // 3 for view, flat in sorted(self._views.items())}

    def save(self, folder: Path) -> None:
        """Write texts.txt (one text a line) and pairs.npz (one (n, 3) int32 array a view)."""
        (folder / "texts.txt").write_text("\n".join(self.texts) + "\n", encoding="utf-8")
        arrays = {
            view: np.frombuffer(flat, dtype=np.int32).reshape(-1, 3)
            for view, flat in self._views.items()
        }
        np.savez(folder / "pairs.npz", **dict(sorted(arrays.items())))


def add_four_ways(
    store: PairStore, view: str, first: tuple[int, int], second: tuple[int, int], paper: int
) -> None:
    """Pair two (en, zh) texts in all four language directions."""
    for name, query, passage in (("ee", 0, 0), ("ez", 0, 1), ("ze", 1, 0), ("zz", 1, 1)):
        store.add(f"{view}_{name}", first[query], second[passage], paper)


def add_one_way(
    store: PairStore,
    view: str,
    first: tuple[int, int],
    second: tuple[int, int],
    paper: int,
    draw: Random,
) -> None:
    """Pair two (en, zh) texts in one language direction, drawn."""
    query, passage = draw.choice(((0, 0), (0, 1), (1, 0), (1, 1)))
    store.add(f"{view}_{'ez'[query]}{'ez'[passage]}", first[query], second[passage], paper)


def add_paper(store: PairStore, paper: Paper, draw: Random) -> None:
    """Add the views of one paper: translations, title to abstract and sentence, neighbours."""
    for view, pairs in (
        ("cross_title", paper.titles),
        ("cross_abs", paper.abstracts),
        ("cross_sent", paper.sentences),
    ):
        for english, chinese in pairs:
            store.add(view, english, chinese, paper.key)
    for title in paper.titles[:1]:
        for abstract in paper.abstracts[:1]:
            add_four_ways(store, "title_abs", title, abstract, paper.key)
        for sentence in draw.sample(paper.sentences, min(4, len(paper.sentences))):
            add_one_way(store, "title_sent", title, sentence, paper.key, draw)
    for before, after in zip(paper.sentences, paper.sentences[1:], strict=False):
        add_one_way(store, "near", before, after, paper.key, draw)
    for english, chinese in paper.abstracts[:1] or paper.sentences[:1]:
        store.add("crop_e", english, english, paper.key)
        store.add("crop_z", chinese, chinese, paper.key)
    for abstract in paper.abstracts[:1]:
        for sentence in draw.sample(paper.sentences, min(PARTS_OF_PAPER, len(paper.sentences))):
            add_one_way(store, "part_abs", sentence, abstract, paper.key, draw)


def add_manual(store: PairStore, rows: Sequence[tuple[int, int]], draw: Random) -> None:
    """Add the views of consecutive rows of one documentation source."""
    for place, (english, chinese) in enumerate(rows):
        store.add("cross_manual", english, chinese)
        store.add("crop_manual_e", english, english)
        store.add("crop_manual_z", chinese, chinese)
        if place and draw.random() < 0.5:
            add_one_way(store, "near_manual", rows[place - 1], rows[place], NO_PAPER, draw)


def add_paragraphs(
    store: PairStore, view: str, rows: Sequence[tuple[int, int]], draw: Random
) -> None:
    """Join runs of consecutive rows to paragraphs; pair a row or two of each with its paragraph.

    What is asked of a paragraph is said in one of its sentences, so the mean of its tokens must
    keep each of them.
    """
    first = 0
    while first + LEAST_ROWS <= len(rows):
        run = rows[first : first + draw.randint(LEAST_ROWS, MOST_ROWS)]
        first += len(run)
        english = store.text(" ".join(store.texts[pair[0]] for pair in run))
        chinese = store.text("".join(store.texts[pair[1]] for pair in run))
        asked = [pair for pair in run[:-1] if len(store.texts[pair[1]]) >= LEAST_PART_CHARS]
        for pair in draw.sample(asked, min(2, len(asked))):
            add_one_way(store, view, pair, (english, chinese), NO_PAPER, draw)

"""Words of zh/en text, and BM25 over them. Knows chunks only as row numbers.

Chinese is cut into dictionary words (a clause would otherwise be one token); Latin words stay
whole and also give their parts and their joined form, so `KV-Cache`, `KV cache` and `kvcache`
meet. A term is stored as the first 8 bytes of its BLAKE2b digest: the same in every process,
on every machine, with no vocabulary to load before the first query.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from paperrag.index.arrays import distinct
from paperrag.text.folding import fold
from paperrag.text.language import HAN, HAN_CHAR
from paperrag.text.patterns import lazy_pattern

TOKENIZER = "rjieba-search+latin-parts-3"
"""Name and version of the word rules; the index refuses to mix two."""

K1, B = 1.2, 0.5
"""BM25 saturation and length normalisation, the usual ones but for B (0.75): entries differ much in
length for good reasons. `benchmarks/ablate.py --weight lexical` measures them.
"""

_KEPT_RUNS = 1 << 15
"""Of Latin letters whose terms are kept: few words are most of a text."""

MOST_COUNTED = 255
"""Of a word in one row: more of it say no more."""

_ROW_BITS, _COUNT_BITS = 28, 8
_MOST_ROWS = (1 << _ROW_BITS) - 1
"""Of a number that stands for a posting; the others are of its term, 268 million of them."""

_LETTERS = rf"(?:(?![{HAN}])[^\W_])+"
_RUN = lazy_pattern(rf"[{HAN}]+|{_LETTERS}(?:[.\-+/_'’]{_LETTERS})*\+*")
_NEIGHBOURS = lazy_pattern(r"(?<![^\W_])([a-z0-9]{1,4}) (?=([a-z0-9]{2,}))")
_PART = lazy_pattern(r"[.\-+/_'’]")
_ENGLISH_PLURAL = lazy_pattern(r"(?<=[a-z]{3})(?<!s)s$|(?<=[a-z]{2}[sxz])es$")

_STOP_WORDS_OF_BOTH = """
    a an the of to in on for and or but is are was were be been being do does did done with by from at as it its this
    that these those which what how who whom whose when where why can could should would will may might there here any
    some no not than then so such into onto over under out up about have has had i we you he she they my our your their
    me us them one ones
    的 了 是 在 和 与 或 及 等 也 都 就 而 被 把 将 对 从 到 用 以 于 中 为 之 其 该 此 这 那 有 没有 个 种 些 哪 哪些
    哪个 哪种 哪几 什么 怎么 怎样 如何 为什么 为何 吗 呢 吧 啊 么 是否 可以 能 会 要 上 下 里 我 我们 你 他 它 它们 请
    请问 关于 一个 一种 一些
"""

STOP_WORDS = frozenset(_STOP_WORDS_OF_BOTH.split())


def tokenize(text: str) -> list[str]:
    """Return the index terms of a text in order, lower-case and folded, stop words left out."""
    return [term for term in _terms(fold(text).lower()) if term not in STOP_WORDS]


def compounds(text: str) -> list[str]:
    """Return neighbouring short Latin words as one term, so that "kv cache" also is "kvcache"."""
    text = fold(text).lower()
    return [
        match[1] + _stem(match[2])
        for match in _NEIGHBOURS.finditer(text)
        if match[1] not in STOP_WORDS and match[2] not in STOP_WORDS
    ]


def _terms(text: str) -> Iterator[str]:
    for match in _RUN.finditer(text):
        yield from (_cut(match[0]) if HAN_CHAR.match(match[0]) else _latin_terms(match[0]))


@lru_cache(maxsize=_KEPT_RUNS)
def _latin_terms(run: str) -> tuple[str, ...]:
    parts = [part for part in _PART.split(run) if part]
    whole = run if run.endswith("+") else _stem(run)
    if len(parts) < 2:
        return (whole,)
    return (whole, _stem("".join(parts)), *(_stem(part) for part in parts if len(part) > 1))


def _stem(word: str) -> str:
    """Singular of a regular English plural, twice so that "bias" meets "biases"; nothing more:
    names stay names.
    """
    if not word.endswith("s"):
        return word
    return _ENGLISH_PLURAL.sub("", _ENGLISH_PLURAL.sub("", word))


def _cut(run: str) -> list[str]:
    import rjieba  # 0.15 s for its dictionary, only when there is Chinese text

    return list(rjieba.cut_for_search(run))


def term_hashes(terms: Sequence[str]) -> npt.NDArray[np.uint64]:
    """Return the 64-bit ids of terms, shape (n,)."""
    digests = b"".join(hashlib.blake2b(term.encode(), digest_size=8).digest() for term in terms)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


class Postings(Struct, frozen=True):
    """(term, row, count) triples of a set of rows, in any order; arrays of equal length."""

    terms: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.int32]
    counts: npt.NDArray[np.uint8]

    @staticmethod
    def of(texts: Sequence[str]) -> Postings:
        """Return the postings of texts; row i is texts[i]."""
        rows: list[int] = []
        counts: list[int] = []
        words: list[str] = []
        for row, text in enumerate(texts):
            for word, count in Counter(tokenize(text) + compounds(text)).items():
                words.append(word)
                rows.append(row)
                counts.append(min(count, MOST_COUNTED))
        vocabulary = sorted(set(words))
        ids = dict(zip(vocabulary, term_hashes(vocabulary).tolist(), strict=True))
        return Postings(
            np.array([ids[word] for word in words], dtype=np.uint64),
            np.array(rows, dtype=np.int32),
            np.array(counts, dtype=np.uint8),
        )

    def moved(self, new_rows: npt.NDArray[np.int32]) -> Postings:
        """Return the postings with row i renumbered new_rows[i]; rows mapped to -1 are dropped."""
        rows = new_rows[self.rows]
        kept = rows >= 0
        return Postings(self.terms[kept], rows[kept], self.counts[kept])

    def shifted(self, rows: int) -> Postings:
        """Return the postings with so many rows before them."""
        return Postings(self.terms, (self.rows + rows).astype(np.int32), self.counts)

    def lengths(self, row_count: int) -> npt.NDArray[np.int32]:
        """Return how many words each row has."""
        words = np.bincount(self.rows, weights=self.counts, minlength=row_count)
        return words.astype(np.int32)

    def vocabulary(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        """Return the terms of sorted postings, each once, and where the postings of each begin."""
        heads = self._heads()
        return self.terms[heads], np.append(heads, len(self.terms))

    def find(self, term_id: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
        """Return the rows in sorted postings that hold a term, and how often each does."""
        key = np.uint64(term_id)
        start, end = (int(np.searchsorted(self.terms, key, side)) for side in ("left", "right"))
        return self.rows[start:end], self.counts[start:end]

    @staticmethod
    def joined(parts: Sequence[Postings]) -> Postings:
        """Return several postings as one, sorted by term, then row. Number of term, row and count
        are sorted as one number.
        """
        heads = [part._heads() for part in parts]
        vocabulary = distinct(
            np.concatenate([part.terms[head] for part, head in zip(parts, heads, strict=True)])
        )
        packed = np.concatenate(
            [part._packed(head, vocabulary) for part, head in zip(parts, heads, strict=True)]
        )
        packed.sort()
        counts = packed.astype(np.uint8)
        packed >>= _COUNT_BITS
        rows = (packed & _MOST_ROWS).astype(np.int32)
        packed >>= _ROW_BITS
        return Postings(vocabulary[packed], rows, counts)

    def _heads(self) -> npt.NDArray[np.int64]:
        """Return the place of each term's first posting."""
        is_head = np.ones(len(self.terms), dtype=bool)
        is_head[1:] = self.terms[1:] != self.terms[:-1]
        return np.flatnonzero(is_head)

    def _packed(
        self, heads: npt.NDArray[np.int64], vocabulary: npt.NDArray[np.uint64]
    ) -> npt.NDArray[np.int64]:
        """Return a number for each posting that sorts as (term, row) does, its count behind."""
        numbers = vocabulary.searchsorted(self.terms[heads])
        packed = np.repeat(numbers << _ROW_BITS, np.diff(heads, append=len(self.terms)))
        packed |= self.rows
        packed <<= _COUNT_BITS
        packed |= self.counts
        return packed


def rarity(row_count: int, holding: int) -> float:
    """Return the weight of a word that so many of the rows hold, Lucene's idf."""
    return math.log1p((row_count - holding + 0.5) / (holding + 0.5))


def mean_length(lengths: npt.NDArray[np.integer]) -> float:
    """Return the mean of some lengths, 1 where there is none."""
    return float(lengths.mean() if len(lengths) else 0.0) or 1.0


def length_norms(lengths: npt.NDArray[np.integer], mean: float) -> npt.NDArray[np.float32]:
    """Return by what the words of rows count less, for rows of some lengths."""
    return (1 - B + B * lengths / mean).astype(np.float32)


def saturation(
    counts: npt.NDArray[np.integer], norms: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return how far rows say a term that they hold so often, in 0–1."""
    tf = counts.astype(np.float32)
    return np.minimum(tf * (K1 + 1) / (tf + K1 * norms), 1.0, dtype=np.float32)


FindPostings = Callable[[int], tuple[npt.NDArray[np.integer], npt.NDArray[np.integer]]]
"""The id of a term -> the rows that hold it, ascending, and how often each does."""


class LexicalIndex:
    """BM25 over postings, scaled to 0–1: a row that says nothing but the query, at length, nears 1.

    lengths: how many words each row has; their mean and the weights of words are of all rows.
    """

    def __init__(self, find: FindPostings, lengths: npt.NDArray[np.integer]) -> None:
        self._find = find
        self.row_count = len(lengths)
        self._length_norm = length_norms(lengths, mean_length(lengths))

    def scores(
        self, query: str
    ) -> tuple[npt.NDArray[np.float32], dict[str, npt.NDArray[np.integer]]]:
        """Return each row's score in 0–1, shape (rows,), and the rows that hold each query term.

        Score = sum of idf·saturation over matched terms / sum of idf over all query terms, with
        Lucene's idf = ln(1 + (N - n + 0.5) / (n + 0.5)) and BM25's tf·(k1 + 1)/(tf + k1·norm) as
        the saturation (Robertson & Zaragoza 2009), at most 1: one mention in a row of mean length
        is enough. A term that no row holds counts in the denominator: a query in the other
        language scores near 0 instead of ranking by accident.
        """
        scores = np.zeros(self.row_count, dtype=np.float32)
        matched: dict[str, npt.NDArray[np.integer]] = {}
        total_idf = 0.0
        joined = compounds(query)
        terms = list(dict.fromkeys(tokenize(query) + joined))
        for term, term_id in zip(terms, term_hashes(terms).tolist(), strict=True):
            rows, counts = self._find(term_id)
            if not len(rows) and term in joined:
                continue
            idf = rarity(self.row_count, len(rows))
            total_idf += idf
            if len(rows):
                scores[rows] += idf * saturation(counts, self._length_norm[rows])
                matched[term] = rows
        return (scores / total_idf if total_idf else scores), matched

    def rows_with(self, term: str) -> npt.NDArray[np.integer]:
        """Return the rows that hold an index term, ascending."""
        return self._find(int(term_hashes([term])[0]))[0]

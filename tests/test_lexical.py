from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from paperrag.index.lexical import LexicalIndex, Postings, compounds, term_hashes, tokenize
from properties import given, st


def index_of(*texts: str) -> LexicalIndex:
    postings = Postings.joined([Postings.of(texts)])
    return LexicalIndex(postings.find, postings.lengths(len(texts)))


def scores(index: LexicalIndex, query: str) -> list[float]:
    return index.scores(query)[0].tolist()


# --- words
# -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("merging the KV caches", ["merging", "kv", "cache"]),
        ("缓存合并", ["缓存", "合并"]),
        ("把 KV cache 合并", ["kv", "cache", "合并"]),
        ("LoRA+ and C++", ["lora+", "c++"]),
        ("GPT-4", ["gpt-4", "gpt4", "gpt"]),
        ("boxes, losses, classes, keys", ["box", "loss", "class", "key"]),
        ("H2O 3.5", ["h2o", "3.5", "35"]),
        ("", []),
        ("的 了 the of", []),
        ("，。!?", []),
    ],
)
def test_tokenize(text, terms):
    assert tokenize(text) == terms


def test_a_chinese_clause_is_not_one_token():
    terms = tokenize("有效的步骤奖励应该衡量进展")
    assert {"步骤", "奖励", "衡量", "进展"} <= set(terms)
    assert max(map(len, terms)) <= 4


def test_compounds_join_short_neighbours():
    assert compounds("the KV cache of GPT 4o") == ["kvcache", "gpt4o"]
    assert compounds("合并 KV caches") == ["kvcache"]
    assert compounds("quantization method") == []


@pytest.mark.parametrize(
    "query",
    ["KV-Cache", "KV cache", "kvcache", "kv_cache", "ＫＶ-Cache", "KV caches", "ＫＶ Ｃａｃｈｅ"],
)
@pytest.mark.parametrize("row", ["压缩 KV-Cache", "the KV cache", "kvcache 合并", "ＫＶ-Cache"])
def test_spellings_of_kv_cache_meet(query, row):
    first, second = scores(index_of(row, "量化 weights"), query)
    assert first > second == 0


@pytest.mark.parametrize("query", ["检索", "檢索", "檢索增強"])
def test_traditional_and_simplified_meet(query):
    for row in ("檢索增強生成", "检索增强生成"):
        assert scores(index_of(row, "别的 words"), query)[0] > 0.3


# --- scores
# ------------------------------------------------------------------------------------------


def test_score_worked_out_by_hand():
    index = index_of("cache cache merge", "merge weights", "量化")
    got, matched = index.scores("cache merge")
    # N = 3 rows of 3, 2 and 1 terms, mean 2; K1 = 1.2, B = 0.5: norm = 0.5 + 0.5·length/2 = 1.25,
    # 1, 0.75
    cache = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))  # in 1 row: ln 2.6667 = 0.9808
    merge = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))  # in 2 rows: ln 1.6 = 0.4700
    first = cache * 1 + merge * 2.2 / (
        1 + 1.2 * 1.25
    )  # tf 2: 4.4 / 3.5 is capped at 1; tf 1: 2.2 / 2.5
    second = merge * 2.2 / (1 + 1.2 * 1.0)  # tf 1 at mean length: 1
    assert got.tolist() == pytest.approx([first / (cache + merge), second / (cache + merge), 0])
    assert {term: rows.tolist() for term, rows in matched.items()} == {
        "cache": [0],
        "merge": [0, 1],
    }


def test_word_that_no_row_holds_lowers_the_score():
    index = index_of("cache merging", "weights")
    unknown = math.log(1 + 2.5 / 0.5)  # N = 2, n = 0
    known = math.log(1 + 1.5 / 1.5)  # N = 2, n = 1
    assert scores(index, "cache zzz")[0] == pytest.approx(
        scores(index, "cache")[0] * known / (known + unknown)
    )


def test_chinese_query_scores_no_english_row():
    index = index_of(
        "merging the KV cache", "low-rank compression of weights", "speculative decoding"
    )
    assert scores(index, "哪些方法可以合并缓存？") == [0, 0, 0]
    assert index.scores("哪些方法可以合并缓存？")[1] == {}


def test_english_query_scores_no_chinese_row():
    assert scores(index_of("缓存合并", "低秩分解"), "which methods merge the cache") == [0, 0]


def test_latin_word_in_a_chinese_query_is_found():
    assert (
        scores(
            index_of("Speculative decoding 加速", "merging caches"), "什么是 speculative 解码？"
        )[0]
        > 0
    )


@pytest.mark.parametrize("query", ["", "   ", "的 the", "？！"])
def test_query_without_words_scores_nothing(query):
    assert scores(index_of("缓存", "cache"), query) == [0, 0]


def test_empty_index_gives_no_scores():
    assert scores(index_of(), "缓存 cache") == []


def test_rows_without_words_score_nothing():
    assert scores(index_of("", "cache", "的"), "cache") == [
        0,
        pytest.approx(scores(index_of("", "cache", "的"), "cache")[1]),
        0,
    ]


VOCABULARY = ("缓存", "合并", "kv", "cache", "kv-cache", "merging", "的", "the", "檢索")
WORDS = st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join)


@pytest.mark.slow
@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_scores_lie_in_0_to_1_and_tell_matches(texts, query):
    index = index_of(*texts)
    got, matched = index.scores(query)
    assert got.shape == (len(texts),) and got.dtype == np.float32
    assert (got >= 0).all() and (got <= 1.000001).all()
    assert set(np.flatnonzero(got).tolist()) == {
        int(row) for rows in matched.values() for row in rows
    }


# --- postings
# ----------------------------------------------------------------------------------------


@pytest.mark.slow
@given(st.lists(WORDS, max_size=6), st.integers(0, 6))
def test_postings_joined_from_parts_are_those_of_the_whole(texts, cut):
    head, tail = texts[:cut], texts[cut:]
    shift = np.arange(len(tail), dtype=np.int32) + len(head)
    joined = Postings.joined([Postings.of(head), Postings.of(tail).moved(shift)])
    whole = Postings.joined([Postings.of(texts)])
    assert [joined.terms.tolist(), joined.rows.tolist(), joined.counts.tolist()] == [
        whole.terms.tolist(),
        whole.rows.tolist(),
        whole.counts.tolist(),
    ]


def test_moved_drops_rows_mapped_to_minus_one():
    postings = Postings.of(["缓存", "cache", "合并"]).moved(np.array([1, -1, 0], dtype=np.int32))
    assert sorted(postings.rows.tolist()) == [0, 1]
    assert set(postings.terms.tolist()) == set(term_hashes(["缓存", "合并"]).tolist())


def test_postings_count_each_term_once_per_row():
    postings = Postings.of(["cache cache 缓存"])
    counts = dict(zip(postings.terms.tolist(), postings.counts.tolist(), strict=True))
    assert counts == dict(zip(term_hashes(["cache", "缓存"]).tolist(), [2, 1], strict=True))


def test_term_ids_are_the_first_8_bytes_of_blake2b():
    assert term_hashes(["cache"]).tolist() == [
        int.from_bytes(hashlib.blake2b(b"cache", digest_size=8).digest(), "little")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "1"])
def test_postings_are_the_same_in_another_process(seed):
    texts = ["合并 KV-Cache 的方法", "merging caches", "檢索"]
    code = (
        "import sys; from paperrag.index.lexical import Postings; p = "
        "Postings.joined([Postings.of(sys.argv[1:])]);"
        "print(p.terms.tolist(), p.rows.tolist(), p.counts.tolist())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
    result = subprocess.run(
        [sys.executable, "-c", code, *texts],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    here = Postings.joined([Postings.of(texts)])
    assert (
        result.stdout.strip()
        == f"{here.terms.tolist()} {here.rows.tolist()} {here.counts.tolist()}"
    )

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from fakes import LetterEncoder, NgramEncoder
from paperrag.encoders.contract import Encoder, FloatArray, unit_rows
from paperrag.errors import QueryError
from paperrag.index.arrays import holds
from paperrag.index.data import IndexData
from paperrag.index.faiss_index import FaissVectors
from paperrag.index.vectors import ExactVectors
from paperrag.question.read import MAX_QUERY_CHARS, check_question
from paperrag.search import works
from paperrag.search.filtering import Filters
from paperrag.search.retrieval import Retriever
from paperrag.search.tree_scores import best_chunks
from paperrag.search.weights import (
    DENSE,
    DENSE_ALONE,
    LABEL_PENALTY,
    LATE,
    LEXICAL,
    LEXICAL_BESIDE,
    NAMED_ODDS,
)
from small_corpus import make_retriever

MERGING = """# Notes

## KV cache

- Cache merging
  - [CaM](https://openreview.net/pdf?id=LCTmppB165)
    > 逐出的 token 合并到留下的 token 里
  - [KVMerger](https://arxiv.org/abs/2407.08454) merges similar keys with a Gaussian kernel
- Quantization
  - [KIVI](https://arxiv.org/abs/2402.02750) stores the cache in 2 bits

## 检索

- 稠密检索：双塔模型把问题和文章编码成向量
- BM25 词项检索的基线
"""


class UnitEncoder(NgramEncoder):
    """One axis for each of the words red, green, blue, gold: a text is the mean of the words in
    it.
    """

    words = ("red", "green", "blue", "gold")

    def __init__(self) -> None:
        super().__init__(dimension=4)

    def encode_document(self, texts):
        return unit_rows(
            np.array(
                [[float(text.lower().split().count(word)) for word in self.words] for text in texts]
            )
        )


class UnitTokenEncoder(UnitEncoder, LetterEncoder):
    """The same with token vectors: a word's vector is its axis; ids are 1 to 4, all else is left
    out.
    """

    def token_ids(self, texts):
        return [
            [1 + self.words.index(word) for word in text.lower().split() if word in self.words]
            for text in texts
        ]

    def token_vectors(self, ids) -> FloatArray:
        return np.eye(5, 4, k=-1, dtype=np.float32)[np.asarray(ids, dtype=np.int64)]


class LeaningEncoder(UnitEncoder):
    """The same, and every text leans as far to a fifth axis, so that what has nothing in common is
    near as well: it is taken for .95.
    """

    def __init__(self) -> None:
        super().__init__()
        self.dimension = 5

    def encode_document(self, texts):
        return unit_rows(np.hstack([super().encode_document(texts), np.ones((len(texts), 1))]))


@pytest.fixture(scope="module")
def merging(tmp_path_factory, bundled_encoder: Encoder) -> Retriever:
    return make_retriever(tmp_path_factory.mktemp("merging"), MERGING, bundled_encoder)


def titles(
    retriever: Retriever, question: str, k: int = 10, filters: Filters | None = None
) -> list[str]:
    return [hit.entry.title for hit in retriever.search(question, k, filters)]


# --- fusion by hand -------------------------------------------------------------------------------


def test_search_fuses_dense_and_words_by_hand(tmp_path: Path):
    retriever = make_retriever(tmp_path, "- red red\n- red green\n- blue\n", UnitEncoder())
    hits = retriever.search("red", 3)
    # Cosines with (1, 0, 0, 0): (1, 0) gives 1, (1, 1)/√2 gives 1/√2, blue gives 0. The breadcrumb
    # "made-up" is on no axis.
    # Cosines count from what the encoder gives texts that have nothing to do with each other.
    baseline = retriever.data.manifest.dense_baseline
    dense = [(cosine - baseline) / (1 - baseline) for cosine in (1, 1 / math.sqrt(2))]
    assert [hit.explanation.dense for hit in hits] == pytest.approx(
        [dense[0], dense[1], 0], abs=1e-4
    )
    # Words: made-up, madeup and made ("up" says nothing), then red red redred, red green redgreen,
    # blue: 6, 6 and 4, mean 16/3.
    length_norm = 0.5 + 0.5 * 6 / (16 / 3)  # b = 0.5; the idf cancels out of a question of one word
    # tf (k1 + 1) / (tf + k1 norm), at most 1: 4.4 / 3.275 and 2.2 / 2.275
    lexical = [min(1.0, 2 * 2.2 / (2 + 1.2 * length_norm)), 1 * 2.2 / (1 + 1.2 * length_norm)]
    assert [hit.explanation.lexical for hit in hits] == pytest.approx(
        [lexical[0], lexical[1], 0], abs=1e-4
    )
    weights = DENSE_ALONE + LEXICAL_BESIDE
    totals = [
        (DENSE_ALONE * d + LEXICAL_BESIDE * w) / weights
        for d, w in zip(dense, lexical, strict=True)
    ]
    assert [hit.score for hit in hits] == pytest.approx([*totals, 0], abs=1e-4)
    assert [hit.rank for hit in hits] == [1, 2, 3]


def test_cosines_count_from_what_the_encoder_gives_for_nothing(tmp_path: Path):
    hits = make_retriever(tmp_path, "- red\n- red green\n", LeaningEncoder()).search("red", 2)
    # (1 - .95) / .05; the cosine of "red green", (1 / √2 + 1) / 2 = .854, lies below .95
    assert [hit.explanation.dense for hit in hits] == pytest.approx([1.0, 0.0], abs=1e-4)


def test_search_fuses_late_interaction_by_hand(tmp_path: Path):
    retriever = make_retriever(tmp_path, "# green\n\n- red\n- blue\n", UnitTokenEncoder())
    best = retriever.search("red green", 2)[0].explanation
    # "red" is met by the text, "green" by the heading: late (1 + 1) / 2, of which the text alone
    # gives 1/2.
    assert (best.late, best.structure) == (1.0, 0.5)
    hit = retriever.search("red green", 2)[0]
    expected = (LATE * 1.0 + DENSE * best.dense + LEXICAL * best.lexical) / (LATE + DENSE + LEXICAL)
    assert hit.score == pytest.approx(expected, abs=2e-4)


def test_equal_scores_keep_the_order_of_the_notes(tmp_path: Path):
    notes = {"notes/b.md": "- red\n- red\n", "notes/a.md": "- green\n- green\n"}
    hits = make_retriever(tmp_path, notes, UnitEncoder()).search("blue", 4)
    assert [hit.score for hit in hits] == [0, 0, 0, 0]
    assert [(hit.entry.source, hit.entry.line_start) for hit in hits] == [
        ("notes/a.md", 1),
        ("notes/a.md", 2),
        ("notes/b.md", 1),
        ("notes/b.md", 2),
    ]


def test_label_stands_behind_its_members(tmp_path: Path):
    retriever = make_retriever(tmp_path, "- red\n  - red\n- blue\n", UnitTokenEncoder())
    hits = retriever.search("red", 3)
    assert [hit.entry.line_start for hit in hits] == [
        2,
        1,
        3,
    ]  # line 1 says the same and comes first, but only names line 2
    parts = hits[1].explanation
    score = (LATE * parts.late + DENSE * parts.dense + LEXICAL * parts.lexical) / (
        LATE + DENSE + LEXICAL
    )
    assert hits[1].score == pytest.approx(score - LABEL_PENALTY, abs=2e-4)


def test_label_of_another_group_carries_no_entry_of_a_list(tmp_path: Path):
    retriever = make_retriever(tmp_path, "- red\n  - red\n- blue\n", UnitTokenEncoder())
    blue = retriever.search("which red methods?", 3)[2]
    assert (blue.entry.title, blue.score) == ("blue", 0.0)  # beside "red", the label, not in it


def test_silent_words_change_no_order(tmp_path: Path):
    """A Chinese question on English notes: no word is shared, so the order is the encoder's
    alone.
    """
    retriever = make_retriever(tmp_path, "- red blue\n- red\n- green\n", UnitEncoder())
    scored, words_only = (
        retriever.find(retriever.read(question)).scored for question in ("哪些 red 方法", "red")
    )
    silent = retriever.data.lexical.scores("哪些方法")
    assert silent[0].tolist() == [0, 0, 0] and silent[1] == {}
    assert scored.rows.tolist() == words_only.rows.tolist() == [1, 0, 2]


@pytest.mark.slow
def test_silent_words_lower_all_scores_alike(merging: Retriever):
    hits = merging.search("合并相似的键", 10, Filters(language="en"))
    assert {hit.explanation.lexical for hit in hits} == {0.0}
    by_parts = sorted(
        hits, key=lambda hit: -(LATE * hit.explanation.late + DENSE * hit.explanation.dense)
    )
    labels = {"Cache merging", "Quantization"}
    assert [hit.rank for hit in by_parts if hit.entry.title not in labels] == sorted(
        hit.rank for hit in hits if hit.entry.title not in labels
    )


# --- the note tree --------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["cache merging", "缓存合并", "KV 缓存 merging"])
def test_heading_words_alone_find_the_entries_below(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    notes = "# Notes\n\n## Vision\n\n- Ralf\n- Mira\n\n## Cache merging\n\n- Zork\n- Plim\n\n## Speech\n\n- Nato\n- Suli\n"
    hits = make_retriever(tmp_path, notes, bundled_encoder).search(question, 2)
    assert {hit.entry.title for hit in hits} == {"Zork", "Plim"}
    assert all(hit.explanation.structure > 0 for hit in hits)


def test_explanation_parts_are_fractions(merging: Retriever):
    for question in ("merge KV cache", "稠密检索", "KIVI 用几个 bit 存 cache"):
        for hit in merging.search(question, 20):
            parts = hit.explanation
            assert all(
                0 <= part <= 1
                for part in (hit.score, parts.dense, parts.late, parts.lexical, parts.structure)
            )
            assert parts.structure <= parts.late


def test_explanation_names_matched_words(merging: Retriever):
    assert merging.search("Gaussian kernel", 1)[0].explanation.matched_words == (
        "gaussian",
        "kernel",
    )
    assert "检索" in merging.search("词项检索", 1)[0].explanation.matched_words


def test_span_of_a_hit_lies_in_its_text(merging: Retriever):
    for hit in merging.search("KV cache", 20):
        start, end = hit.span
        assert 0 <= start < end <= len(hit.entry.text)


# --- spellings and scripts ------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["KV-Cache", "KV cache", "kvcache", "ＫＶ Ｃａｃｈｅ"])
def test_spellings_of_kv_cache_meet(tmp_path: Path, bundled_encoder: Encoder, question: str):
    notes = "- a remark about cats\n- KV-Cache is large\n- kvcache again\n- the KV cache once more\n- 关于狗\n"
    hits = make_retriever(tmp_path, notes, bundled_encoder).search(question, 3)
    assert {hit.entry.line_start for hit in hits} == {2, 3, 4}
    assert all(hit.explanation.lexical > 0 for hit in hits)


def test_traditional_question_finds_simplified_note(merging: Retriever):
    hits = [merging.search(question, 3) for question in ("稠密檢索 雙塔模型", "稠密检索 双塔模型")]
    assert hits[0][0].entry.title.startswith("稠密检索")
    assert [(hit.entry.id, hit.score) for hit in hits[0]] == [
        (hit.entry.id, hit.score) for hit in hits[1]
    ]


# --- papers by id ---------------------------------------------------------------------------------

PAPERS = """# Papers

- [CaM](https://openreview.net/pdf?id=LCTmppB165)
- [KVMerger](https://arxiv.org/abs/2407.08454)
- [Neighbour](https://arxiv.org/abs/2407.08455) cites 2407 and 08454
- [Lancet A](https://doi.org/10.1016/S0140-6736(20)30183-5)
- [Lancet B](https://doi.org/10.1016/S0140-6736(20)30211-7)
- 鹦鹉 [Parrots](https://dl.acm.org/doi/10.1145/3442188.3445922)
- [Old](https://arxiv.org/abs/cs/0701001)
- [Short](https://openreview.net/forum?id=S1-_ab)
- s1: test time scaling
- [Anthology](https://aclanthology.org/2024.acl-long.12/)
"""


@pytest.fixture(scope="module")
def papers(tmp_path_factory, bundled_encoder: Encoder) -> Retriever:
    return make_retriever(tmp_path_factory.mktemp("papers"), PAPERS, bundled_encoder)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("2407.08454", "KVMerger"),
        ("2407.08454v2", "KVMerger"),
        ("arXiv:2407.08454", "KVMerger"),
        ("https://arxiv.org/pdf/2407.08454v3.pdf", "KVMerger"),
        ("cs/0701001", "Old"),
        ("https://openreview.net/forum?id=LCTmppB165", "CaM"),
        ("https://openreview.net/pdf?id=S1-_ab", "Short"),
        ("doi:10.1145/3442188.3445922", "鹦鹉 Parrots"),
        ("10.1145/3442188.3445922", "鹦鹉 Parrots"),
        ("https://doi.org/10.1145/3442188.3445922", "鹦鹉 Parrots"),
        ("10.1016/s0140-6736(20)30211-7", "Lancet B"),
        ("https://aclanthology.org/2024.acl-long.12", "Anthology"),
    ],
)
def test_paper_id_finds_its_entry_and_no_other(papers: Retriever, question: str, title: str):
    first, second = papers.search(question, 2)
    assert (first.entry.title, first.score) == (title, 1.0)
    assert second.score < 1.0


@pytest.mark.parametrize(
    "question", ["arxiv.org/abs/2407.08454v1 讲了什么？", "what does 2407.08454 say about keys?"]
)
def test_a_question_about_a_paper_by_its_id_finds_it_as_by_its_name(
    papers: Retriever, question: str
):
    assert titles(papers, question, 1) == ["KVMerger"]


def test_unknown_paper_id_lifts_nothing(papers: Retriever):
    assert papers.search("2401.00001", 1)[0].score < 1.0
    assert papers.search("https://openreview.net/forum?id=S1-_cd", 1)[0].score < 1.0


# --- many notes in one language -------------------------------------------------------------------

TOPICS_EN = (
    "merging pruning quantizing routing caching sampling ranking indexing parsing pooling".split()
)
TOPICS_ZH = "合并 剪枝 量化 路由 缓存 采样 排序 索引 解析 池化".split()


def made_up_en(count: int) -> str:
    return "\n".join(
        f"- Method{n} does {TOPICS_EN[n % 10]} of model number {n} with heads and keys"
        for n in range(count)
    )


def made_up_zh(count: int) -> str:
    return "\n".join(f"- 方法{n}对第{n}号模型的注意力头做{TOPICS_ZH[n % 10]}" for n in range(count))


@pytest.mark.slow
def test_many_english_notes_do_not_bury_a_chinese_one(tmp_path: Path, static_encoder: Encoder):
    notes = {
        "notes/en.md": made_up_en(5000),
        "notes/zh.md": "- 水稻在盐碱地里的根系会分泌更多的有机酸\n",
    }
    retriever = make_retriever(tmp_path, notes, static_encoder, FaissVectors)
    for question in ("水稻的根在盐碱地里会怎样？", "what do rice roots secrete in saline soil?"):
        assert "notes/zh.md" in [hit.entry.source for hit in retriever.search(question, 10)]


@pytest.mark.slow
def test_many_chinese_notes_do_not_bury_an_english_one(tmp_path: Path, static_encoder: Encoder):
    notes = {
        "notes/zh.md": made_up_zh(5000),
        "notes/en.md": "- Rice roots secrete more organic acids in saline soil\n",
    }
    retriever = make_retriever(tmp_path, notes, static_encoder, FaissVectors)
    for question in (
        "what do rice roots secrete in saline soil?",
        "水稻的根在盐碱地里会分泌什么？",
    ):
        assert "notes/en.md" in [hit.entry.source for hit in retriever.search(question, 10)]


# --- filters --------------------------------------------------------------------------------------

SEVERAL = {
    "notes/cache.md": "# Cache\n\n## KV Cache\n\n- CaM merges\n- 合并缓存\n\n## KV Cache Merging\n\n- LOOK-M merges images\n",
    "notes/cache-old.md": "# Old\n\n- nothing new\n",
    "notes/检索.md": "# 检索\n\n## 稠密檢索\n\n- 双塔模型\n",
    "abstracts/cam.md": "# CaM: cache merging\n\nWe merge the cache.\n",
}


@pytest.fixture(scope="module")
def several(tmp_path_factory, bundled_encoder: Encoder) -> Retriever:
    return make_retriever(tmp_path_factory.mktemp("several"), SEVERAL, bundled_encoder)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (
            Filters(section="KV Cache"),
            {"CaM merges", "合并缓存"},
        ),  # the exact name, not also "KV Cache Merging"
        (Filters(section="kv cache"), {"CaM merges", "合并缓存"}),
        (Filters(section="ＫＶ ｃａｃｈｅ"), {"CaM merges", "合并缓存"}),
        (Filters(section="merging"), {"LOOK-M merges images"}),  # part of one name
        (Filters(section="KV"), {"CaM merges", "合并缓存", "LOOK-M merges images"}),
        (Filters(section="稠密检索"), {"双塔模型"}),  # simplified finds traditional
        (Filters(file="cache.md"), {"CaM merges", "合并缓存", "LOOK-M merges images"}),
        (Filters(file="notes/cache-old.md"), {"nothing new"}),
        (Filters(file="CACHE-OLD"), {"nothing new"}),
        (Filters(file="检索"), {"双塔模型"}),
        (Filters(kind="abstract"), {"CaM: cache merging"}),
        (Filters(language="zh"), {"合并缓存", "双塔模型"}),
        (Filters(section="KV Cache", language="en"), {"CaM merges"}),
        (Filters(section="KV Cache", kind="abstract"), set()),
    ],
)
def test_filters_restrict_hits(several: Retriever, filters: Filters, expected: set[str]):
    assert set(titles(several, "cache", 20, filters)) == expected


@pytest.mark.parametrize(
    ("filters", "what", "nearest"),
    [
        (Filters(section="KV Cahce"), "section", "KV Cache"),
        (Filters(section="稠密检锁"), "section", "稠密檢索"),
        (Filters(file="cahce.md"), "file", "notes/cache.md"),
        (Filters(section="   "), "section", "nearest:"),
    ],
)
def test_unknown_name_gives_the_nearest(
    several: Retriever, filters: Filters, what: str, nearest: str
):
    with pytest.raises(QueryError, match=f"no {what} matches") as caught:
        several.search("cache", 10, filters)
    assert nearest in str(caught.value)


@pytest.mark.parametrize(
    ("choice", "expected"), [({"kind": "paper"}, "note, abstract"), ({"language": "fr"}, "zh, en")]
)
def test_filters_refuse_unknown_choices(choice: dict[str, str], expected: str):
    with pytest.raises(QueryError, match=f"expected one of: {expected}"):
        Filters(**choice)  # type: ignore[arg-type]


# --- edges ----------------------------------------------------------------------------------------


def test_k_beyond_the_corpus_gives_every_entry_once(merging: Retriever):
    hits = merging.search("KV cache", 1000)
    assert [hit.rank for hit in hits] == list(range(1, len(merging.data.entries) + 1))
    assert len({hit.entry.id for hit in hits}) == len(hits)


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_refused(merging: Retriever, k: int):
    with pytest.raises(QueryError, match=f"k must be at least 1, got {k}"):
        merging.search("KV cache", k)


@pytest.mark.parametrize("question", ["", "   ", "？！…", "\n\t"])
def test_empty_question_is_refused(question: str):
    with pytest.raises(QueryError, match="the question is empty"):
        check_question(question)


def test_long_question_is_refused_not_cut():
    assert check_question(" 问" + "a" * (MAX_QUERY_CHARS - 1) + " ") == "问" + "a" * (
        MAX_QUERY_CHARS - 1
    )
    with pytest.raises(
        QueryError, match=f"has {MAX_QUERY_CHARS + 1} characters, at most {MAX_QUERY_CHARS}"
    ):
        check_question("问" * (MAX_QUERY_CHARS + 1))


def test_long_entry_is_one_hit_with_its_best_chunk(tmp_path: Path, bundled_encoder: Encoder):
    text = (
        "- Start. "
        + "The cats sleep on the mat all day. " * 80
        + "At the end, quantization to two bits wins.\n- 别的\n"
    )
    retriever = make_retriever(tmp_path, text, bundled_encoder)
    assert len(retriever.data.chunks) > 2
    hits = retriever.search("quantization to two bits", 5)
    assert [hit.entry.line_start for hit in hits] == [1, 2]
    assert "two bits" in hits[0].entry.text[slice(*hits[0].span)]


@pytest.mark.parametrize("new_encoder", [NgramEncoder, UnitEncoder])
def test_encoder_without_token_vectors_works(
    tmp_path: Path, new_encoder: Callable[[], NgramEncoder]
):
    retriever = make_retriever(tmp_path, "- red green\n- 三四 gold\n", new_encoder())
    assert retriever.data.tokens is None
    hits = retriever.search("gold", 2)
    assert hits[0].entry.title == "三四 gold"
    assert {(hit.explanation.late, hit.explanation.structure) for hit in hits} == {(0.0, 0.0)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "question", ["merge KV cache", "稠密检索", "KV cache 合并", "2407.08454", "zzz"]
)
def test_results_do_not_depend_on_the_vector_index(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    found = []
    for vectors in (ExactVectors, FaissVectors):
        retriever = make_retriever(tmp_path / vectors.__name__, MERGING, bundled_encoder, vectors)
        found.append([(hit.entry.id, hit.score) for hit in retriever.search(question, 20)])
    assert [entry_id for entry_id, _ in found[0]] == [entry_id for entry_id, _ in found[1]]
    assert [score for _, score in found[0]] == pytest.approx(
        [score for _, score in found[1]], abs=1e-3
    )


def test_the_first_of_the_best_chunks_stands_for_an_entry():
    entry_of, scores = np.array([4, 4, 4, 7, 9, 9]), np.array([1, 3, 3, 0, 2, 1], dtype=np.float32)
    entries, best = best_chunks(entry_of, scores)
    assert (entries.tolist(), best.tolist()) == ([4, 7, 9], [1, 3, 4])
    assert best_chunks(entry_of[:0], scores[:0])[0].tolist() == []


def test_rows_are_looked_up_among_ascending_ones():
    assert holds(np.array([2, 5]), np.array([1, 2, 5, 6])).tolist() == [False, True, True, False]
    assert holds(np.array([], dtype=int), np.array([1])).tolist() == [False]


SHORT = {
    "a.md": "# DuneNet\n\n[DuneNet](https://arxiv.org/abs/2401.00001)\n\nIt walks by Slow Dune steps.\n",
    "b.md": "# SandNet\n\n[SandNet](https://arxiv.org/abs/2401.00002)\n\n训练时用 SDW 走法。\n",
    "c.md": "# ReefNet\n\n[ReefNet](https://arxiv.org/abs/2401.00003)\n\nsdw is its author's nick.\n",
}


def test_works_that_hold_the_short_form_of_a_name_hold_the_name(tmp_path: Path):
    retriever = make_retriever(tmp_path, SHORT, NgramEncoder())
    found = retriever.find(retriever.read("which papers use Slow Dune Walk?"))
    assert {found.entries.get(row).source for row in found.naming} == {"b.md"}


def test_a_name_that_is_asked_for_counts_as_much_whatever_entries_say(tmp_path: Path):
    notes = {
        f"{name}.md": f"# {name}\n\nIt is held against {other}.\n"
        for name, other in (("SandNet", "TideBase"), ("ReefNet", "nothing"))
    }
    retriever = make_retriever(tmp_path, notes, NgramEncoder())
    works = retriever.find(retriever.read("which papers are held against TideBase?")).works
    assert works is not None
    plain = replace(works, known=1.0, chances=np.full(2, 0.5, dtype=np.float32))
    named = plain.given(np.array([True, False]))
    met = {0: {0: 1.0}, 1: {1: 1.0}}
    before, after = plain.judged(met).chances, named.judged(met).chances
    odds = (after / (1 - after)) / (before / (1 - before))
    assert odds.tolist() == pytest.approx([NAMED_ODDS, 1 / NAMED_ODDS], rel=1e-3)


def test_a_name_is_looked_for_in_the_works_that_are_looked_at(tmp_path: Path, monkeypatch):
    notes = {f"{name}.md": f"# {name}\n\nIt is held against SandNet.\n" for name in "abcd"}
    retriever = make_retriever(tmp_path, notes, NgramEncoder())
    for count in (2, 4):
        monkeypatch.setattr(works, "FIELD", count)
        found = retriever.find(retriever.read("which papers are held against SandNet?"))
        assert found.works is not None and len(found.works) == count
        sources = {found.entries.get(row).source for row in found.naming}
        assert sources == {found.entries.get(int(unit)).source for unit in found.works.units}


def test_groups_are_told_anew_for_other_flags_only(tmp_path: Path):
    data = make_retriever(tmp_path, SHORT, NgramEncoder()).data
    assert isinstance(data, IndexData)
    all_but_first = np.arange(len(data.entries)) > 0
    groups = data._groups_of(all_but_first)
    is_first = data.chunks.entry == 0
    assert data._groups_of(all_but_first) is groups  # lists count their rows by them
    assert groups.of.tolist() == np.where(is_first, -1, data.groups.of).tolist()
    assert (data._groups_of(~all_but_first).of >= 0).tolist() == is_first.tolist()
    assert data._groups_of(None) is data.groups


def test_the_id_of_a_work_is_read_as_what_notes_call_it(tmp_path: Path, static_encoder: Encoder):
    note = "- SnapKV: what you look for https://arxiv.org/abs/2404.14469\n\t- 比 [H2O](https://arxiv.org/abs/2306.14048) 快\n"
    notes = make_retriever(tmp_path, {"a.md": note}, static_encoder)
    named = notes.read("which GPUs did arXiv 2404.14469 use?")
    assert (named.asked.split(), named.names) == ("which GPUs did SnapKV use?".split(), ("SnapKV",))
    assert notes.read("2306.14048 用了什么？").paper_ids == ("2306.14048",)  # no work of its own

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from msgspec.structs import replace

from fakes import make_entry
from paperrag.errors import EvaluationError
from paperrag.evaluation import (
    CUTOFF,
    EvalQuestion,
    GoldSpan,
    evaluate,
    gains,
    mean,
    ndcg,
    read_questions,
    summary,
)
from paperrag.records import Entry


def at(line: int, source: str = "notes/made-up.md") -> Entry:
    return replace(make_entry("x", number=line), source=source)


def spans(*lines: tuple[int, int]) -> tuple[GoldSpan, ...]:
    return tuple(GoldSpan(None, first, last) for first, last in lines)


def outcome(
    lines: list[int],
    *gold: tuple[int, int],
    cited: list[int] | None = None,
    abstained: bool = False,
):
    question = EvalQuestion("q", "en", "list", "which?", spans(*gold))
    return evaluate(
        [question],
        lambda _: [at(n) for n in lines],
        lambda _: (abstained, [at(n) for n in cited or []]),
    )[0]


# --- gains ----------------------------------------------------------------------------------------


def test_hit_counts_when_its_first_line_lies_in_the_span():
    assert gains([at(4), at(5), at(7), at(8)], spans((5, 7))) == [0, 1, 0, 0]
    assert gains([at(7)], spans((5, 7))) == [1]


def test_two_hits_in_one_span_count_once():
    # 5 and 6 lie in one span: only the first of them gains.
    assert gains([at(5), at(6), at(9)], spans((5, 7), (9, 9))) == [1, 0, 1]


def test_overlapping_spans_are_each_met_once():
    assert gains([at(6), at(6)], spans((5, 7), (6, 8))) == [1, 1]


def test_span_with_a_source_holds_only_that_file():
    span = GoldSpan("notes/中文.md", 1, 9)
    assert gains([at(3), at(3, "notes/中文.md")], [span]) == [0, 1]
    assert GoldSpan(None, 1, 9).holds(at(3, "notes/any.md"))


# --- metrics by hand ------------------------------------------------------------------------------


def test_ndcg_by_hand():
    # ranks 1 and 3 of 2 right ones: (1/log2 2 + 1/log2 4) / (1/log2 2 + 1/log2 3) = 1.5 / 1.6309
    assert ndcg([1, 0, 1], 2) == pytest.approx(1.5 / (1 + 1 / math.log2(3)))
    assert ndcg([1, 1], 2) == 1.0
    assert ndcg([], 2) == ndcg([0, 0], 2) == 0.0


def test_ndcg_looks_no_further_than_its_cutoff():
    assert ndcg([0] * CUTOFF + [1], 1) == 0.0
    assert ndcg([0] * (CUTOFF - 1) + [1], 1) == pytest.approx(1 / math.log2(CUTOFF + 1))
    assert ndcg([1] * CUTOFF, 25) == 1.0  # ten right ones are all that fit


def test_search_metrics_by_hand():
    # gold: 5–7, 9, 20. Found: 1 (no), 6 (first span), 5 (the same span again), 9 (second); 20 is
    # missing.
    result = outcome([1, 6, 5, 9], (5, 7), (9, 9), (20, 20))
    gained = 1 / math.log2(3) + 1 / math.log2(5)
    assert result.ndcg == pytest.approx(gained / (1 + 1 / math.log2(3) + 1 / math.log2(4)))
    assert result.recall == pytest.approx(2 / 3)
    assert result.reciprocal_rank == 1 / 2


def test_recall_stops_at_the_cutoff_and_mrr_does_not():
    result = outcome([*range(100, 110), 5], (5, 5))
    assert (result.recall, result.reciprocal_rank, result.ndcg) == (0.0, 1 / 11, 0.0)


def test_citation_metrics_by_hand():
    # cited 5, 6 (both in 5–7), 30 (in none): precision 2/3; of the spans 5–7 and 9 one is covered:
    # recall 1/2.
    result = outcome([5], (5, 7), (9, 9), cited=[5, 6, 30])
    assert (result.precision, result.citation_recall) == (pytest.approx(2 / 3), 1 / 2)


def test_nothing_found_and_nothing_cited_is_zero():
    result = outcome([], (5, 7), cited=[], abstained=True)
    values = (
        result.ndcg,
        result.recall,
        result.reciprocal_rank,
        result.precision,
        result.citation_recall,
    )
    assert values == (0, 0, 0, 0, 0) and result.abstained


def test_unanswerable_question_has_no_metrics_but_abstaining():
    question = EvalQuestion("n", "zh", "none", "今晚吃什么？", ())
    (result,) = evaluate([question], lambda _: [at(1)], lambda _: (True, []))
    assert (
        result.ndcg,
        result.recall,
        result.reciprocal_rank,
        result.precision,
        result.citation_recall,
    ) == (None,) * 5
    assert result.abstained


def test_mean_leaves_out_what_is_not_there():
    assert mean([1.0, None, 0.0]) == 0.5
    assert mean([None]) is None and mean([]) is None


def test_summary_by_hand():
    questions = [
        EvalQuestion("a", "en", "single", "a", spans((1, 1))),
        EvalQuestion("b", "zh", "list", "b", spans((2, 2))),
        EvalQuestion("c", "zh", "none", "c", ()),
        EvalQuestion("d", "en", "none", "d", ()),
    ]
    found = {"a": [at(1)], "b": [at(9), at(2)], "c": [], "d": []}
    said = {"a": (False, [at(1)]), "b": (True, []), "c": (True, []), "d": (False, [at(3)])}
    groups = summary(evaluate(questions, found.__getitem__, said.__getitem__))
    assert list(groups) == [
        "all",
        "en",
        "en none",
        "en single",
        "list",
        "none",
        "single",
        "zh",
        "zh list",
        "zh none",
    ]
    assert groups["all"]["questions"] == 4
    assert groups["all"]["mrr"] == (1 + 1 / 2) / 2
    assert groups["all"][f"ndcg@{CUTOFF}"] == pytest.approx((1 + 1 / math.log2(3)) / 2)
    assert groups["all"]["citation_precision"] == groups["all"]["citation_recall"] == (1 + 0) / 2
    assert (groups["all"]["abstained_answerable"], groups["all"]["abstained_unanswerable"]) == (
        1 / 2,
        1 / 2,
    )
    assert (groups["zh"]["abstained_answerable"], groups["zh"]["abstained_unanswerable"]) == (
        1.0,
        1.0,
    )
    assert groups["none"]["mrr"] is None and groups["single"]["abstained_unanswerable"] is None


# --- question files -------------------------------------------------------------------------------

GOOD = {
    "id": "q1",
    "lang": "zh",
    "kind": "list",
    "question": "有哪些 KV 方法？",
    "spans": [[1, 2], ["notes/甲.md", 3, 4]],
}
NONE = {"id": "q2", "lang": "en", "kind": "none", "question": "weather?", "spans": []}


def written(path: Path, *lines: object) -> Path:
    texts = [
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    ]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_questions_are_read(tmp_path: Path):
    first, second = read_questions(written(tmp_path / "问题.jsonl", GOOD, "", NONE))
    assert first == EvalQuestion(
        "q1",
        "zh",
        "list",
        "有哪些 KV 方法？",
        (GoldSpan(None, 1, 2), GoldSpan("notes/甲.md", 3, 4)),
    )
    assert (second.kind, second.spans) == ("none", ())


def test_only_line_feeds_end_a_question(tmp_path: Path):
    odd = {**GOOD, "question": "有哪些\u2028方法\x85？"}  # str.splitlines would cut here
    assert read_questions(written(tmp_path / "q.jsonl", odd))[0].text == odd["question"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "JSON is malformed"),
        ("[" * 100_000, "Expected `object`, got `array`"),
        ("[1, 2]", "Expected `object`, got `array`"),
        ("3", "Expected `object`, got `int`"),
        ({**GOOD, "spans": [[1]]}, "Expected `array` of length 3"),
        ({**GOOD, "spans": [["a", "b"]]}, "Expected `int`, got `str`"),
        ({**GOOD, "spans": 7}, "Expected `array`, got `int`"),
        (
            {key: value for key, value in GOOD.items() if key != "spans"},
            "missing required field `spans`",
        ),
        (
            {key: value for key, value in GOOD.items() if key != "lang"},
            "missing required field `lang`",
        ),
        ({**GOOD, "spans": []}, "kind 'list' with 0 spans"),
        ({**NONE, "spans": [[1, 2]]}, "kind 'none' with 1 spans"),
    ],
)
def test_wrong_line_is_named(tmp_path: Path, line: object, reason: str):
    path = written(tmp_path / "q.jsonl", GOOD, "", line)
    with pytest.raises(EvaluationError, match=r"q\.jsonl:3: ") as caught:
        read_questions(path)
    assert reason in str(caught.value)


def test_question_file_must_be_there_and_hold_questions(tmp_path: Path):
    with pytest.raises(EvaluationError, match=r"cannot read questions from .*gone\.jsonl"):
        read_questions(tmp_path / "gone.jsonl")
    with pytest.raises(EvaluationError, match="holds no question"):
        read_questions(written(tmp_path / "empty.jsonl", "", " "))
    (tmp_path / "gb.jsonl").write_bytes("有哪些".encode("gb18030"))
    with pytest.raises(EvaluationError, match="cannot read questions"):
        read_questions(tmp_path / "gb.jsonl")

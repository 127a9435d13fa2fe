"""Answers of several collections as one."""

from __future__ import annotations

from msgspec.structs import replace

from paperrag.answer.side_by_side import under_names
from paperrag.notes.tree import parse_note
from paperrag.records import Answer, Citation, Claim, Report, Usage


def written(text: str, sure: float, count: int) -> Answer:
    entry = parse_note("- 猫睡。\n", "a.md").entries[0]
    citations = tuple(Citation(n, entry, "猫睡。", True, (), 0.5) for n in range(1, count + 1))
    claim = Claim(0, len(text), (count,), 0.9, "supported")
    report = Report(1, 1, 0, 0, 0, 0, 0, 0)
    usage = Usage(100, 10, sure > 0.5, 5.0 * count, 50.0)
    return Answer(
        "猫？", "zh", "llm", "ollama:x", False, text, citations, (), sure, (claim,), report, usage
    )


def test_numbers_run_on_and_claims_point_at_the_joined_text():
    answers = {"a": written("猫睡。 [1][2]", 0.4, 2), "b": written("狗叫。 [1]", 0.6, 1)}
    answer = under_names(answers)
    assert answer.text == "a: 猫睡。 [1][2]\n\nb: 狗叫。 [3]"
    assert [one.n for one in answer.citations] == [1, 2, 3]
    assert [answer.text[one.start : one.end] for one in answer.claims] == [
        "猫睡。 [1][2]",
        "狗叫。 [3]",
    ]
    assert [one.citations for one in answer.claims] == [(2,), (3,)]


def test_counts_and_costs_are_summed():
    answer = under_names({"a": written("x [1]", 0.4, 1), "b": written("y [1]", 0.6, 1)})
    assert answer.report == Report(2, 2, 0, 0, 0, 0, 0, 0)
    assert answer.usage == Usage(200, 20, True, 5.0, 100.0)
    assert (answer.mode, answer.model, answer.confidence) == ("llm", "ollama:x", 0.6)


def test_answer_that_no_model_wrote_stands_beside_one_that_a_model_wrote():
    quoted = replace(
        written("z [1]", 0.9, 1), mode="extractive", model=None, claims=(), report=None, usage=None
    )
    answer = under_names({"a": replace(quoted, notice="too thin"), "b": written("y [1]", 0.6, 1)})
    assert (answer.mode, answer.notice, answer.confidence) == ("llm", "too thin", 0.9)
    assert answer.report == Report(1, 1, 0, 0, 0, 0, 0, 0)

"""What of an entry answers: a number with its unit, a name, a reason, the steps of a procedure."""

from __future__ import annotations

import pytest

from paperrag.answer.fitting import (
    HAS_NUMBER,
    HAS_UNIT,
    fit,
    gives_name,
    is_question,
)
from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder
from paperrag.question.answer_type import wanted_of
from small_corpus import make_assistant

NOTE = """---
title: "TideFold: Folding Proteins with Tides"
---

## Method

- Residues are poured along the tide.
- This step is referred to as TideCast.
- Why would a tide help at all?

## Repacking

- To repack side chains, first all side chains are removed.
- Then the side chains are repacked by the tide.
- Last, side chains that clash are repacked from a library.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, static_encoder: Encoder) -> Assistant:
    return make_assistant(
        tmp_path_factory.mktemp("types"), {"notes/tidefold.md": NOTE}, static_encoder
    )


@pytest.mark.parametrize(
    ("question", "sentence", "gain"),
    [
        ("TideFold 快多少倍？", "TideFold 比以前快 3 倍", HAS_UNIT),
        ("TideFold 快多少倍？", "TideFold 用了 16 层", HAS_NUMBER),
        ("how much faster is TideFold?", "it is 4.1 times faster", HAS_UNIT),
        ("what percentage of loops fails?", "loops fail in 7% of all cases", HAS_UNIT),
        ("TideFold 需要多少显存？", "TideFold 的显存很省，而 4-bit SandFold 要 4.7GB", 0.0),
        ("how much memory does TideFold take?", "it is small, while SandFold takes 9 GB", 0.0),
        (
            "how much memory does TideFold take?",
            "SandFold is big, but TideFold takes 2 GB",
            HAS_NUMBER,
        ),
    ],
)
def test_a_number_counts_with_its_unit_and_if_it_is_no_baseline(
    question: str, sentence: str, gain: float
) -> None:
    assert fit(sentence, wanted_of(question, "number")) == gain


def test_a_name_is_given_where_the_question_does_not_say_it() -> None:
    wanted = wanted_of("TideFold 里把残基倒进去的步骤叫什么？", "other")
    assert wanted.answer_type == "name"
    assert gives_name("This step is called TideCast.", wanted)
    assert gives_name("这一步称为 TideCast", wanted)
    assert not gives_name("The method is called TideFold.", wanted)
    assert wanted_of("which paper is about tides?", "name", for_works=True).answer_type == "other"


@pytest.mark.parametrize("sentence", ["Why would a tide help?", "潮汐有用吗？ "])
def test_questions_are_told(sentence: str) -> None:
    assert is_question(sentence) and not is_question(sentence.rstrip("?？ ") + ".")


def test_a_name_that_stands_beside_the_best_entry_is_cited(assistant: Assistant) -> None:
    answer, _ = assistant.ask("What is the pouring of residues along the tide called?")
    assert "TideCast" in answer.text


def test_the_steps_of_a_procedure_stand_in_their_order(assistant: Assistant) -> None:
    answer, _ = assistant.ask("How is repacking of side chains done?")
    head, *steps = answer.text.splitlines()
    assert head == "Your notes on TideFold: Folding Proteins with Tides (Repacking) say:"
    assert [step[-3:] for step in steps] == ["[1]", "[2]", "[3]"]
    assert steps[0].startswith("- To repack") and steps[2].startswith("- Last")


def test_a_question_of_the_note_answers_nothing(assistant: Assistant) -> None:
    answer, _ = assistant.ask("why would a tide help TideFold at all?")
    assert "at all?" not in answer.text.split("say:")[-1]

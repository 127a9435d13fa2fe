from __future__ import annotations

from pathlib import Path

import pytest

from fakes import EveryWord
from paperrag.answer.strings import UNANSWERED
from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder
from paperrag.question.parts import leads_of, parts_of
from paperrag.question.read import read_question
from small_corpus import make_assistant

NOTE = """---
title: "TideFold: Folding Proteins with Tides"
venue: ICML 2023
---

## Method

- TideFold predicts protein structures from tidal waves of residues.
- Negative pairs are made by reversing the chain of residues.

## Training

- The tidal model is trained for nine days on forty thousand chains.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, static_encoder: Encoder) -> Assistant:
    return make_assistant(
        tmp_path_factory.mktemp("parts"), {"notes/tidefold.md": NOTE}, static_encoder
    )


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What is TideFold trained on, and how are negative pairs made?",
            ("What is TideFold trained on", "how are negative pairs made"),
        ),
        (
            "TideFold 训练了多久？负样本是怎么构造的？",
            ("TideFold 训练了多久", "负样本是怎么构造的"),
        ),
        (
            "Who wrote TideFold and when was it published",
            ("Who wrote TideFold", "when was it published"),
        ),
    ],
)
def test_a_question_of_several_parts_is_taken_apart(question: str, parts: tuple[str, ...]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "Why does it fail, and why?",
        "只有几张图的时候怎么训练，有哪些方法",
        "哪些工作把特征搬进点云、体素，从而能用语言查询？",
        "what is the difference between TideFold and SandFold?",
        "how fast is it, and by how much?",
        "fast and cheap folding",
    ],
)
def test_what_needs_the_words_before_it_is_no_part(question: str) -> None:
    assert parts_of(question) == ()


def test_a_part_without_a_name_is_read_as_asked_of_what_the_first_names() -> None:
    first, second = read_question(
        "What is TideFold trained on, and how are negative pairs made?", EveryWord()
    ).parts
    assert (first.question.names, first.is_of_head) == (("TideFold",), False)
    assert (second.said, second.is_of_head) == ("how are negative pairs made", True)
    assert second.question.raw == "TideFold: how are negative pairs made"


@pytest.mark.parametrize(
    ("question", "leads"),
    [
        ("the one that folds, with tides: how fast?", ["the one that folds", "with tides"]),
        ("how fast is it, the one that folds", []),
        ("折叠蛋白质的那篇，训练了多久", ["折叠蛋白质的那篇"]),
        ("预测长链会不会断的那篇，练多久？", ["预测长链会不会断的那篇"]),
        ("长链会不会断，练多久？", []),
        ("There is one that folds at night. How fast?", ["There is one that folds at night"]),
    ],
)
def test_clauses_before_what_is_asked_lead_in(question: str, leads: list[str]) -> None:
    found = leads_of(question)
    assert [clause for clause, _ in found] == leads
    assert all(question.endswith(rest) for _, rest in found)


def test_both_parts_are_answered_from_the_work_that_is_named(assistant: Assistant) -> None:
    answer, _ = assistant.ask("How long is TideFold trained, and how are its negative pairs made?")
    assert "nine days" in answer.text and "reversing the chain" in answer.text
    assert [citation.n for citation in answer.citations] == [1, 2]
    assert answer.question.startswith("How long")


def test_a_list_is_asked_for_in_all_parts_that_name_no_work(
    tmp_path: Path, static_encoder: Encoder
) -> None:
    notes = {"notes/tidefold.md": NOTE, "notes/ebb.md": NOTE.replace("TideFold", "EbbFold")}
    many = make_assistant(tmp_path, notes, static_encoder)
    answer, _ = many.ask("How are protein structures predicted? Which papers fold proteins?")
    assert {citation.entry.source for citation in answer.citations} == set(notes)


def test_the_year_is_a_part_like_any_other(assistant: Assistant) -> None:
    answer, _ = assistant.ask("TideFold 训练了多少天？是哪一年发表的？")
    assert "nine days" in answer.text and "ICML 2023" in answer.text


def test_a_part_without_an_answer_is_named(assistant: Assistant) -> None:
    answer, _ = assistant.ask(
        "How long is the tidal model trained, and which espresso machine is best?"
    )
    assert "nine days" in answer.text
    part = "which espresso machine is best"
    assert answer.text.endswith(UNANSWERED["en"].format(question=part))

"""Questions about one work by its name: details, dates, numbers; over made-up notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from paperrag.answer.fitting import HAS_NUMBER, fit
from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder
from paperrag.notes.naming import stands_for
from paperrag.question.answer_type import wanted_of
from paperrag.records import Answer
from small_corpus import make_assistant

LANTERN = """---
title: "Slow Lantern Parameter Tuning for Drifting Data"
venue: ICML 2020
authors: [Ida Berg, 王灯]
---

## Introduction

- Standard networks forget what they saw when the data drift.
- The paper proposes Slow Lantern Parameter Tuning (SLaPT), which keeps a lantern memory beside the network.

## Architecture

- The memory has a fixed size; when it is full, the oldest examples are dropped.
- SLaPT was trained on 62 thousand examples of 25 tasks.

## Testing

- At test time the output layer is adapted on the nearest examples of the memory.
"""

BUILDS = """---
title: "Searching for Dead Builds at Test Time"
---

## Introduction

- What a build does at test time is measured by the paper; dead builds do nothing at test time.
- Tests of dead builds are found by a query.
"""


@pytest.fixture
def assistant(tmp_path: Path, bundled_encoder: Encoder) -> Assistant:
    notes = {"notes/lantern.md": LANTERN, "notes/builds.md": BUILDS}
    return make_assistant(tmp_path, notes, bundled_encoder)


def ask(assistant: Assistant, question: str) -> Answer:
    return assistant.ask(question)[0]


def test_detail_is_looked_for_in_the_work_that_is_named(assistant: Assistant):
    answer = ask(assistant, "What does SLaPT do at test time?")
    assert [one.quote for one in answer.citations][:1] == [
        "At test time the output layer is adapted on the nearest examples of the memory."
    ]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Where was SLaPT published?", "It is marked ICML 2020. [1]"),
        ("Who wrote SLaPT?", "It is by Ida Berg, 王灯. [1]"),
        ("SLaPT 的作者是谁？", "作者：Ida Berg, 王灯。 [1]"),
    ],
)
def test_where_and_by_whom_is_told_by_the_fields_of_the_work(
    assistant: Assistant, question: str, said: str
):
    answer = ask(assistant, question)
    assert said in answer.text.splitlines()
    assert answer.citations[0].quote_verified


@pytest.mark.parametrize(
    ("short", "text", "is_made_of_it"),
    [
        ("MbPA", "Memory-based Parameter Adaptation", True),
        ("SOP", "a sentence order prediction task", True),
        ("MoE", "Mixture of Experts", True),
        ("SOP", "some other things", False),
        ("of", "order first", False),
    ],
)
def test_initials_of_words(short: str, text: str, is_made_of_it: bool):
    assert stands_for(short, text) is is_made_of_it


def test_a_number_fits_where_one_is_counted():
    wanted = wanted_of("用了多少个身份？", "other")
    assert fit("一共 62 万个身份", wanted) == fit("相似度 0.71", wanted) == HAS_NUMBER
    assert fit("没有数字", wanted) == 0.0


def test_a_question_of_the_note_answers_nothing():
    assert fit("why does it work?", wanted_of("how", "other")) < 0


def test_picture_and_bare_link_are_never_quoted(tmp_path: Path, bundled_encoder: Encoder):
    note = """# Lantern Gate: a Switch for Slow Layers

- ![Plot of the drawbacks of Lantern Gate](plot.png)
- [Drawbacks of Lantern Gate](https://example.org/drawbacks)
- It is slow on wide layers, a drawback of the gate.
"""
    assistant = make_assistant(tmp_path, note, bundled_encoder)
    answer = ask(assistant, "What is a drawback of Lantern Gate?")
    assert answer.citations[0].quote == "It is slow on wide layers, a drawback of the gate."


TIDE = """---
title: "TideNet: Depth without Labels"
year: 2023
---

## Limitations

- TideNet fails on water.
- TideNet needs a lidar of its own.

## Method

- a student copies the depth of its teacher
"""


@pytest.mark.parametrize(
    ("question", "head"),
    [
        (
            "What are the limitations of TideNet?",
            "Your notes have 2 entries on this, under TideNet: Depth without Labels:",
        ),
        ("TideNet 有哪些局限？", "你的笔记里有 2 条相关记录（TideNet: Depth without Labels）："),
    ],
)
def test_list_of_what_one_work_says_is_looked_for_in_that_work(
    tmp_path: Path, bundled_encoder: Encoder, question: str, head: str
):
    others = {
        f"notes/{name}.md": TIDE.replace("TideNet: Depth", f"{name}: Pose").replace("TideNet", name)
        for name in ("ReefNet", "SandNet", "LoamNet")
    }
    assistant = make_assistant(tmp_path, {"notes/tide.md": TIDE, **others}, bundled_encoder)
    assert ask(assistant, question).text.split("\n") == [
        head,
        "- TideNet fails on water. [1]",
        "- TideNet needs a lidar of its own. [2]",
    ]

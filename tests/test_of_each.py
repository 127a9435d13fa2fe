"""Questions that are asked of several works, or for what one says, with a judge that a reader can
follow: an entry answers where it says a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from paperrag.answer.inside import judged_inside, only_answering
from paperrag.answer.of_each import answer_of_each
from paperrag.answer.quotes import Quotes
from paperrag.answer.selection import Selection
from paperrag.assistant import Assistant
from paperrag.conversation.history import exchange
from paperrag.encoders.contract import Encoder
from small_corpus import make_assistant

HERON = """---
title: "Grey Heron: Waiting Layers for Marshes"
year: 2021
---

- Grey Heron proposes waiting layers for marsh models.
- It is trained on the ReedSet dataset.
- It is slow on dry land.
- It fails at night.
"""
KELP = """---
title: "Kelp Gate: Waiting Layers under Water"
year: 2022
---

- Kelp Gate proposes waiting layers for models under water.
- It needs no labels.
"""


class SaysWord:
    """Judges that a text answers where it says a word."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def logits(self, question: str, texts: Sequence[str]) -> list[float]:
        return [2.0 if any(word in text for word in self.words) else -2.0 for text in texts]


@pytest.fixture
def notes(tmp_path: Path, bundled_encoder: Encoder) -> Assistant:
    files = {"notes/heron.md": HERON, "notes/kelp.md": KELP}
    return make_assistant(tmp_path, files, bundled_encoder)


@pytest.mark.parametrize(
    ("question", "head", "silent"),
    [
        (
            "what datasets did they use?",
            "Your notes have one entry on this:",
            "Nothing on this in: Kelp Gate: Waiting Layers under Water (2022).",
        ),
        (
            "用了哪些数据集？",
            "你的笔记里有 1 条相关记录：",
            "以下论文的笔记没有写到：Kelp Gate: Waiting Layers under Water (2022)。",
        ),
    ],
)
def test_question_after_several_works_is_asked_of_each(
    notes: Assistant, question: str, head: str, silent: str
):
    notes._judge = SaysWord("dataset")
    first, _ = notes.ask("which papers propose waiting layers?")
    assert len(first.citations) == 2
    answer, _ = notes.ask(question, history=[exchange(first)])
    assert answer.text.splitlines() == [
        head,
        "- Grey Heron: Waiting Layers for Marshes (2021) — It is trained on the ReedSet dataset. [1]",
        silent,
    ]
    assert answer.citations[0].quote_verified


def test_where_no_work_answers_nothing_is_told(notes: Assistant, bundled_encoder: Encoder):
    retriever = notes.retriever()
    question = retriever.read("which licence do they have?")
    found = retriever.find(question)
    units = sorted(set(found.entries.units.tolist()))
    quotes = Quotes(bundled_encoder, lambda entry, quote: True, SaysWord("licence"))
    assert answer_of_each(question, units, found, quotes) is None


def test_list_of_what_a_work_says_holds_what_answers(notes: Assistant):
    notes._judge = SaysWord("slow", "night")
    answer, _ = notes.ask("list the limitations of Grey Heron")
    assert [one.quote for one in answer.citations] == [
        "It is slow on dry land.",
        "It fails at night.",
    ]


def test_first_entries_of_a_work_are_judged(notes: Assistant):
    retriever = notes.retriever()
    question = retriever.read("list the limitations of Grey Heron")
    found = judged_inside(question, retriever.find(question), SaysWord("slow"))
    assert sorted(found.judged.values())[-2:] == [-2.0, 2.0]


def test_topic_keeps_entries_that_were_not_judged(notes: Assistant):
    retriever = notes.retriever()
    question = retriever.read("waiting layers")
    found = replace(retriever.find(question), judged={0: 2.0})
    selection = Selection((0, 1, 2), is_inside=True)
    assert question.want == "topic"
    assert only_answering(selection, question, found) == selection
    asked = retriever.read("list the limits of waiting layers")
    assert only_answering(selection, asked, found).positions == (0,)

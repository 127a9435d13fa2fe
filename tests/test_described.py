"""Questions that say what a work does instead of naming it, over made-up notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from paperrag.config import Settings
from paperrag.conversation.answering import Answering
from paperrag.encoders.contract import Encoder
from small_corpus import make_retriever
from test_judging import Preferring

SWAP = """# Lantern Swap

Venue: ICML 2021

One participant scales its own update and replaces the shared model at once.

- the main task loses no accuracy
- one percent of the participants is enough
- noise on updates hides it
"""

OTHER = """# Tide Gate

Venue: ICML 2020

A gate opens with the tide and lets the fish pass.

- ninety percent of the fish pass
"""

NOTES = {"notes/swap.md": SWAP, "notes/tide.md": OTHER}
DESCRIPTION = "the paper where a participant scales its update and replaces the shared model"


def lines(folder: Path, encoder: Encoder, question: str, judge: Preferring) -> list[int]:
    """The lines that are cited."""
    retriever = make_retriever(folder, NOTES, encoder)
    turn = Answering(Settings(abstain_below=0.0), retriever, lambda *_: True, judge=judge)
    (answer,) = turn.steps(question, ())
    return [one.entry.line_start for one in answer.citations]


@pytest.mark.parametrize("joint", [": ", ", ", " — ", " - "])
def test_what_is_asked_is_looked_for_behind_a_description(
    tmp_path: Path, bundled_encoder: Encoder, joint: str
):
    judge, asked = Preferring("enough"), "what share of participants does it take?"
    assert lines(tmp_path, bundled_encoder, DESCRIPTION + joint + asked, judge) == [8]
    assert asked in [question for question, _ in judge.asked]


def test_in_chinese_too(tmp_path: Path, bundled_encoder: Encoder):
    question = "参与者放大自己的更新、替换共享模型的那篇，需要多大比例的参与者？"
    judge = Preferring("enough")
    assert lines(tmp_path, bundled_encoder, question, judge) == [8]
    assert "需要多大比例的参与者?" in [asked for asked, _ in judge.asked]


def test_where_nothing_answers_what_is_left_the_whole_question_is_asked(
    tmp_path: Path, bundled_encoder: Encoder
):
    judge = Preferring("nothing that the notes say")
    assert lines(tmp_path, bundled_encoder, f"{DESCRIPTION}: who wins?", judge) == [1]


@pytest.mark.parametrize(
    "question",
    [
        "what replaces the shared model, and what share of participants does it take?",
        "with noise on what a server sees: what share of participants does it take?",
        "one participant replaces the shared model",
        "which papers replace the shared model: those of participants, or others?",
    ],
)
def test_clause_that_asks_or_that_the_note_does_not_say_first_describes_nothing(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    retriever = make_retriever(tmp_path, NOTES, bundled_encoder)
    read = retriever.read(question)
    found = retriever.find(read)
    unit = found.unit(found.entry_row(0))
    assert retriever.descriptions.inside(read, unit) is None


def test_names_of_the_description_are_not_asked_for(tmp_path: Path, bundled_encoder: Encoder):
    retriever = make_retriever(tmp_path, NOTES, bundled_encoder)
    read = retriever.read(
        "Lantern Swap of Acme: what share of participants does it take on CelebA?"
    )
    unit = retriever.data.entries.units[0]
    inside = retriever.descriptions.inside(read, int(unit))
    assert inside is not None
    assert inside.question.names == ("CelebA",)
    assert inside.question.raw == "what share of participants does it take on CelebA?"

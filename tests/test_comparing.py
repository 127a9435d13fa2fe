"""Two things that are compared, over one note a paper and over bullets."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes import NgramEncoder
from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder
from small_corpus import make_assistant, make_retriever

PAPER = """---
title: "{name}: {title}"
year: {year}
---

## Summary

{statement}

## Training

- {training}

## {own}

- {detail}
"""
NOTES = {
    "notes/tidefold.md": PAPER.format(
        name="TideFold",
        title="Folding Proteins with Tides",
        year=2023,
        statement="TideFold predicts protein structures from tidal waves of residues.",
        training="The tidal model is trained for nine days on forty thousand chains.",
        own="Limits",
        detail="Long loops are folded badly.",
    ),
    "notes/sandfold.md": PAPER.format(
        name="SandFold",
        title="Folding Proteins like Sand",
        year=2024,
        statement="SandFold predicts protein structures by pouring residues into a mould.",
        training="The mould is trained in two days, five times faster than the tidal model.",
        own="Ablation",
        detail="Compared to TideFold, SandFold folds long loops well; MudFold does not.",
    ),
}
BULLETS = {
    "notes/reading.md": "# Reading\n\n## Serving\n\n- Hedged request\n"
    "  - a second copy is sent when the first is late\n"
    "- Tied request\n  - both copies know each other and the loser is dropped\n"
}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory, static_encoder: Encoder) -> Assistant:
    return make_assistant(tmp_path_factory.mktemp("papers"), NOTES, static_encoder)


@pytest.mark.parametrize(
    ("question", "head"),
    [
        ("Compare TideFold and SandFold", "What your notes say of both:"),
        ("TideFold 和 SandFold 有什么区别？", "你的笔记对两者的记录："),
    ],
)
def test_sides_stand_in_a_table_behind_the_entry_that_names_both(
    papers: Assistant, question: str, head: str
) -> None:
    answer, _ = papers.ask(question)
    lines = answer.text.splitlines()
    assert lines[0] == head
    assert "Compared to TideFold, SandFold folds long loops well" in lines[1]
    assert lines[2:4] == ["|  | TideFold | SandFold |", "| --- | --- | --- |"]
    assert "tidal waves" in lines[4] and "into a mould" in lines[4]
    assert lines[5].startswith("| Training | The tidal model is trained for nine days")
    assert len(lines) == 6  # "Limits" and "Ablation" have nothing beside them
    assert [citation.n for citation in answer.citations] == [1, 2, 3, 4, 5]
    assert all(citation.quote_verified for citation in answer.citations)


def test_a_thing_that_is_only_mentioned_is_said_to_be(papers: Assistant) -> None:
    answer, _ = papers.ask("difference between TideFold and MudFold")
    sides = answer.text.splitlines()[1:]
    assert not any(line.startswith("|") for line in sides)
    mentioned = next(line for line in sides if "MudFold" in line)
    assert "SandFold" in mentioned


def test_bullets_are_compared_by_what_stands_below_them(
    tmp_path: Path, static_encoder: Encoder
) -> None:
    assistant = make_assistant(tmp_path, BULLETS, static_encoder)
    answer, _ = assistant.ask("hedged requests versus tied requests")
    assert answer.text.splitlines()[1:] == [
        "- Hedged request — a second copy is sent when the first is late [1]",
        "- Tied request — both copies know each other and the loser is dropped [2]",
    ]


def test_headings_of_one_paper_are_compared_by_what_stands_under_them(
    tmp_path: Path, static_encoder: Encoder
) -> None:
    note = "---\ntitle: The Tail\n---\n\n## Hedged request\n\n- A second copy is sent.\n\n"
    note += "## Tied request\n\n- Both copies know each other.\n"
    assistant = make_assistant(tmp_path, {"notes/tail.md": note}, static_encoder)
    answer, _ = assistant.ask("hedged requests versus tied requests")
    assert answer.text.splitlines()[1:] == [
        "- hedged requests: The Tail — A second copy is sent. [1]",
        "- tied requests: The Tail — Both copies know each other. [2]",
    ]


COMPARED = {
    "notes/a.md": "# TideFold\n\n[TideFold](https://arxiv.org/abs/2401.00001)\n\nIt is held against SandFold.\n",
    "notes/b.md": "# SandFold\n\n[SandFold](https://arxiv.org/abs/2401.00002)\n\nIt pours residues.\n",
    "notes/c.md": "# Survey\n\n[Survey](https://arxiv.org/abs/2401.00003)\n\nTideFold and SandFold are old.\n",
}


def test_entry_that_names_both_leads_where_it_is_of_one_of_them(tmp_path: Path) -> None:
    retriever = make_retriever(tmp_path, COMPARED, NgramEncoder())
    both, *_ = retriever.sides.of(("TideFold", "SandFold"))
    assert {retriever.data.entries.source(row) for row in both.rows} == {"notes/a.md"}


def test_entry_that_names_both_is_found_by_what_one_of_several_is_called(tmp_path: Path) -> None:
    notes = (
        "- Hedged request\n  - a hedged request costs more than a tied request\n- Tied request\n"
    )
    retriever = make_retriever(tmp_path, notes, NgramEncoder())
    both, *_ = retriever.sides.of(("hedged requests", "tied requests"))
    assert [retriever.data.entries.title(row) for row in both.rows] == [
        "a hedged request costs more than a tied request"
    ]


def test_side_of_which_every_entry_names_the_other_keeps_them(tmp_path: Path) -> None:
    notes = "- TideFold beats SandFold on loops\n- SandFold pours residues\n"
    retriever = make_retriever(tmp_path, notes, NgramEncoder())
    _, tide, sand = retriever.sides.of(("TideFold", "SandFold"))
    titles = retriever.data.entries.titles()
    assert [titles[row] for row in tide.rows] == ["TideFold beats SandFold on loops"]
    assert [titles[row] for row in sand.rows] == ["SandFold pours residues"]


def test_a_name_that_the_notes_do_not_hold_is_not_compared(papers: Assistant) -> None:
    answer, _ = papers.ask("Compare TideFold and FrostFold")
    assert "What your notes say of both" not in answer.text


def test_references_of_both_are_no_aspect(tmp_path: Path, static_encoder: Encoder) -> None:
    behind = "\n## References\n\n[1] [A talk on {name} and how it folds proteins](https://example.org/{name}) by its author\n"
    notes = {
        source: text.replace("## Training", "## How").replace("- The", "- the", 1)
        + behind.format(name=source)
        for source, text in NOTES.items()
    }
    answer, _ = make_assistant(tmp_path, notes, static_encoder).ask("Compare TideFold and SandFold")
    assert "References" not in answer.text

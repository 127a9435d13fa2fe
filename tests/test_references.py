"""Lists of references at the end of a note belong to the text that points at them."""

from __future__ import annotations

from pathlib import Path

import pytest

from paperrag import Assistant
from paperrag.notes.references import find_references
from paperrag.notes.tree import parse_note
from paperrag.text.language import sentence_spans

BODY = "# Crops\n\n- Rye slows weeds by 64% [2].\n- Clover fixes nitrogen [1, 3].\n"
LIST = (
    "\n[1] Ada Tern. Clover. 2015.\n[2] Bo Ibis. Rye and weeds. 2017.\n[3] Cy Wren. Soil. 2019.\n"
)
NUMBERED = "\n## References\n\n1. Ada Tern. Clover. 2015.\n2. Bo Ibis. Rye and weeds. 2017.\n"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (BODY + LIST, [1, 2, 3]),
        (BODY + NUMBERED, [1, 2]),
        (BODY.replace("[2]", "<sup>2</sup>") + NUMBERED, [1, 2]),
        ("甲[1-2]。\n\n【参考文献】\n[1] 柏灵. 土. 2016.\n\n[2] 秦越. 水. 2018.\n", [1, 2]),
        (BODY + LIST.replace("weeds.", "weeds,\n    a longer title."), [1, 2, 3]),
        (BODY + LIST.replace("] ", "]: "), [1, 2, 3]),
        ("Nothing points there.\n" + LIST, []),
        ("- Rye [1]\n" + NUMBERED.replace("References", "Papers I read"), []),
        (BODY + LIST + "\nMore of my own.\n\n- and more\n", []),
        ("[1] Tern\n- slow\n\n[2] Ibis\n- extends [1]\n", []),
    ],
)
def test_references_are_told_by_what_points_at_them(text: str, numbers: list[int]) -> None:
    assert list(find_references(text.split("\n")).values()) == numbers


def test_a_reference_stands_below_the_entry_that_uses_it() -> None:
    entries = parse_note(BODY + LIST, "notes/crops.md").entries
    rye, _, *references = entries
    of_rye = next(entry for entry in references if "Ibis" in entry.text)
    assert of_rye.parent_id == rye.id
    assert {entry.part for entry in references} == {"pointer"}
    assert not any("2015" in entry.work.name for entry in entries if entry.work)


def test_a_reference_dates_no_note() -> None:
    text = f"# Crops\n\nRye slows weeds by 64% [2], as I saw for myself last year.\n{LIST}"
    works = [entry.work for entry in parse_note(text, "notes/crops.md").entries]
    assert {(work.name, work.year) for work in works if work} == {("Crops", None)}


def test_the_mark_behind_a_stop_belongs_to_its_sentence() -> None:
    text = "Rye is slow.[2] Clover is not![^a] 慢。[3] 快。"
    said = [text[start:end] for start, end in sentence_spans(text)]
    assert said == ["Rye is slow.[2]", "Clover is not![^a]", "慢。[3]", "快。"]


def test_an_answer_names_the_paper_that_its_sentence_points_at(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "crops.md").write_text(BODY + LIST)
    assistant = Assistant.open(corpus=str(tmp_path), index=str(tmp_path / "index"))
    answer, _ = assistant.ask("Which paper says that rye slows weeds?")
    assert "The note refers to:\n- Bo Ibis. Rye and weeds. 2017. [2]" in answer.text
    answer, _ = assistant.ask("By how much does rye slow weeds?")
    assert "64%" in answer.text
    assert "Ibis" not in answer.text

"""A saved answer is held against the notes as they are now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paperrag.assistant import Assistant
from paperrag.cli import main
from paperrag.output.as_json import ask_json
from paperrag.proof.saved import answer_of

PETS = """# Pets

## Dogs

- [Collie dogs](https://arxiv.org/abs/2401.00001)
  > herd sheep on the hills
- Poodles: curly fur
"""


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    (notes / "pets.md").write_text(PETS, encoding="utf-8")
    answer, took_ms = Assistant.open(tmp_path / "corpus", tmp_path / "index").ask(
        "What do Collie dogs herd?"
    )
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(ask_json(answer, took_ms)), encoding="utf-8")
    return path


def verify(saved: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict]:  # type: ignore[type-arg]
    folder = saved.parent
    code = main(
        [
            "verify",
            str(saved),
            "--json",
            "--corpus",
            str(folder / "corpus"),
            "--index",
            str(folder / "index"),
        ]
    )
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_answer_holds_while_the_notes_say_so(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = verify(saved, capsys)
    assert code == 0
    assert found["holds"]
    assert {one["status"] for one in found["citations"]} == {"verified"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("herd sheep on the hills", "guard the house", "changed"),
        (
            "- [Collie dogs](https://arxiv.org/abs/2401.00001)\n  > herd sheep on the hills",
            "- Lions: manes",
            "gone",
        ),
        ("## Dogs", "## Canines", "moved"),
    ],
)
def test_change_of_the_notes_is_found(
    saved: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, status: str
) -> None:
    (saved.parent / "corpus" / "notes" / "pets.md").write_text(
        PETS.replace(old, new), encoding="utf-8"
    )
    code, found = verify(saved, capsys)
    assert found["citations"][0]["status"] == status
    assert (code, found["holds"]) == ((0, True) if status == "moved" else (1, False))


@pytest.mark.slow
def test_sentence_that_was_tampered_with_is_found(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads(saved.read_text(encoding="utf-8"))
    record["answer"] = (
        "Collie dogs herd sheep on the hills [1]. They run at 90 km/h, says ZoomNet [1]. ⚠"
    )
    saved.write_text(json.dumps(record), encoding="utf-8")
    code, found = verify(saved, capsys)
    assert code == 1
    assert [one["supported"] for one in found["claims"]] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"question": "a"}',
        '{"question": 1, "answer": "", "abstained": false, "citations": []}',
    ],
)
def test_file_that_is_no_answer_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    assert main(["verify", str(path)]) == 1
    assert "broken.json" in capsys.readouterr().err


TIDES = """---
title: Tide Caching for Long Streams
tags: ['ICML 2023', caching]
---
### Problem

* Streams outgrow the memory of a cache, so the authors propose to cache by tides.

### Result

* Caching by tides keeps 98% of hits.
* [Link to the paper](https://arxiv.org/abs/2301.00001)
"""
DUNES = """---
title: Dune Caching for Slow Disks, a Study of What Caching by Dunes Costs, by Whom It Is Paid and Why It Is Forgotten by Practice
tags: ['2021', caching]
---
### Problem

* Disks are slow, so the authors propose to cache by dunes.
* [Link to the paper](https://arxiv.org/abs/2101.00001)
"""


@pytest.fixture
def vault(tmp_path: Path) -> Assistant:
    for name, text in (("tides.md", TIDES), ("dunes.md", DUNES)):
        (tmp_path / "corpus").mkdir(exist_ok=True)
        (tmp_path / "corpus" / name).write_text(text, encoding="utf-8")
    return Assistant.open(tmp_path / "corpus", tmp_path / "index")


@pytest.mark.slow
def test_answer_that_was_just_given_is_borne_out(vault: Assistant):
    """Also the venue and year that it says of a paper, and names that it shortened."""
    answer, took_ms = vault.ask("which papers are about caching?")
    assert all(said in answer.text for said in ("(ICML 2023)", "… (2021)"))
    found = vault.verify(answer_of(ask_json(answer, took_ms), "answer"))
    assert [claim.why for claim in found.claims] == ["", ""] and found.holds
    changed = ask_json(answer, took_ms)
    changed["answer"] = changed["answer"].replace("(2021)", "(2017)")
    assert not vault.verify(answer_of(changed, "answer")).holds


@pytest.mark.slow
def test_remark_on_a_paper_is_cited_with_the_link_to_the_paper(vault: Assistant):
    answer, _ = vault.ask("what does caching by tides keep?")
    [citation] = answer.citations
    assert "98%" in citation.quote
    assert [link.url for link in citation.links] == ["https://arxiv.org/abs/2301.00001"]

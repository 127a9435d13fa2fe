"""A saved answer is held against the notes as they are now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paperrag.assistant import Assistant
from paperrag.cli import main
from paperrag.output.as_json import ask_json

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

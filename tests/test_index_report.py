from __future__ import annotations

from pathlib import Path

import pytest

from app_corpus import open_pets
from paperrag.assistant import Assistant
from paperrag.errors import BuildCancelled
from paperrag.index.reporting import FileChange
from paperrag.output.as_json import report_json


def _note(assistant: Assistant, name: str, text: str) -> None:
    (assistant.settings.corpus / "notes" / name).write_text(text, encoding="utf-8")


def test_report_counts_by_file(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    _note(assistant, "a.md", "- one\n- two\n- three\n")
    assert assistant.build().by_file[0] == FileChange(
        "notes/a.md", added=3, changed=0, moved=0, removed=0
    )
    _note(assistant, "a.md", "- one\n- two\n  more of it\n")
    _note(assistant, "b.md", "- three\n- four\n")
    report = assistant.build()
    assert report.by_file == (
        FileChange("notes/a.md", added=0, changed=1, moved=0, removed=0),
        FileChange("notes/b.md", added=1, changed=0, moved=1, removed=0),
    )
    assert (report.added, report.changed, report.moved, report.removed) == (1, 1, 1, 0)
    assert report_json(report, 1.0)["by_file"][1] == {
        "source": "notes/b.md",
        "added": 1,
        "changed": 0,
        "moved": 1,
        "removed": 0,
    }


def test_cancelled_build_leaves_the_old_index_whole(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    before = assistant.build()
    manifest = (tmp_path / "index" / "catalogue.sqlite").read_bytes()
    _note(assistant, "new.md", "- something new about cats\n")

    def cancel(what: str, done: int, total: int) -> None:
        raise BuildCancelled("cancelled")

    with pytest.raises(BuildCancelled):
        assistant.build(rebuild=True, progress=cancel)
    assert (tmp_path / "index" / "catalogue.sqlite").read_bytes() == manifest
    assert before.files_total == 1
    assert assistant.build().added == 1  # the lock is free again


def test_progress_counts_files_that_are_embedded(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    for number in range(3):
        _note(assistant, f"n{number}.md", f"- note {number}\n")
    seen: list[tuple[int, int]] = []
    assistant.build(progress=lambda what, done, total: seen.append((done, total)))
    assert list(dict.fromkeys(seen)) == [(0, 4), (4, 4)]  # one batch, embedded at once

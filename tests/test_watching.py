"""An index that follows its notes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from fakes import NgramEncoder
from paperrag.assistant import Assistant
from paperrag.commands.watching import follow, may_matter
from paperrag.index.reporting import IndexReport
from small_corpus import make_assistant
from workbench import environment

WAIT_S = 30


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    return make_assistant(tmp_path, {"notes/a.md": "- 甲 alpha\n"}, NgramEncoder(32))


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_what_is_written_while_it_watches_is_taken_in(assistant: Assistant) -> None:
    reports: list[IndexReport] = []
    stop = Event()
    thread = Thread(target=follow, args=(assistant, lambda report, _: reports.append(report), stop))
    thread.start()
    try:
        notes = assistant.settings.corpus / "notes"
        until(lambda: (notes / "a.md").exists() and len(reports) == 1)  # built, for there was none
        time.sleep(0.5)  # until the system watches
        (notes / "b.md").write_text("- 乙 beta\n- three\n", encoding="utf-8")
        until(lambda: len(reports) == 2)
        assert (reports[1].added, reports[1].unchanged) == (2, 1)
        (notes / "a.md").unlink()
        until(lambda: len(reports) == 3)
        assert (reports[2].removed, reports[2].unchanged) == (1, 2)
    finally:
        stop.set()
        thread.join(WAIT_S)


def test_only_what_differs_is_taken_in(assistant: Assistant) -> None:
    first = assistant.newest.catch_up()
    assert first is not None and first.added == 1
    assert assistant.newest.catch_up() is None
    (assistant.settings.corpus / "notes" / "a.md").write_text("- 甲 gamma\n", encoding="utf-8")
    second = assistant.newest.catch_up()
    assert second is not None and (second.changed, second.added) == (0, 1)


def test_notes_that_are_all_gone_are_no_reason_to_empty_the_index(
    assistant: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    assistant.newest.catch_up()
    (assistant.settings.corpus / "notes" / "a.md").unlink()
    assert assistant.newest.catch_up() is None
    assert "is a disk not mounted?" in caplog.text
    assert assistant.status().manifest.entries == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        ("notes/a.md", True),
        ("笔记/甲.markdown", True),
        ("notes/folder", True),  # may hold notes, and be renamed as a whole
        ("notes/.gitignore", True),
        ("notes/picture.png", False),
        (".obsidian/workspace.json", False),
        (".git/HEAD", False),
        ("index/lock", False),
    ],
)
def test_changes_that_cannot_matter_wake_nobody(path: str, matters: bool) -> None:
    corpus = Path("/corpus")
    assert may_matter(corpus / path, corpus, corpus / "index") is matters


@pytest.mark.slow
def test_the_command_prints_a_line_for_each_update(tmp_path: Path) -> None:
    note = tmp_path / "notes" / "a.md"
    note.parent.mkdir()
    note.write_text("- 甲 alpha\n", encoding="utf-8")
    folders = ["--corpus", str(tmp_path), "--index", str(tmp_path / "index")]
    command = [sys.executable, "-m", "paperrag", "watch", "--json", "--encoder", "bundled-static"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, *folders], env=environment(), **pipes) as process:
        try:
            until(lambda: "watching" in process.stderr.readline())
            time.sleep(0.5)
            note.write_text("- 甲 alpha\n- 乙 beta\n", encoding="utf-8")
            assert json.loads(process.stdout.readline())["added"] == 1
        finally:
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(WAIT_S) == 130
            finally:
                process.kill()

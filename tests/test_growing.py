"""A first index that answers at once, and the whole one that follows it."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import replace  # noqa: TID251 - of settings
from pathlib import Path

import pytest

from paperrag.commands import growing
from paperrag.commands.growing import LOG, grow, open_growing
from paperrag.config import Settings
from paperrag.encoders.static import BUNDLED, BUNDLED_STATIC
from paperrag.wiring import encoders
from paperrag.wiring.engines import open_store
from workbench import write_file


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A corpus that takes long, as far as the program can tell."""
    write_file(tmp_path / "corpus" / "a.md", "- CaM: merges the KV cache\n- 面包：发酵三小时\n")
    monkeypatch.setattr(encoders, "QUICK_CORPUS_BYTES", 10)
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were started, of which none runs."""
    commands: list[list[str]] = []
    monkeypatch.setattr(growing, "_start", lambda command, out: commands.append(command))
    return commands


def test_first_index_is_the_quick_one_and_the_whole_one_is_started(settings, started):
    assistant = open_growing(settings, Path("mine.toml"))
    assert assistant.status().manifest.encoder == BUNDLED_STATIC
    assert assistant.search("merges").manifest.encoder == BUNDLED_STATIC
    [command] = started
    assert command[1:4] == ["-P", "-m", "paperrag"]
    assert command[command.index("--encoder") + 1] == BUNDLED
    assert command[-2:] == ["--config", "mine.toml"]


def test_it_is_started_again_only_after_a_while(settings, started):
    open_growing(settings)
    open_growing(settings)
    assert len(started) == 1
    then = time.time() - growing.AGAIN_AFTER_S - 1
    os.utime(settings.index / LOG, (then, then))
    open_growing(settings)
    assert len(started) == 2


@pytest.mark.slow
def test_the_next_question_is_answered_from_the_whole_index(settings, monkeypatch):
    monkeypatch.setattr(
        growing, "_start", lambda command, out: subprocess.run(command, stderr=out, check=True)
    )
    running = open_growing(settings)
    assert running.search("merges").manifest.encoder == BUNDLED
    assert not running.newest.can_grow() and not (settings.index / "next").exists()


@pytest.mark.slow
def test_what_keeps_up_with_the_notes_goes_over_to_the_whole_index(settings, started):
    following, pressing = open_growing(settings), open_growing(settings)
    subprocess.run(started[0], check=True)
    write_file(settings.corpus / "b.md", "- Tide: adapters for boats\n")
    assert following.newest.catch_up().added == 1
    assert pressing.build().unchanged == 3 and not pressing.newest.can_grow()


@pytest.mark.slow
def test_the_process_goes_on_by_itself(settings):
    start = time.monotonic()
    open_growing(settings)
    store = open_store(settings.index)
    while store.manifest().encoder != BUNDLED and time.monotonic() < start + 120:
        time.sleep(0.2)
    assert store.manifest().encoder == BUNDLED, (settings.index / LOG).read_text("utf-8")


@pytest.mark.parametrize("change", ["named", "small", "large"])
def test_other_indexes_are_made_as_ever(settings, started, monkeypatch, change):
    if change == "named":
        settings = replace(settings, encoder=BUNDLED_STATIC)
    elif change == "small":
        monkeypatch.setattr(encoders, "QUICK_CORPUS_BYTES", 10_000)
    else:
        monkeypatch.setattr(encoders, "LARGE_CORPUS_BYTES", 20)
    assistant = open_growing(settings)
    assert assistant.status().manifest is None
    assistant.build()
    grow(assistant)
    assert not started


def test_an_index_that_cannot_be_written_answers_as_it_is(settings, started, monkeypatch):
    open_growing(settings)
    (settings.index / LOG).unlink()
    (settings.index / LOG).mkdir()
    os.utime(settings.index / LOG, (0, 0))
    assert open_growing(settings).search("merges").hits and len(started) == 1

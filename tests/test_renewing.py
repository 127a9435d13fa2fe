"""An index of another version of the program is built anew as the page starts."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from paperrag.assistant import Assistant
from paperrag.errors import IndexOutdated, RulesOutdated
from paperrag.notes.rules import NOTE_RULES
from paperrag.page.renewing import renew

SHEEP = "Border collies herd sheep"


def _open(folder: Path) -> Assistant:
    return Assistant.open(folder / "corpus", folder / "index", encoder="bundled-static")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    notes = tmp_path / "corpus"
    notes.mkdir()
    (notes / "dogs.md").write_text(f"- {SHEEP} by staring\n- 金毛会游泳\n", encoding="utf-8")
    _open(tmp_path).build()
    return tmp_path


def _with_older_rules(folder: Path) -> Assistant:
    assistant = _open(folder)
    store = assistant.newest.store
    with store.lock():
        store.commit(replace(store.manifest(), note_rules="tree-0"))
    return assistant


def test_an_index_of_older_rules_answers_until_the_new_one_is_whole(built: Path) -> None:
    assistant, said = _with_older_rules(built), []
    with pytest.raises(RulesOutdated, match="run: paperrag index --rebuild"):
        assistant.search("sheep")
    renew([assistant], said.append)
    assert said[0] == (
        f"{built / 'index'} was built with note rules 'tree-0', settings ask for '{NOTE_RULES}'; "
        f"building it anew beside, answering from it meanwhile"
    )
    assert SHEEP in assistant.search("sheep").hits[0].entry.text
    until = time.monotonic() + 60
    while len(said) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert said[1:] == [f"{built / 'index'} is built anew: 2 entries"]
    assert assistant.search("sheep").manifest.note_rules == NOTE_RULES
    assert assistant.newest.outdated() is None


def test_an_outdated_index_takes_in_no_notes_by_other_rules(built: Path) -> None:
    assistant = _with_older_rules(built)
    (built / "corpus" / "cats.md").write_text("- cats sleep all day\n", encoding="utf-8")
    assistant.newest.answer_from_outdated()
    assert len(assistant.search("cats").hits) == 2  # both of the dogs
    _open(built).newest.catch_up()
    assert "cats" in assistant.search("cats").hits[0].entry.text


def test_an_index_of_another_format_is_built_before_the_page_opens(built: Path) -> None:
    path = built / "index" / "catalogue.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA user_version = 1")
    assistant, said = _open(built), []
    with pytest.raises(IndexOutdated):
        assistant.search("sheep")
    renew([assistant], said.append)
    assert [line.rpartition("; ")[2] for line in said] == ["building it anew"]
    assert SHEEP in assistant.search("sheep").hits[0].entry.text


def test_an_index_of_this_version_is_left_alone(built: Path) -> None:
    said: list[str] = []
    renew([_open(built)], said.append)
    assert said == []


def test_an_index_of_another_encoder_is_for_the_user_to_decide(built: Path) -> None:
    other = Assistant.open(built / "corpus", built / "index", encoder="bundled")
    assert other.newest.outdated() is None

"""The table of conversations, without a browser."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from app_corpus import open_pets
from paperrag.errors import HistoryError
from paperrag.page.conversations import Conversations, conversations_file
from paperrag.page.turns import SearchScope, Turn, from_json, to_json


def _kept(folder: Path) -> Conversations:
    return Conversations(folder / "data" / "kept.sqlite", folder / "corpus")


def test_turn_is_the_same_after_json(tmp_path: Path) -> None:
    answer, took_ms = open_pets(tmp_path).ask("哪些猫爱叫？ which cats are talkative?")
    turn = Turn(
        "q\n问", answer, took_ms, vote="good", scope=SearchScope(section="Cats", kind="note")
    )
    assert from_json(to_json(turn)) == turn
    assert answer.citations  # whole entries and quotes came back too


def test_turns_come_back_in_order_and_can_be_replaced(tmp_path: Path) -> None:
    kept = _kept(tmp_path)
    assert [kept.append("a", Turn(question)) for question in ("一", "two")] == [0, 1]
    kept.replace("a", 0, Turn("一", error="broken"))
    assert kept.turns("a") == (Turn("一", error="broken"), Turn("two"))
    kept.replace("gone", 0, Turn("x"))
    assert kept.turns("gone") == ()


def test_conversations_are_found_by_words_of_title_question_and_answer(tmp_path: Path) -> None:
    kept = _kept(tmp_path)
    answer, _ = open_pets(tmp_path).ask("which cats are talkative?")
    kept.append("cats", Turn("which cats are talkative?", answer))
    kept.append("dogs", Turn("狗會做什麼？"))
    assert [one.id for one in kept.find()] == ["dogs", "cats"]  # the newest first
    assert [one.id for one in kept.find("SIAMESE talkative")] == ["cats"]
    assert [one.id for one in kept.find("狗会做")] == ["dogs"]  # traditional forms fold
    assert kept.find("50% _") == []
    kept.rename("dogs", "  Herding  ")
    assert [one.title for one in kept.find("herd")] == ["Herding"]
    kept.rename("dogs", " ")
    assert kept.title("dogs") == "Herding"


def test_deleted_conversation_is_gone_with_its_turns(tmp_path: Path) -> None:
    kept = _kept(tmp_path)
    kept.append("a", Turn("one"))
    kept.delete("a")
    assert kept.find() == [] and kept.turns("a") == () and kept.title("a") is None
    assert kept.append("a", Turn("anew")) == 0


def test_other_corpus_has_other_conversations(tmp_path: Path) -> None:
    _kept(tmp_path).append("a", Turn("one"))
    other = Conversations(tmp_path / "data" / "kept.sqlite", tmp_path / "elsewhere")
    assert other.find() == [] and other.turns("a") == ()
    with pytest.raises(HistoryError, match="about other notes"):
        other.append("a", Turn("two"))
    other.replace("a", 0, Turn("three"))
    other.rename("a", "four")
    other.delete("a")
    assert _kept(tmp_path).turns("a") == (Turn("one"),)
    assert _kept(tmp_path).title("a") == "one"


@pytest.mark.parametrize("fault", ["a folder", "no database"])
def test_file_that_cannot_be_used_is_named(tmp_path: Path, fault: str) -> None:
    file = tmp_path / "kept.sqlite"
    if fault == "a folder":
        file.mkdir()
    else:
        file.write_text("hello " * 500, encoding="utf-8")
    with pytest.raises(HistoryError, match="PAPERRAG_CONVERSATIONS"):
        Conversations(file, tmp_path).append("a", Turn("one"))


def test_turn_that_cannot_be_read_names_its_conversation(tmp_path: Path) -> None:
    kept = _kept(tmp_path)
    kept.append("a", Turn("one"))
    with sqlite3.connect(tmp_path / "data" / "kept.sqlite") as file:
        file.execute("update turns set body = '{}'")
    file.close()
    with pytest.raises(HistoryError, match="conversation a "):
        kept.turns("a")


def test_file_is_in_the_data_folder_unless_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert conversations_file("auto").name == "conversations.sqlite"
    assert conversations_file(str(tmp_path / "x.db")) == tmp_path / "x.db"


def test_replaced_words_are_searched(tmp_path: Path) -> None:
    kept = _kept(tmp_path)
    number = kept.append("a", Turn("one", is_stopped=True))
    answer, _ = open_pets(tmp_path).ask("What are Collie dogs?")
    kept.replace("a", number, replace(Turn("one"), answer=answer))
    assert [one.id for one in kept.find("herd sheep")] == ["a"]

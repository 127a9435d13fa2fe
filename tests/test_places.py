"""From any folder: where the notes are taken from, and where what is kept of them lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from paperrag.config_files import load_settings, read_collections
from paperrag.errors import ConfigError
from paperrag.places import demo_corpus, home_of, user_settings


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, and a user without settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def set_user(text: str) -> None:
    user_settings().parent.mkdir(parents=True, exist_ok=True)
    user_settings().write_text(text, encoding="utf-8")


def test_folder_without_notes_takes_the_users(tmp_path: Path):
    set_user(f'corpus = "{tmp_path}/vault"\nk = 7\n')
    settings = load_settings({}, {})
    home = home_of(tmp_path / "vault")
    assert (settings.corpus, settings.k) == (tmp_path / "vault", 7)
    assert (settings.index, settings.feedback) == (home / "index", home / "feedback.jsonl")


def test_folder_with_notes_of_its_own_takes_them_and_the_users_other_settings(
    nowhere: Path, tmp_path: Path
):
    (nowhere / "corpus" / "notes").mkdir(parents=True)
    set_user(f'corpus = "{tmp_path}/vault"\nindex = "{tmp_path}/i"\nk = 7\n')
    settings = load_settings({}, {})
    assert (settings.corpus, settings.index, settings.k) == (Path("corpus"), Path("index"), 7)


def test_named_corpus_has_an_index_of_its_own(tmp_path: Path):
    set_user(f'corpus = "{tmp_path}/vault"\nindex = "{tmp_path}/i"\n')
    settings = load_settings({"corpus": tmp_path / "papers"}, {})
    assert settings.index == home_of(tmp_path / "papers") / "index"
    assert load_settings({}, {}).index == tmp_path / "i"
    asked = load_settings({"corpus": tmp_path / "papers", "index": Path("mine")}, {})
    assert asked.index == Path("mine")


def test_corpus_of_the_folder_keeps_its_index_beside_it_also_when_it_is_named(nowhere: Path):
    (nowhere / "corpus").mkdir()
    assert load_settings({"corpus": Path("corpus")}, {}).index == Path("index")
    assert load_settings({}, {"PAPERRAG_CORPUS": str(nowhere / "corpus")}).index == Path("index")


def test_home_of_a_corpus_is_named_for_it_and_differs_by_its_place(tmp_path: Path):
    first, second = tmp_path / "a" / "读书 笔记", tmp_path / "b" / "读书 笔记"
    assert home_of(first).name.startswith("读书-笔记-")
    assert home_of(first) == home_of(tmp_path / "b" / ".." / "a" / "读书 笔记") != home_of(second)


def test_home_folder_in_a_file_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    set_user('corpus = "~/vault"\n[collections.papers]\ncorpus = "~/papers"\n')
    assert load_settings({}, {}).corpus == tmp_path / "vault"
    assert read_collections() == {"papers": tmp_path / "papers"}


def test_broken_table_of_collections_is_told():
    set_user('[collections]\npapers = "x"\n')
    with pytest.raises(ConfigError, match=r"expected \[collections\.NAME\] with corpus"):
        read_collections()


def test_demo_notes_are_there():
    notes = (demo_corpus() / "notes" / "paper-reading.md").read_text(encoding="utf-8")
    assert "KVMerger" in notes

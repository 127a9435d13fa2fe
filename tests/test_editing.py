"""Notes edited on the page, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from app_corpus import PETS, open_pets
from paperrag.assistant import Assistant
from paperrag.errors import NoteRefused
from paperrag.page.editing import NoteChanged, NoteFiles

SOURCE = "notes/pets.md"


def _opened(folder: Path, data: bytes | None = None) -> tuple[Assistant, Path]:
    assistant = open_pets(folder)
    path = folder / "corpus" / SOURCE
    if data is not None:
        path.write_bytes(data)
    assistant.build()
    return assistant, path


def _files(folder: Path, data: bytes | None = None) -> tuple[NoteFiles, Path]:
    assistant, path = _opened(folder, data)
    return NoteFiles(assistant), path


def _texts(assistant: Assistant, query: str) -> list[str]:
    return [hit.entry.text for hit in assistant.search(query).hits]


def test_saved_note_is_searched_at_once(tmp_path: Path) -> None:
    assistant, path = _opened(tmp_path)
    files = NoteFiles(assistant)
    note = files.read(SOURCE)
    assert note.text == PETS
    saved = files.save(SOURCE, note.text + "- Borzoi dogs: run fast\n", note.stamp)
    assert path.read_text(encoding="utf-8") == PETS + "- Borzoi dogs: run fast\n"
    assert files.read(SOURCE).stamp == saved.stamp != note.stamp
    assert assistant.newest.take_in() and "- Borzoi dogs: run fast" in _texts(assistant, "Borzoi")


def test_notes_saved_one_after_another_are_taken_in_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paperrag.index.current.LOOK_PAUSE", 1e9)  # a look, and then none for long
    assistant, _ = _opened(tmp_path)
    files = NoteFiles(assistant)
    for text in ("- one", "- two"):
        files.save(SOURCE, f"{text}\n", files.read(SOURCE).stamp)
        assert assistant.newest.take_in() and _texts(assistant, "number") == [text]


def test_note_changed_on_disk_is_not_written_over(tmp_path: Path) -> None:
    files, path = _files(tmp_path)
    note = files.read(SOURCE)
    path.write_text("- theirs\n", encoding="utf-8")
    with pytest.raises(NoteChanged, match="changed on disk"):
        files.save(SOURCE, "- mine\n", note.stamp)
    assert path.read_text(encoding="utf-8") == "- theirs\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- 猫很安静\r\n".encode(), "- 狗很吵\r\n- 鸟\r\n".encode()),
        (b"\xef\xbb\xbf- cat\n", "\ufeff- 狗很吵\n- 鸟\n".encode()),
        ("- 猫很安静，喜欢睡觉\n".encode("gb18030"), "- 狗很吵\n- 鸟\n".encode("gb18030")),
        ("- cat\n".encode("utf-16"), "- 狗很吵\n- 鸟\n".encode("utf-16")),
    ],
)
def test_encoding_and_line_ends_stay(tmp_path: Path, before: bytes, after: bytes) -> None:
    files, path = _files(tmp_path, before)
    files.save(SOURCE, "- 狗很吵\n- 鸟\n", files.read(SOURCE).stamp)
    assert path.read_bytes() == after


@pytest.mark.slow
def test_file_that_saving_would_change_elsewhere_is_not_edited(tmp_path: Path) -> None:
    files, _ = _files(tmp_path, b"- one\r\n- two\n")
    with pytest.raises(NoteRefused, match="edit it in an editor"):
        files.read(SOURCE)


def test_letter_that_the_encoding_lacks_is_refused(tmp_path: Path) -> None:
    files, path = _files(tmp_path, "- caf\xe9 cr\xe8me br\xfbl\xe9e\n".encode("cp1252"))
    before = path.read_bytes()
    with pytest.raises(NoteRefused, match="has no '猫'"):
        files.save(SOURCE, "- 猫\n", files.read(SOURCE).stamp)
    assert path.read_bytes() == before


@pytest.mark.slow
def test_renamed_note_keeps_its_suffix_and_takes_no_other_place(tmp_path: Path) -> None:
    files, path = _files(tmp_path)
    (path.parent / "other.md").write_text("- other\n", encoding="utf-8")
    with pytest.raises(NoteRefused, match="there already"):
        files.rename(SOURCE, "notes/other")
    assert files.rename(SOURCE, "动物/宠物") == "动物/宠物.md"
    assert (tmp_path / "corpus" / "动物" / "宠物.md").read_text(encoding="utf-8") == PETS
    assert not path.exists()


@pytest.mark.slow
def test_deleted_note_lies_in_the_trash_until_it_is_restored(tmp_path: Path) -> None:
    assistant, path = _opened(tmp_path)
    files = NoteFiles(assistant)
    (path.parent / "other.md").write_text("- other\n", encoding="utf-8")
    lying = files.trash(SOURCE)
    assert not path.exists() and assistant.newest.take_in()
    assert _texts(assistant, "cats") == ["- other"]
    assert (tmp_path / "corpus" / ".trash" / SOURCE).read_text(encoding="utf-8") == PETS
    assert files.restore(lying, SOURCE) == SOURCE
    assert path.read_text(encoding="utf-8") == PETS and assistant.newest.take_in()
    assert len(_texts(assistant, "cats")) > 1
    (tmp_path / "corpus" / ".trash" / SOURCE).write_text("- older\n", encoding="utf-8")
    assert files.trash(SOURCE) == "notes/pets 1.md"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["../evil.md", "/etc/evil.md", ".hidden.md", "evil.exe", "a/../../b.md"]
)
def test_places_outside_of_the_notes_are_refused(tmp_path: Path, name: str) -> None:
    files, path = _files(tmp_path)
    for refused in (
        lambda: files.rename(SOURCE, name),
        lambda: files.read(name),
        lambda: files.save(name, "- x\n", ""),
        lambda: files.trash(name),
        lambda: files.restore(name, SOURCE),
        lambda: files.restore(SOURCE, name),
    ):
        with pytest.raises(NoteRefused):
            refused()
    assert path.exists() and not list(tmp_path.rglob("evil*"))


@pytest.mark.slow
def test_folder_that_a_link_leads_out_by_takes_no_note(tmp_path: Path) -> None:
    files, _ = _files(tmp_path)
    (tmp_path / "outside").mkdir()
    (tmp_path / "corpus" / "away").symlink_to(tmp_path / "outside")
    with pytest.raises(NoteRefused, match="leads out"):
        files.rename(SOURCE, "away/pets.md")


def test_abstract_is_not_edited(tmp_path: Path) -> None:
    assistant, path = _opened(tmp_path)
    (tmp_path / "corpus" / "abstracts").mkdir()
    path.rename(tmp_path / "corpus" / "abstracts" / "pets.md")
    assistant.newest.take_in()
    with pytest.raises(NoteRefused, match="abstract"):
        NoteFiles(assistant).read("abstracts/pets.md")

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from paperrag.errors import NoteRefused
from paperrag.notes.adding import Added, add_notes, check_name, name_of_note
from paperrag.notes.uploads import MAX_NOTE_BYTES, NewNote, notes_of_upload


def _zip(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_new_notes_are_written_below_notes(tmp_path: Path) -> None:
    result = add_notes(
        tmp_path, [NewNote("a.md", b"# A"), NewNote("论文/笔记.md", "# 中文".encode())]
    )
    assert result.added == ("notes/a.md", "notes/论文/笔记.md")
    assert (tmp_path / "notes" / "论文" / "笔记.md").read_text(encoding="utf-8") == "# 中文"


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "../a.md", "a/../../b.md", "/etc/a.md", "C:\\a.md",
        "a//b.md", "./a.md", "..\\a.md", ".hidden.md", ".obsidian/a.md",
        "a.pdf", "a", "a\0.md", "a\n.md", "con.md", "dir./a.md", "a\u202egnp.md", "x" * 201 + ".md", "长" * 90 + ".md", "a.md/",
    ],
)  # fmt: skip
def test_unusable_names_are_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    result = add_notes(tmp_path / "corpus", [NewNote(name, b"# A")])
    assert len(result.refused) == 1
    assert not (tmp_path / "corpus").exists()
    assert list(tmp_path.rglob("*.md")) == []


def test_windows_separators_are_folders() -> None:
    assert check_name("folder\\a.md") == "folder/a.md"
    with pytest.raises(NoteRefused, match="not a Markdown file"):
        check_name("a.docx")


def test_nothing_is_written_while_a_file_would_be_replaced_unasked(tmp_path: Path) -> None:
    add_notes(tmp_path, [NewNote("a.md", b"old")])
    notes = [NewNote("a.md", b"new"), NewNote("b.md", b"b")]
    assert add_notes(tmp_path, notes) == Added(conflicts=("notes/a.md",))
    assert (tmp_path / "notes" / "a.md").read_bytes() == b"old"
    assert not (tmp_path / "notes" / "b.md").exists()
    assert add_notes(tmp_path, notes, replace=True) == Added(
        added=("notes/b.md",), replaced=("notes/a.md",)
    )
    assert (tmp_path / "notes" / "a.md").read_bytes() == b"new"


def test_same_contents_again_are_no_conflict(tmp_path: Path) -> None:
    add_notes(tmp_path, [NewNote("a.md", b"same")])
    assert add_notes(tmp_path, [NewNote("a.md", b"same")]) == Added(same=("notes/a.md",))


def test_two_notes_of_one_name_do_not_replace_each_other(tmp_path: Path) -> None:
    notes = [
        NewNote("笔记.md", b"first"),
        NewNote("b.md", b"b"),
        NewNote("笔记.md", b"second"),
        NewNote("b.md", b"b"),
    ]
    assert add_notes(tmp_path, notes) == Added(
        added=("notes/b.md", "notes/笔记.md"), clashes=("notes/笔记.md",)
    )
    assert (tmp_path / "notes" / "笔记.md").read_bytes() == b"first"
    (tmp_path / "notes" / "笔记.md").write_bytes(b"old")
    assert add_notes(tmp_path, notes) == Added(
        conflicts=("notes/笔记.md",), clashes=("notes/笔记.md",)
    )


def test_links_that_lead_out_of_the_corpus_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "corpus" / "notes").mkdir(parents=True)
    (tmp_path / "corpus" / "notes" / "link").symlink_to(outside)
    (tmp_path / "corpus" / "notes" / "dead.md").symlink_to(outside / "new.md")
    result = add_notes(
        tmp_path / "corpus",
        [NewNote("link/a.md", b"# A"), NewNote("dead.md", b"# A")],
        replace=True,
    )
    assert [refusal.name for refusal in result.refused] == ["link/a.md", "dead.md"]
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x00\x01\xff\xfe\x80" * 50, "not text"),
        (b" \n", "empty"),
        (b"a" * (MAX_NOTE_BYTES + 1), "larger"),
    ],
)
def test_unusable_contents_are_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    assert reason in add_notes(tmp_path, [NewNote("a.md", data)]).refused[0].reason


def test_archive_gives_its_notes_and_names_the_rest() -> None:
    data = _zip(
        **{"vault/a.md": b"# A", "vault/b.png": b"x", "__MACOSX/a.md": b"x", "../evil.md": b"# E"}
    )
    notes, refused = notes_of_upload("vault.zip", data)
    assert [note.name for note in notes] == [
        "vault/a.md",
        "../evil.md",
    ]  # the second is refused when it is added
    assert [refusal.name for refusal in refused] == ["vault/b.png"]


def test_archive_that_escapes_writes_nothing_outside(tmp_path: Path) -> None:
    notes, _ = notes_of_upload("x.zip", _zip(**{"../../evil.md": b"# E", "ok.md": b"# OK"}))
    result = add_notes(tmp_path / "corpus", notes)
    assert (result.added, len(result.refused)) == (("notes/ok.md",), 1)
    assert [path.name for path in tmp_path.rglob("*.md")] == ["ok.md"]


def test_archive_that_unpacks_into_too_much_is_cut_short() -> None:
    notes, refused = notes_of_upload("bomb.zip", _zip(**{"bomb.md": b"0" * (MAX_NOTE_BYTES + 1)}))
    assert notes == []
    assert "larger" in refused[0].reason


def test_archive_names_from_chinese_systems_are_read() -> None:
    data = _zip(**{"ab.md": b"# A"}).replace(b"ab.md", "笔.md".encode("gb18030"))
    assert notes_of_upload("x.zip", data)[0][0].name == "笔.md"


def test_damaged_archive_is_told() -> None:
    assert "not a readable zip" in notes_of_upload("x.zip", b"no zip")[1][0].reason


@pytest.mark.parametrize(
    "data", [b"\0asm\1\0\0\0" + b"hello world names here" * 4, b"a\x01\x02\x03b"]
)
def test_binary_data_in_the_guise_of_a_note_is_refused(tmp_path: Path, data: bytes) -> None:
    result = add_notes(tmp_path, [NewNote("a.md", data)])
    assert [refusal.reason for refusal in result.refused] == [
        "not text; export it as Markdown first"
    ]
    assert not (tmp_path / "notes" / "a.md").exists()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("intro\n\n## Zebra: a/b **attention**\n", "Zebra a b attention"),
        ("  条纹注意力\n第二行", "条纹注意力"),
        ("# " + "长" * 100, "长" * 60),
        ("...", "note"),
    ],
)
def test_note_without_a_name_is_named_by_its_heading(text: str, name: str) -> None:
    assert name_of_note(text) == name
    assert check_name(f"{name}.md") == f"{name}.md"

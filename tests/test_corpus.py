from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from paperrag.errors import CorpusError
from paperrag.notes.corpus import read_digest, read_lines, read_source, scan_corpus


def write(corpus: Path, **files: str | bytes) -> Path:
    """Write files given as name=text; "__" in a name is "/" and ".md" is added."""
    for name, content in files.items():
        path = corpus / (name.replace("__", "/") + ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return corpus


def sources(corpus: Path) -> list[str]:
    return [file.source for file in scan_corpus(corpus)[0]]


def test_scan_lists_markdown_files_sorted_with_their_kind(tmp_path):
    write(tmp_path, notes__b="x", notes__a__深="y", abstracts__2401="z", top="w")
    (tmp_path / "notes" / "图.png").write_bytes(b"png")
    (tmp_path / "notes" / "OLD.MARKDOWN").write_text("m")
    files, troubles = scan_corpus(tmp_path)
    assert [(file.source, file.kind) for file in files] == [
        ("abstracts/2401.md", "abstract"),
        ("notes/OLD.MARKDOWN", "note"),
        ("notes/a/深.md", "note"),
        ("notes/b.md", "note"),
        ("top.md", "note"),
    ]
    assert list(map(str, troubles)) == [".: not read, being no notes: 1 .png"]
    assert [file.stamp.size_bytes for file in files] == [1, 1, 1, 1, 1]


def test_scan_leaves_hidden_files_out(tmp_path):
    write(tmp_path, notes__a="x", **{".obsidian__b": "y", "notes__.c": "z"})
    assert sources(tmp_path) == ["notes/a.md"]


def test_scan_reads_paths_with_blanks_and_chinese(tmp_path):
    write(tmp_path / "我的 笔记", **{"notes__缓存 KV": "- 合并"})
    assert sources(tmp_path / "我的 笔记") == ["notes/缓存 KV.md"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing", "missing does not exist; put Markdown notes into"),
        (
            "file.md",
            "file.md is not a folder; expected one that holds Markdown notes, pass it as --corpus DIR",
        ),
    ],
)
def test_scan_refuses_what_is_no_folder(tmp_path, name, told):
    (tmp_path / "file.md").write_text("x")
    with pytest.raises(CorpusError, match=told):
        scan_corpus(tmp_path / name)


def test_scan_names_a_folder_without_markdown(tmp_path):
    (tmp_path / "a.pdf").write_text("x")
    files, (trouble, other) = scan_corpus(tmp_path)
    assert (files, trouble.fatal) == ([], False)
    assert str(other) == ".: not read, being no notes: 1 .pdf"
    assert str(trouble).startswith(
        ".: no note (.md, .markdown, .mdown, .mkd, .mdx, .qmd, .rmd, .txt, .org, .ipynb, .canvas, .enex) below "
    )


def test_scan_refuses_a_folder_where_nothing_can_be_read(tmp_path):
    (tmp_path / "dead.md").symlink_to("nowhere.md")
    with pytest.raises(CorpusError, match=r"nothing in corpus folder .* can be read; dead\.md: "):
        scan_corpus(tmp_path)


def test_scan_names_links_that_lead_nowhere_or_back(tmp_path):
    write(tmp_path, notes__a="x")
    (tmp_path / "notes" / "self.md").symlink_to("self.md")
    (tmp_path / "notes" / "dead.md").symlink_to("nowhere.md")
    (tmp_path / "notes" / "up").symlink_to(tmp_path)
    files, troubles = scan_corpus(tmp_path)
    assert [file.source for file in files] == ["notes/a.md"]
    assert [trouble.source for trouble in troubles] == [
        "notes/dead.md",
        "notes/self.md",
        "notes/up",
    ]
    assert "a dead link?" in troubles[0].message
    assert (
        troubles[2].message
        == f"links back to {tmp_path.resolve()}, a folder above it; not followed"
    )


def test_scan_stops_where_a_folder_behind_a_link_leads_back(tmp_path):
    write(tmp_path / "elsewhere", a="x", deep__b="y")
    (tmp_path / "elsewhere" / "deep" / "again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "linked").symlink_to(tmp_path / "elsewhere")
    files, (trouble,) = scan_corpus(tmp_path / "corpus")
    assert [file.source for file in files] == ["linked/a.md", "linked/deep/b.md"]
    assert trouble.source == "linked/deep/again"


def test_scan_asks_once_for_each_file_and_for_no_folder_that_no_link_leads_to(
    tmp_path, monkeypatch
):
    write(tmp_path, notes__a="x", notes__deep__b="y")
    real, asked = os.stat, []

    def counting(path, **options):
        asked.append(Path(path).name)
        return real(path, **options)

    monkeypatch.setattr(os, "stat", counting)
    scan_corpus(tmp_path)
    assert sorted(set(asked) - {tmp_path.name}) == ["a.md", "b.md"]
    assert len(asked) - asked.count(tmp_path.name) == 2


def test_scan_follows_folders_where_they_may_lead_back_unseen(tmp_path, monkeypatch):
    monkeypatch.setattr("paperrag.notes.corpus._HAS_JUNCTIONS", True)
    write(tmp_path, notes__a="x", notes__deep__b="y")
    assert sources(tmp_path) == ["notes/a.md", "notes/deep/b.md"]


def test_scan_names_a_pipe_instead_of_waiting_for_it(tmp_path):
    write(tmp_path, notes__a="x")
    os.mkfifo(tmp_path / "notes" / "pipe.md")
    (trouble,) = scan_corpus(tmp_path)[1]
    assert (
        str(trouble) == "notes/pipe.md: is a pipe or device, not a file; remove it from the corpus"
    )


def test_scan_follows_links_to_other_folders(tmp_path):
    write(tmp_path / "elsewhere", a="x")
    write(tmp_path / "corpus", notes__b="y")
    (tmp_path / "corpus" / "notes" / "linked").symlink_to(tmp_path / "elsewhere")
    assert sources(tmp_path / "corpus") == ["notes/b.md", "notes/linked/a.md"]


def test_scan_reads_a_file_once_however_many_links_lead_to_it(tmp_path):
    corpus = write(tmp_path / "corpus", notes__b="y", notes__old__c="z", notes__old__d="w")
    (corpus / "notes" / "a.md").symlink_to("b.md")
    (corpus / "notes" / "linked").symlink_to(corpus / "notes" / "old")
    (corpus / "notes" / "missing.md").symlink_to(corpus / "notes" / "old" / "d.md")
    files, troubles = scan_corpus(corpus)
    assert [file.source for file in files] == ["notes/b.md", "notes/old/c.md", "notes/old/d.md"]
    assert [str(trouble) for trouble in troubles] == [
        "notes/a.md: leads to notes/b.md, which is read already",
        "notes/linked: leads to files that are read already (2, such as notes/old/c.md)",
        "notes/missing.md: leads to notes/old/d.md, which is read already",
    ]
    assert not any(trouble.fatal for trouble in troubles)


def test_scan_reads_a_file_outside_once_by_the_first_of_its_links(tmp_path):
    write(tmp_path / "elsewhere", x="x", y="y")
    corpus = write(tmp_path / "corpus", notes__b="y")
    (corpus / "notes" / "one.md").symlink_to(tmp_path / "elsewhere" / "x.md")
    (corpus / "notes" / "vault").symlink_to(tmp_path / "elsewhere")
    files, troubles = scan_corpus(corpus)
    assert [file.source for file in files] == ["notes/b.md", "notes/one.md", "notes/vault/y.md"]
    assert [str(trouble) for trouble in troubles] == [
        "notes/vault: leads to files that are read already (1, such as notes/one.md)",
    ]


def test_scan_names_a_folder_that_cannot_be_opened(tmp_path, monkeypatch):
    write(tmp_path, notes__a="x", secret__b="y")
    real = os.scandir

    def scandir(path):
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    files, troubles = scan_corpus(tmp_path)
    assert [file.source for file in files] == ["notes/a.md"]
    assert [str(trouble) for trouble in troubles] == [
        "secret: cannot be opened (Permission denied); check its permissions"
    ]


def test_read_source_gives_the_digest_and_the_entries(tmp_path):
    (file,) = scan_corpus(write(tmp_path, notes__a="- 合并 merge\n"))[0]
    digest, note = read_source(file)
    assert digest == hashlib.sha256("- 合并 merge\n".encode()).hexdigest()
    assert [(entry.id, entry.source) for entry in note.entries] == [
        ("notes/a.md#a/合并-merge", "notes/a.md")
    ]


def test_read_source_names_a_binary_file(tmp_path):
    (file,) = scan_corpus(write(tmp_path, notes__图=b"\x89PNG\r\n\x1a\n"))[0]
    (trouble,) = read_source(file)[1].troubles
    assert trouble.fatal
    assert (
        str(trouble)
        == "notes/图.md: is not text (binary data); remove it from the corpus or export it as Markdown"
    )


def test_read_source_names_an_unreadable_file(tmp_path, monkeypatch):
    (file,) = scan_corpus(write(tmp_path, notes__a="x"))[0]

    def read_bytes(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    digest, note = read_source(file)
    assert (digest, note.entries) == ("", ())
    assert (
        str(note.troubles[0])
        == "notes/a.md: cannot be read (Permission denied); check its permissions"
    )


def test_read_source_survives_a_file_that_is_gone(tmp_path):
    (file,) = scan_corpus(write(tmp_path, notes__a="x"))[0]
    file.path.unlink()
    assert "was removed while the notes were read" in read_source(file)[1].troubles[0].message


def test_read_source_reports_faults_and_still_reads(tmp_path):
    (file,) = scan_corpus(write(tmp_path, notes__a="- 第一\n- 第二".encode() + b"\xff"))[0]
    _, note = read_source(file)
    assert [entry.title for entry in note.entries] == ["第一", "第二\ufffd"]
    assert "not UTF-8 (first: line 2)" in note.troubles[0].message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_read_lines_gives_lines_as_parsing_counts_them(tmp_path, encoding):
    text = "# 笔记\r\n- 一行\r\n  second\r\n- 三\r\n"
    (file,) = scan_corpus(write(tmp_path, notes__a=text.encode(encoding)))[0]
    entry = read_source(file)[1].entries[0]
    lines = read_lines(tmp_path, entry.source)
    assert lines == ["# 笔记", "- 一行", "  second", "- 三", ""]
    assert "\n".join(lines[entry.line_start - 1 : entry.line_end]) == entry.text


def test_read_lines_is_none_for_what_is_gone(tmp_path):
    write(tmp_path, b=b"\x89PNG\r\n\x1a\n")
    assert read_lines(tmp_path, "missing.md") is None
    assert read_lines(tmp_path, "b.md") is None


def test_read_digest_is_that_of_the_bytes(tmp_path):
    (file,) = scan_corpus(write(tmp_path, notes__a="合并\n"))[0]
    assert (
        read_digest(file) == read_source(file)[0] == hashlib.sha256("合并\n".encode()).hexdigest()
    )
    file.path.unlink()
    assert read_digest(file) is None

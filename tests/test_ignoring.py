from __future__ import annotations

import json
from pathlib import Path

import pytest

from paperrag.config_files import load_settings
from paperrag.errors import ConfigError
from paperrag.notes.corpus import scan_corpus


def fill(corpus: Path, *names: str, text: str = "- 一条\n") -> Path:
    for name in names:
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return corpus


def looked(corpus: Path, *exclude: str) -> tuple[list[str], list[str]]:
    """The sources that are read, and what is said of the rest."""
    files, troubles = scan_corpus(corpus, exclude)
    return [file.source for file in files], list(map(str, troubles))


def test_what_is_never_a_note_is_left_out_and_said(tmp_path):
    fill(
        tmp_path,
        *("notes/a.md", "notes/node_modules/x/README.md", "notes/Templates/t.md", "模板/t.md"),
        *("CLAUDE.md", "notes/AGENTS.md", ".obsidian/x.md", ".trash/old.md", "logseq/bak/a.md"),
    )
    assert looked(tmp_path) == (
        ["notes/a.md"],
        [
            '.: 6 left out (by default; to read one, set exclude = ["!NAME"]: CLAUDE.md, '
            "logseq/bak/, notes/AGENTS.md, notes/Templates/, notes/node_modules/, 模板/); "
            "2 left out (hidden: .obsidian/, .trash/)"
        ],
    )


def test_kinds_of_files_that_are_not_read_are_counted(tmp_path):
    fill(tmp_path, "a.md", "b.txt", "图.png", "c.PNG", "d.epub", "LICENSE")
    assert looked(tmp_path) == (
        ["a.md", "b.txt"],
        [".: not read, being no notes: 2 .png, 1 no suffix, 1 .epub"],
    )


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        (["日记/"], ["kv/a.md", "kv/draft-1.md", "top.md"]),
        (["draft-*"], ["kv/a.md", "top.md", "日记/今天.md"]),
        (["/kv/*", "!/kv/a.md"], ["kv/a.md", "top.md", "日记/今天.md"]),
        (["**/*.md", "!top.md"], ["top.md"]),
        (["!templates/"], ["kv/a.md", "kv/draft-1.md", "templates/t.md", "top.md", "日记/今天.md"]),
    ],
)
def test_exclude_reads_as_gitignore_does(tmp_path, exclude, left):
    fill(tmp_path, "kv/a.md", "kv/draft-1.md", "日记/今天.md", "templates/t.md", "top.md")
    assert looked(tmp_path, *exclude)[0] == left


def test_gitignore_files_count_below_their_folder_and_exclude_goes_before_them(tmp_path):
    fill(tmp_path, "a.md", "old/b.md", "kv/old/c.md", "kv/private.md", "private.md")
    (tmp_path / ".gitignore").write_text("/old/\n!\n# private.md\n", encoding="utf-8")
    (tmp_path / "kv" / ".gitignore").write_text("private.md\n", encoding="utf-8")
    read, (told,) = looked(tmp_path)
    assert read == ["a.md", "kv/old/c.md", "private.md"]
    assert "2 left out (by .gitignore: kv/private.md, old/)" in told
    assert looked(tmp_path, "!old/")[0] == ["a.md", "kv/old/c.md", "old/b.md", "private.md"]


def test_what_obsidian_leaves_out_is_left_out(tmp_path):
    fill(tmp_path, "a.md", "归档/b.md", "Meta [x]/Forms/c.md", "Meta [x]/d.md")
    folder = tmp_path / ".obsidian"
    folder.mkdir()
    (folder / "app.json").write_text(json.dumps({"userIgnoreFilters": ["归档/", "/^x/"]}))
    (folder / "templates.json").write_text(json.dumps({"folder": "Meta [x]/Forms"}))
    read, (told,) = looked(tmp_path)
    assert read == ["Meta [x]/d.md", "a.md"]
    assert "2 left out (by Obsidian's settings: Meta [x]/Forms/, 归档/)" in told


def test_settings_of_obsidian_that_cannot_be_read_leave_nothing_out(tmp_path):
    fill(tmp_path, "a.md")
    fill(tmp_path, ".obsidian/app.json", text="[1, {]")
    fill(tmp_path, ".obsidian/templates.json", text='["folder"]')
    assert looked(tmp_path)[0] == ["a.md"]


def test_pattern_that_is_none_is_refused_with_what_was_expected(tmp_path):
    fill(tmp_path, "a.md")
    with pytest.raises(ConfigError, match=r"exclude: expected patterns as in .gitignore, got"):
        scan_corpus(tmp_path, ["!"])


def test_exclude_is_a_list_in_a_file_and_a_text_with_commas_in_a_variable(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "paperrag.toml").write_text('exclude = ["日记/", "*.bak.md"]', encoding="utf-8")
    assert load_settings({}, {}).exclude == ("日记/", "*.bak.md")
    variables = {"PAPERRAG_EXCLUDE": "drafts/, !templates/"}
    assert load_settings({}, variables).exclude == ("drafts/", "!templates/")
    with pytest.raises(ConfigError, match=r"exclude in .*: expected a list of texts, got 3"):
        load_settings({"exclude": 3}, {})


def test_kinds_that_may_hold_notes_are_named_and_read_where_they_are_asked_for(tmp_path):
    fill(tmp_path, "a.md", "refs.bib", "data/log.csv", "data/x.csv", "图.png")
    assert looked(tmp_path)[1] == [
        ".: not read, being no notes: 2 .csv, 1 .bib, 1 .png "
        '(to read .bib, .csv, set exclude = ["!*.bib", "!*.csv"])'
    ]
    assert looked(tmp_path, "!*.bib", "!log.csv")[0] == ["a.md", "data/log.csv", "refs.bib"]
    assert looked(tmp_path, "!*.csv", "/data/x.csv", "!data/")[0] == ["a.md", "data/log.csv"]
    assert looked(tmp_path, "!data/")[0] == ["a.md"]

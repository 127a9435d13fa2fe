"""What the documents say is there and runs."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from paperrag.assistant import Assistant
from paperrag.commands.arguments import make_parser

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def shell_commands() -> list[str]:
    typed = [line for block in blocks("bash") for line in block.splitlines()]
    shown = [
        line.removeprefix("$ ")
        for block in blocks("console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    return [line.split("  #")[0].strip() for line in [*typed, *shown] if line.strip()]


def test_documents_keep_to_their_length():
    assert len(README.splitlines()) <= 150
    assert len(ARCHITECTURE.splitlines()) <= 120


def test_first_command_stands_near_the_top():
    assert "scripts/ask" in "\n".join(README.splitlines()[:20])


@pytest.mark.parametrize(
    "command", [command for command in shell_commands() if command.startswith("paperrag ")]
)
def test_command_in_the_readme_parses(command):
    assert make_parser().parse_args(shlex.split(command)[1:]).run


@pytest.mark.parametrize(
    "command", [command for command in shell_commands() if command.startswith("scripts/")]
)
def test_script_in_the_readme_is_there(command):
    script = ROOT / shlex.split(command)[0]
    assert script.is_file() and script.stat().st_mode & 0o111


@pytest.mark.slow
def test_readme_shows_what_ask_prints(tmp_path, monkeypatch):
    from paperrag.output.terminal import answer_text

    assistant = Assistant.open(corpus=ROOT / "corpus", index=tmp_path)
    picture = (ROOT / "docs" / "terminal.svg").read_text(encoding="utf-8")
    for question in ("which methods merge KV cache?", "有哪些合并KV缓存的方法？"):
        answer, _ = assistant.ask(question)
        first, second = answer_text(answer).splitlines()[:2]
        assert f">{first}<" in picture and f">{second[:60]}" in picture, "run scripts/record"
        for block in blocks("console"):
            if question in block:
                assert block.splitlines()[1:3] == [first, second], "run scripts/update-readme"


def test_picture_of_the_terminal_is_small_and_loads_nothing():
    picture = (ROOT / "docs" / "terminal.svg").read_text(encoding="utf-8")
    assert len(picture) < 30_000
    assert "href" not in picture and "<script" not in picture


@pytest.mark.slow
def test_python_in_the_readme_runs(tmp_path, monkeypatch, capsys):
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    monkeypatch.chdir(tmp_path)
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    assert "notes/paper-reading.md" in capsys.readouterr().out


@pytest.mark.slow
def test_recipes_for_python_run_one_after_the_other(tmp_path, monkeypatch, capsys):
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    monkeypatch.chdir(tmp_path)
    recipes = re.findall(r"^```python\n(.*?)^```", document("python.md"), re.MULTILINE | re.DOTALL)
    assert len(recipes) == 5
    names: dict[str, object] = {}
    for recipe in recipes:
        exec(compile(recipe, "python.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "LOOK-M" in names["second"].text and "KVMerger" in names["answer"].text
    assert "not in the notes" not in printed


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_snippets_in_the_documents_are_what_they_say_they_are(name):
    for language, text in re.findall(
        r"^```(\w+)\n(.*?)^```", document(name), re.MULTILINE | re.DOTALL
    ):
        if language == "python":
            compile(text, name, "exec")
        elif language == "json":
            json.loads(text)
        for line in text.splitlines() if language == "bash" else ():
            if line.startswith("paperrag "):
                assert make_parser().parse_args(shlex.split(line, comments=True)[1:]).run


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_every_path_in_the_documents_exists():
    for name in re.findall(
        r"`((?:src|tests|benchmarks|scripts|requirements|corpus|training)/[\w./-]*)`",
        README + ARCHITECTURE,
    ):
        assert (ROOT / name).exists(), name


def test_architecture_names_every_folder_and_program():
    package = ROOT / "src" / "paperrag"
    folders = {path.parent.relative_to(package).as_posix() for path in package.rglob("*.py")}
    programs = {path.name for path in package.glob("*.py") if not path.name.startswith("__")}
    for name in (*sorted(folders - {"."}), *sorted(programs)):
        assert re.search(rf"\b{re.escape(name)}", ARCHITECTURE), name


def test_every_module_in_the_architecture_exists():
    package = ROOT / "src" / "paperrag"
    folders = [ROOT, *(path for path in package.rglob("*") if path.is_dir()), package]
    named = set(re.findall(r"`([\w/]+\.(?:py|npz))`", ARCHITECTURE))
    assert [one for one in named if not any((at / one).is_file() for at in folders)] == []


def test_architecture_shows_the_order_that_imports_keep_to():
    from test_import_order import ORDER

    (shown,) = re.findall(r"^```\n(errors.*?)^```", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    told = [name for line in shown.splitlines() for name in line.split(" > ")]
    ranks = [tuple(name.split(", ")) for name in told]
    assert ranks == [names for names in ORDER if "__init__" not in names]


def test_changelog_has_a_heading_for_the_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    headings = re.findall(
        r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert headings[:2] == ["Unreleased", project["version"]]


def test_site_has_every_document():
    site = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    pages = {page for entry in site["nav"] for page in entry.values()}
    written = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert pages == written | {"index.md", "ARCHITECTURE.md", "CHANGELOG.md"}


def test_every_setting_has_a_meaning():
    from dataclasses import fields

    from paperrag.config import Settings

    assert all(len(knob.metadata["meaning"]) > 20 for knob in fields(Settings))

"""From nothing to an answer: init, collections, the demo, help, doctor, completion."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

import pytest

from conftest import REPOSITORY
from paperrag.commands import starting
from paperrag.notes.vaults import vaults_near
from paperrag.places import user_settings
from workbench import paperrag_here, write_file

NOTES = """# Cats
## Breeds
- Tabby: striped fur and quiet paws
- 暹罗猫 Siamese：爱叫，蓝眼睛
## Care
- Brushing: once a week
"""
Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a vault, and a user without settings."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    write_file(tmp_path / "Documents" / "vault" / "cats.md", NOTES)
    (tmp_path / "Documents" / "vault" / ".obsidian").mkdir()
    (tmp_path / "elsewhere").mkdir()
    return tmp_path


@pytest.fixture
def run(home: Path) -> Run:
    """Run the command line in an empty folder, with the quick encoder."""

    def run_elsewhere(*arguments: str, cwd: Path = home / "elsewhere") -> CompletedProcess[str]:
        return paperrag_here(*arguments, cwd=cwd)

    return run_elsewhere


@pytest.mark.slow
def test_init_indexes_a_folder_and_every_folder_answers_from_it(run: Run, home: Path):
    begun = run("init", str(home / "Documents" / "vault"), "--encoder", "bundled-static")
    assert begun.returncode == 0, begun.stderr
    assert "1 file, 3 entries, indexed in" in begun.stdout
    assert 'paperrag ask "Which entries are about Breeds?"' in begun.stdout
    answer = run("ask", "what fur does the Tabby have?")
    assert "striped fur" in answer.stdout and "cats.md:3" in answer.stdout
    assert list((home / "elsewhere").iterdir()) == []


def test_init_keeps_what_else_stands_in_the_settings(run: Run, home: Path):
    write_file(user_settings(), '# mine\nk = 3\ncorpus = "/old"\n')
    run("init", str(home / "Documents" / "vault"), "--encoder", "bundled-static")
    text = user_settings().read_text(encoding="utf-8")
    assert text == f'# mine\nk = 3\ncorpus = "{home}/Documents/vault"\n'


def test_init_without_a_folder_names_those_near_by(run: Run, home: Path):
    asked = run("init")
    assert asked.returncode == 1
    assert f"paperrag init FOLDER, with one of\n  1  {home}/Documents/vault" in asked.stderr
    shutil.rmtree(home / "Documents")
    assert "no folder of notes was found near by; name yours" in run("init").stderr


def test_one_answer_chooses_among_the_folders():
    found = [Path("/a"), Path("/b")]
    assert [starting._picked(said, found) for said in ("2", "/c", "3")] == [
        Path("/b"),
        Path("/c"),
        Path("3"),
    ]


def test_vaults_are_those_of_obsidian_and_those_below_the_usual_folders(home: Path):
    opened = home / "far" / "vault"
    opened.mkdir(parents=True)
    known = {"vaults": {"1": {"path": str(opened), "ts": 5}, "2": {"path": "/gone", "ts": 9}}}
    write_file(home / "config" / "obsidian" / "obsidian.json", json.dumps(known))
    assert vaults_near(home / "elsewhere", home) == [opened, home / "Documents" / "vault"]
    write_file(home / "elsewhere" / "a.md", "- a")
    assert vaults_near(home / "elsewhere", home)[0] == home / "elsewhere"


def test_folder_without_notes_is_not_remembered(run: Run, home: Path):
    assert run("init", str(home / "nowhere")).returncode == 1
    empty = run("init", str(home / "elsewhere"))
    assert empty.returncode == 1 and f"below {home}/elsewhere; put notes into" in empty.stderr
    write_file(home / "elsewhere" / "tide.pdf", "%PDF")
    assert "not read, being no notes: 1 .pdf" in run("init", str(home / "elsewhere")).stderr
    assert not user_settings().exists()


def test_folder_is_remembered_though_its_first_index_is_stopped(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
):
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("paperrag.commands.starting.open_growing", stopped)
    assert run("init", str(home / "Documents" / "vault")).returncode == 130
    assert str(home / "Documents" / "vault") in user_settings().read_text()


@pytest.mark.parametrize("name", ["a,b", "a:b"])
def test_collection_has_no_name_that_could_be_two_or_a_file(run: Run, home: Path, name: str):
    named = run("collection", "add", str(home / "elsewhere"), "--name", name)
    assert named.returncode == 1 and "choose one by --name" in named.stderr


@pytest.mark.slow
def test_init_of_a_folder_that_is_missing_asks_for_one(run: Run, home: Path):
    result = run("init", str(home / "nowhere"))
    assert result.returncode == 1
    assert "nowhere is no folder; name one that holds Markdown notes" in result.stderr


def test_collection_is_asked_by_its_name(run: Run, home: Path):
    write_file(home / "papers" / "lora.md", "- LoRA: low-rank adapters for fine-tuning\n")
    assert run("collection", "add", str(home / "papers")).stdout == f"papers  {home}/papers\n"
    found = run("-c", "papers", "search", "adapters", "--encoder", "bundled-static")
    assert "lora.md:1" in found.stdout, found.stderr
    assert "did you mean 'papers'?" in run("ask", "-c", "paper", "adapters").stderr
    assert json.loads(run("collection", "--json").stdout) == {
        "collections": {"papers": f"{home}/papers"}
    }
    assert run("collection", "remove", "papers").stdout.startswith("no collection; add one")
    assert run("collection", "remove", "papers").returncode == 1


@pytest.mark.slow
def test_collections_are_asked_together(run: Run, home: Path):
    write_file(home / "papers" / "a.md", "- LoRA: low-rank adapters\n- KIVI: 2-bit cache\n")
    write_file(home / "books" / "a.md", "- Tide: adapters for boats\n- 潮汐：月亮引起\n")
    run("collection", "add", str(home / "papers"), "--context", "papers of 2024")
    run("collection", "add", str(home / "books"))
    listed = run("collection", "list").stdout
    assert f"papers  {home}/papers  papers of 2024\n" in listed
    both = ("-c", "papers", "-c", "books", "--encoder", "bundled-static")
    hits = json.loads(run(*both, "search", "adapters", "-k", "2", "--json").stdout)["hits"]
    assert {hit["source"] for hit in hits} == {f"{home}/papers/a.md", f"{home}/books/a.md"}
    assert [hit["rank"] for hit in hits] == [1, 2] and hits[0]["score"] >= hits[1]["score"]
    answer = run(*both, "ask", "Which entries are about adapters?").stdout
    assert "papers: " in answer and "books: " in answer
    assert "[1] LoRA" in answer and "[3] Tide" in answer
    third = f"{(home / 'books/a.md').as_uri()}\n"
    assert [run(*named, "open", "3", "--print").stdout for named in ((), both)] == [third] * 2
    assert "this takes one collection" in run(*both, "status").stderr
    files = run(
        "-c",
        "papers",
        "search",
        "-c",
        "books",
        "adapters",
        "--files",
        "--encoder",
        "bundled-static",
    )
    assert sorted(files.stdout.splitlines()) == [f"{home}/books/a.md", f"{home}/papers/a.md"]
    tide = run(*both, "get", f"{home}/books/a.md:1", "--json").stdout
    assert json.loads(tide)["source"] == f"{home}/books/a.md" and "Tide" in tide
    unclear = run(*both, "get", "a.md").stderr
    assert f"means several notes: {home}/papers/a.md, {home}/books/a.md" in unclear


@pytest.mark.slow
def test_chat_asks_several_collections(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch):
    write_file(home / "papers" / "a.md", "- LoRA: low-rank adapters\n- KIVI: 2-bit cache\n")
    write_file(home / "books" / "b.md", "- Tide: adapters for boats\n- 潮汐：月亮引起\n")
    for name in ("papers", "books"):
        run("collection", "add", str(home / name))
    asked = iter(["Which entries are about adapters?", "which of them are for boats?", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(asked))
    talk = run("-c", "papers", "-c", "books", "chat", "--encoder", "bundled-static").stdout
    first, _, second = talk.partition("Understood as")
    assert "papers: " in first and "books: " in first
    assert "Tide" in second and "LoRA" not in second


@pytest.mark.slow
def test_collection_that_holds_nothing_is_named_and_one_is_enough_for_the_rest(
    run: Run, home: Path
):
    write_file(home / "papers" / "a.md", "- LoRA: low-rank adapters\n- KIVI: 2-bit cache\n")
    write_file(home / "books" / "a.md", "- 潮汐：月亮引起\n- 面包：发酵三小时\n")
    for name in ("papers", "books"):
        run("collection", "add", str(home / name))
    both = ("-c", "papers", "-c", "books", "--encoder", "bundled-static")
    done = run(*both, "ask", "What does LoRA use?")
    assert "papers: " in done.stdout and done.stdout.startswith("Nothing on this in: books.")
    assert "this takes one collection, got papers, books" in run(*both, "status").stderr


@pytest.mark.slow
def test_demo_answers_from_the_notes_that_ship(run: Run, home: Path):
    answer = run("--demo", "ask", "which methods merge KV cache?", "--encoder", "bundled-static")
    assert "KVMerger" in answer.stdout, answer.stderr
    assert list((home / "elsewhere").iterdir()) == []


def test_help_names_first_what_one_types_first(run: Run):
    names = re.findall(r"^    ([a-z]+) ", run("--help").stdout, re.MULTILINE)
    assert names[:7] == ["init", "ask", "search", "chat", "open", "get", "serve"]


def test_bare_command_shows_help(run: Run):
    assert run().stdout == run("--help").stdout
    assert run().returncode == 0


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("serach", "x"), "did you mean search?"),
        (("aks", "x"), "did you mean ask?"),
        (("search", "x", "--seciton", "y"), "did you mean --section?"),
        (("ask", "x", "--works"), "; --works is an option of: search"),
        (("which methods merge?",), 'run: paperrag ask "which methods merge?"'),
        (("哪些方法",), 'run: paperrag ask "哪些方法"'),
    ],
)
def test_what_was_meant_is_said(run: Run, typed: tuple[str, ...], meant: str):
    done = run(*typed)
    assert (done.returncode, meant in done.stderr) == (2, True), done.stderr


def test_a_word_far_from_every_option_is_taken_for_none(run: Run):
    assert "did you mean" not in run("init", "--yes").stderr


def test_doctor_says_what_is_there_and_what_is_wrong(run: Run, home: Path):
    vault = str(home / "Documents" / "vault")
    well = run("doctor", "--corpus", vault)
    assert well.returncode == 0, well.stdout
    assert f"ok     notes     {vault}" in well.stdout
    assert "none yet in" in well.stdout and "none; answers quote the notes" in well.stdout
    ill = run("doctor", "--corpus", vault, "--llm", "openai-like:x", "--json")
    checks = {check["name"]: check for check in json.loads(ill.stdout)["checks"]}
    assert ill.returncode == 1
    assert not checks["model"]["is_well"] and "OPENAI_BASE_URL" in checks["model"]["found"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(run: Run, shell: str):
    assert "paperrag" in run("completion", shell).stdout


def test_missing_extra_is_named_with_the_command_that_installs_it():
    from paperrag.extras import missing

    with patch("paperrag.extras._direct_url", return_value={}):
        told = str(missing("the page", "page", "gradio"))
    assert told.startswith("the page is not installed (gradio is missing); run: ")
    assert told.endswith("-m pip install 'paperrag[page]'")
    with (
        patch("paperrag.extras._direct_url", return_value={"url": "file:///src/paper%20rag"}),
        patch("sys.prefix", "/home/ada/.local/pipx/venvs/paperrag"),
    ):
        assert str(missing("the page", "page", None)).endswith(
            "run: pipx install --force '/src/paper rag[page]'"
        )


def test_every_extra_that_is_named_is_one_of_the_package():
    import tomllib

    from paperrag.extras import EXTRAS

    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert set(EXTRAS) <= tomllib.loads(text)["project"]["optional-dependencies"].keys()

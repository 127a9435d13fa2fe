"""Manners of the command line among other commands: pipes, lines, files, lookups."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from paperrag.assistant import Assistant
from paperrag.notes.lookup import read_note
from workbench import paperrag_here, write_file

CATS = "# Cats\n\n- Tabby: striped fur https://arxiv.org/abs/2401.00001\n- Siamese: blue eyes\n"
DOGS = "# Dogs\n\n- Collie: herds sheep\n- 柴犬：爱叫，尾巴卷曲\n"
Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line beside two notes, with a text on standard input."""
    write_file(tmp_path / "corpus" / "notes" / "cats.md", CATS)
    write_file(tmp_path / "corpus" / "notes" / "dogs.md", DOGS)
    (tmp_path / "paperrag.toml").write_text('encoder = "bundled-static"\n')

    def run_here(*arguments: str, piped: str = "") -> CompletedProcess[str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(piped))
        return paperrag_here(*arguments, cwd=tmp_path)

    return run_here


@pytest.mark.slow
def test_question_and_query_are_read_from_a_pipe(run: Run):
    assert run("ask", "-", piped="What fur does the Tabby have?\n").stdout == (
        run("ask", "What fur does the Tabby have?").stdout
    )
    assert run("search", "-", piped="柴犬").stdout == run("search", "柴犬").stdout


def test_empty_pipe_is_an_error(run: Run):
    done = run("ask", "-")
    assert done.returncode == 1
    assert "'-' reads the question from standard input, but there is none" in done.stderr


@pytest.mark.slow
def test_answer_is_verified_from_a_pipe(run: Run):
    saved = run("ask", "What fur does the Tabby have?", "--json").stdout
    assert "1 of 1 quotes stand in the notes" in run("verify", "-", piped=saved).stdout


def test_bibtex_goes_to_standard_output_alone(run: Run):
    printed = run("export", "--bib", "-")
    assert printed.stdout.startswith("@misc{") and "2401.00001" in printed.stdout
    assert printed.stderr.startswith("paperrag: 1 paper\n")
    cited = run("ask", "What fur does the Tabby have?", "--bib", "-")
    assert cited.stdout == printed.stdout


def test_hits_are_printed_a_line_each(run: Run):
    lines = run("search", "fur", "--jsonl").stdout.splitlines()
    hits = json.loads(run("search", "fur", "--json").stdout)["hits"]
    assert [json.loads(line) for line in lines] == hits


def test_answer_is_printed_a_line_each_step(run: Run):
    lines = run("ask", "What fur does the Tabby have?", "--jsonl").stdout.splitlines()
    whole = json.loads(run("ask", "What fur does the Tabby have?", "--json").stdout)
    assert {**json.loads(lines[-1]), "took_ms": 0} == {**whole, "took_ms": 0}


def test_files_of_hits_are_printed_once_and_can_be_opened(run: Run, tmp_path: Path):
    files = run("search", "animals", "--all", "--files").stdout.splitlines()
    assert sorted(files) == ["corpus/notes/cats.md", "corpus/notes/dogs.md"]
    assert all((tmp_path / file).is_file() for file in files)


def test_works_are_printed_a_line_each(run: Run, tmp_path: Path):
    for name in ("Tide", "Sand"):
        note = f"---\ntitle: {name}Fold\nyear: 2024\n---\n\n"
        note += (
            f"- This paper presents {name}Fold, which folds proteins in a day.\n- proteins fold\n"
        )
        write_file(tmp_path / "corpus" / "notes" / f"{name}.md", note)
    printed = run("search", "--works", "folding proteins", "-k", "2").stdout.splitlines()
    assert len(printed) == 2
    assert any(
        "TideFold (2024) — This paper presents TideFold, which folds proteins in a day.  (notes/Tide.md:"
        in line
        for line in printed
    )
    hits = json.loads(run("search", "--works", "folding", "-k", "2", "--json").stdout)["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2]


@pytest.mark.slow
def test_all_entries_and_only_those_that_score_enough(run: Run):
    scores = [
        hit["score"] for hit in json.loads(run("search", "fur", "--all", "--json").stdout)["hits"]
    ]
    assert len(scores) == 4
    some = run("search", "fur", "--all", "--json", "--min-score", str(scores[1]))
    assert [hit["score"] for hit in json.loads(some.stdout)["hits"]] == scores[:2]
    assert run("search", "fur", "--min-score", "1.5").returncode == 2


def test_entry_is_printed_by_its_id(run: Run):
    hit = json.loads(run("search", "striped fur", "-k", "1", "--json").stdout)["hits"][0]
    printed = run("get", hit["entry_id"])
    assert printed.stdout.splitlines()[0] == "notes/cats.md:3  Cats"
    assert printed.stdout.splitlines()[2] == CATS.splitlines()[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["notes/dogs.md", "dogs.md", "dogs", "notes/dogs"])
def test_note_is_printed_by_its_name(run: Run, name: str):
    assert run("get", name).stdout == DOGS
    assert run("get", f"{name}:4").stdout == "- 柴犬：爱叫，尾巴卷曲\n"
    assert run("get", f"{name}:3-4").stdout == "".join(DOGS.splitlines(keepends=True)[2:])


def test_path_that_files_of_a_search_have_names_a_note(run: Run, tmp_path: Path):
    (path,) = run("search", "柴犬", "--files", "-k", "1").stdout.splitlines()
    assert [run("get", one).stdout for one in (path, f"{tmp_path / path}:1")] == [DOGS] * 2


def test_line_that_is_not_there_and_unknown_names_are_told(run: Run):
    assert "notes/dogs.md has lines 1 to 4; asked for were 9 to 4" in run("get", "dogs:9").stderr
    assert "near: notes/dogs.md" in run("get", "dgos.md").stderr
    assert "no entry has the id and no note the name" in run("get", "../../etc/passwd").stderr


def test_name_of_several_notes_is_refused(tmp_path: Path):
    from paperrag.errors import QueryError

    for folder in ("a", "b"):
        write_file(tmp_path / folder / "x.md", "- x\n")
    with pytest.raises(QueryError, match=r"means several notes: a/x\.md, b/x\.md"):
        read_note(tmp_path, "x")


def test_ctrl_c_in_a_chat_ends_the_answer_then_the_chat(run: Run, monkeypatch: pytest.MonkeyPatch):
    asked = iter(["Which entries are about cats?", "Which entries are about dogs?", None])
    answered = Assistant.ask_stream

    def typed(prompt: str) -> str:
        if (line := next(asked)) is None:
            raise KeyboardInterrupt
        return line

    def interrupted(self: Assistant, question: str, *rest: object) -> Iterator[object]:
        yield from answered(self, question, *rest)
        if "cats" in question:
            raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", typed)
    monkeypatch.setattr(Assistant, "ask_stream", interrupted)
    done = run("chat")
    assert (done.returncode, done.stderr) == (0, "paperrag: stopped\n")
    assert "Collie" in done.stdout and "Tabby" not in done.stdout


def test_chat_follows_up_until_it_is_left(run: Run, monkeypatch: pytest.MonkeyPatch):
    asked = iter(["Which entries are about cats?", "which of them has blue eyes?", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(asked))
    printed = run("chat").stdout
    assert "Tabby" in printed
    assert "blue eyes" in printed.rpartition("Understood as")[2]

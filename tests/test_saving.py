"""What is kept of an answer: a note for a vault, and the papers of an answer or a search."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from workbench import paperrag_here, write_file

CATS = "# Cats\n\n- Tabby: striped fur https://arxiv.org/abs/2401.00001\n- 柴犬：尾巴卷曲\n"
Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command line on a vault of one note."""
    write_file(tmp_path / "My Vault" / "pets" / "cats.md", CATS)
    (tmp_path / "My Vault" / ".obsidian").mkdir()
    (tmp_path / "paperrag.toml").write_text('encoder = "bundled-static"\ncorpus = "My Vault"\n')
    return lambda *arguments: paperrag_here(*arguments, cwd=tmp_path)


NOTE = """---
question: "What fur does the Tabby have?"
written-by: "paperrag"
tags: ["paperrag"]
---

Your notes only name it (pets › Cats), without a remark:
Tabby: striped fur [^1]

[^1]: [[pets/cats|Tabby: striped fur]] ([paper](<https://arxiv.org/abs/2401.00001>)), line 3

    > Tabby: striped fur
"""


def test_answer_is_a_note_of_a_vault(run: Run):
    assert run("ask", "What fur does the Tabby have?", "--note", "-").stdout == NOTE


def test_corpus_that_is_a_part_of_a_vault_is_linked_from_the_vault(run: Run):
    inner = run("--corpus", "My Vault/pets", "ask", "What fur does the Tabby have?", "--note", "-")
    assert "[[pets/cats|Tabby" in inner.stdout


@pytest.mark.slow
def test_note_goes_into_a_folder_under_its_question_and_replaces_none(run: Run, tmp_path: Path):
    folder = tmp_path / "answers"
    folder.mkdir()
    done = run("ask", "柴犬的尾巴是什么样的？", "--note", "answers")
    assert [file.name for file in folder.iterdir()] == ["柴犬的尾巴是什么样的？.md"]
    assert "尾巴卷曲" in done.stdout and "note in answers/" in done.stderr
    again = run("ask", "柴犬的尾巴是什么样的？", "--note", "answers")
    assert again.returncode == 1 and "is there already" in again.stderr
    among = run("ask", "柴犬的尾巴是什么样的？", "--note", "My Vault")
    assert "it lies among your notes" in among.stderr


@pytest.mark.slow
def test_papers_of_an_answer_and_of_a_search(run: Run, tmp_path: Path):
    bib = run("ask", "What fur does the Tabby have?", "--bib", "-").stdout
    csl = json.loads(run("ask", "What fur does the Tabby have?", "--csl", "-").stdout)
    assert bib.startswith("@misc{arxiv-2401.00001,") and csl[0]["id"] == "arxiv-2401.00001"
    found = run("search", "striped fur", "--bib", "found.bib", "--csl", "found.json")
    assert "Tabby" in found.stdout
    assert (tmp_path / "found.bib").read_text() == bib
    assert json.loads((tmp_path / "found.json").read_text()) == csl
    assert run("search", "striped fur", "--bib", "-").stdout == bib
    ris = run("ask", "What fur does the Tabby have?", "--ris", "-").stdout
    assert "ID  - arxiv-2401.00001\n" in ris and run("export", "--ris", "-").stdout == ris

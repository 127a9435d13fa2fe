"""Every snippet of the documents is run: commands, settings, Python, calls of the page.

Python of README and docs/python.md runs in test_docs, that of docs/app.md in browser/test_programs.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from llm_server import serving
from paperrag.commands.arguments import make_parser
from paperrag.commands.serving import mcp
from paperrag.config_files import load_settings
from paperrag.notes.tree import parse_note
from paperrag.papers.bibtex import bibtex
from paperrag.papers.refs import read_refs
from paperrag.papers.shelf import Shelf
from test_programs import at_work, open_pets
from workbench import paperrag_here, write_file

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
WAITS = {"serve", "mcp", "chat", "watch"}
"""Commands that stay until one leaves them; test_serving, test_programs and test_shell run them."""
SERVED = "http://127.0.0.1:7860"
MILVUS = "http://milvus.lab:19530"
"""A server that is nowhere; a file of Milvus Lite stands for it."""
BIB = "@article{wang2024, title={Model Tells You Where to Merge}, eprint={2407.08454}, archiveprefix={arXiv}}\n"


def snippets(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(page: str, program: str) -> Iterator[list[str]]:
    lines = (line for block in snippets(page, "bash") for line in block.splitlines())
    for line in lines:
        if line.startswith(f"{program} "):
            yield shlex.split(line, comments=True)[1:]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the bundled notes in ~/notes, a tagged one, and a library of Zotero."""
    for name in ("config", "data", "state"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EDITOR", "true")
    shutil.copytree(ROOT / "corpus" / "notes", tmp_path / "notes")
    tagged = "# Merging\n\n- CaM: merges KV cache #kv-cache https://arxiv.org/abs/2407.08454\n"
    write_file(tmp_path / "notes" / "papers" / "merging.md", tagged)
    write_file(tmp_path / "papers" / "a.md", "- LoRA: low-rank adapters\n")
    (tmp_path / "library.bib").write_text(BIB, encoding="utf-8")
    (tmp_path / "paperrag.toml").write_text('encoder = "bundled-static"\n')
    assert paperrag_here("init", tmp_path / "notes", cwd=tmp_path).returncode == 0
    return tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if any(commands(page, "paperrag"))])
def test_commands_run(home: Path, page: str):
    for words in commands(page, "paperrag"):
        if WAITS & set(words) or "--llm" in words:
            continue
        words = [
            word.replace("~", str(home), 1) if word.startswith("~") else word for word in words
        ]
        words = [word.replace(MILVUS, str(home / "milvus.db")) for word in words]
        done = paperrag_here(*words, cwd=home)
        assert done.returncode == 0, (words, done.stderr)
        assert done.stdout or words[0] == "open" or "papers" in done.stderr, words


def test_models_write_as_the_document_says(home: Path, monkeypatch: pytest.MonkeyPatch):
    with serving("CaM merges the KV cache [1].") as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        for words in commands("docs/llm.md", "paperrag"):
            done = paperrag_here(*words, cwd=home)
            assert done.returncode == 0, (words, done.stderr)
        asked = dict.fromkeys(body["model"] for body in server.asked)
        assert list(asked) == ["qwen3:4b", "gpt-4o-mini", "my-model"]


def test_hosts_are_told_of_a_command_that_there_is():
    local, code, address = map(json.loads, snippets("docs/mcp.md", "json"))
    for server in (local["mcpServers"]["paperrag"], code["servers"]["paperrag"]):
        assert server["command"] == "paperrag"
        assert make_parser().parse_args(server["args"]).run is mcp
    assert address["mcpServers"]["paperrag"]["url"] == f"{SERVED}/mcp"


def test_files_for_docker_and_helm_are_yaml():
    standalone, cluster = map(yaml.safe_load, snippets("docs/cluster.md", "yaml"))
    services = standalone["services"]
    assert services["milvus"]["depends_on"] == [name for name in services if name != "milvus"]
    assert cluster["cluster"] == {"enabled": True}


@pytest.mark.parametrize("page", [page for page in PAGES if snippets(page, "toml")])
def test_settings_are_settings(tmp_path: Path, page: str):
    for number, text in enumerate(snippets(page, "toml")):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, encoding="utf-8")
        load_settings({}, {}, file)


def test_note_of_zotero_has_its_key(tmp_path: Path):
    [note] = snippets("docs/zotero.md", "markdown")
    refs = read_refs(parse_note(note, "notes/tide.md").entries)
    assert bibtex(refs, Shelf(tmp_path))[0].startswith("@misc{okafor2024tide,")


def test_page_is_asked_as_the_document_says(tmp_path: Path):
    with at_work(open_pets(tmp_path)) as url:
        for words in commands("docs/app.md", "curl"):
            called = [word.replace(SERVED, url.rstrip("/")) for word in words]
            done = subprocess.run(
                ["curl", "-f", *called], capture_output=True, text=True, check=True
            )
            assert done.stdout.startswith("{")


def test_llamaindex_takes_the_notes_as_the_document_says(tmp_path, monkeypatch):
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    monkeypatch.chdir(tmp_path)
    for code in snippets("docs/llm.md", "python"):
        exec(compile(code, "llm.md", "exec"), {})

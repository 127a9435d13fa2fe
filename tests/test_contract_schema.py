"""docs/contract.schema.json is what the shapes say, and every command prints what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from paper_server import MadeUp, PaperServer
from paperrag.cli import main
from paperrag.output.contract import COMMANDS, schema, schema_text
from paperrag.page.api import Api
from small_corpus import make_assistant

SCHEMA = Path(__file__).parent.parent / "docs" / "contract.schema.json"
NOTE = """# KV 缓存
- [KV merging](https://arxiv.org/abs/2401.00001) merges keys and values [ICML 2024]
  - 高斯核加权
- Instruction-Mining: picks data
"""
QUESTION = {
    "id": "q1",
    "lang": "en",
    "kind": "single",
    "question": "what merges keys?",
    "spans": [[2, 2]],
}


def test_committed_schema_is_that_of_the_shapes():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text()  # python -m paperrag.output.contract


@pytest.fixture
def folder(tmp_path: Path, papers: PaperServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    papers.papers.append(MadeUp("KV merging", "We merge keys.", arxiv="2401.00001"))
    for name, url in papers.urls().items():
        monkeypatch.setenv(f"PAPERRAG_{name.upper()}", url)
    for name in ("FETCH_PAUSE_S", "ARXIV_PAUSE_S", "FETCH_BACKOFF_S"):
        monkeypatch.setenv(f"PAPERRAG_{name}", "0")
    monkeypatch.setenv("PAPERRAG_ENCODER", "bundled-static")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))  # which `init` writes to
    monkeypatch.chdir(tmp_path)
    notes = tmp_path / "corpus" / "notes" / "a.md"
    notes.parent.mkdir(parents=True)
    notes.write_text(NOTE, encoding="utf-8")
    (tmp_path / "corpus" / "notes" / "broken.md").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "q.jsonl").write_text(json.dumps(QUESTION), encoding="utf-8")
    return tmp_path


def wrong(command: str, printed: Any) -> list[str]:
    whole = schema()
    checked = {**whole["commands"][command], "$defs": whole["$defs"]}
    return [error.message for error in Draft202012Validator(checked).iter_errors(printed)]


@pytest.mark.slow
def test_every_command_prints_what_the_schema_says(folder: Path, lite_uri: str, capsys):
    def run(*arguments: str) -> Any:
        main([*arguments, "--json"])
        return json.loads(capsys.readouterr().out)

    def ask() -> Any:
        answer = run("ask", "what merges keys?")
        (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
        return answer

    def line(*arguments: str) -> Any:
        main([*arguments, "--jsonl"])
        return json.loads(capsys.readouterr().out.splitlines()[0])

    printed = {
        "index": run("index"),
        "fetch --dry-run": run("fetch", "--dry-run"),
        "fetch": run("fetch"),
        "search": run("search", "merging keys", "--explain"),
        "search --jsonl": line("search", "merging keys"),
        "ask": ask(),
        "ask --jsonl": line("ask", "what merges keys?"),
        "verify": run("verify", "answer.json"),
        "get ID": run("get", run("search", "merging keys")["hits"][0]["entry_id"]),
        "get FILE": run("get", "notes/a.md"),
        "open": run("open", "1"),
        "status": run("status"),
        "push": run("push", "--to", lite_uri),
        "export": run("export", "--bib", "all.bib"),
        "lint": run("lint"),
        "eval": run("eval", "q.jsonl"),
        "init": run("init", "corpus"),
        "collection": run("collection", "add", "corpus", "--name", "mine"),
        "doctor": run("doctor"),
    }
    assert printed.keys() == COMMANDS.keys() - {"similar"}
    assert {name: faults for name, given in printed.items() if (faults := wrong(name, given))} == {}
    assert printed["search"]["hits"][0]["related"] and printed["lint"]["findings"]


def test_similar_entries_are_as_the_schema_says(tmp_path: Path, fake_encoder):
    api = Api(make_assistant(tmp_path, NOTE, fake_encoder))
    best = api.search("Instruction-Mining")["hits"][0]
    found = api.similar(best["entry_id"])
    assert found["hits"] and wrong("similar", found) == []


def test_what_is_no_answer_is_found_out():
    assert wrong("ask", {"question": 3}) != []

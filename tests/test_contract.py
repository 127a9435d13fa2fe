from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes import make_entry
from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder
from paperrag.llm.generator import ModelState
from paperrag.output.as_json import ask_json, entry_json, report_json, search_json, status_json
from paperrag.output.reports import status_text
from paperrag.records import Link
from small_corpus import make_assistant

NOTES = {
    "notes/缓存/kv.md": (
        "# KV 缓存\n\n- [KVMerger](https://arxiv.org/abs/2407.08454) merges keys, see "
        "github.com/a/b\n  > 高斯核加权\n- CaM\n"
    ),
    "notes/empty.md": "",
}

SEARCH = {"query": str, "language": str, "took_ms": float, "index": dict, "hits": list}
HIT = {
    "rank": int,
    "score": float,
    "entry_id": str,
    "kind": str,
    "title": str,
    "breadcrumb": list,
    "text": str,
    "source": str,
    "line_start": int,
    "line_end": int,
    "links": list,
    "work": dict,
    "language": str,
    "explain": dict,
}
WORK = {"id": str, "name": str, "source": str, "line_start": int}
EXPLAIN = {
    "dense": float,
    "late": float,
    "lexical": float,
    "structure": float,
    "matched_words": list,
}
INDEX = {
    "generation": int,
    "encoder": str,
    "dimension": int,
    "files": int,
    "entries": int,
    "chunks": int,
    "expected_entries": type(None),
}
ASK = {
    "question": str,
    "standalone_question": type(None),
    "language": str,
    "mode": str,
    "model": type(None),
    "abstained": bool,
    "answer": str,
    "citations": list,
    "claims": list,
    "report": type(None),
    "usage": type(None),
    "notice": type(None),
    "took_ms": float,
}
CITATION = {
    "n": int,
    "entry_id": str,
    "kind": str,
    "title": str,
    "breadcrumb": list,
    "source": str,
    "line_start": int,
    "line_end": int,
    "quote": str,
    "quote_verified": bool,
    "links": list,
    "work": dict,
    "score": float,
}
REPORT = {
    "added": int,
    "changed": int,
    "moved": int,
    "removed": int,
    "unchanged": int,
    "embedded_chunks": int,
    "files_read": int,
    "files": int,
    "by_file": list,
    "troubles": list,
    "took_ms": float,
}
STATUS = {
    "corpus": str,
    "store": str,
    "index_folder": str,
    "index": dict,
    "rebuilding": type(None),
    "disk_bytes": int,
    "fresh": bool,
    "changed_files": list,
    "removed_files": list,
    "faults": list,
    "checked": bool,
    "troubles": list,
    "model": type(None),
}


@pytest.fixture
def assistant(tmp_path: Path, bundled_encoder: Encoder) -> Assistant:
    return make_assistant(tmp_path, NOTES, bundled_encoder)


def shape(value: dict[str, Any]) -> dict[str, type]:
    """Keys in order, with the types that JSON gives back."""
    return {
        key: type(item) for key, item in json.loads(json.dumps(value, ensure_ascii=False)).items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("query", ["KVMerger", "高斯核", "KV 缓存 merging"])
def test_search_has_the_promised_shape(assistant: Assistant, query: str):
    data = search_json(assistant.search(query))
    assert shape(data) == SEARCH and shape(data["index"]) == INDEX
    assert [shape(hit) for hit in data["hits"]] == [HIT, HIT]
    assert [shape(hit["explain"]) for hit in data["hits"]] == [EXPLAIN, EXPLAIN]
    works = [hit["work"] for hit in data["hits"] if hit["title"] == "CaM"]
    assert [shape(work) for work in works] == [WORK]


def test_search_without_reasons_keeps_the_key(assistant: Assistant):
    assert [
        hit["explain"] for hit in search_json(assistant.search("CaM"), explain=False)["hits"]
    ] == [{}, {}]


def test_hit_says_what_stands_where(assistant: Assistant):
    hit = search_json(assistant.search("高斯核加权"))["hits"][0]
    assert hit["source"] == "notes/缓存/kv.md"  # relative to the corpus folder
    assert (hit["line_start"], hit["line_end"]) == (3, 4)  # from 1, both ends included
    lines = NOTES[hit["source"]].split("\n")
    assert hit["text"] == "\n".join(lines[hit["line_start"] - 1 : hit["line_end"]])
    assert (
        hit["breadcrumb"] == ["缓存", "KV 缓存"]
        and hit["entry_id"] == "notes/缓存/kv.md#kv-缓存/kvmerger"
    )
    assert hit["rank"] == 1 and 0 <= hit["score"] <= 1 and hit["kind"] == "note"
    assert hit["links"] == [
        {"url": "https://arxiv.org/abs/2407.08454", "arxiv_id": "2407.08454"},
        {"url": "https://github.com/a/b"},
    ]


def test_links_give_arxiv_ids_only_to_arxiv():
    links = [
        Link("https://arxiv.org/abs/cs/0701001", "arxiv", "cs/0701001"),
        Link("https://doi.org/10.1/x", "doi", "10.1/x"),
    ]
    assert entry_json(make_entry("- x", links=tuple(links)))["links"] == [
        {"url": "https://arxiv.org/abs/cs/0701001", "arxiv_id": "cs/0701001"},
        {"url": "https://doi.org/10.1/x"},
    ]


@pytest.mark.parametrize(
    "question", ["which methods merge the KV cache?", "KVMerger 用什么核？", "CaM"]
)
def test_ask_has_the_promised_shape(assistant: Assistant, question: str):
    data = ask_json(*assistant.ask(question))
    assert shape(data) == ASK
    assert data["citations"] and all(shape(citation) == CITATION for citation in data["citations"])
    assert [citation["n"] for citation in data["citations"]] == list(
        range(1, len(data["citations"]) + 1)
    )
    assert (data["question"], data["mode"], data["model"]) == (question, "extractive", None)


def test_abstaining_has_the_same_shape(assistant: Assistant):
    data = ask_json(*assistant.ask("what does a flight to Lisbon cost?"))
    assert shape(data) == ASK
    assert data["abstained"] and data["citations"] == []


def test_index_report_has_the_promised_shape(assistant: Assistant):
    data = report_json(assistant.build(), 1.5)
    assert shape(data) == REPORT
    assert (data["added"], data["embedded_chunks"], data["files_read"], data["files"]) == (
        2,
        2,
        2,
        2,
    )


def test_troubles_of_files_have_the_promised_shape(assistant: Assistant):
    (assistant.settings.corpus / "notes" / "binary.md").write_bytes(bytes(range(256)) * 4)
    (trouble,) = report_json(assistant.build(), 0.0)["troubles"]
    assert list(trouble) == ["source", "line", "message", "fatal"]
    assert (trouble["source"], trouble["line"], trouble["fatal"]) == ("notes/binary.md", None, True)
    assert json.loads(json.dumps(status_json(assistant.status())))["troubles"] == [trouble]


def test_status_has_the_promised_shape(assistant: Assistant):
    assistant.build()
    data = status_json(assistant.status())
    assert shape(data) == STATUS and shape(data["index"]) == INDEX
    assert data["fresh"] and data["disk_bytes"] > 0 and data["index"]["entries"] == 2


def test_status_without_an_index_says_null(assistant: Assistant):
    data = status_json(assistant.status())
    assert shape(data) == {**STATUS, "index": type(None)}
    assert (data["fresh"], data["disk_bytes"]) == (False, 0)


def test_status_says_which_model_writes_and_what_keeps_it_from_it(assistant: Assistant):
    state = ModelState("ollama:tiny", "unreachable: is it running?")
    data = status_json(assistant.status(), state)
    assert data["model"] == {"name": "ollama:tiny", "connected": False, "why": state.why}
    assert "model      ollama:tiny: connected" in status_text(
        assistant.status(), ModelState("ollama:tiny", "")
    )


def test_status_names_what_changed(assistant: Assistant):
    assistant.build()
    notes = assistant.settings.corpus / "notes"
    (notes / "empty.md").unlink()
    (notes / "新.md").write_text("- 新条目\n", encoding="utf-8")
    data = status_json(assistant.status())
    assert (data["fresh"], data["changed_files"], data["removed_files"]) == (
        False,
        ["notes/新.md"],
        ["notes/empty.md"],
    )

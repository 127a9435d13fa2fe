"""The tools as an MCP client's calls reach them; the transport is tested with the browser."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest

from app_corpus import open_pets
from paperrag.assistant import Assistant
from paperrag.config import Settings
from paperrag.page.api import AT_ONCE, Api
from paperrag.together import Together

pytestmark = pytest.mark.slow

pytest.importorskip("mcp", reason="the tools need mcp")

LONGEST_S = 10.0


def _run(work: Any) -> Any:
    with ThreadPoolExecutor(1) as other_thread:  # browser tests hold an event loop in this one
        return other_thread.submit(asyncio.run, work).result()


def _tools(assistant: Assistant) -> Any:
    from paperrag.page.tools import make_tools

    return make_tools(Api(assistant))


class _SlowAssistant:
    """Says how many of its calls ran side by side; none ends before it may."""

    settings = Settings()
    corpora = (settings.corpus,)

    def __init__(self) -> None:
        self.may_end, self.lock, self.running, self.most = Event(), Lock(), 0, 0

    def status(self) -> Any:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.may_end.wait(LONGEST_S)
        with self.lock:
            self.running -= 1
        raise ValueError("that was all")


def test_what_assistants_are_told_of_a_tool_is_not_indented() -> None:
    told = [tool.description for tool in _run(_tools(_SlowAssistant()).list_tools())]  # type: ignore[arg-type]
    assert len(told) == 6 and not any("  " in one for one in told)


def test_a_tool_that_computes_leaves_the_page_answering_and_waits_for_its_turn() -> None:
    slow = _SlowAssistant()
    tools = _tools(slow)  # type: ignore[arg-type]

    async def use() -> None:
        calls = [
            asyncio.create_task(tools.call_tool("index_status", {})) for _ in range(AT_ONCE + 2)
        ]
        while slow.running < AT_ONCE:
            await asyncio.sleep(0.01)  # would never come back if a call held the loop
        await asyncio.sleep(0.1)
        slow.may_end.set()
        await asyncio.gather(*calls, return_exceptions=True)

    _run(asyncio.wait_for(use(), LONGEST_S))
    assert slow.most == AT_ONCE


def test_a_mistake_is_told_in_words(tmp_path: Path) -> None:
    from mcp.server.fastmcp.exceptions import ToolError

    tools = _tools(open_pets(tmp_path))
    with pytest.raises(ToolError, match="no entry has the id 'nope'"):
        _run(tools.call_tool("get_entry", {"entry_id": "nope"}))


def test_notes_are_listed_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mcp.types import ListResourcesRequest, PaginatedRequestParams

    from paperrag.page import tools

    monkeypatch.setattr(tools, "NOTES_LISTED", 1)
    assistant = open_pets(tmp_path)
    (tmp_path / "corpus" / "notes" / "鸟.md").write_text(
        "# 鸟\n\n- 夜莺在夜里唱歌\n", encoding="utf-8"
    )
    assistant.build()
    served = tools._Tools(Api(assistant))
    first = _run(served.notes(ListResourcesRequest()))
    params = PaginatedRequestParams(cursor=first.nextCursor)
    second = _run(served.notes(ListResourcesRequest(params=params)))
    assert [one.name for one in first.resources] == ["notes/pets.md"]
    assert [str(one.uri) for one in second.resources] == ["paperrag://note/notes%2F%E9%B8%9F.md"]
    assert second.nextCursor is None


def test_notes_of_several_collections_are_listed_by_their_whole_paths(tmp_path: Path) -> None:
    every = {name: open_pets(tmp_path / name) for name in ("a", "b")}
    api = Api(Together(every))
    assert api.note_names() == []
    for assistant in every.values():
        assistant.build()
    assert api.note_names() == [
        str(tmp_path / name / "corpus/notes/pets.md") for name in ("a", "b")
    ]
    assert all("Tabby" in api.note(name)["text"] for name in api.note_names())

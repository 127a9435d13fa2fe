"""The notes as parts of LlamaIndex programs: nodes and back, retriever, query engine, chat
engine.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import NodeWithScore, TextNode

from llm_server import Reply, serving
from paperrag import Assistant
from paperrag.llamaindex.engines import REVISED
from paperrag.llamaindex.nodes import to_entry, to_hit, to_node, to_scored_node

pytestmark = pytest.mark.slow

T = TypeVar("T")


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: the browser tests keep a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


QUESTION = "which methods merge KV cache?"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a host was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_every_entry_comes_back_exactly(real_assistant):
    entries = real_assistant.data().entries
    for row in range(len(entries)):
        entry = entries.get(row)
        assert to_entry(to_node(entry)) == entry
        assert to_entry(TextNode.from_json(to_node(entry).to_json())) == entry


def test_hits_come_back_exactly(real_assistant):
    for hit in real_assistant.search(QUESTION).hits:
        assert to_hit(to_scored_node(hit)) == hit
        assert (
            to_hit(
                NodeWithScore(
                    node=TextNode.from_json(to_scored_node(hit).node.to_json()), score=hit.score
                )
            )
            == hit
        )


def test_retriever_finds_what_search_finds(real_assistant):
    hits = real_assistant.search(QUESTION, 5).hits
    retriever = real_assistant.as_retriever(k=5)
    assert tuple(map(to_hit, retriever.retrieve(QUESTION))) == hits
    assert tuple(map(to_hit, in_a_loop(retriever.aretrieve(QUESTION)))) == hits


def test_retriever_works_in_their_query_engine(real_assistant):
    engine = RetrieverQueryEngine.from_args(
        real_assistant.as_retriever(k=3), llm=MockLLM(max_tokens=20)
    )
    response = engine.query(QUESTION)
    assert [one.node_id for one in response.source_nodes] == [
        hit.entry.id for hit in real_assistant.search(QUESTION, 3).hits
    ]


def test_query_engine_gives_the_answer(real_assistant):
    answer, _ = real_assistant.ask(QUESTION)
    engine = real_assistant.as_query_engine()
    for response in (engine.query(QUESTION), in_a_loop(engine.aquery(QUESTION))):
        assert response.response == answer.text
        assert [one.node_id for one in response.source_nodes] == [
            one.entry.id for one in answer.citations
        ]
        assert (response.metadata["mode"], response.metadata["abstained"]) == ("extractive", False)


def test_stream_adds_up_to_the_answer(real_assistant):
    answer, _ = real_assistant.ask(QUESTION)
    response = real_assistant.as_query_engine(streaming=True).query(QUESTION)
    assert "".join(response.response_gen) == answer.text == response.metadata["text"]
    assert len(response.source_nodes) == len(answer.citations)


def test_chat_engine_keeps_what_was_said(real_assistant):
    answer, _ = real_assistant.ask(QUESTION)
    engine = real_assistant.as_chat_engine()
    assert engine.chat(QUESTION).response == answer.text
    stream = engine.stream_chat(QUESTION)
    assert "".join(stream.response_gen) == answer.text
    assert in_a_loop(engine.achat(QUESTION)).response == answer.text

    async def streamed() -> str:
        response = await engine.astream_chat(QUESTION)
        return "".join([delta async for delta in response.async_response_gen()])

    assert in_a_loop(streamed()) == answer.text
    assert [message.content for message in engine.chat_history] == [QUESTION, answer.text] * 4
    engine.reset()
    assert engine.chat_history == []


def test_chat_engine_understands_a_follow_up(real_assistant):
    engine = real_assistant.as_chat_engine()
    engine.chat(QUESTION)
    response = engine.chat("which of them work for multimodal models?")
    assert [node.node.metadata["title"].split(":")[0] for node in response.source_nodes] == [
        "LOOK-M"
    ]


def test_stream_ends_with_the_proved_answer(real_assistant, monkeypatch):
    told = "- CaM was tested on 777 datasets [1].\n- DMC decides whether to merge or append [2].\n"
    with serving(lambda messages: Reply(told, pause_s=0.06)) as server:
        monkeypatch.undo()  # a client may look up 127.0.0.1
        monkeypatch.setenv("OLLAMA_HOST", server.ollama)
        asked = Assistant.open(
            real_assistant.settings.corpus, real_assistant.settings.index, llm="ollama:tiny"
        )
        response = asked.as_query_engine(streaming=True).query(QUESTION)
        before, _, proved = "".join(response.response_gen).partition(REVISED)
    assert before.startswith("- CaM was tested on 777 datasets")
    assert "⚠" not in before
    assert "777 datasets. [1] ⚠" in proved
    assert response.metadata["revised"]
    assert response.metadata["report"]["supported"] == 1

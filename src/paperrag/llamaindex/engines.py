"""Searching as LlamaIndex's retriever, asking as its query and chat engines.

LlamaIndex's types never leave this folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import (
    AsyncStreamingResponse,
    Response,
    StreamingResponse,
)
from llama_index.core.chat_engine.types import (
    AgentChatResponse,
    BaseChatEngine,
    StreamingAgentChatResponse,
)
from llama_index.core.llms import ChatMessage, ChatResponse, MessageRole
from llama_index.core.schema import NodeWithScore, QueryBundle

from paperrag.conversation.history import Exchange, exchange
from paperrag.llamaindex.nodes import plain, to_node, to_scored_node
from paperrag.records import Answer, Citation, Hit
from paperrag.search.filtering import Filters

REVISED = "\n\n---\n\n"
"""Stands in a stream before the proved answer, if proof changed what was already shown."""


_Part = TypeVar("_Part", str, ChatResponse)


class _Found(Protocol):
    @property
    def hits(self) -> tuple[Hit, ...]: ...


class Askable(Protocol):
    """What the engines need of an assistant."""

    def search(self, query: str, k: int | None = None, filters: Filters | None = None) -> _Found:
        """Return the best entries."""

    def ask_stream(
        self,
        question: str,
        filters: Filters | None = None,
        k: int | None = None,
        history: Sequence[Exchange] = (),
    ) -> Iterator[tuple[Answer, float]]:
        """Yield the answer as it grows."""


class PaperRetriever(BaseRetriever):
    """Searches the notes; hits are those of `Assistant.search`."""

    def __init__(
        self, assistant: Askable, k: int | None = None, filters: Filters | None = None
    ) -> None:
        super().__init__()
        self._assistant, self._k, self._filters = assistant, k, filters

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [
            to_scored_node(hit)
            for hit in self._assistant.search(query_bundle.query_str, self._k, self._filters).hits
        ]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class _Stream:
    """The appended parts of a growing answer. `facts` and `nodes` are filled when the proved
    answer is there.

    A growing answer is not proved yet. If proof changes what was shown, the proved one follows
    whole, after `REVISED`.
    """

    def __init__(self, answers: Iterator[tuple[Answer, float]]) -> None:
        self.facts: dict[str, Any] = {}
        self.nodes: list[NodeWithScore] = []
        self._last: Answer | None = None
        self._answers = answers

    def answer(self) -> Answer:
        """Return the proved answer, once all parts are read."""
        assert self._last is not None  # deltas() ends with it
        return self._last

    def deltas(self) -> Iterator[str]:
        shown, last = "", None
        for last, _ in self._answers:
            if last.text.startswith(shown):
                delta, shown = last.text[len(shown) :], last.text
                if delta:
                    yield delta
        assert last is not None  # ask_stream yields at least once
        self._last = last
        if last.text != shown:
            yield f"{REVISED}{last.text}"
        self.facts |= {**_facts(last), "revised": last.text != shown}
        self.nodes += _source_nodes(last)


async def _in_thread(parts: Iterator[_Part]) -> AsyncIterator[_Part]:
    """Yield the parts of a stream, each read in a thread."""
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        yield part


class PaperQueryEngine(BaseQueryEngine):
    """Asks the notes. Source node n-1 is citation [n]; the answer's other facts are in the
    metadata.
    """

    def __init__(self, assistant: Askable, streaming: bool = False) -> None:
        super().__init__(callback_manager=None)
        self._assistant, self._streaming = assistant, streaming

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response | StreamingResponse:
        if self._streaming:
            stream = _Stream(self._assistant.ask_stream(query_bundle.query_str))
            return StreamingResponse(stream.deltas(), stream.nodes, stream.facts)  # type: ignore[arg-type]  # any iterator
        answer = _last(self._assistant.ask_stream(query_bundle.query_str))
        return Response(answer.text, _source_nodes(answer), _facts(answer))

    async def _aquery(self, query_bundle: QueryBundle) -> Response | AsyncStreamingResponse:
        if self._streaming:
            stream = _Stream(self._assistant.ask_stream(query_bundle.query_str))
            return AsyncStreamingResponse(_in_thread(stream.deltas()), stream.nodes, stream.facts)  # type: ignore[arg-type]
        answer = await asyncio.to_thread(
            lambda: _last(self._assistant.ask_stream(query_bundle.query_str))
        )
        return Response(answer.text, _source_nodes(answer), _facts(answer))


class PaperChatEngine(BaseChatEngine):
    """A conversation over the notes; follow-up questions are understood from what was asked before
    through this engine.
    """

    def __init__(self, assistant: Askable) -> None:
        self._assistant = assistant
        self._history: list[ChatMessage] = []
        self._exchanges: list[Exchange] = []

    @property
    def chat_history(self) -> list[ChatMessage]:
        """The messages so far, with answers as they were proved."""
        return self._history

    def reset(self) -> None:
        """Forget the conversation."""
        self._history, self._exchanges = [], []

    def chat(
        self, message: str, chat_history: list[ChatMessage] | None = None
    ) -> AgentChatResponse:
        """Answer a message; chat_history, if given, replaces the one kept."""
        answer = _last(self._ask(message, chat_history))
        self._keep(answer)
        return AgentChatResponse(
            answer.text, source_nodes=_source_nodes(answer), metadata=_facts(answer)
        )

    async def achat(
        self, message: str, chat_history: list[ChatMessage] | None = None
    ) -> AgentChatResponse:
        """As `chat`, in a thread."""
        return await asyncio.to_thread(self.chat, message, chat_history)

    def stream_chat(
        self, message: str, chat_history: list[ChatMessage] | None = None
    ) -> StreamingAgentChatResponse:
        """As `chat`, in parts; source nodes and history are there when the parts are read."""
        stream = _Stream(self._ask(message, chat_history))
        return StreamingAgentChatResponse(
            chat_stream=self._parts(stream),  # type: ignore[arg-type]  # any iterator
            source_nodes=stream.nodes,
            is_writing_to_memory=False,
        )

    async def astream_chat(
        self, message: str, chat_history: list[ChatMessage] | None = None
    ) -> StreamingAgentChatResponse:
        """As `stream_chat`, read with `async_response_gen`."""
        stream = _Stream(self._ask(message, chat_history))
        return StreamingAgentChatResponse(
            achat_stream=_in_thread(self._parts(stream)),  # type: ignore[arg-type]
            source_nodes=stream.nodes,
            is_writing_to_memory=False,
        )

    def _parts(self, stream: _Stream) -> Iterator[ChatResponse]:
        """Yield a stream as messages, and keep its answer."""
        for delta in stream.deltas():
            message = ChatMessage(role=MessageRole.ASSISTANT, content=delta)
            yield ChatResponse(message=message, delta=delta)
        self._keep(stream.answer())

    def _ask(
        self, message: str, chat_history: list[ChatMessage] | None
    ) -> Iterator[tuple[Answer, float]]:
        if chat_history is not None:
            self._history = list(chat_history)
            self._exchanges = []  # messages tell no citations to follow up
        return self._assistant.ask_stream(message, history=tuple(self._exchanges))

    def _keep(self, answer: Answer) -> None:
        roles = ((MessageRole.USER, answer.question), (MessageRole.ASSISTANT, answer.text))
        self._history += [ChatMessage(role=role, content=text) for role, text in roles]
        self._exchanges.append(exchange(answer))


def _last(answers: Iterator[tuple[Answer, float]]) -> Answer:
    *_, (answer, _) = answers
    return answer


def _source_nodes(answer: Answer) -> list[NodeWithScore]:
    return [
        NodeWithScore(node=to_node(citation.entry), score=citation.score)
        for citation in answer.citations
    ]


def _facts(answer: Answer) -> dict[str, Any]:
    facts: dict[str, Any] = plain(
        {
            name: getattr(answer, name)
            for name in answer.__struct_fields__
            if name not in ("citations", "nearest", "claims")
        }
    )
    records: Sequence[Citation] = answer.citations
    citations = [
        {"n": one.n, "id": one.entry.id, "quote": one.quote, "quote_verified": one.quote_verified}
        for one in records
    ]
    nearest = [hit.entry.id for hit in answer.nearest]
    return {
        **facts,
        "citations": citations,
        "nearest": nearest,
        "claims": plain(answer.claims),
    }

"""The notes for programs over plain HTTP: JSON, server-sent events, and the shape of OpenAI's
chats.

    GET  /search?q=…  /entries/ID  /notes/FILE  /health  /openapi.json  /docs  /v1/models
    POST /ask         /v1/chat/completions

Results are the JSON shapes of the command line; `openapi.json` says what each takes. Who may call
is the guard's matter, as for the page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from paperrag.errors import PaperRagError, QueryError
from paperrag.index.current import IndexStatus
from paperrag.index.recipe import package_version
from paperrag.page.api import Api
from paperrag.page.api_docs import api_docs
from paperrag.page.chat_completions import ChatCompletions
from paperrag.page.openapi import openapi
from paperrag.page.streaming import streamed

Handler = Callable[[Request], Awaitable[Response]]

FILTERS = ("section", "file", "kind", "lang", "tag")
CHOICES = (*FILTERS, "collection")
"""What restricts a question: filters, and which collections are asked."""


def http_routes(api: Api) -> list[Route]:
    """Return the routes, to stand before the page's."""
    calls = _Calls(api)
    gets: dict[str, Handler] = {
        "/search": calls.search,
        "/entries/{entry_id:path}": calls.entry,
        "/notes/{source:path}": calls.note,
        "/health": calls.health,
        "/openapi.json": calls.openapi,
        "/docs": calls.docs,
        "/v1/models": calls.models,
    }
    posts: dict[str, Handler] = {"/ask": calls.ask, "/v1/chat/completions": calls.chat}
    return [
        *(Route(path, _told(handler)) for path, handler in gets.items()),
        *(Route(path, _told(handler), methods=["POST"]) for path, handler in posts.items()),
    ]


class _Calls:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._chats = ChatCompletions(api)

    async def search(self, request: Request) -> Response:
        given = request.query_params
        choices = {name: ",".join(given.getlist(name)) for name in CHOICES}
        k = _number(given, "k", None)
        return await self._answered(self._api.search, given.get("q", ""), k, **choices)

    async def entry(self, request: Request) -> Response:
        collection = request.query_params.get("collection", "")
        return await self._answered(self._api.entry, request.path_params["entry_id"], collection)

    async def note(self, request: Request) -> Response:
        given = request.query_params
        first, last = _number(given, "line_start", 1), _number(given, "line_end", None)
        place = (request.path_params["source"], first, last, given.get("collection", ""))
        return await self._answered(self._api.note, *place)

    async def health(self, request: Request) -> Response:
        status = await asyncio.to_thread(lambda: self._api.of("").status())
        every = [status] if isinstance(status, IndexStatus) else list(status.values())
        entries = sum(one.manifest.entries for one in every if one.manifest)
        faults = [fault for one in every for fault in one.faults]
        found = {"version": package_version(), "entries": entries, "faults": faults}
        return JSONResponse({"status": "failing" if faults else "ok", **found})

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(openapi())

    async def docs(self, request: Request) -> Response:
        return HTMLResponse(api_docs(openapi()))

    async def models(self, request: Request) -> Response:
        return JSONResponse(self._chats.models())

    async def ask(self, request: Request) -> Response:
        body = await _body(request)
        if body.get("stream"):
            return await _events(self._ask_steps(body))
        question, k = str(body.get("question", "")), _number(body, "k", None)
        after = body.get("after") or ""
        return await self._answered(self._api.ask, question, k, after=after, **_choices(body))

    async def chat(self, request: Request) -> Response:
        body = await _body(request)
        if body.get("stream"):
            return await _events(self._chats.stream(body))
        return JSONResponse(await asyncio.to_thread(self._chats.whole, body))

    def _ask_steps(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any] | str]:
        question, k = str(body.get("question", "")), _number(body, "k", None)
        steps = self._api.ask_steps(question, k, body.get("after") or "", **_choices(body))
        yield from self._api.in_turn(steps)

    async def _answered(
        self, call: Callable[..., dict[str, Any]], *arguments: Any, **named: Any
    ) -> Response:
        def in_thread() -> dict[str, Any]:
            with self._api.turn:
                return call(*arguments, **named)

        return JSONResponse(await asyncio.to_thread(in_thread))


def _choices(body: Mapping[str, Any]) -> dict[str, str]:
    """What a body restricts a question to; a list of tags is as good as one text."""
    values = {name: body.get(name) or "" for name in CHOICES}
    return {
        name: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in values.items()
    }


def _told(handler: Handler) -> Handler:
    """Return a handler whose errors become a sentence in the shape that OpenAI's have."""

    async def call(request: Request) -> Response:
        try:
            return await handler(request)
        except PaperRagError as error:
            return _error(400 if isinstance(error, ValueError) else 503, error)

    return call


def _error(status: int, error: PaperRagError) -> Response:
    return JSONResponse(
        {"error": {"message": str(error), "type": type(error).__name__}}, status_code=status
    )


async def _events(steps: Iterator[dict[str, Any] | str]) -> Response:
    first = await asyncio.to_thread(next, steps)  # what is wrong is said before the stream begins
    return streamed(_lines(first, steps), "text/event-stream")


def _lines(
    first: dict[str, Any] | str, rest: Iterator[dict[str, Any] | str]
) -> Generator[str, None, None]:
    yield _event(first)
    try:
        for step in rest:
            yield _event(step)
    except PaperRagError as error:
        yield _event({"error": {"message": str(error), "type": type(error).__name__}})


def _event(step: dict[str, Any] | str) -> str:
    text = step if isinstance(step, str) else json.dumps(step, ensure_ascii=False)
    return f"data: {text}\n\n"


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise QueryError(f"the request is no JSON ({error}); see /openapi.json") from error
    if not isinstance(body, dict):
        raise QueryError("the request must be a JSON object; see /openapi.json")
    return body


def _number(given: Mapping[str, Any], name: str, default: int | None) -> int | None:
    value = given.get(name)
    if value is None or value == "":
        return default
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise QueryError(f"{name}: expected a whole number, got {value!r}") from error

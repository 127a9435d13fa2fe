"""What the page's script fetches: conversations, answers as they grow, entries, lists of the
library. All below /paperrag/, HTML in JSON; answers to questions come as one JSON line a step.

Paths have no extension: Gradio would compress them, and hold back lines that are on their way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from paperrag.errors import PaperRagError
from paperrag.page.chat import Asked, Chat
from paperrag.page.collecting import CollectPage
from paperrag.page.collection import Collection
from paperrag.page.files import FilesPage
from paperrag.page.library import LibraryPage
from paperrag.page.model import ModelDesk
from paperrag.page.note_routes import NEVER_KEPT, Given, NoteDesk, adding, pictures, refused
from paperrag.page.shared import as_language
from paperrag.page.turns import SCOPE_PARTS, SearchScope
from paperrag.page.viewer import Viewer

BASE = "/paperrag"


def page_routes(chat: Chat, library: LibraryPage, viewer: Viewer, model: ModelDesk) -> list[Route]:
    """Return the routes of the page's script."""
    desk, files = NoteDesk(chat.assistant), FilesPage(chat.assistant)
    saved = CollectPage(chat, Collection(chat.kept.file, chat.assistant.settings.corpus))
    reads: dict[str, Callable[[Given], Any]] = {
        "welcome": lambda given: {"html": chat.welcome(_language(given))},
        "conversations": lambda given: [
            {"id": one.id, "title": one.title, "changed": one.changed}
            for one in chat.kept.find(_text(given, "words"))
        ],
        "conversation": lambda given: chat.shown(_text(given, "id"), _language(given)),
        "evidence": lambda given: {
            "html": chat.evidence(_text(given, "id"), _number(given, "turn"), _language(given))
        },
        "bibtex": lambda given: {
            "text": chat.bibtex(_text(given, "id"), _number(given, "turn"), _language(given))
        },
        "why": lambda given: {
            "text": chat.why(
                _text(given, "id"), _number(given, "turn"), _text(given, "entry"), _language(given)
            )
        },
        "scopes": lambda given: library.scopes(_text(given, "words"), _language(given)),
        "tree": lambda given: {"html": library.tree(given, _language(given))},
        "rows": lambda given: library.rows(given, _language(given)),
        "entry": lambda given: viewer.entry(_text(given, "id"), _language(given)),
        "note": lambda given: viewer.note(
            _text(given, "id"), _text(given, "form") == "lines", _language(given)
        ),
        "files": lambda given: files.rows(given, _language(given)),
        "model": lambda given: model.shown(),
        "stars": lambda given: saved.stars(),
        "saved": lambda given: {"html": saved.page(_language(given))},
        "source": lambda given: desk.source(given, _language(given)),
    }
    writes: dict[str, Callable[[Given], Any]] = {
        "stop": lambda given: chat.stop(_text(given, "run")),
        "vote": lambda given: {
            "html": chat.vote(
                _text(given, "id"), _number(given, "turn"), _text(given, "vote"), _language(given)
            )
        },
        "rename": lambda given: chat.kept.rename(_text(given, "id"), _text(given, "title")),
        "delete": lambda given: chat.delete(_text(given, "id")),
        "choose-model": model.choose,
        "star": lambda given: saved.star(
            _text(given, "kind"), _text(given, "id"), bool(given.get("wanted")), _language(given)
        ),
        "compare": lambda given: saved.compare(_texts(given, "ids"), _language(given)),
        "export-saved": lambda given: saved.export(
            _text(given, "form"), _texts(given, "ids"), _language(given)
        ),
        "save-note": lambda given: desk.save(given, _language(given)),
        "rename-note": lambda given: desk.rename(given, _language(given)),
        "delete-note": lambda given: desk.delete(given, _language(given)),
        "restore-note": lambda given: desk.restore(given, _language(given)),
    }
    return [
        *(Route(f"{BASE}/{name}", _reading(call)) for name, call in reads.items()),
        *(
            Route(f"{BASE}/{name}", _writing(call), methods=["POST"])
            for name, call in writes.items()
        ),
        Route(f"{BASE}/ask", _asking(chat), methods=["POST"]),
        Route(f"{BASE}/export", _exporting(chat)),
        Route(f"{BASE}/add", adding(desk), methods=["POST"]),
        Route(f"{BASE}/picture", pictures(chat.assistant)),
    ]


def _reading(call: Callable[[Given], Any]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:  # not async: Starlette runs it in a thread
        return _told(call, request.query_params)

    return answer


def _writing(call: Callable[[Given], Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(_told, call, await _body(request))

    return answer


def _told(call: Callable[[Given], Any], given: Given) -> Response:
    try:
        return JSONResponse(call(given), headers=NEVER_KEPT)
    except PaperRagError as error:
        return refused(error, _language(given))


def _asking(chat: Chat) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        given = await _body(request)
        scope = given.get("scope")
        scope = scope if isinstance(scope, dict) else {}
        asked = Asked(
            _text(given, "question"),
            _text(given, "id"),
            _text(given, "run"),
            SearchScope(**{name: str(scope.get(name) or "") for name in SCOPE_PARTS}),
            _language(given),
            bool(given.get("again")),
        )
        if not (asked.conversation and asked.run):
            return PlainTextResponse("a question needs the ids of its conversation and run", 400)
        return StreamingResponse(_lines(chat, asked), headers=NEVER_KEPT, media_type=_LINES)

    return answer


_LINES = "application/x-ndjson"


def _lines(chat: Chat, asked: Asked) -> Iterator[str]:
    """Yield steps as lines; an empty one shows whether anybody still listens."""
    for step in chat.ask(asked):
        yield "\n" if step is None else json.dumps(step, ensure_ascii=False) + "\n"


def _exporting(chat: Chat) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        text = chat.markdown(request.query_params.get("id", ""))
        if not text:
            return PlainTextResponse("there is no such conversation", 404)
        name = {"Content-Disposition": 'attachment; filename="conversation.md"'}
        return Response(text, media_type="text/markdown; charset=utf-8", headers=name)

    return answer


async def _body(request: Request) -> Given:
    """Return what a request tells; nothing where it is no JSON object."""
    try:
        given = await request.json()
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _text(given: Given, name: str) -> str:
    return str(given.get(name) or "").encode(errors="replace").decode()


def _texts(given: Given, name: str) -> list[str]:
    values = given.get(name)
    return [str(value) for value in values] if isinstance(values, list) else []


def _number(given: Given, name: str) -> int:
    value = _text(given, name)
    return int(value) if value.isdecimal() and len(value) < 9 else 0


def _language(given: Given) -> Any:
    return as_language(given.get("lang"))

"""What the page's script fetches: conversations, answers as they grow, entries, lists of the
library, an index as it is built. All below /paperrag/, HTML in JSON; what takes a while comes as
one JSON line a step.

Paths have no extension: Gradio would compress them, and hold back lines that are on their way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from paperrag.errors import PaperRagError
from paperrag.page.chat import Asked, Chat
from paperrag.page.collecting import CollectPage
from paperrag.page.collection import Collection
from paperrag.page.files import FilesPage
from paperrag.page.given import Given
from paperrag.page.header import header
from paperrag.page.indexing import IndexDesk
from paperrag.page.library import LibraryPage
from paperrag.page.model import ModelDesk
from paperrag.page.note_routes import NEVER_KEPT, NoteDesk, adding, pictures, refused
from paperrag.page.streaming import streamed
from paperrag.page.turns import SCOPE_PARTS, SearchScope
from paperrag.page.viewer import Viewer

BASE = "/paperrag"

Calls = dict[str, Callable[[Given], Any]]
"""What is answered to what is given, by the last part of the address."""


def page_routes(chat: Chat, library: LibraryPage, viewer: Viewer, model: ModelDesk) -> list[Route]:
    """Return the routes of the page's script."""
    desk = NoteDesk(chat.corpora)
    index = IndexDesk(chat.corpora)
    saved = CollectPage(chat, Collection(chat.kept.file, *chat.corpora.folders))
    reads = {
        **_conversation_reads(chat),
        **_library_reads(library, viewer, FilesPage(chat.corpora)),
        "header": lambda given: header(chat.corpora, given.language),
        "facts": lambda given: {"html": index.facts(given.language)},
        "model": lambda given: model.shown(),
        "stars": lambda given: saved.stars(),
        "saved": lambda given: {"html": saved.page(given.language)},
        "source": desk.source,
    }
    writes = {
        **_conversation_writes(chat),
        **_saved_writes(saved),
        "choose-model": model.choose,
        **_note_writes(desk),
        "cancel-build": lambda given: index.cancel(),
    }
    return [
        *_routes_of(reads, writes),
        Route(f"{BASE}/ask", _asking(chat), methods=["POST"]),
        Route(f"{BASE}/build", _building(index), methods=["POST"]),
        Route(f"{BASE}/export", _exporting(chat)),
        Route(f"{BASE}/add", adding(desk), methods=["POST"]),
        Route(f"{BASE}/picture", pictures(chat.corpora)),
    ]


def _note_writes(desk: NoteDesk) -> Calls:
    return {
        "save-note": desk.save,
        "rename-note": desk.rename,
        "delete-note": desk.delete,
        "restore-note": desk.restore,
    }


def _routes_of(reads: Calls, writes: Calls) -> Iterator[Route]:
    for name, call in reads.items():
        yield Route(f"{BASE}/{name}", _reading(call))
    for name, call in writes.items():
        yield Route(f"{BASE}/{name}", _writing(call), methods=["POST"])


def _conversation_reads(chat: Chat) -> Calls:
    def titles(given: Given) -> list[dict[str, Any]]:
        found = chat.kept.find(given.text("words"))
        return [{"id": one.id, "title": one.title, "changed": one.changed} for one in found]

    def evidence(given: Given) -> dict[str, str]:
        return {"html": chat.evidence(given.text("id"), given.number("turn"), given.language)}

    def bibtex(given: Given) -> dict[str, str]:
        return {"text": chat.bibtex(given.text("id"), given.number("turn"), given.language)}

    def why(given: Given) -> dict[str, str]:
        place = (given.text("id"), given.number("turn"))
        return {"text": chat.why(*place, given.text("entry"), given.language)}

    return {
        "welcome": lambda given: {"html": chat.welcome(given.language)},
        "conversations": titles,
        "conversation": lambda given: chat.shown(given.text("id"), given.language),
        "evidence": evidence,
        "bibtex": bibtex,
        "why": why,
    }


def _library_reads(library: LibraryPage, viewer: Viewer, files: FilesPage) -> Calls:
    def note(given: Given) -> Any:
        return viewer.note(given.text("id"), given.text("form") == "lines", given.language)

    return {
        "scopes": lambda given: library.scopes(given.text("words"), given.text("collection")),
        "tree": lambda given: {"html": library.tree(given)},
        "rows": library.rows,
        "files": files.rows,
        "entry": lambda given: viewer.entry(given.text("id"), given.language),
        "note": note,
    }


def _conversation_writes(chat: Chat) -> Calls:
    def vote(given: Given) -> dict[str, str]:
        place = (given.text("id"), given.number("turn"))
        return {"html": chat.vote(*place, given.text("vote"), given.language)}

    return {
        "stop": lambda given: chat.stop(given.text("run")),
        "vote": vote,
        "rename": lambda given: chat.kept.rename(given.text("id"), given.text("title")),
        "delete": lambda given: chat.delete(given.text("id")),
    }


def _saved_writes(saved: CollectPage) -> Calls:
    def star(given: Given) -> Any:
        one = (given.text("kind"), given.text("id"))
        return saved.star(*one, given.holds("wanted"), given.language)

    def export(given: Given) -> Any:
        return saved.export(given.text("form"), given.texts("ids"), given.language)

    return {
        "star": star,
        "compare": lambda given: saved.compare(given.texts("ids"), given.language),
        "export-saved": export,
    }


def _reading(call: Callable[[Given], Any]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:  # not async: Starlette runs it in a thread
        return _told(call, Given(request.query_params))

    return answer


def _writing(call: Callable[[Given], Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(_told, call, await _body(request))

    return answer


def _told(call: Callable[[Given], Any], given: Given) -> Response:
    try:
        return JSONResponse(call(given), headers=NEVER_KEPT)
    except PaperRagError as error:
        return refused(error, given.language)


def _asking(chat: Chat) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        given = await _body(request)
        scope = given.part("scope")
        asked = Asked(
            given.text("question"),
            given.text("id"),
            given.text("run"),
            SearchScope(**{name: scope.text(name) for name in SCOPE_PARTS}),
            given.language,
            given.holds("again"),
        )
        if not (asked.conversation and asked.run):
            return PlainTextResponse("a question needs the ids of its conversation and run", 400)
        return _streamed(chat.ask(asked))

    return answer


def _building(index: IndexDesk) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        given = await _body(request)
        steps = index.build(given.holds("rebuild"), given.language)
        return _streamed({"html": html} for html in steps)

    return answer


def _streamed(steps: Iterable[object]) -> Response:
    """Return steps as JSON lines; an empty one, for None, shows whether anybody still listens."""
    lines = (
        "\n" if step is None else json.dumps(step, ensure_ascii=False) + "\n" for step in steps
    )
    return streamed(lines, "application/x-ndjson", NEVER_KEPT)


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
        return Given({})
    return Given(given if isinstance(given, dict) else {})

"""Serves the page: only to this machine unless a password is set, never telling anyone outside."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from paperrag.assistant import Assistant
from paperrag.errors import PaperRagError, ServeError
from paperrag.extras import missing
from paperrag.index.current import IndexStatus
from paperrag.llm.servers import is_loopback
from paperrag.output.counts import counted
from paperrag.page.renewing import renew
from paperrag.together import Together

if TYPE_CHECKING:
    from starlette.routing import Route

    from paperrag.page.corpora import Corpora
    from paperrag.page.library import LibraryPage
    from paperrag.page.model import ModelDesk

MAX_UPLOAD = "20mb"
FIRST_PORT = 7860
MOST_PORT = 65535
PORTS_TRIED = 100
"""Gradio's own numbers, for messages: without --port it takes the first free port of so many."""

USERS_AT_ONCE = 24
"""Requests that are answered side by side; more wait in line."""

QUEUE_LOOK_S = 0.25
"""How often Gradio looks whether its queue, which only foreign clients use, holds something: its
own millisecond takes a twentieth of a core all day.
"""

TURN_S = 0.0005
"""While the program warms up, how long others wait for their turn at most: a page that opens asks
for a hundred small things, and Python's own 5 ms for each add up.
"""


class ServeOptions(Struct, frozen=True):
    """Where to serve and to whom. `port` None: the first free one from 7860 on, or
    GRADIO_SERVER_PORT. `has_own_model`: the one that was chosen on the page before is not taken.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    auth: str | None = None
    has_own_model: bool = False


def credentials(options: ServeOptions) -> tuple[str, str] | None:
    """Return (user, password), or None for an open page on this machine. Raises ServeError."""
    if options.auth is None:
        if is_loopback(options.host):
            return None
        raise ServeError(
            f"host {options.host} can be reached from outside; add --auth USER:PASSWORD, or serve "
            f"on 127.0.0.1"
        )
    user, colon, password = options.auth.partition(":")
    if not (user and colon and password):
        raise ServeError("--auth takes USER:PASSWORD, both not empty")
    return user, password


def first_port(options: ServeOptions) -> int:
    """Return the port asked for, or the one from which on a free one is looked for. Raises
    ServeError.
    """
    start = os.environ.get("GRADIO_SERVER_PORT", str(FIRST_PORT))
    # checked even where --port is given: Gradio reads it all the same
    first = _port(start, "GRADIO_SERVER_PORT", "change or unset it")
    return first if options.port is None else _port(str(options.port), "--port", "pass another")


def _port(value: str, name: str, todo: str) -> int:
    number = int(value) if value.strip().isdecimal() and len(value) < 9 else 0
    if not 1 <= number <= MOST_PORT:
        raise ServeError(f"{name} must be a number from 1 to {MOST_PORT}, not {value!r}; {todo}")
    return number


def serve(
    asked: Assistant | Together,
    options: ServeOptions,
    announce: Callable[[str], object],
    block: bool = True,
) -> Any:
    """Open the page over one collection or several, and stay until Ctrl-C. Raises ServeError,
    MissingDependency.

    announce: told what is served, then where the page is once it can be opened. block: False
    returns at once, with the running Gradio page.
    """
    login = credentials(options)
    first_port(options)
    _check_installed()
    corpora, model = _with_model(asked, options, login)
    renew([one.assistant for one in corpora.all], announce)
    announce(what_is_served(asked))
    with _no_garbage():
        page, warmers = _open_page(asked, corpora, model, options, login)
    Thread(target=_warm_up, args=(asked, warmers), daemon=True).start()
    announce(f"open {page.local_url}")
    if block:
        page.block_thread()
    return page


def what_is_served(asked: Assistant | Together) -> str:
    """Return the sentence that says which notes and model the page is over, and how it ends.
    Raises IndexCorrupt or IndexMismatch.
    """
    status = asked.status()
    every = {str(status.settings.corpus): status} if isinstance(status, IndexStatus) else status
    manifests = {name: one.manifest for name, one in every.items()}
    known = [f"{counted(one.entries, 'entry')} of {name}" for name, one in manifests.items() if one]
    new = [name for name, one in manifests.items() if not one]
    first = [f"indexing {' and '.join(new)} for the first time"] if new else []
    served = f"serving {' and '.join(known) or ('it' if len(new) == 1 else 'them')}"
    return f"{', then '.join([*first, served])}; model {asked.settings.llm}; Ctrl-C stops"


def _with_model(
    asked: Assistant | Together, options: ServeOptions, login: tuple[str, str] | None
) -> tuple[Corpora, ModelDesk]:
    """Return the collections, and the model that writes answers from them: the one chosen last."""
    from paperrag.page.conversations import conversations_file
    from paperrag.page.corpora import Corpora
    from paperrag.page.model import ModelDesk

    corpora = Corpora(asked)
    file = conversations_file(corpora.settings.conversations)
    model = ModelDesk(corpora, file, is_at_home=login is None)
    if not options.has_own_model:
        model.restore()
    return corpora, model


def _open_page(
    asked: Assistant | Together,
    corpora: Corpora,
    model: ModelDesk,
    options: ServeOptions,
    login: tuple[str, str] | None,
) -> tuple[Any, Sequence[Callable[[], object]]]:
    """Return the running page, and what makes ready what its tabs show first."""
    _load_libraries()
    from paperrag.page.api import Api
    from paperrag.page.blocks import build_page, page_assets
    from paperrag.page.http_api import http_routes
    from paperrag.page.library import LibraryPage
    from paperrag.page.map import MapPage
    from paperrag.page.tools import make_tools

    for one in corpora.all:
        one.assistant.retriever()
    api, library = Api(asked), LibraryPage(corpora)
    points = MapPage(corpora, library)
    page, tools = build_page(api), make_tools(api)
    programs = [*tools.streamable_http_app().routes, *http_routes(api)]
    own = _own_routes(corpora, library, model, is_at_home=login is None)
    app = {
        "routes": [*programs, points.route(), *own],
        "lifespan": lambda app: _guarded(app, login, tools.session_manager),
    }
    _launch(page, options, **page_assets(corpora.names), app_kwargs=app)
    return page, (library.warm, points.points)


def _launch(page: Any, options: ServeOptions, **more: Any) -> None:
    page.queue(default_concurrency_limit=USERS_AT_ONCE, max_size=512)
    page._queue.sleep_when_free = QUEUE_LOOK_S
    try:
        page.launch(**_launch_options(options), **more)
    except (OSError, OverflowError) as error:  # Gradio's words are for those who program with it
        raise ServeError(cannot_serve(options)) from error


@asynccontextmanager
async def _guarded(app: Any, login: tuple[str, str] | None, sessions: Any) -> AsyncIterator[None]:
    """Serve with the guard before all that Gradio puts before its app, and the tools' sessions."""
    from paperrag.page.guard import Guard

    app.middleware_stack = Guard(app.middleware_stack, login)
    async with sessions.run():
        yield


def _check_installed() -> None:
    """Raise MissingDependency for a library that is not there, before anything is loaded or
    said.
    """
    for name in ("gradio", "mcp"):
        if find_spec(name) is None:
            raise missing("the page", "page", name)


def _load_libraries() -> None:
    """Load what the page is built of, told to send nothing anywhere. Raises MissingDependency."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    _avoid_proxies()
    try:
        import gradio  # noqa: F401  # the page cannot be imported without them
        import mcp  # noqa: F401
    except ImportError as error:
        raise missing("the page", "page", error.name) from error


def _own_routes(
    corpora: Corpora, library: LibraryPage, model: ModelDesk, is_at_home: bool
) -> list[Route]:
    from paperrag.page.chat import Chat
    from paperrag.page.conversations import Conversations, conversations_file
    from paperrag.page.routes import page_routes
    from paperrag.page.viewer import Viewer

    kept = Conversations(conversations_file(corpora.settings.conversations), *corpora.folders)
    return page_routes(Chat(corpora, kept), library, Viewer(corpora, is_at_home), model)


def cannot_serve(options: ServeOptions) -> str:
    """Return the sentence that says which ports were tried, and what to do."""
    port = first_port(options)
    if options.port is not None:
        return f"cannot serve on {options.host}:{port}: the port is taken, or is not for you to use; pass another --port"
    last = min(port + PORTS_TRIED - 1, MOST_PORT)
    return f"cannot serve on {options.host}: no port from {port} to {last} is free; pass a free one by --port"


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Keep what is made inside for good: looking through it for garbage takes a seventh of the
    start, and time later.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _avoid_proxies() -> None:
    """Gradio asks its own address whether it runs; a proxy for the outside must not be asked
    instead.
    """
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost"]))


def _warm_up(asked: Assistant | Together, warmers: Sequence[Callable[[], object]]) -> None:
    """Load what the first question and the first look would wait for (word dictionary, token
    lists, the tree of notes, the map).
    """
    with suppress(PaperRagError), _short_turns():
        asked.ask("warm up 预热")
        for warm in warmers:
            warm()


@contextmanager
def _short_turns() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _launch_options(options: ServeOptions) -> dict[str, Any]:
    return {
        "server_name": options.host,
        "server_port": options.port,
        "share": False,
        "quiet": True,
        "show_error": False,
        "prevent_thread_lock": True,
        "max_file_size": MAX_UPLOAD,
        "ssr_mode": False,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": [],
        "pwa": False,
    }

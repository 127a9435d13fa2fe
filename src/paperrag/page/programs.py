"""Several collections at one address for programs: the HTTP API and the tools, each call of which may
choose among them. The page itself shows one collection, which is said where it would be.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from paperrag.errors import ServeError
from paperrag.extras import missing
from paperrag.page.serving import (
    PORTS_TRIED,
    ServeOptions,
    cannot_serve,
    credentials,
    first_port,
)
from paperrag.together import Together

if TYPE_CHECKING:
    from starlette.applications import Starlette

WAITING = 128
"""Connections that wait to be taken up."""


def serve_programs(
    asked: Together, options: ServeOptions, announce: Callable[[str], object]
) -> None:
    """Answer calls until Ctrl-C. Raises ServeError, MissingDependency.

    announce: told what is served, then where it is.
    """
    try:
        import uvicorn

        app = programs_app(asked, options)
    except ImportError as error:
        raise missing("the HTTP API", "page", error.name) from error
    announce(what_is_asked(asked))
    for name in asked.names:
        asked.one(name).retriever()
    with free_socket(options) as door:
        host, port = door.getsockname()[:2]
        announce(f"GET /openapi.json, POST /ask, /mcp … at http://{host}:{port}/")
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[door])


def programs_app(asked: Together, options: ServeOptions) -> Starlette:
    """Return the application, behind the page's guard."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    from paperrag.page.api import Api
    from paperrag.page.guard import Guard
    from paperrag.page.http_api import http_routes
    from paperrag.page.tools import make_tools

    async def instead_of_page(request: Request) -> PlainTextResponse:
        return PlainTextResponse(_instead_of_page(asked))

    api = Api(asked)
    tools = make_tools(api)
    return Starlette(
        routes=[
            Route("/", instead_of_page),
            *tools.streamable_http_app().routes,
            *http_routes(api),
        ],
        middleware=[Middleware(Guard, login=credentials(options))],
        lifespan=lambda _: tools.session_manager.run(),
    )


def what_is_asked(asked: Together) -> str:
    """Return the sentence that says which collections are asked, and how it ends. Raises
    IndexCorrupt or IndexMismatch.
    """
    manifests = {name: status.manifest for name, status in asked.status().items()}
    counted = [f"{one.entries} entries of {name}" for name, one in manifests.items() if one]
    new = [name for name, one in manifests.items() if not one]
    first = [f"indexing {' and '.join(new)} for the first time"] if new else []
    served = f"serving {' and '.join(counted or asked.names)} to programs"
    return f"{', then '.join([*first, served])}; model {asked.settings.llm}; Ctrl-C stops"


def free_socket(options: ServeOptions) -> socket.socket:
    """Return a socket that listens at the port asked for, or at the first free one from there on.
    Raises ServeError.
    """
    first = first_port(options)
    ports = range(first, first + 1 if options.port is not None else first + PORTS_TRIED)
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    for port in ports:
        try:
            return socket.create_server(
                (options.host, port), family=family, backlog=WAITING, reuse_port=False
            )
        except (OSError, OverflowError):
            continue
    raise ServeError(cannot_serve(options))


def _instead_of_page(asked: Together) -> str:
    names = ", ".join(asked.names)
    command = f"paperrag -c {asked.names[0]} serve"
    return (
        f"paperrag answers programs here from {names}: /openapi.json says how, /mcp is for "
        f"assistants.\nThe page shows one collection: {command}\n"
    )

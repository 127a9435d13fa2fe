"""Stands before every request of the page, the API and the tools: who may ask, from where, how
much.

Pure ASGI, so that streamed answers pass untouched. Knows nothing of notes or Gradio.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

AsgiScope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[AsgiScope, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 24_000_000
"""Longest request: one upload of the largest size and what forms add to it."""

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' "
    "'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' "
    "blob:; object-src 'none';"
    " base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""What the browser may load: this server only. Gradio needs inline scripts and eval; notes never
become either.
"""

_HEADERS = [
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]
_ALWAYS_OPEN = ("/gradio_api/startup-events",)
"""Gradio asks itself this once, without a password; it starts background jobs and tells nothing."""

PROGRAMS = frozenset({"app://obsidian.md"})
"""Origins of programs whose plugins ask the API as a page would; no site can have one of them."""

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class Guard:
    """Refuses requests without the password, of foreign pages, under foreign names, or too long."""

    def __init__(self, app: App, login: tuple[str, str] | None) -> None:
        self._app = app
        self._login = f"{login[0]}:{login[1]}".encode() if login else None

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on with the headers of the page added to its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {
            key.decode("latin-1").lower(): value.decode("latin-1")
            for key, value in scope["headers"]
        }
        try:
            refusal = self._refusal(scope, headers)
        except ValueError:
            refusal = 400, "the host, origin or length of the request cannot be read"
        added = [*_HEADERS, *_let_read(headers)]
        if refusal:
            await _refuse(send, *refusal, added)
        elif _asks_leave(scope, headers):
            await send({"type": "http.response.start", "status": 204, "headers": added})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, _Limited(receive), _with_headers(send, added))

    def _refusal(self, scope: AsgiScope, headers: dict[str, str]) -> tuple[int, str] | None:
        """Return the status and sentence of a refusal, None if the request may pass. Raises
        ValueError for broken headers.
        """
        path, host = str(scope["path"]), headers.get("host", "")
        if self._login is None and _name_of(host) not in _LOOPBACK_NAMES:
            return (
                403,
                f"this page is served to this machine only, not under the name {_name_of(host)!r}",
            )
        if _is_foreign(scope, headers, host):
            return 403, "requests from other sites are refused"
        if _bytes_of(headers.get("content-length", "0")) > MAX_BODY_BYTES:
            return 413, f"a request may have at most {MAX_BODY_BYTES} bytes"
        if (
            self._login is not None
            and path not in _ALWAYS_OPEN
            and not _asks_leave(scope, headers)
            and not self._is_known(headers.get("authorization", ""))
        ):
            return 401, "a user name and password are needed"
        return None

    def _is_known(self, authorization: str) -> bool:
        kind, _, value = authorization.partition(" ")
        if kind.lower() == "bearer":  # how clients of language models send USER:PASSWORD
            return self._login is not None and hmac.compare_digest(value.encode(), self._login)
        try:
            given = base64.b64decode(value, validate=True) if kind.lower() == "basic" else b""
        except ValueError:
            return False
        return self._login is not None and hmac.compare_digest(given, self._login)


class _Limited:
    """Counts a body that comes without its length."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._bytes = 0

    async def __call__(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > MAX_BODY_BYTES:
            return {"type": "http.disconnect"}
        return message


def _is_foreign(scope: AsgiScope, headers: dict[str, str], host: str) -> bool:
    """Whether another site's page asks. Programs send neither header; a link to the page may stand
    anywhere.

    A page in a sandboxed frame, or from a file, has the origin "null".
    """
    if headers.get("origin") in PROGRAMS:
        return False
    if "origin" in headers and urlsplit(headers["origin"]).netloc != host:
        return True
    opens_page = (
        scope["method"] == "GET"
        and scope["path"] == "/"
        and headers.get("sec-fetch-mode") == "navigate"
    )
    return headers.get("sec-fetch-site") == "cross-site" and not opens_page


def _asks_leave(scope: AsgiScope, headers: dict[str, str]) -> bool:
    """Whether a program asks if it may ask, which it does without the password."""
    return scope["method"] == "OPTIONS" and headers.get("origin") in PROGRAMS


def _let_read(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return the headers by which a program may send what it wants to and read what it is told."""
    if headers.get("origin") not in PROGRAMS:
        return []
    told = {
        "access-control-allow-origin": headers["origin"],
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": headers.get("access-control-request-headers", "*"),
    }
    return [(name.encode(), value.encode("latin-1")) for name, value in told.items()]


def _bytes_of(length: str) -> int:
    """Return a content-length; Python refuses to read numbers of thousands of digits. Raises
    ValueError.
    """
    if not length.isdecimal():
        raise ValueError(f"{length!r} is no number of bytes")
    return int(length)


def _name_of(host: str) -> str:
    return urlsplit(f"//{host}").hostname or ""


def _with_headers(send: Send, added: list[tuple[bytes, bytes]]) -> Send:
    async def send_with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            others = [
                one for one in message.get("headers", []) if one[0].lower() not in dict(added)
            ]
            message = {**message, "headers": [*others, *added]}
        await send(message)

    return send_with_headers


async def _refuse(send: Send, status: int, sentence: str, added: list[tuple[bytes, bytes]]) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *added]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="paperrag", charset="UTF-8"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{sentence}\n".encode()})

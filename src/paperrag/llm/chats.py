"""Chats with a model's server over HTTP: Ollama's API and OpenAI's, as servers really are. The one
file of this folder that knows httpx.

Each call has a client of its own, opened, read and closed by one thread; another one ends it by
shutting its socket. What a server refuses (a parameter, a role) is left out of later calls.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from paperrag.errors import GenerationError
from paperrag.llm.bodies import REASONS, lines_of, models_of, pieces_of, words_of
from paperrag.llm.generator import Message, Piece, Stop
from paperrag.llm.servers import Server

CONNECT_S = 10.0
"""Longest that a connection may take to open, seconds."""

LOOK_S = 2.0
"""Longest that a server may take to say which models it has, seconds."""

MOST_TRIES = 8
"""Calls made for one reply at most: each leaves out what was refused, or waited as told."""

MOST_ERROR_BYTES = 20_000

log = logging.getLogger("paperrag")


class ServedModel:
    """A model behind a server, as a `Generator`."""

    def __init__(
        self, server: Server, timeout_s: float, context_tokens: int, reply_tokens: int
    ) -> None:
        self.server = server
        self.name = server.name
        self.context_tokens = context_tokens
        self._timeout_s = timeout_s
        self._reply_tokens = reply_tokens
        self._refused: frozenset[str] = frozenset()

    def stream(
        self, messages: Sequence[Message], stop: Stop, more_tokens: int = 0
    ) -> Iterator[Piece]:
        """Yield the reply as it comes; see `Generator`. Raises GenerationError."""
        deadline = time.monotonic() + self._timeout_s
        refused = self._refused
        try:
            for _ in range(MOST_TRIES):
                asked = self._body(messages, more_tokens, refused)
                with self._answered(asked, stop) as response:
                    if response.is_success:
                        self._refused = refused
                        yield from _reply(response)
                        return
                    body = _start_of(response)
                refused_now = self._refused_by(response, body, refused)
                if refused_now != refused:
                    refused = refused_now
                elif not self._may_try_again(response, deadline, stop):
                    raise _refusal(response, body)
            raise GenerationError("failed", words_of(body))
        except GenerationError:
            raise
        except Exception as error:  # clients raise what they like; each kind gets its sentence
            log.debug("the model failed", exc_info=True)
            raise GenerationError("stopped") if stop.is_set else self._failure(error) from error

    def unreached(self) -> str:
        """Return why the model cannot be asked now, "" if its server is there and has it, or does
        not say what it has.
        """
        try:
            response = httpx.get(
                self.server.models_url,
                timeout=LOOK_S,
                trust_env=not self.server.is_local,
                headers=self._headers(),
            )
        except Exception as error:  # as in `stream`
            return str(self._failure(error))
        if response.status_code in REASONS:
            return str(_refusal(response, response.text))
        names = models_of(response.text)
        known = {name for one in names for name in (one, one.removesuffix(":latest"))}
        return "" if not known or self.server.model in known else f"no model {self.server.model!r}"

    def _failure(self, error: Exception) -> GenerationError:
        """Return what a client's exception means to the user, and which server it was."""
        found = _failure(error)
        if found.reason != "unreachable":
            return found
        return GenerationError(found.reason, f"{self.server.address}: {found.detail}")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.server.key}"} if self.server.key else {}

    @contextmanager
    def _answered(self, body: dict[str, Any], stop: Stop) -> Iterator[httpx.Response]:
        timeout = httpx.Timeout(self._timeout_s, connect=min(CONNECT_S, self._timeout_s))
        is_safe = self.server.url.startswith("https:")
        with (
            httpx.Client(
                timeout=timeout,
                trust_env=not self.server.is_local,
                verify=is_safe,
                headers=self._headers(),
            ) as client,
            client.stream(
                "POST", self.server.url, json=body, extensions={"trace": _hangs_up_by(stop)}
            ) as response,
        ):
            yield response

    def _body(
        self, messages: Sequence[Message], more_tokens: int, refused: frozenset[str]
    ) -> dict[str, Any]:
        """Return what is sent: everything but what the server refused."""
        most = self._reply_tokens + more_tokens
        body: dict[str, Any] = {"model": self.server.model, "stream": True}
        if self.server.protocol == "ollama":
            # Ollama's own context is small, and cuts evidence silently.
            options = {"num_ctx": self.context_tokens, "num_predict": most, "temperature": 0.0}
            wanted: dict[str, Any] = {"options": options, "think": False}
        else:
            wanted = {
                "max_tokens": most,
                "temperature": 0.0,
                "stream_options": {"include_usage": True},
            }
            if "max_tokens" in refused:
                wanted["max_completion_tokens"] = most
        body |= {name: value for name, value in wanted.items() if name not in refused}
        return body | {"messages": _told(messages, "system" not in refused)}

    def _may_try_again(self, response: httpx.Response, deadline: float, stop: Stop) -> bool:
        """Whether to ask once more: after the wait that a busy server asks for, or below /v1 where
        nothing is found without.
        """
        if response.status_code == 404 and (below := self.server.below_v1()):
            self.server = below
            return True
        if response.status_code in (429, 503):
            wait_s = _seconds(response.headers.get("retry-after", ""))
            if wait_s is None or time.monotonic() + wait_s >= deadline:
                return False
            return not stop.wait(wait_s)
        return False

    def _refused_by(
        self, response: httpx.Response, body: str, refused: frozenset[str]
    ) -> frozenset[str]:
        """Return what a server does not know: what it names beside what it refused before, all at
        once where it names nothing the first time.
        """
        if response.status_code not in (400, 422):
            return refused
        optional = (
            ("think",)
            if self.server.protocol == "ollama"
            else ("max_completion_tokens", "stream_options", "temperature", "max_tokens")
        )
        left = [name for name in (*optional, "system") if name not in refused]
        if "max_tokens" not in refused and "max_tokens" in left:
            left.remove("max_completion_tokens")
        named = [name for name in left if name in body]
        if "max_tokens" in named and "max_completion_tokens" in body:
            named = ["max_tokens"]
        return refused if not named and refused else refused | set(named or left)


def _told(messages: Sequence[Message], knows_system: bool) -> list[dict[str, str]]:
    """Return the messages as they are sent; to a model without a system role as one of the
    user's.
    """
    if knows_system:
        return [{"role": one.role, "content": one.content} for one in messages]
    first = "\n\n".join(one.content for one in messages if one.role == "system")
    rest = [one for one in messages if one.role != "system"]
    told = [{"role": one.role, "content": one.content} for one in rest]
    told[0]["content"] = f"{first}\n\n{told[0]['content']}"
    return told


def _hangs_up_by(stop: Stop) -> Callable[[str, dict[str, Any]], None]:
    """Return what httpcore tells of its steps, which learns the socket to shut."""

    def trace(event: str, info: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            connection = info["return_value"].get_extra_info("socket")
            stop.calls(lambda: _hang_up(connection))

    return trace


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _reply(response: httpx.Response) -> Iterator[Piece]:
    is_end = False
    for piece in pieces_of(lines_of(response.iter_bytes())):
        is_end = is_end or piece.is_end
        yield piece
    # A body whose length is told came whole, though its last event did not say so.
    if not is_end and {"transfer-encoding", "content-length"} & set(response.headers):
        yield Piece(is_end=True)


def _start_of(response: httpx.Response) -> str:
    body = b""
    for part in response.iter_bytes():
        body += part
        if len(body) >= MOST_ERROR_BYTES:
            break
    return body[:MOST_ERROR_BYTES].decode("utf-8", "replace")


def _seconds(retry_after: str) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date; None without one."""
    with suppress(ValueError):
        return max(0.0, float(retry_after))
    with suppress(ValueError):
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    return None


def _refusal(response: httpx.Response, body: str) -> GenerationError:
    """Return what an answer other than 200 means to the user."""
    status, said = response.status_code, words_of(body)
    detail = f"{status}: {said}" if said else str(status)
    if 300 <= status < 400:
        place = response.headers.get("location", "another address")
        return GenerationError("not_api", f"{status}: moved to {place}")
    if status == 404:
        is_api = body.lstrip().startswith("{") and said.lower() != "not found"  # HTTP's own phrase
        return GenerationError("unknown_model" if is_api else "not_api", detail)
    if status in (405, 501):
        return GenerationError("not_api", detail)
    return GenerationError(REASONS.get(status, "failed"), detail)


def _failure(error: Exception) -> GenerationError:
    """Return what a client's exception means to the user."""
    detail = words_of(str(error))
    for kinds, reason, words in _MEANT:
        if isinstance(error, kinds):
            return GenerationError(reason, words if words is not None else detail)
    if isinstance(error, httpx.InvalidURL | ValueError) and "proxy" in str(error).lower():
        return GenerationError("proxy", detail)
    return GenerationError("failed", f"{type(error).__name__}: {detail}")


_MEANT: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str | None], ...] = (
    (httpx.ConnectTimeout, "unreachable", "no connection in time; is the address right?"),
    (httpx.TimeoutException, "timeout", ""),
    (httpx.ProxyError, "proxy", None),
    (httpx.ConnectError, "unreachable", "is it running?"),
    (httpx.DecodingError, "failed", "its reply is packed otherwise than it says"),
    ((httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError), "cut", ""),
    (ImportError, "proxy", "a SOCKS proxy is set; run: pip install 'httpx[socks]'"),
)
"""What a client raises, why the model's answer is not shown, and words for it; None: its own."""

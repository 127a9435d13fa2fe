"""HTTP with manners: the one file that knows httpx.

Only https and only the hosts that were named at the start are asked, redirects included; http
is for this machine alone. One caller at a time, each host at its own pace. Busy hosts (429, 5xx)
are asked again as late as they wish; answers are cut off at a size and at a time.
"""

from __future__ import annotations

import email.utils
import ipaddress
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
from msgspec import Struct

from paperrag.errors import ConfigError, FetchError, HostUnusable, Unreachable
from paperrag.papers.resolvers import WebAnswer

log = logging.getLogger("paperrag")

_MAX_REDIRECTS = 5
_ANSWERED = (200, 400, 403, 404, 410)
"""Statuses that adapters judge themselves; APIs say "no such paper" in several of them."""

_BUSY = (429, 500, 502, 503, 504)


class Manners(Struct, frozen=True):
    """How hosts are treated. Times in seconds; `pause_s` is per base URL, the least time between
    two calls.
    """

    user_agent: str
    pause_s: Mapping[str, float]
    timeout_s: float = 30.0
    retries: int = 4
    backoff_s: float = 1.0
    patience_s: float = 120.0
    max_bytes: int = 20_000_000


class _Later(Struct, frozen=True):
    """Why a host is to be asked again, and how long it wishes not to be."""

    problem: str
    wait_s: float = 0.0


@dataclass
class HttpxWeb:
    """Asks hosts, politely. `clock` and `sleep` can be replaced in tests.

    Raises ConfigError for a base URL that is neither https nor on this machine.
    """

    manners: Manners
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    calls: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pauses = {_origin(base): pause for base, pause in self.manners.pause_s.items()}
        self._next_call: dict[str, float] = {}
        self._client = httpx.Client(
            headers={"User-Agent": self.manners.user_agent, "Accept-Encoding": "gzip"},
            timeout=self.manners.timeout_s,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> WebAnswer:
        """Return the answer to a GET. Raises FetchError, HostUnusable."""
        return self._ask(self._client.build_request("GET", url, params=params, headers=headers))

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None,
        body: object,
        headers: Mapping[str, str] | None = None,
    ) -> WebAnswer:
        """Return the answer to a POST of JSON. Raises FetchError, HostUnusable."""
        return self._ask(
            self._client.build_request("POST", url, params=params, json=body, headers=headers)
        )

    # --- asking, again if need be ---------------------------------------------------------------

    def _ask(self, request: httpx.Request) -> WebAnswer:
        manners, problem = self.manners, ""
        for attempt in range(manners.retries + 1):
            answer = self._ask_once(request)
            if isinstance(answer, WebAnswer):
                return answer
            problem, wait = answer.problem, max(manners.backoff_s * 2**attempt, answer.wait_s)
            if wait > manners.patience_s:
                raise HostUnusable(
                    f"{problem} and asks to wait {wait:.0f} s; run paperrag fetch again later"
                )
            if attempt < manners.retries:
                log.info("%s; asking again in %.1f s", problem, wait)
                self.sleep(wait)
        raise HostUnusable(
            f"{problem}, {manners.retries + 1} times; run paperrag fetch again later"
        )

    def _ask_once(self, request: httpx.Request) -> WebAnswer | _Later:
        """Return the answer, or why it is to be asked for again."""
        host = request.url.host
        try:
            answer, retry_after = self._follow(request)
        except httpx.TimeoutException:
            return _Later(f"{host} did not answer within {self.manners.timeout_s:g} s")
        except httpx.ConnectError as error:
            raise Unreachable(f"cannot reach {host} ({error})") from error
        except httpx.HTTPError as error:
            return _Later(f"{host} broke off its answer ({type(error).__name__}: {error})")
        if answer.status in _ANSWERED:
            return answer
        if answer.status in _BUSY:
            return _Later(f"{host} answered {answer.status}", retry_after)
        raise FetchError(f"{host} answered {answer.status} to {request.url}: {answer.start}")

    def _follow(self, request: httpx.Request) -> tuple[WebAnswer, float]:
        """Send a request and follow redirects to known hosts; return the answer and its
        Retry-After.
        """
        asked = request.url
        for _ in range(_MAX_REDIRECTS + 1):
            self._check_host(request.url, asked)
            self._wait_for_turn(_origin(str(request.url)))
            response = self._client.send(request, stream=True)
            try:
                target = response.headers.get("Location") if response.is_redirect else None
                if target is None:
                    media_type = (
                        response.headers.get("Content-Type", "").split(";")[0].strip().lower()
                    )
                    body = self._read(response)
                    return WebAnswer(
                        response.status_code, media_type, body, str(asked)
                    ), _retry_after(response)
                request = self._redirected(request, response.status_code, target)
            finally:
                response.close()
        raise FetchError(f"{asked} redirects more than {_MAX_REDIRECTS} times")

    def _redirected(self, request: httpx.Request, status: int, target: str) -> httpx.Request:
        url = request.url.join(target)
        keeps_body = status in (307, 308)
        self._check_host(url, request.url)
        headers = {"Accept": "*/*"} | ({"Content-Type": "application/json"} if keeps_body else {})
        return self._client.build_request(
            request.method if keeps_body else "GET",
            url,
            content=request.read() if keeps_body else None,
            headers=headers,
        )

    def _check_host(self, url: httpx.URL, asked: httpx.URL) -> None:
        if _origin(str(url)) not in self._pauses:
            how = (
                "is not one of the known hosts"
                if url == asked
                else f"was given as redirect by {asked.host}; it is not a known host"
            )
            raise FetchError(
                f"{url.scheme}://{url.netloc.decode('ascii', 'replace')} {how}; not asked"
            )

    def _wait_for_turn(self, origin: str) -> None:
        now = self.clock()
        if (wait := self._next_call.get(origin, now) - now) > 0:
            self.sleep(wait)
        self._next_call[origin] = self.clock() + self._pauses[origin]
        self.calls[origin] = self.calls.get(origin, 0) + 1

    def _read(self, response: httpx.Response) -> bytes:
        """Return the body, read up to the size and within the time that manners allow."""
        deadline = time.monotonic() + self.manners.timeout_s
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > self.manners.max_bytes:
                raise FetchError(
                    f"the answer of {response.url} has more than {self.manners.max_bytes} bytes; "
                    f"not read"
                )
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer trickles in too slowly")
        return bytes(body)


def _origin(url: str) -> str:
    """Return scheme, host and port of a URL. Raises ConfigError unless it is https or on this
    machine.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ConfigError(f"{url!r} is not a URL: {error}") from error
    if parsed.scheme != "https" and not (parsed.scheme == "http" and _is_this_machine(parsed.host)):
        return f"refused:{parsed.scheme}://{parsed.host}"
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    return f"{parsed.scheme}://{parsed.host.lower()}:{port}"


def check_base_url(name: str, url: str) -> None:
    """Raise ConfigError unless a base URL is https, or http on this machine."""
    if _origin(url).startswith("refused:"):
        raise ConfigError(
            f"{name}: expected an https URL, got {url!r}; http is for this machine (localhost) "
            f"alone"
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _retry_after(response: httpx.Response) -> float:
    """Return the seconds that Retry-After asks for, given as seconds or as a date; 0 without it."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return (
            max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
            if value
            else 0.0
        )
    except (TypeError, ValueError):
        return 0.0

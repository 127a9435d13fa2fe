from __future__ import annotations

import base64
from typing import Any

import pytest

from paperrag.page.guard import MAX_BODY_BYTES, Guard


async def _page(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"page"})


def _get(
    login: tuple[str, str] | None, path: str = "/", method: str = "GET", **headers: str
) -> tuple[int, dict[bytes, bytes]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    sent_headers = [
        (key.replace("_", "-").encode(), value.encode("latin-1")) for key, value in headers.items()
    ]
    scope = {"type": "http", "method": method, "path": path, "headers": sent_headers}
    with pytest.raises(StopIteration):  # nothing waits here, so no event loop is needed
        Guard(_page, login)(scope, None, send).send(None)  # type: ignore[arg-type]
    return sent[0]["status"], dict(sent[0]["headers"])


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_this_machine_may_ask_and_the_browser_is_told_to_load_nothing_else() -> None:
    status, headers = _get(None, host="127.0.0.1:7860")
    assert status == 200
    assert b"connect-src 'self'" in headers[b"content-security-policy"]


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:1", "[::1]:7860"])
def test_names_of_this_machine_pass(host: str) -> None:
    assert _get(None, host=host)[0] == 200


def test_other_names_for_this_machine_are_refused() -> None:
    assert _get(None, host="evil.example:7860")[0] == 403  # a name that was made to point here


def test_other_sites_are_refused() -> None:
    assert _get(None, host="127.0.0.1:7860", origin="http://evil.example")[0] == 403
    assert _get(None, host="127.0.0.1:7860", origin="http://127.0.0.1:7860")[0] == 200


@pytest.mark.parametrize("login", [None, ("lab", "secret")])
def test_plugins_of_obsidian_may_ask_with_what_the_page_asks_for(
    login: tuple[str, str] | None,
) -> None:
    plugin = {
        "host": "127.0.0.1:7860",
        "origin": "app://obsidian.md",
        "sec_fetch_site": "cross-site",
    }
    wanted = {"access_control_request_headers": "authorization,x-stainless-os"}
    status, headers = _get(login, "/v1/chat/completions", "OPTIONS", **plugin, **wanted)
    assert (status, headers[b"access-control-allow-origin"]) == (204, b"app://obsidian.md")
    assert headers[b"access-control-allow-headers"] == b"authorization,x-stainless-os"
    status, headers = _get(login, "/v1/models", **plugin)
    assert (status, headers[b"access-control-allow-origin"]) == (
        401 if login else 200,
        b"app://obsidian.md",
    )
    assert _get(login, "/v1/models", **plugin, authorization="Bearer lab:secret")[0] == 200


@pytest.mark.parametrize("login", [None, ("lab", "secret")])
def test_pages_without_an_origin_of_their_own_are_refused(login: tuple[str, str] | None) -> None:
    known = {"host": "localhost:7860", "authorization": _basic("lab:secret")}
    assert (
        _get(login, "/gradio_api/upload", "POST", origin="null", **known)[0] == 403
    )  # a sandboxed frame
    assert _get(login, "/gradio_api/upload", "POST", sec_fetch_site="cross-site", **known)[0] == 403
    assert (
        _get(login, "/gradio_api/upload", "POST", sec_fetch_site="same-origin", **known)[0] == 200
    )
    assert _get(login, "/gradio_api/upload", "POST", **known)[0] == 200  # a program


def test_links_of_other_sites_open_the_page_and_nothing_else() -> None:
    link = {"host": "localhost:7860", "sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert _get(None, "/", "GET", **link)[0] == 200
    assert _get(None, "/", "POST", **link)[0] == 403
    assert _get(None, "/gradio_api/call/ask/1", "GET", **link)[0] == 403
    assert (
        _get(
            None,
            "/",
            "GET",
            host="localhost:7860",
            sec_fetch_site="cross-site",
            sec_fetch_mode="no-cors",
        )[0]
        == 403
    )


def test_too_long_a_request_is_refused() -> None:
    assert _get(None, host="localhost", content_length=str(MAX_BODY_BYTES + 1))[0] == 413
    assert _get(None, host="localhost", content_length=str(MAX_BODY_BYTES))[0] == 200


@pytest.mark.parametrize(
    "broken",
    [
        {"host": "["},
        {"origin": "http://["},
        {"content_length": "-5"},
        {"content_length": "²"},
        {"content_length": 5000 * "9"},
    ],
    ids=["host", "origin", "negative", "superscript", "digits"],
)
def test_headers_that_cannot_be_read_are_a_bad_request(broken: dict[str, str]) -> None:
    assert _get(None, **{"host": "localhost", **broken})[0] == 400


@pytest.mark.parametrize(
    "path",
    ["/", "/mcp", "/config", "/gradio_api/call/ask", "/gradio_api/upload", "/gradio_api/info"],
)
def test_password_is_asked_for_everywhere(path: str) -> None:
    login = ("lab", "密码:x")
    assert _get(login, path, host="lab.example")[0] == 401
    assert _get(login, path, host="lab.example", authorization=_basic("lab:wrong"))[0] == 401
    assert _get(login, path, host="lab.example", authorization="Basic !!!")[0] == 401
    assert _get(login, path, host="lab.example", authorization="Bearer x")[0] == 401
    assert _get(login, path, host="lab.example", authorization=_basic("lab:密码:x"))[0] == 200

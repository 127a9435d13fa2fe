from __future__ import annotations

import base64
from typing import Any

import pytest

from paperrag.ui.guard import MAX_BODY_BYTES, Guard


async def _page(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"page"})


def _get(login: tuple[str, str] | None, path: str = "/", **headers: str) -> tuple[int, dict[bytes, bytes]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": [(key.encode(), value.encode()) for key, value in headers.items()]}
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


def test_too_long_a_request_is_refused() -> None:
    assert _get(None, host="localhost", **{"content-length": str(MAX_BODY_BYTES + 1)})[0] == 413
    assert _get(None, host="localhost", **{"content-length": "-5"})[0] == 413


@pytest.mark.parametrize("path", ["/", "/mcp", "/config", "/gradio_api/call/ask", "/gradio_api/upload", "/gradio_api/info"])
def test_password_is_asked_for_everywhere(path: str) -> None:
    login = ("lab", "密码:x")
    assert _get(login, path, host="lab.example")[0] == 401
    assert _get(login, path, host="lab.example", authorization=_basic("lab:wrong"))[0] == 401
    assert _get(login, path, host="lab.example", authorization="Basic !!!")[0] == 401
    assert _get(login, path, host="lab.example", authorization="Bearer x")[0] == 401
    assert _get(login, path, host="lab.example", authorization=_basic("lab:密码:x"))[0] == 200

"""Chats with servers over real HTTP: nothing hangs, and what goes wrong is said in words."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from msgspec.structs import replace

from llm_server import LlmServer, Reply, serving
from paperrag.errors import ConfigError, GenerationError
from paperrag.llm.chats import ServedModel
from paperrag.llm.generator import Message, Piece, Stop, within
from paperrag.llm.replies import Call
from paperrag.llm.servers import openai_base, server_of

ASKED = (Message("system", "Be brief."), Message("user", "What eyes has the Siamese?"))
SPECS = ("ollama:tiny", "openai-like:tiny")


def model_of(server: LlmServer, spec: str, timeout_s: float = 5.0) -> ServedModel:
    return ServedModel(server_of(spec, server.environment()), timeout_s, 4096, 64)


def read(model: ServedModel, stop: Stop | None = None) -> list[Piece]:
    return list(within(5.0, model, ASKED, stop))


@pytest.fixture
def eager_gc() -> Iterator[None]:
    """The garbage collector runs as often as it can, in whatever thread allocates."""
    before = gc.get_threshold()
    gc.set_threshold(1)
    yield
    gc.set_threshold(*before)


@pytest.mark.timed
@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS)
def test_hundreds_of_bad_replies_leave_the_next_good_one_unharmed(
    spec: str, eager_gc: None
) -> None:
    bad = (Reply(status=500), Reply("word " * 40, cut_after=2), Reply("long " * 400), Reply("no"))
    replies = iter([*(bad[number % len(bad)] for number in range(300)), Reply("Blue.")])
    with serving(lambda messages: next(replies)) as server:
        model = model_of(server, spec)
        for number in range(300):
            try:
                for count, _ in enumerate(within(5.0, model, ASKED)):
                    if count == 5:
                        break  # a reader who has had enough, as of a reply that is too long
            except GenerationError as error:
                assert error.reason in ("failed", "cut"), number
        start = time.monotonic()
        assert "".join(piece.text for piece in within(5.0, model, ASKED)) == "Blue."
        assert time.monotonic() - start < 2
    assert threading.active_count() < 20


@pytest.mark.timed
@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("pause_s", [0.05, 30.0])
def test_stopped_call_ends_at_the_server_within_half_a_second(spec: str, pause_s: float) -> None:
    with serving(lambda messages: Reply("word " * 4000, pause_s=pause_s)) as server:
        stop = Stop()
        threading.Timer(0.3, stop.now).start()
        start = time.monotonic()
        with pytest.raises(GenerationError, match="stopped"):
            read(model_of(server, spec), stop)
        assert time.monotonic() - start < 0.8
        if pause_s < 1:  # the server learns of it when it writes next
            assert server.gone.wait(0.5)


def test_call_that_was_stopped_before_it_began_says_so() -> None:
    stop = Stop()
    stop.now()
    with serving("Blue.") as server, pytest.raises(GenerationError, match="stopped"):
        read(model_of(server, "ollama:tiny"), stop)


# --- servers as they are ------------------------------------------------------------------------

Answered = tuple[int, dict[str, str], str]


@contextmanager
def answering(
    script: Callable[[dict[str, Any]], Answered], path: str = ""
) -> Iterator[tuple[ServedModel, list[Any]]]:
    """A server that answers each call with status, headers and body, and a model behind it, asked
    at a path.
    """
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            body = json.dumps({"data": [{"id": "tiny"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({**body, "path": self.path})
            status, headers, body = script(asked[-1])
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body.encode())), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    base = {"OPENAI_BASE_URL": f"127.0.0.1:{http.server_address[1]}{path}"}
    try:
        yield ServedModel(server_of("openai-like:tiny", base), 3.0, 4096, 64), asked
    finally:
        http.shutdown()
        http.server_close()


def told(model: ServedModel) -> tuple[str, str]:
    pieces = read(model)
    assert pieces[-1].is_end or any(piece.is_end for piece in pieces)
    return "".join(piece.text for piece in pieces), "".join(piece.thought for piece in pieces)


def events(*records: Any) -> str:
    return "".join(f"data: {json.dumps(record)}\n\n" for record in records) + "data: [DONE]\n\n"


def delta(**parts: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": parts}]}


@pytest.mark.parametrize(
    ("body", "text", "thought"),
    [
        (events(delta(content="Blue "), delta(content="eyes.")), "Blue eyes.", ""),
        (events(delta(role="assistant", content=None), {"choices": []}, delta(content="Blue.")), "Blue.", ""),
        (events(delta(reasoning_content="hm"), delta(content="Blue.")), "Blue.", "hm"),
        (events(delta(reasoning="hm"), delta(content="Blue.")), "Blue.", "hm"),
        (events(delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]),
                delta(content=[{"type": "text", "text": "Blue."}])), "Blue.", "hm"),
        (": keep-alive\n\n" + events(delta(content="Blue.")), "Blue.", ""),
        (json.dumps({"choices": [{"message": {"content": "Blue."}, "finish_reason": "stop"}]}), "Blue.", ""),
        (json.dumps({"choices": [{"message": {"content": "Blue."}}]}, indent=1), "Blue.", ""),
        (f"data: {json.dumps(delta(content='Blue.'))}\n\n", "Blue.", ""),
        ("\ufeff\ufeff" + events(delta(content="Blue.")), "Blue.", ""),
        (events(delta(content="Blue\u2028")).replace("\\u2028", "\u2028"), "Blue\u2028", ""),
        ("ping\n\n" + events(delta(content="Bl")).removesuffix("data: [DONE]\n\n") + "ping\n\n"
         + events(delta(content="ue.")), "Blue.", ""),
        ('data: {"choices": [\ndata: {"delta": {"content": "Blue."}}]}\n\n', "Blue.", ""),
        (events(delta(content=[{"type": "text", "text": {"value": "Blue."}}])), "Blue.", ""),
        (events(delta(content="Blue."), {"choices": [{"index": 1, "delta": {"content": "Red."}}]}), "Blue.", ""),
        (events({**delta(content="Blue."), "usage": [1, 2]}), "Blue.", ""),
        (events(delta(content="Blue."), delta(tool_calls=[{"index": 0, "id": "a"}])), "Blue.", ""),
        (events(delta(content="Blue.")) + "<html>502</html>", "Blue.", ""),
    ],
)  # fmt: skip
def test_bodies_as_servers_send_them_are_read(body: str, text: str, thought: str) -> None:
    with answering(lambda _: (200, {"Content-Type": "text/event-stream"}, body)) as (model, _):
        assert told(model) == (text, thought)


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        ((200, {"Content-Type": "text/html"}, "<html><h1>Sign in</h1></html>"), "not_api", "Sign in"),
        ((200, {}, "it works"), "not_api", "it works"),
        ((200, {}, events({"error": {"message": "out of memory"}})), "failed", "out of memory"),
        ((302, {"Location": "https://example.org/v1"}, ""), "not_api", "https://example.org/v1"),
        ((404, {}, "<p>Not Found</p>"), "not_api", "Not Found"),
        ((404, {}, '{"error": "model tiny not found"}'), "unknown_model", "model tiny not found"),
        ((401, {}, '{"error": {"message": "bad key", "code": 1}}'), "refused", "bad key"),
        ((402, {}, '{"error": {"message": "Insufficient Balance"}}'), "unpaid", "Insufficient Balance"),
        ((422, {}, '{"detail": [{"loc": ["body"], "msg": "too long"}]}'), "failed", "too long"),
        ((429, {}, '{"error": {"message": "slow down"}}'), "busy", "slow down"),
        ((503, {"Retry-After": "900"}, '{"message": "loading"}'), "busy", "loading"),
        ((200, {}, events(delta(content="Bl"), {"choices": [{"delta": {}, "finish_reason": "length"}]})), "cut", "llm_reply_tokens"),
        ((200, {}, events({"choices": [{"delta": {}, "finish_reason": "content_filter"}]})), "failed", "content filter"),
        ((200, {}, events({"choices": [{"delta": {}, "finish_reason": "insufficient_system_resource"}]})), "failed", "system resource"),
        ((200, {}, events(delta(refusal="I cannot."))), "failed", "refuses to answer"),
        ((200, {}, 'event: error\n' + events({"code": "TooLong", "message": "input too long"})), "failed", "input too long"),
        ((200, {}, '{"success": false, "message": "account overdue"}'), "failed", "account overdue"),
        ((200, {}, '[{"error": {"code": 400, "message": "API key not valid"}}]'), "not_api", "API key not valid"),
        ((200, {"Content-Encoding": "gzip"}, events(delta(content="Blue."))), "failed", "packed otherwise"),
        ((404, {}, '{"detail": "Not Found"}'), "not_api", "Not Found"),
        ((308, {}, ""), "not_api", "another address"),
    ],
)  # fmt: skip
def test_failures_are_said_in_the_servers_words(answer: Answered, reason: str, words: str) -> None:
    with answering(lambda _: answer) as (model, _), pytest.raises(GenerationError) as found:
        read(model)
    assert found.value.reason == reason
    assert words in found.value.detail
    assert "{" not in found.value.detail


@contextmanager
def sending(*parts: bytes) -> Iterator[ServedModel]:
    """A model behind a server that sends its bytes in parts and then keeps the connection."""
    is_over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for part in parts:
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            is_over.wait(20)
            self.close_connection = True

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    base = {"OPENAI_BASE_URL": f"127.0.0.1:{http.server_address[1]}"}
    try:
        yield ServedModel(server_of("openai-like:tiny", base), 15.0, 4096, 64)
    finally:
        is_over.set()
        http.shutdown()
        http.server_close()


def test_pieces_cut_within_a_character_are_joined() -> None:
    body = events(delta(content="X")).replace("X", "蓝眼睛").encode()
    with sending(*(bytes([one]) for one in body)) as model:
        assert told(model)[0] == "蓝眼睛"


def test_halves_of_a_character_in_two_pieces_are_joined_and_one_alone_left_out() -> None:
    body = events(delta(content="Blue \ud83d"), delta(content="\ude00 eyes\ud83d"))
    with answering(lambda _: (200, {}, body)) as (model, _):
        *_, whole = Call(model, 5.0, 64, None).replies(ASKED, 0)
    assert whole.said == "Blue 😀 eyes"


def test_bodies_are_utf_8_whatever_their_header_says() -> None:
    body = events(delta(content="X")).replace("X", "蓝眼睛")
    headers = {"Content-Type": "text/event-stream; charset=iso-8859-1"}
    with answering(lambda _: (200, headers, body)) as (model, _):
        assert told(model)[0] == "蓝眼睛"


@pytest.mark.timed
@pytest.mark.parametrize(
    "body",
    [
        events(delta(content="Blue.")),
        "".join(
            f"data: {json.dumps(one)}\n\n"
            for one in (
                delta(content="Blue."),
                {"choices": [{"delta": {}, "finish_reason": "stop"}]},
            )
        ),
    ],
)
def test_reply_that_has_ended_is_not_waited_for(body: str) -> None:
    start = time.monotonic()
    with sending(body.encode()) as model:
        assert told(model)[0] == "Blue."
        assert time.monotonic() - start < 4


def test_connection_that_breaks_after_the_end_costs_nothing() -> None:
    ended = events(delta(content="Blue."), {"choices": [{"delta": {}, "finish_reason": "stop"}]})
    body = ended.removesuffix("data: [DONE]\n\n")
    with answering(lambda _: (200, {"Content-Length": "9999", "Connection": "close"}, body)) as (
        model,
        _,
    ):
        assert told(model)[0] == "Blue."


def test_refusal_of_what_was_asked_leaves_the_next_call_whole() -> None:
    bad: Answered = (400, {}, '{"error": {"message": "maximum context length is 2048 tokens"}}')
    answers = iter([bad, bad, (200, {}, events(delta(content="Blue.")))])
    with answering(lambda _: next(answers)) as (model, asked):
        with pytest.raises(GenerationError, match="2048 tokens"):
            read(model)
        assert told(model)[0] == "Blue."
    assert "temperature" not in asked[1]
    assert asked[2]["temperature"] == 0.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ("stream_options", "Unknown parameter: 'stream_options'"),
        ("temperature", "temperature is not supported with this model"),
        ("max_tokens", "Use 'max_completion_tokens' instead of 'max_tokens'"),
        ("stream_options", "bad request"),
    ],
)
def test_refused_parameter_is_left_out_and_not_sent_again(refused: str, message: str) -> None:
    def script(body: dict[str, Any]) -> Answered:
        if refused in body:
            return 400, {}, json.dumps({"error": {"message": message}})
        return 200, {}, events(delta(content="Blue."))

    with answering(script) as (model, asked):
        assert told(model)[0] == told(model)[0] == "Blue."
    assert len(asked) == 3
    assert refused not in asked[1]
    assert refused != "max_tokens" or asked[1]["max_completion_tokens"] == 64


def test_system_role_that_is_refused_is_told_as_the_users_words() -> None:
    def script(body: dict[str, Any]) -> Answered:
        if body["messages"][0]["role"] == "system":
            return 400, {}, '{"error": {"message": "System role not supported"}}'
        return 200, {}, events(delta(content="Blue."))

    with answering(script) as (model, asked):
        assert told(model)[0] == "Blue."
    (one,) = asked[-1]["messages"]
    assert one["content"] == "Be brief.\n\nWhat eyes has the Siamese?"


def test_api_that_is_not_where_the_address_says_is_looked_for_below_v1() -> None:
    def script(body: dict[str, Any]) -> Answered:
        if body["path"] != "/proxy/v1/chat/completions":
            return 404, {}, "<p>Not Found</p>"
        return 200, {}, events(delta(content="Blue."))

    with answering(script, "/proxy") as (model, asked):
        assert told(model)[0] == told(model)[0] == "Blue."
    assert [one["path"].removeprefix("/proxy") for one in asked] == [
        "/chat/completions", "/v1/chat/completions", "/v1/chat/completions",
    ]  # fmt: skip


def test_server_says_whether_it_has_the_model() -> None:
    with answering(lambda _: (200, {}, "")) as (model, asked):
        assert model.unreached() == ""
        model.server = replace(model.server, model="large")
        assert model.unreached() == "no model 'large'"
        assert asked == []
    assert model.unreached() == "unreachable: is it running?"


@pytest.mark.timed
def test_busy_server_is_asked_again_when_it_says() -> None:
    waits = iter([(429, {"Retry-After": "0.3"}, ""), (200, {}, events(delta(content="Blue.")))])
    with answering(lambda _: next(waits)) as (model, asked):
        start = time.monotonic()
        assert told(model)[0] == "Blue."
    assert 0.3 <= time.monotonic() - start < 2
    assert len(asked) == 2


def test_loopback_is_asked_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with answering(lambda _: (200, {}, events(delta(content="Blue.")))) as (model, _):
        assert told(model)[0] == "Blue."


def test_socks_proxy_without_its_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setitem(__import__("sys").modules, "socksio", None)
    server = server_of("openai-like:tiny", {"OPENAI_BASE_URL": "http://192.0.2.1/v1"})
    with pytest.raises(GenerationError, match="SOCKS"):
        read(ServedModel(server, 3.0, 4096, 64))


@pytest.mark.parametrize(
    ("pasted", "base"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        (" http://127.0.0.1:8000/v1/ ", "http://127.0.0.1:8000/v1"),
        ("localhost:1234", "http://localhost:1234/v1"),
        ("api.deepseek.com", "https://api.deepseek.com/v1"),
        ("https://api.deepseek.com/chat/completions", "https://api.deepseek.com/v1"),
        ("https://openrouter.ai/api/v1/chat/completions", "https://openrouter.ai/api/v1"),
        ("'https://dashscope.aliyuncs.com/compatible-mode/v1'", "https://dashscope.aliyuncs.com/compatible-mode/v1"),
    ],
)  # fmt: skip
def test_base_address_is_mended(pasted: str, base: str) -> None:
    assert openai_base(pasted) == base


@pytest.mark.parametrize("pasted", ["http://", "ftp://host/v1", "http://a b/v1", "http://h:x/v1"])
def test_what_is_no_address_is_refused(pasted: str) -> None:
    with pytest.raises(ConfigError, match="expected an address such as"):
        openai_base(pasted)

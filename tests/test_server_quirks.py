"""Models' servers as they are, each quirk over real HTTP: what they send is read, what they refuse
is left out, where they are is found, and what goes wrong is said in words.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from msgspec.structs import replace

from paperrag.errors import ConfigError, GenerationError
from paperrag.llm.chats import ServedModel
from paperrag.llm.generator import Message
from paperrag.llm.replies import Call
from paperrag.llm.servers import openai_base, server_of

ASKED = (Message("system", "Be brief."), Message("user", "What eyes has the Siamese?"))
OPENAI, OLLAMA = "openai-like:tiny", "ollama:tiny"

Answered = tuple[int, dict[str, str], str]


@contextmanager
def answering(
    script: Callable[[dict[str, Any]], Answered], spec: str = OPENAI, address: str = "{host}"
) -> Iterator[tuple[ServedModel, list[Any]]]:
    """A server that answers each call with status, headers and body, and a model behind it, at the
    address as it was pasted.
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
    port = http.server_address[1]
    pasted = address.format(host=f"127.0.0.1:{port}", port=port)
    server = server_of(spec, {"OPENAI_BASE_URL": pasted, "OLLAMA_HOST": pasted})
    try:
        yield ServedModel(server, 3.0, 4096, 64), asked
    finally:
        http.shutdown()
        http.server_close()


def told(model: ServedModel) -> tuple[str, str]:
    """What a model says, and what it thought before."""
    *_, whole = Call(model, 5.0, 64, None).replies(ASKED, 0)
    return whole.said, whole.thought


def events(*records: Any) -> str:
    return "".join(f"data: {json.dumps(record)}\n\n" for record in records) + "data: [DONE]\n\n"


def delta(**parts: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": parts}]}


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def part(content: str = "", done: bool = False, **more: Any) -> dict[str, Any]:
    """A line of Ollama's."""
    thinking = {name: more.pop(name) for name in ("thinking",) if name in more}
    message = {"role": "assistant", "content": content, **thinking}
    return {"model": "tiny", "message": message, "done": done, **more}


def ended(reason: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


BLUE = delta(content="Blue.")
WHOLE = {"choices": [{"message": {"content": "Blue."}, "finish_reason": "stop"}]}
SHAPED: dict[str, tuple[str, str]] = {
    "two pieces": (OPENAI, events(delta(content="Bl"), delta(content="ue."))),
    "a role first, no choices": (OPENAI, events(delta(role="assistant", content=None), {"choices": []}, BLUE)),
    "choices that are null": (OPENAI, events({"choices": None}, BLUE)),
    "a last delta that is null": (OPENAI, events(BLUE, {"choices": [{"delta": None, "finish_reason": "stop"}]})),
    "comments that keep alive": (OPENAI, ": OPENROUTER PROCESSING\n\n" + events(BLUE)),
    "words that keep alive": (
        OPENAI,
        "ping\n\n" + events(delta(content="Bl")).removesuffix("data: [DONE]\n\n") + "ping\n\n" + events(delta(content="ue.")),
    ),
    "no finish_reason, no [DONE]": (OPENAI, f"data: {json.dumps(BLUE)}\n\n"),
    "no blank before data": (OPENAI, events(BLUE).replace("data: ", "data:")),
    "CRLF": (OPENAI, events(BLUE).replace("\n", "\r\n")),
    "two byte order marks": (OPENAI, "\ufeff\ufeff" + events(BLUE)),
    "an event on two lines": (OPENAI, 'data: {"choices": [\ndata: {"delta": {"content": "Blue."}}]}\n\n'),
    "typed parts": (OPENAI, events(delta(content=[{"type": "text", "text": "Blue."}]))),
    "typed parts with values": (OPENAI, events(delta(content=[{"type": "text", "text": {"value": "Blue."}}]))),
    "content that is a number": (OPENAI, events(delta(content=5), BLUE)),
    "completions, not chats": (OPENAI, events({"choices": [{"text": "Blue."}]})),
    "a second choice": (OPENAI, events(BLUE, {"choices": [{"index": 1, "delta": {"content": "Red."}}]})),
    "usage that is no object": (OPENAI, events({**BLUE, "usage": [1, 2]})),
    "a call of a tool": (OPENAI, events(BLUE, delta(tool_calls=[{"index": 0, "id": "a"}]))),
    "HTML after the end": (OPENAI, events(BLUE) + "<html>502</html>"),
    "one JSON, not a stream": (OPENAI, json.dumps(WHOLE)),
    "one JSON on many lines": (OPENAI, json.dumps(WHOLE, indent=1)),
    "one JSON without a finish_reason": (OPENAI, json.dumps({"choices": [{"message": {"content": "Blue."}}]})),
    "marks of the chat's template": (OPENAI, events(delta(content="<|assistant|>Blue.<|im_end|>"))),
    "<answer> around it": (OPENAI, events(delta(content="<answer>Blue.</answer>"))),
    "```markdown around it": (OPENAI, events(delta(content="```markdown\nBlue.\n```"))),
    "Ollama: two lines": (OLLAMA, lines(part("Bl"), part("ue."), part(done=True, done_reason="stop"))),
    "Ollama: no done_reason": (OLLAMA, lines(part("Blue."), part(done=True))),
    "Ollama: one JSON, not a stream": (OLLAMA, json.dumps(part("Blue.", done=True), indent=1)),
    "Ollama: its other API": (OLLAMA, lines({"response": "Blue.", "done": False}, {"response": "", "done": True})),
    "Ollama: events, as OpenAI's": (OLLAMA, events(BLUE, ended("stop"))),
}  # fmt: skip


@pytest.mark.parametrize("quirk", SHAPED)
def test_bodies_as_servers_send_them_are_read(quirk: str) -> None:
    spec, body = SHAPED[quirk]
    with answering(lambda _: (200, {"Content-Type": "text/event-stream"}, body), spec) as (
        model,
        _,
    ):
        assert told(model) == ("Blue.", "")


def test_line_ends_of_other_alphabets_stand_within_json() -> None:
    body = events(delta(content="Blue\u2028eyes")).replace("\\u2028", "\u2028")
    with answering(lambda _: (200, {}, body)) as (model, _):
        assert told(model)[0] == "Blue\u2028eyes"


THOUGHT: dict[str, tuple[str, str]] = {
    "reasoning_content": (OPENAI, events(delta(reasoning_content="hm"), BLUE)),
    "reasoning": (OPENAI, events(delta(reasoning="hm"), BLUE)),
    "reasoning, told twice": (OPENAI, events(delta(reasoning="hm", reasoning_details=[{"text": "hm"}]), BLUE)),
    "typed parts": (OPENAI, events(delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]), BLUE)),
    "<think>": (OPENAI, events(delta(content="<thi"), delta(content="nk>hm</think>Blue."))),
    "a lone </think>": (OPENAI, events(delta(content="hm"), delta(content="</think>\n\nBlue."))),
    "<thinking>": (OPENAI, events(delta(content="<thinking>hm</thinking>Blue."))),
    "<seed:think>": (OPENAI, events(delta(content="<seed:think>hm</seed:think>Blue."))),
    "◁think▷": (OPENAI, events(delta(content="◁think▷hm◁/think▷Blue."))),
    "channels": (
        OPENAI,
        events(delta(content="<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Blue.<|return|>")),
    ),
    "channels without their marks": (OPENAI, events(delta(content="analysishmassistantfinalBlue."))),
    "Ollama's thinking": (OLLAMA, lines(part(thinking="hm"), part("Blue."), part(done=True))),
    "<think> of Ollama's": (OLLAMA, lines(part("<think>hm</think>"), part("Blue."), part(done=True))),
}  # fmt: skip


@pytest.mark.parametrize("quirk", THOUGHT)
def test_thoughts_are_told_from_words(quirk: str) -> None:
    spec, body = THOUGHT[quirk]
    with answering(lambda _: (200, {}, body), spec) as (model, _):
        assert told(model) == ("Blue.", "hm")


SPEAKING_404 = '{"error": {"message": "No models loaded. Please load a model"}}'
TRACEBACK = '{"detail": [{"loc": ["body"], "msg": "too long"}]}'
FAILURES: dict[str, tuple[str, Answered, str, str]] = {
    "HTML": (OPENAI, (200, {"Content-Type": "text/html"}, "<html><h1>Sign in</h1></html>"), "not_api", "Sign in"),
    "plain words": (OPENAI, (200, {}, "it works"), "not_api", "it works"),
    "nothing": (OPENAI, (200, {}, ""), "not_api", "empty"),
    "null": (OPENAI, (200, {}, "null"), "not_api", "null"),
    "a list": (OPENAI, (200, {}, '[{"error": {"code": 400, "message": "API key not valid"}}]'), "not_api", "API key not valid"),
    "an error among the events": (OPENAI, (200, {}, events({"error": {"message": "out of memory"}})), "failed", "out of memory"),
    "an error after the first words": (
        OPENAI, (200, {}, events(delta(content="Bl"), {"object": "error", "message": "engine died"})),
        "failed", "engine died",
    ),
    "an error with choices": (
        OPENAI, (200, {}, events({"error": {"code": 502, "message": "Provider down"}, **ended("error")})),
        "failed", "Provider down",
    ),
    "an event named error": (
        OPENAI, (200, {}, "event: error\n" + events({"code": "TooLong", "message": "input too long"})),
        "failed", "input too long",
    ),
    "200 for what is refused": (OPENAI, (200, {}, '{"success": false, "message": "account overdue"}'), "failed", "account overdue"),
    "moved": (OPENAI, (302, {"Location": "https://example.org/v1"}, ""), "not_api", "https://example.org/v1"),
    "moved, not told where": (OPENAI, (308, {}, ""), "not_api", "another address"),
    "404 in HTML": (OPENAI, (404, {}, "<p>Not Found</p>"), "not_api", "Not Found"),
    "404 of a framework": (OPENAI, (404, {}, '{"detail": "Not Found"}'), "not_api", "Not Found"),
    "404 of the model": (OPENAI, (404, {}, '{"error": "model tiny not found"}'), "unknown_model", "model tiny not found"),
    "no model loaded": (OPENAI, (404, {}, SPEAKING_404), "unknown_model", "No models loaded"),
    "401": (OPENAI, (401, {}, '{"error": {"message": "bad key", "code": 1}}'), "refused", "bad key"),
    "402": (OPENAI, (402, {}, '{"error": {"message": "Insufficient Balance"}}'), "unpaid", "Insufficient Balance"),
    "403 in words": (OPENAI, (403, {}, "error code: 1010"), "refused", "1010"),
    "413 in words": (OPENAI, (413, {}, "Request Entity Too Large"), "failed", "Too Large"),
    "422 in a list": (OPENAI, (422, {}, TRACEBACK), "failed", "too long"),
    "429": (OPENAI, (429, {}, '{"error": {"message": "slow down"}}'), "busy", "slow down"),
    "503 for longer than there is time": (OPENAI, (503, {"Retry-After": "900"}, '{"message": "loading"}'), "busy", "loading"),
    "502 of a gateway": (OPENAI, (502, {}, "<html><title>502 Bad Gateway</title></html>"), "failed", "Bad Gateway"),
    "504 without words": (OPENAI, (504, {}, ""), "failed", "504"),
    "cut at the longest": (OPENAI, (200, {}, events(delta(content="Bl"), ended("length"))), "cut", "llm_reply_tokens"),
    "filtered": (OPENAI, (200, {}, events(ended("content_filter"))), "failed", "content filter"),
    "out of resources": (OPENAI, (200, {}, events(ended("insufficient_system_resource"))), "failed", "system resource"),
    "a refusal": (OPENAI, (200, {}, events(delta(refusal="I cannot."))), "failed", "refuses to answer"),
    "packed otherwise than it says": (OPENAI, (200, {"Content-Encoding": "gzip"}, events(BLUE)), "failed", "packed otherwise"),
    "Ollama: an error after the first words": (OLLAMA, (200, {}, lines(part("Bl"), {"error": "CUDA error"})), "failed", "CUDA error"),
    "Ollama: cut at the longest": (OLLAMA, (200, {}, lines(part("Bl"), part(done=True, done_reason="length"))), "cut", "llm_reply_tokens"),
    "Ollama: its front page": (OLLAMA, (200, {}, "Ollama is running"), "not_api", "Ollama is running"),
    "Ollama: 404 of the model": (OLLAMA, (404, {}, '{"error":"model \'tiny\' not found"}'), "unknown_model", "not found"),
    "Ollama: 404 of a web server": (OLLAMA, (404, {}, "404 page not found"), "not_api", "page not found"),
}  # fmt: skip


@pytest.mark.parametrize("quirk", FAILURES)
def test_failures_are_said_in_the_servers_words(quirk: str) -> None:
    spec, answer, reason, words = FAILURES[quirk]
    with answering(lambda _: answer, spec) as (model, _), pytest.raises(GenerationError) as found:
        told(model)
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
        assert told(model)[0] == "Blue 😀 eyes"


def test_bodies_are_utf_8_whatever_their_header_says() -> None:
    body = events(delta(content="X")).replace("X", "蓝眼睛")
    headers = {"Content-Type": "text/event-stream; charset=iso-8859-1"}
    with answering(lambda _: (200, headers, body)) as (model, _):
        assert told(model)[0] == "蓝眼睛"


@pytest.mark.timed
@pytest.mark.parametrize(
    "body",
    [
        events(BLUE),
        "".join(
            f"data: {json.dumps(one)}\n\n"
            for one in (
                BLUE,
                ended("stop"),
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
    body = events(BLUE, ended("stop")).removesuffix("data: [DONE]\n\n")
    with answering(lambda _: (200, {"Content-Length": "9999", "Connection": "close"}, body)) as (
        model,
        _,
    ):
        assert told(model)[0] == "Blue."


def test_refusal_of_what_was_asked_leaves_the_next_call_whole() -> None:
    bad: Answered = (400, {}, '{"error": {"message": "maximum context length is 2048 tokens"}}')
    answers = iter([bad, bad, (200, {}, events(BLUE))])
    with answering(lambda _: next(answers)) as (model, asked):
        with pytest.raises(GenerationError, match="2048 tokens"):
            told(model)
        assert told(model)[0] == "Blue."
    assert "temperature" not in asked[1]
    assert asked[2]["temperature"] == 0.0


REFUSED: dict[str, tuple[str, str]] = {
    "Unknown parameter: 'stream_options'": (OPENAI, "stream_options"),
    "temperature is not supported with this model": (OPENAI, "temperature"),
    "Use 'max_completion_tokens' instead of 'max_tokens'": (OPENAI, "max_tokens"),
    "bad request": (OPENAI, "stream_options"),
    '"tiny" does not support thinking; leave out think': (OLLAMA, "think"),
    "json: unknown field": (OLLAMA, "think"),
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused_parameter_is_left_out_and_not_sent_again(message: str) -> None:
    spec, refused = REFUSED[message]

    def script(body: dict[str, Any]) -> Answered:
        if refused in body:
            return 400, {}, json.dumps({"error": {"message": message}})
        said = lines(part("Blue."), part(done=True))
        return 200, {}, said if spec == OLLAMA else events(BLUE)

    with answering(script, spec) as (model, asked):
        assert told(model)[0] == told(model)[0] == "Blue."
    assert len(asked) == 3
    assert refused not in asked[1]
    assert refused != "max_tokens" or asked[1]["max_completion_tokens"] == 64


def test_system_role_that_is_refused_is_told_as_the_users_words() -> None:
    def script(body: dict[str, Any]) -> Answered:
        if body["messages"][0]["role"] == "system":
            return 400, {}, '{"error": {"message": "System role not supported"}}'
        return 200, {}, events(BLUE)

    with answering(script) as (model, asked):
        assert told(model)[0] == "Blue."
    (one,) = asked[-1]["messages"]
    assert one["content"] == "Be brief.\n\nWhat eyes has the Siamese?"


def test_api_that_is_not_where_the_address_says_is_looked_for_below_v1() -> None:
    def script(body: dict[str, Any]) -> Answered:
        if body["path"] != "/proxy/v1/chat/completions":
            return 404, {}, "<p>Not Found</p>"
        return 200, {}, events(BLUE)

    with answering(script, address="{host}/proxy") as (model, asked):
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
    address = model.server.url.removesuffix("/v1/chat/completions")
    assert model.unreached() == f"unreachable: {address}: is it running?"


@pytest.mark.timed
@pytest.mark.parametrize("spec", [OPENAI, OLLAMA])
@pytest.mark.parametrize("status", [429, 503])
def test_busy_server_is_asked_again_when_it_says(spec: str, status: int) -> None:
    said = lines(part("Blue."), part(done=True)) if spec == OLLAMA else events(BLUE)
    waits = iter([(status, {"Retry-After": "0.3"}, ""), (200, {}, said)])
    with answering(lambda _: next(waits), spec) as (model, asked):
        start = time.monotonic()
        assert told(model)[0] == "Blue."
    assert 0.3 <= time.monotonic() - start < 2
    assert len(asked) == 2


@pytest.mark.timed
def test_busy_server_may_say_a_date() -> None:
    at = datetime.now(UTC) + timedelta(seconds=2)  # dates have whole seconds
    waits = iter(
        [
            (429, {"Retry-After": format_datetime(at, usegmt=True)}, ""),
            (200, {}, events(BLUE)),
        ]
    )
    with answering(lambda _: next(waits)) as (model, asked):
        start = time.monotonic()
        assert told(model)[0] == "Blue."
    assert 0.9 <= time.monotonic() - start < 3
    assert len(asked) == 2


def test_loopback_is_asked_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with answering(lambda _: (200, {}, events(BLUE))) as (model, _):
        assert told(model)[0] == "Blue."


def test_socks_proxy_without_its_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setitem(__import__("sys").modules, "socksio", None)
    server = server_of("openai-like:tiny", {"OPENAI_BASE_URL": "http://192.0.2.1/v1"})
    with pytest.raises(GenerationError, match="SOCKS"):
        told(ServedModel(server, 3.0, 4096, 64))


@pytest.mark.parametrize(
    ("pasted", "base"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        (" http://127.0.0.1:8000/v1/ ", "http://127.0.0.1:8000/v1"),
        ("localhost:1234", "http://localhost:1234/v1"),
        ("api.deepseek.com", "https://api.deepseek.com/v1"),
        ("https://api.deepseek.com/chat/completions", "https://api.deepseek.com/v1"),
        ("https://openrouter.ai/api/v1/chat/completions", "https://openrouter.ai/api/v1"),
        ("https://openrouter.ai/api", "https://openrouter.ai/api"),
        ("'https://dashscope.aliyuncs.com/compatible-mode/v1'", "https://dashscope.aliyuncs.com/compatible-mode/v1"),
    ],
)  # fmt: skip
def test_base_address_is_mended(pasted: str, base: str) -> None:
    assert openai_base(pasted) == base


@pytest.mark.parametrize(
    "documented",
    [
        "https://api.openai.com/v1",
        "https://openrouter.ai/api/v1",
        "https://ark.cn-beijing.volces.com/api/v3",
        "https://open.bigmodel.cn/api/paas/v4",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "https://api.groq.com/openai/v1",
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "http://localhost:1234/api/v0",
    ],
)
def test_address_that_a_service_documents_is_left(documented: str) -> None:
    assert openai_base(documented) == documented
    assert openai_base(f"{documented}/chat/completions") == documented


def test_key_within_an_address_is_not_shown() -> None:
    server = server_of(OPENAI, {"OPENAI_BASE_URL": "http://me:secret@127.0.0.1:9/v1"})
    fault = ServedModel(server, 3.0, 4096, 64).unreached()
    assert fault == "unreachable: http://127.0.0.1:9: is it running?"


@pytest.mark.parametrize("pasted", ["http://", "ftp://host/v1", "http://a b/v1", "http://h:x/v1"])
def test_what_is_no_address_is_refused(pasted: str) -> None:
    with pytest.raises(ConfigError, match="expected an address such as"):
        openai_base(pasted)


ADDRESSES = {
    "{host}": OPENAI,
    " http://{host}/ ": OPENAI,
    "http://{host}/v1/": OPENAI,
    "'{host}/v1/chat/completions'": OPENAI,
    "http://{host}/v1/models": OPENAI,
    "http://{host}/api/generate": OPENAI,
    "localhost:{port}/v1": OPENAI,
    "http://{host}": OLLAMA,
    '"{host}/api/chat"': OLLAMA,
    "http://{host}/v1": OLLAMA,
    "0.0.0.0:{port}": OLLAMA,
    ":{port}": OLLAMA,
}


@pytest.mark.parametrize("pasted", ADDRESSES)
def test_server_is_found_at_its_address_however_that_was_pasted(pasted: str) -> None:
    spec = ADDRESSES[pasted]
    said = lines(part("Blue."), part(done=True)) if spec == OLLAMA else events(BLUE)
    with answering(lambda _: (200, {}, said), spec, pasted) as (model, asked):
        assert told(model)[0] == "Blue."
    path = "/api/chat" if spec == OLLAMA else "/v1/chat/completions"
    assert [one["path"] for one in asked] == [path]

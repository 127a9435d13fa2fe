"""A server on 127.0.0.1 that speaks OpenAI's chat completions (SSE) and Ollama's /api/chat
(NDJSON) from a script.

A script turns the messages of a call into a `Reply`; `asked` lists the bodies of all calls.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[list[dict[str, str]]], "Reply"]


@dataclass
class Reply:
    """What the model says and what goes wrong. `cut_after`: pieces after which the connection ends
    without an end mark.
    """

    text: str = ""
    status: int = 200
    pause_s: float = 0.0
    cut_after: int | None = None
    piece_chars: int = 12
    thinking: str = ""

    def pieces(self) -> Iterator[str]:
        whole = self.thinking + self.text
        yield from (
            whole[at : at + self.piece_chars] for at in range(0, len(whole), self.piece_chars)
        )


@dataclass
class LlmServer:
    """The running server: its port, its script, what it was asked and when it sent its first
    piece.
    """

    script: Script
    port: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    first_sent: list[float] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when a client left before its reply was whole."""

    @property
    def ollama(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def environment(self) -> dict[str, str]:
        return {
            "OLLAMA_HOST": self.ollama,
            "OPENAI_BASE_URL": self.openai,
            "OPENAI_API_KEY": "test-key",
        }


@contextmanager
def serving(script: Script | str) -> Iterator[LlmServer]:
    """Run a server whose model answers every call with a text, or as a script says."""
    server = LlmServer((lambda messages: Reply(script)) if isinstance(script, str) else script)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http.daemon_threads = True
    server.port = http.server_address[1]
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.is_over.set()
        http.shutdown()
        http.server_close()


def _handler(server: LlmServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = (
            True  # as real servers do; else a first small piece waits 40 ms for an acknowledgement
        )

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.asked.append({"path": self.path, **body})
            server.keys.append(self.headers.get("Authorization"))
            reply = server.script(body["messages"])
            if reply.status != 200:
                self._send_whole(
                    reply.status,
                    json.dumps({"error": {"message": f"scripted {reply.status}"}}).encode(),
                )
                return
            is_ollama = self.path == "/api/chat"
            self.send_response(200)
            self.send_header(
                "Content-Type", "application/x-ndjson" if is_ollama else "text/event-stream"
            )
            self.end_headers()
            try:
                for line in (_ollama_lines if is_ollama else _openai_lines)(body, reply, server):
                    self.wfile.write(line)
                    self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                server.gone.set()

        def _send_whole(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _paced(reply: Reply, server: LlmServer) -> Iterator[str]:
    for number, piece in enumerate(reply.pieces()):
        if number == reply.cut_after or server.is_over.wait(reply.pause_s):
            return
        if number == 0:
            server.first_sent.append(time.time())
        yield piece


def _openai_lines(body: dict[str, Any], reply: Reply, server: LlmServer) -> Iterator[bytes]:
    def event(
        delta: dict[str, str], finish: str | None = None, usage: dict[str, int] | None = None
    ) -> bytes:
        choices = [] if usage else [{"index": 0, "delta": delta, "finish_reason": finish}]
        record = {
            "id": "c1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": body["model"],
            "choices": choices,
        }
        return b"data: " + json.dumps({**record, "usage": usage}).encode() + b"\n\n"

    for piece in _paced(reply, server):
        yield event({"role": "assistant", "content": piece})
    if reply.cut_after is None:
        yield event({}, "stop")
        if body.get("stream_options", {}).get("include_usage"):
            yield event(
                {}, usage={"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366}
            )
        yield b"data: [DONE]\n\n"


def _ollama_lines(body: dict[str, Any], reply: Reply, server: LlmServer) -> Iterator[bytes]:
    def line(content: str, **more: Any) -> bytes:
        record = {
            "model": body["model"],
            "created_at": "2026-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": content},
        }
        return json.dumps({**record, "done": False, **more}).encode() + b"\n"

    for piece in _paced(reply, server):
        yield line(piece)
    if reply.cut_after is None:
        yield line("", done=True, done_reason="stop", prompt_eval_count=321, eval_count=45)

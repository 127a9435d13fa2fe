"""Messages -> an LLM's reply, piece by piece, within a time limit. Knows no model library."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Literal, Protocol

from msgspec import Struct

from paperrag.errors import GenerationError
from paperrag.text.language import HAN_CHAR

CHARS_PER_TOKEN = 3
"""Characters of other scripts that a token holds at least on average; a Chinese character counts
as one token.
"""

AFTER_END_S = 2.0
"""Longest that is waited for counts, or for the connection to close, once a model has ended."""


class Message(Struct, frozen=True):
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Piece(Struct, frozen=True):
    """A piece of a reply; `thought` is what the server itself tells apart as thinking.

    Counts are None until the server tells them; `is_end`: the model ended by itself.
    """

    text: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    is_end: bool = False
    thought: str = ""


class Stop:
    """Ends a call from outside: `now` wakes the reader and hangs up on the server."""

    def __init__(self) -> None:
        self._event = Event()
        self._lock = Lock()
        self._ends: list[Callable[[], None]] = []

    @property
    def is_set(self) -> bool:
        """Whether the call is to end."""
        return self._event.is_set()

    def now(self) -> None:
        """End the call."""
        with self._lock:
            self._event.set()
            ends, self._ends = self._ends, []
        for end in ends:
            end()

    def calls(self, end: Callable[[], None]) -> None:
        """Have `end` called when the call is to end; at once if it is already."""
        with self._lock:
            if not self._event.is_set():
                self._ends.append(end)
                return
        end()

    def wait(self, seconds: float) -> bool:
        """Wait, and return whether the call was ended meanwhile."""
        return self._event.wait(seconds)


class Generator(Protocol):
    """An LLM that answers chats."""

    @property
    def name(self) -> str:
        """What users call it, such as "ollama:qwen3:4b"."""

    @property
    def context_tokens(self) -> int:
        """Tokens that it reads and writes at once."""

    def stream(self, messages: Sequence[Message], stop: Stop, more_tokens: int) -> Iterator[Piece]:
        """Yield the reply as it comes, read and closed by one thread.

        stop: ended by others. more_tokens: how many more than usual the reply may have. Raises
        GenerationError.
        """

    def unreached(self) -> str:
        """Return why it cannot be asked now, "" if it can or that cannot be told without asking."""


class ModelState(Struct, frozen=True):
    """An LLM by name, and why it cannot be asked now, "" if it can."""

    name: str
    why: str


Queued = SimpleQueue[Piece | BaseException | None]
"""Pieces of a reply, None behind the last one, or what went wrong."""


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    han = len(HAN_CHAR.findall(text))
    return han + -(-(len(text) - han) // CHARS_PER_TOKEN)


def within(
    timeout_s: float,
    generator: Generator,
    messages: Sequence[Message],
    stop: Stop | None = None,
    more_tokens: int = 0,
) -> Iterator[Piece]:
    """Yield the pieces of a reply until `timeout_s` have passed since the call, however slowly
    they drip. What goes wrong at the server once the reply has ended is no matter.

    A thread of its own reads and closes the reply; a reader who leaves early, or `stop`, ends the
    call at the server. Raises GenerationError, "timeout" and "stopped" among others.
    """
    queue: Queued = SimpleQueue()
    call = Stop()
    if stop is not None:
        stop.calls(lambda: queue.put(GenerationError("stopped")))
        stop.calls(call.now)
    Thread(target=_pump, args=(generator, messages, call, more_tokens, queue), daemon=True).start()
    try:
        yield from _pieces(queue, timeout_s)
    finally:
        call.now()


def _pieces(queue: Queued, timeout_s: float) -> Iterator[Piece]:
    """Yield the pieces that are put into a queue, up to the None behind the last one."""
    deadline = time.monotonic() + timeout_s
    is_over = False
    while True:
        left_s = max(0.0, deadline - time.monotonic())
        try:
            item = queue.get(timeout=min(left_s, AFTER_END_S) if is_over else left_s)
        except Empty:
            item = None if is_over else GenerationError("timeout", f"{timeout_s:g} s")
        if item is None or (is_over and _is_cut(item)):
            return
        if isinstance(item, BaseException):
            raise item
        is_over = item.is_end or (is_over and not (item.text or item.thought))
        yield item


def _is_cut(item: Piece | BaseException) -> bool:
    return isinstance(item, GenerationError) and item.reason == "cut"


def _pump(
    generator: Generator,
    messages: Sequence[Message],
    call: Stop,
    more_tokens: int,
    queue: Queued,
) -> None:
    try:
        # Left to the garbage collector, a stream would be closed by whatever thread runs it, even
        # one that holds the lock which closing needs.
        with closing(generator.stream(messages, call, more_tokens)) as pieces:  # type: ignore[type-var]  # generators all
            for piece in pieces:
                if call.is_set:
                    return
                queue.put(piece)
        queue.put(None)
    except BaseException as error:  # told to the reader, who raises it
        queue.put(error)

"""Messages -> an LLM's reply, piece by piece, within a time limit. Knows no model library."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Literal, Protocol

from paperrag.errors import GenerationError
from paperrag.text.language import HAN_CHAR

CHARS_PER_TOKEN = 3
"""Characters of other scripts that a token holds at least on average; a Chinese character counts
as one token.
"""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a reply. Counts are None until the server tells them; `is_end`: the model ended
    by itself.
    """

    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    is_end: bool = False


class Generator(Protocol):
    """An LLM that answers chats."""

    @property
    def name(self) -> str:
        """What users call it, such as "ollama:qwen3:4b"."""

    @property
    def context_tokens(self) -> int:
        """Tokens that it reads and writes at once."""

    def stream(self, messages: Sequence[Message]) -> Iterator[Piece]:
        """Yield the reply as it comes. Raises GenerationError."""


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    han = len(HAN_CHAR.findall(text))
    return han + -(-(len(text) - han) // CHARS_PER_TOKEN)


def within(timeout_s: float, stream: Callable[[], Iterator[Piece]]) -> Iterator[Piece]:
    """Yield the pieces of a stream until `timeout_s` have passed since the call, however slowly
    they drip.

    The stream runs in a thread of its own that ends with its next piece. Raises GenerationError
    "timeout".
    """
    deadline = time.monotonic() + timeout_s
    queue: SimpleQueue[Piece | BaseException | None] = SimpleQueue()
    is_over = Event()
    Thread(target=_pump, args=(stream, queue, is_over), daemon=True).start()
    try:
        while True:
            try:
                item = queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise GenerationError("timeout", f"{timeout_s:g} s") from None
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        is_over.set()


def _pump(
    stream: Callable[[], Iterator[Piece]],
    queue: SimpleQueue[Piece | BaseException | None],
    is_over: Event,
) -> None:
    try:
        for piece in stream():
            if is_over.is_set():
                return
            queue.put(piece)
        queue.put(None)
    except BaseException as error:  # told to the reader, who raises it
        queue.put(error)

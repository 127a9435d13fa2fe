"""A stream that is read in a thread of its own, so that whoever waits for it can stop waiting.

Knows neither questions nor answers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

BEAT_S = 0.5
"""How often a reader that waits is told that nothing came; then it can notice that it is alone."""


class Stopped(Exception):
    """Whoever waited asked the stream to end."""


class Running(Generic[T]):
    """Reads `stream` from the moment it is made. Stopping takes effect at once for the reader; the
    stream itself is closed, in its own thread, as soon as its next item comes. `end` is called by
    whoever stops it, to have that come soon.
    """

    def __init__(
        self, stream: Callable[[], Generator[T, None, None]], end: Callable[[], None] | None = None
    ) -> None:
        self._end = end
        self._items: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
        self._stopped = Event()
        Thread(target=self._read, args=(stream,), daemon=True).start()

    def stop(self) -> None:
        """End it; the reader gets Stopped."""
        self._stopped.set()
        self._items.put(Stopped())
        if self._end:
            self._end()

    def items(self) -> Iterator[tuple[T] | None]:
        """Yield each item in a tuple of one, None at every beat without any. Raises what the stream
        raises, or Stopped.
        """
        try:
            while True:
                try:
                    item = self._items.get(timeout=BEAT_S)
                except Empty:
                    yield None
                    continue
                if self._stopped.is_set():
                    raise Stopped
                if isinstance(item, BaseException):
                    raise item
                if item is None:
                    return
                yield item
        finally:
            self._stopped.set()

    def _read(self, stream: Callable[[], Generator[T, None, None]]) -> None:
        items = stream()
        try:
            for item in items:
                if self._stopped.is_set():
                    return
                self._items.put((item,))
            self._items.put(None)
        except BaseException as error:  # told to the reader, who raises it
            self._items.put(error)
        finally:
            items.close()

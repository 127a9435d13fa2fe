"""One writer of an index folder at a time; whoever comes second is told who writes."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from msgspec import Struct
from msgspec.json import decode, encode

from paperrag.errors import IndexLocked, IndexWriteError

LOCK, OWNER = "lock", "lock.owner"


class Owner(Struct, frozen=True):
    """Who holds a lock, and since when."""

    pid: int
    host: str
    since: str

    @classmethod
    def here(cls) -> Self:
        """Return this process, now."""
        from socket import gethostname  # 0.003 s, and needed by no question

        return cls(os.getpid(), gethostname(), time.strftime("%Y-%m-%d %H:%M:%S"))

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for writing, made if it is not there.

    Raises IndexLocked, naming the holder, or IndexWriteError.
    """
    from filelock import FileLock, Timeout

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise IndexLocked(
                f"{folder} is being written by {_holder(folder)}; wait for it to finish"
            ) from None
    try:
        with writing(folder):
            (folder / OWNER).write_bytes(encode(Owner.here()))
        yield
    finally:
        try:
            (folder / OWNER).unlink(missing_ok=True)
        finally:
            lock.release()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Raise IndexWriteError for what keeps something from being written to an index folder."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise IndexWriteError(
            f"cannot write the index in {folder} ({getattr(error, 'strerror', None) or error}); "
            f"the index that was there is untouched; {_remedy(error)}pass --index DIR with a folder "
            "that can be written"
        ) from error


def _remedy(error: Exception) -> str:
    return "" if isinstance(error, PermissionError) else "free some space or "


def _holder(folder: Path) -> str:
    try:
        return str(decode((folder / OWNER).read_bytes(), type=Owner))
    except (OSError, ValueError):
        return "another process"

"""One writer of a corpus in Milvus at a time, on whatever machine; one that died is not waited for.

Milvus has no locks. Each writer has a row of its own, written while no other one is in force, and
then looks again: of two that write at once, the later sees the earlier.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from msgspec import Struct
from msgspec.json import decode, encode

from paperrag.errors import IndexLocked
from paperrag.index.milvus.client import MilvusTables, quoted
from paperrag.index.milvus.rows import digest, part_rows

LEASE_S = 600.0
"""A writer that has not been heard of for so long is taken for dead."""


class _Lease(Struct, frozen=True):
    """Who writes, and since when it was heard of, in seconds since 1970."""

    place: str
    process: int
    host: str
    at: float


class MilvusLease:
    """The right of the writers on one machine, among which a lock on its disk decides.

    folder: where that lock lies; the same writer comes back to it after it was killed.
    """

    def __init__(self, tables: MilvusTables, folder: Path) -> None:
        self._tables = tables
        self._place = f"{socket.gethostname()} {os.path.realpath(folder)}"
        self._id = f"lease/{digest(self._place)}"

    def take(self) -> None:
        """Begin to write. Raises IndexLocked, naming who writes already."""
        self._tables.create()
        self.renew()
        try:
            self._check()
        except IndexLocked:
            self.end()
            raise

    def renew(self) -> None:
        """Go on writing. Raises IndexLocked where this writer was taken for dead."""
        self._check()
        lease = _Lease(self._place, os.getpid(), socket.gethostname(), time.time())
        (row,) = part_rows("lease", 0, 0, encode(lease).decode())
        self._tables.upsert("parts", [{**row, "id": self._id}])

    def end(self) -> None:
        """Let others write."""
        self._tables.delete("parts", f"id == {quoted(self._tables.key(self._id))}")

    def held_by(self, owner: str) -> IndexLocked:
        """Return the error that names who writes."""
        return IndexLocked(
            f"{self._tables.name} is being written by {owner}; wait for it to finish"
        )

    def _check(self) -> None:
        for row in self._tables.rows("parts", 'kind == "lease"', ["text"]):
            held = decode(row["text"], type=_Lease)
            if held.place != self._place and time.time() - held.at < LEASE_S:
                raise self.held_by(f"process {held.process} on {held.host}")

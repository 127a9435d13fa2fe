"""What was asked of each API and what it answered, kept on disk, so that nothing is asked twice.

One file of JSON lines an API. A call's answers are appended in one write before anything is made
of them: a run that is killed goes on where it was. A line cut short by that is ignored.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from paperrag.errors import PaperFileError
from paperrag.papers.refs import Paper

_DAY_S = 86400.0


class _Kept(Struct, frozen=True):
    """A line of a file: what an API was asked, when in seconds since 1970, and what it knew."""

    key: str
    at: int
    papers: tuple[Paper, ...]


class Answers:
    """The answers of all APIs. `max_age_days`: older ones count as never given."""

    def __init__(
        self, folder: Path, max_age_days: float, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder = folder
        self._oldest = clock() - max_age_days * _DAY_S
        self._clock = clock
        self._known: dict[str, dict[str, tuple[Paper, ...]]] = {}

    def get(self, api: str, key: str) -> tuple[Paper, ...] | None:
        """Return the papers that an API answered for a key, () if it knew none, None if it was not
        asked.
        """
        if api not in self._known:
            self._known[api] = self._read(api)
        return self._known[api].get(key)

    def add(self, api: str, keys: Sequence[str], found: Mapping[str, Sequence[Paper]]) -> None:
        """Keep the answer of one call; keys without papers were not known. Raises
        PaperFileError.
        """
        import msgspec

        lines = []
        for key in keys:
            papers = tuple(found.get(key, ()))
            self._known.setdefault(api, self._read(api))[key] = papers
            lines.append(msgspec.json.encode(_Kept(key, int(self._clock()), papers)))
        path = self._path(api)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with path.open("a+b") as file:
                torn = file.seek(0, os.SEEK_END) and _last_byte(path) != b"\n"
                file.write((b"\n" if torn else b"") + b"\n".join([*lines, b""]))
        except OSError as error:
            raise PaperFileError(
                f"cannot write {path} ({error.strerror}); check permissions and free space"
            ) from error

    def _path(self, api: str) -> Path:
        return self.folder / f"{re.sub(r'[^a-z0-9]+', '-', api.lower())}.jsonl"

    def _read(self, api: str) -> dict[str, tuple[Paper, ...]]:
        import msgspec

        try:
            lines = self._path(api).read_bytes().splitlines()
        except OSError:
            return {}
        known: dict[str, tuple[Paper, ...]] = {}
        for line in lines:
            try:
                kept = msgspec.json.decode(line, type=_Kept)
            except (msgspec.DecodeError, RecursionError):
                continue  # cut short when a run was killed
            if kept.at >= self._oldest:
                known[kept.key] = kept.papers
        return known


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)

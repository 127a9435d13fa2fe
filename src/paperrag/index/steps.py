"""A long run of indexing -> steps that are saved one by one, and how far it is. Knows files, no
index.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from paperrag.notes.corpus import SourceFile
from paperrag.records import Progress

FIRST_STEP_BYTES = 500_000
"""Notes read before anything is known of the machine: half a minute with the bundled encoder."""

STEP_S = 30.0
"""Work that a run which is killed may lose, as long as saving is quick."""

WORK_PER_SAVING = 10.0
"""Least time between two savings, in times of a saving, which writes all there is."""

READ_BYTES_PER_S = 200_000
EMBEDDED_BYTES_PER_S = 15_000
"""Of notes, on two shared cores, the latter by the bundled encoder's transformer; a faster machine
is only quicker than thought.
"""

OPENING_BYTES = 100
"""As many are read in the time that opening a file takes."""

SAID_FROM_S = 5.0
"""A first index that takes less is not announced."""

READING_SHARE = 0.2
"""Of the time for a batch of files, until it is embedded; with the bundled encoder. Only the
evenness of progress inside a batch depends on it.
"""


def announcement(files: Sequence[SourceFile], is_static: bool) -> str | None:
    """Return what to say before a first index, None if it is soon done."""
    size = sum(file.stamp.size_bytes for file in files)
    seconds = size / READ_BYTES_PER_S + (0 if is_static else size / EMBEDDED_BYTES_PER_S)
    if seconds < SAID_FROM_S:
        return None
    minutes = round(seconds / 60)
    about = "a minute" if minutes == 1 else f"{minutes} minutes"
    if not minutes:
        about = f"{5 * round(seconds / 5)} seconds"
    return (
        f"first index of {len(files)} files, {size / 1e6:.1f} MB: about {about}; if it is stopped, "
        f"it goes on where it was"
    )


class Steps:
    """Cuts the files of a run into steps, each as large as the time of those before suggests.

    Iterating gives (files, number of files before them), one step at least; call `saving` when
    the work of a step is done and its saving begins.
    """

    def __init__(self, files: Sequence[SourceFile], all_at_once: bool = False) -> None:
        self._files = files
        self._all_at_once = all_at_once
        self._step_bytes = float(FIRST_STEP_BYTES)
        self._worked_s = 0.0
        self._saving_since = 0.0

    def __iter__(self) -> Iterator[tuple[Sequence[SourceFile], int]]:
        """Yield the steps; the size of each is settled when it begins."""
        done = 0
        while True:
            count = self._next_count(done)
            step = self._files[done : done + count]
            self._saving_since = start = time.monotonic()
            yield step, done
            self._learn(step, self._saving_since - start, time.monotonic() - self._saving_since)
            done += count
            if done >= len(self._files):
                return

    def saving(self) -> None:
        """Note that the work of the step is done."""
        self._saving_since = time.monotonic()

    def _next_count(self, done: int) -> int:
        if self._all_at_once:
            return len(self._files)
        size, count = 0, 0
        for file in self._files[done:]:
            if size >= self._step_bytes:
                break
            size += file.stamp.size_bytes
            count += 1
        return count

    def _learn(self, step: Sequence[SourceFile], worked_s: float, saved_s: float) -> None:
        size = sum(file.stamp.size_bytes for file in step)
        wanted_s = max(STEP_S, WORK_PER_SAVING * saved_s)
        self._step_bytes = max(1.0, size * wanted_s / max(worked_s, 0.001))


class Tally:
    """Tells how far a run is, in files; a long file counts as several, those of the batch at work
    by their share. So the time that is left is in proportion to what is left.
    """

    def __init__(self, progress: Progress, files: Sequence[SourceFile]) -> None:
        self._progress = progress
        self._total = len(files)
        self._weight = sum(map(_weight, files))
        self._done = self._batch = self._read = 0

    def begin(self, files: Sequence[SourceFile]) -> None:
        """Begin a batch of files; the one before is done."""
        self._done += self._batch
        self._batch = sum(map(_weight, files))
        self._read = 0
        self._tell(0.0)

    def read(self, file: SourceFile) -> None:
        """Tell that a file of the batch was read."""
        self._read += _weight(file)
        self._tell(READING_SHARE * self._read / self._batch)

    def embedded(self, share: float) -> None:
        """Tell what share of the batch's texts is embedded."""
        self._tell(READING_SHARE + (1 - READING_SHARE) * share)

    def end(self) -> None:
        """Tell that all is done."""
        self._progress("indexing", self._total, self._total)

    def _tell(self, share: float) -> None:
        done = (self._done + share * self._batch) / (self._weight or 1)
        self._progress("indexing", int(done * self._total + 1e-9), self._total)


def _weight(file: SourceFile) -> int:
    """Return what a file counts: its bytes, and something for opening it."""
    return OPENING_BYTES + file.stamp.size_bytes

"""Works of an index by number, over all of its segments.

Numbers count in corpus order. Nothing is read before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from paperrag.index.layout import Layout
from paperrag.index.lines import WrittenBy, read_fields, read_work, read_written_by
from paperrag.records import FieldPairs, Work

KEPT_WORKS = 4096
"""Works that are kept once they were read."""


class WorkTable:
    """The works that entries are about, read one at a time."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[int, Work] = {}

    def __len__(self) -> int:
        """Return the number of works."""
        return self._layout.count("work")

    def __iter__(self) -> Iterator[Work]:
        """Yield all works, by number."""
        return filter(None, map(self.get, range(len(self))))

    def get(self, number: int) -> Work | None:
        """Return a work by its number, None for -1."""
        if number < 0:
            return None
        work = self._known.get(number)
        if work is None:
            if len(self._known) >= KEPT_WORKS:
                self._known.clear()
            self._known[number] = work = self._read(number)
        return work

    @cached_property
    def fields(self) -> dict[int, FieldPairs]:
        """The fields of each work that has some, by number."""
        found: dict[int, FieldPairs] = {}
        for run in self._layout.runs("work"):
            told = run.segment.texts("fields", run.start, run.stop).all()
            found |= {run.first + at: read_fields(line) for at, line in enumerate(told) if line}
        return found

    def written_by(self) -> Iterator[WrittenBy]:
        """Yield by whom each work is and when it appeared, by number."""
        for run in self._layout.runs("work"):
            yield from map(read_written_by, run.segment.texts("work", run.start, run.stop).all())

    def _read(self, number: int) -> Work:
        segment, inside = self._layout.place("work", number)
        return read_work(segment.text("work", inside), segment.text("fields", inside))

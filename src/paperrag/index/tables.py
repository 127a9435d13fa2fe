"""Entries of an index by row, over all of its segments.

Rows stand in corpus order. Nothing is read before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.index.codes import KINDS, LANGUAGES, PARTS, text_hash
from paperrag.index.layout import Layout
from paperrag.index.lines import (
    EntryLine,
    Section,
    read_entry,
    read_tags,
)
from paperrag.index.rows import ENTRY_COLUMNS
from paperrag.index.work_table import WorkTable
from paperrag.records import Entry, Part
from paperrag.text.folding import fold

KEPT_ENTRIES = 4096
"""Entries that are kept once they were read."""


class EntryTable:
    """Entries, read one at a time, with the columns that filters and trees need.

    `columns`: each (n,), see `rows.ENTRY_COLUMNS`; numbers of sections and works count in the
    index. `works`: what the numbers of works stand for.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[int, Entry] = {}
        self._of_parts: dict[tuple[Part, ...], npt.NDArray[np.bool_]] = {}
        self.works = WorkTable(layout)

    def __len__(self) -> int:
        """Return the number of entries."""
        return self._layout.count("entry")

    @cached_property
    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """The columns by name."""
        unused = {"venue", "work_venue", "id_hash"}
        return {name: self._layout.column(name) for name in ENTRY_COLUMNS if name not in unused}

    def titles(self) -> list[str]:
        """Return the titles of all entries, in order, read anew: 45 MB of 290,000 entries."""
        runs = self._layout.runs("entry")
        told = (run.segment.texts("title", run.start, run.stop).all() for run in runs)
        return list(chain.from_iterable(told))

    @cached_property
    def venues(self) -> list[str]:
        """The venue of the work that each entry is about, such as "ICLR 2024", "" for none."""
        names, numbers = self._numbered_venues
        return [names[number] for number in numbers.tolist()]

    def of_venues(self, fits: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        """Return (n,) which entries are about works of a venue that fits."""
        names, numbers = self._numbered_venues
        return np.array(list(map(fits, names)), dtype=bool)[numbers]

    @cached_property
    def _numbered_venues(self) -> tuple[list[str], npt.NDArray[np.int32]]:
        """The different venues, and the number of each entry's among them."""
        number_of: dict[str, int] = {}
        numbers = [np.empty(0, dtype=np.int32)]
        for run in self._layout.runs("entry"):
            names = [*run.segment.venues, ""]  # number -1 is the last
            told = [number_of.setdefault(name, len(number_of)) for name in names]
            inside = run.segment.column("work_venue")[run.start : run.stop]
            numbers.append(np.array(told, dtype=np.int32)[inside])
        return list(number_of), np.concatenate(numbers)

    @cached_property
    def rows_by_tag(self) -> dict[str, list[int]]:
        """The rows that carry each tag themselves."""
        rows: dict[str, list[int]] = {}
        for segment in self._layout.segments:
            row_of = self._layout.rows_of("entry", segment)
            for inside, tags in segment.tagged:
                if (row := int(row_of[inside])) >= 0:
                    for tag in tags:
                        rows.setdefault(tag, []).append(row)
        return {tag: sorted(found) for tag, found in rows.items()}

    def is_label(self, row: int) -> bool:
        """Whether an entry only names the group below it."""
        return bool(self.columns["part"][row] == PARTS.index("label"))

    def are_part(self, rows: npt.NDArray[np.integer], *parts: Part) -> npt.NDArray[np.bool_]:
        """Return which of some rows are one of some parts."""
        if parts not in self._of_parts:
            is_one = [self.columns["part"] == PARTS.index(part) for part in parts]
            self._of_parts[parts] = np.logical_or.reduce(is_one)
        found: npt.NDArray[np.bool_] = self._of_parts[parts][rows]
        return found

    def say_nothing(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """Return which of some rows name a group, are data, or only mention a work."""
        return self.are_part(rows, "label", "field", "pointer")

    def work_row(self, row: int) -> int | None:
        """Return the row of the entry that stands for the work that an entry belongs to: the one
        that names it, else its first; None where it belongs to none.
        """
        if int(self.columns["work"][row]) < 0:
            return None
        return row - int(self.columns["unit_step"][row])

    def statement_rows(self, row: int) -> list[int]:
        """Return the rows that say what the work of an entry does, in order."""
        if int(self.columns["work"][row]) < 0:
            return []
        rows = self.unit_rows(row)
        found: list[int] = rows[self.are_part(rows, "statement")].tolist()
        return found

    def unit_rows(self, row: int) -> npt.NDArray[np.int64]:
        """Return the rows that count as the same as one in a list, in order; all are of its
        file.
        """
        file = self.file_rows(row)
        of_file = self.units[file.start : file.stop]
        return np.flatnonzero(of_file == self.units[row]) + file.start

    def file_rows(self, row: int) -> range:
        """Return the rows of the file that an entry stands in."""
        return self._layout.file_rows("entry", row)

    @cached_property
    def units(self) -> npt.NDArray[np.int64]:
        """(n,) what each entry counts as in a list: its work's row, its own where it has none."""
        units: npt.NDArray[np.int64] = np.arange(len(self)) - self.columns["unit_step"]
        return units

    @cached_property
    def stands_for_unit(self) -> npt.NDArray[np.bool_]:
        """(n,) whether each entry names its work, says what that does, or belongs to none."""
        is_first, every = self.columns["unit_step"] == 0, np.arange(len(self))
        is_telling: npt.NDArray[np.bool_] = is_first | self.are_part(every, "statement")
        return is_telling & ~self.are_part(every, "label", "field")

    def about_works(self, rows: Sequence[int]) -> list[int]:
        """Return those of some rows that are about a work."""
        return [row for row in rows if self.columns["work"][row] >= 0]

    @property
    def is_of_file(self) -> npt.NDArray[np.bool_]:
        """(n,) whether each entry stands in a file that is about one work."""
        return self.columns["is_of_file"]

    def are_abstracts(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """Return which of some rows are abstracts of papers."""
        found: npt.NDArray[np.bool_] = self.columns["kind"][rows] == KINDS.index("abstract")
        return found

    def is_abstract(self, row: int) -> bool:
        """Whether an entry is the abstract of a paper."""
        return bool(self.columns["kind"][row] == KINDS.index("abstract"))

    @cached_property
    def section_list(self) -> list[Section]:
        """Every (source, breadcrumb) that occurs; `section_number` counts in this list."""
        runs = self._layout.runs("section")
        return list(chain.from_iterable(run.segment.sections[run.start : run.stop] for run in runs))

    @cached_property
    def sections_below(self) -> dict[str, list[int]]:
        """The numbers of the sections below each heading, by that folded and in small letters."""
        found: dict[str, list[int]] = {}
        for number, (_, path) in enumerate(self.section_list):
            for heading in dict.fromkeys(fold(part).lower() for part in path):
                found.setdefault(heading, []).append(number)
        return found

    def section(self, row: int) -> Section:
        """Return the source and breadcrumb of an entry."""
        segment, number = self._layout.place("section", int(self.columns["section_number"][row]))
        return segment.section(number)

    def source(self, row: int) -> str:
        """Return the file of an entry."""
        return self.section(row)[0]

    def rows_in(self, section: Section) -> list[int]:
        """Return the rows that stand right under a breadcrumb, in order."""
        number = self._number_of_section.get(section, -1)
        rows: list[int] = np.flatnonzero(self.columns["section_number"] == number).tolist()
        return rows

    def rows_below(self, section: Section) -> list[int]:
        """Return the rows that stand anywhere under a breadcrumb, in order."""
        source, path = section
        inside = [
            number
            for number, (file, below) in enumerate(self.section_list)
            if file == source and below[: len(path)] == path
        ]
        rows: list[int] = np.flatnonzero(np.isin(self.columns["section_number"], inside)).tolist()
        return rows

    def parent_row(self, row: int) -> int | None:
        """Return the row of the entry above, or None."""
        step = int(self.columns["parent_step"][row])
        return row - step if step else None

    def with_all_below(self, rows: Sequence[int]) -> list[int]:
        """Return rows and those of all entries below them, in order."""
        waiting, found = list(rows), set[int]()
        while waiting:
            row = waiting.pop()
            if row not in found:
                found.add(row)
                waiting += self.child_rows(row)
        return sorted(found)

    def child_rows(self, row: int) -> list[int]:
        """Return the rows right below an entry, in order."""
        file = self.file_rows(row)
        steps = self.columns["parent_step"][row + 1 : file.stop]
        rows: list[int] = (np.flatnonzero(steps == np.arange(1, len(steps) + 1)) + row + 1).tolist()
        return rows

    def rows_of(self, entry_ids: Iterable[str]) -> list[int]:
        """Return the rows of some ids, in their order; unknown ones are passed over."""
        return [row for one in entry_ids if (row := self.row_of(one)) is not None]

    def row_of(self, entry_id: str) -> int | None:
        """Return the row of an entry id, or None."""
        key = text_hash(entry_id)
        for segment in self._layout.segments:
            rows = self._layout.rows_of("entry", segment)[segment.row_of_id(key)]
            if (alive := rows[rows >= 0]).size:
                return int(alive[0])
        return None

    def get(self, row: int) -> Entry:
        """Return the entry of a row."""
        entry = self._known.get(row)
        if entry is None:
            if len(self._known) >= KEPT_ENTRIES:
                self._known.clear()
            self._known[row] = entry = self._read(row)
        return entry

    def text(self, row: int) -> str:
        """Return the text of an entry, without reading the rest of it."""
        return self.line(row).text

    def line(self, row: int) -> Entry | EntryLine:
        """Return text, lines, links and fields of an entry, without reading the rest of it."""
        if row in self._known:
            return self._known[row]
        segment, inside = self._layout.place("entry", row)
        return read_entry(segment.text("line", inside))

    def title(self, row: int) -> str:
        """Return the title of an entry, without reading the rest of it."""
        segment, inside = self._layout.place("entry", row)
        return segment.text("title", inside)

    def rows_of_works(self, numbers: Sequence[int]) -> list[int]:
        """Return the rows that stand for works, in order."""
        own = np.flatnonzero(np.isin(self.columns["work"], numbers))
        rows: list[int] = np.unique(self.units[own]).tolist()
        return rows

    @cached_property
    def _number_of_section(self) -> dict[Section, int]:
        return {section: number for number, section in enumerate(self.section_list)}

    def _read(self, row: int) -> Entry:
        segment, inside = self._layout.place("entry", row)
        line = read_entry(segment.text("line", inside))
        parent = self.parent_row(row)
        source, breadcrumb = self.section(row)
        venue = int(segment.column("venue")[inside])
        return Entry(
            id=segment.text("id", inside),
            source=source,
            kind=KINDS[int(self.columns["kind"][row])],
            role=line.role,
            title=segment.text("title", inside),
            breadcrumb=breadcrumb,
            text=line.text,
            line_start=line.line_start,
            line_end=line.line_end,
            parent_id=None if parent is None else segment.text("id", inside + parent - row),
            child_ids=tuple(
                segment.text("id", inside + child - row) for child in self.child_rows(row)
            ),
            links=line.links,
            venue=None if venue < 0 else segment.venues[venue],
            language=LANGUAGES[int(self.columns["language"][row])],
            tags=read_tags(segment.text("tags", inside)),
            fields=line.fields,
            part=PARTS[int(self.columns["part"][row])],
            work=self.works.get(int(self.columns["work"][row])),
        )

    def lines(self, first: int, count: int) -> Iterator[tuple[str, EntryLine]]:
        """Yield title and line of entries that stand one after another in a file."""
        segment, inside = self._layout.place("entry", first)
        titles, lines = (
            segment.texts(name, inside, inside + count).all() for name in ("title", "line")
        )
        yield from zip(titles, map(read_entry, lines), strict=True)

"""What an index holds in memory: entries, chunks, postings, token lists, vectors, manifest.

Everything is addressed by row: entry rows in corpus order, chunk rows in entry order. Vectors
are addressed by ids of our own, which grow and are never reused. Knows no folders: `store.py`
puts an index on disk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Self, get_args

import numpy as np
import numpy.typing as npt

from paperrag.index.corpus_place import CorpusPlace
from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.vectors import VectorIndex
from paperrag.notes.corpus import FileStamp
from paperrag.records import Entry, Link, Part, Trouble, Work

FORMAT = 4
"""Version of the files in an index folder; an index of another format is refused."""

KINDS = ("note", "abstract")
LANGUAGES = ("zh", "en")
PARTS: tuple[Part, ...] = get_args(Part)

Section = tuple[str, tuple[str, ...]]
"""A source file and a breadcrumb in it."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the index knows of a source file; rows `first_row`..`first_row + entries` are its
    entries.

    `read_ns`: when it was last read, in nanoseconds since 1970.
    """

    sha256: str
    stamp: FileStamp
    read_ns: int
    first_row: int
    entries: int
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """The index's description of itself; what must match before it is used, and what it holds."""

    generation: int
    corpus: CorpusPlace
    encoder: str
    encoder_fingerprint: str
    encoder_prompts: dict[str, str]
    encoder_stamp: str
    dimension: int
    note_rules: str
    chunking: str
    chunk_tokens: int
    tokenizer: str
    next_id: int
    dense_baseline: float
    entries: int
    chunks: int
    package_version: str
    files: dict[str, FileRecord]
    troubles: tuple[Trouble, ...] = ()
    artifacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: int = FORMAT

    def to_json(self) -> str:
        """Return the manifest as readable JSON, keys in a fixed order, with a checksum over the
        rest.
        """
        data = asdict(self)
        return json.dumps({**data, "checksum": _checksum(data)}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the manifest that `to_json` wrote. Raises ValueError, TypeError or KeyError."""
        data = json.loads(text)
        if data.pop("checksum") != _checksum(data):
            raise ValueError("its checksum does not match")
        data["corpus"] = CorpusPlace(**data["corpus"])
        data["files"] = {source: _file_record(record) for source, record in data["files"].items()}
        data["troubles"] = tuple(Trouble(**trouble) for trouble in data["troubles"])
        return cls(**data)


def _checksum(data: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _file_record(data: dict[str, Any]) -> FileRecord:
    troubles = tuple(Trouble(**trouble) for trouble in data["troubles"])
    return FileRecord(**{**data, "stamp": FileStamp(**data["stamp"]), "troubles": troubles})


_VENUE_FIELD = re.compile(rb'"venue": ("(?:[^"\\]|\\.)*"), "language": "(?:zh|en)"}\n')
_TAGS_FIELD = re.compile(rb'"tags": (\["(?:[^"\\]|\\.)*"(?:, "(?:[^"\\]|\\.)*")*\])')
_ARXIV_FIELD = re.compile(rb'"arxiv", ("\d{4}\.\d{4,5}")\]')
_FILE_WORK = re.compile(r'\{"id": "((?:[^"\\]|\\.)*)", "name": "(?:[^"\\]|\\.)*", "source": "\1", ')
"""The line of a work whose id is that of its file."""

_TITLE = re.compile(rb'"title": ("(?:[^"\\]|\\.)*")')
"""A title in an entry's line; inside a text the quotes would be escaped."""


class EntryTable:
    """Entries as JSON lines, parsed one at a time, with the columns that filters and trees need.

    Columns: `offset` (n + 1,) of lines in `blob`; each (n,): `id_hash` and `text_hash` (see
    `text_hash`), `parent_step` (rows up to the parent, 0 for none), `section_number` in
    `sections`, `kind`, `language` and `part` as numbers in KINDS, LANGUAGES and PARTS, `work` as
    a number in `works`, which are JSON lines too (-1 for none).
    """

    def __init__(
        self,
        blob: bytes,
        columns: dict[str, npt.NDArray[Any]],
        sections: Sequence[str],
        works: Sequence[str] = (),
    ) -> None:
        self.blob = blob
        self.columns = columns
        self.sections = list(sections)
        self.works = list(works)
        self.get = lru_cache(maxsize=4096)(self._get)
        self.work = lru_cache(maxsize=4096)(self._work)

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.columns["offset"]) - 1

    def lines(self, first_row: int, count: int) -> bytes:
        """Return the JSON lines of some neighbouring rows."""
        offset = self.columns["offset"]
        return self.blob[int(offset[first_row]) : int(offset[first_row + count])]

    def titles(self) -> list[str]:
        """Return the titles of all entries, in order, without parsing the rest of their lines."""
        return [json.loads(title) for title in _TITLE.findall(self.blob)]

    @cached_property
    def venues(self) -> list[str]:
        """The venue of each entry as it stands in its line, such as "ICLR 2024", "" for none."""
        return self._by_row(_VENUE_FIELD)

    @cached_property
    def rows_by_tag(self) -> dict[str, list[int]]:
        """The rows that carry each tag themselves."""
        rows: dict[str, list[int]] = {}
        for match in _TAGS_FIELD.finditer(self.blob):
            row = int(np.searchsorted(self.columns["offset"], match.start(), side="right")) - 1
            for tag in json.loads(match[1]):
                rows.setdefault(tag, []).append(row)
        return rows

    @cached_property
    def arxiv_ids(self) -> list[str]:
        """The first arXiv id that each entry links to, "" for none."""
        return self._by_row(_ARXIV_FIELD)

    def matching(self, pattern: re.Pattern[bytes]) -> npt.NDArray[np.bool_]:
        """Return which entries a pattern is found in, without parsing their lines."""
        found = np.zeros(len(self), dtype=bool)
        starts = np.array([match.start() for match in pattern.finditer(self.blob)], dtype=np.int64)
        found[np.searchsorted(self.columns["offset"], starts, side="right") - 1] = True
        return found

    def _by_row(self, pattern: re.Pattern[bytes]) -> list[str]:
        """Return what a pattern finds first in each entry's line, without parsing the lines."""
        found = [""] * len(self)
        for match in pattern.finditer(self.blob):
            row = int(np.searchsorted(self.columns["offset"], match.start(), side="right")) - 1
            found[row] = found[row] or json.loads(match[1])
        return found

    def is_label(self, row: int) -> bool:
        """Whether an entry only names the group below it."""
        return bool(self.columns["part"][row] == PARTS.index("label"))

    def rows_of_part(self, *parts: Part) -> npt.NDArray[np.bool_]:
        """Return which entries are one of some parts."""
        return np.isin(self.columns["part"], [PARTS.index(part) for part in parts])

    def work_row(self, row: int) -> int | None:
        """Return the row of the entry that stands for the work that an entry belongs to: the one
        that names it, else its first; None where it belongs to none.
        """
        number = int(self.columns["work"][row])
        return None if number < 0 else int(self._work_rows[number])

    def statement_rows(self, row: int) -> list[int]:
        """Return the rows that say what the work of an entry does, in order."""
        same = self.columns["work"] == self.columns["work"][row]
        says = self.columns["part"] == PARTS.index("statement")
        rows: list[int] = np.flatnonzero(same & says).tolist()
        return rows if int(self.columns["work"][row]) >= 0 else []

    @cached_property
    def units(self) -> npt.NDArray[np.int64]:
        """(n,) what each entry counts as in a list: its work's row, its own where it has none."""
        work = self.columns["work"]
        rows = np.arange(len(work))
        units: npt.NDArray[np.int64] = np.where(work < 0, rows, np.r_[self._work_rows, 0][work])
        return units

    @cached_property
    def is_of_file(self) -> npt.NDArray[np.bool_]:
        """(n,) whether each entry stands in a file that is about one work."""
        whole = np.array([bool(_FILE_WORK.match(line)) for line in self.works] + [False])
        flags: npt.NDArray[np.bool_] = whole[self.columns["work"]]
        return flags

    @cached_property
    def _work_rows(self) -> npt.NDArray[np.int64]:
        """(works,) the row that names each work, else the first row that belongs to it."""
        work = self.columns["work"]
        naming = self.columns["part"] == PARTS.index("work")
        order = np.lexsort((np.arange(len(work)), ~naming, work))
        numbers, first = np.unique(work[order], return_index=True)
        rows: npt.NDArray[np.int64] = order[first][numbers >= 0]
        return rows

    def is_abstract(self, row: int) -> bool:
        """Whether an entry is the abstract of a paper."""
        return bool(self.columns["kind"][row] == KINDS.index("abstract"))

    @cached_property
    def section_list(self) -> list[Section]:
        """Every (source, breadcrumb) that occurs; `section_number` counts in this list."""
        keys = [json.loads(key) for key in self.sections]
        return [(key["source"], tuple(key["path"])) for key in keys]

    def section(self, row: int) -> Section:
        """Return the source and breadcrumb of an entry without parsing it."""
        return self.section_list[int(self.columns["section_number"][row])]

    def rows_in(self, section: Section) -> list[int]:
        """Return the rows that stand right under a breadcrumb, in order."""
        return self._rows_by_section.get(section, [])

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
        steps = self.columns["parent_step"][row + 1 :]
        rows: list[int] = (np.flatnonzero(steps == np.arange(1, len(steps) + 1)) + row + 1).tolist()
        return rows

    def row_of(self, entry_id: str) -> int | None:
        """Return the row of an entry id, or None."""
        hashes, rows = self._sorted_ids
        position = int(np.searchsorted(hashes, np.uint64(text_hash(entry_id))))
        found = position < len(rows) and int(hashes[position]) == text_hash(entry_id)
        return int(rows[position]) if found else None

    @cached_property
    def _rows_by_section(self) -> dict[Section, list[int]]:
        rows: dict[Section, list[int]] = {}
        for row, number in enumerate(self.columns["section_number"].tolist()):
            rows.setdefault(self.section_list[number], []).append(row)
        return rows

    @cached_property
    def _sorted_ids(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        order = np.argsort(self.columns["id_hash"], kind="stable")
        return self.columns["id_hash"][order], order

    def _get(self, row: int) -> Entry:
        data = json.loads(self.lines(row, 1))
        parent = self.parent_row(row)
        return Entry(
            **{
                **data,
                "links": tuple(Link(*link) for link in data["links"]),
                "breadcrumb": tuple(data["breadcrumb"]),
                "tags": tuple(data["tags"]),
                "fields": tuple((name, value) for name, value in data["fields"]),
                "parent_id": None if parent is None else self._id(parent),
                "child_ids": tuple(self._id(child) for child in self.child_rows(row)),
                "part": PARTS[int(self.columns["part"][row])],
                "work": self.work(int(self.columns["work"][row])),
            }
        )

    def _work(self, number: int) -> Work | None:
        if number < 0:
            return None
        data = json.loads(self.works[number])
        texts = {name: tuple(data[name]) for name in ("aliases", "tags")}
        return Work(**{**data, **texts, "links": tuple(Link(*link) for link in data["links"])})

    def _id(self, row: int) -> str:
        entry_id: str = json.loads(self.lines(row, 1))["id"]
        return entry_id


def text_hash(text: str) -> int:
    """Return the first 8 bytes of a text's sha256 as a number."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


@dataclass(frozen=True, slots=True)
class ChunkTable:
    """Chunks as arrays, each (n,): entry row, span in the entry's text, vector id; `digest` (n,
    32).

    `digest` is the sha256 of the embedded text: equal digests have equal vectors.
    """

    entry: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    vector_id: npt.NDArray[np.int64]
    digest: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of chunks."""
        return len(self.entry)

    @staticmethod
    def empty() -> ChunkTable:
        """Return a table without rows."""
        no_rows = np.empty(0, dtype=np.int32)
        return ChunkTable(
            no_rows,
            no_rows,
            no_rows,
            np.empty(0, dtype=np.int64),
            np.empty((0, 32), dtype=np.uint8),
        )


@dataclass(frozen=True, slots=True)
class IndexData:
    """One generation of an index, whole."""

    manifest: Manifest
    entries: EntryTable
    chunks: ChunkTable
    postings: Postings
    tokens: TokenLists | None
    vectors: VectorIndex

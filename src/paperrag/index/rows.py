"""Rows of some files in memory, on their way into a segment: entries, chunks, words, tokens, vectors.

Rows are counted from 0 and files stand one after another, each whole. `joined` puts the rows of
several together without looking into any entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.frozen import dataclass
from paperrag.index.codes import KINDS, LANGUAGES, PARTS, text_hash
from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.lines import entry_line, section_line, tags_line, work_line
from paperrag.notes.naming import year_in
from paperrag.notes.published import arxiv_year
from paperrag.question.scope import AWARD
from paperrag.records import Chunk, Entry
from paperrag.text.links import find_venue

LEVELS = ("entry", "chunk", "section", "work")
"""What is counted in rows; a file holds neighbouring rows of each, and shares none."""

ENTRY_COLUMNS: dict[str, type[np.generic]] = {
    "id_hash": np.uint64,
    "text_hash": np.uint64,
    "parent_step": np.int32,
    "unit_step": np.int32,
    "kind": np.int8,
    "language": np.int8,
    "part": np.int8,
    "is_of_file": np.bool_,
    "is_awarded": np.bool_,
    "year": np.int16,
    "venue": np.int32,
    "work_venue": np.int32,
    "is_unread": np.bool_,
    "has_code": np.bool_,
    "section_number": np.int32,
    "work": np.int32,
}
"""`parent_step` and `unit_step`: rows up to the parent, and to the row that names the work; 0 for
none. `venue`, `section_number`, `work`: numbers in the texts of that name, -1 for none. `year`,
`work_venue`, `is_unread`: of the work that an entry is about.
"""

CHUNK_COLUMNS: dict[str, type[np.generic]] = {
    "chunk_entry": np.int32,
    "chunk_start": np.int32,
    "chunk_end": np.int32,
    "chunk_words": np.int32,
}
DIGEST_WORDS = 2
"""A chunk's digest is kept to 16 bytes."""

TEXTS = {
    **dict.fromkeys(("line", "title", "id", "tags"), "entry"),
    **{"section": "section", "work": "work"},
}
"""Texts kept apart, by the level that they are counted in."""


class Texts(NamedTuple):
    """Texts in UTF-8 one after another: text i is `blob[starts[i]:starts[i + 1]]`."""

    blob: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]

    @staticmethod
    def of(texts: Iterable[str]) -> Texts:
        """Return texts that are given as such."""
        parts = [text.encode() for text in texts]
        return Texts(np.frombuffer(b"".join(parts), np.uint8), offsets([len(p) for p in parts]))

    @staticmethod
    def joined(parts: Sequence[Texts]) -> Texts:
        """Return the texts of several, one after another."""
        bases = offsets([len(part.blob) for part in parts])
        starts = [part.starts[:-1] + base for part, base in zip(parts, bases, strict=False)]
        blob = np.concatenate([part.blob for part in parts])
        return Texts(blob, np.concatenate([*starts, bases[-1:]]))

    def picked(self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Texts:
        """Return the texts of some ranges, one range after another."""
        bounds = zip(self.starts[starts].tolist(), self.starts[ends].tolist(), strict=True)
        parts = [self.blob[start:end] for start, end in bounds]
        lengths = np.diff(self.starts)[ranges(starts, ends)]
        return Texts(np.concatenate([np.empty(0, np.uint8), *parts]), offsets(lengths))

    def all(self) -> list[str]:
        """Return all of them."""
        whole, starts = self.blob.tobytes(), self.starts.tolist()
        return [whole[a:b].decode() for a, b in pairwise(starts)]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of some files. files: (n + 1, levels) where each file's rows begin; `venues` are
    counted by the column of that name; `tokens` is None if the encoder has no token vectors.
    """

    files: npt.NDArray[np.int64]
    columns: dict[str, npt.NDArray[Any]]
    digests: npt.NDArray[np.uint64]
    texts: dict[str, Texts]
    venues: list[str]
    postings: Postings
    tokens: TokenLists | None
    vectors: FloatArray


def rows_of(
    notes: Sequence[Sequence[Entry]],
    chunks: Sequence[Chunk],
    digests: Sequence[bytes],
    words: Sequence[str],
    tokens: TokenLists | None,
    vectors: FloatArray,
) -> Rows:
    """Return files, given as their entries, as rows.

    Parents stand before their children; chunks in the order of their entries, and the others as
    they do.
    """
    entries = [entry for file in notes for entry in file]
    columns, texts, venues, counts = _entry_columns(notes)
    chunk_columns = _chunk_columns(entries, chunks)
    postings = Postings.joined([Postings.of(words)])
    chunk_columns["chunk_words"] = postings.lengths(len(chunks))
    files = np.zeros((len(notes) + 1, len(LEVELS)), dtype=np.int64)
    files[:, 0] = offsets([len(file) for file in notes])
    files[:, 1] = np.searchsorted(chunk_columns["chunk_entry"], files[:, 0])
    files[1:, 2:] = np.cumsum(np.array(counts, dtype=np.int64).reshape(-1, 2), axis=0)
    texts |= {
        "line": Texts.of(map(entry_line, entries)),
        "title": Texts.of(entry.title for entry in entries),
        "id": Texts.of(entry.id for entry in entries),
        "tags": Texts.of(tags_line(entry.tags) for entry in entries),
    }
    return Rows(
        files,
        columns | chunk_columns,
        np.frombuffer(b"".join(digest[:16] for digest in digests), "<u8").reshape(-1, DIGEST_WORDS),
        texts,
        venues,
        postings,
        tokens,
        vectors,
    )


def joined(parts: Sequence[Rows]) -> Rows:
    """Return the rows of several, one after another; one part at least."""
    bases = {
        level: offsets([int(part.files[-1, place]) for part in parts])
        for place, level in enumerate(LEVELS)
    }
    venues = list(dict.fromkeys(venue for part in parts for venue in part.venues))
    columns = {}
    for name, dtype in (ENTRY_COLUMNS | CHUNK_COLUMNS).items():
        values = [part.columns[name] for part in parts]
        if name in COUNTS_IN:
            base = bases[COUNTS_IN[name]].tolist()
            values = [moved(one, by) for one, by in zip(values, base, strict=False)]
        elif name in ("venue", "work_venue"):
            values = [_renumbered(part.columns[name], part.venues, venues) for part in parts]
        columns[name] = np.concatenate(values).astype(dtype, copy=False)
    ends = np.stack([bases[level] for level in LEVELS], axis=1)
    chunk_bases = bases["chunk"]
    lists = [part.tokens for part in parts if part.tokens is not None]
    starts = [part.files[:-1] + base for part, base in zip(parts, ends, strict=False)]
    return Rows(
        np.concatenate([*starts, ends[-1:]]),
        columns,
        np.concatenate([part.digests for part in parts]),
        {name: Texts.joined([part.texts[name] for part in parts]) for name in TEXTS},
        venues,
        Postings.joined(
            [part.postings.shifted(base) for part, base in zip(parts, chunk_bases, strict=False)]
        ),
        TokenLists.joined(lists) if lists else None,
        np.concatenate([part.vectors for part in parts]),
    )


def picked(rows: Rows, order: npt.NDArray[np.integer]) -> Rows:
    """Return some of the files of rows, in another order."""
    starts, ends = rows.files[order], rows.files[order + 1]
    at = {level: ranges(starts[:, n], ends[:, n]) for n, level in enumerate(LEVELS)}
    new_row = {level: np.full(rows.files[-1, n], -1) for n, level in enumerate(LEVELS)}
    for level in LEVELS:
        new_row[level][at[level]] = np.arange(len(at[level]))
    columns = {name: rows.columns[name][at["entry"]] for name in ENTRY_COLUMNS}
    columns |= {name: rows.columns[name][at["chunk"]] for name in CHUNK_COLUMNS}
    for name, level in COUNTS_IN.items():
        numbers = np.append(new_row[level], -1)[columns[name]]
        columns[name] = numbers.astype(columns[name].dtype)
    files = np.zeros((len(order) + 1, len(LEVELS)), dtype=np.int64)
    np.cumsum(ends - starts, axis=0, out=files[1:])
    level_of = {name: LEVELS.index(level) for name, level in TEXTS.items()}
    return Rows(
        files,
        columns,
        rows.digests[at["chunk"]],
        {name: rows.texts[name].picked(starts[:, n], ends[:, n]) for name, n in level_of.items()},
        rows.venues,
        Postings.joined([rows.postings.moved(new_row["chunk"].astype(np.int32))]),
        None if rows.tokens is None else rows.tokens.take(at["chunk"]),
        rows.vectors[at["chunk"]],
    )


def ranges(starts: npt.NDArray[np.integer], ends: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return the numbers from each start to before its end, one range after another."""
    lengths = ends - starts
    firsts = offsets(lengths)
    return np.repeat(starts - firsts[:-1], lengths) + np.arange(firsts[-1])


COUNTS_IN = {"section_number": "section", "work": "work", "chunk_entry": "entry"}
"""Columns that hold row numbers, by what they count."""


def moved(numbers: npt.NDArray[Any], by: int) -> npt.NDArray[Any]:
    """Return row numbers counted from elsewhere; -1 stays what it is."""
    return np.where(numbers < 0, numbers, numbers + by)


def _renumbered(
    column: npt.NDArray[Any], before: Sequence[str], venues: Sequence[str]
) -> npt.NDArray[Any]:
    number_of = {venue: number for number, venue in enumerate(venues)}
    numbers = np.array([number_of[venue] for venue in before] + [-1], dtype=np.int32)
    renumbered: npt.NDArray[Any] = numbers[column]
    return renumbered


def _entry_columns(
    notes: Sequence[Sequence[Entry]],
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Texts], list[str], list[tuple[int, int]]]:
    """Return the columns, the texts of sections and works, the venues, and how many sections and
    works each file has.
    """
    values: dict[str, list[Any]] = {name: [] for name in ENTRY_COLUMNS}
    venues: dict[str, int] = {}
    sections: list[str] = []
    works: list[str] = []
    counts = []
    for file in notes:
        before = len(sections), len(works)
        _append_file(file, values, venues, sections, works)
        counts.append((len(sections) - before[0], len(works) - before[1]))
    columns = {name: np.array(values[name], dtype=dtype) for name, dtype in ENTRY_COLUMNS.items()}
    texts = {"section": Texts.of(sections), "work": Texts.of(works)}
    return columns, texts, list(venues), counts


def _append_file(
    file: Sequence[Entry],
    values: dict[str, list[Any]],
    venues: dict[str, int],
    sections: list[str],
    works: list[str],
) -> None:
    row_of = {entry.id: row for row, entry in enumerate(file)}
    section_of: dict[str, int] = {}
    work_of: dict[str, int] = {}
    for row, entry in enumerate(file):
        parent, work = entry.parent_id, entry.work
        key = section_line((entry.source, entry.breadcrumb))
        if key not in section_of:
            section_of[key] = len(sections)
            sections.append(key)
        if work is not None and work.id not in work_of:
            work_of[work.id] = len(works)
            works.append(work_line(work))
        values["id_hash"].append(text_hash(entry.id))
        values["text_hash"].append(text_hash(entry.text))
        values["parent_step"].append(row - row_of[parent] if parent else 0)
        values["kind"].append(KINDS.index(entry.kind))
        values["language"].append(LANGUAGES.index(entry.language))
        values["part"].append(PARTS.index(entry.part))
        values["is_of_file"].append(work is not None and work.id == work.source)
        values["is_awarded"].append(_is_awarded(entry))
        values["year"].append(_year(entry))
        for name, venue in (("venue", entry.venue), ("work_venue", _venue(entry))):
            values[name].append(-1 if venue is None else venues.setdefault(venue, len(venues)))
        values["is_unread"].append(work is not None and work.status == "unread")
        values["has_code"].append(any(link.site == "github" for link in entry.links))
        values["section_number"].append(section_of[key])
        values["work"].append(-1 if work is None else work_of[work.id])
    values["unit_step"] += _unit_steps(file)


def _unit_steps(file: Sequence[Entry]) -> list[int]:
    """Return how many rows above each entry the one stands that names its work, or is its first."""
    first: dict[str, int] = {}
    naming: dict[str, int] = {}
    for row, entry in enumerate(file):
        if entry.work is not None:
            first.setdefault(entry.work.id, row)
            if entry.part == "work":
                naming.setdefault(entry.work.id, row)
    units = first | naming
    return [row - units[entry.work.id] if entry.work else 0 for row, entry in enumerate(file)]


def _chunk_columns(
    entries: Sequence[Entry], chunks: Sequence[Chunk]
) -> dict[str, npt.NDArray[Any]]:
    row_of = {entry.id: row for row, entry in enumerate(entries)}
    return {
        "chunk_entry": np.array([row_of[chunk.entry_id] for chunk in chunks], dtype=np.int32),
        "chunk_start": np.array([chunk.start for chunk in chunks], dtype=np.int32),
        "chunk_end": np.array([chunk.end for chunk in chunks], dtype=np.int32),
    }


def _year(entry: Entry) -> int:
    """Return the year of an entry's work, else the one that its title says, else 0."""
    work = entry.work
    if work is not None and (work.year or work.venue):
        return work.year or 0
    return year_in(entry.title) or arxiv_year(entry.links if work is None else ()) or 0


def _venue(entry: Entry) -> str | None:
    """Return the venue of an entry's work; without a work, or where that has none, its own if it
    heads the entry.
    """
    work = entry.work
    if work is not None and (work.year or work.venue):
        return work.venue
    return entry.venue if work is None else find_venue(entry.title)


def _is_awarded(entry: Entry) -> bool:
    told = (entry.id, entry.title, *entry.breadcrumb, entry.text, *entry.tags)
    links = (link.url for link in entry.links)
    return bool(AWARD.search("\n".join([*told, *links, *(value for _, value in entry.fields)])))


def offsets(lengths: Sequence[int] | npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return where things of some lengths begin that stand one after another, and the end."""
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts

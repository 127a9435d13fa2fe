"""The entries of some files, their chunks and vectors -> rows: what of an entry stands in a
column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from paperrag.encoders.contract import FloatArray
from paperrag.index.arrays import offsets
from paperrag.index.codes import KINDS, LANGUAGES, PARTS, text_hash
from paperrag.index.late import TokenLists
from paperrag.index.lexical import Postings
from paperrag.index.lines import entry_line, fields_line, section_line, tags_line, work_line
from paperrag.index.rows import DIGEST_WORDS, ENTRY_COLUMNS, Rows, Texts
from paperrag.notes.naming import year_in
from paperrag.notes.published import arxiv_year
from paperrag.records import Chunk, Entry, Work
from paperrag.text.venues import AWARD, find_venue


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
    postings = Postings.joined([Postings.of(words)])
    chunk_columns = _chunk_columns(entries, chunks, postings)
    firsts = offsets([len(file) for file in notes])
    files = [firsts, np.searchsorted(chunk_columns["chunk_entry"], firsts), *map(offsets, counts.T)]
    return Rows(
        np.stack(files, axis=1),
        columns | chunk_columns,
        np.frombuffer(b"".join(digest[:16] for digest in digests), "<u8").reshape(-1, DIGEST_WORDS),
        texts | _entry_texts(entries),
        venues,
        postings,
        tokens,
        vectors,
    )


def _entry_texts(entries: Sequence[Entry]) -> dict[str, Texts]:
    return {
        "line": Texts.of(map(entry_line, entries)),
        "title": Texts.of(entry.title for entry in entries),
        "id": Texts.of(entry.id for entry in entries),
        "tags": Texts.of(tags_line(entry.tags) for entry in entries),
    }


def _entry_columns(
    notes: Sequence[Sequence[Entry]],
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Texts], list[str], npt.NDArray[np.int64]]:
    """Return the columns, the texts of sections and works, the venues, and how many sections and
    works each file has, (files, 2).
    """
    values: dict[str, list[Any]] = {name: [] for name in ENTRY_COLUMNS}
    venues: dict[str, int] = {}
    sections: dict[str, int] = {}
    works: list[Work] = []
    counts = []
    for file in notes:
        before = len(sections), len(works)
        _append_file(file, values, venues, sections, works)
        counts.append((len(sections) - before[0], len(works) - before[1]))
    columns = {name: np.array(values[name], dtype=dtype) for name, dtype in ENTRY_COLUMNS.items()}
    texts = {
        "section": Texts.of(sections),
        "work": Texts.of(map(work_line, works)),
        "fields": Texts.of(map(fields_line, works)),
    }
    return columns, texts, list(venues), np.array(counts, dtype=np.int64).reshape(-1, 2)


def _append_file(
    file: Sequence[Entry],
    values: dict[str, list[Any]],
    venues: dict[str, int],
    sections: dict[str, int],
    works: list[Work],
) -> None:
    row_of = {entry.id: row for row, entry in enumerate(file)}
    work_of: dict[str, int] = {}
    for row, entry in enumerate(file):
        parent, work = entry.parent_id, entry.work
        key = section_line((entry.source, entry.breadcrumb))
        if work is not None and work_of.setdefault(work.id, len(works)) == len(works):
            works.append(work)
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
        values["section_number"].append(sections.setdefault(key, len(sections)))
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
    entries: Sequence[Entry], chunks: Sequence[Chunk], postings: Postings
) -> dict[str, npt.NDArray[Any]]:
    row_of = {entry.id: row for row, entry in enumerate(entries)}
    return {
        "chunk_entry": np.array([row_of[chunk.entry_id] for chunk in chunks], dtype=np.int32),
        "chunk_start": np.array([chunk.start for chunk in chunks], dtype=np.int32),
        "chunk_end": np.array([chunk.end for chunk in chunks], dtype=np.int32),
        "chunk_words": postings.lengths(len(chunks)),
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

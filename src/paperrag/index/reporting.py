"""The index before and after a run -> what the run did, in entries and by file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from paperrag.index.tables import IndexData
from paperrag.records import Trouble


@dataclass(frozen=True, slots=True)
class FileChange:
    """What an index run did to the entries of one file; an entry that moved here is counted
    here.
    """

    source: str
    added: int
    changed: int
    moved: int
    removed: int


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an index run did, counted in entries; `embedded` counts chunks, `files` those that were
    read.
    """

    added: int
    changed: int
    moved: int
    removed: int
    unchanged: int
    embedded: int
    files: int
    files_total: int
    troubles: tuple[Trouble, ...]
    by_file: tuple[FileChange, ...] = ()

    @property
    def failed(self) -> tuple[Trouble, ...]:
        """Files that could not be read at all."""
        return tuple(trouble for trouble in self.troubles if trouble.fatal)


def report_on(
    old: IndexData | None, data: IndexData, embedded: int, files_read: int
) -> IndexReport:
    """Return what a run did that made `data` of `old`."""
    before = _hashes(old) if old else {}
    after = _hashes(data)
    changed = sum(1 for key in after.keys() & before.keys() if after[key] != before[key])
    unchanged = len(after.keys() & before.keys()) - changed
    gone = Counter(before[key] for key in before.keys() - after.keys())
    come = Counter(after[key] for key in after.keys() - before.keys())
    moved = sum((gone & come).values())
    troubles = [trouble for record in data.manifest.files.values() for trouble in record.troubles]
    return IndexReport(
        added=sum(come.values()) - moved,
        changed=changed,
        moved=moved,
        removed=sum(gone.values()) - moved,
        unchanged=unchanged,
        embedded=embedded,
        files=files_read,
        files_total=len(data.manifest.files),
        troubles=(*data.manifest.troubles, *troubles),
        by_file=_by_file(old, data, gone & come),
    )


def _by_file(old: IndexData | None, data: IndexData, moved: Counter[int]) -> tuple[FileChange, ...]:
    """Return what changed in each file where anything did; `moved` counts texts that went from one
    place to another.
    """
    before, after = _hashes_by_file(old) if old else {}, _hashes_by_file(data)
    left, arrived = moved.copy(), moved.copy()
    changes = []
    for source in sorted(before.keys() | after.keys()):
        was, now = before.get(source, {}), after.get(source, {})
        gone = [was[key] for key in was.keys() - now.keys()]
        come = [now[key] for key in now.keys() - was.keys()]
        changed = sum(1 for key in was.keys() & now.keys() if was[key] != now[key])
        moved_here = sum(_take(arrived, text) for text in come)
        removed = len(gone) - sum(_take(left, text) for text in gone)
        if come or gone or changed:
            changes.append(FileChange(source, len(come) - moved_here, changed, moved_here, removed))
    return tuple(changes)


def _take(counts: Counter[int], key: int) -> bool:
    counts[key] -= 1
    return counts[key] >= 0


def _hashes_by_file(data: IndexData) -> dict[str, dict[int, int]]:
    ids, texts = (
        data.entries.columns["id_hash"].tolist(),
        data.entries.columns["text_hash"].tolist(),
    )
    rows = {
        source: slice(file.first_row, file.first_row + file.entries)
        for source, file in data.manifest.files.items()
    }
    return {
        source: dict(zip(ids[where], texts[where], strict=True)) for source, where in rows.items()
    }


def _hashes(data: IndexData) -> dict[int, int]:
    return dict(
        zip(
            data.entries.columns["id_hash"].tolist(),
            data.entries.columns["text_hash"].tolist(),
            strict=True,
        )
    )

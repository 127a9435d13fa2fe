"""The index before and after a run -> what the run did, in entries and by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from msgspec import Struct

from paperrag.index.engine import Snapshot
from paperrag.records import Trouble


class FileChange(Struct, frozen=True):
    """What an index run did to the entries of one file; an entry that moved here is counted
    here.
    """

    source: str
    added: int
    changed: int
    moved: int
    removed: int


class IndexReport(Struct, frozen=True):
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
    old: Snapshot | None, data: Snapshot, differing: Collection[str], embedded: int, read: int
) -> IndexReport:
    """Return what a run did that made `data` of `old`; only `differing` files are looked into.

    embedded: chunks; read: files.
    """
    then, now = old.manifest.files if old else {}, data.manifest.files
    before = {source: old.hashes(source) for source in differing if old and source in then}
    after = {source: data.hashes(source) for source in differing if source in now}
    was, is_ = _together(before), _together(after)
    changed = sum(1 for key in is_.keys() & was.keys() if is_[key] != was[key])
    gone = Counter(was[key] for key in was.keys() - is_.keys())
    come = Counter(is_[key] for key in is_.keys() - was.keys())
    moved = sum((gone & come).values())
    unchanged = len(is_.keys() & was.keys()) - changed
    troubles = [trouble for record in now.values() for trouble in record.troubles]
    return IndexReport(
        added=sum(come.values()) - moved,
        changed=changed,
        moved=moved,
        removed=sum(gone.values()) - moved,
        unchanged=unchanged + data.manifest.entries - sum(map(len, after.values())),
        embedded=embedded,
        files=read,
        files_total=len(now),
        troubles=(*data.manifest.troubles, *troubles),
        by_file=_by_file(before, after, gone & come),
    )


def _by_file(
    before: dict[str, dict[int, int]], after: dict[str, dict[int, int]], moved: Counter[int]
) -> tuple[FileChange, ...]:
    """Return what changed in each file where anything did; `moved` counts texts that went from one
    place to another.
    """
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


def _together(by_file: dict[str, dict[int, int]]) -> dict[int, int]:
    return {key: text for hashes in by_file.values() for key, text in hashes.items()}

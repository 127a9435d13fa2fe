"""A manifest and the corpus today -> which files changed, which are to be read again.

Files are compared by size and time first, by content only when those differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from paperrag.index.tables import FileRecord, Manifest
from paperrag.notes.corpus import SourceFile, read_digest, read_source, scan_corpus
from paperrag.records import Trouble

NEVER = 0
"""Time of a file that could not be read: every run tries again, for mending its permissions does
not alter its own.
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """How the corpus differs from an index, by size and time of files."""

    files: tuple[SourceFile, ...]
    changed: tuple[SourceFile, ...]
    removed: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    added_bytes: int
    """By how much files grew, new files counted whole: about the text that is new."""
    unseen: tuple[str, ...] = ()
    """Known files below a folder that cannot be opened just now."""

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.changed or self.removed)

    @property
    def changed_bytes(self) -> int:
        """Size of the files that would be read again."""
        return sum(file.size_bytes for file in self.changed)


def find_changes(corpus: Path, manifest: Manifest | None) -> Changes:
    """Return which files are new, altered or gone since the manifest was written."""
    return compare(*scan_corpus(corpus), manifest)


def compare(
    files: Sequence[SourceFile], troubles: Sequence[Trouble], manifest: Manifest | None
) -> Changes:
    """Return how scanned files differ from a manifest, None being an empty one."""
    known = manifest.files if manifest else {}
    changed = [file for file in files if not _looks_unchanged(file, known.get(file.source))]
    shut = [f"{trouble.source}/" for trouble in troubles if trouble.fatal]
    gone = sorted(known.keys() - {file.source for file in files})
    unseen = [source for source in gone if source.startswith(tuple(shut))]
    removed = [source for source in gone if source not in set(unseen)]
    grown = sum(
        max(
            0,
            file.size_bytes - known[file.source].size_bytes
            if file.source in known
            else file.size_bytes,
        )
        for file in changed
    )
    return Changes(
        tuple(files), tuple(changed), tuple(removed), tuple(troubles), grown, tuple(unseen)
    )


def sort_out(
    changes: Changes, manifest: Manifest | None
) -> tuple[dict[str, FileRecord], list[SourceFile]]:
    """Return the records of files whose rows are kept, and the files to read.

    A file that was only touched is kept, and so is what was indexed of a file that cannot be
    read just now, or whose folder cannot be opened.
    """
    known = manifest.files if manifest else {}
    changed = {file.source for file in changes.changed}
    kept = {source: known[source] for source in changes.unseen}
    fresh: list[SourceFile] = []
    for file in changes.files:
        before = known.get(file.source)
        if before is None:
            fresh.append(file)
        elif file.source not in changed:
            kept[file.source] = before
        elif (digest := read_digest(file)) is None:
            kept[file.source] = replace(
                before, mtime_ns=NEVER, troubles=read_source(file)[1].troubles
            )
        elif digest == before.sha256:
            kept[file.source] = replace(before, mtime_ns=file.mtime_ns)
        else:
            fresh.append(file)
    return kept, fresh


def _looks_unchanged(file: SourceFile, record: FileRecord | None) -> bool:
    return record is not None and (record.size_bytes, record.mtime_ns) == (
        file.size_bytes,
        file.mtime_ns,
    )

"""A manifest and the corpus today -> which files changed, and what is known of those that did not.

A file is read only where its stamp differs (size, times, inode), or where it was changed so
shortly before it was last read that a later change could have left the same stamp.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from paperrag.index.manifest import FileRecord, Manifest
from paperrag.notes.corpus import (
    FileStamp,
    Scanned,
    SourceFile,
    read_digest,
    read_source,
    scan_corpus,
)
from paperrag.records import Trouble

UNREAD = FileStamp()
"""Stamp of a file that could not be read: every run tries again."""

RESOLUTION_NS = 2_000_000_000
"""The coarsest clock of a file system in use, FAT's: two changes within it may look like one."""

MASS_SHARE, MASS_FILES = 0.5, 10
"""A larger share of the files, and so many, gone at once look like a disk that is not mounted."""


class Changes(Struct, frozen=True):
    """How the corpus differs from an index; `fresh` files are new or hold something else now.

    `kept`, in corpus order: the records of all others, those of files that were only touched
    brought up to date, and with what was indexed of a file that cannot be read just now, or whose
    folder cannot be opened.
    """

    fresh: tuple[SourceFile, ...]
    kept: dict[str, FileRecord]
    removed: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    added_bytes: int
    """By how much files grew, new files counted whole: about the text that is new."""
    touched: bool
    """Whether a kept record is not the one in the manifest."""
    scanned: Scanned
    """What was compared with the index."""

    @property
    def any(self) -> bool:
        """Whether the manifest no longer says what is there."""
        return bool(self.fresh or self.removed or self.touched)

    @property
    def fresh_bytes(self) -> int:
        """Size of the files that would be read again."""
        return sum(file.stamp.size_bytes for file in self.fresh)

    @property
    def look_like_a_lost_folder(self) -> bool:
        """Whether so many files are gone at once that nobody is likely to have deleted them."""
        left = len(self.kept) + len(self.fresh)
        gone = len(self.removed)
        return gone > 0 and (not left or gone >= max(MASS_FILES, MASS_SHARE * (gone + left)))


def find_changes(corpus: Path, manifest: Manifest | None, exclude: Sequence[str] = ()) -> Changes:
    """Return what is new, altered or gone since the manifest was written."""
    return compare(scan_corpus(corpus, exclude), manifest)


def compare(scanned: Scanned, manifest: Manifest | None) -> Changes:
    """Return how scanned files differ from a manifest, None being an empty one."""
    files, troubles = scanned
    known = manifest.files if manifest else {}
    shut = tuple(f"{trouble.source}/" for trouble in troubles if trouble.fatal)
    gone = sorted(known.keys() - {file.source for file in files})
    kept = {source: known[source] for source in gone if source.startswith(shut)}
    fresh = []
    now_ns = time.time_ns()
    for file in files:
        record = known.get(file.source)
        still = record and _still(file, record, now_ns)
        if still is None:
            fresh.append(file)
        else:
            kept[file.source] = still
    return Changes(
        fresh=tuple(fresh),
        kept=dict(sorted(kept.items())),
        removed=tuple(source for source in gone if source not in kept),
        troubles=tuple(troubles),
        added_bytes=sum(_growth(file, known.get(file.source)) for file in fresh),
        touched=any(known[source] is not record for source, record in kept.items()),
        scanned=scanned,
    )


def _still(file: SourceFile, record: FileRecord, now_ns: int) -> FileRecord | None:
    """Return today's record of a file whose content is the recorded one, None if it is not."""
    if file.stamp == record.stamp and _is_settled(file.stamp, record.read_ns):
        return record
    digest = read_digest(file)
    if digest is None:
        unread = replace(record, stamp=UNREAD, troubles=read_source(file)[1].troubles)
        return record if unread == record else unread
    if digest != record.sha256:
        return None
    if file.stamp == record.stamp and not _is_settled(file.stamp, now_ns):
        return record
    return replace(record, stamp=file.stamp, read_ns=now_ns)


def _is_settled(stamp: FileStamp, read_ns: int) -> bool:
    """Whether any change after a reading would show in the stamp."""
    return stamp.changed_ns + RESOLUTION_NS < read_ns


def _growth(file: SourceFile, record: FileRecord | None) -> int:
    before = record.stamp.size_bytes if record else 0
    return max(0, file.stamp.size_bytes - before)

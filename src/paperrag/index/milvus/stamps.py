"""What this machine knows of the files that an index in Milvus was made from: their stamps here.

Times and inodes of the same notes differ from machine to machine, and so would the manifest, which
all share. It keeps those of who read a file; where ours differ, for the same content, they lie in a
file on this disk.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from msgspec.json import Decoder, encode
from msgspec.structs import replace

from paperrag.files import write_whole
from paperrag.index.manifest import FileRecord, Manifest
from paperrag.notes.corpus import FileStamp

_KNOWN = Decoder(dict[str, tuple[str, FileStamp, int]])
"""By file: sha256 of its content, stamp, when it was read."""


class LocalStamps:
    """Stamps by file and content, kept at a path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def over(self, manifest: Manifest) -> Manifest:
        """Return a manifest with the stamps of this machine, where it has seen the same content."""
        try:
            known = _KNOWN.decode(self._path.read_bytes())
        except (OSError, ValueError):  # none yet, or damaged: files are looked at again
            return manifest
        ours = {
            source: replace(manifest.files[source], stamp=stamp, read_ns=read_ns)
            for source, (sha256, stamp, read_ns) in known.items()
            if source in manifest.files and manifest.files[source].sha256 == sha256
        }
        return replace(manifest, files=manifest.files | ours) if ours else manifest

    def keep(self, manifest: Manifest, shared: Manifest) -> None:
        """Note the stamps of a manifest that are not those of the one that all share."""
        told = {
            source: (one.sha256, one.stamp, one.read_ns)
            for source, one in manifest.files.items()
            if _stamp(one) != _stamp(shared.files.get(source))
        }
        with suppress(OSError):  # a disk that is full or read-only: looked at again next time
            write_whole(self._path, encode(told))


def differ_in_stamps_only(one: Manifest, other: Manifest) -> bool:
    """Whether two manifests say the same but for when files were looked at."""
    return _without_stamps(one) == _without_stamps(other)


def _stamp(record: FileRecord | None) -> tuple[FileStamp, int] | None:
    return (record.stamp, record.read_ns) if record else None


def _without_stamps(manifest: Manifest) -> Manifest:
    files = {
        source: replace(record, stamp=FileStamp(), read_ns=0)
        for source, record in manifest.files.items()
    }
    return replace(manifest, files=files)

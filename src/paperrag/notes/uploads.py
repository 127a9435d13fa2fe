"""An uploaded file -> the notes in it. Archives are read with limits, so a small file cannot unpack
into a full disk.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import suppress
from pathlib import PurePosixPath

from msgspec import Struct

from paperrag.notes.folders import SUFFIXES, is_note_name

MAX_NOTE_BYTES = 5_000_000
MAX_ARCHIVE_BYTES = 100_000_000
MAX_ARCHIVE_FILES = 5_000
_UTF8_NAME = 0x800


class NewNote(Struct, frozen=True):
    """A note to be added; `name` is its path below corpus/notes/."""

    name: str
    data: bytes


class Refusal(Struct, frozen=True):
    """A file that was not taken, and why."""

    name: str
    reason: str


def notes_of_upload(file_name: str, data: bytes) -> tuple[list[NewNote], list[Refusal]]:
    """Return the notes in an uploaded file, Markdown or a zip of it, and what in it is no note."""
    if file_name.lower().endswith(".zip"):
        return _notes_of_archive(file_name, data)
    return [NewNote(PurePosixPath(file_name.replace("\\", "/")).name, data)], []


def _notes_of_archive(file_name: str, data: bytes) -> tuple[list[NewNote], list[Refusal]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError) as error:
        return [], [Refusal(file_name, f"not a readable zip file ({error})")]
    notes: list[NewNote] = []
    refused: list[Refusal] = []
    total = 0
    with archive:
        for info in archive.infolist():
            name = _stored_name(info)
            if info.is_dir() or _is_clutter(name):
                continue
            reason = _archive_reason(info, name, len(notes), total)
            content = b"" if reason else _read_member(archive, info)
            if reason or content is None:
                refused.append(Refusal(name, reason or "cannot be unpacked"))
                continue
            total += len(content)
            notes.append(NewNote(name, content))
    return notes, refused


def _archive_reason(info: zipfile.ZipInfo, name: str, count: int, total: int) -> str:
    """Return why a member is left out, "" if it may be read."""
    if (info.external_attr >> 16) & 0o170000 == 0o120000:
        return "a link, not a file"
    if not is_note_name(name):
        return f"not a Markdown file ({', '.join(SUFFIXES)})"
    if info.file_size > MAX_NOTE_BYTES:
        return f"larger than {MAX_NOTE_BYTES} bytes"
    if count >= MAX_ARCHIVE_FILES or total + info.file_size > MAX_ARCHIVE_BYTES:
        return f"the archive holds more than {MAX_ARCHIVE_FILES} notes or {MAX_ARCHIVE_BYTES} bytes; add it in parts"
    return ""


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    """Return a member's bytes, None if it is damaged, locked or longer than it says."""
    with suppress(
        OSError,
        RuntimeError,
        ValueError,
        NotImplementedError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ):
        with archive.open(info) as member:
            content = member.read(MAX_NOTE_BYTES + 1)
        if len(content) <= MAX_NOTE_BYTES:
            return content
    return None


def _stored_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; old zip programs on Chinese systems store GB18030 without saying
    so.
    """
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            return info.filename.encode("cp437").decode(encoding)
    return info.filename


def _is_clutter(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "__MACOSX" or parts[-1] in (".DS_Store", "Thumbs.db") or ".obsidian" in parts

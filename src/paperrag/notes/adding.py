"""Notes that come from outside -> files below corpus/notes/. Never elsewhere, never over a file
unasked.

Names and contents are checked before anything is written. Archives are read with limits, so a
small file cannot unpack into a full disk. Indexing is another step.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from paperrag.errors import NoteRefused
from paperrag.files import write_whole
from paperrag.frozen import dataclass
from paperrag.notes.folders import SUFFIXES, is_note_name
from paperrag.text.decoding import decode
from paperrag.text.markup import plain_text
from paperrag.text.patterns import lazy_pattern

NOTES_FOLDER = "notes"
MAX_NOTE_BYTES = 5_000_000
MAX_ARCHIVE_BYTES = 100_000_000
MAX_ARCHIVE_FILES = 5_000
MAX_NAME_CHARS = 200
MOST_STRANGE = 0.02
"""Share of control and lost characters from which on a file is no note."""

_FORBIDDEN = lazy_pattern(r'[\x00-\x1f\x7f<>:"|?*]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]')
"""Control characters, what Windows cannot store, and characters that show a name as another."""

_RESERVED = lazy_pattern(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_UTF8_NAME = 0x800
MAX_STEM_CHARS = 60
_HEADING = lazy_pattern(r"#{1,6}[ \t]+\S")
_UNFIT_FOR_NAMES = lazy_pattern(rf"(?:[/\\\s.]|{_FORBIDDEN.pattern})+")


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note to be added; `name` is its path below corpus/notes/."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Added:
    """What adding did, in sources relative to the corpus. With `conflicts`, nothing was written.

    `clashes` are notes left out because another of the same name and other contents came before
    them, `same` those that stand there already with the same contents.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    clashes: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


def add_notes(corpus: Path, notes: Sequence[NewNote], replace: bool = False) -> Added:
    """Write notes below corpus/notes/ and return what was done.

    replace: files that exist with other contents are replaced; without it nothing at all is
    written if there are any. A file that exists with the same contents is left as it is. Raises
    NoteRefused if a folder or file cannot be written.
    """
    root = corpus / NOTES_FOLDER
    wanted: dict[str, bytes] = {}
    refused: list[Refusal] = []
    clashes: list[str] = []
    for note in notes:
        try:
            name = check_name(note.name)
            _check_content(note.data)
            _check_place(root, name)
            if wanted.setdefault(name, note.data) != note.data:
                clashes.append(name)
        except NoteRefused as error:
            refused.append(Refusal(note.name, str(error)))
    existing = [
        name
        for name, data in wanted.items()
        if (root / name).exists() and _differs(root / name, data)
    ]
    if existing and not replace:
        return Added(
            conflicts=_sources(existing), refused=tuple(refused), clashes=_sources(clashes)
        )
    new = [name for name in wanted if not (root / name).exists()]
    for name in (*new, *existing):
        _write(root / name, wanted[name])
    same = [name for name in wanted if name not in new and name not in existing]
    return Added(
        _sources(new), _sources(existing), (), tuple(refused), _sources(clashes), _sources(same)
    )


def notes_of_upload(file_name: str, data: bytes) -> tuple[list[NewNote], list[Refusal]]:
    """Return the notes in an uploaded file, Markdown or a zip of it, and what in it is no note."""
    if file_name.lower().endswith(".zip"):
        return _notes_of_archive(file_name, data)
    return [NewNote(PurePosixPath(file_name.replace("\\", "/")).name, data)], []


def name_of_note(text: str) -> str:
    """Return a file name for a note that came without one: its first heading or line."""
    first = next((line for line in text.splitlines() if _HEADING.match(line)), text.strip())
    plain = plain_text(first.split("\n")[0])
    return _UNFIT_FOR_NAMES.sub(" ", plain)[:MAX_STEM_CHARS].strip(" .") or "note"


def check_name(name: str) -> str:
    """Return a note's path below corpus/notes/ in its plain form. Raises NoteRefused with the
    reason.
    """
    plain = unicodedata.normalize("NFC", name.strip().replace("\\", "/"))
    parts = plain.split("/")
    if not plain:
        raise NoteRefused("the note has no file name; give one such as my-paper.md")
    if len(plain) > MAX_NAME_CHARS or any(len(part.encode()) > 240 for part in parts):
        raise NoteRefused(f"the file name is too long; at most {MAX_NAME_CHARS} characters")
    if any(part in ("", ".", "..") for part in parts):
        raise NoteRefused(
            "the file name must be a path below notes/, without '..' and not from the root"
        )
    if _FORBIDDEN.search(plain) or any(
        part.endswith((".", " ")) or _RESERVED.fullmatch(part) for part in parts
    ):
        raise NoteRefused("the file name holds characters or words that not every system can store")
    if any(part.startswith(".") for part in parts):
        raise NoteRefused("hidden files are not notes")
    if not is_note_name(plain):
        raise NoteRefused(
            f"not a Markdown file; the name must end with one of: {', '.join(SUFFIXES)}"
        )
    return plain


def _check_content(data: bytes) -> None:
    if len(data) > MAX_NOTE_BYTES:
        raise NoteRefused(f"larger than {MAX_NOTE_BYTES} bytes")
    if not data.strip():
        raise NoteRefused("the note is empty")
    decoded = decode(data)
    if decoded is None or _holds_binary(decoded.text):
        raise NoteRefused("not text; export it as Markdown first")


def _holds_binary(text: str) -> bool:
    """Whether more of a text than a slip of the keyboard is no character that anybody types."""
    strange = sum(char == "\ufffd" or (char < " " and char not in "\t\n\r\f\v") for char in text)
    return strange > MOST_STRANGE * len(text)


def _check_place(root: Path, name: str) -> None:
    """Refuse places that a link inside notes/ leads elsewhere."""
    place = root / name
    nearest = place
    while not nearest.exists() and not nearest.is_symlink() and nearest != root:
        nearest = nearest.parent
    if nearest != root and not nearest.resolve().is_relative_to(root.resolve()):
        raise NoteRefused("a link in notes/ leads outside of it there")
    if place.is_dir() or (nearest not in (place, root) and not nearest.is_dir()):
        raise NoteRefused("a file or folder of another kind stands there")


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


def _differs(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() != data
    except OSError:
        return True


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise NoteRefused(
            f"cannot write {path} ({error.strerror}); check its permissions and the disk"
        ) from error


def _sources(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{NOTES_FOLDER}/{name}" for name in sorted(names))

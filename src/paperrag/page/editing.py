"""Notes that are changed on the page: read to be edited, saved, renamed, put into the trash and
taken out of it.

Only note files that the index holds are touched, and only while they are what the reader saw.
Knows no HTML and builds no index.
"""

from __future__ import annotations

import codecs
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from msgspec import Struct

from paperrag.assistant import Assistant
from paperrag.errors import NoteRefused
from paperrag.files import write_whole
from paperrag.notes.adding import check_name
from paperrag.notes.corpus import ABSTRACTS_FOLDER
from paperrag.notes.uploads import MAX_NOTE_BYTES
from paperrag.text.decoding import decode

TRASH = ".trash"
"""Where deleted notes lie, below the corpus: a hidden folder, whose files are no notes."""

_BOMS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


class NoteChanged(NoteRefused):
    """A note is no longer what the reader saw."""


class OpenNote(Struct, frozen=True):
    """A note to be edited: its text with LF line ends, and the stamp that saving asks for."""

    source: str
    text: str
    stamp: str


class _Form(Struct, frozen=True):
    """How a file writes its text down."""

    encoding: str
    bom: bytes
    line_end: str

    def bytes_of(self, text: str) -> bytes:
        return self.bom + text.replace("\n", self.line_end).encode(self.encoding)


class NoteFiles:
    """The note files of one corpus. Every method raises NoteRefused with the reason."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._corpus = assistant.settings.corpus

    def read(self, source: str) -> OpenNote:
        """Return a note as it is on disk now."""
        with _told(source):
            data = self._path(source).read_bytes()
        return OpenNote(source, _read(data)[0], _stamp(data))

    def save(self, source: str, text: str, stamp: str) -> OpenNote:
        """Write a note that is still what `stamp` says, in the encoding and with the line ends that
        it has. Raises NoteChanged if it is another now.
        """
        path = self._path(source)
        with _told(source):
            before = path.read_bytes()
            if _stamp(before) != stamp:
                raise NoteChanged(f"{source} was changed on disk meanwhile; nothing was written")
            data = _read(before)[1].bytes_of(text.replace("\r\n", "\n"))
            _check_size(data, text)
            write_whole(path, data)
        return OpenNote(source, text, _stamp(data))

    def rename(self, source: str, name: str) -> str:
        """Give a note another path below the corpus, and return it."""
        path = self._path(source)
        wanted = check_name(name if "." in name.rsplit("/", 1)[-1] else f"{name}{path.suffix}")
        if wanted == source:
            return source
        target = self._free(wanted)
        with _told(source):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
        return wanted

    def trash(self, source: str) -> str:
        """Move a note into the trash, and return where it lies below it."""
        path = self._path(source)
        stem = source.removesuffix(path.suffix)
        names = (f"{stem}{f' {n}' if n else ''}{path.suffix}" for n in count())
        name = next(name for name in names if not (self._corpus / TRASH / name).exists())
        with _told(source):
            (self._corpus / TRASH / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, self._corpus / TRASH / name)
        return name

    def restore(self, name: str, source: str) -> str:
        """Move a note from the trash back to where it was, and return that."""
        lying = self._corpus / TRASH / check_name(name)
        target = self._free(check_name(source))
        with _told(source):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(lying, target)
        return source

    def _path(self, source: str) -> Path:
        """Return the file of a note; a link to a file leads on to it."""
        if source not in self._assistant.data().manifest.files:
            raise NoteRefused(f"{source or 'nothing'} is no indexed note; update the index first")
        if source.split("/", 1)[0] == ABSTRACTS_FOLDER:
            raise NoteRefused(f"{source} is a fetched abstract, which the next fetch would replace")
        path = self._corpus / source
        return path.resolve() if path.is_symlink() else path

    def _free(self, source: str) -> Path:
        """Return a place in the corpus at which nothing stands."""
        target = self._corpus / source
        if target.exists() or target.is_symlink():
            raise NoteRefused(f"{source} is there already; take another name")
        if not target.parent.resolve().is_relative_to(self._corpus.resolve()):
            raise NoteRefused(f"a link leads out of the notes on the way to {source}")
        return target


def _read(data: bytes) -> tuple[str, _Form]:
    """Return the text of a note and how it is written down. Raises NoteRefused where writing it
    again would lose something.
    """
    decoded = decode(data)
    if decoded is None:
        raise NoteRefused("the file is no text")
    bom = _BOMS.get(decoded.encoding, b"")
    form = _Form(
        decoded.encoding,
        bom if bom and data.startswith(bom) else b"",
        _line_end(data, decoded.encoding),
    )
    try:
        is_whole = form.bytes_of(decoded.text) == data
    except UnicodeEncodeError:
        is_whole = False
    if not is_whole:
        raise NoteRefused(
            "the file mixes line ends or holds bytes that saving it here would change; edit it in an editor"
        )
    return decoded.text, form


def _line_end(data: bytes, encoding: str) -> str:
    return "\r\n" if "\r\n".encode(encoding) in data else "\n"


def _check_size(data: bytes, text: str) -> None:
    if len(data) > MAX_NOTE_BYTES:
        raise NoteRefused(f"larger than {MAX_NOTE_BYTES} bytes")
    if not text.strip():
        raise NoteRefused("the note is empty; to remove it, delete it")


def _stamp(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@contextmanager
def _told(source: str) -> Iterator[None]:
    """Raise what the system refuses, or an encoding cannot hold, as a refusal."""
    try:
        yield
    except OSError as error:
        raise NoteRefused(
            f"{source} cannot be read or written ({error.strerror}); is it there, and yours?"
        ) from error
    except UnicodeEncodeError as error:
        raise NoteRefused(
            f"{source} is stored in an encoding that has no {error.object[error.start]!r}; "
            "save it as UTF-8 in an editor first"
        ) from error

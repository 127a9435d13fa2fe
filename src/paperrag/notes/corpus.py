"""The corpus folder -> source files, and a source file -> parsed entries. Reads, never writes."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from paperrag.errors import CorpusError
from paperrag.notes.folders import SUFFIXES, is_note_name
from paperrag.notes.ignoring import PassedOver, Rules
from paperrag.records import Kind, Trouble
from paperrag.text.decoding import decode

if TYPE_CHECKING:
    from paperrag.notes.tree import ParsedNote

ABSTRACTS_FOLDER = "abstracts"
_ABSTRACTS = f"{ABSTRACTS_FOLDER}/"

_HAS_JUNCTIONS = os.name == "nt"
"""Folders that lead back up and do not look like links."""

_NAME = attrgetter("name")


class FileStamp(Struct, frozen=True, gc=False):
    """What a folder says of a file without its being read; zeros where it says nothing."""

    size_bytes: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0
    inode: int = 0

    @property
    def changed_ns(self) -> int:
        """When the file last changed: on POSIX a time that no program can set back."""
        return self.ctime_ns if os.name == "posix" else self.mtime_ns


class SourceFile(Struct, frozen=True, gc=False):
    """A Markdown file of the corpus. `source` is its path relative to the corpus, with slashes.

    `link` is the source of the link that it was found behind, "" for none.
    """

    source: str
    location: str
    kind: Kind
    stamp: FileStamp
    link: str = ""

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.location)


Scanned = tuple[list[SourceFile], list[Trouble]]
"""The notes of a corpus, sorted by source, and what was not or could not be looked at."""


def scan_corpus(corpus: Path, exclude: Sequence[str] = ()) -> Scanned:
    """Return the notes below `corpus`, sorted by source, and what was not or could not be looked
    at.

    Hidden files and folders are left out, and what `Rules` leave out, such as `exclude`; links are
    followed, to folders unless they lead back up, but a file that more than one path leads to is
    listed once. A folder without notes is a trouble. Raises CorpusError if the folder is missing
    or cannot be read, ConfigError for a pattern that is none.
    """
    if not _is_folder(corpus) and os.path.lexists(corpus):
        raise CorpusError(
            f"corpus {corpus} is not a folder; expected one that holds Markdown notes, pass it as "
            f"--corpus DIR"
        )
    if not _is_folder(corpus):
        raise CorpusError(
            f"corpus folder {corpus} does not exist; put Markdown notes into {corpus / 'notes'} or "
            f"pass --corpus DIR; where notes lie elsewhere, run once: paperrag init FOLDER"
        )
    look = _Look(corpus)
    look.walk("", str(corpus), "", Rules.of(exclude))
    troubles = look.troubles
    files = _each_once(corpus, sorted(look.found, key=attrgetter("source")), troubles)
    fatal = [trouble for trouble in troubles if trouble.fatal]
    if not files and fatal:
        raise CorpusError(f"nothing in corpus folder {corpus} can be read; {fatal[0]}")
    if not files:
        troubles.append(Trouble(".", no_notes(corpus)))
    return files, [*troubles, *look.passed_over.troubles()]


def no_notes(corpus: Path) -> str:
    """Return the sentence about a corpus folder without a note."""
    return f"no note ({', '.join(SUFFIXES)}) below {corpus}; put notes into {corpus / 'notes'}"


def read_source(file: SourceFile) -> tuple[str, ParsedNote]:
    """Return (sha256 of the bytes, the parsed note); faults come as troubles, never as
    exceptions.
    """
    try:
        data = file.path.read_bytes()
    except FileNotFoundError:
        return "", _unread(file, "was removed while the notes were read")
    except OSError as error:
        return "", _unread(file, f"cannot be read ({error.strerror}); check its permissions")
    digest = hashlib.sha256(data).hexdigest()
    decoded = decode(data)
    if decoded is None:
        return digest, _unread(
            file, "is not text (binary data); remove it from the corpus or export it as Markdown"
        )
    parsed = _parsed(decoded.text, file)
    faults = tuple(Trouble(file.source, fault) for fault in decoded.faults)
    return digest, replace(parsed, troubles=(*faults, *parsed.troubles))


def read_digest(file: SourceFile) -> str | None:
    """Return the sha256 of a file's bytes, None if it cannot be read."""
    try:
        return hashlib.sha256(file.path.read_bytes()).hexdigest()
    except OSError:
        return None


def read_lines(corpus: Path, source: str) -> list[str] | None:
    """Return the lines of a source file as it is on disk now, decoded; None if it cannot be
    read.
    """
    try:
        decoded = decode((corpus / source).read_bytes())
    except OSError:
        return None
    return decoded.text.split("\n") if decoded else None


def _each_once(corpus: Path, files: list[SourceFile], troubles: list[Trouble]) -> list[SourceFile]:
    """Return the files without those behind links that are read elsewhere; a trouble for each such
    link.
    """
    if not any(file.link for file in files):
        return files
    base = os.path.realpath(corpus)
    read = {str(Path(base, file.source)): file.source for file in files if not file.link}
    kept, again = [], dict[str, list[str]]()
    for file in files:
        first = (
            read.setdefault(os.path.realpath(file.path), file.source) if file.link else file.source
        )
        if first == file.source:
            kept.append(file)
        else:
            again.setdefault(file.link, []).append(first)
    is_file = {file.source for file in files}
    for link, firsts in again.items():
        alone = f"leads to {firsts[0]}, which is read already"
        many = f"leads to files that are read already ({len(firsts)}, such as {firsts[0]})"
        troubles.append(Trouble(link, alone if link in is_file else many))
    return kept


class _Look(Struct, frozen=True):
    """One look through the corpus. There is one at every question: each file is asked for once,
    a folder only for what it holds, and no path is made of parts twice.
    """

    corpus: Path
    found: list[SourceFile] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    passed_over: PassedOver = field(default_factory=PassedOver)
    identities: dict[str, tuple[int, int]] = field(default_factory=dict)

    def walk(self, folder: str, place: str, link: str, rules: Rules) -> None:
        """Note down the files below `folder`, a source of the corpus, "" for all of it, that lies
        at `place`.
        """
        try:
            if (link or _HAS_JUNCTIONS) and self._leads_up(folder):
                what = f"links back to {os.path.realpath(place)}, a folder above it; not followed"
                self.troubles.append(Trouble(folder, what))
                return
            children = sorted(os.scandir(place), key=_NAME)
        except OSError as error:
            what = f"cannot be opened ({error.strerror}); check its permissions"
            self.troubles.append(Trouble(folder or ".", what, fatal=True))
            return
        rules = rules.within(folder, place, [child.name for child in children])
        before = f"{folder}/" if folder else ""
        kind: Kind = "abstract" if f"{before}/".startswith(_ABSTRACTS) else "note"
        for child in children:
            source = before + child.name
            is_folder = _is_folder_entry(child)
            if not self._is_wanted(child.name, source, is_folder, rules):
                continue
            behind = link or (source if child.is_symlink() else "")
            if is_folder:
                self.walk(source, child.path, behind, rules)
            elif file := self._file(source, child.path, kind, behind):
                self.found.append(file)

    def _leads_up(self, folder: str) -> bool:
        """Whether a folder is one of those above it; raises OSError."""
        parts = folder.split("/") if folder else []
        above = [self._identity("/".join(parts[:count])) for count in range(len(parts))]
        return self._identity(folder) in above

    def _identity(self, folder: str) -> tuple[int, int]:
        if folder not in self.identities:
            status = (self.corpus / folder).stat()
            self.identities[folder] = status.st_dev, status.st_ino
        return self.identities[folder]

    def _is_wanted(self, name: str, source: str, is_folder: bool, rules: Rules) -> bool:
        if name.startswith("."):
            self.passed_over.add("hidden", source, is_folder)
        elif not (is_folder or is_note_name(name) or rules.ask_for(source)):
            self.passed_over.add_other(name)
        elif not _is_utf8(name):
            shown = os.fsencode(source).decode("utf-8", "replace")
            what = "has a name that is not UTF-8; rename it"
            self.troubles.append(Trouble(shown, what, fatal=True))
        elif why := rules.why_not(source, is_folder):
            self.passed_over.add(why, source, is_folder)
        else:
            return True
        return False

    def _file(self, source: str, location: str, kind: Kind, link: str) -> SourceFile | None:
        """Return a file with what its folder says of it, None of what is none, which is said."""
        try:
            status = os.stat(location)  # noqa: PTH116  # an entry's own stat is old, or no inode's
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP):
                what = f"cannot be read ({error.strerror}); a dead link?"
                self.troubles.append(Trouble(source, what, fatal=True))
                return None
            # it is there: reading it will say what is wrong, and what is known of it is kept
            return SourceFile(source, location, kind, FileStamp(), link)
        if not stat.S_ISREG(status.st_mode):
            what = "is a pipe or device, not a file; remove it from the corpus"
            self.troubles.append(Trouble(source, what, fatal=True))
            return None
        stamp = FileStamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        return SourceFile(source, location, kind, stamp, link)


def _is_folder_entry(child: os.DirEntry[str]) -> bool:
    """Whether it is a folder, or a link to one; also where its own folder shuts it off."""
    try:
        return child.is_dir()
    except OSError:
        return child.is_dir(follow_symlinks=False)  # needs no right to look into its folder


def _is_folder(path: Path) -> bool:
    """Whether it is a folder; False, unlike `Path.is_dir`, also where that cannot be found out."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def _is_utf8(name: str) -> bool:
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that Python could only keep as lone surrogates
        return False
    return True


def _parsed(text: str, file: SourceFile) -> ParsedNote:
    """The note, or the trouble of a text that the parser fails on: one file never ends a run."""
    from paperrag.notes.tree import parse_note  # 0.08 s, where files are only looked at too

    try:
        return parse_note(text, file.source, file.kind)
    except Exception as error:
        fault = f"{type(error).__name__}: {error}".encode("utf-8", "replace").decode()[:200]
        return _unread(file, f"cannot be read as Markdown ({fault}); please report it")


def _unread(file: SourceFile, message: str) -> ParsedNote:
    from paperrag.notes.tree import ParsedNote

    return ParsedNote((), (), (Trouble(file.source, message, fatal=True),))

"""Papers <-> Markdown files in corpus/abstracts, one readable file a paper.

    ---
    title: "KVMerger: …"
    authors: ["Zheng Wang", …]
    year: 2024
    …
    ---

    The abstract.

A file is known by the ids in its front matter, whatever its name; files that are not of this
form are left alone. What its keeper wrote into a file beside the paper stays. A paper that has a
file keeps its BibTeX key for good.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from paperrag.errors import PaperFileError
from paperrag.files import write_whole
from paperrag.notes.corpus import ABSTRACTS_FOLDER
from paperrag.papers.abstract_format import (
    AbstractFile,
    abstract_text,
    added_by_hand,
    parse_abstract,
    revised_text,
    with_added,
)
from paperrag.papers.ids import PaperId
from paperrag.papers.refs import Paper, PaperRef, merge_papers, same_paper
from paperrag.papers.titles import same_title, surname, title_key, title_similarity

_NAME_CHARS = 48
_STOP_WORDS = frozenset(
    "a an the on in of for to with from and or is are do does can how what why when which via by at as".split()
)
_RELATED_TITLE = 0.9
"""Likeness of titles from which a file is of the paper that a note names. By hand."""
_START_CHARS = 10


class Shelf:
    """The abstract files of a corpus. Reads them all at the start, writes each change at once and
    whole.
    """

    def __init__(self, corpus: Path) -> None:
        self.folder = corpus / ABSTRACTS_FOLDER
        self.unreadable: list[str] = []
        self._files: dict[str, AbstractFile] = {}
        self._by_id: dict[PaperId, str] = {}
        self._by_start: dict[str, list[str]] = {}
        self._by_note: dict[str, list[str]] = {}
        self._by_key: dict[str, str] = {}
        for path in sorted(self.folder.glob("*.md")) if self.folder.is_dir() else ():
            if file := self._read(path):
                self._keep(file)

    def __len__(self) -> int:
        """Return the number of papers."""
        return len(self._files)

    def files(self) -> list[AbstractFile]:
        """Return all files, by name."""
        return [self._files[name] for name in sorted(self._files)]

    def find(self, ref: PaperRef) -> AbstractFile | None:
        """Return the file of a paper that notes name, by id, by citation key, else by note and
        title; None if there is none.
        """
        for identifier in ref.ids:
            if identifier in self._by_id:
                return self._files[self._by_id[identifier]]
        keyed = self._files.get(self._by_key.get(ref.key, ""))
        if keyed and (not ref.title or same_title(keyed.paper.title, ref.title)):
            return keyed
        near = (
            self._files[name]
            for note in ref.notes
            for name in self._by_note.get(note, ())
            if name in self._files
        )
        return next((file for file in near if belongs(file, ref)), None) if ref.title else None

    def put(self, paper: Paper, notes: Iterable[str]) -> tuple[AbstractFile, bool]:
        """Write a paper, merged with the files that are the same paper; return its file and
        whether it is new.

        Raises PaperFileError if the file cannot be written.
        """
        twins = self._twins(paper)
        for twin in twins:
            paper = merge_papers(paper, twin.paper)
        if twins:
            known = dict.fromkeys([*(note for twin in twins for note in twin.notes), *notes])
            file = AbstractFile(twins[0].name, paper, tuple(known), twins[0].key)
        else:
            file = AbstractFile(
                self._free_name(paper), paper, tuple(dict.fromkeys(notes)), self._free_key(paper)
            )
        if [file] != twins:
            self._write(file, twins[1:])
            for twin in twins[1:]:
                self._drop(twin)
        self._keep(file)
        return file, not twins

    def set_notes(self, notes_of: Mapping[str, Iterable[str]]) -> int:
        """Bring every file's list of notes up to date, by file name; return how many changed."""
        changed = 0
        for file in self.files():
            notes = tuple(dict.fromkeys(notes_of.get(file.name, ())))
            if notes != file.notes:
                self._keep(replace(file, notes=notes))
                self._write(self._files[file.name])
                changed += 1
        return changed

    # --- one paper, one file ----------------------------------------------------------------------

    def _twins(self, paper: Paper) -> list[AbstractFile]:
        names = [self._by_id[identifier] for identifier in paper.ids if identifier in self._by_id]
        names += self._by_start.get(_start(paper.title), [])
        return [
            self._files[name]
            for name in dict.fromkeys(names)
            if same_paper(self._files[name].paper, paper)
        ]

    def _free_name(self, paper: Paper) -> str:
        identifier = re.sub(r"[^\w.-]+", "_", paper.ids[0].value) if paper.ids else ""
        stem = f"{identifier[:_NAME_CHARS]}-{_slug(paper.title)[:_NAME_CHARS]}".strip("-.")
        name, number = f"{stem}.md", 2
        while name in self._files or (self.folder / name).exists():
            name, number = f"{stem}-{number}.md", number + 1
        return name

    def _free_key(self, paper: Paper) -> str:
        """Return the key of the user's own BibTeX, so that their citations hold, or a new one."""
        if paper.key and paper.key not in self._by_key:
            return paper.key
        words = [word for word in _slug(paper.title).split("-") if word and word not in _STOP_WORDS]
        name = _ascii(surname(paper.authors[0])) if paper.authors else ""
        name = re.sub(r"[^a-z0-9]", "", name)
        base = f"{name or 'anon'}{paper.year or ''}{words[0] if words else ''}"
        key, suffix = base, ord("b")
        while key in self._by_key:
            key, suffix = (
                f"{base}{chr(suffix)}" if suffix <= ord("z") else f"{base}{suffix}",
                suffix + 1,
            )
        return key

    # --- files ------------------------------------------------------------------------------------

    def _keep(self, file: AbstractFile) -> None:
        self._files[file.name] = file
        self._by_key[file.key] = file.name
        self._by_id.update(dict.fromkeys(file.paper.ids, file.name))
        for index, keys in (
            (self._by_start, [_start(file.paper.title)]),
            (self._by_note, file.notes),
        ):
            for key in keys:
                if file.name not in index.setdefault(key, []):
                    index[key].append(file.name)

    def _drop(self, file: AbstractFile) -> None:
        (self.folder / file.name).unlink(missing_ok=True)
        del self._files[file.name]
        for names in (*self._by_start.values(), *self._by_note.values()):
            if file.name in names:
                names.remove(file.name)

    def _read(self, path: Path) -> AbstractFile | None:
        try:
            return parse_abstract(path.name, path.read_bytes().decode())
        except OSError as error:
            self.unreadable.append(f"{path}: cannot be read ({error.strerror}); left as it is")
        except UnicodeDecodeError:
            self.unreadable.append(f"{path}: is not UTF-8; left as it is")
        except PaperFileError as error:
            self.unreadable.append(f"{path}: {error}; left as it is")
        return None

    def _write(self, file: AbstractFile, others: Sequence[AbstractFile] = ()) -> None:
        """Write a paper into its file; what was added by hand stays, also what stands in other
        files of that paper.
        """
        target = self.folder / file.name
        try:
            text = self._new_text(file)
            for other in others:
                text = with_added(text, *added_by_hand(self._text(other.name), other))
            write_whole(target, text.encode())
        except OSError as error:
            raise PaperFileError(
                f"cannot write {target} ({error.strerror}); check permissions and free space"
            ) from error

    def _new_text(self, file: AbstractFile) -> str:
        text = self._text(file.name)
        before = parse_abstract(file.name, text)
        return revised_text(text, before, file) if before else abstract_text(file)

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_bytes().decode() if path.exists() else ""


def belongs(file: AbstractFile, ref: PaperRef) -> bool:
    """Whether an abstract that names a note is of the paper that is called so there."""
    is_named = any(note in file.notes for note in ref.notes)
    head = title_key(file.paper.title).startswith(title_key(ref.title))
    return is_named and (head or title_similarity(file.paper.title, ref.title) >= _RELATED_TITLE)


def _start(title: str) -> str:
    """The first letters of a title: only files that begin alike are compared."""
    return title_key(title)[:_START_CHARS]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", _ascii(text.lower())).strip("-")


def _ascii(text: str) -> str:
    """Letters without accents; others away, blanks and marks kept."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().replace("'", "")

"""Notes that come from outside -> files below corpus/notes/. Never elsewhere, never over a file
unasked.

Names and contents are checked before anything is written. Indexing is another step.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, structs

from paperrag.errors import NoteRefused
from paperrag.files import write_whole
from paperrag.notes.folders import SUFFIXES, is_note_name
from paperrag.notes.uploads import MAX_NOTE_BYTES, NewNote, Refusal
from paperrag.text.decoding import decode
from paperrag.text.markup import plain_text
from paperrag.text.patterns import lazy_pattern

NOTES_FOLDER = "notes"
MAX_NAME_CHARS = 200
MOST_STRANGE = 0.02
"""Share of control and lost characters from which on a file is no note. By hand."""

_FORBIDDEN = lazy_pattern(r'[\x00-\x1f\x7f<>:"|?*]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]')
"""Control characters, what Windows cannot store, and characters that show a name as another."""

_RESERVED = frozenset(
    (
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
    )
)
"""Names of devices on Windows, whatever their ending."""
MAX_STEM_CHARS = 60
_HEADING = lazy_pattern(r"#{1,6}[ \t]+\S")
_UNFIT_FOR_NAMES = lazy_pattern(rf"(?:[/\\\s.]|{_FORBIDDEN.pattern})+")


class Added(Struct, frozen=True):
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
    wanted, told = _wanted(notes, root)
    there = [name for name in wanted if (root / name).exists()]
    other = [name for name in there if _differs(root / name, wanted[name])]
    if other and not replace:
        return structs.replace(told, conflicts=_sources(other))
    new = [name for name in wanted if name not in there]
    for name in (*new, *other):
        _write(root / name, wanted[name])
    same = [name for name in there if name not in other]
    return structs.replace(told, added=_sources(new), replaced=_sources(other), same=_sources(same))


def _wanted(notes: Sequence[NewNote], root: Path) -> tuple[dict[str, bytes], Added]:
    """Return the notes that can be written, by name, and which of the others cannot, and why."""
    wanted: dict[str, bytes] = {}
    refused: list[Refusal] = []
    clashes: list[str] = []
    for note in notes:
        try:
            name = check_name(note.name)
            check_content(note.data)
            _check_place(root, name)
        except NoteRefused as error:
            refused.append(Refusal(note.name, str(error)))
        else:
            if wanted.setdefault(name, note.data) != note.data:
                clashes.append(name)
    return wanted, Added(refused=tuple(refused), clashes=_sources(clashes))


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
        part.endswith((".", " ")) or part.lower().partition(".")[0] in _RESERVED for part in parts
    ):
        raise NoteRefused("the file name holds characters or words that not every system can store")
    if any(part.startswith(".") for part in parts):
        raise NoteRefused("hidden files are not notes")
    if not is_note_name(plain):
        raise NoteRefused(
            f"not a Markdown file; the name must end with one of: {', '.join(SUFFIXES)}"
        )
    return plain


def check_content(data: bytes) -> None:
    """Raise NoteRefused where bytes are no note: empty, too many, or no text."""
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

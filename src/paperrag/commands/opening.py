"""Going to what was shown: `paperrag open`, and what it and the next `chat` remember."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace  # noqa: TID251 - of settings
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from paperrag.commands.shared import (
    ProgressBar,
    collections_of,
    open_assistant,
    settings_of,
    show,
)
from paperrag.errors import PaperRagError, QueryError

if TYPE_CHECKING:
    from paperrag.config import Settings
    from paperrag.records import Entry

_SHOWN = "shown.json"
"""The places that the last question showed, by their numbers: in the folder of the index, and in
that of the user's state, whichever notes were asked."""

_TYPED = "chat_history"
_TYPED_LINES = 1000
_OPENERS = {"darwin": "open", "win32": "explorer"}
_OPENER = "xdg-open"
"""What opens an address on this system."""


class Place(Struct, frozen=True):
    """A line of a note, and the paper linked there, "" without one."""

    source: str
    line: int
    paper: str = ""


class _Shown(Struct, frozen=True):
    """What was shown of a corpus, by its numbers."""

    corpus: str
    places: dict[int, Place]


def open_note(options: argparse.Namespace) -> int:
    """Open what the last answer cited under a number, an entry, or a note at a line."""
    from paperrag.output.addresses import editor_command, note_address

    settings, place = _place(options)
    address = note_address(settings.links, settings.corpus, place.source, place.line)
    if options.paper:
        if not place.paper:
            raise QueryError(f"{place.source}:{place.line} has no link to a paper; open the note")
        address = place.paper
    if options.print or options.json:
        show(
            options,
            lambda to: to.open_json(address, place.source, place.line),
            lambda: address,
        )
        return 0
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if editor and settings.links == "file" and not options.paper:
        return _run(editor_command(editor, settings.corpus / place.source, place.line))
    opener = _OPENERS.get(sys.platform, _OPENER)
    code = _run([opener, address])
    if code and opener != "explorer":  # which always ends with 1
        raise PaperRagError(f"{opener} could not open {address} (it ended with {code}); set EDITOR")
    return 0


def remember(settings: Settings, shown: Mapping[int, Entry]) -> None:
    """Keep the entries that were shown under numbers, for `paperrag open N`; a folder that cannot
    be written keeps none.
    """
    places = {n: _place_of(entry) for n, entry in shown.items()}
    told = msgspec.json.encode(_Shown(str(settings.corpus.absolute()), places))
    for folder in (settings.index, _state()):
        with suppress(OSError):
            if folder != settings.index:
                folder.mkdir(parents=True, exist_ok=True)
            (folder / _SHOWN).write_bytes(told)


def _state() -> Path:
    from platformdirs import user_state_path

    return user_state_path("paperrag", appauthor=False)


def _place_of(entry: Entry) -> Place:
    from paperrag.notes.entry_shapes import links_of_work

    links = (*links_of_work(entry), *entry.links)
    return Place(entry.source, entry.line_start, next((link.url for link in links), ""))


@contextmanager
def typed_before() -> Iterator[None]:
    """Let the arrow keys bring back what was typed, also in chats before; keep what is typed."""
    try:
        import readline
    except ImportError:  # as on Windows
        yield
        return
    file = _state() / _TYPED
    with suppress(OSError):
        readline.read_history_file(file)
    try:
        yield
    finally:
        readline.set_history_length(_TYPED_LINES)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(file)


def _place(options: argparse.Namespace) -> tuple[Settings, Place]:
    from paperrag.notes.lookup import named_place

    if options.what.isdecimal():
        return _shown(options, int(options.what))
    assistant = open_assistant(options)
    with ProgressBar() as assistant.progress:
        entry = assistant.entry(options.what)
    if entry is not None:
        return assistant.settings, _place_of(entry)
    note = assistant.note(*named_place(options.what))
    return assistant.settings, Place(note.source, note.line_start)


def _shown(options: argparse.Namespace, number: int) -> tuple[Settings, Place]:
    """Return what stood under a number: of the notes that are named, else of those asked last."""
    named = collections_of(options)
    settings = settings_of(options, named[0] if named else None)
    is_named = named or options.demo or options.corpus or options.index
    shown = _read_shown(settings.index if is_named else _state())
    if number not in shown.places:
        held = ", ".join(map(str, shown.places)) or "nothing"
        raise QueryError(
            f"no source {number} to open: the last question showed {held}; ask or search first"
        )
    return replace(settings, corpus=Path(shown.corpus)), shown.places[number]


def _read_shown(folder: Path) -> _Shown:
    try:
        return msgspec.json.decode((folder / _SHOWN).read_bytes(), type=_Shown)
    except (OSError, msgspec.DecodeError, RecursionError):
        return _Shown("", {})


def _run(command: Sequence[str]) -> int:
    import subprocess

    try:
        return subprocess.run(command, check=False).returncode
    except OSError as error:
        raise PaperRagError(
            f"cannot run {command[0]} ({error.strerror}); set EDITOR, or open {command[-1]} yourself"
        ) from error

"""The commands of the first minute: where the notes are, under what name, and is all as it should
be.

Imports inside functions: a command loads what it uses and no more.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperrag.commands.growing import open_growing
from paperrag.commands.shared import ProgressBar, open_assistant, show
from paperrag.config_files import COLLECTIONS, load_settings, read_collections, read_contexts
from paperrag.errors import ConfigError, CorpusError, PaperRagError
from paperrag.files import write_whole
from paperrag.places import LOCAL_CORPUS, has_local_notes, user_settings

if TYPE_CHECKING:
    from paperrag.assistant import Assistant

QUESTIONS = 3
_VAULTS_SHOWN = 9


def init(options: argparse.Namespace) -> int:
    """Remember a folder of notes as the user's own, index it, and say what to ask."""
    from paperrag.notes.corpus import scan_corpus
    from paperrag.output.reports import begun_text

    folder = _existing(options.folder or _chosen_folder())
    notes, troubles = scan_corpus(folder)  # also raises where it cannot be read
    if not notes:
        raise CorpusError("; ".join(trouble.message for trouble in troubles))
    flags = {"corpus": folder, "index": options.index, "encoder": options.encoder}
    settings = load_settings(flags, config=options.config)
    _remember(folder)  # first: a stopped index goes on when one asks
    start = time.perf_counter()
    assistant = open_growing(settings, options.config)
    with ProgressBar() as assistant.progress:
        report = assistant.build()
    took_ms = round((time.perf_counter() - start) * 1000, 1)
    entries, questions = len(assistant.data().entries), _first_questions(assistant)
    show(
        options,
        lambda to: to.init_json(folder, report, entries, questions, took_ms),
        lambda: begun_text(
            folder, report, entries, questions, took_ms, assistant.newest.can_grow()
        ),
    )
    for trouble in report.troubles:
        print(f"paperrag: {trouble}", file=sys.stderr)
    _say_what_is_taken_here(folder)
    return 0


def _say_what_is_taken_here(folder: Path) -> None:
    """Say that commands in this folder take its own notes, if it has some besides the user's."""
    if has_local_notes() and folder != LOCAL_CORPUS.resolve():
        print(
            f"paperrag: standing here, commands take the notes in {LOCAL_CORPUS.resolve()}; "
            f"anywhere else, those in {folder}",
            file=sys.stderr,
        )


def _existing(folder: Path) -> Path:
    """Return the whole path of a folder. Raises ConfigError where there is none."""
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder; name one that holds Markdown notes")
    return folder


def collection(options: argparse.Namespace) -> int:
    """Name a folder of notes, forget a name, or list them all."""
    if options.action == "add":
        folder = _existing(options.folder)
        _name(options.name or folder.name, folder, options.context)
    elif options.action == "remove":
        _forget(options.name)
    known, contexts = read_collections(), read_contexts()
    show(
        options,
        lambda to: to.collections_json(known),
        lambda: (
            "\n".join(
                "  ".join(filter(None, (name, str(folder), contexts.get(name))))
                for name, folder in sorted(known.items())
            )
            or "no collection; add one with: paperrag collection add FOLDER --name NAME"
        ),
    )
    return 0


def doctor(options: argparse.Namespace) -> int:
    """Look at all that an answer needs, and say what is wrong with it."""
    from paperrag.output.checkup import check_up, checkup_text

    checks = check_up(lambda: open_assistant(options), options.config)
    show(
        options,
        lambda to: to.checkup_json(checks),
        lambda: checkup_text(checks),
    )
    return 0 if all(check.is_well for check in checks) else 1


def completion(options: argparse.Namespace) -> int:
    """Print what makes a shell complete the commands and options."""
    from argcomplete.shell_integration import shellcode

    print(shellcode(["paperrag"], shell=options.shell))
    return 0


# --- which folder -------------------------------------------------------------------------------


def _chosen_folder() -> Path:
    from paperrag.notes.vaults import vaults_near

    found = vaults_near(Path.cwd(), Path.home())[:_VAULTS_SHOWN]
    if not found:
        raise ConfigError(
            "no folder of notes was found near by; name yours: paperrag init FOLDER "
            "(to try the notes that come with the program: paperrag --demo ask QUESTION)"
        )
    listed = "\n".join(f"  {n}  {folder}" for n, folder in enumerate(found, 1))
    if not sys.stdin.isatty():
        raise ConfigError(f"which folder? Run: paperrag init FOLDER, with one of\n{listed}")
    print(f"Folders of notes near by:\n{listed}")
    return _picked(input("Which one? [1, or a folder] ").strip() or "1", found)


def _picked(answer: str, found: Sequence[Path]) -> Path:
    if answer.isdecimal() and 1 <= int(answer) <= len(found):
        return found[int(answer) - 1]
    return Path(answer)


def _first_questions(assistant: Assistant) -> list[str]:
    """Return what to ask first, in the language of the notes."""
    from paperrag.page.strings import say
    from paperrag.page.suggesting import first_questions
    from paperrag.text.language import detect_language

    asked = first_questions(assistant.data(), QUESTIONS)
    language = detect_language(" ".join(name for _, name in asked))
    return [say(language, kind, name=name) for kind, name in asked]


# --- the user's settings --------------------------------------------------------------------------


def _remember(folder: Path) -> None:
    with _UserSettings() as table:
        table["corpus"] = str(folder)


def _name(name: str, folder: Path, context: str | None) -> None:
    if {",", ":"}.intersection(name):  # which stand between names, and before a file
        raise ConfigError(f"a name holds no comma and no colon, got {name!r}; choose one by --name")
    with _UserSettings() as table:
        named = table.setdefault(COLLECTIONS, {})
        named[name] = {"corpus": str(folder)} | ({"context": context} if context else {})


def _forget(name: str) -> None:
    with _UserSettings() as table:
        if table.get(COLLECTIONS, {}).pop(name, None) is None:
            raise ConfigError(f"no collection is called {name!r}; see: paperrag collection list")


class _UserSettings:
    """The user's settings file to change: comments and order stay as they are."""

    def __enter__(self) -> MutableMapping[str, Any]:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        self._path = user_settings()
        try:
            text = self._path.read_text(encoding="utf-8") if self._path.is_file() else ""
            self._table = tomlkit.parse(text)
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            raise ConfigError(f"cannot read settings from {self._path}: {error}") from error
        return self._table

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            return
        import tomlkit

        try:
            write_whole(self._path, tomlkit.dumps(self._table).encode())
        except OSError as error:
            raise PaperRagError(
                f"cannot write {self._path} ({error.strerror}); check its permissions"
            ) from error

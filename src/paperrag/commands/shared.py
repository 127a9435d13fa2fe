"""What commands share: the settings of their options, what they print, and how they wait."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paperrag.errors import ConfigError, PaperFileError, QueryError
from paperrag.places import LOCAL_CORPUS, demo_corpus

if TYPE_CHECKING:
    from paperrag.assistant import Assistant
    from paperrag.config import Settings
    from paperrag.library import Library
    from paperrag.output.screen import Screen, Style
    from paperrag.records import Progress
    from paperrag.search.filtering import Filters

STDIO = Path("-")
"""Standard input or output, where a file is asked for."""

_PROGRESS_AFTER_S = 0.5
NAMED = 5
"""Most files or papers that a message names."""


def open_assistant(options: argparse.Namespace) -> Assistant:
    """Return the assistant of a command's options. Raises ConfigError, EncoderError."""
    from paperrag.assistant import Assistant

    return Assistant.from_settings(known_notes(options))


def open_library(options: argparse.Namespace) -> Library:
    """Return the papers behind the notes of a command's options. Raises ConfigError."""
    from paperrag.library import Library

    return Library(known_notes(options))


def settings_of(options: argparse.Namespace, collection: str | None = None) -> Settings:
    """Return the settings of a command's options; collection: the one that is meant of several.

    Raises ConfigError, also for several collections where one is expected.
    """
    from paperrag.config_files import load_settings

    flags = {name: getattr(options, name, None) for name in ("corpus", "index", "encoder", "llm")}
    names = [collection] if collection else collections_of(options)
    if options.demo:
        flags["corpus"] = demo_corpus()
    elif len(names) > 1:
        raise ConfigError(
            f"this takes one collection, got {', '.join(names)}; search, ask, chat, mcp and serve take several"
        )
    elif names:
        flags["corpus"] = _folder_of(names[0])
    return load_settings(flags, config=options.config)


def known_notes(options: argparse.Namespace, collection: str | None = None) -> Settings:
    """Return the settings of a command's options. Raises ConfigError as `settings_of` does, and
    where no notes were ever named.
    """
    settings = settings_of(options, collection)
    is_unnamed = settings.corpus == LOCAL_CORPUS and options.corpus is None
    if is_unnamed and settings.store == "local" and not _is_there(settings):
        raise ConfigError(
            "no notes are known yet; say once where yours are: paperrag init FOLDER (to try those "
            "that come with the program: paperrag --demo ask QUESTION)"
        )
    return settings


def _is_there(settings: Settings) -> bool:
    return os.path.lexists(settings.corpus) or os.path.lexists(settings.index)


def collections_of(options: argparse.Namespace) -> list[str]:
    """Return the collections that were named, before and after the command, each once."""
    named = [*(options.collections_first or ()), *(getattr(options, "collections", None) or ())]
    return list(dict.fromkeys(named))


def _folder_of(collection: str) -> Path:
    from paperrag.config_files import read_collections

    known = read_collections()
    if collection in known:
        return known[collection]
    near = get_close_matches(collection, known, 1)
    raise ConfigError(
        f"no collection is called {collection!r}; "
        + (f"did you mean {near[0]!r}? " if near else "")
        + (f"There are: {', '.join(sorted(known))}" if known else "there is none yet")
        + "; add one with: paperrag collection add FOLDER --name NAME"
    )


def filters_of(options: argparse.Namespace) -> Filters:
    """Return which entries a command may look at."""
    from paperrag.search.filtering import Filters

    return Filters(
        options.section, options.file, options.kind, options.lang, tags=tuple(options.tag)
    )


def show(
    options: argparse.Namespace,
    in_json: Callable[[Any], dict[str, Any]],
    as_text: Callable[[], str],
) -> None:
    """Print a result in the form that was asked for; `in_json` is given the module `as_json`, which
    is loaded for nothing else.
    """
    if not options.json:
        print(as_text())
        return
    from paperrag.output import as_json

    print(json.dumps(in_json(as_json), ensure_ascii=False, indent=2))


def show_notes(
    options: argparse.Namespace,
    settings: Settings,
    in_json: Callable[[Any], dict[str, Any]],
    as_text: Callable[[Style], str],
) -> None:
    """Print what was found in notes: on a terminal with links that open them, wrapped, in a pager
    if it is long.
    """
    from paperrag.output.screen import PLAIN, laid_out

    screen = None if options.json else _screen(settings)
    if screen is None:
        show(options, in_json, lambda: as_text(PLAIN))
    else:
        _print_paged(laid_out(screen, as_text(screen)), screen.rows)


def _print_paged(lines: Sequence[str], rows: int) -> None:
    """Print lines, in a pager if the terminal has fewer rows; PAGER=cat prints them all."""
    import shlex
    import shutil
    import subprocess

    pager = shlex.split(os.environ.get("PAGER", "less"))
    if len(lines) < rows or not pager or pager[0] == "cat" or not shutil.which(pager[0]):
        print("\n".join(lines))
        return
    sys.stdout.flush()
    with (
        subprocess.Popen(
            pager,
            stdin=subprocess.PIPE,
            env={"LESS": "FRX", "LESSCHARSET": "utf-8", **os.environ},
            encoding="utf-8",
        ) as running,
        suppress(BrokenPipeError, KeyboardInterrupt),  # left before the end
    ):
        running.communicate("\n".join(lines) + "\n")


def _screen(settings: Settings) -> Screen | None:
    from paperrag.output.addresses import note_address
    from paperrag.output.screen import screen_of

    return screen_of(
        sys.stdout,
        os.environ,
        lambda entry: note_address(settings.links, settings.corpus, entry.source, entry.line_start),
    )


def write_text(path: Path, text: str) -> None:
    """Write a file of results, or to standard output for "-". Raises PaperFileError."""
    if path == STDIO:
        print(text, end="")
        return
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise PaperFileError(
            f"cannot write {path} ({error.strerror}); choose another file"
        ) from error


def place_of(path: Path) -> str:
    """Return where a file of results is, for a message; "" for standard output."""
    return "" if path == STDIO else f" in {path}"


def read_stdin(what: str) -> str:
    """Return what was piped in. Raises QueryError if nothing was, naming what was expected."""
    text = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    if not text.strip():
        raise QueryError(f"'-' reads {what} from standard input, but there is none; pipe it in")
    return text


class ProgressBar:
    """tqdm bars on stderr, one for each kind of work, shown once the work is long enough to wait
    for.
    """

    def __enter__(self) -> Progress:
        self._bar: Any = None
        self._what = ""
        return self._update

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _update(self, what: str, done: int, total: int) -> None:
        if what != self._what:
            from tqdm import tqdm

            self.__exit__()
            self._what = what
            self._bar = tqdm(
                total=total,
                desc=what,
                file=sys.stderr,
                delay=_PROGRESS_AFTER_S,
                smoothing=0,  # what is left by the mean of all that is done
                disable=None,
                leave=False,
            )
        self._bar.update(done - self._bar.n)

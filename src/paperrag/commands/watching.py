"""Notes that change -> an index that follows, as long as somebody wants it to.

The operating system tells of changes; where it tells nothing, as on some network disks, one look
every half minute finds them. Writing that goes on is waited for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

from paperrag.assistant import Assistant
from paperrag.errors import CorpusError, PaperRagError
from paperrag.index.reporting import IndexReport
from paperrag.notes.folders import is_note_name

log = logging.getLogger("paperrag")

QUIET_MS, LONGEST_MS = 300, 3_000
"""Changes are taken in once nothing came for so long, or after so long all the same."""

LOOK_EVERY_MS = 30_000


Announce = Callable[[IndexReport, float], object]
"""Is given what an update did, and how many milliseconds it took."""


def follow(assistant: Assistant, told: Announce, stop: Event) -> None:
    """Keep the index up to date until `stop` is set.

    Raises CorpusError where the system cannot tell of changes.
    """
    for _ in _moments(assistant.settings.corpus, assistant.settings.index, stop):
        start = time.perf_counter()
        report = assistant.newest.catch_up()
        if report is not None:
            told(report, round((time.perf_counter() - start) * 1000, 1))


def follow_beside(assistant: Assistant) -> None:
    """Keep the index of a program that stays up to date, by a thread and an assistant of its own;
    the program's assistant finds the index newer with the next question.
    """
    own = Assistant.from_settings(assistant.settings)
    Thread(target=_follow_quietly, args=(own,), daemon=True).start()


def _follow_quietly(assistant: Assistant) -> None:
    try:
        follow(assistant, lambda report, took_ms: None, Event())
    except PaperRagError as error:
        log.warning("%s; changed notes are taken in with the next question", error)


def _moments(corpus: Path, index: Path, stop: Event) -> Iterator[None]:
    """Yield at once, and whenever notes may have changed."""
    from watchfiles import watch

    yield
    inside = index.resolve()
    changes = watch(
        corpus,
        watch_filter=lambda _, path: may_matter(Path(path), corpus, inside),
        debounce=LONGEST_MS,
        step=QUIET_MS,
        stop_event=stop,
        rust_timeout=LOOK_EVERY_MS,
        yield_on_timeout=True,
    )
    try:
        for _ in changes:
            yield
    except OSError as error:
        raise CorpusError(
            f"cannot watch {corpus} ({error}); set WATCHFILES_FORCE_POLLING=1 to have it looked at"
        ) from error


def may_matter(path: Path, corpus: Path, index: Path) -> bool:
    """Whether what happened at a path may change what is indexed: to a note, to what says which
    files are notes, or to a folder; index: the folder of the index, which lies anywhere.
    """
    if index in (path, *path.parents):
        return False
    parts = path.relative_to(corpus).parts if path.is_relative_to(corpus) else path.parts
    shown = parts[:-1] if path.name == ".gitignore" else parts
    is_hidden = any(part.startswith(".") for part in shown)
    return not is_hidden and (is_note_name(path.name) or not path.suffix)

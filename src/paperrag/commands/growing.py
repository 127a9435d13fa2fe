"""A first index that answers in seconds -> the whole one, put together beside it by a process of
its own, while one asks.

Single words' vectors are there ten times sooner than those that read word order. So a command that
somebody waits for takes the former first; whatever is asked next finds the latter once it is whole.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import suppress
from dataclasses import replace  # noqa: TID251 - of settings
from pathlib import Path
from typing import TYPE_CHECKING

from paperrag.commands.shared import ProgressBar, collections_of, known_notes
from paperrag.errors import ConfigError

if TYPE_CHECKING:
    from paperrag.assistant import Assistant
    from paperrag.config import Settings
    from paperrag.together import Together

LOG = "growing.log"
"""What the process prints, in the folder of the index."""

AGAIN_AFTER_S = 600.0
"""A process that ended early, or cannot do it, is followed by another one no sooner."""

_NICE, _WINDOWS_FLAGS = 10, ("BELOW_NORMAL_PRIORITY_CLASS", "CREATE_NO_WINDOW")


def open_asked(options: argparse.Namespace) -> Assistant | Together:
    """Return who answers: the assistant of the options, or those of several collections."""
    names = collections_of(options)
    if len(names) < 2:
        return open_growing(known_notes(options), options.config)
    from paperrag.together import Together

    if options.index is not None:
        raise ConfigError(f"--index names one index, -c {len(names)} collections; leave it out")
    settings = {name: known_notes(options, name) for name in names}
    return Together({name: open_growing(one, options.config) for name, one in settings.items()})


def open_growing(settings: Settings, config: Path | None = None) -> Assistant:
    """Return the assistant of a command that is waited for, its index there at once and growing.

    config: the file that the settings were read from, if it was named.
    """
    from paperrag.assistant import Assistant
    from paperrag.encoders.static import BUNDLED_STATIC

    assistant = Assistant.from_settings(settings)
    if assistant.newest.is_quick_at_first():
        quick = Assistant.from_settings(replace(settings, encoder=BUNDLED_STATIC))
        with ProgressBar() as quick.progress:
            quick.newest.data()
        assistant = Assistant.from_settings(settings)  # which keeps to the encoder of the index
    grow(assistant, config)
    return assistant


def grow(assistant: Assistant, config: Path | None = None) -> None:
    """See to it that a process makes the whole index where there is but the quick one."""
    if not assistant.newest.can_grow():
        return
    settings = assistant.settings
    log = settings.index / LOG
    with suppress(OSError):  # an index that cannot be written stays as it is
        if not _is_recent(log):
            with log.open("wb") as out:
                _start(_command(settings, config), out.fileno())


def _is_recent(log: Path) -> bool:
    try:
        return time.time() - log.stat().st_mtime < AGAIN_AFTER_S
    except FileNotFoundError:
        return False


def _command(settings: Settings, config: Path | None) -> list[str]:
    """Return what makes the whole index; -P: no module of the folder that one stands in is taken
    for one of Python's.
    """
    from paperrag.encoders.static import BUNDLED

    given = ["--corpus", str(settings.corpus), "--index", str(settings.index)]
    named = ["--config", str(config)] if config else []
    rebuild = ["index", "--rebuild", "--encoder", BUNDLED]
    return [sys.executable, "-P", "-m", "paperrag", *rebuild, *given, *named]


def _start(command: list[str], out: int) -> None:
    """Start a process that outlives this one and gives way to others."""
    import subprocess

    running = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        start_new_session=True,
        creationflags=sum(getattr(subprocess, name, 0) for name in _WINDOWS_FLAGS),
    )
    if hasattr(os, "setpriority"):
        with suppress(OSError):  # it is done already
            os.setpriority(os.PRIO_PROCESS, running.pid, _NICE)
    running.returncode = 0  # nobody waits for it, and Python need not warn of that

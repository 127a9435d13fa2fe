"""Whether all that an answer needs is in order: settings, notes, index, encoder, model, extras."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from paperrag.errors import PaperRagError
from paperrag.extras import EXTRAS, Extra, install_line
from paperrag.index.current import IndexStatus
from paperrag.index.recipe import package_version
from paperrag.llm.generator import Message, within
from paperrag.output.counts import counted
from paperrag.places import SETTINGS_FILE, user_settings

if TYPE_CHECKING:
    from paperrag.config import Settings
    from paperrag.llm.writing import Writer

_LIBRARY_OF: dict[Extra, str] = {
    "page": "gradio",
    "mcp": "mcp",
    "llamaindex": "llama_index",
    "st": "sentence_transformers",
    "milvus": "pymilvus",
}


class Program(Protocol):
    """What is looked at: an assistant."""

    settings: Settings

    def status(self) -> IndexStatus:
        """Return the state of the index."""

    def writer(self) -> Writer | None:
        """Return what writes answers, None without a model."""


class Check(Struct, frozen=True):
    """One thing that was looked at: is it well, and what was found or is to be done."""

    name: str
    is_well: bool
    found: str


def check_up(open_assistant: Callable[[], Program], config: Path | None = None) -> list[Check]:
    """Return what was found, in the order in which an answer needs it. Raises nothing."""
    checks = [
        Check("program", True, f"paperrag {package_version()}, Python {platform.python_version()}"),
        Check("settings", True, _settings_files(config)),
    ]
    try:
        assistant = open_assistant()
    except PaperRagError as error:
        return [*checks, Check("settings", False, str(error)), *_extras()]
    status = assistant.status()
    return [*checks, *_notes(status), check_model(assistant), *_extras()]


def checkup_text(checks: Sequence[Check]) -> str:
    """Return a line for each check."""
    width = max(len(check.name) for check in checks)
    return "\n".join(
        f"{'ok   ' if check.is_well else 'WRONG'}  {check.name.ljust(width)}  {check.found}"
        for check in checks
    )


def _settings_files(config: Path | None) -> str:
    files = [file for file in (config or Path(SETTINGS_FILE), user_settings()) if file.is_file()]
    return ", ".join(map(str, files)) or "no settings file; all as the program has them"


def _notes(status: IndexStatus) -> Iterator[Check]:
    manifest, settings = status.manifest, status.settings
    yield Check("notes", settings.corpus.is_dir(), str(settings.corpus.absolute()))
    if manifest is None:
        if not status.is_unreachable:
            yield Check("index", True, f"none yet in {status.store}; the first question makes it")
    else:
        stale = len(status.changed_files) + len(status.removed_files)
        behind = f"; {counted(stale, 'file')} changed since" if stale else ""
        size = f"{counted(manifest.entries, 'entry')}, {status.disk_bytes / 1e6:.1f} MB"
        yield Check("index", True, f"{status.store}: {size}{behind}")
        yield Check("encoder", True, f"{manifest.encoder}, {manifest.dimension} dimensions")
    for fault in status.faults:
        yield Check("index", False, fault)


def check_model(assistant: Program) -> Check:
    """Return whether the model that writes answers says anything."""
    spec = assistant.settings.llm
    try:
        writer = assistant.writer()
        if writer is None:
            return Check("model", True, "none; answers quote the notes")
        greeting = (Message("user", "Reply with the word: ready"),)
        reply = within(writer.timeout_s, writer.generator, greeting)
        said = "".join(piece.text + piece.thought for piece in reply).strip()
    except PaperRagError as error:
        return Check("model", False, f"{spec}: {error}")
    return Check("model", bool(said), f"{spec} {'answers' if said else 'answers with nothing'}")


def _extras() -> Iterator[Check]:
    here = [name for name, library in _LIBRARY_OF.items() if find_spec(library)]
    lacking = [name for name in EXTRAS if name in _LIBRARY_OF and name not in here]
    more = f"; not installed: {', '.join(lacking)} ({install_line('all')})" if lacking else ""
    yield Check("extras", True, f"{', '.join(here) or 'none'}{more}; in {sys.prefix}")

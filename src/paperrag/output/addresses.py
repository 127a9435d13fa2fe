"""Where a note opens: the address of one of its lines for a terminal, an editor or a vault.

Opens nothing: `paperrag open` and terminals do.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from urllib.parse import quote

VSCODE = "vscode://file{path}:{line}"
"""What VS Code opens."""

VAULT_MARK = ".obsidian"
"""The folder that Obsidian keeps in a vault."""

_LINE_FIRST = frozenset(
    "vi vim nvim gvim view nano pico emacs emacsclient micro kak joe ne".split()
)
_AFTER_GOTO = frozenset("code codium cursor windsurf code-insiders".split())
_AFTER_COLON = frozenset("subl zed zeditor hx helix".split())
"""How editors are told a line: `+7 FILE`, `-g FILE:7`, `FILE:7`."""


def note_address(links: str, corpus: Path, source: str, line: int) -> str:
    """Return what opens a line of a note.

    links: 'file', 'obsidian', 'vscode', or an address with {path}, which begins with a slash, and
    {line}.
    """
    path = absolute(corpus / source)
    if links == "file":
        return path.as_uri()
    if links == "obsidian":
        return _in_obsidian(path, corpus)
    template = VSCODE if links == "vscode" else links
    quoted = path.as_uri().removeprefix("file://")
    return template.replace("{path}", quoted).replace("{line}", str(line))


def absolute(path: Path) -> Path:
    """Return a path from the root on; links to folders stay, as vaults have them."""
    return Path(os.path.abspath(path))  # noqa: PTH100  # Path.resolve() follows links


def editor_command(editor: str, path: Path, line: int) -> list[str]:
    """Return the command that opens a file at a line; an editor that is not known opens the file.

    editor: as in $EDITOR, a program and perhaps options.
    """
    words = shlex.split(editor)
    name = Path(words[0]).stem.lower()
    if name in _LINE_FIRST:
        return [*words, f"+{line}", str(path)]
    if name in _AFTER_GOTO:
        return [*words, "-g", f"{path}:{line}"]
    return [*words, f"{path}:{line}" if name in _AFTER_COLON else str(path)]


def vault_of(path: Path, corpus: Path) -> Path:
    """Return the nearest folder above a note that is an Obsidian vault, else the corpus."""
    for folder in path.parents:
        if (folder / VAULT_MARK).is_dir():
            return folder
    return absolute(corpus)


def _in_obsidian(path: Path, corpus: Path) -> str:
    vault = vault_of(path, corpus)
    file = path.relative_to(vault).as_posix().removesuffix(".md")
    return f"obsidian://open?vault={quote(vault.name, safe='')}&file={quote(file, safe='')}"

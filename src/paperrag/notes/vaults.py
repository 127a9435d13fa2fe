"""Where a user's notes probably are: the vaults that Obsidian and Logseq know, and folders
near by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

_MARKS = (".obsidian", "logseq", ".foam", ".zk")
"""What note programs leave in a vault."""

_HOMES = ("", "Documents", "Notes", "notes", "Obsidian", "Dropbox", "OneDrive")
"""Where, below the home folder, vaults lie."""


def vaults_near(here: Path, home: Path) -> list[Path]:
    """Return folders that look like someone's notes, each once, the likeliest first.

    First `here` if it is one, then the vaults that Obsidian opened lately, then those one step
    below the usual folders.
    """
    found: dict[Path, None] = {}
    for folder in (*_here(here), *_obsidian_vaults(), *_below(home)):
        if folder.is_dir():
            found.setdefault(folder.resolve(), None)
    return list(found)


def _here(here: Path) -> Iterator[Path]:
    if _is_vault(here) or next(here.glob("*.md"), None):
        yield here


def _obsidian_vaults() -> list[Path]:
    from platformdirs import user_config_path

    known = user_config_path("obsidian", appauthor=False) / "obsidian.json"
    try:
        vaults = json.loads(known.read_text(encoding="utf-8"))["vaults"].values()
        return [
            Path(vault["path"])
            for vault in sorted(vaults, key=lambda vault: -int(vault.get("ts", 0)))
        ]
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return []  # not installed, or of another version


def _below(home: Path) -> Iterator[Path]:
    for name in _HOMES:
        try:
            folders = sorted((home / name).iterdir())
        except OSError:
            continue
        yield from (folder for folder in folders if _is_vault(folder))


def _is_vault(folder: Path) -> bool:
    try:
        return any((folder / mark).is_dir() for mark in _MARKS)
    except OSError:
        return False

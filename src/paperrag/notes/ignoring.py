"""Which files and folders of a corpus are no notes, and the sentence that says what was passed
over.

Four say so, the later ones over the earlier: names that are never notes, `.gitignore` files, what
Obsidian is set to leave out, and the setting `exclude`. All but the first in gitignore's syntax, so
that `!templates/` reads what would be left out. Opens no note.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from msgspec import Struct, field
from msgspec.structs import replace

from paperrag.errors import ConfigError
from paperrag.records import Trouble
from paperrag.text.patterns import lazy_pattern

DEFAULT_FOLDERS = frozenset(
    {"node_modules", "templates", "_templates", "模板", "__macosx", "logseq/bak", "site-packages"}
)
DEFAULT_FILES = frozenset(
    {"claude.md", "agents.md", "requirements.txt", "cmakelists.txt", "robots.txt", "license.txt"}
)
"""What stands beside notes and is none, in lower case; with a slash, the end of a path."""

MAY_HOLD_NOTES = frozenset(
    ".bib .ris .enw .nbib .csv .tsv .json .jsonl .yaml .yml .toml .opml .mm .tex .adoc .rst .wiki".split()
)
"""Suffixes of what people keep as notes at times, and as much else."""

_GIT, _OBSIDIAN = ".gitignore", ".obsidian"
_BY_OBSIDIAN = (
    ("app.json", "userIgnoreFilters"),
    ("templates.json", "folder"),
    ("plugins/templater-obsidian/data.json", "templates_folder"),
)
"""Where Obsidian and its best-known plugin keep what is no note: file and key."""

_SPECIAL = lazy_pattern(r"([\\*?\[\]!# ])")
_NAMED = 6
"""Most names that the sentence gives of one reason."""


class Rules(Struct, frozen=True):
    """What to pass over below one folder. `by_folder`: (folder, who says so, its patterns)."""

    exclude: Any = None  # a GitIgnoreSpec
    asked: Any = None  # another, of files that are read whatever their kind
    by_folder: tuple[tuple[str, str, Any], ...] = ()

    @classmethod
    def of(cls, exclude: Sequence[str]) -> Self:
        """Return the rules of the setting. Raises ConfigError for a pattern that is none."""
        try:
            return cls(_spec(exclude), _spec(_asked(exclude))) if exclude else cls()
        except ValueError as error:
            raise ConfigError(
                f"exclude: expected patterns as in .gitignore, got {list(exclude)!r} ({error})"
            ) from error

    def within(self, folder: str, place: str, names: Collection[str]) -> Self:
        """Return the rules below a folder of the corpus that lies at `place` and holds `names`."""
        found = []
        if _GIT in names:
            found.append((folder, _GIT, _git_spec(Path(place, _GIT))))
        if _OBSIDIAN in names:
            found.append((folder, "Obsidian", _spec(_set_in_obsidian(Path(place, _OBSIDIAN)))))
        return replace(self, by_folder=(*self.by_folder, *found)) if found else self

    def ask_for(self, source: str) -> bool:
        """Whether the setting asks for a file by its suffix, as `!*.bib` does."""
        return self.asked is not None and self.asked.match_file(source)

    def why_not(self, source: str, is_folder: bool) -> str:
        """Return who says that a file or folder is no note, "" if nobody does."""
        path = f"{source}/" if is_folder else source
        if self.exclude and (said := self.exclude.check_file(path).include) is not None:
            return "exclude" if said else ""
        for folder, who, spec in reversed(self.by_folder):
            below = path.removeprefix(f"{folder}/" if folder else "")
            if (said := spec.check_file(below).include) is not None:
                return who if said else ""
        never = DEFAULT_FOLDERS if is_folder else DEFAULT_FILES
        return "default" if not never.isdisjoint(_ends(source.lower())) else ""


def _ends(source: str) -> tuple[str, str]:
    """Return the last name of a path, and the last two."""
    above, _, name = source.rpartition("/")
    return name, f"{above.rpartition('/')[2]}/{name}"


def _spec(patterns: Sequence[str]) -> Any:
    from pathspec import GitIgnoreSpec  # 80 ms, only where somebody says what to leave out

    return GitIgnoreSpec.from_lines(patterns)


def _asked(patterns: Sequence[str]) -> list[str]:
    """What `!` stands before, where that names files with a suffix."""
    return [one[1:] for one in patterns if one.startswith("!") and "." in one.rpartition("/")[2]]


def _git_spec(path: Path) -> Any:
    """The patterns of a file; git passes over lines that are none, and so does this."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return _spec([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    try:
        return bool(_spec([line]))
    except ValueError:
        return False


def _set_in_obsidian(folder: Path) -> list[str]:
    """The patterns of the folders that a vault leaves out; regular expressions are passed over."""
    patterns = []
    for name, key in _BY_OBSIDIAN:
        try:
            told = json.loads((folder / name).read_text(encoding="utf-8"))[key]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        for path in told if isinstance(told, list) else [told]:
            if isinstance(path, str) and (plain := path.strip("/")) and path[0] != "/":
                patterns.append("/" + _SPECIAL.sub(r"\\\1", plain))
    return patterns


class PassedOver(Struct):
    """Counts what a look at the corpus passed over."""

    by_reason: dict[str, list[str]] = field(default_factory=dict)
    suffixes: Counter[str] = field(default_factory=Counter)

    def add(self, reason: str, source: str, is_folder: bool = False) -> None:
        """Note down a file or folder that was left out."""
        self.by_reason.setdefault(reason, []).append(f"{source}/" if is_folder else source)

    def add_other(self, name: str) -> None:
        """Note down a file of a kind that is not read."""
        stem, dot, suffix = name.rpartition(".")
        self.suffixes[f".{suffix.lower()}" if stem and dot else "no suffix"] += 1

    def troubles(self) -> Iterator[Trouble]:
        """Yield the sentence about all of it, if there is anything."""
        told = [
            f"{len(names)} left out ({_WORDS[reason]}: {_listed(names)})"
            for reason, names in sorted(self.by_reason.items())
        ]
        if self.suffixes:
            kinds = [f"{count} {suffix}" for suffix, count in self.suffixes.most_common()]
            told.append(f"not read, being no notes: {_listed(kinds)}{_how_to_read(self.suffixes)}")
        if told:
            yield Trouble(".", "; ".join(told))


_WORDS = {
    "default": 'by default; to read one, set exclude = ["!NAME"]',
    "exclude": "by the setting exclude",
    _GIT: "by .gitignore",
    "Obsidian": "by Obsidian's settings",
    "hidden": "hidden",
}


def _how_to_read(suffixes: Collection[str]) -> str:
    """How to read the kinds of files that may hold notes, "" where there are none."""
    found = sorted(MAY_HOLD_NOTES.intersection(suffixes))
    asked = ", ".join(f'"!*{suffix}"' for suffix in found)
    return f" (to read {', '.join(found)}, set exclude = [{asked}])" if found else ""


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more

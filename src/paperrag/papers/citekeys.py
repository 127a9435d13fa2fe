"""Citation keys in notes: the one that a file gives its paper, and those that its text cites.

Pandoc's `[@key, p. 5; @other]` and the `[[@key]]` of note programs count, and files named
`@key.md`; an `@` outside of brackets may be anyone's name.
"""

from __future__ import annotations

from collections.abc import Iterable

from paperrag.records import Entry
from paperrag.text.patterns import lazy_pattern

KEY_FIELDS = ("citekey", "citation-key", "bibtexkey")
"""The fields of front matter that hold a key."""

_GROUP = lazy_pattern(r"\[([^\[\]\n]*@[^\[\]\n]*)\](?!\()")
_KEY = lazy_pattern(r"(?<![\w@.])@(\w(?:[\w:.#$%&+?<>~/-]*\w)?)")


def own_key(entry: Entry) -> str:
    """Return the key that the head of a file gives the paper it is on, "" without one."""
    named = next((value for name, value in entry.fields if name in KEY_FIELDS), "")
    stem = entry.source.rpartition("/")[2].rpartition(".")[0]
    return named.strip().lstrip("@") or (stem[1:] if stem.startswith("@") else "")


def cited_keys(text: str) -> list[str]:
    """Return the keys that a text cites, each once, in order."""
    if "@" not in text:
        return []
    groups = _GROUP.findall(text)
    return list(dict.fromkeys(key for group in groups for key in _KEY.findall(group)))


def citing(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """Return the notes that cite each key, in order."""
    found: dict[str, tuple[Entry, ...]] = {}
    for entry in entries:
        for key in cited_keys(entry.text) if entry.kind == "note" else ():
            found[key] = (*found.get(key, ()), entry)
    return found

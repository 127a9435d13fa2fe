"""Tags of entries -> which entries a tag means: those that carry it, and all that stands below
them.

A tag of the front matter is the whole file's, one beside a bullet is the bullet's and its
children's; `a` means `a/b` too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paperrag.records import Entry
from paperrag.text.folding import fold


def fits_tag(tag: str, wanted: str) -> bool:
    """Whether a tag is the wanted one or stands below it, case and `#` aside."""
    own, other = tag_key(tag), tag_key(wanted)
    return own == other or own.startswith(f"{other}/")


def tag_key(tag: str) -> str:
    """Return a tag as tags are compared."""
    return fold(tag).lower().strip().lstrip("#").strip("/")


def tagged(entries: Iterable[Entry], wanted: Sequence[str]) -> set[str]:
    """Return the ids of the entries that all wanted tags mean; parents come before children."""
    found: list[set[str]] = [set() for _ in wanted]
    for entry in entries:
        for ids, tag in zip(found, wanted, strict=True):
            if entry.parent_id in ids or any(fits_tag(own, tag) for own in entry.tags):
                ids.add(entry.id)
    return set.intersection(*found) if found else set()

"""The contract between fetching and the APIs that know papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from paperrag.fetching.papers import Paper, PaperRef


class Resolver(Protocol):
    """Asks one API for papers, by their ids or by their titles.

    `name` is what users read and stands in the cache; `batch_size` is how many keys one call of
    `look_up` takes. With `by_title` the answers are candidates, of which a certain one is chosen.
    """

    name: str
    batch_size: int
    by_title: bool

    def key(self, ref: PaperRef) -> str | None:
        """Return what the API would be asked about a paper, None if it cannot know it."""
        ...

    def url(self, keys: Sequence[str]) -> str:
        """Return the address that would be asked for some keys, for people to read."""
        ...

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Sequence[Paper]]:
        """Return the papers for each key, none for a key that the API does not know.

        Raises FetchError if the answer cannot be used, HostUnusable if asking on makes no sense.
        """
        ...


def id_key(ref: PaperRef, site: str) -> str | None:
    """Return the ref's id at a site, None if it has none there."""
    return next((identifier.value for identifier in ref.ids if identifier.site == site), None)


def title_key_of(ref: PaperRef) -> str | None:
    """Return the ref's title where it is one to search for, else None."""
    return ref.title if len(ref.title) > 2 and any(char.isalpha() for char in ref.title) else None

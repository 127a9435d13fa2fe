"""The contract between fetching and the APIs that know papers."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from msgspec import Struct

from paperrag.errors import FetchError
from paperrag.papers.refs import Paper, PaperRef


class WebAnswer(Struct, frozen=True):
    """What a host answered: status, media type in lower case, body, and the URL asked."""

    status: int
    media_type: str
    body: bytes
    url: str

    def json(self) -> Any:
        """Return the body as JSON. Raises FetchError, naming what came, if it is none."""
        if "json" not in self.media_type:
            raise FetchError(
                f"expected JSON from {self.url}, got {self.media_type or 'no type'}: {self.start}"
            )
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise FetchError(
                f"expected JSON from {self.url}, got {self.start} ({error})"
            ) from error

    def text(self, media: str) -> str:
        """Return the body as text if its type holds `media`. Raises FetchError."""
        if media not in self.media_type:
            raise FetchError(
                f"expected {media} from {self.url}, got {self.media_type or 'no type'}: "
                f"{self.start}"
            )
        return self.body.decode("utf-8", errors="replace")

    @property
    def start(self) -> str:
        """The first characters of the body in quotes, for messages."""
        return repr(self.body[:60].decode("utf-8", errors="replace"))


class Web(Protocol):
    """Asks hosts. Statuses that mean "no such paper" are answers; all other trouble is FetchError
    or HostUnusable.
    """

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> WebAnswer:
        """Return the answer to a GET."""
        ...

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None,
        body: object,
        headers: Mapping[str, str] | None = None,
    ) -> WebAnswer:
        """Return the answer to a POST of JSON."""
        ...


def with_params(url: str, params: Mapping[str, str]) -> str:
    """Return a URL with its parameters, for people to read."""
    return f"{url}?{urlencode(params)}"


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


class TitleResolver(ABC):
    """A Resolver that asks for one title at a time; answers are candidates."""

    name: str
    batch_size = 1
    by_title = True

    def key(self, ref: PaperRef) -> str | None:
        """Return the ref's title where it is one to search for, else None."""
        title = ref.title
        return title if len(title) > 2 and any(char.isalpha() for char in title) else None

    @abstractmethod
    def url(self, keys: Sequence[str]) -> str:
        """Return the search for a title."""

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Sequence[Paper]]:
        """Return the papers nearest to each title, best first."""
        return {title: self.candidates(title) for title in keys}

    @abstractmethod
    def candidates(self, title: str) -> list[Paper]:
        """Return the papers nearest to a title, best first. Raises FetchError."""


def papers_of(records: object, read: Callable[[Mapping[str, Any]], Paper | None]) -> list[Paper]:
    """Return the papers of an API's records; what is no record or no paper is left out."""
    objects = (one for one in records if isinstance(one, dict)) if isinstance(records, list) else ()
    return [paper for one in objects if (paper := read(one)) is not None]


def id_key(ref: PaperRef, site: str) -> str | None:
    """Return the ref's id at a site, None if it has none there."""
    return next((identifier.value for identifier in ref.ids if identifier.site == site), None)

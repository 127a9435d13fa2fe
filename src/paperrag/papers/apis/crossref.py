"""Crossref's REST API: papers by DOI. https://api.crossref.org/swagger-ui"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from paperrag.errors import FetchError
from paperrag.papers.formats import crossref_paper
from paperrag.papers.refs import Paper, PaperRef
from paperrag.papers.resolvers import Web, id_key


class CrossrefResolver:
    """Asks Crossref, with a contact address if there is one: that is its polite pool."""

    name = "Crossref"
    batch_size = 1
    by_title = False

    def __init__(self, web: Web, base_url: str, contact: str = "") -> None:
        self._web = web
        self._base_url = base_url.rstrip("/")
        self._params = {"mailto": contact} if contact else {}

    def key(self, ref: PaperRef) -> str | None:
        """Return the DOI."""
        return id_key(ref, "doi")

    def url(self, keys: Sequence[str]) -> str:
        """Return the work's address."""
        return f"{self._base_url}/works/{quote(keys[0], safe='')}"

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Sequence[Paper]]:
        """Return the paper of each DOI; Crossref says 404 for DOIs of other agencies."""
        found: dict[str, list[Paper]] = {}
        for key in keys:
            answer = self._web.get(self.url([key]), self._params)
            if answer.status == 404:
                continue
            data = answer.json()
            message = data.get("message") if isinstance(data, dict) else None
            if answer.status != 200 or not isinstance(message, dict):
                raise FetchError(
                    f"expected a work from {answer.url}, got status {answer.status}: "
                    f"{str(data)[:80]}"
                )
            if paper := crossref_paper(message):
                found[key] = [paper]
        return found

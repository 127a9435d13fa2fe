"""OpenAlex's API: papers by title. https://docs.openalex.org/api-entities/works/search-works"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from paperrag.errors import FetchError
from paperrag.papers.formats import openalex_paper
from paperrag.papers.refs import Paper, PaperRef
from paperrag.papers.resolvers import Web, title_key_of, with_params

_CANDIDATES = 5
_SYNTAX = re.compile(r"[,|:!?*~\"()&+]+")
"""Characters that mean something in a filter; words are all that a title search needs."""


class OpenAlexTitles:
    """Asks for works with the words of a title."""

    name = "OpenAlex titles"
    batch_size = 1
    by_title = True

    def __init__(self, web: Web, base_url: str, contact: str = "") -> None:
        self._web = web
        self._url = f"{base_url.rstrip('/')}/works"
        self._contact = {"mailto": contact} if contact else {}

    def key(self, ref: PaperRef) -> str | None:
        """Return the title."""
        return title_key_of(ref)

    def url(self, keys: Sequence[str]) -> str:
        """Return the search for a title."""
        return with_params(self._url, self._params(keys[0]))

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Sequence[Paper]]:
        """Return the works nearest to each title, best first."""
        found: dict[str, list[Paper]] = {}
        for key in keys:
            answer = self._web.get(self._url, self._params(key))
            data = answer.json()
            results = data.get("results") if isinstance(data, dict) else None
            if answer.status != 200 or not isinstance(results, list):
                raise FetchError(
                    f"expected results from {answer.url}, got status {answer.status}: "
                    f"{str(data)[:80]}"
                )
            found[key] = [
                paper
                for work in results
                if isinstance(work, dict) and (paper := openalex_paper(work))
            ]
        return found

    def _params(self, title: str) -> dict[str, str]:
        words = re.sub(r"\s+", " ", _SYNTAX.sub(" ", title)).strip()
        return {"filter": f"title.search:{words}", "per-page": str(_CANDIDATES), **self._contact}

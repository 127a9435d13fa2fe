"""OpenAlex's API: papers by title. https://docs.openalex.org/api-entities/works/search-works"""

from __future__ import annotations

import re
from collections.abc import Sequence

from paperrag.errors import FetchError
from paperrag.papers.formats import openalex_paper
from paperrag.papers.refs import Paper
from paperrag.papers.resolvers import TitleResolver, Web, papers_of, with_params
from paperrag.text.patterns import lazy_pattern

_CANDIDATES = 5
_SYNTAX = lazy_pattern(r"[,|:!?*~\"()&+]+")
"""Characters that mean something in a filter; words are all that a title search needs."""


class OpenAlexTitles(TitleResolver):
    """Asks for works with the words of a title."""

    name = "OpenAlex titles"

    def __init__(self, web: Web, base_url: str, contact: str = "") -> None:
        self._web = web
        self._url = f"{base_url.rstrip('/')}/works"
        self._contact = {"mailto": contact} if contact else {}

    def url(self, keys: Sequence[str]) -> str:
        """Return the search for a title."""
        return with_params(self._url, self._params(keys[0]))

    def candidates(self, title: str) -> list[Paper]:
        """Return the works nearest to a title, best first."""
        answer = self._web.get(self._url, self._params(title))
        data = answer.json()
        results = data.get("results") if isinstance(data, dict) else None
        if answer.status != 200 or not isinstance(results, list):
            raise FetchError(
                f"expected results from {answer.url}, got status {answer.status}: {str(data)[:80]}"
            )
        return papers_of(results, openalex_paper)

    def _params(self, title: str) -> dict[str, str]:
        words = re.sub(r"\s+", " ", _SYNTAX.sub(" ", title)).strip()
        return {"filter": f"title.search:{words}", "per-page": str(_CANDIDATES), **self._contact}

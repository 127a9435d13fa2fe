"""Semantic Scholar's Graph API: papers by id, and by title.
https://api.semanticscholar.org/api-docs/graph
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paperrag.errors import FetchError
from paperrag.papers.formats import semantic_scholar_paper
from paperrag.papers.refs import Paper, PaperRef
from paperrag.papers.resolvers import TitleResolver, Web, papers_of, with_params

_FIELDS = "title,abstract,year,venue,authors,externalIds,url"
_PREFIXES = {"arxiv": "ARXIV", "doi": "DOI", "acl": "ACL"}


class SemanticScholarResolver:
    """Asks for papers by arXiv id, DOI or ACL id, up to 500 a call."""

    name = "Semantic Scholar"
    batch_size = 500
    by_title = False

    def __init__(self, web: Web, base_url: str, api_key: str = "") -> None:
        self._web = web
        self._url = f"{base_url.rstrip('/')}/graph/v1/paper/batch"
        self._headers = {"x-api-key": api_key} if api_key else {}

    def key(self, ref: PaperRef) -> str | None:
        """Return an id in the form that the API takes: "ARXIV:2407.08454"."""
        known = (identifier for identifier in ref.ids if identifier.site in _PREFIXES)
        return next(
            (f"{_PREFIXES[identifier.site]}:{identifier.value}" for identifier in known), None
        )

    def url(self, keys: Sequence[str]) -> str:
        """Return the batch query; the ids go in its body."""
        return f"{with_params(self._url, {'fields': _FIELDS})} with {len(keys)} ids"

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Sequence[Paper]]:
        """Return the paper of each id; the API answers in the order asked, null for what it does
        not know.
        """
        answer = self._web.post(self._url, {"fields": _FIELDS}, {"ids": list(keys)}, self._headers)
        records = answer.json()
        if answer.status == 400 and "No valid paper ids" in str(records):
            return {}
        if answer.status != 200 or not isinstance(records, list) or len(records) != len(keys):
            raise FetchError(
                f"expected {len(keys)} records from {answer.url}, got status {answer.status}: "
                f"{str(records)[:80]}"
            )
        papers = {
            key: semantic_scholar_paper(record)
            for key, record in zip(keys, records, strict=True)
            if isinstance(record, dict)
        }
        return {key: [paper] for key, paper in papers.items() if paper}


class SemanticScholarTitles(TitleResolver):
    """Asks for the one paper whose title is nearest."""

    name = "Semantic Scholar titles"

    def __init__(self, web: Web, base_url: str, api_key: str = "") -> None:
        self._web = web
        self._url = f"{base_url.rstrip('/')}/graph/v1/paper/search/match"
        self._headers = {"x-api-key": api_key} if api_key else {}

    def url(self, keys: Sequence[str]) -> str:
        """Return the match query for a title."""
        return with_params(self._url, {"query": keys[0]})

    def candidates(self, title: str) -> list[Paper]:
        """Return the best match of a title; the API says 404 where there is none."""
        answer = self._web.get(self._url, {"query": title, "fields": _FIELDS}, self._headers)
        data = answer.json()
        if answer.status == 404:
            return []
        if answer.status != 200:
            raise FetchError(f"Semantic Scholar answered {answer.status}: {str(data)[:80]}")
        return papers_of(
            data.get("data") if isinstance(data, dict) else None, semantic_scholar_paper
        )

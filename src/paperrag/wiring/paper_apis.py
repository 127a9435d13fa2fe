"""Settings -> the APIs that tell of papers, and what asks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from paperrag.config import Settings
from paperrag.index.recipe import package_version

if TYPE_CHECKING:
    from paperrag.papers.resolvers import Resolver, Web

API_URLS = (
    "arxiv_url",
    "openreview_url",
    "openreview_v1_url",
    "neurips_url",
    "semantic_scholar_url",
    "crossref_url",
    "openalex_url",
)
"""Settings that hold base URLs; their hosts are the only ones that are asked."""


def make_resolvers(settings: Settings) -> Sequence[Resolver]:
    """Return the paper APIs in the order in which they are asked: by id first, by title last.

    Raises ConfigError as `make_web` does.
    """
    from paperrag.papers.apis.arxiv import ArxivResolver
    from paperrag.papers.apis.crossref import CrossrefResolver
    from paperrag.papers.apis.neurips import NeuripsResolver
    from paperrag.papers.apis.openalex import OpenAlexTitles
    from paperrag.papers.apis.openreview import OpenReviewResolver
    from paperrag.papers.apis.semantic_scholar import SemanticScholarResolver, SemanticScholarTitles

    web = make_web(settings)
    return (
        ArxivResolver(web, settings.arxiv_url),
        OpenReviewResolver(web, settings.openreview_url, settings.openreview_v1_url),
        NeuripsResolver(web, settings.neurips_url),
        SemanticScholarResolver(web, settings.semantic_scholar_url, settings.semantic_scholar_key),
        CrossrefResolver(web, settings.crossref_url, settings.contact),
        SemanticScholarTitles(web, settings.semantic_scholar_url, settings.semantic_scholar_key),
        OpenAlexTitles(web, settings.openalex_url, settings.contact),
    )


def make_web(settings: Settings) -> Web:
    """Return what asks the paper APIs, with the manners of the settings.

    Raises ConfigError for a base URL that is not https.
    """
    from paperrag.papers.apis.web import HttpxWeb, Manners, check_base_url

    urls = {name: getattr(settings, name) for name in API_URLS}
    for name, url in urls.items():
        check_base_url(name, url)
    pauses = dict.fromkeys(urls.values(), settings.fetch_pause_s) | {
        settings.arxiv_url: settings.arxiv_pause_s
    }
    return HttpxWeb(
        Manners(
            user_agent=_user_agent(settings.contact),
            pause_s=pauses,
            timeout_s=settings.fetch_timeout_s,
            retries=settings.fetch_retries,
            backoff_s=settings.fetch_backoff_s,
            patience_s=settings.fetch_patience_s,
            max_bytes=settings.fetch_max_bytes,
        )
    )


def _user_agent(contact: str) -> str:
    return f"paperrag/{package_version()} (reads abstracts of papers in personal notes{f'; mailto:{contact}' if contact else ''})"

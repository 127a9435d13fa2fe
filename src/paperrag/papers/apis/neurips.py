"""The NeurIPS proceedings: papers by the abstract page beside a PDF. There is no API; the page is
read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from urllib.parse import urlsplit

from paperrag.errors import FetchError
from paperrag.papers.ids import PaperId, paper_url
from paperrag.papers.refs import Paper, PaperRef
from paperrag.papers.resolvers import Web, id_key


class NeuripsResolver:
    """Reads abstract pages of the proceedings."""

    name = "NeurIPS"
    batch_size = 1
    by_title = False

    def __init__(self, web: Web, base_url: str) -> None:
        self._web = web
        self._base_url = base_url.rstrip("/")

    def key(self, ref: PaperRef) -> str | None:
        """Return year, hash and track."""
        return id_key(ref, "neurips")

    def url(self, keys: Sequence[str]) -> str:
        """Return the abstract page of a key."""
        return self._base_url + urlsplit(paper_url(PaperId("neurips", keys[0]))).path

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Sequence[Paper]]:
        """Return the paper of each key. Raises FetchError for a page without the marks of a
        paper.
        """
        found: dict[str, list[Paper]] = {}
        for key in keys:
            answer = self._web.get(self.url([key]))
            if answer.status == 200:
                found[key] = [_read_page(answer.text("html"), key, answer.url)]
        return found


def _read_page(text: str, key: str, url: str) -> Paper:
    page = _Page()
    page.feed(text)
    identifier = PaperId("neurips", key)
    year = key.split("/")[0]
    title = (page.meta.get("citation_title") or [""])[0]
    authors = page.meta.get("citation_author", [])
    paper = Paper.of(
        title=title,
        authors=authors,
        year=year,
        venue=f"NeurIPS {year}",
        abstract="".join(page.abstract),
        ids=(identifier,),
        url=paper_url(identifier),
        source="NeurIPS",
    )
    if paper is None:
        raise FetchError(
            f"{url} has no citation_title; expected an abstract page of the NeurIPS proceedings"
        )
    return paper


class _Page(HTMLParser):
    """Collects the citation_* marks, and the text between the heading "Abstract" and the next
    heading.
    """

    def __init__(self) -> None:
        super().__init__()
        self.meta: dict[str, list[str]] = {}
        self.abstract: list[str] = []
        self._heading: list[str] | None = None
        self._in_abstract = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note citation marks and headings."""
        values = dict(attrs)
        if tag == "meta" and (name := values.get("name") or "").startswith("citation_"):
            self.meta.setdefault(name, []).append(values.get("content") or "")
        elif tag in ("h2", "h3", "h4", "h5", "footer"):
            self._heading, self._in_abstract = [], False

    def handle_endtag(self, tag: str) -> None:
        """Start at the heading of the abstract, stop where its block ends."""
        if tag in ("h2", "h3", "h4", "h5") and self._heading is not None:
            self._in_abstract = "".join(self._heading).strip().lower() == "abstract"
            self._heading = None
        elif tag in ("div", "section", "main"):
            self._in_abstract = False

    def handle_data(self, data: str) -> None:
        """Keep text of headings and of the abstract."""
        if self._heading is not None:
            self._heading.append(data)
        elif self._in_abstract:
            self.abstract.append(data)

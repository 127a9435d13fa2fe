"""OpenReview's API: papers by forum or by the hash of their PDF.
https://docs.openreview.net/reference/api-v2

Forums from before 2023 live on version 1 of the API, the others on version 2; both are asked in
turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from paperrag.errors import FetchError
from paperrag.papers.formats import openreview_paper
from paperrag.papers.ids import PaperId, is_pdf_hash, sort_ids
from paperrag.papers.refs import Paper, PaperRef
from paperrag.papers.resolvers import Web, id_key, with_params


class OpenReviewResolver:
    """Asks OpenReview, version 2 first."""

    name = "OpenReview"
    batch_size = 1
    by_title = False

    def __init__(self, web: Web, base_url: str, v1_url: str) -> None:
        self._web = web
        self._urls = [f"{base.rstrip('/')}/notes" for base in (base_url, v1_url)]

    def key(self, ref: PaperRef) -> str | None:
        """Return the forum id or the PDF's hash."""
        return id_key(ref, "openreview")

    def url(self, keys: Sequence[str]) -> str:
        """Return the version 2 query for a key."""
        return with_params(self._urls[0], _params(keys[0]))

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Sequence[Paper]]:
        """Return the paper of each key, with the key among its ids."""
        return {key: found for key in keys if (found := self._look_up_one(key))}

    def _look_up_one(self, key: str) -> list[Paper]:
        for url in self._urls:
            answer = self._web.get(url, _params(key))
            if answer.status != 200:
                continue
            data = answer.json()
            notes = data.get("notes") if isinstance(data, dict) else None
            if not isinstance(notes, list):
                raise FetchError(
                    f"expected a list of notes from {answer.url}, got {type(notes).__name__}"
                )
            if paper := next((paper for note in notes if (paper := openreview_paper(note))), None):
                return [replace(paper, ids=sort_ids((*paper.ids, PaperId("openreview", key))))]
        return []


def _params(key: str) -> dict[str, str]:
    if is_pdf_hash(PaperId("openreview", key)):
        return {"content.pdf": f"/pdf/{key}.pdf", "limit": "1"}
    return {"id": key}

"""arXiv's Atom API: papers by id, a hundred a call.
https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from paperrag.errors import FetchError
from paperrag.papers.formats import atom_errors, atom_papers, parse_atom
from paperrag.papers.refs import Paper, PaperRef
from paperrag.papers.resolvers import Web, id_key, with_params


class ArxivResolver:
    """Asks arXiv; the newest version of each paper, whatever version was linked."""

    name = "arXiv"
    batch_size = 100
    by_title = False

    def __init__(self, web: Web, base_url: str) -> None:
        self._web = web
        self._url = f"{base_url.rstrip('/')}/api/query"

    def key(self, ref: PaperRef) -> str | None:
        """Return the arXiv id."""
        return id_key(ref, "arxiv")

    def url(self, keys: Sequence[str]) -> str:
        """Return the query for some ids."""
        return with_params(self._url, _params(keys))

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Sequence[Paper]]:
        """Return the paper of each id; ids that arXiv does not know are missing from its feed.

        One malformed id makes arXiv refuse the whole list: it is taken out and the rest asked
        again.
        """
        wanted = list(keys)
        while wanted:
            answer = self._web.get(self._url, _params(wanted))
            feed = parse_atom(answer.text("xml"), answer.url)
            errors = atom_errors(feed)
            if not errors and answer.status == 200:
                return _by_id(keys, list(atom_papers(feed)))
            refused = [
                key
                for key in wanted
                if any(re.search(rf"(?<![\w./]){re.escape(key)}(?![\w/])", text) for text in errors)
            ]
            if not refused:
                raise FetchError(
                    f"arXiv answered {answer.status}: {'; '.join(errors) or 'no reason given'}"
                )
            wanted = [key for key in wanted if key not in refused]
        return {}


def _params(keys: Sequence[str]) -> dict[str, str]:
    return {"id_list": ",".join(keys), "max_results": str(len(keys))}


def _by_id(keys: Sequence[str], papers: list[Paper]) -> dict[str, list[Paper]]:
    wanted = set(keys)
    found: dict[str, list[Paper]] = {}
    for paper in papers:
        for identifier in paper.ids:
            if identifier.site == "arxiv" and identifier.value in wanted:
                found[identifier.value] = [paper]
    return found

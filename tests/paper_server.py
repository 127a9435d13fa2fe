"""A server on 127.0.0.1 that speaks the paper APIs' documented formats about made-up papers.

Every API has its own folder: http://127.0.0.1:PORT/arxiv and so on. `asked` lists the requests as
(path without the folder, parameters, body); `faults` holds, by API, what goes wrong with the next
calls, one after another.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


@dataclass
class MadeUp:
    """A paper that exists in no library."""

    title: str
    abstract: str = "An abstract."
    authors: tuple[str, ...] = ("Ada Quill", "Bo Reed")
    year: int = 2024
    venue: str = ""
    arxiv: str = ""
    doi: str = ""
    openreview: str = ""
    openreview_version: int = 2
    pdf_hash: str = ""
    neurips: str = ""
    acl: str = ""
    comment: str = ""
    version: int = 1


Answer = tuple[int, str, bytes, dict[str, str]]
Fault = Callable[["PaperServer", BaseHTTPRequestHandler, Answer], Answer | None]


@dataclass
class PaperServer:
    """What the server knows, what it was asked, and what goes wrong next."""

    papers: list[MadeUp] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    times: list[float] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    port: int = 0

    def url(self, api: str) -> str:
        return f"http://127.0.0.1:{self.port}/{api}"

    def urls(self) -> dict[str, str]:
        """Settings that send every API's calls here."""
        return {f"{name}_url": self.url(name) for name in APIS}

    def calls(self, api: str) -> list[tuple[str, dict[str, str], Any]]:
        return [(path, params, body) for name, path, params, body in self.asked if name == api]

    def fail(self, api: str, *faults: Fault) -> None:
        self.faults.setdefault(api, deque()).extend(faults)

    def find(self, **wanted: str) -> MadeUp | None:
        (name, value), *_ = wanted.items()
        return next(
            (paper for paper in self.papers if value and getattr(paper, name) == value), None
        )


# --- what goes wrong ----------------------------------------------------------------------------


def status(code: int, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda server, handler, answer: (code, "text/plain", b"busy", named)


def body(text: str, media: str) -> Fault:
    return lambda server, handler, answer: (200, media, text.encode(), {})


def truncated(server: PaperServer, handler: BaseHTTPRequestHandler, answer: Answer) -> Answer:
    return (answer[0], answer[1], answer[2][: len(answer[2]) // 2], {})


def wrong_type(server: PaperServer, handler: BaseHTTPRequestHandler, answer: Answer) -> Answer:
    return (answer[0], "application/octet-stream", answer[2], {})


def slow(seconds: float) -> Fault:
    def fault(server: PaperServer, handler: BaseHTTPRequestHandler, answer: Answer) -> Answer:
        time.sleep(seconds)
        return answer

    return fault


def trickle(pieces: int, pause_s: float) -> Fault:
    """Sends the answer in small pieces, each well within a read's time limit."""

    def fault(server: PaperServer, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", answer[1])
        handler.send_header("Content-Length", str(pieces))
        handler.end_headers()
        for _ in range(pieces):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(pause_s)

    return fault


def broken_off(server: PaperServer, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Promises more bytes than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Type", answer[1])
    handler.send_header("Content-Length", str(len(answer[2])))
    handler.end_headers()
    handler.wfile.write(answer[2][: len(answer[2]) // 2])


def redirect(to: str, code: int = 302) -> Fault:
    return lambda server, handler, answer: (
        code,
        "text/plain",
        b"",
        {"Location": to.format(port=server.port)},
    )


HTML = "<!doctype html><html><body>Please prove that you are human</body></html>"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><feed xmlns="http://www.w3.org/2005/Atom"><title>&c;</title></feed>'
)


# --- the APIs -----------------------------------------------------------------------------------


def atom(papers: list[MadeUp]) -> str:
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{paper.arxiv}v{paper.version}</id><updated>{paper.year}-06-01T00:00:00Z</updated>"
        f"<published>{paper.year}-05-01T00:00:00Z</published><title>{escape(paper.title)}</title>"
        f"<summary>  {escape(paper.abstract)}\n</summary>"
        + "".join(f"<author><name>{escape(name)}</name></author>" for name in paper.authors)
        + (f"<arxiv:comment>{escape(paper.comment)}</arxiv:comment>" if paper.comment else "")
        + (f"<arxiv:doi>{paper.doi}</arxiv:doi>" if paper.doi else "")
        + "</entry>"
        for paper in papers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<title>ArXiv "
        f"Query</title><opensearch:totalResults>{len(papers)}</opensearch:totalResults>{entries}</feed>"
    )


def arxiv(server: PaperServer, path: str, params: dict[str, str], _: Any) -> Answer:
    ids = params["id_list"].split(",")
    bad = next((identifier for identifier in ids if identifier.startswith("99")), None)
    if bad:
        error = (
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#incorrect_id_format_for_'
            f"{bad}</id><title>Error</title><summary>incorrect id format for "
            f"{bad}</summary></entry></feed>"
        )
        return 400, "application/atom+xml", error.encode(), {}
    found = [paper for paper in server.papers if paper.arxiv in ids]
    return 200, "application/atom+xml", atom(found[: int(params["max_results"])]).encode(), {}


def openreview(
    server: PaperServer, path: str, params: dict[str, str], _: Any, version: int = 2
) -> Answer:
    pdf = params.get("content.pdf", "")
    paper = (
        server.find(openreview=params["id"]) if "id" in params else server.find(pdf_hash=pdf[5:-4])
    )
    if paper is None or paper.openreview_version != version:
        return (
            404,
            "application/json",
            b'{"name":"NotFoundError","message":"The Note was not found"}',
            {},
        )
    values = {
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "venue": paper.venue,
    }
    content = {name: {"value": value} for name, value in values.items()} if version == 2 else values
    note = {
        "id": paper.openreview,
        "forum": paper.openreview,
        "cdate": 1_700_000_000_000,
        "content": content,
    }
    return (
        200,
        "application/json; charset=utf-8",
        json.dumps({"notes": [note], "count": 1}).encode(),
        {},
    )


def openreview_v1(server: PaperServer, path: str, params: dict[str, str], _: Any) -> Answer:
    return openreview(server, path, params, _, version=1)


def neurips(server: PaperServer, path: str, params: dict[str, str], _: Any) -> Answer:
    year, digest = path.split("/")[3], path.split("/")[5].split("-")[0]
    paper = server.find(neurips=f"{year}/{digest}")
    if paper is None:
        return 404, "text/html", b"<html>Not found</html>", {}
    marks = "".join(f'<meta name="citation_author" content="{name}">' for name in paper.authors)
    page = (
        f'<html><head><meta name="citation_title" content="{escape(paper.title)}">{marks}</head><body><h4>{paper.title}</h4>'
        f"<h4>Authors</h4><p>{', '.join(paper.authors)}</p><h4>Abstract</h4><p><p>{escape(paper.abstract)}</p></p></div>"
        "<footer>Do not remove: This comment is monitored</footer></body></html>"
    )
    return 200, "text/html; charset=utf-8", page.encode(), {}


def s2_record(paper: MadeUp) -> dict[str, Any]:
    external = {"ArXiv": paper.arxiv, "DOI": paper.doi, "ACL": paper.acl}
    return {
        "paperId": "f" * 40,
        "externalIds": {name: value for name, value in external.items() if value} | {"CorpusId": 1},
        "url": "https://www.semanticscholar.org/paper/x",
        "title": paper.title,
        "abstract": paper.abstract or None,
        "venue": paper.venue,
        "year": paper.year,
        "authors": [{"authorId": "1", "name": name} for name in paper.authors],
    }


def semantic_scholar(server: PaperServer, path: str, params: dict[str, str], sent: Any) -> Answer:
    if path.endswith("/batch"):
        found = []
        for key in sent["ids"]:
            prefix, value = key.split(":", 1)
            paper = server.find(**{prefix.lower(): value})
            found.append(s2_record(paper) if paper else None)
        if not any(found):
            return 400, "application/json", b'{"error":"No valid paper ids given"}', {}
        return 200, "application/json", json.dumps(found).encode(), {}
    words = params["query"].lower()
    match = next((paper for paper in server.papers if words in paper.title.lower()), None)
    if match is None:
        return 404, "application/json", b'{"error":"Title match not found"}', {}
    return (
        200,
        "application/json",
        json.dumps({"data": [s2_record(match) | {"matchScore": 174.2}]}).encode(),
        {},
    )


def crossref(server: PaperServer, path: str, params: dict[str, str], _: Any) -> Answer:
    paper = server.find(doi=unquote(path.removeprefix("/works/")))
    if paper is None:
        return 404, "text/plain", b"Resource not found.", {}
    people = [
        {"given": name.split()[0], "family": name.split()[-1], "sequence": "first"}
        for name in paper.authors
    ]
    message = {
        "DOI": paper.doi,
        "title": [paper.title],
        "author": people,
        "issued": {"date-parts": [[paper.year, 3]]},
        "container-title": [paper.venue] if paper.venue else [],
        **(
            {
                "abstract": f"<jats:title>Abstract</jats:title><jats:p>{escape(paper.abstract)}</jats:p>"
            }
            if paper.abstract
            else {}
        ),
    }
    return (
        200,
        "application/json",
        json.dumps({"status": "ok", "message-type": "work", "message": message}).encode(),
        {},
    )


def openalex(server: PaperServer, path: str, params: dict[str, str], _: Any) -> Answer:
    words = params["filter"].removeprefix("title.search:").lower().split()
    found = [paper for paper in server.papers if all(word in paper.title.lower() for word in words)]
    results = []
    for paper in found[: int(params["per-page"])]:
        index: dict[str, list[int]] = {}
        for place, word in enumerate(paper.abstract.split()):
            index.setdefault(word, []).append(place)
        results.append(
            {
                "id": "https://openalex.org/W1",
                "doi": f"https://doi.org/{paper.doi}" if paper.doi else None,
                "title": paper.title,
                "publication_year": paper.year,
                "authorships": [{"author": {"display_name": name}} for name in paper.authors],
                "primary_location": {
                    "landing_page_url": "https://example.org/x",
                    "source": {"display_name": paper.venue or None},
                },
                "abstract_inverted_index": index or None,
            }
        )
    return (
        200,
        "application/json",
        json.dumps({"meta": {"count": len(found)}, "results": results}).encode(),
        {},
    )


APIS: dict[str, Callable[[PaperServer, str, dict[str, str], Any], Answer]] = {
    "arxiv": arxiv,
    "openreview": openreview,
    "openreview_v1": openreview_v1,
    "neurips": neurips,
    "semantic_scholar": semantic_scholar,
    "crossref": crossref,
    "openalex": openalex,
}


@contextmanager
def running(papers: list[MadeUp]) -> Iterator[PaperServer]:
    """A server with some papers, stopped at the end."""
    server = PaperServer(papers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            _, api, path = parts.path.split("/", 2)
            params = {name: values[0] for name, values in parse_qs(parts.query).items()}
            size = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(size)) if size else None
            server.times.append(time.monotonic())
            server.asked.append((api, f"/{path}", params, sent))
            server.agents.add(self.headers["User-Agent"])
            answer: Answer | None = APIS[api](server, f"/{path}", params, sent)
            if server.faults.get(api):
                answer = server.faults[api].popleft()(server, self, answer)
            if answer is not None:
                self.reply(*answer)

        do_POST = do_GET  # noqa: N815

        def reply(self, code: int, media: str, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(code)
            for name, value in {
                "Content-Type": media,
                "Content-Length": str(len(content)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Clients that leave early are part of the tests."""

    http = Quiet(("127.0.0.1", 0), Handler)
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()

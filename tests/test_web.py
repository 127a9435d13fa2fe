from __future__ import annotations

import pytest

from paper_server import HTML, body, broken_off, redirect, slow, status, trickle
from paperrag.errors import ConfigError, FetchError, HostUnusable, Unreachable
from paperrag.papers.apis.web import HttpxWeb, Manners, check_base_url


def make_web(server, **manners) -> HttpxWeb:
    """A web that knows two of the server's APIs and never really sleeps; `slept` says how long it
    would have.
    """
    slept: list[float] = []
    pauses = {server.url("crossref"): 0.0, server.url("openalex"): 0.0}
    web = HttpxWeb(
        Manners("paperrag-tests", pauses, **{"timeout_s": 5.0, "backoff_s": 0.5, **manners}),
        sleep=slept.append,
    )
    web.slept = slept
    return web


def ask(web, server):
    return web.get(server.url("crossref") + "/works/10.1%2Fx")


def test_answer_has_status_type_and_body(papers):
    answer = ask(make_web(papers), papers)
    assert (answer.status, answer.media_type, answer.body) == (
        404,
        "text/plain",
        b"Resource not found.",
    )
    assert papers.agents == {"paperrag-tests"}


def test_busy_host_is_asked_again_after_the_time_it_wishes(papers):
    papers.fail("crossref", status(429, Retry_After="7"))
    web = make_web(papers)
    assert ask(web, papers).status == 404
    assert web.slept == [7.0]


def test_retry_after_may_be_a_date_in_the_past(papers):
    papers.fail("crossref", status(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"))
    web = make_web(papers)
    assert ask(web, papers).status == 404
    assert web.slept == [0.5]


def test_failing_host_is_asked_again_with_growing_pauses(papers):
    papers.fail("crossref", status(500), status(503), broken_off)
    web = make_web(papers)
    assert ask(web, papers).status == 404
    assert web.slept == [0.5, 1.0, 2.0]


def test_host_that_keeps_failing_is_given_up(papers):
    papers.fail("crossref", *[status(500)] * 3)
    with pytest.raises(HostUnusable, match="answered 500, 3 times; run paperrag fetch again later"):
        ask(make_web(papers, retries=2), papers)
    assert len(papers.asked) == 3


def test_host_that_asks_for_hours_is_given_up_at_once(papers):
    papers.fail("crossref", status(429, Retry_After="7200"))
    with pytest.raises(HostUnusable, match="asks to wait 7200 s"):
        ask(make_web(papers), papers)
    assert len(papers.asked) == 1


def test_slow_host_is_asked_again(papers):
    papers.fail("crossref", slow(0.4))
    assert ask(make_web(papers, timeout_s=0.2), papers).status == 404


def test_trickling_answer_ends_at_the_time_limit(papers):
    papers.fail("crossref", trickle(40, 0.05))
    with pytest.raises(HostUnusable, match=r"did not answer within 0\.2 s"):
        ask(make_web(papers, timeout_s=0.2, retries=0), papers)


def test_large_answer_is_cut_off(papers):
    papers.fail("crossref", body("x" * 5000, "text/plain"))
    with pytest.raises(FetchError, match="more than 1000 bytes"):
        ask(make_web(papers, max_bytes=1000), papers)


def test_redirect_to_a_known_host_is_followed(papers):
    papers.fail("crossref", redirect("http://127.0.0.1:{port}/crossref/works/10.2%2Fy"))
    assert ask(make_web(papers), papers).status == 404
    assert [path for _, path, _, _ in papers.asked] == ["/works/10.1%2Fx", "/works/10.2%2Fy"]


@pytest.mark.parametrize(
    "to",
    [
        "http://localhost:{port}/crossref/x",
        "https://evil.example/x",
        "http://127.0.0.1:1/x",
        "file:///etc/passwd",
    ],
)
def test_redirect_to_another_host_is_refused(papers, to):
    papers.fail("crossref", redirect(to))
    with pytest.raises(FetchError, match="not a known host; not asked"):
        ask(make_web(papers), papers)
    assert len(papers.asked) == 1


def test_endless_redirects_end(papers):
    papers.fail("crossref", *[redirect("http://127.0.0.1:{port}/crossref/works/1")] * 9)
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        ask(make_web(papers), papers)


def test_unknown_host_is_not_asked(papers):
    with pytest.raises(FetchError, match="not one of the known hosts"):
        make_web(papers).get("https://example.org/")


def test_host_out_of_reach_is_named():
    web = HttpxWeb(Manners("x", {"http://127.0.0.1:9": 0.0}), sleep=lambda seconds: None)
    with pytest.raises(Unreachable, match=r"cannot reach 127\.0\.0\.1"):
        web.get("http://127.0.0.1:9/x")


@pytest.mark.timed
def test_calls_to_one_host_keep_their_distance(papers):
    web = HttpxWeb(Manners("x", {papers.url("crossref"): 0.15}))
    for _ in range(3):
        ask(web, papers)
    gaps = [later - earlier for earlier, later in zip(papers.times, papers.times[1:], strict=False)]
    assert min(gaps) >= 0.14


def test_html_instead_of_json_is_named(papers):
    papers.fail("crossref", body(HTML, "text/html; charset=utf-8"), body(HTML, "application/json"))
    web = make_web(papers)
    with pytest.raises(FetchError, match=r"expected JSON from .*, got text/html: '<!doctype html>"):
        ask(web, papers).json()
    with pytest.raises(FetchError, match=r"expected JSON from .*, got '<!doctype html>"):
        ask(web, papers).json()


@pytest.mark.parametrize(
    "url", ["http://export.arxiv.org", "ftp://x.org", "export.arxiv.org", "http://10.0.0.1"]
)
def test_base_urls_must_be_https(url):
    with pytest.raises(ConfigError, match="arxiv_url: expected an https URL"):
        check_base_url("arxiv_url", url)


@pytest.mark.parametrize(
    "url", ["https://export.arxiv.org", "http://localhost:8000", "http://[::1]:1/x"]
)
def test_base_urls_on_this_machine_may_be_http(url):
    check_base_url("arxiv_url", url)

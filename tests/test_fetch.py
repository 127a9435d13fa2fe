"""Fetching from start to end, over real HTTP, against a server on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from paper_server import BOMB, HTML, MadeUp, body, redirect, slow, status, truncated, wrong_type
from paperrag.cli import main
from paperrag.config import Settings
from paperrag.errors import Unreachable
from paperrag.library import Library

NOTE = "- 合并 [KV merging](https://arxiv.org/abs/2401.00001v1) 很好\n"


def library(tmp_path: Path, server, notes: str = NOTE, **settings) -> Library:
    """The papers of one file of notes, asked of the server without pauses."""
    folder = tmp_path / "corpus" / "notes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.md").write_text(notes, encoding="utf-8")
    quick = {
        "fetch_pause_s": 0.0,
        "arxiv_pause_s": 0.0,
        "fetch_backoff_s": 0.0,
        "fetch_timeout_s": 2.0,
    }
    return Library(
        Settings(
            corpus=tmp_path / "corpus",
            index=tmp_path / "index",
            **{**quick, **server.urls(), **settings},
        )
    )


def written(tmp_path: Path) -> list[str]:
    folder = tmp_path / "corpus" / "abstracts"
    return (
        [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*"))]
        if folder.exists()
        else []
    )


def test_arxiv_paper_becomes_one_readable_file(tmp_path, papers):
    papers.papers.append(
        MadeUp(
            'KV Merging: A "Study"',
            "We merge\n  caches.",
            arxiv="2401.00001",
            comment="Accepted at ICML 2024",
            version=3,
        )
    )
    report = library(tmp_path, papers).fetch()
    assert report.new == ["abstracts/2401.00001-kv-merging-a-study.md"]
    assert written(tmp_path)[0].splitlines() == [
        "---",
        'title: "KV Merging: A \\"Study\\""',
        'authors: ["Ada Quill", "Bo Reed"]',
        "year: 2024",
        'venue: "ICML 2024"',
        'arxiv: "2401.00001"',
        'url: "https://arxiv.org/abs/2401.00001"',
        'source: "arXiv"',
        'key: "quill2024kv"',
        "notes:",
        '  - "notes/a.md#a/合并-kv-merging"',
        "---",
        "",
        "We merge caches.",
    ]


def test_agent_is_polite_and_names_the_contact(tmp_path, papers):
    papers.papers.append(MadeUp("KV Merging", arxiv="2401.00001"))
    library(tmp_path, papers, contact="me@example.org").fetch()
    [agent] = papers.agents
    assert agent.startswith("paperrag/") and "mailto:me@example.org" in agent


def test_second_run_asks_nothing(tmp_path, papers):
    papers.papers.append(MadeUp("KV Merging", arxiv="2401.00001"))
    notes = NOTE + "- gone https://arxiv.org/abs/2401.00009\n"
    library(tmp_path, papers, notes).fetch()
    asked = len(papers.asked)
    report = library(tmp_path, papers, notes).fetch()
    assert len(papers.asked) == asked
    assert (report.present, [item.ref.name for item in report.unresolved]) == (
        1,
        ["arxiv:2401.00009"],
    )


def test_all_asks_again_and_updates(tmp_path, papers):
    papers.papers.append(MadeUp("KV Merging", "Old.", arxiv="2401.00001"))
    library(tmp_path, papers).fetch()
    papers.papers[0].abstract = "New."
    report = library(tmp_path, papers).fetch(everything=True)
    assert report.updated == ["abstracts/2401.00001-kv-merging.md"]
    assert written(tmp_path)[0].endswith("\nNew.\n")


def test_openreview_version_2_version_1_and_pdf_hash(tmp_path, papers):
    digest = "d775ca7f5d" * 4
    papers.papers += [
        MadeUp("New Forum", "Two.", openreview="newForum01", venue="ICLR 2024 poster"),
        MadeUp(
            "Old Forum", "One.", openreview="oldForum01", openreview_version=1, venue="ICLR 2020"
        ),
        MadeUp("By Hash", "Hash.", openreview="hashForum1", pdf_hash=digest),
    ]
    notes = f"- https://openreview.net/forum?id=newForum01\n- https://openreview.net/pdf?id=oldForum01\n- https://openreview.net/pdf/{digest}.pdf\n"
    report = library(tmp_path, papers, notes).fetch()
    assert len(report.new) == 3 and not report.unresolved
    assert [path for path, _, _ in papers.calls("openreview_v1")] == ["/notes"]
    by_hash = next(text for text in written(tmp_path) if "By Hash" in text)
    assert f'openreview: ["{digest}", "hashForum1"]' in by_hash
    assert 'year: 2020\nvenue: "ICLR 2020"' in next(
        text for text in written(tmp_path) if "Old Forum" in text
    )


def test_neurips_page_is_read(tmp_path, papers):
    digest = "6ceefa7b15572587b78ecfcebb2827f8"
    papers.papers.append(MadeUp("Heavy Hitters", "Cache & evict.", neurips=f"2023/{digest}"))
    notes = f"- H2O https://proceedings.neurips.cc/paper_files/paper/2023/file/{digest}-Paper-Conference.pdf\n"
    library(tmp_path, papers, notes).fetch()
    assert (
        papers.calls("neurips")[0][0]
        == f"/paper_files/paper/2023/hash/{digest}-Abstract-Conference.html"
    )
    assert (
        written(tmp_path)[0].endswith("\nCache & evict.\n")
        and 'venue: "NeurIPS 2023"' in written(tmp_path)[0]
    )


def test_doi_without_abstract_at_one_api_gets_it_from_the_next(tmp_path, papers):
    papers.papers.append(MadeUp("Folding", "", doi="10.1038/s1", venue="Nature"))
    notes = "- https://doi.org/10.1038/S1\n"
    report = library(tmp_path, papers, notes).fetch()
    assert report.without_abstract == ["doi:10.1038/s1"]
    assert [name for name, *_ in papers.asked] == [
        "semantic_scholar",
        "crossref",
    ]  # a bare link gives no title
    assert 'venue: "Nature"' in written(tmp_path)[0]


def test_crossref_abstract_loses_its_jats(tmp_path, papers):
    papers.papers.append(MadeUp("Folding", "Proteins fold.", doi="10.1038/s1"))
    papers.fail(
        "semantic_scholar", body('{"error":"No valid paper ids given"}', "application/json")
    )
    library(tmp_path, papers, "- https://doi.org/10.1038/s1\n").fetch()
    assert (
        written(tmp_path)[0].endswith("---\n\nProteins fold.\n")
        and 'source: "Crossref"' in written(tmp_path)[0]
    )


def test_acl_paper_comes_from_semantic_scholar(tmp_path, papers):
    papers.papers.append(MadeUp("Transformer-XL", "Longer.", acl="P19-1285"))
    library(tmp_path, papers, "- https://aclanthology.org/P19-1285.pdf\n").fetch()
    assert papers.calls("semantic_scholar")[0][2] == {"ids": ["ACL:P19-1285"]}
    assert 'acl: "P19-1285"' in written(tmp_path)[0]


def test_arxiv_and_openreview_twins_are_one_file(tmp_path, papers):
    papers.papers += [
        MadeUp("YaRN: Efficient Context", "Longer context.", arxiv="2309.00071"),
        MadeUp(
            "YaRN: Efficient context",
            "Longer context!",
            openreview="wHBfxhZu1u",
            venue="ICLR 2024 poster",
        ),
    ]
    notes = "- A https://arxiv.org/abs/2309.00071\n- B https://openreview.net/forum?id=wHBfxhZu1u\n"
    report = library(tmp_path, papers, notes).fetch()
    [text] = written(tmp_path)
    assert len(report.new) == 1
    assert 'arxiv: "2309.00071"\nopenreview: "wHBfxhZu1u"' in text
    assert '  - "notes/a.md#a/a"\n  - "notes/a.md#a/b"\n' in text


# --- by title -------------------------------------------------------------------------------------


def test_title_with_year_and_author_is_resolved(tmp_path, papers):
    papers.papers.append(
        MadeUp("Scissorhands: Persistence", "Evict.", ("Zichang Liu",), 2023, arxiv="2305.17118")
    )
    report = library(
        tmp_path, papers, "- Scissorhands (Liu et al., 2023b)\n  keeps a budget\n"
    ).fetch()
    assert report.new == ["abstracts/2305.17118-scissorhands-persistence.md"]
    assert (
        library(tmp_path, papers, "- Scissorhands (Liu et al., 2023b)\n  keeps a budget\n")
        .fetch()
        .present
        == 1
    )


def test_name_alone_is_unresolved_with_candidates(tmp_path, papers):
    papers.papers.append(MadeUp("Instruction-Mining: High-Quality Data", "Select."))
    report = library(tmp_path, papers, "- Instruction-Mining\n").fetch()
    [item] = report.unresolved
    assert [paper.title for paper in item.candidates] == ["Instruction-Mining: High-Quality Data"]
    assert written(tmp_path) == []


def test_openalex_is_asked_where_semantic_scholar_knows_nothing(tmp_path, papers):
    papers.papers.append(
        MadeUp("VeRA+: Vector-based Random Adaptation", "Vectors.", year=2024, venue="ICLR")
    )
    papers.fail("semantic_scholar", body('{"error":"Title match not found"}', "application/json"))
    notes = "- VeRA+: Vector-based Random Adaptation [ICLR24]\n"
    report = library(tmp_path, papers, notes).fetch()
    assert len(report.new) == 1 and 'source: "OpenAlex"' in written(tmp_path)[0]
    assert written(tmp_path)[0].endswith("\nVectors.\n")


def test_dead_link_is_found_by_title_and_reported_by_lint(tmp_path, papers, capsys):
    papers.papers.append(MadeUp("Cache Merging for Language Models", "Merge.", arxiv="2401.00002"))
    notes = "- [Cache Merging for Language Models](https://arxiv.org/abs/2401.00009), ICML 2024\n"
    first = library(tmp_path, papers, notes)
    assert first.fetch().new == ["abstracts/2401.00002-cache-merging-for-language-models.md"]
    [finding] = library(tmp_path, papers, notes).lint()
    assert (
        finding.problem == "dead-link"
        and "by its title it is https://arxiv.org/abs/2401.00002" in finding.message
    )


# --- what APIs do wrong ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        truncated,
        wrong_type,
        body(BOMB, "application/atom+xml"),
        body(HTML, "text/html"),
        body(HTML, "application/atom+xml"),
        redirect("http://localhost:{port}/arxiv/api/query"),
        status(418),
    ],
)
def test_arxiv_answer_that_is_unusable_is_named_and_the_next_api_asked(tmp_path, papers, fault):
    papers.papers.append(MadeUp("KV Merging", "We merge.", arxiv="2401.00001"))
    papers.fail("arxiv", fault)
    report = library(tmp_path, papers).fetch()
    [failure] = report.failures
    assert failure.startswith("arXiv: ")
    assert 'source: "Semantic Scholar"' in written(tmp_path)[0]


@pytest.mark.parametrize("fault", [status(429, Retry_After="0"), status(500), slow(0.6)])
def test_arxiv_that_recovers_is_asked_again(tmp_path, papers, fault):
    papers.papers.append(MadeUp("KV Merging", "We merge.", arxiv="2401.00001"))
    papers.fail("arxiv", fault, fault)
    report = library(tmp_path, papers, fetch_timeout_s=0.3).fetch()
    assert not report.failures and len(papers.calls("arxiv")) == 3


@pytest.mark.slow
@pytest.mark.parametrize("api", ["openreview", "semantic_scholar", "crossref", "openalex"])
def test_html_from_any_json_api_is_a_failure_not_a_crash(tmp_path, papers, api):
    notes = "- https://openreview.net/forum?id=newForum01\n- https://doi.org/10.1000/x\n- Name-Only (Liu et al., 2023)\n"
    papers.fail(api, *[body(HTML, "text/html")] * 5)
    report = library(tmp_path, papers, notes).fetch()
    assert any("expected JSON" in failure for failure in report.failures)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["[]", "null", '{"notes": 5}', '{"results": null, "message": []}', '"x"']
)
def test_json_of_another_shape_is_a_failure_not_a_crash(tmp_path, papers, text):
    notes = "- https://openreview.net/forum?id=newForum01\n- https://doi.org/10.1000/x\n- Name-Only (Liu et al., 2023)\n"
    for api in ("openreview", "openreview_v1", "semantic_scholar", "crossref", "openalex"):
        papers.fail(api, *[body(text, "application/json")] * 4)
    assert library(tmp_path, papers, notes).fetch().failures


def test_malformed_id_does_not_take_the_others_with_it(tmp_path, papers):
    papers.papers.append(MadeUp("KV Merging", "We merge.", arxiv="2401.00001"))
    report = library(tmp_path, papers, NOTE + "- https://arxiv.org/abs/9913.00001\n").fetch()
    assert len(report.new) == 1 and [item.ref.name for item in report.unresolved] == [
        "arxiv:9913.00001"
    ]
    assert [params["id_list"] for _, params, _ in papers.calls("arxiv")] == [
        "2401.00001,9913.00001",
        "2401.00001",
    ]


def test_id_that_does_not_exist_is_unresolved(tmp_path, papers):
    report = library(tmp_path, papers).fetch()
    assert [item.ref.name for item in report.unresolved] == [
        "arxiv:2401.00001"
    ] and not report.failures


def test_host_that_gives_up_leaves_the_others_working(tmp_path, papers):
    papers.papers.append(MadeUp("New Forum", "Two.", openreview="newForum01"))
    papers.fail("arxiv", status(429, Retry_After="9999"))
    report = library(
        tmp_path, papers, NOTE + "- https://openreview.net/forum?id=newForum01\n"
    ).fetch()
    assert len(report.new) == 1 and len(report.failures) == 1


def test_no_network_is_one_plain_error(tmp_path, papers):
    nowhere = dict.fromkeys(papers.urls(), "http://127.0.0.1:9")
    with pytest.raises(
        Unreachable, match=r"no network\? none of the paper APIs could be reached .*--from FILE"
    ):
        library(tmp_path, papers, **nowhere).fetch()


def test_title_cannot_break_the_file_or_leave_the_folder(tmp_path, papers):
    papers.papers.append(
        MadeUp(
            '../../x: "---" #\u202e\\ {', "# Not a heading\n---\nnotes: evil", arxiv="2401.00001"
        )
    )
    library(tmp_path, papers).fetch()
    assert [path.name for path in (tmp_path / "corpus" / "abstracts").iterdir()] == [
        "2401.00001-x.md"
    ]
    [file] = library(tmp_path, papers).shelf.files()
    assert file.paper.abstract == "# Not a heading --- notes: evil"
    assert len(file.notes) == 1


# --- many papers, killed and resumed --------------------------------------------------------------


def many(count: int) -> tuple[str, list[MadeUp]]:
    ids = [f"24{1 + number // 900:02d}.{10000 + number % 900}" for number in range(count)]
    made = [
        MadeUp(f"Paper {number} on {identifier}", f"Abstract {number}.", arxiv=identifier)
        for number, identifier in enumerate(ids)
    ]
    return "".join(
        f"- P{number} https://arxiv.org/abs/{identifier}\n" for number, identifier in enumerate(ids)
    ), made


@pytest.mark.slow
def test_three_hundred_papers_take_three_calls(tmp_path, papers):
    notes, papers.papers = many(300)
    report = library(tmp_path, papers, notes).fetch()
    assert len(report.new) == 300
    assert len(papers.calls("arxiv")) == 3 and len(papers.asked) == 3


@pytest.mark.slow
def test_killed_run_goes_on_without_asking_twice(tmp_path, papers):
    notes, papers.papers = many(300)
    library(tmp_path, papers, notes)
    environment = {f"PAPERRAG_{name.upper()}": url for name, url in papers.urls().items()} | {
        "PAPERRAG_ARXIV_PAUSE_S": "0.4"
    }
    command = [
        sys.executable,
        "-m",
        "paperrag",
        "fetch",
        "--corpus",
        str(tmp_path / "corpus"),
        "--index",
        str(tmp_path / "index"),
    ]
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    folder = tmp_path / "corpus" / "abstracts"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (
        folder.exists() and len(list(folder.glob("*.md"))) >= 130
    ):
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = len(list(folder.glob("*.md")))
    assert 130 <= before < 300
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "failed" not in done.stdout
    assert len(list(folder.glob("*.md"))) == 300
    assert all(path.suffix == ".md" for path in folder.iterdir())
    asked = [
        identifier
        for _, params, _ in papers.calls("arxiv")
        for identifier in params["id_list"].split(",")
    ]
    assert len(asked) == len(set(asked)) == 300


# --- the command ----------------------------------------------------------------------------------


def run(tmp_path: Path, papers, monkeypatch, *arguments: str) -> int:
    for name, url in papers.urls().items():
        monkeypatch.setenv(f"PAPERRAG_{name.upper()}", url)
    for name in ("FETCH_PAUSE_S", "ARXIV_PAUSE_S", "FETCH_BACKOFF_S"):
        monkeypatch.setenv(f"PAPERRAG_{name}", "0")
    return main(
        [*arguments, "--corpus", str(tmp_path / "corpus"), "--index", str(tmp_path / "index")]
    )


def test_dry_run_prints_what_would_be_asked_and_asks_nothing(tmp_path, papers, monkeypatch, capsys):
    library(tmp_path, papers, NOTE + "- Instruction-Mining\n")
    assert run(tmp_path, papers, monkeypatch, "fetch", "--dry-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 papers in the notes, 0 with an abstract; 2 would be asked for:"
    assert lines[1] == f"arXiv: {papers.url('arxiv')}/api/query?id_list=2401.00001&max_results=1"
    assert lines[2].endswith("/graph/v1/paper/search/match?query=Instruction-Mining")
    assert papers.asked == [] and not (tmp_path / "corpus" / "abstracts").exists()


def test_limit_asks_for_so_many_papers(tmp_path, papers, monkeypatch, capsys):
    notes, papers.papers = many(5)
    library(tmp_path, papers, notes)
    assert run(tmp_path, papers, monkeypatch, "fetch", "--limit", "2", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["new"]) == 2
    assert run(tmp_path, papers, monkeypatch, "fetch", "--limit", "2", "--json") == 0
    assert len(written(tmp_path)) == 4


def test_offline_uses_what_was_answered_and_asks_nothing(tmp_path, papers, monkeypatch, capsys):
    papers.papers.append(MadeUp("KV Merging", arxiv="2401.00001"))
    library(tmp_path, papers, NOTE).fetch()
    (tmp_path / "corpus" / "abstracts" / "2401.00001-kv-merging.md").unlink()
    library(tmp_path, papers, NOTE + "- other https://arxiv.org/abs/2401.00002\n")
    asked = len(papers.asked)
    assert run(tmp_path, papers, monkeypatch, "fetch", "--offline") == 0
    assert (
        "1 new" in (out := capsys.readouterr().out)
        and "could not be asked for in this run: 1" in out
    )
    assert len(papers.asked) == asked


def test_failure_exits_with_1_and_keeps_what_was_found(tmp_path, papers, monkeypatch, capsys):
    papers.papers.append(MadeUp("New Forum", "Two.", openreview="newForum01"))
    papers.fail("arxiv", body(HTML, "text/html"))
    library(tmp_path, papers, NOTE + "- https://openreview.net/forum?id=newForum01\n")
    assert run(tmp_path, papers, monkeypatch, "fetch") == 1
    captured = capsys.readouterr()
    assert "1 new" in captured.out and "failed: arXiv: expected xml from" in captured.out
    assert "what was found is kept, run it again for what failed (1)" in captured.err


def test_http_base_url_is_refused(tmp_path, papers, monkeypatch, capsys):
    library(tmp_path, papers)
    urls = papers.urls() | {"arxiv_url": "http://export.arxiv.org"}
    monkeypatch.setattr(papers, "urls", lambda: urls)
    assert run(tmp_path, papers, monkeypatch, "fetch") == 1
    assert "arxiv_url: expected an https URL" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "-1", "x"])
def test_limit_must_be_a_number_from_1(limit):
    with pytest.raises(SystemExit) as stopped:
        main(["fetch", "--limit", limit])
    assert stopped.value.code == 2


@pytest.mark.slow
def test_asking_never_fetches(tmp_path, papers, monkeypatch, capsys):
    library(tmp_path, papers)
    assert run(tmp_path, papers, monkeypatch, "ask", "how to merge KV?") == 0
    assert papers.asked == []


@pytest.mark.slow
def test_only_fetch_loads_what_asks_the_network(tmp_path, papers):
    library(tmp_path, papers)
    program = (
        "import sys; from paperrag.cli import main; "
        f"main(['ask', 'KV?', '--corpus', {str(tmp_path / 'corpus')!r}, '--index', {str(tmp_path / 'index')!r}]); "
        "print([name for name in ('httpx', 'defusedxml', 'paperrag.library') if name in "
        "sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_fetch_leaves_what_was_added_to_an_abstract_by_hand(tmp_path, papers):
    papers.papers.append(MadeUp("KV Merging", "We merge.", arxiv="2401.00001"))
    library(tmp_path, papers).fetch()
    [path] = (tmp_path / "corpus" / "abstracts").iterdir()
    text = (
        path.read_text(encoding="utf-8").replace("key:", "tags: [kv]\nkey:")
        + "\n## My remarks\n\n- 很好\n"
    )
    path.write_text(text, encoding="utf-8")
    assert library(tmp_path, papers, "# 另一节\n" + NOTE).fetch(offline=True).linked == 1
    front, body = path.read_text(encoding="utf-8").split("notes:")
    assert (
        front == text.split("notes:")[0]
        and body.split("---")[1] == text.split("notes:")[1].split("---")[1]
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [("fetch", "--dry-run"), ("fetch", "--offline"), ("lint",), ("export", "--bib", "all.bib")],
)
def test_files_that_cannot_be_read_are_named(tmp_path, papers, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    library(tmp_path, papers)
    (tmp_path / "corpus" / "notes" / "binary.md").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "corpus" / "notes" / "dead.md").symlink_to("nowhere.md")
    (tmp_path / "corpus" / "abstracts").mkdir()
    (tmp_path / "corpus" / "abstracts" / "broken.md").write_text(
        "---\ntitle: [x\n---\n", encoding="utf-8"
    )
    (tmp_path / "corpus" / "abstracts" / "dead.md").symlink_to("nowhere.md")
    assert run(tmp_path, papers, monkeypatch, *command) == 0
    errors = capsys.readouterr().err
    for name in (
        "notes/binary.md: is not text",
        "notes/dead.md: cannot be read",
        "broken.md: front matter",
        "abstracts/dead.md",
    ):
        assert errors.count(name) == 1


def test_export_says_what_it_leaves_out(tmp_path, papers, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    library(tmp_path, papers, NOTE + "- Instruction-Mining\n- LoRA+: 学习率\n")
    assert run(tmp_path, papers, monkeypatch, "export", "--bib", "all.bib") == 0
    assert capsys.readouterr().err == (
        "paperrag: 1 paper in all.bib\n"
        "paperrag: left out: 2 that the notes only name, without a link (“Instruction-Mining”, "
        "“LoRA+”); "
        "link them, or look them up with: paperrag fetch\n"
    )

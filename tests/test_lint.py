from __future__ import annotations

import json
from datetime import date

import pytest

from paper_server import MadeUp
from paperrag.cli import main
from paperrag.papers.ids import PaperId
from paperrag.papers.lint import _fault_of
from paperrag.papers.refs import PaperRef
from test_fetch import library


def found(tmp_path, papers, notes: str) -> list[tuple[str, int | None]]:
    return [(finding.problem, finding.line) for finding in library(tmp_path, papers, notes).lint()]


@pytest.mark.slow
def test_notes_in_order_have_no_findings(tmp_path, papers):
    papers.papers.append(MadeUp("KV Merging for Long Contexts", "We merge.", arxiv="2401.00001"))
    notes = "# 笔记\n\n## 合并\n- [KV Merging for Long Contexts](https://arxiv.org/abs/2401.00001)\n  - 很好\n"
    library(tmp_path, papers, notes).fetch()
    assert found(tmp_path, papers, notes) == []


@pytest.mark.slow
def test_dead_link_is_found_only_after_it_was_asked_for(tmp_path, papers):
    notes = "- A https://arxiv.org/abs/2401.00009\n"
    assert found(tmp_path, papers, notes) == []
    library(tmp_path, papers, notes).fetch()
    assert found(tmp_path, papers, notes) == [("dead-link", 1)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "is_wrong"),
    [
        ("Attention Sinks for Streaming Language Models", True),
        ("Merging Key-Value Caches in Long Contexts", False),  # another wording of the same
        ("KVM", False),  # a nickname
        ("合并 KV 缓存的方法", False),
    ],
)
def test_title_that_is_not_the_papers_is_found(tmp_path, papers, title, is_wrong):
    papers.papers.append(
        MadeUp(
            "KV Merging for Long Contexts",
            "We merge caches of keys and values.",
            arxiv="2401.00001",
        )
    )
    notes = f"- [{title}](https://arxiv.org/abs/2401.00001)\n"
    library(tmp_path, papers, notes).fetch()
    assert found(tmp_path, papers, notes) == ([("other-title", 1)] if is_wrong else [])


@pytest.mark.slow
def test_same_paper_in_two_places_is_found_also_as_twins(tmp_path, papers):
    papers.papers += [
        MadeUp("YaRN: Efficient Context", arxiv="2309.00071"),
        MadeUp("YaRN: Efficient Context", openreview="wHBfxhZu1u"),
    ]
    notes = "- A https://arxiv.org/abs/2309.00071\n  - 又见 https://arxiv.org/abs/2309.00071v2\n- B https://openreview.net/forum?id=wHBfxhZu1u\n"
    assert found(tmp_path, papers, notes) == []
    library(tmp_path, papers, notes).fetch()
    assert found(tmp_path, papers, notes) == [("noted-twice", 3)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("见 [[Nowhere]]。", "[[Nowhere]] names no note, heading or file of the corpus"),
        (
            "[[folder/Nowhere#节|那里]]",
            "[[folder/Nowhere#节|那里]] names no note, heading or file of the corpus",
        ),
        ("![[gone.png]]", "[[gone.png]] names no note, heading or file of the corpus"),
        ("[x](missing.md)", "the link to “missing.md” leads to no file"),
        (
            "[图](../附件/missing%20one.pdf#page=3)",
            "the link to “../附件/missing%20one.pdf#page=3” leads to no file",
        ),
        ("![p](gone.png)", "the image “gone.png” leads to no file"),
        (r"![p](附件\图 1.png)", r"the image “附件\图 1.png” leads to no file"),
        ('<img width="9" src="gone.png">', "the image “gone.png” leads to no file"),
        ("[x]: missing.md 'Title'", "the link to “missing.md” leads to no file"),
        (
            "- arXiv:9999.99999",
            "arxiv:9999.99999 cannot be a paper: its third and fourth figure are the month, and there is no month 99",
        ),
    ],
)
def test_links_that_lead_nowhere_are_found_without_asking(tmp_path, papers, line, message):
    [finding] = library(tmp_path, papers, f"# 笔记\n\n{line}\n").lint()
    assert (finding.problem, finding.line, finding.message) == ("dead-link", 3, message)


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "[[other note]] [[Other-Note#深处|x]] [[sub/other note.md]] [[我的节]] [[#我的节]] [[别名]] [[#^block]]",
        "![[pic.PNG|300]] ![p](sub/pic.png) ![p](pic.png) [x](<sub/Other Note.md>) [x](sub/Other%20Note.md#x) [x](/notes/a.md)",
        "[x](#节) [x](mailto:a@b.c) ![p](https://a.com/gone.png) ![p](data:image/png;base64,x) [x](arxiv.org/abs/2401.00001)",
        r"[x](..\notes\a.md) ![p](sub\pic.png) [x](sub\Other Note.md 'T') [[sub\Other Note]]",
        "[[1]] [[0.1, 0.2], [1, 2]] x[[i, j]] [[paper]](https://a.com/b.pdf) [1](见) f[x](y) [GPT](v3.5) [^1]: gone.md",
        "`[x](missing.md)` 与 $[[A]](b.md)$",
        "```\n[x](missing.md) [[Nowhere]]\n```",
        "| [[other note\\|名]] | x |\n|---|---|\n| a | b |",
    ],
)
def test_links_that_lead_somewhere_and_what_is_no_link_are_passed_over(tmp_path, papers, line):
    library(tmp_path, papers)
    sub = tmp_path / "corpus" / "notes" / "sub"
    sub.mkdir()
    (sub / "Other Note.md").write_text(
        "---\naliases: [别名]\n---\n# 我的节\n好\n", encoding="utf-8"
    )
    (sub / "pic.png").write_bytes(b"")
    (sub / "loop").symlink_to(sub.parent, target_is_directory=True)
    assert found(tmp_path, papers, f"---\nup: '[[Nowhere]]'\n---\n# 笔记\n\n{line}\n") == []


@pytest.mark.parametrize(
    ("identifier", "is_possible"),
    [
        ("2412.00001", True),
        ("2501.00001", True),
        ("2502.00001", False),
        ("2400.00001", False),
        ("2413.00001", False),
        ("cs/0701001", True),
        ("hep-th/9912001", True),
        ("hep-th/9913001", False),
    ],
)
def test_arxiv_ids_of_no_month_and_of_months_to_come_are_impossible(identifier, is_possible):
    ref = PaperRef((PaperId("arxiv", identifier),), "", (), "notes/a.md:1")
    assert (_fault_of(ref, date(2025, 1, 30)) is None) == is_possible


@pytest.mark.slow
def test_real_notes_have_no_dead_links(tmp_path, papers):
    from conftest import REAL_NOTES

    problems = {
        problem for problem, _ in found(tmp_path, papers, REAL_NOTES.read_text(encoding="utf-8"))
    }
    assert problems == {"empty-section", "no-link", "noted-twice"}


def test_work_without_link_is_found(tmp_path, papers):
    assert found(tmp_path, papers, "- Instruction-Mining\n- 一句感想\n") == [("no-link", 1)]


def test_garbled_text_is_found(tmp_path, papers):
    library(tmp_path, papers)
    (tmp_path / "corpus" / "notes" / "b.md").write_bytes(
        "- 强化学习的笔记，很长的一段话\n- ok\n".encode().decode("cp1252", "replace").encode()
    )
    findings = library(tmp_path, papers).lint()
    assert {finding.problem for finding in findings if finding.source == "notes/b.md"} == {
        "garbled"
    }


def test_empty_sections_are_found_and_full_ones_are_not(tmp_path, papers):
    notes = "# 笔记\n## Empty\n\n## Parent\n### Child\ntext\n\nUnderlined\n----------\n\n## 空\n"
    assert found(tmp_path, papers, notes) == [
        ("empty-section", 2),
        ("empty-section", 8),
        ("empty-section", 11),
    ]


def test_strict_exits_with_1_and_json_holds_the_findings(tmp_path, papers, capsys):
    library(tmp_path, papers, "- Instruction-Mining\n")
    arguments = ["--corpus", str(tmp_path / "corpus"), "--index", str(tmp_path / "index")]
    assert main(["lint", *arguments]) == 0
    assert (
        capsys.readouterr().out
        == "notes/a.md:1: no-link: “Instruction-Mining” names a work and gives no link to it\n"
    )
    assert main(["lint", "--strict", "--json", *arguments]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["problem"], finding["source"], finding["line"]) == ("no-link", "notes/a.md", 1)


def test_empty_section_of_the_real_notes_is_found(real_note):
    from conftest import REAL_NOTES
    from paperrag.papers.lint import NoteFile, _empty_sections

    findings = list(_empty_sections(NoteFile("notes/paper-reading.md", REAL_NOTES, real_note)))
    assert [(finding.line, finding.message) for finding in findings] == [
        (223, "nothing stands under “Image-Tokenizer”")
    ]

from __future__ import annotations

import json

import pytest

from paper_server import BOMB, MadeUp, atom, s2_record
from paperrag.cli import main
from paperrag.errors import PaperFileError
from paperrag.papers.csl import csl_paper
from paperrag.papers.imports import read_papers
from paperrag.papers.ris import ris_papers
from test_fetch import library, written

KV = MadeUp("KV Merging", "We merge.", arxiv="2401.00001", year=2024)
OTHER = MadeUp("Not in the notes", "Else.", arxiv="2401.00002")
KAGGLE = {
    "id": "2401.00001",
    "submitter": "A",
    "authors": "Ada Quill and Bo Reed",
    "title": "KV\n  Merging",
    "comments": "ICML 2024",
    "journal-ref": None,
    "doi": None,
    "abstract": "  We merge.\n",
    "versions": [{"version": "v1", "created": "Mon, 2 Jan 2024 19:18:42 GMT"}],
    "update_date": "2025-11-26",
    "authors_parsed": [["Quill", "Ada", ""], ["Reed", "Bo", ""]],
}
S2 = [s2_record(OTHER), s2_record(KV), None]
BIB = "@misc{x, title={KV Merging}, author={Ada Quill and Bo Reed}, year=2024, eprint={2401.00001}, abstract={We merge.}}"

CSL = [
    {
        "id": "x",
        "citation-key": "quillMerging2024",
        "type": "article",
        "title": "KV Merging",
        "author": [{"family": "Quill", "given": "Ada"}, {"family": "Reed", "given": "Bo"}],
        "issued": {"date-parts": [[2024, 1]]},
        "URL": "https://arxiv.org/abs/2401.00001",
        "abstract": "We merge.",
    }
]
RIS = """TY  - JOUR
TI  - KV
      Merging
AU  - Quill, Ada
AU  - Reed, Bo
PY  - 2024/01/02
UR  - https://arxiv.org/abs/2401.00001
AB  - We
merge.
ER  -
"""

FORMATS = {
    "zotero.json": json.dumps(CSL),
    "zotero.ris": RIS,
    "feed.xml": atom([OTHER, KV]),
    "arxiv-metadata-oai-snapshot.json": "".join(
        json.dumps(KAGGLE | {"id": identifier}) + "\n"
        for identifier in ("2401.00009", "2401.00001")
    ),
    "one.json": json.dumps(KAGGLE),
    "s2.json": json.dumps(S2, indent=1),
    "s2-search.json": json.dumps({"total": 2, "data": S2}),
    "s2.jsonl": "".join(json.dumps(record) + "\n" for record in S2[:2]),
    "refs.bib": "% exported\n" + BIB,
    "bom.bib": "\ufeff" + BIB,
}


def test_record_of_ris_without_its_end_is_read_and_one_without_a_title_named(caplog):
    text = "TY  - JOUR\nAU  - Nobody, No\nTY  - JOUR\nTI  - Ebb\nTY  - JOUR\nTI  - Cut\n  off\n"
    assert [paper.title for paper in ris_papers(text)] == ["Ebb", "Cut off"]
    assert "no title and is left out: JOUR; Nobody, No" in caplog.text


@pytest.mark.parametrize("name", FORMATS)
def test_papers_of_the_notes_are_taken_from_every_format(tmp_path, papers, name):
    path = tmp_path / name
    path.write_text(FORMATS[name], encoding="utf-8")
    report = library(tmp_path, papers).take(path)
    assert report.new == ["abstracts/2401.00001-kv-merging.md"] and report.present == 0
    [text] = written(tmp_path)
    assert 'authors: ["Ada Quill", "Bo Reed"]\nyear: 2024' in text and text.endswith(
        "\nWe merge.\n"
    )
    assert '  - "notes/a.md#a/合并-kv-merging"' in text
    assert papers.asked == []


def test_paper_named_by_title_is_taken_if_the_match_is_certain(tmp_path, papers):
    path = tmp_path / "refs.bib"
    path.write_text(BIB, encoding="utf-8")
    assert library(tmp_path, papers, "- KV-Merging (Quill et al., 2024)\n").take(path).new
    assert not library(tmp_path / "b", papers, "- KV-Merging (Quill et al., 2019)\n").take(path).new


TEAM = {
    "a.bib": "@misc{tide2024, title={KV Merging}, author={{The {\\'E}bb Team} and van der Berg, Jan}, eprint={2401.00001}}",
    "a.json": json.dumps(
        [
            {
                "id": "tide2024",
                "issued": {},
                "title": "KV Merging",
                "author": [
                    {"literal": "The Ébb Team"},
                    {"family": "Berg", "non-dropping-particle": "van der", "given": "Jan"},
                ],
                "URL": "https://arxiv.org/abs/2401.00001",
            }
        ]
    ),
    "a.ris": "TY  - JOUR\nTI  - KV Merging\nAU  - The Ébb Team\nAU  - van der Berg, Jan\n"
    "UR  - https://arxiv.org/abs/2401.00001\nER  -\n",
}


@pytest.mark.parametrize("name", TEAM)
def test_names_that_are_whole_stay_so_from_file_to_export(tmp_path, papers, name):
    (tmp_path / name).write_text(TEAM[name], encoding="utf-8")
    shelved = library(tmp_path, papers)
    shelved.take(tmp_path / name)
    assert "author = {{The Ébb Team} and Jan van der Berg}," in shelved.export().text
    assert json.loads(shelved.export("csl").text)[0]["author"] == [
        {"literal": "The Ébb Team"},
        {"given": "Jan", "non-dropping-particle": "van der", "family": "Berg"},
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps([{"id": "gone", "issued": {}}, *CSL])),
        ("a.ris", "TY  - JOUR\nAU  - gone\nER  -\n\n" + RIS),
    ],
)
def test_what_has_no_title_is_named_and_the_rest_read(tmp_path, caplog, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert [paper.title for paper in read_papers(tmp_path / name)] == ["KV Merging"]
    [told] = caplog.messages
    assert told.startswith("this has no title and is left out: ") and "gone" in told


@pytest.mark.parametrize(
    ("number", "key"),
    [("tide2024", "tide2024"), ("http://zotero.org/users/1/items/AB", ""), (5, "")],
)
def test_what_pandoc_cites_an_item_by_is_its_key(number, key):
    [item] = CSL
    assert csl_paper({**item, "id": number, "citation-key": ""}).key == key
    assert csl_paper({**item, "id": number}).key == "quillMerging2024"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.xml", BOMB, "defines entities"),
        ("a.xml", "<feed", "not whole XML"),
        ("a.xml", "<html></html>", "root 'html'; expected an Atom feed"),
        ("a.json", '{"id": "2401.00001"}\n{broken', r"a\.json:2 is not JSON"),
        ("a.json", "[1, 2", "is not JSON"),
        ("a.txt", "hello", "begins with 'hello'; expected an arXiv Atom feed, arXiv metadata"),
        ("a.txt", "", "begins with ''"),
    ],
)
def test_other_files_are_refused_with_a_sentence(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(PaperFileError, match=message):
        list(read_papers(tmp_path / name))


def test_missing_file_is_one_sentence(tmp_path, papers, capsys):
    library(tmp_path, papers)
    code = main(
        [
            "fetch",
            "--from",
            str(tmp_path / "no.bib"),
            "--corpus",
            str(tmp_path / "corpus"),
            "--index",
            str(tmp_path / "i"),
        ]
    )
    assert code == 1 and "cannot read" in capsys.readouterr().err


def test_import_reports_linked_papers_that_the_file_lacks(tmp_path, papers, capsys):
    (tmp_path / "refs.bib").write_text(BIB)
    library(
        tmp_path, papers, "- https://arxiv.org/abs/2401.00001\n- https://arxiv.org/abs/2401.00007\n"
    )
    arguments = [
        "fetch",
        "--from",
        str(tmp_path / "refs.bib"),
        "--corpus",
        str(tmp_path / "corpus"),
        "--index",
        str(tmp_path / "i"),
    ]
    assert main(arguments) == 0
    assert "unresolved: arxiv:2401.00007 (notes/a.md:2)" in capsys.readouterr().out

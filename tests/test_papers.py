from __future__ import annotations

import pytest

from fakes import make_entry
from paperrag.notes.tree import parse_note
from paperrag.papers.ids import PaperId, make_id, paper_id, paper_url
from paperrag.papers.refs import Paper, merge_papers, read_refs, same_paper
from paperrag.text.links import find_links, make_link

LINKED = """
6 arxiv:2410.08146
27 arxiv:2410.11287
31 arxiv:2312.08935
36 arxiv:2410.13121
36 arxiv:2410.13246
39 arxiv:2404.12358
41 arxiv:2408.15240
42 arxiv:2408.03314
58 arxiv:2305.20050
67 arxiv:2406.03476
109 arxiv:2406.08447
115 arxiv:2405.09673
124 arxiv:2403.03870
127 arxiv:2401.07851
128 arxiv:2211.17192
129 arxiv:2302.01318
130 arxiv:2305.09781
131 arxiv:2401.15077
132 arxiv:2406.16858
133 arxiv:2310.08461
134 arxiv:2311.08252
135 arxiv:2407.16207
141 arxiv:2108.12409
144 arxiv:2306.15595
148 openreview:wHBfxhZu1u
150 openreview:ONOtpXLqqw
154 arxiv:2309.12307
156 arxiv:2402.10685
158 openreview:ulaUJFd96G
160 arxiv:2402.17463
162 openreview:nkOMLBIiI7
171 arxiv:2403.01241
175 arxiv:2406.07056
179 arxiv:2402.09398
181 arxiv:2403.05527
188 neurips:2023/6ceefa7b15572587b78ecfcebb2827f8-Conference
191 arxiv:2309.17453
193 arxiv:2310.01801
196 arxiv:2406.12335
198 arxiv:2403.09054
206 openreview:LCTmppB165
209 arxiv:2403.09636
211 openreview:d775ca7f5d0bfad0e56d5e710a3953555ccaabda
213 arxiv:2407.08454
216 arxiv:2405.12981
227 arxiv:2410.23743
240 arxiv:2309.14509
241 arxiv:2310.01889
243 arxiv:2405.07719
"""
"""Every paper that the real notes link to: line and id, read off the file by eye."""

UNLINKED = {
    44: "STAR",
    50: "Quiter-StAR",
    54: "V-StaR",
    65: "D-CPT Law: Domain-specific Continual Pre-Training Scaling Law",
    66: "Instruction-Mining",
    98: "VeRA",
    99: "LoRA-XS",
    100: "NOLA",
    101: "VB-LORA",
    102: "MoRA",
    103: "DoRA",
    104: "GaLoRe",
    107: "LoRA-FA",
    110: "LoRA+",
    112: "LoRA-GA",
    113: "LoRA-Pro",
    116: "QLoRA",
    120: "SwitchLoRA",
    170: "Coupled Quantization",
    185: "Scissorhands",
}


def test_all_linked_papers_of_the_real_notes_have_the_right_id(real_note):
    refs = [ref for ref in read_refs(real_note.entries) if ref.ids]
    assert [f"{ref.place.split(':')[1]} {ref.name}" for ref in refs] == LINKED.split("\n")[1:-1]


def test_works_without_link_in_the_real_notes_are_found_by_their_names(real_note):
    refs = [ref for ref in read_refs(real_note.entries) if not ref.ids]
    assert {int(ref.place.split(":")[1]): ref.title for ref in refs} == UNLINKED


def test_no_paper_link_of_the_real_notes_is_missed(real_note):
    links = {
        link.url for entry in real_note.entries for link in entry.links if paper_id(link) is None
    }
    assert {url.split("/")[2] for url in links} == {
        "mp.weixin.qq.com",
        "thegregyang.com",
        "github.com",
        "sites.google.com",
        "www.reddit.com",
        "docs.nvidia.com",
    }


def test_citation_gives_year_and_author(real_note):
    [scissorhands] = [ref for ref in read_refs(real_note.entries) if ref.title == "Scissorhands"]
    assert (scissorhands.year, scissorhands.author) == (2023, "liu")


def refs_of(text: str):
    return read_refs(parse_note(text, "notes/a.md").entries)


@pytest.mark.parametrize(
    ("line", "title", "year"),
    [
        ("- FenceKV (OSDI'24)：把冷的键换出去", "FenceKV", 2024),
        ("- 【SOSP 2017】MarbleFS: logs every rename twice", "MarbleFS", 2017),
        ("- [CutLow](https://doi.org/10.9999/a.1): tethered cuts with 500 cells", "CutLow", None),
        ("- 双塔 LateLatch（arXiv 2497.11013）", "双塔 LateLatch", None),
    ],
)
def test_title_is_the_name_without_venue_id_and_remark(line, title, year):
    [ref] = refs_of(line)
    assert (ref.title, ref.year) == (title, year)


def test_versions_and_pages_of_a_paper_are_one_reference():
    refs = refs_of(
        "- A https://arxiv.org/abs/2401.00001v1\n- B http://arxiv.org/pdf/2401.00001v3.pdf\n- C "
        "doi:10.48550/arXiv.2401.00001"
    )
    assert [(ref.name, len(ref.notes)) for ref in refs] == [("arxiv:2401.00001", 3)]


def test_two_papers_in_one_bullet_are_two_references_of_one_note():
    first, second = refs_of("- https://arxiv.org/pdf/2410.13121， https://arxiv.org/pdf/2410.13246")
    assert (first.name, second.name) == ("arxiv:2410.13121", "arxiv:2410.13246")
    assert first.notes == second.notes


def test_remarks_below_a_paper_are_no_papers():
    text = "- 晚交互 [ColBERT](https://arxiv.org/abs/2004.12832)\n  - MaxSim+ 很快\n  - LongRemark-X holds"
    assert [ref.name for ref in refs_of(text)] == ["arxiv:2004.12832"]


def test_notes_about_one_paper_in_its_front_matter_hold_no_others():
    assert [
        ref.name
        for ref in refs_of(
            "---\narxiv: '2410.10010'\n---\n# 笔记\n- TinyNet-V2: 很小\n- TL;DR fine\n"
        )
    ] == ["arxiv:2410.10010"]


@pytest.mark.parametrize(
    "text",
    [
        "- 一句中文感想",
        "- We fine-tune on 5% of the data and the gap closes",
        "- data cleaning",
        "- Noise: lower is better",
        "- https://x.com/a",
    ],
)
def test_sentences_and_plain_words_name_no_work(text):
    assert refs_of(text) == []


def test_abstract_files_are_no_references():
    assert (
        read_refs(
            parse_note(
                "---\ntitle: A\narxiv: '2401.00001'\n---\nx", "abstracts/a.md", "abstract"
            ).entries
        )
        == []
    )


@pytest.mark.parametrize(
    ("site", "value", "expected"),
    [
        ("arxiv", "http://arxiv.org/abs/2407.08454v2", "arxiv:2407.08454"),
        ("arxiv", "arXiv:cs/0701001v1", "arxiv:cs/0701001"),
        ("arxiv", "2401.15077", "arxiv:2401.15077"),
        ("doi", "https://doi.org/10.1145/3620666.3651335", "doi:10.1145/3620666.3651335"),
        ("doi", "10.1038/S41586-021-03819-2", "doi:10.1038/s41586-021-03819-2"),
        ("doi", "10.48550/arXiv.2407.08454", "arxiv:2407.08454"),
    ],
)
def test_ids_have_one_form(site, value, expected):
    assert str(make_id(site, value)) == expected


def test_empty_id_is_none():
    assert make_id("doi", None) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://proceedings.neurips.cc/paper_files/paper/2023/file/6ceefa7b15572587b78ecfcebb2827f8-Paper-Conference.pdf",
        "https://papers.nips.cc/paper_files/paper/2023/hash/6ceefa7b15572587b78ecfcebb2827f8-Abstract-Conference.html",
    ],
)
def test_neurips_pdf_and_page_are_one_paper(url):
    identifier = paper_id(make_link(url))
    assert identifier == PaperId("neurips", "2023/6ceefa7b15572587b78ecfcebb2827f8-Conference")
    assert paper_url(identifier).endswith(
        "/2023/hash/6ceefa7b15572587b78ecfcebb2827f8-Abstract-Conference.html"
    )


@pytest.mark.parametrize(
    "identifier",
    [
        PaperId("arxiv", "cs/0701001"),
        PaperId("acl", "2024.acl-long.12"),
        PaperId("doi", "10.1145/1.2"),
    ],
)
def test_paper_url_leads_back_to_the_id(identifier):
    assert [paper_id(link) for link in find_links(paper_url(identifier))] == [identifier]


ONE = Paper(
    "KV Merging: A Study",
    ("Ada Quill",),
    2024,
    None,
    "Text.",
    (PaperId("arxiv", "2401.00001"),),
    "u1",
    "arXiv",
)


def test_twins_are_one_paper_by_title_and_author():
    twin = Paper(
        "KV merging – a study",
        ("Quill, Ada", "Bo Reed"),
        2025,
        "ICLR 2025",
        "",
        (PaperId("openreview", "abcdefgh1"),),
        "u2",
        "OpenReview",
    )
    assert same_paper(ONE, twin)
    merged = merge_papers(ONE, twin)
    assert [str(identifier) for identifier in merged.ids] == [
        "arxiv:2401.00001",
        "openreview:abcdefgh1",
    ]
    assert (merged.venue, merged.abstract, merged.source) == ("ICLR 2025", "Text.", "arXiv")


def test_same_title_by_others_is_another_paper():
    assert not same_paper(ONE, Paper("KV Merging: A Study", ("Cy Nib",), 2024))


def test_same_title_without_authors_needs_a_near_year():
    assert same_paper(ONE, Paper("KV Merging: A Study", (), 2025))
    assert not same_paper(ONE, Paper("KV Merging: A Study", (), 2020))


def test_made_up_entry_has_its_link():
    entry = make_entry("- x", links=(make_link("https://aclanthology.org/P19-1285"),))
    assert [ref.name for ref in read_refs([entry])] == ["acl:P19-1285"]

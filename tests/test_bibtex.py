from __future__ import annotations

import json

import bibtexparser
import pytest
from msgspec.structs import replace
from pybtex.database import parse_string

from paperrag.config_files import load_settings
from paperrag.library import Library
from paperrag.notes.tree import parse_note
from paperrag.papers.bibtex import bibtex
from paperrag.papers.bibtex_reading import parse_bibtex
from paperrag.papers.citekeys import cited_keys
from paperrag.papers.csl import csl, csl_paper
from paperrag.papers.ids import PaperId, id_year
from paperrag.papers.refs import Paper, PaperRef, read_refs
from paperrag.papers.ris import ris, ris_papers
from paperrag.papers.shelf import Shelf
from properties import given, st
from workbench import write_file

ARXIV = PaperId("arxiv", "2407.08454")
PAPER = Paper(
    "KVMerger: Merging 50% of $O(n^2)$ KV_Caches & More",
    ("Zheng Wang", "Jörg Müller"),
    2024,
    "ICML 2024",
    "We merge {caches} at 50% #1.",
    (ARXIV, PaperId("doi", "10.1145/1_2.3")),
    "https://arxiv.org/abs/2407.08454",
    "arXiv",
)


def exported(tmp_path, *papers: Paper, refs: tuple[PaperRef, ...] = ()) -> str:
    shelf = Shelf(tmp_path)
    for paper in papers:
        shelf.put(paper, ())
    return bibtex(refs, shelf, shelf.files())[0]


def test_entry_reads_as_expected(tmp_path):
    assert exported(tmp_path, PAPER).splitlines() == [
        "@inproceedings{wang2024kvmerger,",
        r"  title = {{KVMerger: Merging 50\% of $O(n^2)$ KV\_Caches \& More}},",
        "  author = {Zheng Wang and Jörg Müller},",
        "  year = {2024},",
        "  booktitle = {ICML 2024},",
        "  eprint = {2407.08454},",
        "  archiveprefix = {arXiv},",
        "  doi = {10.1145/1_2.3},",
        "  url = {https://arxiv.org/abs/2407.08454},",
        "  ids = {arxiv-2407.08454,doi-10.1145-1-2.3},",
        r"  abstract = {We merge \{caches\} at 50\% \#1.},",
        "}",
        "",
    ]


def test_both_parsers_read_it(tmp_path):
    text = exported(
        tmp_path,
        PAPER,
        Paper("大模型综述", ("王 明",), 2023, "计算机学报", "", (PaperId("doi", "10.1000/x"),)),
    )
    parsed = bibtexparser.parse_string(text)
    assert not parsed.failed_blocks
    assert {entry.key: entry.entry_type for entry in parsed.entries} == {
        "wang2024kvmerger": "inproceedings",
        "anon2023": "article",
    }
    assert parsed.entries_dict["anon2023"]["title"] == "{大模型综述}"
    people = parse_string(text, "bibtex").entries["wang2024kvmerger"].persons["author"]
    assert [person.last_names for person in people] == [["Wang"], ["Müller"]]


@pytest.mark.slow
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_title_and_abstract_give_valid_bibtex(tmp_path_factory, title, abstract):
    paper = Paper.of(
        title=title,
        authors=["A and B", "C {D"],
        year=2024,
        venue="V}",
        abstract=abstract,
        ids=[ARXIV],
        url="u",
        source="arXiv",
    )
    if paper:
        text = exported(tmp_path_factory.mktemp("bib"), paper)
        parsed = bibtexparser.parse_string(text)
        assert len(parsed.entries) == 1 and not parsed.failed_blocks
        assert len(parse_string(text, "bibtex").entries) == 1


def test_key_stays_when_other_papers_come(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put(PAPER, ())
    other = Paper(
        "KVMerger again", ("Li Wang",), 2024, ids=(PaperId("arxiv", "2401.00001"),), abstract="x"
    )
    shelf.put(other, ())
    assert {file.paper.title: file.key for file in Shelf(tmp_path).files()} == {
        PAPER.title: "wang2024kvmerger",
        other.title: "wang2024kvmergerb",
    }


def test_linked_paper_that_is_not_fetched_has_its_id_for_key(tmp_path):
    ref = PaperRef((ARXIV,), "KVMerger", ("n",), "notes/a.md:1")
    text = exported(tmp_path, refs=(ref,))
    assert text.startswith("@misc{arxiv-2407.08454,") and "eprint = {2407.08454}" in text
    assert "arxiv-2407.08454" in exported(tmp_path, PAPER, refs=(ref,))  # still valid, as an alias
    assert exported(tmp_path, PAPER, refs=(ref,)).count("@") == 1


def test_what_is_written_is_read_back(tmp_path):
    [paper] = parse_bibtex(exported(tmp_path, PAPER), "x.bib")
    assert (paper.authors, paper.year, paper.venue, paper.ids) == (
        PAPER.authors,
        2024,
        "ICML 2024",
        PAPER.ids,
    )
    assert paper.title == "KVMerger: Merging 50% of $O(n^2)$ KV_Caches & More"


def test_foreign_bibtex_is_read():
    text = """
    @comment{nothing}
    @string{icml = "ICML"}
    @article{m20, author = "M{\\"u}ller, J{\\'e}r{\\^o}me and others", title = {The {LoRA} Story},
      journal={CoRR}, volume = 1, eprint={2106.09685v2}, archivePrefix={arXiv}, year = 2021,
      abstract = {We {\\em freeze} weights,
         and {$x^2$}.}}
    @misc{b, title="Linked", url={https://openreview.net/forum?id=abcdefgh12}}
    """
    lora, linked = parse_bibtex(text, "x.bib")
    assert (
        lora.title == "The LoRA Story" and lora.authors == ("Jérôme Müller",) and lora.year == 2021
    )
    assert lora.ids == (PaperId("arxiv", "2106.09685"),)
    assert lora.abstract == "We freeze weights, and $x^2$."
    assert linked.ids == (PaperId("openreview", "abcdefgh12"),)


def test_entry_that_cannot_be_read_is_named_and_the_rest_is_read(caplog):
    text = "\n@misc{a, title={Open, year=2020\n@misc{b, title={Closed}}\n@misc{b, title={Twin}}\n"
    assert [paper.title for paper in parse_bibtex(text, "x.bib")] == ["Closed", "Twin"]
    [told] = caplog.messages
    assert told.startswith("x.bib:2: this BibTeX entry cannot be read, the others are: @misc{a,")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"{\O}rsted, Hans", "Hans Ørsted"),
        (r"Erd{\H o}s, P{\'a}l", "Pál Erdős"),
        (r"{\L}ukasz Stra{\ss}e", "Łukasz Straße"),
        (r"van der Berg, Anna", "Anna van der Berg"),
        (r"{Institute of Cats and Dogs}", "{Institute of Cats and Dogs}"),
        (r"{\v C}apek, Karel", "Karel Čapek"),
        ("王 明", "王 明"),
    ],
)
def test_names_are_read_with_their_letters(written, name):
    [paper] = parse_bibtex(f"@misc{{a, title={{T}}, author={{{written} and Li, Bo}}}}", "x.bib")
    assert paper.authors == (name, "Bo Li")


def test_values_joined_from_strings_are_whole():
    text = '@string{acl = "Annual Meeting"}\n@misc{a, title={T}, booktitle = acl # " of " # {ACL}}'
    assert parse_bibtex(text, "x.bib")[0].venue == "Annual Meeting of ACL"


def test_csl_holds_the_same_papers_under_the_same_keys(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put(PAPER, ())
    refs = read_refs(parse_note("- [A B](https://arxiv.org/abs/2407.08454)\n", "a.md").entries)
    text, count = csl(refs, shelf)
    [item] = json.loads(text)
    assert count == 1
    assert item == {
        "id": "wang2024kvmerger",
        "citation-key": "wang2024kvmerger",
        "type": "paper-conference",
        "title": PAPER.title,
        "author": [
            {"family": "Wang", "given": "Zheng"},
            {"family": "Müller", "given": "Jörg"},
        ],
        "issued": {"date-parts": [[2024]]},
        "container-title": "ICML 2024",
        "DOI": "10.1145/1_2.3",
        "URL": PAPER.url,
        "abstract": PAPER.abstract,
    }
    back = csl_paper(item)
    assert back is not None
    assert (back.title, back.authors, back.year, back.key) == (
        PAPER.title,
        PAPER.authors,
        2024,
        "wang2024kvmerger",
    )


def test_year_and_address_of_an_id_are_in_every_form(tmp_path):
    refs = read_refs(parse_note("- [A B](https://arxiv.org/abs/2407.08454)\n", "a.md").entries)
    [item] = json.loads(csl(refs, Shelf(tmp_path))[0])
    assert item["issued"] == {"date-parts": [[2024]]} and item["URL"].endswith("/2407.08454")
    assert "PY  - 2024\nUR  - https://arxiv.org/abs/2407.08454\n" in ris(refs, Shelf(tmp_path))[0]


def test_ris_is_read_back_as_the_same_papers(tmp_path):
    shelf = Shelf(tmp_path)
    people = ("Jan van der Berg", "{The Ebb Team}", "Zheng Wang")
    shelf.put(replace(PAPER, authors=people), ())
    refs = read_refs(parse_note("- [A B](https://arxiv.org/abs/2407.08454)\n", "a.md").entries)
    text, count = ris(refs, shelf)
    assert count == 1
    assert text.startswith("TY  - CPAPER\nID  - ")
    assert "AU  - van der Berg, Jan\nAU  - The Ebb Team\nAU  - Wang, Zheng\n" in text
    [back] = ris_papers(text)
    assert (back.title, back.authors, back.year, back.venue, back.abstract) == (
        PAPER.title,
        people,
        2024,
        PAPER.venue,
        PAPER.abstract,
    )
    assert {str(one) for one in back.ids} == {"arxiv:2407.08454", "doi:10.1145/1_2.3"}


def test_paper_that_a_file_links_to_below_has_the_name_of_the_file(tmp_path):
    note = """---
title: Tide Caching for Long Streams
tags: ['ICML 2023']
---
### Problem

* Streams outgrow memory.
* [Link to the paper](https://arxiv.org/abs/2301.00001)
"""
    [ref] = read_refs(parse_note(note, "tide.md").entries)
    assert (ref.title, ref.venue) == ("Tide Caching for Long Streams", "ICML 2023")


def test_title_in_a_link_is_preferred_to_a_short_name_above_it():
    note = """# Tide

- [Tide Caching for Very Long Streams](https://arxiv.org/abs/2301.00001)
- It keeps the tide in memory, at a tenth of the cost of streams.
- The authors propose to cache streams.
"""
    [ref] = read_refs(parse_note(note, "tide.md").entries)
    assert ref.title == "Tide Caching for Very Long Streams"


def test_keys_of_the_users_own_file_are_kept(tmp_path):
    [paper] = parse_bibtex("@misc{smithBigModel2024, title={A Big Model}, eprint=2401.00001}", "x")
    assert exported(tmp_path, paper).startswith("@misc{smithBigModel2024,")
    [again] = parse_bibtex("@misc{smithBigModel2024, title={Another}, eprint=2401.00002}", "x")
    assert "@misc{anonanother," in exported(tmp_path, again)


def fields_of(tmp_path, note: str) -> dict[str, dict[str, str]]:
    """The exported fields of what a note links to, by key, without those that every linked paper
    has.
    """
    parsed = bibtexparser.parse_string(
        exported(tmp_path, refs=tuple(read_refs(parse_note(note, "notes/a.md").entries)))
    )
    usual = ("eprint", "archiveprefix", "url")
    return {
        entry.key: {
            "": entry.entry_type,
            **{field.key: field.value for field in entry.fields if field.key not in usual},
        }
        for entry in parsed.entries
    }


@pytest.mark.parametrize(
    "line",
    [
        "- https://arxiv.org/abs/2010.11929\n",
        "- [2010.11929](https://arxiv.org/abs/2010.11929)\n",
        "- [[paper]](https://arxiv.org/abs/2010.11929)\n",
        "- arXiv:2010.11929\n",
        "- 见 https://arxiv.org/abs/2010.11929\n",
        "- https://arxiv.org/abs/2010.11929 效果比卷积网络更好；但是需要很多的数据来训练\n",
    ],
)
def test_link_or_remark_is_no_title_and_the_arxiv_id_gives_the_year(tmp_path, line):
    assert fields_of(tmp_path, line) == {"arxiv-2010.11929": {"": "misc", "year": "2020"}}


def test_two_bare_links_have_no_titles_but_later_ones_have(tmp_path):
    note = "- https://arxiv.org/pdf/2410.13121， https://arxiv.org/pdf/2410.13246\n- DriftLoom https://arxiv.org/abs/2410.13246\n"
    assert fields_of(tmp_path, note) == {
        "arxiv-2410.13121": {"": "misc", "year": "2024"},
        "arxiv-2410.13246": {"": "misc", "title": "{DriftLoom}", "year": "2024"},
    }


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (
            "StreamingLLM [Efficient Streaming Language Models]({}), ICLR 2024",
            "Efficient Streaming Language Models",
        ),
        (
            "[ICLR24] Position Interpolation (PI) [Extending Context Windows of LLMs]({})",
            "Extending Context Windows of LLMs",
        ),
        (
            "GEAR: [An Efficient Compression Recipe]({}) ICLR'24",
            "GEAR: An Efficient Compression Recipe",
        ),
        ("[GEAR: An Efficient Recipe]({}) 【ICLR 2024】很好", "GEAR: An Efficient Recipe"),
    ],
)
def test_title_is_the_label_without_the_nickname_and_the_venue_is_kept(tmp_path, line, title):
    note = f"- {line.format('https://arxiv.org/abs/2309.17453')}\n"
    expected = {
        "": "inproceedings",
        "title": f"{{{title}}}",
        "year": "2024",
        "booktitle": "ICLR 2024",
    }
    assert fields_of(tmp_path, note) == {"arxiv-2309.17453": expected}


@pytest.mark.parametrize(
    "authors", ["[Zhai Muchen, 李明]", "Zhai Muchen; 李明", "\n- Zhai Muchen\n- 李明"]
)
def test_front_matter_gives_authors_year_and_venue(tmp_path, authors):
    note = f"---\ntitle: 'DriftLoom: Video'\nauthors: {authors}\nyear: 2025\nvenue: Nature\narxiv: 2410.10018\n---\n很好\n"
    assert fields_of(tmp_path, note)["arxiv-2410.10018"] == {
        "": "article",
        "title": "{DriftLoom: Video}",
        "author": "Zhai Muchen and 李明",
        "year": "2025",
        "journal": "Nature 2025",
    }


def test_date_of_a_note_is_not_the_year_of_its_paper(tmp_path):
    note = "---\ntitle: DriftLoom\ndate: 2026-01-02\narxiv: 2410.10018\n---\n很好\n"
    assert fields_of(tmp_path, note)["arxiv-2410.10018"]["year"] == "2024"


@pytest.mark.parametrize(
    ("identifier", "year"),
    [
        (PaperId("arxiv", "2407.08454"), 2024),
        (PaperId("arxiv", "cs/0701001"), 2007),
        (PaperId("arxiv", "hep-th/9901001"), 1999),
        (PaperId("arxiv", "2499.10018"), None),
        (PaperId("acl", "P19-1285"), 2019),
        (PaperId("acl", "2024.acl-long.12"), 2024),
        (PaperId("neurips", "2023/6cee"), 2023),
        (PaperId("doi", "10.1145/2024.1"), None),
    ],
)
def test_ids_give_their_year(identifier, year):
    assert id_year(identifier) == year


ZOTERO_NOTE = """---
title: "Tide caching for long streams"
authors: ["Okafor, A.", "Lindqvist, B."]
citekey: okafor2024tide
---
# Annotations

"the tide keeps 98% of hits" ([Okafor and Lindqvist, 2024, p. 3](zotero://select/library/items/AB12))
潮汐缓存命中率高，见 [@tanaka2022, p. 5; -@okafor2024tide] 与 me@example.org。
"""


def test_keys_are_cited_as_pandoc_and_note_programs_write_them():
    text = "[see @a:b/c, p. 5; also -@d2020.] [[@e_f|E]] [@g](x.md) mail@h.org @i [me@j.org]"
    assert cited_keys(text) == ["a:b/c", "d2020", "e_f"]


def test_note_of_zotero_is_its_paper_under_its_key(tmp_path):
    entries = parse_note(ZOTERO_NOTE, "notes/tide.md").entries
    text = exported(tmp_path, refs=tuple(read_refs(entries)))
    assert text.splitlines()[:3] == [
        "@misc{okafor2024tide,",
        "  title = {{Tide caching for long streams}},",
        "  author = {A. Okafor and B. Lindqvist},",
    ]


def test_file_named_for_a_key_is_its_paper(tmp_path):
    note = "---\ntitle: Ebb and flow\n---\n- 很快\n"
    entries = parse_note(note, "notes/@chen2023ebb.md").entries
    assert exported(tmp_path, refs=tuple(read_refs(entries))).startswith("@misc{chen2023ebb,")


def test_paper_that_is_only_cited_by_its_key_is_exported_from_its_file(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put(Paper("Rivers of tokens", ("Yuki Tanaka",), 2022, key="tanaka2022"), ())
    entries = parse_note(ZOTERO_NOTE, "notes/tide.md").entries
    refs = read_refs(entries, {file.key: file.paper for file in shelf.files()})
    assert [(ref.key, len(ref.cited_by)) for ref in refs] == [
        ("okafor2024tide", 1),
        ("tanaka2022", 1),
    ]
    text, count = bibtex(refs, shelf)
    assert count == 2 and "@misc{tanaka2022," in text and "Rivers of tokens" in text


def test_paper_of_ones_own_bibtex_is_taken_when_a_note_cites_its_key(tmp_path):
    write_file(tmp_path / "notes" / "tide.md", ZOTERO_NOTE)
    bib = tmp_path / "my.bib"
    bib.write_text(
        "@article{tanaka2022, title={Rivers of tokens}, author={Tanaka, Yuki}, year=2022}\n"
        "@article{okafor2024tide, title={Tide caching for long streams}, author={Okafor, A.}, doi={10.1/x}}\n"
        "@article{unread2020, title={Nobody noted this}}\n"
    )
    library = Library(load_settings({"corpus": tmp_path, "index": tmp_path / "index"}, {}))
    assert library.take(bib).new == [
        "abstracts/rivers-of-tokens.md",
        "abstracts/10.1_x-tide-caching-for-long-streams.md",
    ]
    made = Library(library.settings).export()
    assert "@article{okafor2024tide," in made.text or "@misc{okafor2024tide," in made.text
    assert made.papers == 2 and "tanaka2022" in made.text


def test_first_paper_of_a_citation_key_has_it_and_one_without_a_title_is_named(tmp_path, caplog):
    write_file(tmp_path / "notes" / "ebb.md", "# Ebb\n\nUnlike [@tide2024, p. 5].\n")
    bib = tmp_path / "my.bib"
    bib.write_text(
        "@article{tide2024, title={Tide caching}}\n@article{tide2024, title={Another}}\n"
        "@article{nameless2020, year={2020}}\n"
    )
    library = Library(load_settings({"corpus": tmp_path, "index": tmp_path / "index"}, {}))
    assert library.take(bib).new == ["abstracts/tide-caching.md"]
    assert f"has no title and is left out: {bib}:3: nameless2020" in caplog.text


@pytest.mark.parametrize(
    ("title", "is_taken"), [("Ebb: Dropping Tokens Early", True), ("Ebb: Dropping Fish", False)]
)
def test_title_of_a_note_that_says_neither_year_nor_author_finds_a_paper_of_ones_library(
    tmp_path, title: str, is_taken: bool
):
    note = "# Ebb: Dropping Tokens Early\n\nhttps://arxiv.org/abs/2401.00001\n"
    write_file(tmp_path / "notes" / "ebb.md", note)
    bib = tmp_path / "my.bib"
    bib.write_text(f"@misc{{ebb, title={{{title}}}, author={{Tern, A.}}, year=2024}}\n")
    library = Library(load_settings({"corpus": tmp_path, "index": tmp_path / "index"}, {}))
    assert bool(library.take(bib).new) == is_taken


def test_annotation_that_is_cited_brings_the_paper_of_its_file(tmp_path):
    write_file(tmp_path / "notes" / "tide.md", ZOTERO_NOTE)
    library = Library(load_settings({"corpus": tmp_path, "index": tmp_path / "index"}, {}))
    annotation = parse_note(ZOTERO_NOTE, "notes/tide.md").entries[1]
    assert "98%" in annotation.text
    text, count = library.export_cited([annotation], [])
    assert count == 1 and text.startswith("@misc{okafor2024tide,")

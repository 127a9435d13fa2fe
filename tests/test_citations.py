"""Papers that questions cite by their authors; over made-up notes."""

from __future__ import annotations

import pytest

from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder
from paperrag.text.citations import (
    AtHead,
    CitedByAuthors,
    DatedCitation,
    citations_in,
    cited_at_head,
    dated_citation,
    may_cite,
    surnames,
)
from small_corpus import make_assistant

KNOWN = {"tern", "ibis", "long", "an", "søgaard"}


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Tern 2012: how many sites?", [CitedByAuthors(("tern",), 2012, "Tern 2012")]),
        ("Tern '97 里占多大比例？", [CitedByAuthors(("tern",), 97, "Tern '97")]),
        (
            "did tern et al. (2012) measure it",
            [CitedByAuthors(("tern",), 2012, "tern et al. (2012", True)],
        ),
        ("Tern 等人测了多少？", [CitedByAuthors(("tern",), None, "Tern 等人", True)]),
        ("Tern 和 Ibis 的样地", [CitedByAuthors(("tern", "ibis"), None, "Tern 和 Ibis")]),
        ("Tern & Søgaard, why?", [CitedByAuthors(("tern", "søgaard"), None, "Tern & Søgaard")]),
        (
            "by Tern, Long, and Ibis",
            [CitedByAuthors(("tern", "long", "ibis"), None, "Tern, Long, and Ibis")],
        ),
        ("does Tern say 97% of it?", [CitedByAuthors(("tern",), None, "Tern")]),
        ("is an 2012 model as good?", []),
        ("what about the birds of 2012?", []),
    ],
)
def test_words_that_are_surnames_cite(text: str, cited: list[CitedByAuthors]):
    assert list(citations_in(text, KNOWN)) == cited


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("Tern 和 Ibis 的样地", True),
        ("tern 2012: how many?", True),
        ("Tern 等人测了多少？", True),
        ("how many birds did they count on the shore?", False),
        ("which methods merge KV cache?", False),
    ],
)
def test_shape_of_a_citation_is_known_without_authors(text: str, may: bool):
    assert may_cite(text) is may


@pytest.mark.parametrize(
    ("surnames_said", "year", "fits"),
    [
        (("tern",), 2012, True),
        (("tern",), 12, True),
        (("tern",), 2013, False),
        (("tern",), None, False),
        (("tern", "ibis"), None, True),
        (("tern", "long"), None, False),
    ],
)
def test_two_authors_or_one_and_the_year_tell_a_paper(
    surnames_said: tuple[str, ...], year: int | None, fits: bool
):
    assert CitedByAuthors(surnames_said, year, "").fits({"tern", "ibis"}, 2012) is fits


def test_surnames_stand_last_or_before_a_comma():
    authors = ["Ada Tern", "Ibis, B.", "Long C.", "and others"]
    assert list(surnames(authors)) == ["tern", "ibis", "long"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Tern & Ibis 2009 Peers", AtHead(("Tern", "Ibis"), 2009, "", True, True)),
        (
            "Tern, Ibis, Long 2017 (PNAS) How much",
            AtHead(("Tern", "Ibis", "Long"), 2017, "PNAS", True, True),
        ),
        ("Tern et al. 2019 QJE", AtHead(("Tern",), 2019, "QJE", True, True)),
        ("Tern 2004", AtHead(("Tern",), 2004, "", True)),
        ("Tern U.-H. 2004 — Shores", AtHead(("Tern",), 2004, "", True)),
        ("Tern U. H., Ibis J. 2004", AtHead(("Tern", "Ibis"), 2004, "", True, True)),
        ("**Tern 等人 2019**", AtHead(("Tern",), 2019, "", True, True)),
        ("Tern '97", AtHead(("Tern",), 97, "", True)),
        ("tern2001shores", AtHead(("tern",), 2001)),
        ("ternShoresOfBirds2001", AtHead(("tern",), 2001)),
        ("tern-ibis", AtHead(("tern", "ibis"))),
        ("Shores of the north", AtHead()),
    ],
)
def test_names_of_works_begin_with_their_authors(name: str, told: AtHead):
    assert cited_at_head(name) == told


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("DuneNet (Tern et al., 2023b)", DatedCitation("Tern", 2023, "DuneNet")),
        ("Van Ibis and colleagues 2019: shores", DatedCitation("Van Ibis", 2019, "shores")),
        ("Ada — Tern W. et al. 2024 Dunes", DatedCitation("Tern W.", 2024, "Ada — Dunes")),
        ("Tern 等人（2021）沙丘", DatedCitation("Tern", 2021, "沙丘")),
        ("Tern et al. walked 31 shores", None),
        ("Tern (2023)", None),
    ],
)
def test_a_dated_citation_stands_anywhere_in_a_title(title: str, told: DatedCitation | None):
    assert dated_citation(title) == told


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Tern 2004", 2004),
        ("O'Tern & Ibis 1971. Shores", 1971),
        ("Tern 2004年的岸", 2004),
        ("Tern '97", None),
        ("ICLR 2024", None),
        ("shores of 2004", None),
    ],
)
def test_a_name_of_people_dates_what_it_stands_before(title: str, year: int | None):
    assert cited_at_head(title).dated == year


NOTES = {
    "shores.md": """---
title: Counting Birds on Northern Shores
creators: [Ada Tern, Bo Ibis]
date: 2012
---

## Setup
- 31 shores were walked twice a week.

## Result
- Birds fell by 14 percent where dogs ran free.
""",
    "dunes.md": """# What dunes keep

Long, Ibis, Heron. Science 1997.

## Setup
- 12 dunes were walled off for a year.

## Result
- Grass came back to 70 percent of the walled dunes.
""",
    "table.md": """# Papers

| paper | what |
|---|---|
| Heron & Tern 2009 Nests | nests in reeds fail half as often |
| Swift 2010 Flights | flights get longer by 20 km a year |
""",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, bundled_encoder: Encoder) -> Assistant:
    return make_assistant(tmp_path_factory.mktemp("cited"), NOTES, bundled_encoder)


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Tern 2012: how many shores were walked?", "31 shores were walked twice a week."),
        ("Tern 和 Ibis：where dogs ran free, birds 少了多少？", "Birds fell by 14 percent"),
        ("Long 97 里草恢复到多少？", "Grass came back to 70 percent"),
        ("Heron & Tern: how often do nests in reeds fail?", "nests in reeds fail half as often"),
    ],
)
def test_a_paper_is_asked_by_its_authors(assistant: Assistant, question: str, quote: str):
    answer, _ = assistant.ask(question)
    assert quote in answer.citations[0].quote


def test_authors_of_several_papers_cite_none(assistant: Assistant):
    named = assistant.retriever().named
    question = assistant.retriever().read("What did Ibis et al. count?")
    assert named.inside(question, named.said(question, ())) is None

"""Lists by what notes say of papers: the subject beside it, the line that says so, refusals."""

from pathlib import Path

import pytest

from paperrag import Assistant
from paperrag.answer.evidence import span_saying
from paperrag.question.conditions import Condition
from paperrag.question.scope import Scope

NOTES = {
    "sea/tides.md": (
        "# Tides of the Moon\nKell and Oduya, JGR 1994",
        "Tides follow the moon with a lag.\n\nRating: 5. Rerun: yes, on two buoys.",
    ),
    "sea/swell.md": (
        "# Swell Atlas\nTern, Ocean Dynamics 2019",
        "A map of ocean waves and swell.\n\nRating: 2. Recommended by Ines.",
    ),
    "sea/kelp.md": (
        "# Kelp Forests\nTern, Ocean Dynamics 2021",
        "Kelp forests calm ocean waves.\n\nRating: 5. Not rerun.",
    ),
    "code/parse.md": (
        "# Parser Tables\nHolm, PLDI 2020",
        "A compiler builds parser tables in one pass.\n\nRating: 5. Rerun: yes, faster than said.",
    ),
    "code/types.md": (
        "# Gradual Types\nHolm, POPL 2021",
        "A type checker for gradual types.\n\nRating: 3. Recommended by Ines.",
    ),
    "code/loops.md": (
        "# Loop Fusion\nBrandt, PLDI 1997",
        "A compiler fuses loops of a program.\n\nRating: 4.",
    ),
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("facets")
    for name, parts in NOTES.items():
        path = Path(folder / "notes" / name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(parts), encoding="utf-8")
    return Assistant.open(corpus=str(folder / "notes"), index=str(folder / "index"))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("which papers did I give full marks?", {"sea/tides.md", "sea/kelp.md", "code/parse.md"}),
        ("compiler papers that I gave full marks", {"code/parse.md"}),
        ("best rated papers on ocean waves", {"sea/kelp.md"}),
        ("lowest rated papers on compilers", {"code/loops.md"}),
        ("what have I got from the nineties?", {"sea/tides.md", "code/loops.md"}),
        ("which papers came to me through Ines?", {"sea/swell.md", "code/types.md"}),
        ("我亲手重做过的有哪些？", {"sea/tides.md", "code/parse.md"}),
    ],
)
def test_all_papers_that_are_said_to_be_so_are_listed(
    assistant: Assistant, question: str, told: set[str]
):
    answer, _ = assistant.ask(question)
    assert {citation.entry.source for citation in answer.citations} == told


def test_each_paper_is_quoted_with_what_says_so(assistant: Assistant):
    answer, _ = assistant.ask("which papers did I give full marks?")
    assert {citation.quote for citation in answer.citations} == {"Rating: 5."}
    assert all(citation.quote_verified for citation in answer.citations)


def test_papers_of_a_year_on_a_subject_are_quoted_with_what_they_say_of_it(assistant: Assistant):
    answer, _ = assistant.ask("papers from 2021 on gradual types")
    assert [one.quote for one in answer.citations] == ["A type checker for gradual types."]


def test_how_many_papers_say_who_wrote_them_is_not_told(assistant: Assistant):
    answer, _ = assistant.ask("which papers are written by Holm?")
    assert {one.entry.source for one in answer.citations} == {"code/parse.md", "code/types.md"}
    assert "papers in your notes say" not in answer.text


def test_a_name_that_no_note_says_is_refused_by_name(assistant: Assistant):
    answer, _ = assistant.ask("which papers came to me through Okafor?")
    assert answer.abstained
    assert "Okafor" in answer.text


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (Scope("", years=(2019,)), "Tern, Ocean Dynamics 2019"),
        (Scope("", venues=(("CHI", None),)), "Out at CHI."),
        (Scope("", tags=("sea",)), "tags: [waves, sea]"),
        (Scope("", status=("unread",)), "To read."),
        (Scope("", fields=(Condition("rerun", is_denied=True),)), "Not rerun."),
        (Scope("", with_code=True), "Code is on the site."),
        (Scope("", status=("read",)), None),
    ],
)
def test_line_that_says_what_is_asked_for_is_found(scope: Scope, said: str | None):
    text = (
        "Read 2019-02-03.\nTern, Ocean Dynamics 2019\nOut at CHI. Waves.\ntags: [waves, sea]\n"
        "To read. Not rerun.\nCode is on the site."
    )
    span = span_saying(text, scope)
    assert (text[slice(*span)] if span else None) == said


def test_link_to_a_repository_says_that_there_is_code():
    text = "Waves. [Slides](https://x.org/s)\n[Here](https://github.com/tern/waves) it is."
    span = span_saying(text, Scope("", with_code=True))
    assert span and text[slice(*span)].startswith("[Here]")


def test_a_tag_that_is_asked_for_stands_beside_a_name_where_the_words_do_not_say_it(tmp_path: Path):
    for name, said in (("gale", "A mast that bends in gales."), ("calm", "Slow sailing in calms.")):
        note = (
            f"---\ntitle: The {name} study\nyear: 2020\ntags: [slow sailing, 2020]\n---\n\n{said}\n"
        )
        (tmp_path / "notes").mkdir(exist_ok=True)
        (tmp_path / "notes" / f"{name}.md").write_text(note, encoding="utf-8")
    assistant = Assistant.open(corpus=str(tmp_path / "notes"), index=str(tmp_path / "index"))
    answer, _ = assistant.ask("which papers are about slow sailing?")
    lines = sorted(line for line in answer.text.split("\n") if line.startswith("- "))
    assert [line.partition(" — ")[0] for line in lines] == [
        "- The calm study (2020)",
        "- The gale study (2020, #slow sailing)",
    ]


def test_a_field_that_says_what_is_asked_for_is_shown(tmp_path: Path):
    (tmp_path / "notes").mkdir()
    for name, rating in (("gale", "★★★★★"), ("calm", "2/5")):
        note = f"# The {name.title()} Study\n\nMasts in a {name}.\n\nrating:: {rating}\n"
        (tmp_path / "notes" / f"{name}.md").write_text(note, encoding="utf-8")
    assistant = Assistant.open(corpus=str(tmp_path / "notes"), index=str(tmp_path / "index"))
    answer, _ = assistant.ask("which papers did I give full marks?")
    assert "The Gale Study — rating: ★★★★★ [1]" in answer.text

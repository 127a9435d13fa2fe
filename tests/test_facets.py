"""Questions by what notes say of papers besides their content: which facet, what it is to say."""

import math

import pytest

from made_segments import entry_table
from paperrag.notes.tree import parse_note
from paperrag.question.conditions import BY, Condition
from paperrag.question.facet_hint import FacetHint
from paperrag.question.faceted import faceted
from paperrag.question.facets import AskedFacet, FacetReader, _names
from paperrag.question.read import read_question
from paperrag.question.scope import Scope, read_scope
from paperrag.question.thresholds import LISTS_BY_FACET
from paperrag.question.years import FIRST_YEAR
from paperrag.search.saying import says_names, works_saying
from paperrag.text.dates import Period, period_in
from paperrag.text.people import beside_name
from paperrag.wiring.encoders import bundled_words, facet_reader
from test_scoping import Notes

NOTES = Notes()


def as_faceted(question: str, asked: AskedFacet, notes: Notes = NOTES) -> Scope | None:
    """Return the scope of a question whose facet is known, in notes."""
    return faceted(question, asked, read_scope(question, notes), notes)


def asked(question: str, facet: str, value: str = "", content: str = "", **told) -> Scope:
    """Return the scope of a question whose facet, value and content are known."""
    spans = [
        ((question.index(words), question.index(words) + len(words)),) if words else ()
        for words in (value, content)
    ]
    facets = tuple(facet.split())
    facet_asked = AskedFacet(facets, 0.9, values=spans[0], contents=spans[1], **told)
    found = as_faceted(question, facet_asked)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "facet", "is_denied"),
    [
        ("which of these have I rebuilt with my own hands?", "rerun", False),
        ("压根没重做过的实验都有哪些", "rerun", True),
        ("anything that Dr. Osei handed to me?", "recommended", False),
        ("哪些给了五颗星", "rating", False),
        ("stuff published in the sixties", "year", False),
        ("没放出程序的论文", "code", True),
        ("what did I go through in June 2021?", "read_on", False),
        ("挂了 重点 标签的笔记", "tag", False),
    ],
)
def test_facet_of_a_question_is_read_however_it_is_said(question: str, facet: str, is_denied: bool):
    found = facet_reader().read(question)
    assert (found.facets[0], found.is_denied) == (facet, is_denied)


@pytest.mark.parametrize(
    "question",
    [
        "which methods use code as training data?",
        "哪些论文研究推荐系统",
        "how is reading comprehension tested?",
        "papers on predicting the tags of pictures",
    ],
)
def test_what_only_sounds_like_a_facet_is_content(question: str):
    found = facet_reader().read(question)
    assert found.facets == ("none",) or found.sureness < LISTS_BY_FACET


@pytest.mark.parametrize("question", ["which methods merge the cache?", "哪些方法压缩注意力缓存？"])
def test_question_whose_words_speak_for_no_facet_is_not_read_in_context(question: str):
    def encoder():
        raise AssertionError("read in context")

    assert FacetReader(encoder, hint=FacetHint(bundled_words)).read(question) == AskedFacet()


def test_words_of_value_and_subject_are_told_apart():
    question = "which papers about tides did Ines recommend to me?"
    found = facet_reader().read(question)
    assert [question[slice(*span)] for span in found.values] == ["Ines"]
    assert "tides" in " ".join(question[slice(*span)] for span in found.contents)


@pytest.mark.parametrize(
    ("text", "value", "contents", "whole", "left"),
    [
        ("whats tagged to-cite?", "cite", [], "to-cite", []),
        ("through Lao Wei", "Lao", [], "Lao Wei", []),
        ("微软的缓存论文", "软", ["微", "缓存"], "微软", ["缓存"]),
        ("清华的缓存论文", "清华", ["缓存"], "清华", ["缓存"]),
    ],
)
def test_names_are_read_whole(text, value, contents, whole, left):
    spans = [(text.index(one), text.index(one) + len(one)) for one in (value, *contents)]
    values, others = _names(text, spans[:1], spans[1:])
    assert [text[slice(*span)] for span in values] == [whole]
    assert [text[slice(*span)] for span in others] == left


@pytest.mark.parametrize(("contents", "want"), [((), "list"), (((0, 6),), "topic")])
def test_a_topic_asks_by_a_facet_sooner_where_it_asks_about_nothing_else(contents, want: str):
    asked_of = AskedFacet(("rerun",), 0.86, contents=contents)
    read = read_question("otters seen again", NOTES, None, lambda _: asked_of)
    assert read.want == want


def test_long_texts_ask_by_no_facet():
    assert FacetReader(lambda: facet_reader()._encoder).read("which papers? " * 90) == AskedFacet()


@pytest.mark.parametrize(
    ("question", "value", "bound", "least", "most"),
    [
        ("我给四分的", "四分", "exact", 4, 4),
        ("two stars or worse", "two stars or worse", "most", -math.inf, 2),
        ("at least 3", "at least 3", "least", 3, math.inf),
        ("between 2 and 3 stars", "between 2 and 3 stars", "exact", 2, 3),
        ("full marks", "full marks", "best", 5, 5),
        ("my worst score", "worst", "worst", 3.5, 3.5),
        ("★★★ ones", "★★★", "exact", 3, 3),
    ],
)
def test_ratings_are_read_with_their_bounds(question, value, bound, least, most):
    assert asked(question, "rating", value, bound=bound).fields == (
        Condition("rating", (), least, most),
    )


@pytest.mark.parametrize(
    ("question", "least", "most"),
    [
        ("papers rated 5", 5, 5),
        ("which papers are rated at least 4/5?", 4, math.inf),
        ("papers rated below 3", -math.inf, 3),
        ("everything I scored only a 2", 2, 2),
        ("我给满分的论文", 5, 5),
        ("两分及以下的都是哪些", -math.inf, 2),
        ("two stars or worse, I want to purge them", -math.inf, 2),
        ("unread papers rated at least 4", 4, math.inf),
    ],
)
def test_question_for_a_rating(question: str, least: float, most: float):
    (condition,) = read_question(question, Notes(), None, facet_reader().read).scope.fields
    assert condition.field == "rating"
    assert (condition.least, condition.most) == (pytest.approx(least), pytest.approx(most))


def test_rating_beside_another_facet_is_asked_for_too():
    found = read_question("5-star papers from 2021 on otters", Notes(), None, facet_reader().read)
    assert found.scope.years == (2021,)
    assert found.scope.fields == (Condition("rating", (), 5, 5),)


@pytest.mark.parametrize(
    ("value", "bound", "first", "last"),
    [
        ("the nineties", "exact", 1990, 1999),
        ("1980s", "exact", 1980, 1989),
        ("九十年代", "exact", 1990, 1999),
        ("2010s", "exact", 2010, 2019),
        ("二〇一五年", "exact", 2015, 2015),
        ("between 2003 and 2008", "exact", 2003, 2008),
        ("older than 1985", "below", 1950, 1984),
        ("2020 年及更早", "most", 1950, 2020),
        ("since 2021", "least", 2021, 2049),
    ],
)
def test_years_and_decades_are_read_with_their_bounds(value, bound, first, last):
    found = asked(f"papers {value}", "year", value, bound=bound)
    assert (found.years[0], found.years[-1]) == (first, last)
    assert found.is_bare


@pytest.mark.parametrize(
    ("said", "period"),
    [
        ("2023 年 10 月", ((2023, 10, 1), (2023, 10, 31))),
        ("2023-11-04", ((2023, 11, 4), (2023, 11, 4))),
        ("between March and May 2024", ((2024, 3, 1), (2024, 5, 31))),
        ("in 2022", ((2022, 1, 1), (2022, 12, 31))),
        ("May", ((0, 5, 1), (0, 5, 31))),
        ("on a train", None),
    ],
)
def test_periods_are_read(said: str, period: Period | None):
    assert period_in(said) == period


def test_days_outside_a_period_do_not_fit():
    read = Condition("read", period=((2023, 10, 2), (2023, 10, 9)))
    said = ["2023-10-02", "2023-10-10", "2023-10", "2023-11", "2022-10-05"]
    assert [read.fits((("read", one),)) for one in said] == [True, False, True, False, False]


def test_a_name_is_found_by_what_stands_in_brackets_beside_it():
    found = asked("papers that 小周 (Xiao Zhou) sent", "recommended", "小周 (Xiao Zhou)")
    assert found.fields == (Condition("recommended", ("小周", "xiao zhou")),)
    found = asked("papers that Xiao Zhou sent", "recommended", "Xiao Zhou")
    assert found.fields == (Condition("recommended", ("xiao zhou", "小周")),)
    assert [*beside_name("Lao Wei", "Ines, Lao Wei 老魏 (materials)")] == ["老魏"]
    assert [*beside_name("小胡", "小胡（Xiao Hu）")] == ["Xiao Hu"]
    assert [*beside_name("Wei", "Weis 老魏")] == []


def test_a_rule_knows_better_how_a_year_is_bounded():
    found = asked("2020 年以前发表的老论文", "year", "2020 年")
    assert (min(found.years), max(found.years)) == (FIRST_YEAR, 2020)
    assert asked("papers from 2020", "year", "2020").years == (2020,)


def test_names_are_told_of_whole_and_without_what_somebody_is_called_beside():
    found = asked("小周安利给我的是哪几篇", "recommended", "小")
    assert found.fields == (Condition("recommended", ("小周",)),)
    found = asked("papers that my adviser Ines told me to read", "recommended", "my adviser Ines")
    assert found.fields == (Condition("recommended", ("ines",)),)
    assert not found.status


def test_who_wrote_something_is_not_who_recommended_it():
    assert asked("work by people at Tern Lab", BY, "Tern Lab").fields == (
        Condition(BY, ("tern lab",)),
    )
    assert asked("work by 小周", BY, "小周").lacking == "小周"


def test_what_no_note_says_is_named():
    found = asked("papers that Okafor lent me", "recommended", "Okafor")
    assert found.lacking == "Okafor"
    assert found.is_of_works and found.restricts


def test_what_papers_tried_themselves_is_no_rerun():
    question = "哪些论文在赛艇上做过实验"
    asked_of = AskedFacet(("rerun",), 0.9, contents=((5, 7),))
    assert as_faceted(question, asked_of) is None
    assert as_faceted(f"我自己{question}", asked_of) is not None


def test_a_name_that_notes_hold_may_be_a_subject():
    notes = Notes()
    notes.holds = lambda name: True  # type: ignore[method-assign]
    asked_of = AskedFacet(("tag",), 0.9, values=((7, 13),))
    assert as_faceted("tagged dengue", asked_of, notes) is None
    assert as_faceted("tagged dengue", asked_of).lacking == "dengue"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "place", "field", "is_said"),
    [
        ("Authors at Tern Lab.", 2, BY, True),
        ("Authors at Tern Lab.", 9, BY, False),
        ("| Swell | Kell, Tern Lab, JGR | 1994 |", 0, BY, True),
        ("It was tried by those of Tern Lab on a coast that nobody had measured yet", 2, BY, False),
        ('Tern Lab: "read it before you ask"', 9, "recommended", True),
        ("Kell, Tern Lab, JGR 1994", 1, "recommended", False),
        ("Rating: 3", 2, BY, False),
    ],
)
def test_who_wrote_or_recommended_is_said_without_a_label(line, place, field, is_said):
    assert says_names(line, place, Condition(field, ("tern lab",))) is is_said


def test_somebody_who_is_told_of_is_no_paper_that_they_recommended():
    text = "# Who\n\n- Ines: sends me PDFs\n- [Tides](https://a.com/t), from Ines\n"
    entries = entry_table(parse_note(text, "notes/who.md").entries)
    asked_of = Condition("recommended", ("ines",))
    found = works_saying(asked_of, entries, lambda _: list(range(len(entries))))
    assert [entries.title(row) for row in entries.rows_of_works(list(found))] == ["Tides"]


def test_a_subject_beside_a_facet_is_asked_for():
    found = asked("扩散方向我亲手重做过哪些", "rerun", content="扩散方向")
    assert (found.rest, found.is_bare, found.fields) == ("扩散方向", False, (Condition("rerun"),))


def test_subject_is_all_that_rules_leave_where_they_read_the_facet():
    found = asked("which papers from 2024 merge tide tables?", "year", "2024", content="tables")
    assert (found.rest, found.is_bare) == ("which papers merge tide tables?", False)
    found = asked("2024 年的 TideNet 论文有哪些", "year", "2024 年的 TideNet")
    assert (found.rest, found.is_bare) == ("TideNet 论文有哪些", False)
    assert asked("2024 年的论文，全部列出", "year", "2024 年").is_bare


def test_venues_and_tags_that_are_denied_are_others():
    assert asked("not in Nature", "venue", "Nature", is_denied=True).is_denied
    found = asked("没打 扩散 标签的", "tag", "扩散", is_denied=True)
    assert (found.tags, found.is_denied) == (("扩散",), True)


def test_unread_and_half_read_may_be_asked_for_at_once():
    assert asked("not read yet or only in part", "reading unread").status == ("reading", "unread")

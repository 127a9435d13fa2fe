from __future__ import annotations

import pytest

from paperrag.question.conditions import Condition
from paperrag.question.fields import FieldWords
from paperrag.question.intent import compared
from paperrag.question.read import read_question
from paperrag.question.scope import Scope, only_where, read_scope
from paperrag.question.years import told_years, without_years
from paperrag.records import FieldPairs, Status
from paperrag.text.dates import Period
from paperrag.text.folding import fold
from paperrag.text.progress import denies

FIELDS = (
    (("rating", "5"), ("org", "Tern Lab"), ("read", "2024-01-03"), ("recommended_by", "Ines")),
    (
        ("rating", "3.5"),
        ("org", "Tern Lab, Ibis"),
        ("read", "2024-02-01"),
        ("recommended-by", "小周"),
    ),
    (("推荐人", "陈老师"), ("state", "skimmed"), ("title", "Tides")),
    (("推荐人", "陈老师"), ("state", "skimmed"), ("title", "Moons")),
)
OF_LABS = (
    (("org", "雨燕研究院"), ("code", "in C"), ("rerun", "跑过")),
    (("byline", "(Tern et al., 2024, 雨燕北岸)"), ("recommended", "Ines 推荐")),
    (("byline", "(Ibis et al., 2023, Lake Moor)"), ("机构", "北岸")),
    (("recommended", "Ines"),),
)
SECTIONS = ("世界模型", "decoding", "部分观测")


class Notes:
    """A vocabulary of three headings, two tags and some works still to be read."""

    def __init__(self, works: tuple[FieldPairs, ...] = FIELDS) -> None:
        self._works = works

    def has_section(self, name: str) -> bool:
        return name in SECTIONS

    def has_tag(self, name: str) -> bool:
        return name in ("training-free", "Contrastive Learning", "扩散")

    def marks_reading(self, status: Status) -> bool:
        return True

    def fields(self) -> FieldWords:
        return FieldWords(self._works)

    def venues(self) -> frozenset[str]:
        return frozenset({"Nature", "Nature Methods", "Science", "Tellus"})

    def holds(self, name: str) -> bool:
        return False

    def writes(self, name: str) -> bool:
        return False

    def numbers_behind(self, name: str) -> frozenset[str]:
        return frozenset()

    def spelt(self, name: str) -> str:
        return name

    def called(self, identifier: str) -> str:
        return ""

    def names(self, asked: Condition) -> bool:
        return any(map(asked.fits, self._works))

    def also_called(self, name: str) -> tuple[str, ...]:
        return ("小周",) if name == "Xiao Zhou" else ()


def scope(question: str) -> Scope:
    return read_scope(question, Notes())


@pytest.mark.parametrize(
    ("question", "tag"),
    [
        ("papers tagged training-free", "training-free"),
        ("which papers are tagged Contrastive Learning?", "Contrastive Learning"),
        ("标签为扩散的论文有哪些", "扩散"),
        ("#training-free 的论文", "training-free"),
    ],
)
def test_question_for_a_tag_asks_for_all_that_carry_it(question: str, tag: str):
    found = scope(question)
    assert (found.tags, found.is_bare) == ((tag,), True)


@pytest.mark.parametrize(
    "question",
    [
        "everything tagged best paper, student award included",
        "ICLR 2024 papers (workshops too)",
        "NeurIPS 的论文，包括 workshop，都列出来",
        "2023年的论文有哪些？综述也算",
        "ICLR 的论文（短文也算）有几篇",
    ],
)
def test_what_is_counted_as_well_is_no_subject(question: str):
    assert scope(question).is_bare


@pytest.mark.parametrize(
    "question", ["ICLR papers on caches, including quantised ones", "2023年的图学习论文，综述也算"]
)
def test_subject_before_what_is_counted_as_well_stays(question: str):
    assert not scope(question).is_bare


def test_what_is_counted_as_well_stays_where_no_place_is_said():
    assert scope("graph papers, surveys included").rest == "graph papers, surveys included"


def test_what_is_no_tag_stays_in_the_question():
    assert scope("papers tagged fun") == Scope("papers tagged fun")


@pytest.mark.parametrize(
    "question",
    [
        *("哪些还没读？", "which papers have I not read yet?", "list unread papers"),
        *("状态还是 unread 的笔记", "notes still marked unread"),
    ],
)
def test_question_for_what_is_still_to_be_read(question: str):
    found = scope(question)
    assert (found.status, found.is_bare) == (("unread",), True)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("which papers have I already read?", "read"),
        ("我读过的论文有哪些", "read"),
        ("what am I reading", "reading"),
        ("which ones have I only skimmed so far?", "reading"),
        ("正在读的论文有哪些", "reading"),
        ("which papers on caches have I read?", None),
        ("我读过的缓存论文有哪些", None),
    ],
)
def test_what_was_read_is_asked_for_where_nothing_else_is(question: str, status: Status | None):
    assert scope(question).status == ((status,) if status else ())


@pytest.mark.parametrize(
    "question", ["还没看完的论文", "papers I have not finished", "not read yet or only partly read"]
)
def test_what_is_not_finished_is_unread_or_being_read(question: str):
    assert set(scope(question).status) == {"unread", "reading"}


@pytest.mark.parametrize(
    "question", ["five-star papers", "五星的论文", "⭐⭐⭐⭐⭐", "my rating: 5", "评分 5 的论文"]
)
def test_rating_is_asked_for_as_notes_give_it(question: str):
    found = scope(question)
    assert (found.fields, found.is_bare) == ((Condition("rating", (), 5, 5),), True)


@pytest.mark.parametrize(
    "question",
    [
        "papers with 5 layers",
        "which ratings are predicted?",
        "分布偏移与归一化",
        "哪些论文做三分类",
        "把图像分割成四块的方法有哪些",
        "which papers have the best score with one GPU?",
        "papers rated above 80 on human evaluation",
        "给出五种合并方法的论文",
        "满分作文自动批改",
    ],
)
def test_figures_and_ratings_alone_ask_for_none(question: str):
    assert not scope(question).fields


@pytest.mark.parametrize(
    ("question", "field", "value"),
    [
        ("papers from Tern Lab", "", "tern lab"),
        ("Ibis papers", "", "ibis"),
        ("which papers did Ines recommend?", "recommended", "ines"),
        ("陈老师推荐的论文有哪些", "recommended", "陈老师"),
        ("papers whose state is skimmed", "state", "skimmed"),
    ],
)
def test_values_of_fields_that_notes_have_are_asked_for(question: str, field: str, value: str):
    found = scope(question)
    assert [(one.field, one.values) for one in found.fields] == [(field, (value,))]
    assert found.is_bare


@pytest.mark.parametrize("question", ["Grebe", "papers on Grebe", "讲 Grebe 的论文", "Dunlin"])
def test_what_a_few_notes_say_before_and_behind_a_colon_asks_for_no_works(question: str):
    few = [
        (("问题", "首先，Grebe 把每张图存两份"), ("dunlin", "")),
        (("问题", "Grebe grid"), ("dunlin", "")),
    ]
    of_all = [(("code", "先按 Grebe 的顺序把所有的点排好"),) for _ in range(38)]
    assert not read_scope(question, Notes([*few, *of_all])).fields


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("雨燕(北岸、Ibis)出的有哪几篇", ("雨燕", "北岸", "ibis")),
        ("Ines 推给我看的论文", ("ines",)),
        ("papers from Moor", ("moor",)),
    ],
)
def test_parts_of_names_of_people_and_organisations_are_asked_for(
    question: str, names: tuple[str, ...]
):
    found = read_scope(question, Notes(OF_LABS))
    assert ([one.values for one in found.fields], found.is_bare) == ([names], True)


@pytest.mark.parametrize("question", ["雨燕论文里的缓存", "papers from Ostrava", "有哪些论文"])
def test_names_beside_a_subject_or_of_nobody_are_no_condition(question: str):
    assert not read_scope(question, Notes(OF_LABS)).fields


def test_what_is_left_out_is_known_by_who_it_is_from():
    found = read_scope("除了雨燕那几个以外,还有哪些缓存论文", Notes(OF_LABS))
    assert [(one.values, one.is_denied) for one in found.fields] == [(("雨燕",), True)]


def test_fields_that_works_have_and_lack_are_asked_for_together():
    notes = Notes((*OF_LABS, (("code", "on GitHub"), ("rerun", "没跑"))))
    found = read_scope("代码是公开的，但我没有真正跑过的有哪些", notes)
    asked = [(one.field, one.is_denied) for one in found.fields]
    assert (asked, found.is_bare) == ([("code", False), ("rerun", True)], True)


def test_label_of_a_few_notes_is_no_condition():
    told = (("load", "TideBench"),)
    for others, fields in ((2, 1), (40, 0)):
        notes = Notes((told, told, *[(("org", "Ibis"),)] * others))
        assert len(read_scope("which papers have TideBench as load?", notes).fields) == fields


def test_field_alone_asks_for_all_that_have_it():
    found = scope("which papers have an org?")
    assert ([(one.field, one.values) for one in found.fields], found.is_bare) == (
        [("affiliation", ())],
        True,
    )


@pytest.mark.parametrize(
    "question",
    ["Tern Lab papers on caches", "papers by Ines on caches", "papers on tides", "Inessa papers"],
)
def test_value_without_its_field_is_no_condition_beside_a_subject(question: str):
    assert not scope(question).fields


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("what did I read in January 2024?", ((2024, 1, 1), (2024, 1, 31))),
        ("papers I read in january", ((0, 1, 1), (0, 1, 31))),
        ("2 月看的论文", ((0, 2, 1), (0, 2, 31))),
    ],
)
def test_month_of_reading_is_asked_for(question: str, period: Period):
    assert [(one.field, one.period) for one in scope(question).fields] == [("read", period)]


def test_a_question_is_compared_with_values_that_begin_as_a_part_of_it_alone(monkeypatch):
    compared: list[str] = []

    def stands_at(start: int, key: str, text: str) -> bool:
        compared.append(key)
        return text.startswith(key, start)

    monkeypatch.setattr("paperrag.question.fields.stands_at", stands_at)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [f"{one}{other}4 lab" for one in letters for other in letters]
    words = FieldWords([[("recommended by", name)] for name in names])
    _, (condition,) = words.conditions("papers recommended by qz4 lab on tides", lambda text: False)
    assert condition == Condition("recommended", ("qz4 lab",))
    assert len(compared) < 30 < len(names) == 676


def test_conditions_are_held_against_what_fields_say():
    rated = Condition("rating", least=4)
    assert [rated.fits(one) for one in FIELDS] == [True, False, False, False]
    of_ibis = Condition("affiliation", ("ibis",))
    assert [of_ibis.fits(one) for one in FIELDS] == [False, True, False, False]
    others = Condition("", ("ibis",), is_denied=True)
    assert [others.fits(one) for one in FIELDS] == [True, False, True, True]
    assert [Condition("rating", is_denied=True).fits(one) for one in FIELDS] == [
        False,
        False,
        True,
        True,
    ]
    february = Condition("read", period=((0, 2, 1), (0, 2, 31)))
    assert [february.fits(one) for one in FIELDS[:2]] == [False, True]


def test_works_are_told_year_by_year_or_with_their_code():
    assert scope("how many papers per year").by_year
    assert scope("按年份列出论文").by_year
    assert scope("papers with code").with_code
    assert scope("带代码的论文有哪些").with_code
    assert not scope("papers with no code available").with_code


@pytest.mark.parametrize(
    ("question", "venues"),
    [
        ("ICLR 2024 papers", (("ICLR", 2024),)),
        ("哪些是ICLR24的", (("ICLR", 2024),)),
        ("发在 CVPR'24 上的", (("CVPR", 2024),)),
        ("ICML 2024的论文有哪些", (("ICML", 2024),)),
        ("笔记里标了ICML 2024（ICML24）的文章都有哪几篇？", (("ICML", 2024),)),
        ("which papers were published at NIPS?", (("NEURIPS", None),)),
        ("NeurIPS 2023 papers in my vault", (("NEURIPS", 2023),)),
        ("NeurIPS 2023 那届的", (("NEURIPS", 2023),)),
        ("Nature papers", (("NATURE", None),)),
        (
            "everything published in Nature or Science proper (not the sister journals)",
            (("NATURE", None), ("SCIENCE", None)),
        ),
        ("papers in Nature Methods 2021", (("NATURE METHODS", 2021),)),
        ("发在 Nature 或 Science 上的论文有哪些", (("NATURE", None), ("SCIENCE", None))),
        ("哪些是 Tellus 的文章", (("TELLUS", None),)),
    ],
)
def test_question_for_a_venue_asks_for_all_of_it(
    question: str, venues: tuple[tuple[str, int | None], ...]
):
    found = scope(question)
    assert (found.venues, found.is_bare, found.restricts) == (venues, True, True)


@pytest.mark.parametrize(
    "question", ["papers on Science QA", "methods on nature scenes", "papers on Cell segmentation"]
)
def test_word_that_is_a_venue_elsewhere_stays_in_the_question(question: str):
    assert scope(question) == Scope(question)


def test_what_is_said_not_to_be_meant_in_brackets_is_left_out():
    found = scope("agents that browse (not SeeAct)")
    assert (found.rest, found.excluded) == ("agents that browse", ("SeeAct",))
    assert scope("models that reason (not just recall)").excluded == ()


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("2025年的论文", 2025),
        ("papers from 2023", 2023),
        ("2024 papers", 2024),
        ("papers published in 2022", 2022),
    ],
)
def test_question_for_a_year_asks_for_all_of_it(question: str, year: int):
    found = scope(question)
    assert (found.years, found.venues, found.is_bare) == ((year,), (), True)


def test_venue_and_subject_are_told_apart():
    assert scope("papers about KV cache published at ICML") == Scope(
        "papers about KV cache", venues=(("ICML", None),)
    )
    assert scope("NeurIPS 2023 上做合并的有哪些").rest == "做合并的有哪些"


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("世界模型那一节里记了哪些论文？", "世界模型"),
        ("how many papers in the decoding section", "decoding"),
    ],
)
def test_question_for_a_section_asks_for_all_of_it(question: str, section: str):
    found = scope(question)
    assert (found.section, found.is_bare) == (section, True)


@pytest.mark.parametrize(
    "question",
    ["有哪些部分方法", "which papers decompose part of the weights in the last section?"],
)
def test_what_is_no_heading_is_no_section(question: str):
    assert scope(question) == Scope(question)


@pytest.mark.parametrize(
    "question", ["everything tagged best paper", "笔记里哪些论文拿过 best paper", "最佳论文有哪些"]
)
def test_question_for_awards_asks_for_all_of_them(question: str):
    found = scope(question)
    assert (found.awarded, found.is_bare) == (True, True)


def test_best_papers_on_a_subject_are_no_award():
    assert not scope("best papers on SLAM").awarded


@pytest.mark.parametrize(
    ("question", "rest", "excluded"),
    [
        ("除了H2O还有哪些eviction方法", "有哪些eviction方法", ("H2O",)),
        ("除了 CaM 和 DMC，还有什么合并的方法", "有什么合并的方法", ("CaM", "DMC")),
        ("eviction methods other than H2O and CaM", "eviction methods", ("H2O", "CaM")),
        ("相机位姿未知也能训的 NeRF（SLAM 不算）", "相机位姿未知也能训的 NeRF", ("SLAM",)),
        ("靠测试来找毛病的工作，不要形式化证明那种", "靠测试来找毛病的工作", ("形式化证明",)),
    ],
)
def test_what_is_not_wanted_is_left_out(question: str, rest: str, excluded: tuple[str, ...]):
    assert scope(question) == Scope(rest, excluded=excluded)


@pytest.mark.parametrize(
    "question",
    [
        "which methods merge KV cache?",
        "methods that work besides attention",
        "哪些方法除以范数",
        "附录一百多页的那篇ACL论文是讲什么的",  # one paper, whatever its entry says of ACL
        "LongRoPE是哪个会议的",
        "What happened at ICML 2024?",
        "高斯核加权合并",
    ],
)
def test_other_questions_look_everywhere(question: str):
    assert read_question(question, Notes()).scope == Scope(fold(question))


def test_question_without_a_subject_is_bare_and_restricts_nothing():
    assert scope("which methods?") == Scope("which methods?", is_bare=True)
    assert not scope("列一下都有什么").restricts


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("LoRA-FA vs LoRA+", ("LoRA-FA", "LoRA+")),
        ("LESS vs GEAR: what differs?", ("LESS", "GEAR: what differs")),
        ("what is the difference between LESS and GEAR?", ("LESS", "GEAR")),
        ("compare H2O and StreamingLLM", ("H2O", "StreamingLLM")),
        ("How does YaRN differ from LongRoPE?", ("YaRN", "LongRoPE")),
        ("How do YaRN and LongRoPE differ?", ("YaRN", "LongRoPE")),
        ("how are LESS and GEAR different", ("LESS", "GEAR")),
        ("LESS和GEAR的区别", ("LESS", "GEAR")),
        ("LESS vs GEAR 有什么区别", ("LESS", "GEAR")),
        ("LoRA+和LoRA-FA有什么不同", ("LoRA+", "LoRA-FA")),
        ("比较一下 CaM 与 KVMerger", ("CaM", "KVMerger")),
        ("SelfExtend跟DCA之间有哪些差异？", ("SelfExtend", "DCA")),
    ],
)
def test_comparison_names_two_things(question: str, sides: tuple[str, str]):
    assert compared(question) == sides


@pytest.mark.parametrize(
    "question",
    [
        "哪些方法和H2O不同",
        "which methods differ?",
        "How do keys and values merge?",
        "KVMerger 的方法",
        "compare",
        "merge and evict",
        "KVMerger delay: theory vs actual?",
    ],
)
def test_other_questions_compare_nothing(question: str):
    assert compared(question) is None


@pytest.mark.parametrize(
    ("question", "first", "last", "rest"),
    [
        ("papers on dunes since 2020", 2020, 2049, "papers on dunes"),
        ("papers on dunes from 2017 to 2019", 2017, 2019, "papers on dunes"),
        ("papers published between 2017 and 2019 on dunes", 2017, 2019, "papers on dunes"),
        ("dune papers after 2020", 2021, 2049, "dune papers"),
        ("dune papers before 2020", 1950, 2019, "dune papers"),
        ("dune papers from 2020 or earlier", 1950, 2020, "dune papers"),
        ("2018年以后讲沙丘的论文", 2018, 2049, "讲沙丘的论文"),
        ("2018年之后发表的沙丘论文", 2019, 2049, "沙丘论文"),
        ("2018年之前的沙丘论文有哪些", 1950, 2017, "沙丘论文有哪些"),
        ("2018年以前的沙丘论文有哪些", 1950, 2018, "沙丘论文有哪些"),
        ("2018到2020年的沙丘论文", 2018, 2020, "沙丘论文"),
        ("2018-2020 年间的沙丘论文", 2018, 2020, "沙丘论文"),
    ],
)
def test_years_from_and_up_to_one(question: str, first: int, last: int, rest: str):
    assert without_years(question)[1] == tuple(range(first, last + 1))
    assert " ".join(without_years(question)[0].split()) == rest


@pytest.mark.parametrize("question", ["dunes that grew 2000 m", "在 2020 个沙丘上测过的"])
def test_a_number_is_no_year(question: str):
    assert without_years(question) == (question, ())


def test_years_are_told_as_people_write_them():
    assert told_years((2017, 2018, 2019, 2021)) == ["2017–2019", "2021"]
    assert told_years((*range(1950, 2020), *range(2022, 2050))) == ["–2019", "2022–"]


@pytest.mark.parametrize(
    ("question", "with_code"),
    [
        ("which of my papers have code?", True),
        ("which papers release their code", True),
        ("哪些开源了代码？", True),
        ("没有代码的论文", False),
        ("papers on code review", False),
    ],
)
def test_papers_that_link_to_code_are_asked_for(question: str, with_code: bool):
    assert read_scope(question, Notes()).with_code is with_code


@pytest.mark.parametrize(
    "question",
    [
        "Ines shows in a long talk what is recommended",
        "which methods use the state of a lab in the past that Ibis skimmed through?",
    ],
)
def test_a_value_far_from_the_name_of_its_field_is_no_condition(question: str):
    assert not scope(question).fields


@pytest.mark.parametrize("question", ["Ibis 多大？", "org?"])
def test_a_question_for_one_thing_is_none_for_what_a_field_says(question: str):
    assert only_where(question, Notes()) is None


@pytest.mark.parametrize(
    ("text", "is_denied"),
    [
        ("有没有公开代码？", False),
        ("是不是要训练", False),
        ("没有代码", True),
        ("代码未公开", True),
    ],
)
def test_a_question_by_a_not_a_denies_nothing(text: str, is_denied: bool):
    assert denies(text) == is_denied


def test_articles_are_no_section():
    asked = scope("MLSys 上的文章我都记了哪些")
    assert (asked.section, asked.venues) == (None, (("MLSYS", None),))

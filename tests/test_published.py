"""When and where a work appeared, who wrote it, whether it was read: of the work itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes import NgramEncoder
from paperrag.notes.bylines import split_byline
from paperrag.notes.remarks import fields_of_line
from paperrag.notes.tree import parse_note
from paperrag.records import Work
from paperrag.text.progress import rating_of, status_in, without_status
from small_corpus import make_assistant

POST = """---
title: "Lantern: Dimming Noisy Gradients by Lamplight"
tags: ['2018', 'ICLR 2019', multi-task]
---

- The paper proposes Lantern, which dims gradients that disagree.
- [Link to the paper](https://arxiv.org/abs/1810.00001)
- It beats [Torch](https://arxiv.org/abs/2104.00002) (NeurIPS 2021).
"""

TABLE = """# Lantern: Dimming Noisy Gradients by Lamplight
[paper link](https://arxiv.org/abs/1810.00001)

| Year | Introduction |
| ---- | ------------ |
| 2017 | This paper dims gradients that disagree. |
"""

LINES = """# 灯笼：按灯光调梯度

**会议**: ICML 2020
**作者**: 张三、李四
**状态**: 待读

本文提出灯笼，让不一致的梯度变暗。后来的火炬 [ACL 2023] 更快。
"""


def work_of(text: str, source: str = "notes/lantern.md") -> Work:
    found = parse_note(text, source, "note").entries[0].work
    assert found is not None
    return found


def test_year_and_venue_are_read_from_tags_and_not_from_what_is_cited():
    work = work_of(POST)
    assert (work.year, work.venue) == (2018, "ICLR 2019")


def test_year_is_read_from_the_first_table():
    assert work_of(TABLE).year == 2017


def test_venue_authors_and_status_are_read_from_lines():
    work = work_of(LINES)
    assert (work.venue, work.year, work.authors) == ("ICML 2020", 2020, ("张三", "李四"))
    assert work.status == "unread"


def test_the_date_of_a_note_is_not_the_year_of_its_paper():
    text = "---\ntitle: Lantern Fish at Night\ndate: 2024-05-01\nvenue: OSDI 2012\n---\nIt glows in the dark, they say.\n"
    assert work_of(text).year == 2012


@pytest.mark.parametrize(
    ("item", "authors", "venue", "aliases"),
    [
        ("Tern, Ibis & Swift 2014 (PNAS) Shifts", ("Tern", "Ibis", "Swift"), "PNAS 2014", ()),
        ("Tern et al. 2019 QJE jobs", ("Tern",), "QJE 2019", ()),
        ("Dan Tern, von Ibis 2011 Peers", ("Tern", "Ibis"), None, ()),
    ],
)
def test_authors_at_the_head_of_a_bullet_are_its_byline(
    item: str, authors: tuple[str, ...], venue: str | None, aliases: tuple[str, ...]
):
    work = work_of(
        f"# List\n\n- {item}\n  - says more\n- **Torch** [ACL25] burns\n", "notes/list.md"
    )
    assert (work.authors, work.venue, work.aliases) == (authors, venue, aliases)


@pytest.mark.parametrize(
    ("item", "year", "status"),
    [
        ("- [ ] Lantern (2010) – dims gradients", 2010, "unread"),
        ("- [x] Lantern（灯笼公司，2022）：让梯度变暗", 2022, "read"),
        ("- **Lantern** [ICLR24] dims gradients (later also at ACL 2025)", 2024, ""),
    ],
)
def test_bullets_say_when_a_work_appeared_and_whether_it_was_read(
    item: str, year: int, status: str
):
    work = work_of(f"# List\n\n{item}\n- **Torch** [ACL25] burns\n", "notes/list.md")
    assert (work.year, work.status) == (year, status)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("to read", "unread"),
        ("未读", "unread"),
        ("已读", "read"),
        ("在读", "reading"),
        ("we read minds", ""),
    ],
)
def test_words_for_the_state_of_reading(text: str, status: str):
    assert status_in(text) == status


def test_words_for_what_is_unread_are_taken_out_of_a_question():
    assert without_status("哪些还没读") == ("哪些 ", ("unread",))
    assert without_status("我有没读的论文吗")[1] == ("unread",)
    assert "unread" not in without_status("有没有读过讲潮汐的论文")[1]
    assert without_status("what reads minds?") == ("what reads minds?", ())


@pytest.mark.parametrize(
    ("value", "rating"),
    [
        ("4/5", 4),
        ("★★★★☆", 4),
        ("五星", 5),
        ("four stars", 4),
        ("2 of 5", 2),
        ("五星级", None),
        ("one starship", None),
        ("5 stars", 5),
        ("⭐️⭐️⭐️", 3),
        ("8", 8),
        ("good", None),
        ("⭐", None),
    ],
)
def test_ratings_are_counted(value: str, rating: float | None):
    assert rating_of(value) == rating


@pytest.mark.parametrize(
    ("line", "rating", "read"),
    [
        ("Rating: 3/5. Read 2024-04-23. Ines sent it.", "3", "2024-04-23"),
        ("★★★★ | 2024-03-22", "4", "2024-03-22"),
        ("读：2024-03-22　打分：五星　来源：自己", "5", "2024-03-22"),
        ("read 22 March 2024 / 2 of 5 / from Lin", "2", "2024-03-22"),
        ("读于 2023-12-05，评分 4", "4", "2023-12-05"),
        ("It glows. 3.5/5. Read: 7 March 2024", "3.5", "2024-03-07"),
        ("Nature, Jan 2024; it wins 4/5 of all games, 2024-06 更新", None, None),
    ],
)
def test_rating_and_day_of_reading_are_read_however_they_are_told(
    line: str, rating: str | None, read: str | None
):
    fields = dict(work_of(f"# Lantern: Dimming Noisy Gradients\n\n{line}\n\nIt dims.\n").fields)
    assert (fields.get("rating"), fields.get("read")) == (rating, read)


BULLETS = "- **Lantern** [ICLR24] dims gradients\n- **Torch** [ACL25] burns\n"


@pytest.mark.parametrize(
    ("head", "source", "read"),
    [
        ("Both read in March 2024.\n\n", "notes/list.md", "2024-03-00"),
        ("", "notes/2024-06 ideas.md", "2024-06-00"),
        ("", "notes/2024-W15.md", "2024-04-08"),
    ],
)
def test_works_of_a_list_were_read_when_it_says_so_or_its_file_does(
    head: str, source: str, read: str
):
    entries = parse_note(f"# List\n\n{head}{BULLETS}", source, "note").entries
    works = [entry.work for entry in entries if entry.part == "work"]
    assert [dict(work.fields)["read"] for work in works if work] == [read, read]


def test_fields_of_any_name_are_kept_with_the_work():
    text = "# Lantern: Dimming Noisy Gradients\nlab:: Tern\n预训练：两轮\n\nIt dims them all, and says so.\n"
    assert set(work_of(text).fields) == {("lab", "Tern"), ("预训练", "两轮")}


@pytest.mark.parametrize(
    ("line", "field", "said"),
    [
        ("It dims them all. Rating 5，陈老师推荐", "recommended", "陈老师推荐"),
        ("重跑：两天，基本吻合", "rerun", "重跑：两天"),
        ("I have not rerun it yet.", "rerun", "I have not rerun it yet"),
        ("没有官方代码。", "code", "没有官方代码"),
        ("Code is public, for once", "code", "Code is public"),
    ],
)
def test_remarks_that_recommend_run_again_or_deny_that_are_kept(line: str, field: str, said: str):
    text = f"# Lantern: Dimming Noisy Gradients\n\n{line}\n"
    assert (field, said) in work_of(text).fields


def test_words_that_only_begin_like_a_remark_are_none():
    fields = work_of("# Lantern: Dimming Noisy Gradients\n\nReRank gains 2 points.\n").fields
    assert "rerun" not in dict(fields)


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("Ines Tern et al., Lamp Lab, 2019", ["Ines Tern et al., Lamp Lab, 2019"]),
        (
            "Tern & Ibis. ICML 2021 spotlight. Lamp Lab / Moor",
            ["Tern & Ibis. ICML 2021 spotlight. Lamp Lab / Moor"],
        ),
        ("Tern et al., Lamp Lab. 把梯度调暗，很快。", ["Tern et al., Lamp Lab"]),
        ("把梯度调暗，很快", []),
        ("It dims, and fast", []),
        ("灯光的预测（Dim Estimation）方法有：", []),
        ("提出了 WickNet，介绍了 CASP 大赛", []),
        ("Hidden Lamp Model (HLM)", []),
        ("把 M 等分成平面，把 N 等分成曲面", []),
        ("| Symbol | Description |", []),
        ("Ines Tern, Dan Ibis", ["Ines Tern, Dan Ibis"]),
    ],
)
def test_byline_says_who_wrote_a_paper_and_where(line: str, byline: list[str]):
    fields = work_of(
        f"# Lantern: Dimming Noisy Gradients\n{line}\n\nIt dims them all, and says so.\n"
    ).fields
    assert [value for name, value in fields if name == "byline"] == byline


@pytest.mark.parametrize(
    ("line", "venue"),
    [
        ("> SOSP 2019", "SOSP 2019"),
        ("> VL/HCC 2019", "VL/HCC 2019"),
        ("> OSDI'19: Ninth Symposium on Lamps, Moor (2019), pp. 13-15", "OSDI 2019"),
        ("> PVLDB, Aug 2019", "PVLDB 2019"),
        (
            "> Ines Tern, IEEE Transactions on Lamps, February 2019",
            "IEEE Transactions on Lamps 2019",
        ),
        ("> 9th International Conference on Lamps (EDBT), March 2019", "EDBT 2019"),
        ("安澜、王灯，《灯光学报》，2019 年", "灯光学报 2019"),
        ("安澜等，灯光学报 2019", "灯光学报 2019"),
        ("Tern & Ibis, Lamp Letters 12(3), 2019", "Lamp Letters 2019"),
        ("这篇发在杂志上，2019", None),
        ("We showed it to the workshop, 2019", None),
        ("Lamps of the CVPR 2019 challenge", None),
        ("Wicks 2019: 78.1", None),
        ("Read before ICML, July 19", None),
    ],
)
def test_line_below_a_title_says_where_its_paper_appeared(line: str, venue: str | None):
    work = work_of(f"# Lantern: Dimming Noisy Gradients\n{line}\n\nIt dims them all, it says.\n")
    assert work.venue == venue


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("附录还没看。", "reading"),
        ("status: half-read", "reading"),
        ("It was not tried by them", ""),
    ],
)
def test_what_is_read_in_part_is_being_read(line: str, status: str):
    text = f"# 灯笼：按灯光调梯度\n\n{line}\n\n本文提出灯笼。\n\n它让梯度变暗。\n\n结果很好。\n"
    assert work_of(text).status == status


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("rating: 3.5, skim", "reading"),
        ("Lamp Lab [skimmed] rating 3", "reading"),
        ("评分 4，读过", "read"),
        ("评分 4，附录待读", "reading"),
        ("they skim the lamps, read on", ""),
    ],
)
def test_how_far_somebody_is_may_stand_beside_a_rating(line: str, status: str):
    text = f"# 灯笼：按灯光调梯度\n\n{line}\n\n本文提出灯笼。\n\n它让梯度变暗。\n\n结果很好。\n"
    assert work_of(text).status == status


def test_byline_below_the_title_says_the_year_and_a_day_of_reading_does_not():
    text = "# Lantern: Dimming Noisy Gradients\nInes Tern et al., Lamp Lab, 2019\nRead 2024-04-23\n\nIt dims.\n"
    assert work_of(text).year == 2019


def test_headings_with_citations_are_works():
    text = (
        "# Losses\n\n## Soft edges — Tern et al., MIDL 2019 (Lamp Lab)\nRating 4. It dims.\n\n"
        "## Wide rims (Ibis et al., 2017)\nRating 2\n"
    )
    entries = parse_note(text, "notes/losses.md", "note").entries
    works = [entry.work for entry in entries if entry.part == "work"]
    assert [(work.year, dict(work.fields)["rating"]) for work in works if work] == [
        (2019, "4"),
        (2017, "2"),
    ]


@pytest.mark.parametrize(
    ("title", "name", "venue", "year"),
    [
        ("Soft edges — Tern, Ibis (Lamp Lab), MIDL 2019", "Soft edges", "MIDL 2019", 2019),
        ("WickNet — 林灯 & Ibis, VL/HCC 2004, Moor University", "WickNet", "VL/HCC 2004", 2004),
        ("WickNet (Tern; CHI 2026; Moor)", "WickNet", "CHI 2026", 2026),
        ("WickNet · MLCB 2025 · dims what is not seen", "WickNet", "MLCB 2025", 2025),
        ("WickNet (Tern et al., 2024b)", "WickNet", None, 2024),
        ("WickNet (OSDI 2021, best paper)", "WickNet", "OSDI 2021", 2021),
        ("WickNet (OSDI 14, Moor)", "WickNet", "OSDI 2014", 2014),
        ("WickNet (Tern, Ibis), Lamp Lab, CHI 2021", "WickNet", "CHI 2021", 2021),
        ("WickNet：Tern 等，CHI 2018，Moor", "WickNet", "CHI 2018", 2018),
        ("WickNet：Tern 2011、Ibis 2012", "WickNet：Tern 2011、Ibis 2012", None, None),
        ("Lamps — Tern 2011", "Lamps — Tern 2011", None, None),
        ("Lamps: BERT, RoBERTa, T5", "Lamps: BERT, RoBERTa, T5", None, None),
        ("灯光 — 调暗、变亮（共 130 次）", "灯光 — 调暗、变亮（共 130 次）", None, None),
    ],
)
def test_byline_behind_a_title_is_no_part_of_its_name(
    title: str, name: str, venue: str | None, year: int | None
):
    found, byline = split_byline(title)
    assert found == name
    assert (byline and byline.venue, byline and byline.year) == (venue, year)


def test_long_line_of_names_place_and_remarks_below_a_title_dates_its_paper():
    text = (
        "# 灯笼：按灯光调梯度\nTern, 林灯, Ibis · University of the Moor · UIST 2025 · 评分 3 · "
        "读完 2026-07-15 · Hyejin 推荐\n\n本文提出灯笼。\n"
    )
    work = work_of(text)
    assert (work.year, work.venue) == (2025, "UIST 2025")
    assert {"rating": "3", "read": "2026-07-15"}.items() <= dict(work.fields).items()


@pytest.mark.parametrize("mark", ["", "- "])
def test_first_line_with_a_byline_below_names_the_paper_of_a_file(mark: str):
    text = "\n".join(
        f"{mark}{line}"
        for line in (
            "WickNet: dims what is seen",
            "Tern, Ibis; CHI 2020; Moor",
            "Dimmers: three (2, 3, 5)",
            "RimNet comes after it, with WickNet below",
        )
    )
    work = work_of(text, "notes/wick.md")
    assert (work.name, work.source, work.id) == ("WickNet: dims what is seen", work.id, work.id)
    assert (work.year, work.venue) == (2020, "CHI 2020")


def test_headings_with_bylines_below_make_a_list_of_papers():
    text = "\n\n".join(
        f"# Notes on {name}\n(Tern & Ibis, 20{year}, *CHI*) [moor]\nIt dims what is seen."
        for name, year in (("the wick", "08"), ("a rim", "07"), ("few lamps", "05"))
    )
    entries = parse_note(text, "notes/lamps.md", "note").entries
    assert [entry.work.year for entry in entries if entry.part == "work" and entry.work] == [
        2008,
        2007,
        2005,
    ]


def test_cells_of_a_row_may_be_bylines():
    text = (
        "# Lamps\n\n| what | who | idea |\n|---|---|---|\n"
        "| WickNet | Tern, 灯火, CHI | 遮挡预测再加上混入别人的灯光 |\n"
        "| RimNet | Ibis, Moor, CHI | it dims what nobody has ever seen so far |\n"
    )
    entries = parse_note(text, "notes/lamps.md", "note").entries
    said = [dict(entry.work.fields)["byline"] for entry in entries if entry.work]
    assert said == ["Tern, 灯火, CHI", "Ibis, Moor, CHI"]


def test_headings_with_bylines_make_a_list_of_papers():
    text = "# 灯光\n\n" + "\n\n".join(
        f"## {name} (OSDI 20{year})\n\n它让梯度变暗，比以前快得多，也更稳。"
        for name, year in (("Wick", 18), ("Rim", 20), ("Dim", 21))
    )
    entries = parse_note(text, "notes/lamps.md", "note").entries
    assert [entry.work.name for entry in entries if entry.part == "work" and entry.work] == [
        "Wick",
        "Rim",
        "Dim",
    ]


@pytest.mark.parametrize(
    "line", ["{} (Tern, Ibis; UIST 2025; Moor Lab)", "## {} — Tern & Ibis, UIST 2025"]
)
def test_line_or_heading_with_a_byline_right_above_bullets_is_their_paper(line: str):
    text = "# 灯光\n\n" + "\n\n".join(
        f"{line.format(name)}\n- 让梯度变暗，比以前快得多\n- 11 名用户"
        for name in ("Wick", "Rim", "Dim")
    )
    entries = parse_note(text, "notes/lamps.md", "note").entries
    assert [one.work and one.work.name for one in entries] == [
        *["Wick"] * 3,
        *["Rim"] * 3,
        *["Dim"] * 3,
    ]


def test_first_line_with_a_byline_names_the_paper_of_a_file():
    text = 'WickNet — dims "all lamps"  (Tern & Ibis, Moor.com, SIGIR 2025)\n\n* 让梯度变暗\n* 11 名用户\n'
    assert work_of(text).name == 'WickNet — dims "all lamps"'


def test_byline_below_the_heading_makes_a_file_of_bullets_one_paper():
    bullets = "\n".join(f"- {name}: it dims lamps" for name in ("WickNet", "RimNet", "DimNet"))
    text = f"# Lantern: dimming lamps without a clock\n\nTern, Ibis — EuroSys 2026\n\n{bullets}\n"
    assert {entry.work and entry.work.name for entry in parse_note(text, "a.md").entries} == {
        "Lantern: dimming lamps without a clock"
    }


def test_works_are_asked_for_by_what_their_fields_say(tmp_path: Path):
    notes = {
        f"notes/{name}.md": f"# {name.title()}: Dimming Noisy Gradients\n\n{line}\nlab:: {lab}\n\nIt dims.\n"
        for name, line, lab in (
            (
                "lantern",
                "Rating 5. Read 2024-01-03. Ines recommends it. Not rerun.",
                "Tern Lab\nrerun:: no",
            ),
            ("torch", "评分：3。重跑过", "Ibis\nrecommended-by:: Ines"),
            ("candle", "★★★★ | 2024-03-22 | reran it", "Tern Lab, Ibis"),
        )
    }
    assistant = make_assistant(tmp_path, notes, NgramEncoder())
    for question, expected in (
        ("papers rated at least 4", ["candle", "lantern"]),
        ("what did I read in March 2024?", ["candle"]),
        ("which papers did I finish reading in March 2024?", ["candle"]),
        ("papers from Ibis", ["candle", "torch"]),
        ("which papers did Ines recommend?", ["lantern", "torch"]),
        ("Ines 推荐的论文", ["lantern", "torch"]),
        ("which papers did I rerun myself?", ["candle", "torch"]),
        ("我没有重跑的论文", ["lantern"]),
    ):
        answer, _ = assistant.ask(question)
        found = [one.entry.source for one in answer.citations]
        if "rated" in question:
            assert answer.text.endswith("\n3 of 3 papers in your notes say their rating.")
        assert found == [f"notes/{name}.md" for name in expected], question


def test_venue_and_year_look_at_the_work_and_at_all_works(tmp_path: Path):
    other = POST.replace("Lantern", "Candle").replace("2018", "2017").replace("1810", "1709")
    notes = {"notes/lantern.md": POST, "notes/candle.md": other.replace("ICLR 2019", "ICML 2017")}
    assistant = make_assistant(tmp_path, notes, NgramEncoder())
    for question in ("ICLR 2019 papers", "papers from 2018", "2019年的论文"):
        answer, _ = assistant.ask(question)
        assert [one.entry.source for one in answer.citations] == ["notes/lantern.md"], question
    assert assistant.ask("NeurIPS 2021 papers")[0].abstained


def test_works_are_counted_year_by_year(tmp_path: Path):
    other = POST.replace("Lantern", "Candle").replace("2018", "2017").replace("1810", "1709")
    notes = {"notes/lantern.md": POST, "notes/candle.md": other.replace("ICLR 2019", "ICML 2017")}
    assistant = make_assistant(tmp_path, notes, NgramEncoder())
    lines = assistant.ask("how many papers per year?")[0].text.splitlines()
    assert [line for line in lines if not line.startswith("-")] == [
        "Your notes have 2 papers on this:",
        "2018 (1):",
        "2017 (1):",
    ]


@pytest.mark.parametrize(
    ("line", "rating"),
    [
        ("Read 2023-10-12, 2.", "2"),
        ("读 2023-10-30，评 4，老魏不信这个", "4"),
        ("with weights. Read 2023-10-10. 4.5.", "4.5"),
        ("Read 2023-10-12, chapter 2.", None),
        ("Layers: 3, 4.", None),
    ],
)
def test_figure_beside_the_day_of_reading_is_a_rating(line: str, rating: str | None):
    assert dict(fields_of_line(line)).get("rating") == rating


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("读了一半（附录没看）", "reading"),
        ("还没看", "unread"),
        ("没看过", "unread"),
        ("看到第 3 章，还没看评测", "reading"),
        ("粗读", "reading"),
        ("skimmed", "reading"),
        ("只看了前四节", "reading"),
        ("精读", "read"),
        ("现在看来，他们漏了什么", ""),
    ],
)
def test_what_was_read_in_part_is_being_read(text: str, status: str):
    assert status_in(text) == status


@pytest.mark.parametrize(
    ("heading", "status"),
    [("To read", "unread"), ("Reading", "reading"), ("Done", "read"), ("在读", "reading"), ("已读", "read"), ("Ideas", "unread")],
)  # fmt: skip
def test_the_column_of_a_board_says_how_far_somebody_is(heading: str, status: str):
    entries = parse_note(f"## {heading}\n\n- [ ] WickNet\n\tdims lamps\n", "board.md").entries
    assert [entry.work.status for entry in entries if entry.work] == [status]


def test_lines_that_say_a_field_twice_are_of_several_papers():
    text = "Paper: WickNet｜Memory: 12 GB\nPaper: RimNet｜Memory: 20 GB\n"
    assert work_of(text, "notes/lamps.md").name == "lamps"


def test_remarks_may_stand_between_dashes():
    text = "- [WickNet](https://arxiv.org/abs/2401.00001) - dims lamps - no code\n- [Rim](https://a.org/r) - 12 GB - 重跑过\n"
    works = [one.work for one in parse_note(text, "n.md").entries if one.work]
    assert ("code", "no code") in works[0].fields
    assert ("rerun", "重跑过") in works[1].fields

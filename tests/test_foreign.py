"""What other programs write is read as the Markdown that says the same, line for line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from paperrag.notes.corpus import read_source, scan_corpus
from paperrag.notes.foreign.translated import in_markdown
from paperrag.notes.lookup import QuoteVerifier
from paperrag.notes.tree import parse_note
from properties import given, st


def read(text: str) -> list[str]:
    """The lines that stand for a text, without those that say nothing."""
    meant = in_markdown(text)
    assert meant.count("\n") == text.count("\n")
    return [line.rstrip() for line in meant.split("\n") if any(map(str.isalnum, line))]


def titles(text: str, source: str = "n.md") -> list[tuple[str, str]]:
    """The role and title of each entry."""
    return [(entry.role, entry.title) for entry in parse_note(text, source).entries]


TABLE = [
    ("| Stone | Kinds |", "| Slate | 12 |"),
    (
        "<table>\n<tr><th>Stone</th><th>Kinds</th></tr>\n<tr><td>Slate</td>\n<td>12</td></tr>\n</table>",
        "```csv\nStone,Kinds\nSlate,12\n```",
        "```csv\nStone;Kinds\nSlate;12\n```",
        "\\begin{table}\n\\centering\n\\begin{tabular}{lr}\n\\hline\nStone & Kinds \\\\\n\\midrule\n"
        "Slate & 12 \\\\\n\\end{tabular}\n\\end{table}",
        "```latex\n\\begin{tabular}{lr}\nStone & Kinds \\\\ \\hline\nSlate & 12\n\\end{tabular}\n```",
        "|===\n|Stone |Kinds\n\n|Slate\n|12\n|===",
        "\nStone | Kinds\n------+------\nSlate | 12",
    ),
]


@pytest.mark.parametrize(
    "text",
    [
        "┌───────┬───────┐\n│ Stone │ Kinds │\n├───────┼───────┤\n│ Slate │ 12    │\n└───────┴───────┘",
        "  ╔═══════╦═══════╗\n  ║ Stone ║ Kinds ║\n  ╠═══════╬═══════╣\n  ║ Slate ║ 12    ║\n  ╚═══════╩═══════╝",
    ],
)
def test_tables_drawn_with_boxes_have_rows_below_the_names_of_their_columns(text: str) -> None:
    entries = parse_note(text, "n.md").entries
    assert [(one.role, one.title) for one in entries] == [
        ("row", "Stone · Kinds"),
        ("row", "Slate"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "```\n┌──┬──┐\n│ a│ b│\n└──┴──┘\n```",  # code
        "├── notes\n│   └── tern.md",  # a tree of folders
        "┌──────┐\n│ Tern │\n└──────┘",  # a frame
    ],
)
def test_what_is_drawn_otherwise_stays(text: str) -> None:
    assert in_markdown(text) == text


@pytest.mark.parametrize("text", TABLE[1])
def test_tables_of_any_form_have_rows_below_the_names_of_their_columns(text: str) -> None:
    assert read(text) == list(TABLE[0])
    assert [(e.role, e.title, e.breadcrumb[-1]) for e in parse_note(text, "n.md").entries] == [
        ("row", "Stone · Kinds", "n"),
        ("row", "Slate", "Stone · Kinds"),
    ]


def test_cells_that_span_others_are_told_in_each_of_them() -> None:
    text = """<table>
<thead>
<tr><th rowspan="2">组</th><th colspan="2">4 kHz</th></tr>
<tr><th>左</th><th>右</th></tr>
</thead>
<tr><td rowspan="2">牙医</td><td>6.1</td><td><ul><li>9.4</li><li>升</li></ul></td></tr>
<tr><td>4.8</td><td>5&minus;2</td></tr>
</table>"""
    assert read(text) == [
        "| 组 | 4 kHz, 左 | 4 kHz, 右 |",
        "| 牙医 | 6.1 | 9.4, 升 |",
        "| 牙医 | 4.8 | 5&minus;2 |",
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            '<opml>\n<head><title>Horns</title></head>\n<outline text="Seals &amp; horns" _note="Roy, 2016">\n'
            '<outline text="&lt;b&gt;Pups&lt;/b&gt; habituate"/>\n</outline></opml>',
            ["# Horns", "- Seals & horns — Roy, 2016", "  - <b>Pups</b> habituate"],
        ),
        (
            "```mermaid\nmindmap\n  root((轮胎墙))\n    填料\n      a[碎石：12 mm]\n    ::icon(fa)\n```\n后一段。",
            ["  - 轮胎墙", "    - 填料", "      - 碎石：12 mm", "后一段。"],
        ),
        (
            '```json\n{\n  "title": "Jam jars",\n  "lost_jars": 12,\n  "notes": ["low", "white halves it"]\n}\n```',
            ["## Jam jars", "- lost jars: 12", "- notes: low; white halves it"],
        ),
        (
            '```json\n[\n  {\n    "name": "Jars",\n    "year": 2021\n  }\n]\n```',
            ["- Jars (2021)", "  - year: 2021"],
        ),
        (
            '```json\n{"title": "Jars", "y": 2021}\n{"title": "Ink"}\n```',
            ["- **Jars**; y: 2021", "- **Ink**"],
        ),
        (
            "stone,kinds,oldest\nslate,12,1702\nmarble,21,1833",
            ["stone\tkinds\toldest", "slate\t12\t1702", "marble\t21\t1833"],
        ),
        (
            "From the supplement:\n\nstone;kinds;oldest\nslate;12;1702\nmarble;21;1833",
            [
                "From the supplement:",
                "| stone | kinds | oldest |",
                "| slate | 12 | 1702 |",
                "| marble | 21 | 1833 |",
            ],
        ),
        (
            "TY  - JOUR\nAU  - Tern, Ana\nAU  - Ibis, Bo\nPY  - 2019/03\nTI  - Wheelchairs\nVL  - 6\n"
            "N1  - Tyres: balloon,\n      tracked\nER  -",
            [
                "# Wheelchairs (Tern, Ibis, 2019)",
                "Authors: Tern, Ana; Ibis, Bo",
                "Year: 2019",
                "- Tyres: balloon,",
                "  tracked",
            ],
        ),
        (
            "%0 Journal Article\n%A Tern, Ana\n%D 2019\n%T Wheelchairs\n%X Kelp stops chairs.",
            [
                "# Wheelchairs (Tern, 2019)",
                "Authors: Tern, Ana",
                "Year: 2019",
                "- Kelp stops chairs.",
            ],
        ),
        (
            "FN export\nVR 1.0\nPT J\nAU Tern, A\n   Ibis, B\nTI Kelp and\n   wheelchairs\nSO SEALS\nPY 2019\n"
            "AB Foam wins.\nER\n\nPT J\nAU 安澜\nTI 盐田\nPY 2021\nN1 蒸发 4 天\nER\nEF",
            [
                "# Kelp and wheelchairs (Tern, Ibis, 2019)",
                "Authors: Tern, A; Ibis, B",
                "Year: 2019",
                "Venue: SEALS",
                "- Foam wins.",
                "# 盐田 (安澜, 2021)",
                "Authors: 安澜",
                "Year: 2021",
                "- 蒸发 4 天",
            ],
        ),
        (
            "{Reference Type}: Thesis\n{Title}: 潮汐发电\n{Author}: 安澜\n{Year}: 2019\n{Notes}: 叶片 3 片，\n离岸 2 km。\n\n"
            "{Reference Type}: Journal Article\n{Title}: Kelp\n{Abstract}: Foam wins.",
            [
                "# 潮汐发电 (安澜, 2019)",
                "Authors: 安澜",
                "Year: 2019",
                "- 叶片 3 片，",
                "  离岸 2 km。",
                "# Kelp",
                "- Foam wins.",
            ],
        ),
        (
            "@article{tern2018,\n  author = {Tern, Ana and Ibis, Bo},\n  title = {{Wool} mats},\n  year = 2018,\n"
            "  note = {Losses 17\\% on\n    copper}\n}",
            [
                "# Wool mats (Tern, Ibis, 2018)",
                "Authors: Tern, Ana; Ibis, Bo",
                "Year: 2018",
                "Citekey: tern2018",
                "- Losses 17\\% on copper",
            ],
        ),
        (
            "= Coolers\n:toc:\n\n[abstract]\nTern; 2021.\n\n.Seasons\n* pots\n** wet\n. one\nTIP: See <<w,wick>>",
            [
                "# Coolers",
                "Tern; 2021.",
                "**Seasons**",
                "* pots",
                "   - wet",
                "1. one",
                "TIP: See wick",
            ],
        ),
        (
            "#!/usr/bin/env python3\n# Of Ferrand (2019).\nCOUNTERS = 3    # mine; the school had two\nrun()",
            ["Of Ferrand (2019).", "- counters: mine; the school had two", "`run()`"],
        ),
        (
            "\\# 热炕\n\n\\* 233 人\n\\* 超过 45 ℃ 失眠\n1\\. 没有分组",
            ["# 热炕", "* 233 人", "* 超过 45 ℃ 失眠", "1. 没有分组"],
        ),
        (
            "#separator:tab\n#html:true\n#tags column:3\nWhich dye?\t<b>weld</b> &amp; orchil\tdyes",
            ["- Which dye?:::<b>weld</b> & orchil"],
        ),
        (
            "- 助听器\n    - 年份 >> 2019\n    - 放弃率 >>>\n        - 8%\n    - 抱怨 {{充电座太小}}\n        - #[[Edit Later]]",
            [
                "- 助听器",
                "    - 年份: 2019",
                "    - 放弃率:",
                "        - 8%",
                "    - 抱怨 充电座太小",
            ],
        ),
        (
            "《野狗》        |  批注\n----------------+------\n样本 264 份     |  9 份是狐狸\n没有家禽        |",
            ["《野狗》 (批注)", "样本 264 份 (9 份是狐狸)", "没有家禽"],
        ),
        (
            "寄件者：巫承恩\n收件者：自己\n主旨：Re: 廟口的車\n日期：2023年9月12日\n\n昨晚看完。",
            ["# 廟口的車", "昨晚看完。"],
        ),
        (
            "[00:00] Okay so.\n[00:21] Three beacons.\n[01:05] Range fell.",
            ["- Okay so.", "- Three beacons.", "- Range fell."],
        ),
        (
            "- 蔡珩 00:03:15 三种天线\n- Bo 00:09:40 问深度\n- 霁 00:15:02：飞高 6 m",
            ["- 蔡珩: 三种天线", "- Bo: 问深度", "- 霁: 飞高 6 m"],
        ),
    ],
)
def test_other_forms_say_what_they_mean(text: str, lines: list[str]) -> None:
    assert read(text) == lines


@pytest.mark.timed
@pytest.mark.parametrize(
    "text",
    [
        "<table><tr><td>a</td></tr></table>",
        "<table>\n<tr><td>no head</td></tr>\n<tr><td>b</td></tr>\n</table>",
        "```json\n{broken\n```",
        "```python\nx = {'a': 1}\n```",
        "```mermaid\ngraph TD\nA --> B\n```",
        '<outline text="not closed">',
        "At 10:30 we met.\nAt 11:00 we left.",
        "Ana  9:58 AM\nx\n\nBo  9:59 AM\ny\n\nAna  10:02 AM\nz",
        "From: Ana\nTo: Bo",
        "TI - too short",
        "<en-export>\n<note><title>never closed",
        "AI is here\nGP at home\nTI has no record\nPY 2019",
        "{Title}: alone",
        '{\n"title": "Jars",\n"venue": {"name": "ICLR"}\n}\n\nwords',
        '{\n"title": "Jars",\n"venue": {"name": "ICLR"}\n}',
        "- title: a\n- title: b",
        'title = "no table"\n\n',
        '[tool]\nline = "100"',
        "[tide]\ntitle = mills",
        "- Tide: mills\n  wet: yes\n- Reeds: none\n  dry: no",
        "- title: Tide\n  code: `x`",
        "- title: Tide\n  year: 2019\n\nA remark of mine.",
        "a,b,c\nd,e,f\ng,h,i",
        'Well,then,so\nhe said,"yes",we left\nand that, in short, "was", all of it',
        'a,b,c\nd,"e,f\ng,h,i',
        "Kim 2019,2,3\nno",
        "```bibtex\n@article{a,\n note = {x}\n}\n```",
        "a \\* b\nc \\# d",
    ],
)
def test_what_is_no_such_form_stays(text: str) -> None:
    assert in_markdown(text) == text


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            'Author,Title,Remark\nTern,"Salt pans, mapped","Two basins.\nn = 41 gauges."\nIbis,Reeds,none\n',
            [("Tern", 2, 3, "n = 41 gauges."), ("Ibis", 4, 4, "none")],
        ),
        (
            "题目;作者;年份\n潮汐发电;安澜;2019\n盐田;巫承恩;2021",
            [("潮汐发电", 2, 2, "安澜"), ("盐田", 3, 3, "2021")],
        ),
        (
            '文献,年份,备注\n"灯塔, 二",2018,"叶片 3 片，\n\n离岸 2 km\n"\n盐田,2021,他说"好"',
            [("灯塔, 二", 2, 5, "离岸 2 km"), ("盐田", 6, 6, "好")],
        ),
        (
            'Author,Year,Notes\nTern,2019,"In short\n- two wet\n- one dry"\nIbis,2020,',
            [("Tern", 2, 4, "one dry"), ("Ibis", 5, 5, "2020")],
        ),
    ],
    ids=["cells over lines", "semicolons", "a blank line in a cell", "items in a cell"],
)
def test_each_row_of_a_file_of_csv_is_a_row_of_a_table(
    text: str, rows: list[tuple[str, int, int, str]]
) -> None:
    head, *entries = parse_note(text, "n.txt").entries
    assert (head.role, head.line_start) == ("row", 1)
    assert [(one.title, one.line_start, one.line_end) for one in entries] == [
        row[:3] for row in rows
    ]
    assert all(row[3] in one.text for one, row in zip(entries, rows, strict=True))


KELP = """{
  "library": "kelp",
  "papers": {
    "tern19": {
      "title": "Kelp and wheelchairs",
      "authors": ["Tern, Ana", "Ibis, Bo"],
      "year": 2019,
      "notes": [
        {
          "page": 3,
          "text": "Tyres of foam do not sink."
        },
        {"page": 4, "text": "Tracks cost 9 W more."}
      ],
      "summary": "Foam wins.\\nTracks second."
    }
  },
  "links": [{"from": "a", "to": "b"}]
}"""
CITED = """[
  {
    "id": "tern2019",
    "title": "Tide mills",
    "author": [
      {
        "family": "Tern",
        "given": "Ana"
      },
      {"family": "Ibis", "given": "Bo"}
    ],
    "issued": {"date-parts": [[2019, 3]]}
  },
  {
    "name": "盐田",
    "作者": [{"lastName": "安", "firstName": "澜"}],
    "年份": "2021年"
  }
]"""
CANVAS = """{
\t"nodes":[
\t\t{"id":"a","type":"text","text":"## 轮胎墙\\n安澜 2019\\n- 填料：碎石 12 mm","x":0},
\t\t{"id":"b","type":"file","file":"notes/x.md","x":1},
\t\t{"id":"c","type":"text","text":"雨天的数据 \\ud83d\\ude00 a\\/b","x":1}
\t],
\t"edges":[]
}"""
NOTEBOOK = """{
 "cells": [
  {"cell_type": "code", "source": ["run()"]},
  {
   "cell_type": "markdown",
   "source": [
    "# 盐田 (巫承恩, 2021)\\n",
    "\\n",
    "- 蒸发 4 天"
   ]
  },
  {
   "cell_type": "markdown",
   "source": "## Mills\\n- three blades"
  }
 ],
 "nbformat": 4
}"""


LISTED = """# 冬天读的

papers:
  - 标题: 潮汐发电
    作者: [安澜, 巫承恩]
    年份: 2019
    笔记: >
      叶片 3 片，
      离岸 2 km。
    疑问:
      - 海水会锈吗？
      - 谁修？
  - 标题: 盐田
    说明: |
      - 蒸发 4 天
      - 没有雨天

      又一段
"""


EXPORT = """<?xml version="1.0"?>
<en-export application="Evernote">
<note>
<title>Tide mills (Tern &amp; Ibis, 2019)</title>
<tag>tides</tag>
<content>
<![CDATA[<?xml version="1.0" standalone="no"?>
<en-note><h1>Result</h1><div>Three blades&nbsp;&lt; 2 km</div>
<ul><li>41 gauges,<br/>two wet</li></ul>
<table><tr><td>slate</td><td>12</td></tr></table></en-note>]]>
</content>
<resource><data encoding="base64">QUJD</data></resource>
</note>
<note><title>盐田</title><content><![CDATA[<en-note><div>蒸发 4 天</div><div>没有雨天</div></en-note>]]></content></note>
</en-export>"""
TABLES = """# winter list

[tide]
title = "Tide: mills"
authors = ["Tern, Ana",
  "Ibis, Bo"]
year = 2019
notes = '''
Three blades,
2 km off shore.
'''
# not read to the end
code = { url = "x", licence = "MIT licence" }

[tide.data]
gauges = "41, two of them wet"

[[other]]
"标题" = "盐田"
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            EXPORT,
            {
                4: "# Tide mills (Tern & Ibis, 2019)",
                5: "- tag: tides",
                8: "- Result",
                9: "- Three blades < 2 km",
                10: "- 41 gauges,",
                11: "- two wet",
                12: "- slate · 12",
                14: "# 盐田",
                15: "- 蒸发 4 天; 没有雨天",
            },
        ),
        (
            TABLES,
            {
                1: "# winter list",
                3: "# Tide: mills (Tern, Ibis, 2019)",
                5: "- authors: Tern, Ana; Ibis, Bo",
                7: "- year: 2019",
                9: "- notes: Three blades,",
                10: "  - 2 km off shore.",
                12: "- not read to the end",
                13: "- code: url: x; licence: MIT licence",
                16: "- gauges: 41, two of them wet",
                18: "# 盐田",
            },
        ),
        (
            LISTED,
            {
                1: "# 冬天读的",
                4: "# 潮汐发电 (安澜, 巫承恩, 2019)",
                5: "- 作者: 安澜; 巫承恩",
                6: "- 年份: 2019",
                7: "- 笔记: 叶片 3 片， 离岸 2 km。",
                10: "- 疑问:",
                11: "  - 海水会锈吗？",
                12: "  - 谁修？",
                13: "# 盐田",
                14: "- 说明:",
                15: "  - 蒸发 4 天",
                16: "  - 没有雨天",
                18: "  - 又一段",
            },
        ),
        (
            "- key: tern19\n  title: 'Tide: mills'\n  gauges: 41\n- {title: Reeds, note: too wet}",
            {
                1: "- Tide: mills",
                2: "  - citekey: tern19",
                3: "  - gauges: 41",
                4: "- **Reeds**; note: too wet",
            },
        ),
        (
            KELP,
            {
                2: "- library: kelp",
                4: "# Kelp and wheelchairs (Tern, Ibis, 2019)",
                6: "- authors: Tern, Ana; Ibis, Bo",
                7: "- year: 2019",
                8: "- notes:",
                10: "  - page: 3",
                11: "  - text: Tyres of foam do not sink.",
                13: "  - page: 4; text: Tracks cost 9 W more.",
                15: "- summary: Foam wins.",
                16: "  - Tracks second.",
            },
        ),
        (
            CITED,
            {
                2: "# Tide mills (Tern, Ibis, 2019)",
                3: "- id: tern2019",
                5: "- author: Tern, Ana; Ibis, Bo",
                12: "- issued: date-parts: 2019; 3",
                14: "# 盐田 (安, 2021)",
                16: "- 作者: 安, 澜",
                17: "- 年份: 2021年",
            },
        ),
        (
            CANVAS,
            {3: "- **轮胎墙**", 4: "  - 安澜 2019; 填料：碎石 12 mm", 5: "- 雨天的数据 😀 a/b"},
        ),
        (
            NOTEBOOK,
            {7: "# 盐田 (巫承恩, 2021)", 9: "- 蒸发 4 天", 12: "## Mills", 14: "- three blades"},
        ),
        (
            '{"paper": "Salt pans", "year": 2020, "code": null}\n\n{"paper": "Reeds", "notes": ["- wet", "-0.3 in C#"]}',
            {1: "- **Salt pans (2020)**; year: 2020", 3: "- **Reeds**; notes: wet; -0.3 in C#"},
        ),
        (
            '[{"标题":"潮汐","作者":"安澜","年份":2019},{"标题":"盐田","结论":"蒸发 4 天"}]',
            {1: "- **潮汐 (安澜, 2019)**; 作者: 安澜; 年份: 2019; 盐田; 结论: 蒸发 4 天"},
        ),
    ],
    ids=[
        "Evernote",
        "TOML",
        "YAML below a key",
        "YAML",
        "nested",
        "authors in parts",
        "canvas",
        "notebook",
        "an object a line",
        "all on one line",
    ],
)
def test_papers_of_data_are_told_on_their_lines(text: str, told: dict[int, str]) -> None:
    meant = in_markdown(text).split("\n")
    assert {at: line for at, line in enumerate(meant, 1) if line} == told


PIECES = st.sampled_from(
    [
        *'ab|&,;:=<>[]{}\\#*-+%"`\n\n\n',
        "```csv\n",
        "```\n",
        "<table>",
        "<tr><th>",
        "<td>",
        "</table>",
        "\\begin{tabular}",
        "\\end{tabular}",
        "\\\\",
        "|===\n",
        "TY  - ",
        "TI  - x\n",
        "-+-",
        "mindmap\n",
        "@a{b,\n",
        "= {x}\n",
        "#!",
        "#separator:tab\n",
        " >> ",
        "主旨：",
        "12:30 ",
        "= T\n",
        "{\n",
        "[\n",
        '{"title": "x", "n": ["a\\nb", "c d"]}\n',
        '{"nodes": [{"type": "text", "text": "# a\\nb"}], "edges": []}',
        "- title: x\n  n: |\n    c d\n",
        '[[p]]\ntitle = "x"\n',
        'n = """\nc d\n"""\n',
        "PT J\nTI x\nPY 2019\n",
        "{Title}: x\n{Year}: 2019\n{Notes}: c\n",
        "<en-export><note><title>x</title><content><![CDATA[<div>c</div>\n]]></content></note></en-export>",
        'a,b,c\n1,2,"c\nd"\n',
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_form_adds_or_takes_a_line(text: str) -> None:
    assert in_markdown(text).count("\n") == text.count("\n")


def test_quotes_are_held_against_the_file_as_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text("# Lichens\n\n```csv\nstone,kinds\nslate,12\n```\n")
    row = read_source(scan_corpus(tmp_path)[0][0])[1].entries[-1]
    assert (row.text, row.line_start) == ("| slate | 12 |", 5)
    holds = QuoteVerifier(tmp_path)
    assert (holds(row, "slate | 12"), holds(row, "slate | 13")) == (True, False)


def test_text_right_below_a_table_is_no_row() -> None:
    assert titles("| a | b |\n|---|---|\n| c | d |\n拉力 9.8 N。") == [
        ("row", "a · b"),
        ("row", "c"),
        ("prose", "拉力 9.8 N。"),
    ]


@pytest.mark.timed
@pytest.mark.parametrize(
    "text",
    [
        "<table><tr>\n" * 40_000,
        "\\begin{tabular}{ll}\n" * 40_000,
        '```json\n{\n"a": "' + " " * 200_000 + '"\n}\n```\n',
        '{"a":' * 400 + '"b c"' + "}" * 400,
        '{"a":' * 90_000,
        'a,b,c\nd,e,"f\n' * 40_000,
        '[a]\ntitle = "x"\nb = [\n' + "'c',\n" * 20_000 + "]",
    ],
    ids=[
        "tables never closed",
        "LaTeX never closed",
        "blanks in JSON",
        "deep JSON",
        "JSON never closed",
        "CSV never closed",
        "a long list in TOML",
    ],
)
def test_what_is_never_closed_costs_no_more_than_its_length(text: str):
    start = time.process_time()
    in_markdown(text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "text",
    [
        "== Tern nets ==\nThey sag.\n\n=== Found ===\n* white",
        "===== Tern nets =====\nThey sag.\n\n==== Found ====\n  * white",
        '#set page(paper: "a5")\n== Tern nets\nThey sag.\n\n=== Found\n- white',
        "h2. Tern nets\n\nThey sag.\n\nh3. Found\n\n* white",
        "{panel}\nh1. Tern nets\n{color:red}They sag.{color}\n{panel:title=Found}\n* white\n{panel}",
    ],
)
def test_titles_of_wikis_typst_textile_and_jira_are_headings(text: str) -> None:
    entries = parse_note(text, "n.txt").entries
    [white] = [one for one in entries if one.title == "white"]
    assert white.breadcrumb[-2:] == ("Tern nets", "Found")
    assert "They sag." in "\n".join(one.text for one in entries)


@pytest.mark.parametrize(
    "text",
    [
        "h2. Nets\n\n||Stone||Kinds||\n|Slate|12|",
        "h2. Nets\n\n|_. Stone |_. Kinds |\n| Slate | 12 |",
        "====== Nets ======\n\n===== Stones =====\n^ Stone ^ Kinds ^\n| Slate | 12 |",
    ],
)
def test_rows_of_wikis_say_their_columns(text: str) -> None:
    assert read(text)[-1] == "- Slate; Kinds: 12"


def test_items_of_textile_nest_and_are_counted() -> None:
    text = "h1. Nets\n* white\n** thin\n# first\nbq. They sag."
    assert read(text) == ["# Nets", "* white", "   - thin", "1. first", "> They sag."]


@pytest.mark.parametrize(
    "text",
    [
        "== 3 ==\ntext",
        "# Nets\n\n== one ==\n\n== two ==",
        "a == b\n\nh2 is a gas. It burns.",
        "## Nets\n\n== one ==\n\n== two ==",
        "```\n== one\n== two\nh1. three\n```",
        "# Nets\n\nh1. one\n\n# two",
    ],
)
def test_what_only_looks_like_titles_of_wikis_stays(text: str) -> None:
    assert in_markdown(text) == text


NOTEBOOK = """{
 "cells": [
  {"cell_type": "code", "source": ["1 + 1"], "outputs": [{"text": ["2"]}]},
  {"cell_type": "markdown", "source": ["# Salt pans\\n", "\\n", "Water is gone in 4 days."]}
 ],
 "nbformat": 4
}
"""


def test_of_a_notebook_its_markdown_is_read_on_its_lines() -> None:
    note = parse_note(NOTEBOOK, "notes/salt.ipynb")
    assert [(entry.title, entry.line_start) for entry in note.entries] == [("Salt pans", 4)]
    assert "4 days" in note.entries[0].text


@pytest.mark.parametrize("name", ["a.ipynb", "b.canvas", "C.ENEX"])
def test_no_line_of_data_is_read_as_it_stands(name: str) -> None:
    note = parse_note('{"metadata": {"kernel": "salt"}}', name)
    assert (note.entries, note.headings) == ((), ())
    assert [str(one) for one in note.troubles] == [
        f"{name}: holds no notes that can be read; passed over"
    ]
    assert parse_note("{}", name).troubles == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "---+!! Drones\n%TOC%\n---++ Novak 2022\n   * 49 flights\n\n| *Paper* | *Rating* |\n| Novak | 4* |",
            "# Drones\n\n## Novak 2022\n   * 49 flights\n\n\n- Novak; Rating: 4*",
        ),
        (
            "= Pigments =\n\n== Blue ==\n//Li, 2018//\n* from {{{x**2}}}\n** less at http://a.org//b",
            "# Pigments\n\n## Blue\n*Li, 2018*\n* from x**2\n   - less at http://a.org//b",
        ),
        (
            "\\section{Cities}\n\\label{s}\n\\paragraph{Duarte, \\emph{Heat}.} By 8 days. % mine\n"
            "%\\paragraph{Old.}\n\\paragraph{Open.}\nRain at 5\\%.",
            "\\section{Cities}\n\n- **Duarte, \\emph{Heat}.** By 8 days.\n\n- Open.\nRain at 5\\%.",
        ),
    ],
    ids=["TWiki", "WikiCreole", "LaTeX"],
)
def test_titles_of_wikis_and_named_paragraphs_are_read(text: str, told: str) -> None:
    assert in_markdown(text) == told


def test_bold_words_and_categories_of_wikis_are_read() -> None:
    text = "= 集群 =\n\n== 节点 ==\n\n* '''alder'''：八张卡\n* it's ''old''\n\n[[Category:实验室]]"
    assert read(text) == ["# 集群", "## 节点", "* **alder**：八张卡", "* it's **old**"]

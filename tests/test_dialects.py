"""Notes of Org, MultiMarkdown, Pandoc, Notion and HTML, and what machines wrote, are read."""

from __future__ import annotations

import base64

import pytest

from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.text.language import sentence_spans
from paperrag.text.markup import plain_text
from paperrag.text.readable import readable

ENCODED = base64.b64encode(bytes(range(256)) * 20).decode()


def parse(text: str, source: str = "notes/n.md") -> ParsedNote:
    return parse_note(text, source)


def items(note: ParsedNote) -> list[str]:
    return [entry.title for entry in note.entries if entry.role == "item"]


def headings(note: ParsedNote) -> list[str]:
    return [title for _, title in note.headings]


# --- Org ------------------------------------------------------------------------------------------

ORG = """#+TITLE: Sleepy Experts
#+AUTHOR: Ann Lee
#+FILETAGS: :moe:

* TODO [#A] Method :gate:noise:
:PROPERTIES:
:YEAR: 2024
:URL: https://arxiv.org/abs/2408.00001
:END:
Experts sleep when idle.
** 细节
- wakes on [[https://a.com/b][load]]
  1. 阈值取 =0.3=
#+begin_src python
# no heading
* no heading either
#+end_src
| method | bits |
|--------+------|
| RotA   | 4    |
"""


def test_an_org_file_is_read_as_far_as_its_structure_goes():
    note = parse(ORG, "notes/s.org")
    assert (note.paper.title, note.paper.authors, note.paper.tags) == (
        "Sleepy Experts",
        ("Ann Lee",),
        ("moe",),
    )
    assert note.headings == ((5, "Method"), (11, "细节"))
    assert [(one.role, one.title, one.line_start) for one in note.entries[2:]] == [
        ("item", "wakes on load", 12),
        ("item", "阈值取 0.3", 13),
        ("row", "method · bits", 18),
        ("row", "RotA", 20),
    ]
    assert note.entries[3].breadcrumb == ("Sleepy Experts", "Method", "细节", "wakes on load")
    assert note.troubles == ()


def test_drawers_and_tags_of_an_org_headline_are_data():
    method = parse(ORG, "notes/s.org").entries[1]
    assert method.tags == ("gate", "noise")
    assert [link.identifier for link in method.links] == ["2408.00001"]
    assert dict(method.fields)["year"] == "2024"
    assert plain_text(method.text) == "TODO [#A] Method\nExperts sleep when idle."


def test_headlines_deeper_than_markdown_has_them_are_headings():
    text = "\n".join(f"{'*' * level} 第{level}层" for level in range(1, 10))
    assert len(headings(parse(text, "notes/d.org"))) == 9
    assert headings(parse("** 强调 **：后文", "notes/d.md")) == []


def test_comments_of_org_are_nobody_s():
    text = (
        "# -*- mode: org -*-\n# for myself\n* Gates\nOne /slanted phrase/, /斜体/ and /tmp/.\n# not yet\n"
        "- opens late\n#+BEGIN_COMMENT\n* secret\n- words\n#+END_COMMENT\n- closes early\n"
        "#+begin_src sh\n# kept\n#+end_src\n"
    )
    note = parse(text, "notes/g.org")
    assert [(one.title, one.line_start) for one in note.entries[:3]] == [
        ("Gates", 3),
        ("opens late", 6),
        ("closes early", 11),
    ]
    words = "\n".join(plain_text(one.text) for one in note.entries)
    assert words == ("Gates\nOne slanted phrase, 斜体 and /tmp/.\nopens late\ncloses early\nkept")
    assert headings(parse("# A\n\n- b\n", "notes/g.md")) == ["A"]


# --- what names the paper -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title", "authors"),
    [
        (
            "% Sleepy Experts\n% Ann Lee; 李四\n% 2020-01-02\n\n正文。\n",
            "Sleepy Experts",
            ("Ann Lee", "李四"),
        ),
        ("% 很长的题目\n  接着写\n\n正文。\n", "很长的题目 接着写", ()),
        (
            "Title: Tiny: Critics\nAuthor: Lena Fox\nDate: 2023-04-05\n\n# 总结\n\n正文。\n",
            "Tiny: Critics",
            ("Lena Fox",),
        ),
    ],
)
def test_fields_at_the_top_name_the_paper(text: str, title: str, authors: tuple[str, ...]):
    note = parse(text)
    assert (note.paper.title, note.paper.authors, note.troubles) == (title, authors, ())
    assert note.entries[-1].work is not None
    assert note.entries[-1].work.name == title


def test_lines_below_the_one_heading_are_fields_of_its_paper():
    note = parse(
        "# Coral Cache\n\nTags: cache, serving\n作者：朴敏\nYear: 2024\n\n前缀共享一棵树。\n"
    )
    assert (note.paper.tags, note.paper.authors, note.paper.year) == (
        ("cache", "serving"),
        ("朴敏",),
        2024,
    )
    assert note.entries[0].tags == ("cache", "serving")
    assert parse("# Coral\n\nTags: a\nthen words\n").paper.tags == ()
    assert parse("# 珊瑚\n\n标签：a\n\n# 另一篇\n").paper.tags == ()


def test_a_later_block_of_fields_heads_all_below_it():
    note = parse(
        "---\ntitle: 甲\n---\n# 方法\n- 一\n\n---\ntitle: 乙\nyear: 2023\n---\n一句。\n\n# 方法\n- 二\n",
        "notes/journal.md",
    )
    last = note.entries[-1]
    assert (last.title, last.breadcrumb) == ("二", ("乙", "方法"))
    assert last.work is not None
    assert (last.work.name, last.work.year, last.work.line_start) == ("乙", 2023, 7)
    first = note.entries[1].work
    assert (first.name if first else "", note.entries[1].breadcrumb) == (
        "甲",
        ("甲", "方法"),
    )


# --- HTML -----------------------------------------------------------------------------------------


def test_headings_and_items_in_html_are_headings_and_items():
    note = parse(
        "<h2>门控</h2>\n<p>Soft gates train well.</p>\n<ul>\n<li>软门控稳</li>\n<li>hard ones <b>collapse</b>\n"
        "<ol>\n<li>within an hour</li>\n</ol></li>\n</ul>\n\n<h3 id='x'>细节</h3>\n\n后面的话。\n"
    )
    assert note.headings == ((1, "门控"), (11, "细节"))
    assert items(note) == ["软门控稳", "hard ones collapse", "within an hour"]
    assert note.entries[3].breadcrumb == ("n", "门控", "hard ones collapse")
    assert parse("<h2></h2>\n\n甲\n").headings == ()


# --- definitions, crowded dashes, titles ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Sink token\n: soaks up attention\n", "Sink token: soaks up attention"),
        ("门控\n: 决定走哪个专家\n", "门控: 决定走哪个专家"),
    ],
)
def test_a_definition_is_read_with_its_term(text: str, words: str):
    read = readable(text)
    ((start, end),) = sentence_spans(read)
    assert plain_text(read[start:end]) == words


def test_a_capital_after_a_crowded_dash_is_an_item():
    assert items(parse("# a\n-Prune heads\n-Merge keys\n")) == ["Prune heads", "Merge keys"]
    assert items(parse("# a\n-x\n-y\n")) == []


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("- Can caches sleep? [[arXiv](https://arxiv.org/abs/2401.00001)]", "Can caches sleep?"),
        (
            "- [paper](https://arxiv.org/abs/2401.00001) Sedge bends the cache",
            "Sedge bends the cache",
        ),
        ("- [论文链接](https://arxiv.org/abs/2401.00001)：莎草缓存", "莎草缓存"),
        ("- [pdf](https://arxiv.org/abs/2401.00001)", "pdf"),
        ("- 潮汐缓存（硕士论文）[[全文](https://a.com/b)]", "潮汐缓存（硕士论文）"),
        ("- “冻结即可” ([Ito, p. 3](zotero://select/items/A))", "“冻结即可”"),
    ],
)
def test_titles_keep_the_marks_that_close_them(line: str, title: str):
    assert items(parse(line)) == [title]


# --- what machines wrote --------------------------------------------------------------------------


def test_lines_of_base64_and_scripts_are_no_words():
    wrapped = "\n".join(ENCODED[at : at + 76] for at in range(0, 4000, 76))
    script = "var a=function(b){return b*2};" * 60
    text = f"甲\n\n```\n{wrapped}\n```\n\n```js\n{script}\nlet x = 1\n```\n"
    assert plain_text(text) == "甲\nlet x = 1"


def test_the_label_of_a_long_address_stays():
    address = "https://x.example/t?data=" + "abc%20" * 300
    assert plain_text(f"- [trace]({address}) of the run\n") == "trace of the run"


def test_a_folder_named_as_its_paper_is_not_told_twice():
    text = "# Sleepy Experts\n\n## Method\n\n- wakes on load\n"
    for source, above in (
        ("moe/Sleepy Experts/README.md", ("moe",)),
        ("moe/sleepy_experts/Sleepy Experts.md", ("moe",)),
        ("moe/experts/README.md", ("moe", "experts")),
    ):
        note = parse(text, source)
        assert note.entries[-1].breadcrumb == (*above, "Sleepy Experts", "Method"), source

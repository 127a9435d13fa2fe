from __future__ import annotations

import time

import pytest
from msgspec.structs import replace

from paperrag.answer.citing import quoted_words
from paperrag.notes.corpus import read_source, scan_corpus
from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.records import Citation, Link, NotePaper
from paperrag.text.markup import plain_text
from workbench import Bench

ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{name}: &{name} [{', '.join([f'*{above}'] * 9)}]"
    for above, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def parse(text: str) -> ParsedNote:
    return parse_note(text, "notes/a.md")


def paper(front: str) -> NotePaper:
    return parse(f"---\n{front}\n---\n正文\n").paper


# --- as it is read --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("tags: ['KV 合并', \"2024\", kv]", "tags: KV 合并, 2024, kv"),
        ("tags:", "tags:"),
        ("It merges: [keys] first", "It merges: [keys] first"),
    ],
)
def test_quote_of_front_matter_is_read_without_brackets(quote: str, read: str):
    [entry, *_] = parse(f"---\n{quote}\ntitle: 合并\n---\n正文\n").entries
    assert quoted_words(Citation(1, entry, quote, True, (), 0.5)) == read
    below = replace(entry, text=quote)
    assert "[" in quoted_words(Citation(1, below, "a: [b]", True, (), 0.5))


# --- one file never ends the whole run ------------------------------------------------------------


@pytest.mark.parametrize(
    ("front", "title"),
    [
        (r'title: "\ud83d\ude80 Rocket"', "🚀 Rocket"),  # as JSON writers store an emoji
        (r'title: "half \ud83d"', r"half \ud83d"),
        (r'title: "\UFFFFFFFF"', r"\UFFFFFFFF"),
        ("title: &t [*t]", ""),
        ('title: "\\ud83d\\ude80"\nbroken: [', "🚀"),
    ],
)
def test_escapes_of_any_kind_are_read_or_named(front: str, title: str):
    found = paper(front).title
    found.encode()
    assert found.replace("\ufffd", r"\ud83d") == title or not title


@pytest.mark.timed
def test_aliases_of_aliases_are_cut_off_in_time():
    started = time.perf_counter()
    fields = paper(ALIASES).fields
    assert len(fields) < 10_000
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "front", [r'title: "\ud83d"', r'title: "\UFFFFFFFF"', ALIASES, "a: &a\n  *a"]
)
def test_odd_front_matter_does_not_end_an_index_run(tmp_path, front: str):
    bench = Bench(tmp_path)
    bench.write(good="- 乙", odd=f"---\n{front}\n---\n- 甲")
    bench.build()
    assert {"- 甲", "- 乙"} <= set(bench.texts())


def test_a_note_that_the_parser_fails_on_is_a_trouble(tmp_path, monkeypatch):
    (tmp_path / "a.md").write_text("- 甲\n", encoding="utf-8")

    def fails(*_: object) -> ParsedNote:
        raise ZeroDivisionError("bad \ud83d sum")

    monkeypatch.setattr("paperrag.notes.tree.parse_note", fails)
    (file,), _ = scan_corpus(tmp_path)
    (trouble,) = read_source(file)[1].troubles
    assert trouble.fatal
    assert "ZeroDivisionError: bad ? sum" in str(trouble)


# --- what is front matter -------------------------------------------------------------------------


def test_a_rule_on_the_first_line_is_no_front_matter():
    note = parse("---\n\n# 上面有条线\n正文。\n\n---\n\n- 一条\n")
    assert note.headings == ((3, "上面有条线"),)
    assert note.paper == NotePaper()


@pytest.mark.parametrize(
    "text", ["---\njust a line\n---\n- a", "---\nOne line.\nTwo lines.\nSo: a remark\n---\n- a"]
)
def test_text_between_rules_is_no_front_matter(text: str):
    assert parse(text).paper == NotePaper()


def test_toml_is_read():
    note = parse('+++\ntitle = "漏斗"\ntags = ["x", "y"]\nyear = 2024\n+++\nThe funnel narrows.\n')
    assert (note.paper.title, note.paper.tags, note.paper.year) == ("漏斗", ("x", "y"), 2024)
    assert note.entries[0].line_end == 6


def test_what_is_not_yaml_is_read_by_line_and_named():
    note = parse(
        "---\ntitle: PageTwo: Pages in Pairs\ncitekey: @wei2024page\naliases:\n\t- 双页\n"
        "tags: [a, 'b'\nurl: https://arxiv.org/abs/2401.00001\n---\n正文\n"
    )
    assert (note.paper.title, note.paper.citekey) == ("PageTwo: Pages in Pairs", "wei2024page")
    assert (note.paper.aliases, note.paper.tags) == (("双页",), ("a", "b"))
    assert note.paper.url == "https://arxiv.org/abs/2401.00001"
    assert note.troubles[0].line == 1
    assert "read line by line as key: value" in note.troubles[0].message


def test_placeholders_of_templates_are_no_title():
    note = parse("---\ntitle: {{title}}\ncreated: <% now %>\n---\n正文\n")
    assert note.entries[0].title == "a"


# --- what it says of the paper --------------------------------------------------------------------


def test_fields_of_the_paper():
    found = paper(
        'title: "TidePool: 潮汐池"\nauthors: ["Wei, L.", "Okoro, B."]\nyear: 2024\nvenue: ICLR\n'
        "doi: 10.1234/tide.5\ncitekey: wei2024tide\nTags: [moe/路由, '#kv']\nalias: 潮汐池\n"
        "rating: 4\nrelated: [[Other]]"
    )
    link = Link("https://doi.org/10.1234/tide.5", "doi", "10.1234/tide.5")
    assert (found.title, found.authors) == ("TidePool: 潮汐池", ("Wei, L.", "Okoro, B."))
    assert (found.year, found.venue, found.doi) == (2024, "ICLR 2024", "10.1234/tide.5")
    assert (found.url, found.links, found.citekey) == (link.url, (link,), "wei2024tide")
    assert (found.tags, found.aliases) == (("moe/路由", "kv"), ("潮汐池",))
    assert found.fields[-2:] == (("rating", "4"), ("related", "Other"))


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ("Ada Example, Bo Sample", ("Ada Example", "Bo Sample")),
        ("Ada Example and Bo Sample", ("Ada Example", "Bo Sample")),
        ("Example, Ada and Sample, Bo", ("Example, Ada", "Sample, Bo")),
        ("Ada Example, Bo Sample and Cy Third", ("Ada Example", "Bo Sample", "Cy Third")),
        ("甲一；乙二、丙三", ("甲一", "乙二", "丙三")),
    ],
)
def test_authors_in_one_text(authors: str, names: tuple[str, ...]):
    assert paper(f'authors: "{authors}"').authors == names


def test_creators_as_zotero_calls_them_are_authors():
    assert paper('creators: ["Ada Tern", "Bo Ibis"]').authors == ("Ada Tern", "Bo Ibis")


def test_the_first_entry_holds_the_fields():
    (entry,) = parse("---\ntags: '#剪枝 #蒸馏'\nyear: 2023\n---\n正文\n").entries
    assert entry.tags == ("剪枝", "蒸馏")
    assert entry.fields == (("tags", "#剪枝 #蒸馏"), ("year", "2023"))


def test_fields_of_other_names_are_known_by_what_they_hold():
    found = paper(
        'paper: "The Pen Is Mightier"\nwho: Tern, Ibis, Dunlin\nwhere: SOSP 2015\n'
        "topics: [rdma, geo]\nvia: Lin\nkind: System Note"
    )
    assert (found.title, found.authors, found.venue, found.tags) == (
        "The Pen Is Mightier",
        ("Tern", "Ibis", "Dunlin"),
        "SOSP 2015",
        ("rdma", "geo"),
    )


def test_fields_that_are_known_are_not_taken_from_others():
    found = paper(
        "paper: https://arxiv.org/abs/2299.00001\ntitle: Wick\nauthors: Lin\nwho: Tern, Ibis\n"
        "venue: ICML 2020\nwhere: SOSP 2015\ntags: [lamp]\ntopics: [geo]\nlinks: [A, B]"
    )
    assert (found.title, found.authors, found.venue, found.tags) == (
        "Wick",
        ("Lin",),
        "ICML 2020",
        ("lamp",),
    )


# --- the entry that it is, its links and venue ----------------------------------------------------

OBSIDIAN = """---
title: "DriftLoom: 长视频"
venue: SIGGRAPH
year: 2025
arxiv: 2410.10010
code: github.com/drift/loom
---

## 背景

逐块生成会漂移，见 [[TwinCritic distillation|双判别器]]。![[curve.png]]
"""


def test_front_matter_gives_title_venue_and_links():
    document, section = parse_note(OBSIDIAN, "notes/DriftLoom.md").entries
    assert (document.line_start, document.line_end) == (1, 7)
    assert (document.title, document.venue) == ("DriftLoom: 长视频", "SIGGRAPH 2025")
    assert [(link.site, link.identifier) for link in document.links] == [
        ("arxiv", "2410.10010"),
        ("github", "drift/loom"),
    ]
    assert section.breadcrumb == ("DriftLoom: 长视频",)


def test_front_matter_keeps_the_last_zero_of_an_arxiv_id():
    links = parse("---\narxiv: 2410.10010\n---\n# T\n").entries[0].links
    assert [link.identifier for link in links] == ["2410.10010"]


def test_front_matter_lists_and_empty_values_are_read():
    (document,) = parse("---\ntitle:\nvenue: null\narxiv: [2401.00001, 2402.00002]\n---\n").entries
    assert (document.title, document.venue) == ("a", None)
    assert [link.identifier for link in document.links] == ["2401.00001", "2402.00002"]


def test_broken_front_matter_is_named_and_read_by_line():
    note = parse("---\ntitle: [未闭合\n---\n\n正文")
    assert str(note.troubles[0]).startswith("notes/a.md:1: front matter is not valid YAML")
    assert (note.entries[0].line_start, note.entries[0].line_end) == (1, 5)


@pytest.mark.parametrize("value", ["[" * 3000, "[" * 3000 + "]" * 3000, "{a: " * 3000 + "}" * 3000])
def test_front_matter_nested_too_deeply_is_named(value):
    note = parse(f"---\ntitle: {value}\n---\n\n正文")
    assert str(note.troubles[0]) == (
        "notes/a.md:1: front matter is not valid YAML (exceeded maximum nesting depth); "
        "read line by line as key: value"
    )
    assert note.entries[0].line_end == 5


@pytest.mark.parametrize("venue", ["ICLR 2024", "[ICLR24]", "[ICLR24, oral]"])
def test_venue_in_front_matter_may_be_a_list(venue: str):
    assert (
        parse_note(f"---\nvenue: {venue}\n---\n\ntext\n", "notes/a.md").entries[0].venue
        == "ICLR 2024"
    )


def test_sentences_in_front_matter_are_words() -> None:
    text = (
        "---\ntitle: Posts as nests of bees in town\nmain: >-\n  Posts with holes held nests in\n"
        "  27 percent of cases.\nread: 2024\n---\n"
    )
    entry = parse_note(text, "n.md").entries[0]
    assert entry.work is not None
    assert (
        entry.work.statement.split()
        == "Posts with holes held nests in 27 percent of cases.".split()
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("三种：[护面:: 木屑], [护面:: 碎石]。", "三种： 木屑 , 碎石 。"),
        ("\\SI{32}{m} long, 0.8\\,mm thick", "32 m long, 0.8 mm thick"),
        ('<callout emoji="bulb" color="blue">\n作者两位\n</callout>', "作者两位"),
        ("- [+] real road", "real road"),
    ],
)
def test_fields_units_and_boxes_among_words_are_read(text: str, words: str) -> None:
    assert plain_text(text) == words


NESTED = """---
title: WickNet
results:
  moor: 41.2
setup: {lamps: 8, "oil": {name: Olive}}
ablations:
- drop: rim
  f1: 38.0
- drop: wick
  f1: 40.1
notes:
  - It dims what nobody has ever seen
authors: [{name: Ines Tern}]
cssclass: {wide: yes}
---
"""


def test_fields_that_hold_fields_are_words_and_each_is_called_by_its_path() -> None:
    entry = parse_note(NESTED, "n.md").entries[0]
    assert plain_text(entry.text).split("\n") == [
        "results: moor: 41.2",
        'setup: {lamps: 8, "oil": {name: Olive}}',
        "ablations: drop: rim f1: 38.0",
        "drop: wick f1: 40.1",
        "It dims what nobody has ever seen",
    ]
    assert {("results moor", "41.2"), ("setup lamps", "8")} <= set(entry.fields)
    assert entry.work is not None and entry.work.authors == ("Ines Tern",)


def test_tables_of_toml_are_words() -> None:
    entry = parse_note('+++\ntitle = "WickNet"\n[results.moor]\nf1 = 41.2\n+++\n', "n.md").entries[
        0
    ]
    assert plain_text(entry.text) == "[results.moor] f1 = 41.2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- limit:: falls apart on short lamps", "limit: falls apart on short lamps"),
        ("- 缺点:: 灯比一段还短时会崩", "缺点: 灯比一段还短时会崩"),
        ("Key insight:: dim wicks go first", "Key insight: dim wicks go first"),
        ("It dims [caveat:: only on wet lamps].", "It dims caveat: only on wet lamps ."),
        ("- my take:: elegant", "my take: elegant"),
        (
            "- type:: [[paper]]\n- rating:: 4\n- authors:: Ines Tern\n- id:: 66aa10b2-1\n- due:: 2024-05-01",
            "",
        ),
    ],
)
def test_fields_that_hold_words_of_their_writer_are_read(text: str, words: str) -> None:
    assert plain_text(text) == words

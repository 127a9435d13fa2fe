"""Whole notes in the drawer, their names and pictures, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from app_corpus import open_pets
from paperrag.errors import QueryError
from paperrag.page.corpora import Corpora
from paperrag.page.files import FilesPage
from paperrag.page.given import Given
from paperrag.page.note_names import NoteNames, NotePlace, Pictures, line_of_heading
from paperrag.page.note_view import MOST_LINES, Shown, note_page
from paperrag.page.prose import block_html, note_html
from paperrag.page.viewer import Viewer

BIRDS = "---\ntitle: Birds at Night\naliases: [Nachtvögel]\n---\n\n# Birds\n\n- Wren: sings\n"


MONTHS = "## [Papers by month](index.pdf)\n\n- Finches learn songs\n- Wrens sing at night\n"


def _viewer(folder: Path) -> Viewer:
    assistant = open_pets(folder)
    (folder / "corpus" / "notes" / "on-birds.md").write_text(BIRDS, encoding="utf-8")
    assistant.build()
    return Viewer(Corpora(assistant))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "place"),
    [
        ("notes/pets.md", NotePlace("notes/pets.md")),
        ("notes/pets.md:6", NotePlace("notes/pets.md", 6)),
        ("pets", NotePlace("notes/pets.md")),
        ("Pets#Dogs", NotePlace("notes/pets.md", 1, "Dogs")),
        ("elsewhere/On_Birds", NotePlace("notes/on-birds.md")),
        ("birds at night", NotePlace("notes/on-birds.md")),
        ("Nachtvögel", NotePlace("notes/on-birds.md")),
        ("../../etc/passwd", None),
        ("nothing", None),
    ],
)
def test_note_is_found_by_file_line_name_and_alias(
    tmp_path: Path, what: str, place: NotePlace | None
) -> None:
    assert NoteNames(_viewer(tmp_path)._corpora.all[0].data()).find(what) == place


def test_heading_of_a_wiki_link_is_where_the_note_opens(tmp_path: Path) -> None:
    page = _viewer(tmp_path).note("Pets#Dogs", False, "en")
    assert '<h2 class="pr-here">Dogs</h2>' in page["html"]
    assert line_of_heading(["# 甲", "x", "##  Two [b](http://c.d) "], "two b") == 3
    assert line_of_heading(["# 甲"], "乙") == 1


def test_note_on_several_is_called_by_its_first_heading_which_is_not_said_again(
    tmp_path: Path,
) -> None:
    viewer = _viewer(tmp_path)
    (tmp_path / "corpus" / "notes" / "index.md").write_text(MONTHS, encoding="utf-8")
    viewer._corpora.all[0].assistant.build()
    page = viewer.note("notes/index.md", False, "en")
    assert page["title"] == "Papers by month"
    assert page["html"].count("Papers by month") == 1
    rows = FilesPage(viewer._corpora).rows(Given({}))["html"]
    assert ">Papers by month<small>notes/index.md" in rows
    assert 'title="2 entries">2<' in rows


def test_name_of_no_note_is_told_in_both_languages(tmp_path: Path) -> None:
    viewer = _viewer(tmp_path)
    with pytest.raises(QueryError, match="no note called “x”"):
        viewer.note("x", False, "en")
    with pytest.raises(QueryError, match="没有名为“x”的笔记"):
        viewer.note("x", False, "zh")


def test_page_for_others_offers_no_editor_of_this_machine(tmp_path: Path) -> None:
    at_home = _viewer(tmp_path)
    assert "vscode://file" in at_home.note("pets", False, "en")["html"]
    (tmp_path / "corpus" / ".obsidian").mkdir()
    assert "obsidian://open?vault=corpus" in at_home.note("pets", False, "en")["html"]
    entry = at_home._corpora.all[0].data().entries.get(2)
    assert "obsidian://open?vault=corpus" in at_home.entry(entry.id, "en")["html"]
    away = Viewer(at_home._corpora, is_at_home=False)
    assert "pr-editor" not in away.note("pets", False, "en")["html"]
    assert "pr-editor" not in away.entry(entry.id, "en")["html"]


def test_part_of_a_long_note_begins_after_a_blank_line() -> None:
    lines = ["" if n % 50 == 0 else f"line {n}" for n in range(1, 4001)]
    middle = Shown("a.md", "", lines, here=2000)
    assert (middle.first, middle.last) == (1400, 1400 + MOST_LINES - 1)
    start, end = Shown("a.md", "", lines), Shown("a.md", "", lines, here=4000)
    assert (start.first, start.last) == (1, MOST_LINES)
    assert (end.first, end.last) == (2850, 4000)


@pytest.mark.parametrize(
    ("markdown", "name", "words"),
    [
        ("[[CaM]]", "CaM", "CaM"),
        ("see [[a_b_c#H|这篇]]!", "a_b_c#H", "这篇"),
        ("| [[x\\|y]] |\n|---|\n", "x", "y"),
        ('[["><script>]]', "&quot;&gt;&lt;script&gt;", "&quot;&gt;&lt;script&gt;"),
    ],
)
def test_wiki_links_are_buttons_that_open_their_note(markdown: str, name: str, words: str) -> None:
    button = f'<button class="pr-wiki" data-act="note" data-entry="{name}">{words}</button>'
    assert button in block_html(markdown)


@pytest.mark.parametrize("markdown", ["[[1]](http://a.b)", "[[1, 2]]", "`[[x]]`", "[[]]"])
def test_what_only_looks_like_a_wiki_link_is_none(markdown: str) -> None:
    assert "pr-wiki" not in block_html(markdown)


def test_pictures_come_from_the_vault_alone_and_only_in_whole_notes() -> None:
    text = "![a](img/x%20y.png) ![[z.jpg]] ![b](https://c.d/e.png) ![f](//g.h/i.png)"
    page = note_html(text, "notes/n&m.md")
    assert page.count("<img ") == 2
    assert 'src="paperrag/picture?note=notes%2Fn%26m.md&amp;path=img%2Fx%20y.png"' in page
    assert "<img" not in block_html(text)


def test_picture_that_the_vault_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "there.png").write_bytes(b"x")
    text = "![a](there.png) ![a <b>](gone.png) ![[gone.jpg]]"
    page = note_html(text, "n.md", has_picture=Pictures(tmp_path, "n.md").find)
    assert page.count("<img ") == 1
    assert '<span class="deadlink">a &lt;b&gt;</span>' in page
    assert '<span class="deadlink">gone.jpg</span>' in page


def test_quote_is_marked_across_a_wiki_link() -> None:
    page = block_html("- see [[CaM|the CaM note]] now", ("see [[CaM|the CaM note]]",))
    assert "<mark>see </mark>" in page and 'data-entry="CaM"' in page


def test_picture_outside_of_the_notes_is_never_found(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "notes" / "图").mkdir(parents=True)
    (corpus / ".git").mkdir()
    for place in (corpus / "notes" / "图" / "a.png", corpus / ".git" / "b.png", tmp_path / "c.png"):
        place.write_bytes(b"x")
    (corpus / "d.png").symlink_to(tmp_path / "c.png")
    (corpus / "e.md").write_bytes(b"x")
    note = "notes/n.md"
    inside = (corpus / "notes" / "图" / "a.png").resolve()
    for path in (
        "图/a.png",
        "notes/图/a.png",
        "a.png",
        "%E5%9B%BE/a.png",
        "图\\a.png",
        "./图/a.png",
    ):
        assert Pictures(corpus, note).find(path) == inside, path
    for path in (
        "../.git/b.png",
        "b.png",
        "../../c.png",
        "d.png",
        "e.md",
        str(tmp_path / "c.png"),
        "x\0.png",
        "",
    ):
        assert Pictures(corpus, note).find(path) is None, path


@pytest.mark.parametrize(
    ("title", "here", "is_shown"),
    [("Okapi", 1, True), ("Okapi in the dusk", 1, False), ("Okapi in the dusk", 6, False)],
)
def test_heading_that_says_the_title_again_is_left_out(
    title: str, here: int, is_shown: bool
) -> None:
    lines = ["---", "tags: [a]", "---", "", "", "# Okapi in the **dusk**", "", "It eats leaves."]
    page = note_page(Shown("notes/a.md", title, lines, here), "en")
    assert ("<h1" in page) == is_shown
    assert "It eats leaves." in page and "<dt>tags</dt>" in page

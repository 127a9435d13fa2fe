from __future__ import annotations

import pytest
from msgspec.structs import replace

from paperrag.page.cards import evidence_html
from paperrag.page.copies import turn_markdown
from paperrag.page.fields_html import fields_html, quoted_fields_html
from paperrag.page.render import (
    below_label,
    crumbs_html,
    kind_html,
    own_text,
    shown_crumbs,
    with_symbols,
)
from paperrag.page.transcript import turn_html
from paperrag.page.turns import SearchScope, Turn
from paperrag.records import Answer, Citation, Claim, Entry, Explanation, Hit, Link, Work

NOTE = Entry(
    "n1", "notes/a.md", "note", "item", "Tabby <b>cats</b>", ("Pets",), "- Tabby cats purr", 3, 3, None, (),
    (Link("https://arxiv.org/abs/2401.00001", "arxiv", "2401.00001"),), None, "en",
)  # fmt: skip
ABSTRACT = replace(
    NOTE,
    id="a1",
    kind="abstract",
    title="On Purring",
    text='---\ntitle: "On Purring"\n---\n\nCats purr at 25 Hz.',
)
CITED = Citation(1, NOTE, "Tabby cats purr", True, NOTE.links, 0.8, related=(ABSTRACT,))
ANSWER = Answer(
    "do cats purr?",
    "en",
    "extractive",
    None,
    False,
    "Your notes say:\n- Tabby cats purr [1]",
    (CITED,),
    confidence=0.9,
)


def test_card_leads_to_the_abstract_of_its_paper() -> None:
    page = evidence_html(0, Turn("do cats purr?", ANSWER), 0.5, "en")
    assert "pr-note" not in page  # the reader's own words need no badge
    assert page.count('<span class="pr-badge pr-abstract"') == 1
    assert '<button data-act="open" data-entry="a1">On Purring</button>' in page


def test_abstract_is_shown_without_its_front_matter() -> None:
    assert own_text(ABSTRACT) == "Cats purr at 25 Hz."
    assert own_text(NOTE) == NOTE.text
    card = evidence_html(
        0,
        Turn(
            "q", replace(ANSWER, citations=(replace(CITED, entry=ABSTRACT, quote="purr at 25 Hz"),))
        ),
        0.5,
        "zh",
    )
    assert "<mark>purr at 25 Hz</mark>" in card
    assert "title:" not in card


def test_levels_of_evidence_are_told_apart() -> None:
    badges = {kind_html(kind, "zh") for kind in ("note", "abstract", "model")}
    assert len(badges) == 3
    assert all(f"pr-{kind}" in "".join(badges) for kind in ("note", "abstract", "model"))


def test_titles_are_text() -> None:
    assert "Tabby &lt;b&gt;cats&lt;/b&gt;" in evidence_html(0, Turn("q", ANSWER), 0.5, "en")


def test_unsupported_sentence_of_a_model_is_marked_and_its_number_still_leads_to_the_card() -> None:
    text = "Tabby cats purr [1]. They **also** fly [1]. 猫会飞。"
    claims = [
        Claim(text.index(one), text.index(one) + len(one), (1,), 0.1, "unsupported")
        for one in ("They **also** fly [1].", "猫会飞。")
    ]
    told = replace(ANSWER, mode="llm", model="m", text=text, claims=tuple(claims))
    page = turn_html(0, Turn("q", told), "en")
    marked = '<mark class="pr-unsupported" title="No cited entry bears this out">'
    assert f"{marked}They </mark><strong>{marked}also</mark></strong>{marked} fly" in page
    assert f"{marked}猫会飞。</mark>" in page
    assert f"{marked}Tabby" not in page
    assert page.count('class="pr-cite"') == 2
    assert "pr-badge pr-model" in page


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        (r"the prover \mu and the policy \pi", "the prover μ and the policy π"),
        (r"rewards A_{\mu} near zero", "rewards A_μ near zero"),
        (
            r"\mathrm{MAD} = \frac{1}{N-1} \sum_{i=1}^{N-1}\left|s\right|",
            "MAD = (1)/(N-1) ∑_i=1^N-1|s|",
        ),
        (r"O(n^{2}) attention", "O(n^2) attention"),
        ("a set {a, b} and C:\\notes", "a set {a, b} and C:\\notes"),
        ("snake_case stays", "snake_case stays"),
    ],
)
def test_formulas_of_titles_are_shown_as_characters(title: str, shown: str) -> None:
    assert with_symbols(title) == shown


def test_refusal_names_where_was_looked_in_both_languages() -> None:
    refused = replace(ANSWER, abstained=True, text="Your notes do not cover this.", citations=())
    turn = Turn("q", refused, scope=SearchScope(section="<Cats>", kind="note"))
    english, chinese = (turn_html(3, turn, language) for language in ("en", "zh"))  # type: ignore[arg-type]
    assert "Only searched in &lt;Cats&gt; · your notes only." in english
    assert "只查找了：在「&lt;Cats&gt;」中 · 仅笔记。" in chinese
    assert 'data-act="everywhere" data-turn="3"' in english
    assert "everywhere" not in turn_html(3, Turn("q", refused), "en")


def test_long_question_is_folded() -> None:
    assert "pr-long" in turn_html(0, Turn("q" * 401, ANSWER), "en")
    assert "pr-long" in turn_html(0, Turn("q\n" * 7, ANSWER), "en")
    assert "pr-long" not in turn_html(0, Turn("q" * 400, ANSWER), "en")


def test_card_does_not_say_its_title_twice() -> None:
    entry = replace(NOTE, title="Cats", text="## Cats\n\nThey purr.", role="heading")
    page = evidence_html(
        0, Turn("q", replace(ANSWER, citations=(replace(CITED, entry=entry, quote="They purr."),))), 0.5, "en"
    )  # fmt: skip
    assert page.count("Cats") == 1
    assert "<mark>They purr.</mark>" in page


def test_open_card_whose_text_is_its_title_says_where_it_stands_instead() -> None:
    entry = replace(NOTE, title="Tabby cats purr")
    page = evidence_html(
        0, Turn("q", replace(ANSWER, citations=(replace(CITED, entry=entry),))), 0.5, "zh"
    )
    assert '<details class="pr-card pr-told"' in page
    assert page.count("Pets") == 1
    assert "pr-told" not in evidence_html(0, Turn("q", ANSWER), 0.5, "zh")


def test_part_of_a_paper_is_told_from_its_name_and_said_where_one_points() -> None:
    work = Work("notes/a.md", "On Purring", "notes/a.md", 1)
    entry = replace(
        NOTE,
        title="2 方法",
        role="heading",
        work=work,
        part="label",
        text="## 2 方法\n\nTabby cats purr",
    )
    told = Turn("q", replace(ANSWER, citations=(replace(CITED, entry=entry),)))
    assert 'On Purring<span class="pr-part"> — 2 方法</span>' in evidence_html(0, told, 0.5, "en")
    assert 'data-title="On Purring — 2 方法"' in turn_html(0, told, "en")


@pytest.mark.parametrize("name", ["On Purring", "论呼噜"])
def test_name_that_an_item_of_an_answer_begins_with_is_bold(name: str) -> None:
    entry = replace(NOTE, title=name)
    text = f"Your notes have:\n- {name} — Tabby — cats purr [1]\n- no — name [2]"
    page = turn_html(
        0, Turn("q", replace(ANSWER, text=text, citations=(replace(CITED, entry=entry),))), "en"
    )
    assert f"<li><b>{name}</b> — Tabby — cats purr" in page
    assert "<li>no — name [2]</li>" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- [On Cats](https://a.org), ICML 2024.\n  > they purr", "  > they purr"),
        ("- 3. On Cats [ICML24]\n  猫会打呼噜", "  猫会打呼噜"),
        ("- On Cats, ICML 2024, 讲猫的打呼噜", "- On Cats, ICML 2024, 讲猫的打呼噜"),
        ("- On Cats", ""),
        ("- On $Cats$", "- On $Cats$"),  # a formula is drawn
    ],
)
def test_text_below_a_title_does_not_say_title_and_venue_again(text: str, shown: str) -> None:
    assert below_label(replace(NOTE, title="On Cats", venue="ICML 2024", text=text)) == shown


def test_formulas_of_a_place_are_characters() -> None:
    assert "证明者 μ" in crumbs_html(replace(NOTE, breadcrumb=(r"证明者 \mu",)))


def test_place_of_an_entry_leaves_out_the_name_of_its_file() -> None:
    entry = replace(NOTE, source="notes/Paper-Reading.md", breadcrumb=("paper-reading", "Cats"))
    assert shown_crumbs(entry) == ("Cats",)
    assert shown_crumbs(replace(entry, breadcrumb=("paper-reading",))) == ("paper-reading",)


def test_copied_answer_has_footnotes_with_link_place_and_quote() -> None:
    answer = replace(
        ANSWER,
        text="Cats purr [1], not [2].",
        citations=(replace(CITED, quote="Tabby cats\n  purr"),),
    )
    assert turn_markdown(Turn("do cats purr?", answer)) == (
        "**do cats purr?**\n\nCats purr [^1], not [2].\n\n"
        "[^1]: [Tabby <b>cats</b>](<https://arxiv.org/abs/2401.00001>), Pets, `notes/a.md:3`\n\n"
        "    > Tabby cats purr\n"
    )


def test_table_of_an_answer_is_a_table_and_its_numbers_lead_to_cards() -> None:
    text = "Side by side:\n| | what |\n| --- | --- |\n| Tabby | <b>purr</b> [1] |\n- and more [1]"
    page = turn_html(0, Turn("q", replace(ANSWER, text=text)), "en")
    table = page[page.index("<table>") : page.index("</table>")]
    assert "<th>what</th>" in table and "|" not in table
    assert "&lt;b&gt;purr&lt;/b&gt;&nbsp;<a" in table and 'class="pr-cite"' in table
    assert "<p>Side by side:</p>" in page and "<ul><li>and more&nbsp;<a" in page


def test_what_a_collection_says_stands_below_its_name() -> None:
    cited = ANSWER.citations[0]
    named = replace(cited, entry=replace(cited.entry, id=f"pets:{cited.entry.id}"))
    told = replace(ANSWER, text="pets: Tabby cats purr [1]\nnb: so it is", citations=(named,))
    page = turn_html(0, Turn("q", told), "en")
    assert '<h3 class="pr-collection">pets</h3><p>Tabby cats purr&nbsp;<a' in page
    assert "<p>nb: so it is</p>" in page


@pytest.mark.parametrize(
    ("is_refused", "said"),
    [(False, ["quoted · 12 ms", "Evidence 1"]), (True, [">12 ms", "Nearest "])],
)
def test_line_below_an_answer_says_what_it_is(is_refused: bool, said: list[str]) -> None:
    answer = replace(ANSWER, citations=()) if is_refused else ANSWER
    page = turn_html(0, Turn("q", replace(answer, abstained=is_refused), took_ms=12), "en")
    assert all(words in page for words in said)
    assert ("quoted" in page) is not is_refused


def test_refusal_without_near_entries_does_not_announce_any() -> None:
    refused = replace(ANSWER, abstained=True, text="Not covered.", citations=(), nearest=())
    assert "<h3><span" in evidence_html(0, Turn("q", refused), 0.5, "en")


WHY = Explanation(0.5, 0.5, 0.0, ())
FRONT = "---\nlayout: post\ntags: [Birds, 'ICML 2024']\n---\n\nCats purr."


def test_front_matter_on_a_card_is_the_field_that_is_quoted() -> None:
    entry = replace(NOTE, title="On Cats", text=FRONT, role="document")
    quoted = replace(CITED, entry=entry, quote="tags: [Birds, 'ICML 2024']")
    card = evidence_html(0, Turn("q", replace(ANSWER, citations=(quoted,))), 0.5, "en")
    assert "<dt>tags</dt><dd><mark>Birds, ICML 2024</mark></dd>" in card
    assert "layout" not in card and "<hr" not in card
    assert "<p>Cats purr.</p>" in card


def test_fields_of_a_list_are_marked_by_one_of_their_lines() -> None:
    front = "---\ntags:\n  - 鸟\n  - 夜\nstatus: read\n---\n"
    page = quoted_fields_html(front, "- 夜", "a.md", "zh")
    assert page == '<dl class="pr-facts"><dt>tags</dt><dd><mark>鸟、夜</mark></dd></dl>'
    assert quoted_fields_html(front, "They purr", "a.md", "zh") == ""
    assert quoted_fields_html(front, "", "a.md", "zh") == ""


def test_fields_do_not_repeat_the_title_and_are_divided_as_their_page_is_written() -> None:
    lines = "---\ntitle: On Cats\ntags: [a, b]\n---\n".split("\n")
    page = fields_html(lines, "a.md", "On cats", "en")
    assert "<dt>tags</dt><dd>a, b</dd>" in page and "<dt>title</dt>" not in page
    assert "<dd>a、b</dd>" in fields_html(lines, "a.md", "", "zh")


def test_card_in_a_paper_does_not_name_the_paper_again_in_its_place() -> None:
    work = Work("notes/a.md", "On Cats", "notes/a.md", 1)
    inside = replace(NOTE, work=work, part="statement", breadcrumb=("On cats", "Methods"))
    assert crumbs_html(inside) == '<div class="pr-crumbs"><span>Methods</span></div>'
    assert "On cats" in crumbs_html(replace(inside, work=replace(work, id="On Cats")))


def test_place_does_not_say_the_title_again_in_the_letters_of_its_file() -> None:
    file = replace(NOTE, title="On Cats", work=None, breadcrumb=("on-cats", "Methods"))
    assert crumbs_html(file) == '<div class="pr-crumbs"><span>Methods</span></div>'


def test_near_entry_says_on_its_folded_card_what_it_begins_with() -> None:
    near = [
        Hit(replace(NOTE, text=f"- Tabby cats *purr* {n}"), 0.5, n, (0, 1), WHY) for n in (1, 2)
    ]
    refusal = replace(ANSWER, abstained=True, citations=(), nearest=tuple(near))
    page = evidence_html(0, Turn("q", refusal), 0.5, "en")
    assert page.count('<span class="pr-lead">') == 2
    assert "purr 2</span></summary>" in page

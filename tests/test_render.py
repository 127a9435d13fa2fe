from __future__ import annotations

from dataclasses import replace

import pytest

from paperrag.page.render import kind_html, own_text, with_symbols
from paperrag.page.transcript import Turn, evidence_html, transcript_html
from paperrag.records import Answer, Citation, Claim, Entry, Link

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
    assert '<span class="pr-badge pr-note"' in page
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
    page = transcript_html((Turn("q", told),), "en")
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

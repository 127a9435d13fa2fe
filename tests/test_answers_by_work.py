"""Lists over notes without links and over folders with one note a paper, end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from paperrag.answer import near_list
from paperrag.answer.strings import PERHAPS
from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder
from paperrag.output.terminal import answer_text, search_text
from paperrag.page.cards import evidence_html
from paperrag.page.turns import Turn
from small_corpus import make_assistant

MERGING = """# Reading

## KV cache

- Merging
  - CaM
    - merges tokens that would be evicted into the ones that stay
  - KVMerger
    - merges similar keys with a Gaussian kernel
  - DMC
    - decides for each new token whether to append or to merge it
- Eviction
  - H2O
    - keeps heavy hitters
"""

QUANTIZATION = """# Reading

## Quantization

- GPTQ
  - second-order rounding of weights, layer by layer
- AWQ
  - scales the salient channels before rounding
- SmoothQuant

## Decoding

- EAGLE
  - drafts features instead of tokens
"""

PAPER = """---
title: "{name}: Depth from Diffusion"
year: 2024
---

## Summary

{name} estimates the depth of a single image by diffusion.

## Method

- the depth map is denoised from noise
- diffusion runs in the space of a depth autoencoder
- a depth loss is added to the diffusion loss
"""


def ask(tmp_path: Path, notes: dict[str, str], encoder: Encoder, question: str) -> list[str]:
    lines = make_assistant(tmp_path, notes, encoder).ask(question)[0].text.split("\n")
    return [line for line in lines if line.startswith("- ")]


@pytest.mark.parametrize("question", ["which methods merge KV cache?", "有哪些合并KV缓存的方法？"])
def test_methods_without_links_are_listed_by_name_with_what_they_do(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    assert ask(tmp_path, {"notes/a.md": MERGING}, bundled_encoder, question) == [
        "- CaM — merges tokens that would be evicted into the ones that stay [1]",
        "- KVMerger — merges similar keys with a Gaussian kernel [2]",
        "- DMC — decides for each new token whether to append or to merge it [3]",
    ]


def test_remark_below_a_name_is_what_the_note_says(tmp_path: Path, bundled_encoder: Encoder):
    assistant = make_assistant(tmp_path, {"notes/a.md": MERGING}, bundled_encoder)
    answer = assistant.ask("how does KVMerger merge?")[0]
    assert "only name it" not in answer.text
    assert answer.citations[0].quote == "merges similar keys with a Gaussian kernel"


@pytest.mark.parametrize(
    "question", ["which quantization methods did I read?", "我读过哪些量化方法？"]
)
def test_names_with_and_without_remarks_are_listed_together(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    lines = ask(tmp_path, {"notes/a.md": QUANTIZATION}, bundled_encoder, question)
    assert [line.split(" ")[1] for line in lines] == ["GPTQ", "AWQ", "SmoothQuant"]


def depth_notes(tmp_path: Path, encoder: Encoder) -> Assistant:
    names = ("TideDepth", "SandDepth", "LoamDepth", "ReefDepth")
    notes = {f"notes/{name}.md": PAPER.format(name=name) for name in names}
    notes["notes/Soil.md"] = "# Soil microbes\n\nRoots feed microbes that bind nitrogen.\n"
    return make_assistant(tmp_path, notes, encoder)


def test_hits_of_a_list_are_of_many_papers(tmp_path: Path, bundled_encoder: Encoder):
    assistant = depth_notes(tmp_path, bundled_encoder)
    hits = assistant.search("which papers estimate depth by diffusion?", 4).hits
    assert len({hit.entry.source for hit in hits}) == 4


def test_list_over_files_cites_each_paper_once(tmp_path: Path, bundled_encoder: Encoder):
    assistant = depth_notes(tmp_path, bundled_encoder)
    answer = assistant.ask("which papers estimate depth by diffusion?")[0]
    sources = [citation.entry.source for citation in answer.citations]
    assert len(sources) == len(set(sources)) == 4
    assert "notes/Soil.md" not in sources


def test_answer_from_one_paper_names_it(tmp_path: Path, bundled_encoder: Encoder):
    assistant = depth_notes(tmp_path, bundled_encoder)
    answer = assistant.ask("What does TideDepth denoise to get the depth map?")[0]
    assert "TideDepth: Depth from Diffusion" in answer.text.split("\n")[0]


@pytest.mark.parametrize(
    "question", ["which papers get depth maps by diffusion?", "哪些论文用扩散做深度图？"]
)
def test_line_of_a_list_says_what_the_paper_does_where_that_meets_the_question(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    answer = depth_notes(tmp_path, bundled_encoder).ask(question)[0]
    quotes = {citation.quote for citation in answer.citations}
    assert "TideDepth estimates the depth of a single image by diffusion." in quotes


def test_line_of_a_list_says_what_was_asked_for_where_only_that_does(
    tmp_path: Path, bundled_encoder: Encoder
):
    answer = depth_notes(tmp_path, bundled_encoder).ask("which papers add another loss?")[0]
    quotes = {citation.quote for citation in answer.citations}
    assert quotes == {"a depth loss is added to the diffusion loss"}


def test_list_about_one_paper_keeps_its_own_entries(tmp_path: Path, bundled_encoder: Encoder):
    answer = depth_notes(tmp_path, bundled_encoder).ask("which losses does TideDepth add?")[0]
    assert any("a depth loss is added" in citation.quote for citation in answer.citations)


@pytest.mark.parametrize("question", ["which papers estimate depth?", "估计深度的论文有哪些？"])
def test_line_of_a_list_names_the_paper_whole_and_when_it_appeared(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    name = "TideDepth: Estimating Metric Depth from One Picture by Denoising Tides of Light"
    notes = {
        "notes/tide.md": PAPER.format(name="TideDepth").replace(
            "TideDepth: Depth from Diffusion", name
        ),
        "notes/sand.md": PAPER.format(name="SandDepth"),
    }
    lines = ask(tmp_path, notes, bundled_encoder, question)
    assert f"- {name} (2024) — TideDepth estimates the depth of a single image by diffusion." in {
        line.rsplit(" [", 1)[0] for line in lines
    }


@pytest.mark.parametrize(
    ("question", "head"),
    [
        ("which papers estimate depth by diffusion?", "Your notes have 4 papers on this:"),
        ("哪些论文用扩散做深度图？", "你的笔记里有 4 篇相关论文："),
    ],
)
def test_files_about_published_works_are_counted_as_papers(
    tmp_path: Path, bundled_encoder: Encoder, question: str, head: str
):
    assert depth_notes(tmp_path, bundled_encoder).ask(question)[0].text.split("\n")[0] == head


def test_a_quote_that_a_line_tells_whole_is_not_printed_again_below(
    tmp_path: Path, bundled_encoder: Encoder
):
    notes = {"notes/a.md": MERGING, "notes/b.md": QUANTIZATION}
    answer = make_assistant(tmp_path, notes, bundled_encoder).ask("which methods merge KV cache?")[
        0
    ]
    shown = answer_text(answer)
    for citation in answer.citations:
        assert citation.quote_verified and shown.count(citation.quote) == 2  # line and title
    assert shown.count("(verified)") == len(answer.citations)
    hidden = replace(answer, text="Three of them do [1][2][3].")
    assert answer_text(hidden).count("” (verified)") == len(answer.citations)


def test_the_nearest_entries_of_a_refusal_are_told_with_their_paper(
    tmp_path: Path, bundled_encoder: Encoder
):
    answer = depth_notes(tmp_path, bundled_encoder).ask("who won the chess tournament in 1972?")[0]
    assert answer.abstained
    assert any(": Depth from Diffusion — " in line for line in answer.text.split("\n"))


def test_what_is_found_in_a_file_about_a_paper_stands_under_its_name(
    tmp_path: Path, bundled_encoder: Encoder
):
    assistant = depth_notes(tmp_path, bundled_encoder)
    name = "TideDepth: Depth from Diffusion"
    remark = assistant.ask("What does TideDepth denoise to get the depth map?")[0]
    assert f"\n[1] {name}\n" in answer_text(remark)
    cards = evidence_html(0, Turn(remark.question, remark), 0.0, "en")
    assert f'<span class="pr-title">{name}</span>' in cards
    found = search_text(assistant.search("TideDepth method", 20), explain=False)
    assert f". {name}  (" in found and f"{name} — {name}" not in found


def test_a_short_statement_is_not_said_to_be_a_name(tmp_path: Path, bundled_encoder: Encoder):
    note = "# Beliefs\n\n- ~~Dropout helps at scale~~ Dropout hurts at scale\n- 学习率两倍最好\n"
    answer, _ = make_assistant(tmp_path, note, bundled_encoder).ask("does dropout help at scale?")
    assert answer.text.startswith("Your notes (Beliefs) say:\nDropout hurts at scale [1]")


def test_papers_that_may_belong_stand_apart_and_are_not_counted(
    tmp_path: Path, bundled_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(near_list, "MAYBE", 0.0)
    answer = depth_notes(tmp_path, bundled_encoder).ask("which papers get depth by diffusion?")[0]
    assert answer.text.startswith("Your notes have 4 papers on this:")
    assert len(answer.citations) == 4
    assert answer.text.splitlines()[-2:] == [
        PERHAPS["en"],
        "- Soil microbes (notes/Soil.md:1)",
    ]


ANNOUNCING = {
    "notes/tern.md": "### [Tern](https://example.org/tern)\n\nKDD 2019\n\n#### Counting birds at sea\n\n"
    "Tern counts birds at sea, in three ways:\n\n1. by songs at dawn\n2. by calls at night\n3. by wings\n",
    "notes/elm.md": "### [Elm](https://example.org/elm)\n\nKDD 2021\n\nElm counts birds at sea by radar.\n",
    "notes/oak.md": "### [Oak](https://example.org/oak)\n\nOak bakes bread in a warm oven.\n",
}


def test_a_paper_that_announces_items_has_one_line_in_a_list(
    tmp_path: Path, bundled_encoder: Encoder
):
    assistant = make_assistant(tmp_path, ANNOUNCING, bundled_encoder)
    answer, _ = assistant.ask("counting birds at sea: what have I got on that?")
    assert sorted(one.entry.source for one in answer.citations) == ["notes/elm.md", "notes/tern.md"]


README = """# Papers I know

- [TideDepth: Depth from Diffusion](notes/tide.md)
- [Diffusion Depth for Endoscopes](https://example.org/endoscopes)
- [Cold Soups of Weights](https://example.org/soups)
- [Old Maps of Salt Lakes](https://example.org/lakes)
- [Counting Bees by Ear](https://example.org/bees)
- [Slow Clocks in Fast Networks](https://example.org/clocks)
- [Warm Starts for Small Models](https://example.org/starts)
- diffusion depth: [[tide]] · [[sand]]
"""


@pytest.mark.parametrize(
    ("question", "head"),
    [
        ("papers on diffusion depth", "Also listed, without a note of their own:"),
        ("列出 diffusion depth 的论文", "另外只列出、没有笔记的："),
    ],
)
def test_what_an_index_lists_without_a_note_stands_apart(
    tmp_path: Path, bundled_encoder: Encoder, question: str, head: str
):
    names = ("TideDepth", "ReefDepth", "SandDepth")
    notes = {f"notes/{name[:4].lower()}.md": PAPER.format(name=name) for name in names}
    assistant = make_assistant(tmp_path, notes | {"README.md": README}, bundled_encoder)
    lines = assistant.ask(question)[0].text.splitlines()
    assert lines[lines.index(head) :] == [head, "- Diffusion Depth for Endoscopes (README.md:4)"]
    assert len(assistant.ask(question)[0].citations) == 3


def test_venue_that_is_a_word_is_told_from_its_sisters(tmp_path: Path, bundled_encoder: Encoder):
    venues = {"TideNet": "Nature 588", "SandNet": "Nature Methods 2021", "WaveNet2": "Science"}
    notes = {
        f"{name}.md": PAPER.format(name=name).replace("year:", f"venue: {venue}\nyear:")
        for name, venue in venues.items()
    }
    lines = ask(tmp_path, notes, bundled_encoder, "everything published in Nature")
    assert [line.partition(":")[0] for line in lines] == ["- TideNet"]
    both = ask(tmp_path, notes, bundled_encoder, "发在 Nature 或 Science 上的论文有哪些")
    assert [line.partition(":")[0] for line in both] == ["- TideNet", "- WaveNet2"]


def test_line_of_a_list_is_no_pointer_to_other_notes(tmp_path: Path, bundled_encoder: Encoder):
    notes = {
        f"notes/{name}.md": PAPER.format(name=name) + "\n- see also [[depth by diffusion]]\n"
        for name in ("TideDepth", "SandDepth")
    }
    answer = make_assistant(tmp_path, notes, bundled_encoder).ask("which papers do depth?")[0]
    assert len(answer.citations) == 2
    assert not any("see also" in citation.quote for citation in answer.citations)

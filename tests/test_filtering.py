from __future__ import annotations

import pytest

from fakes import NgramEncoder
from paperrag.answer.strings import NONE_DATED, NONE_SO_DATED, NOT_COVERED, NOT_NAMED
from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder
from paperrag.records import Answer
from paperrag.search.filtering import Filters, sections_like
from small_corpus import make_assistant

NOTES = """# Reading

## KV cache eviction

- H2O: Heavy-Hitter Oracle [NeurIPS'23] https://arxiv.org/abs/2306.14048
  - keeps the tokens with the largest accumulated attention
- Scissorhands https://arxiv.org/abs/2305.17118 evicts by persistence of importance
- Keyformer, MLSys 2024: adds Gumbel noise to the scores before evicting

## 世界模型

- DIAMOND https://arxiv.org/abs/2405.12399 扩散世界模型，在雅达利游戏里训练智能体
- GameNGen [ICLR25, best paper] 用扩散模型实时模拟毁灭战士
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, bundled_encoder: Encoder) -> Assistant:
    return make_assistant(tmp_path_factory.mktemp("filtering"), NOTES, bundled_encoder)


def ask(assistant: Assistant, question: str, filters: Filters | None = None) -> Answer:
    return assistant.ask(question, filters)[0]


def names(answer: Answer) -> list[str]:
    """The first words of what is listed: of the works that remarks are on."""
    titles = [citation.work or citation.entry.title for citation in answer.citations]
    return [title.split(":")[0].split(",")[0].split()[0] for title in titles]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("NeurIPS 2023 papers", ["H2O"]),
        ("哪些是ICLR25的", ["GameNGen"]),
        ("papers published at MLSys", ["Keyformer"]),
        ("papers from 2023", ["H2O", "Scissorhands"]),
        ("2024年的论文", ["Keyformer", "DIAMOND"]),
        ("世界模型那一节里记了哪些论文？", ["DIAMOND", "GameNGen"]),
        ("哪些论文拿过 best paper", ["GameNGen"]),
        ("eviction methods other than H2O", ["Scissorhands", "Keyformer"]),
        ("除了Keyformer还有哪些eviction方法", ["H2O", "Scissorhands"]),
    ],
)
def test_only_what_the_question_looks_at_is_cited(
    assistant: Assistant, question: str, expected: list[str]
):
    assert names(ask(assistant, question)) == expected


@pytest.mark.slow
def test_another_year_of_a_venue_is_refused_by_name(assistant: Assistant):
    answer = ask(assistant, "ICLR 2024 papers")
    assert answer.text.split("\n")[:2] == [
        NOT_COVERED["en"],
        NONE_DATED["en"].format(dates="ICLR 2024"),
    ]


@pytest.mark.slow
def test_a_year_that_notes_hold_is_not_said_to_be_missing(assistant: Assistant):
    answer = ask(assistant, "which papers from 2023 come with code?")
    assert answer.text.split("\n")[1] == NONE_SO_DATED["en"].format(dates="2023")


def test_a_paper_is_of_the_year_of_its_venue_and_of_that_in_its_note(tmp_path, bundled_encoder):
    note = "---\ntitle: TideNet\nvenue: ICLR 2024\nyear: 2023\n---\n\nTideNet predicts tides.\n"
    assistant = make_assistant(tmp_path, note, bundled_encoder)
    for year in (2023, 2024):
        assert not ask(assistant, f"papers from {year}").abstained
    assert ask(assistant, "papers from 2022").abstained


def test_a_section_given_apart_answers_a_bare_question(assistant: Assistant):
    assert names(ask(assistant, "有哪些方法？", Filters(section="世界模型"))) == [
        "DIAMOND",
        "GameNGen",
    ]


def test_a_bare_question_without_a_section_is_refused(assistant: Assistant):
    assert ask(assistant, "有哪些方法？").abstained


def test_all_of_a_section_is_quoted_from_where_entries_begin(assistant: Assistant):
    answer = ask(
        assistant,
        "what is in the KV cache eviction section: list all papers",
        Filters(file="made-up"),
    )
    assert all(citation.quote_verified for citation in answer.citations)


def test_both_sides_of_a_comparison_are_cited(assistant: Assistant):
    assert names(ask(assistant, "H2O vs Keyformer")) == ["H2O", "Keyformer"]
    assert names(ask(assistant, "DIAMOND和GameNGen的区别")) == ["DIAMOND", "GameNGen"]


def test_name_that_the_notes_do_not_hold_is_said(assistant: Assistant):
    answer = ask(assistant, "SnapKV 的池化核多大？")
    assert answer.abstained
    assert NOT_NAMED["zh"].format(names="SnapKV") in answer.text


def test_name_of_the_notes_is_not_said_to_be_missing(assistant: Assistant):
    retriever = assistant.retriever()
    question = retriever.read(
        "How does Keyformer differ from H2Os, and is SnapKV-based eviction on H100s better?"
    )
    assert question.unknown_names == ("SnapKV", "H100")


def test_headings_are_folded_once_for_all_questions(assistant: Assistant, monkeypatch):
    entries = assistant.data().entries
    first = sections_like(entries, "KV cache")
    monkeypatch.setattr("paperrag.index.tables.fold", None)
    assert sections_like(entries, "世界模型") != sections_like(entries, "kv cache") == first != []
    assert sections_like(entries, "sailing") == []


def test_among_holds_what_stands_below_and_passes_over_unknown_ids(tmp_path):
    notes = "# N\n\n- Alpha: merges keys\n  - Alpha inner: kernel\n- Beta: kernel\n"
    assistant = make_assistant(tmp_path, notes, NgramEncoder())
    (alpha,) = (
        hit.entry.id for hit in assistant.search("Alpha").hits if "merges" in hit.entry.title
    )

    def found(*ids: str) -> set[str]:
        hits = assistant.search("kernel", filters=Filters(among=frozenset(ids))).hits
        return {hit.entry.title.split(":")[0] for hit in hits}

    assert found(alpha) == {"Alpha", "Alpha inner"} == found(alpha, "gone")
    assert found() == set()

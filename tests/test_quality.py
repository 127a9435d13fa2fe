"""How good search and ask are on the committed questions, with floors a little under what is
reached.

Machine-independent: the encoder is the bundled one and every score is deterministic. A change
that lowers a figure below its floor must be undone or argued for; one that lifts it may lift
the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import REPOSITORY
from paperrag.assistant import Assistant
from paperrag.evaluation import evaluate, read_questions, summary
from paperrag.records import Entry

pytestmark = pytest.mark.slow

CORPUS = REPOSITORY / "corpus"
DATA = REPOSITORY / "tests" / "data"


@dataclass(frozen=True)
class Floors:
    """Lowest figures allowed; `refused` is the highest share of answerable questions that may be
    refused.
    """

    ndcg: float
    precision: float
    recall: float
    abstained: float
    refused: float


# 0.03 from what is reached, which is (pytest -rP prints it):
EXTRA = Floors(0.906, 0.840, 0.862, 0.869, 0.031)  # 0.937, 0.871, 0.893, 0.900, 0.000
SAMPLES = {
    "obsidian": Floors(0.941, 0.852, 0.891, 0.844, 0.062),  # 0.972, 0.883, 0.922, 0.875, 0.031
    "headings": Floors(0.906, 0.835, 0.805, 0.594, 0.031),  # 0.937, 0.866, 0.836, 0.625, 0.000
    "zh-bullets": Floors(0.843, 0.694, 0.698, 0.719, 0.062),  # 0.874, 0.725, 0.729, 0.750, 0.031
    "biology": Floors(0.867, 0.742, 0.728, 0.719, 0.156),  # 0.898, 0.773, 0.759, 0.750, 0.125
    "vision": Floors(0.844, 0.763, 0.734, 0.769, 0.098),  # 0.875, 0.794, 0.765, 0.800, 0.067
    "systems": Floors(0.811, 0.750, 0.666, 0.769, 0.053),  # 0.842, 0.781, 0.697, 0.800, 0.022
    "nlp": Floors(0.819, 0.747, 0.680, 0.969, 0.062),  # 0.850, 0.778, 0.711, 1.000, 0.031
    "neuro": Floors(0.786, 0.730, 0.626, 0.844, 0.031),  # 0.817, 0.761, 0.657, 0.875, 0.000
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory) -> Assistant:
    return Assistant.open(corpus=CORPUS, index=tmp_path_factory.mktemp("index"))


def measured(assistant: Assistant, questions: Path) -> dict[str, dict[str, float]]:
    def ask(question: str) -> tuple[bool, list[Entry]]:
        answer, _ = assistant.ask(question)
        return answer.abstained, [citation.entry for citation in answer.citations]

    def search(question: str) -> list[Entry]:
        return [hit.entry for hit in assistant.search(question, 10).hits]

    groups = summary(evaluate(read_questions(questions), search, ask))
    for name in groups:
        figures = ", ".join(
            f"{metric} {value:.3f}" for metric, value in groups[name].items() if value is not None
        )
        print(f"{questions.relative_to(DATA)}, {name}: {figures}")  # noqa: T201  # shown by pytest -rP
    return groups


def check(figures: dict[str, float], floors: Floors) -> None:
    assert figures["ndcg@10"] >= floors.ndcg
    assert figures["citation_precision"] >= floors.precision
    assert figures["citation_recall"] >= floors.recall
    assert figures["abstained_unanswerable"] >= floors.abstained
    assert figures["abstained_answerable"] <= floors.refused


def test_development_questions_stay_above_their_floors(assistant: Assistant):
    groups = measured(assistant, DATA / "dev.jsonl")
    assert groups["all"]["ndcg@10"] >= 0.88
    assert groups["en"]["ndcg@10"] >= 0.85
    assert groups["zh"]["ndcg@10"] >= 0.85
    assert groups["list"]["recall@10"] >= 0.92
    assert groups["all"]["citation_precision"] >= 0.85
    assert groups["all"]["citation_recall"] >= 0.85
    assert groups["all"]["abstained_unanswerable"] >= 0.75
    assert groups["all"]["abstained_answerable"] <= 0.05


def test_questions_of_everyday_life_are_refused(assistant: Assistant):
    assert (
        measured(assistant, DATA / "everyday.jsonl")["all"]["abstained_unanswerable"] >= 0.92
    )  # 0.950


def test_other_questions_stay_above_their_floors(assistant: Assistant):
    check(measured(assistant, DATA / "extra.jsonl")["all"], EXTRA)


@pytest.mark.parametrize("name", SAMPLES)
def test_other_notes_stay_above_their_floors(tmp_path: Path, name: str):
    folder = DATA / "corpora" / name
    assistant = Assistant.open(corpus=folder, index=tmp_path / "index")
    check(measured(assistant, folder / "questions.jsonl")["all"], SAMPLES[name])


@pytest.mark.parametrize(
    ("question", "frame"),
    [
        ("which methods merge KV cache?", "Your notes have 4 entries on this"),
        ("有哪些合并KV缓存的方法？", "你的笔记里有 4 条相关记录"),
    ],
)
def test_the_question_of_the_readme_cites_exactly_its_four_methods(
    assistant: Assistant, question: str, frame: str
):
    answer, _ = assistant.ask(question)
    assert [citation.entry.line_start for citation in answer.citations] == [206, 209, 211, 213]
    assert answer.text.startswith(frame)
    assert [citation.n for citation in answer.citations] == [1, 2, 3, 4]
    assert all(citation.quote_verified and citation.links for citation in answer.citations)

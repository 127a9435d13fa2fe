"""What answers: which entries and lines are told, how sure it takes to be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from msgspec.structs import replace

from fakes import EveryWord
from made_segments import entry_table, made_found
from paperrag.answer import near_list, weights
from paperrag.answer.confidence import Best, at_most, best_of, confidence
from paperrag.answer.extractive import answer_question
from paperrag.answer.fitting import fit
from paperrag.answer.limits import Limits
from paperrag.answer.quotes import Quotes
from paperrag.answer.quoting import Quoter
from paperrag.answer.selection import Selection, Sought, select_one, select_several
from paperrag.answer.weights import LIST
from paperrag.config import Settings
from paperrag.conversation.planning import limits_after
from paperrag.conversation.standalone import Standalone
from paperrag.notes.tree import parse_note
from paperrag.question.answer_type import Wanted
from paperrag.question.classifier import AnswerType
from paperrag.question.read import read_question
from paperrag.question.record import Question
from paperrag.question.scope import Scope
from paperrag.search.membership import (
    WorkEvidence,
)
from paperrag.search.named import Inside
from paperrag.search.scores import EntryScores, Scores
from paperrag.search.works import RankedWorks
from small_corpus import Notes, make_assistant, make_retriever
from test_confidence import CountingEncoder, scored
from test_judging import Preferring
from test_retrieval import UnitTokenEncoder
from test_selection import NOTES
from test_selection import scored as selectable
from weighing.case import ALPHA, WORDS, Case


def sureness(**given: Any) -> Callable[[Path], float]:
    """Confidence of a question of ten words whose best entry has dense .6 and late .5."""

    def scene(_: Path) -> float:
        count = given.get("count", 10)
        want, unknown = given.get("want", "one"), given.get("unknown", ())
        names, best = given.get("names", ()), given.get("best", Best())
        asked = " ".join(["词"] * count)
        question = Question(asked, asked, "zh", want, False, Scope(asked), names, unknown)
        found = scored(0.6, 0.6, 0.5, behind=given.get("behind", 0.6))
        return confidence(question, found, CountingEncoder(), best)

    return scene


CONFIDENT = 0.35 * 0.5 + 0.65 * 0.6 - 0.14
"""late · .5 + dense · .6 - LEVEL of the plain question; every case but its own adds to it."""


def tied(_: Path) -> float:
    """How many answers are given of two, the second .985 as sure as the first."""
    entries = entry_table(parse_note(NOTES, "notes/made-up.md").entries)
    best_two = made_found(scored(1.0, 0.0, 0.0, behind=0.985, others=1), entries)
    return float(len(select_one(best_two).positions))


def taken(reach: str, works_only: bool = True, **given: float):
    """How many entries of the notes of `test_selection` are taken at some scores."""

    def scene(_: Path) -> float:
        entries = entry_table(parse_note(NOTES, "notes/made-up.md").entries)
        found = made_found(selectable(entries, **given), entries)
        sought = Sought(getattr(weights, reach), works_only)
        return float(len(select_several(found, sought).positions))

    return scene


FOUR_PAIRS = "# S\n" + "".join(
    f"\n- group {n}\n  - [{n}a](https://a.com/{n}a)\n  - [{n}b](https://a.com/{n}b)" for n in "pqrs"
)


def of_four_pairs(_: Path) -> float:
    """One of each pair speaks for it, half of all: three pairs are taken, not the whole section."""
    entries = entry_table(parse_note(FOUR_PAIRS, "notes/made-up.md").entries)
    found = selectable(entries, pa=0.8, qa=0.66, ra=0.66, sa=0.66)
    sought = Sought(weights.LIST, works_only=True)
    return float(len(select_several(made_found(found, entries), sought).positions))


COUNTED = {
    "notes/a.md": "# Alpha\n\n[Alpha](https://arxiv.org/abs/2401.00001)\n\n- red\n- 8 red red blue\n",
}
"""Line 6 tells how many; "blue" puts it behind line 5."""

ALPHA_HEADED = ALPHA | {
    "notes/a.md": "# Alpha: gold\n\n[Alpha](https://arxiv.org/abs/2401.00001)\n\n"
    "- We propose Alpha, which makes blue things.\n\n## red\n\nred red.\n\n- red red red gold\n"
}
"""A heading meets "red" a little better than the line below it, on line 11."""

ALPHA_NAMING = {
    "notes/a.md": "# Alpha: gold\n\n[Alpha](https://arxiv.org/abs/2401.00001)\n\n"
    "- red red gold\n- red blue on RedSet\n",
}
"""Line 6 holds the name, line 5 meets "red" better."""


def line_cited_for_alpha(notes: Notes, question: str = "which red methods?"):
    """The line of Alpha that stands for it in a list of red methods."""

    def scene(folder: Path) -> float:
        retriever = make_retriever(folder, notes, UnitTokenEncoder())
        read = retriever.read(question)
        found = retriever.find(read)
        limits = Limits(abstain_below=0.0, weak_below=0.0)
        answer = answer_question(
            read, found, Quotes(retriever.encoder, lambda *_: True), limits, 1.0
        )
        return float(answer.citations[0].entry.line_start)

    return scene


def line_that_meets(folder: Path) -> float:
    """The line that stands for a paper in a list, of two about as near, a judge being for the
    second, on line 6.
    """
    notes = {
        "notes/a.md": "# Alpha\n\n[Alpha](https://arxiv.org/abs/2401.00001)\n\n- red\n- red blue\n"
    }
    retriever = make_retriever(folder, notes, UnitTokenEncoder())
    read = retriever.read("which red methods?")
    found = retriever.find(read)
    assert found.works is not None
    found = replace(found, works=found.works.judged({0: {0: -4.0, 1: 4.0}}))
    answer = answer_question(
        read, found, Quotes(retriever.encoder, lambda *_: True), Limits(0.0, 0.0), 1.0
    )
    return float(answer.citations[0].entry.line_start)


def line_that_answers(folder: Path) -> float:
    """The line cited of two about as near, a judge being for the second, on line 6."""
    notes = {"notes/a.md": COUNTED["notes/a.md"].replace("8 red", "red")}
    retriever = make_retriever(folder, notes, UnitTokenEncoder())
    read = retriever.read("what is red?")
    found = replace(retriever.find(read), judged={0: -4.0, 1: 4.0})
    answer = answer_question(
        read, found, Quotes(retriever.encoder, lambda *_: True), Limits(0.0, 0.0), 1.0
    )
    return float(answer.citations[0].entry.line_start)


def other_work(folder: Path) -> float:
    """Whether the line of another work is cited that answers rather more than the nearest."""
    text = COUNTED["notes/a.md"]
    beta = text.replace("Alpha", "Beta").replace("00001", "00002").replace("blue", "gold")
    notes = {"notes/a.md": text, "notes/b.md": beta}
    retriever = make_retriever(folder, notes, UnitTokenEncoder())
    read = retriever.read("what is red?")
    found = retriever.find(read)
    units = [found.unit(found.entry_row(at)) for at in range(len(found))]
    second = next(at for at, unit in enumerate(units) if unit != units[0])
    found = replace(found, judged={0: 2.0, second: 4.0})
    answer = answer_question(
        read, found, Quotes(retriever.encoder, lambda *_: True), Limits(0.0, 0.0), 1.0
    )
    return float(answer.citations[0].entry.source != found.hit(0, 1).entry.source)


BESIDE_A_PAPER = {
    "notes/a.md": WORDS,
    "notes/b.md": "# Beta\n\n[Beta](https://arxiv.org/abs/2401.00002)\n\n- gold gold\n",
}
"""A list whose entries are nearest, and a paper with a file of its own."""


def answers_in(notes: Notes) -> Callable[[Path], float]:
    """How far an entry answers that a judge finds as likely to as not."""

    def scene(folder: Path) -> float:
        retriever = make_retriever(folder, notes, UnitTokenEncoder())
        found = replace(retriever.find(retriever.read("what is red?")), judged={0: 0.0})
        return best_of(found).answers

    return scene


def chance_at(
    logit: float, is_named: bool = False, asked: str = "what is red?"
) -> Callable[[Path], float]:
    """The chance that a work answers of which a judge gives an entry a logit."""

    def scene(folder: Path) -> float:
        retriever = make_retriever(folder, BESIDE_A_PAPER, UnitTokenEncoder())
        question = retriever.read(asked)
        found = replace(retriever.find(question), judged={0: logit})
        named = Inside("red", question, (found.unit(found.entry_row(0)),)) if is_named else None
        return at_most(question, best_of(found, named))

    return scene


def works_that_may_belong(folder: Path) -> float:
    """How many works are named beside a list, one that is not in it having a chance of .35."""
    retriever = make_retriever(folder, ALPHA, UnitTokenEncoder())
    found = retriever.find(retriever.read("which red methods?"))
    assert found.works is not None
    works = replace(found.works, chances=np.array([0.9, 0.35], dtype=np.float32))
    return float(len(near_list.may_belong(replace(found, works=works), Selection((0,)))))


def least_of_a_year(_: Path) -> float:
    """How sure it takes to be to answer what is asked of the papers of a year."""
    asked = read_question("which papers from 2018 use adapters?", EveryWord())
    return Limits(0.4, 0.5).least(asked.scope)


def least_among(_: Path) -> float:
    """The confidence below which a question about entries that an answer cites is refused."""
    settings = Settings(abstain_below=0.4)
    alone = Standalone("otters?", "otters?", among=("an-entry",))
    return limits_after(alone, False, None, settings).abstain_below


def gain(sentence: str, answer_type: AnswerType, unit: str = ""):
    """What is added to the likeness of a sentence."""
    return lambda _: fit(sentence, Wanted(answer_type, unit))


LINK = "[CaM](https://arxiv.org/abs/2401.00001)"


def beside_the_whole(folder: Path) -> float:
    """How far the score of what a named work says is from two thirds of that without the name and a
    third of that with it.
    """
    notes = {"notes/a.md": f"# CaM\n\n{LINK}\n\n- red\n", "notes/b.md": "# KIVI\n\n- red blue\n"}
    never = {"abstain_below": 0.0, "weak_below": 0.0}
    assistant = make_assistant(folder, notes, UnitTokenEncoder(), **never)
    [cited, *_] = assistant.ask("why does CaM red")[0].citations
    with_name, without_name = (
        next(hit.score for hit in assistant.search(text, 9).hits if hit.entry == cited.entry)
        for text in ("why does CaM red", "why does red")
    )
    return cited.score - 0.67 * without_name - 0.33 * with_name


def only_listed(_: Path) -> float:
    """How many works are told of that an index lists, one of them .9 near as the best note."""
    total = np.array([1.0, 0.9, 0.7])
    hit = SimpleNamespace(
        entry=SimpleNamespace(title="b"),
        explanation=SimpleNamespace(matched_words=("b",)),
        related=(),
    )
    found = SimpleNamespace(
        scored=SimpleNamespace(
            is_whole=False,
            chunks=SimpleNamespace(total=total),
            best=np.arange(3),
            only_mention=lambda _: np.array([False, True, True]),
        ),
        works=(),
        entries=None,
        hit=lambda at, rank: hit,
    )
    return float(len(near_list.only_listed(found)))  # type: ignore[arg-type]


def line_cited(notes: Notes, question: str):
    """The line of the first entry that an answer cites."""

    def scene(folder: Path) -> float:
        never = {"abstain_below": 0.0, "weak_below": 0.0}
        answer, _ = make_assistant(folder, notes, UnitTokenEncoder(), **never).ask(question)
        return float(answer.citations[0].entry.line_start)

    return scene


def files_beside_lists(_: Path) -> float:
    """How many files are listed whose chances are .95 and .8, where most works are bullets."""
    entries = entry_table(
        [
            *parse_note("# A\n\n[A](https://arxiv.org/abs/2401.00001)\n", "a.md").entries,
            *parse_note("# B\n\n[B](https://arxiv.org/abs/2401.00002)\n", "b.md").entries,
            *parse_note("- [otter](https://a.com/o)\n" * 30, "notes/made-up.md").entries,
        ]
    )
    files = np.flatnonzero(entries.is_of_file)[:2]
    bullets = np.flatnonzero(~entries.is_of_file)[:30]
    rows = np.concatenate([files, bullets])
    half = np.zeros(len(rows), dtype=np.float32)
    chances = np.array([0.95, 0.8, *[0.1] * 30], dtype=np.float32)
    works = RankedWorks(rows, rows, half, chances, WorkEvidence(*[half] * 9))
    values = np.array([0.9, 0.8, *[0.1] * 30], dtype=np.float32)
    chunks = Scores(np.arange(len(entries)), *[np.zeros(len(entries), np.float32)] * 5, matched={})
    found = EntryScores(rows, values, rows, chunks)
    chosen = select_several(made_found(found, entries, works=works), Sought(LIST, works_only=True))
    return float(len(chosen.positions))


def quoted_by_a_judge(folder: Path) -> float:
    """Whether the second line of an item is quoted, the first being as near, a judge for it."""
    retriever = make_retriever(
        folder,
        {"notes/a.md": "# CaM\n\n- red red gold.\n  red blue gold.\n  gold gold.\n"},
        UnitTokenEncoder(),
    )
    hit = next(one for one in retriever.search("what is red?", 9) if "blue" in one.entry.text)
    quoter = Quoter("what is red?", retriever.encoder, judge=Preferring("blue"))
    return float(quoter.quote(hit) == "red blue gold.")


CASES = (
    # Of a best score .8 a work is near by itself from .664, one that speaks for a group from .576;
    # of a topic's .9 from .837, of .5 from .42.
    Case("answer.weights", "LIST", 0.0, taken("LIST", CaM=0.8, TTS=0.63), 1, "near"),
    Case("answer.weights", "LIST", 0.0, taken("LIST", CaM=0.8, DMC=0.57), 1, "close"),
    Case("answer.weights", "LIST", 0.0, taken("LIST", CaM=0.8), 1, "group_share"),
    Case("answer.weights", "TOPIC", 0.0, taken("TOPIC", CaM=0.9, TTS=0.836), 1, "near"),
    Case(
        "answer.weights",
        "TOPIC",
        0.0,
        taken("TOPIC", CaM=0.5, DMC=0.41, KVMerger=0.41),
        1,
        "close",
    ),
    Case("answer.weights", "TOPIC", 0.0, taken("TOPIC", CaM=0.8), 1, "group_share"),
    Case("answer.grouping", "SECTION_SHARE", 0.0, of_four_pairs, 6),
    Case("answer.standing", "STATEMENT_SHARE", 0.0, line_cited_for_alpha(ALPHA), 5),
    Case("answer.standing", "STATEMENT_LEVEL", 1.0, line_cited_for_alpha(ALPHA), 5),
    Case("answer.standing", "HEADING_LOSS", 0.0, line_cited_for_alpha(ALPHA_HEADED), 11),
    Case(
        "answer.standing",
        "NAMING_GAIN",
        0.0,
        line_cited_for_alpha(ALPHA_NAMING, "which red methods use RedSet?"),
        6,
    ),
    Case("answer.near_list", "MAYBE", 1.0, works_that_may_belong, 1),
    Case("answer.limits", "NARROWED_SHARE", 1.0, least_of_a_year, 0.75 * 0.4),
    Case("answer.limits", "KNOWN_SHARE", 1.0, least_among, 0.75 * 0.4),
    Case("answer.standing", "MET_GAIN", 0.0, line_that_meets, 6),
    Case(
        "answer.confidence",
        "OF_PHRASE",
        0.0,
        sureness(want="topic", best=Best(answers=0.5)),
        CONFIDENT + 0.25 * 0.5 * 0.4,
    ),
    Case(
        "answer.confidence",
        "LIST_MET",
        0.0,
        sureness(want="list", best=Best(met=0.25)),
        CONFIDENT + 0.1 + 0.1,
    ),
    Case("answer.selection", "LEAST_BESIDE_LISTS", 0.0, files_beside_lists, 1),
    Case("answer.single", "ABOUT_AS_NEAR", 0.0, line_cited(COUNTED, "how many red"), 6),
    Case("answer.single", "JUDGED_GAIN", 0.0, line_that_answers, 6),
    Case("answer.single", "OTHER_WORK", 0.0, other_work, 0),
    Case("answer.fitting", "HAS_NUMBER", 0.0, gain("8 otters.", "number"), 0.12),
    Case("answer.fitting", "HAS_UNIT", 0.0, gain("9 hours of seals.", "number", unit="time"), 0.3),
    Case("answer.quoting", "SENTENCE_GAIN", 0.0, quoted_by_a_judge, 1),
    Case("answer.fitting", "ASKS", 0.0, gain("水獭吗？", "other"), -0.1),
    Case("conversation.looking", "WHOLE_SHARE", 0.0, beside_the_whole, 0.0),
    Case("answer.near_list", "LISTED_SHARE", 1.0, only_listed, 1),
    Case("answer.selection", "TIED", 1.0, tied, 2.0),
    Case("answer.confidence", "LEVEL", 0.0, sureness(), CONFIDENT),
    Case("answer.confidence", "WEIGHTS", 0.0, sureness(), CONFIDENT, "late"),
    Case("answer.confidence", "WEIGHTS", 0.0, sureness(), CONFIDENT, "dense"),
    # ln(21 / 11) e-folds longer than usual
    Case(
        "answer.confidence",
        "WEIGHTS",
        0.0,
        sureness(count=20),
        CONFIDENT + 0.25 * 0.6466,
        "length",
    ),
    Case(
        "answer.confidence",
        "WEIGHTS",
        0.0,
        sureness(behind=0.5),
        CONFIDENT + 0.63 * 0.1,
        "stands_out",
    ),
    Case("answer.confidence", "WEIGHTS", 0.0, sureness(want="list"), CONFIDENT + 0.1, "is_list"),
    Case(
        "answer.confidence",
        "WEIGHTS",
        0.0,
        sureness(unknown=("SnapKV",)),
        CONFIDENT - 0.19,
        "says_unknown",
    ),
    Case(
        "answer.confidence",
        "WEIGHTS",
        0.0,
        sureness(names=("LoRA",), best=Best(words="KIVI")),
        CONFIDENT - 0.24,
        "misses_name",
    ),
    Case(
        "answer.confidence",
        "WEIGHTS",
        0.0,
        sureness(best=Best(in_paper=True)),
        CONFIDENT - 0.07,
        "in_paper",
    ),
    Case(
        "answer.confidence",
        "WEIGHTS",
        0.0,
        sureness(best=Best(answers=0.4)),
        CONFIDENT + 0.25 * 0.4,
        "answers",
    ),
    Case("answer.confidence", "LEAST_ANSWER", 0.0, answers_in(BESIDE_A_PAPER), 0.3),
    Case("answer.confidence", "LEAST_IN_PAPER", 0.0, answers_in(COUNTED), 0.1),
    Case("answer.confidence", "OF_NEAREST", 0.0, chance_at(0.0), 0.5498),
    Case("answer.confidence", "LOGIT_SHARE", 0.0, chance_at(1.0), 0.7150),
    Case("answer.confidence", "OF_NAMED", 0.0, chance_at(0.0, is_named=True), 0.5075),
    Case(
        "answer.confidence",
        "LACKS_NAME",
        0.0,
        chance_at(0.0, is_named=True, asked="what is red on CelebA?"),
        0.0488,
    ),
)

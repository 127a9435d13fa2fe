"""Each weight of ranking and answering decides something: without it, a figure worked out by hand
here comes out otherwise.

A weight that is new or changed has its line here; one that moves nothing has no business in the
code (`benchmarks/ablate.py` says what each is worth on the sets of questions).
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from msgspec.structs import fields, replace

import paperrag
from conftest import REPOSITORY
from fakes import EveryWord, LetterEncoder, follows_up
from made_segments import entry_table
from paperrag.answer import extractive, weights
from paperrag.answer.confidence import Best, at_most, best_of, confidence
from paperrag.answer.extractive import answer_question
from paperrag.answer.fitting import fit
from paperrag.answer.limits import Limits
from paperrag.answer.selection import Choices, Selection, Sought, select_one, select_several
from paperrag.answer.weights import LIST
from paperrag.config import Settings
from paperrag.conversation.planning import limits_after
from paperrag.conversation.standalone import Standalone
from paperrag.encoders.contract import Encoder
from paperrag.index.late import LateInteraction, TokenLists
from paperrag.notes.tree import parse_note
from paperrag.proof import reasons, support
from paperrag.proof.bearing import verdict
from paperrag.proof.beside import _likeness, misplaced
from paperrag.proof.names import missing_names
from paperrag.proof.net import Judgement
from paperrag.proof.order import orders
from paperrag.proof.polarity import denied, direction, opposed, turned
from paperrag.proof.proving import prove
from paperrag.proof.quantities import quantities
from paperrag.proof.reply import parse_reply
from paperrag.proof.support import Features, Support, SupportScorer
from paperrag.proof.windows import best_sentences, tokens_of
from paperrag.question.answer_type import Wanted
from paperrag.question.classifier import AnswerType
from paperrag.question.facets import FACETS, AskedFacet, Facet, _bound, _hidden, _likeliest
from paperrag.question.names import Speller
from paperrag.question.read import Question, read_question
from paperrag.question.scope import Scope
from paperrag.search.membership import (
    BIAS,
    WEIGHTS,
    WorkEvidence,
    as_judged,
    likely,
    member_features,
    membership,
)
from paperrag.search.named import Inside
from paperrag.search.scoring import EntryScores, Scores
from paperrag.search.similar import EntryVectors
from paperrag.search.subject import are_of_subject
from paperrag.search.works import RankedWorks, ranked_works
from small_corpus import Notes, make_assistant, make_retriever
from test_confidence import CountingEncoder, scored
from test_retrieval import UnitEncoder, UnitTokenEncoder
from test_selection import NOTES
from test_selection import scored as selectable
from word_tokens import FAINT, WordEncoder, told


@dataclass(frozen=True)
class Case:
    """What a weight does: a figure with it, from a scene that says how it comes about."""

    module: str
    name: str
    off: Any
    scene: Callable[[Path], float]
    figure: float
    part: str = ""

    def __str__(self) -> str:
        return f"{self.name}.{self.part}" if self.part else self.name


# --- scenes: notes and a question -> one figure ---------------------------------------------------


def scores(folder: Path, notes: Notes, question: str, encoder: Encoder) -> list[float]:
    return [hit.score for hit in make_retriever(folder, notes, encoder).search(question, 5)]


def gap(folder: Path, notes: Notes, question: str, encoder: Encoder | None = None) -> float:
    """How far the second hit lies behind the first."""
    first, second = scores(folder, notes, question, encoder or UnitTokenEncoder())[:2]
    return first - second


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

HEADING = "# green\n\n- red\n- blue\n"
WORDS = "- red red\n- red green\n- blue\n"
LABEL = "- red\n  - red\n"
SIBLINGS = "- red blue\n- red\n- green\n"
ABSTRACT = {"notes/a.md": "- red\n", "abstracts/b.md": "---\ntitle: red\n---\nred\n"}
POINTERS = {
    "notes/README.md": "# Papers\n\n"
    + "".join(
        f"- [{word}](https://arxiv.org/abs/2401.0000{at})\n"
        for at, word in enumerate(("green", "red", "blue", "gold"))
    ),
    "notes/b.md": "- red\n- gold gold\n",
}


def second(notes: Notes, question: str, encoder: Callable[[], Encoder] = UnitTokenEncoder):
    """The score of the second hit."""
    return lambda folder: scores(folder, notes, question, encoder())[1]


# Of "blue" under "green" for "red green": the heading meets one of two words (late .5), half of the
# length of the vector is that of the question (dense .5), BM25 gives .2083; all over 1.9.
FUSED = (1.0 * 0.5 + 0.8 * 0.5 + 0.1 * 0.2083) / 1.9
# Of "red green" for "red": cosine 1/√2; BM25 2.2 / (1 + 1.2 · (.5 + .5 · 6 / (16 / 3))).
WITHOUT_TOKENS = (1.0 * 0.7071 + 0.3 * 0.9670) / 1.3
# "red blue" for "which red methods?": late 1, dense 1/√2, BM25 .1710; a fifth of the way to the
# mean of itself and "red" (.9571).
ALONE = (1.0 + 0.8 * 0.7071 + 0.1 * 0.1710) / 1.9
CARRIED = 0.8 * ALONE + 0.2 * (ALONE + 0.9571) / 2
# An abstract of the very words, less its prior.
PRIOR = 1.0 - 0.15
# A pointer of the very words (BM25 .9308), less what pointers pay.
POINTED = (1.0 + 0.8 + 0.1 * 0.9308) / 1.9 - 0.05


class NearlyAlike(LetterEncoder):
    """Two letters whose cosine is .2: by chance."""

    vectors = np.array([[9, 9], [1, 0], [0.2, 0.9798]], dtype=np.float32)


TWO_PAPERS = {
    "notes/a.md": "# Alpha\n\n[Alpha](https://arxiv.org/abs/2401.00001)\n\n- red\n- red gold\n",
    "notes/b.md": "# Beta\n\n[Beta](https://arxiv.org/abs/2401.00002)\n\n- green\n",
}
"""Both entries of Alpha score more than that of Beta; in a list Beta comes between them."""


def place_of_beta(folder: Path) -> float:
    hits = make_retriever(folder, TWO_PAPERS, UnitTokenEncoder()).search("which red methods?", 3)
    return float([hit.entry.source for hit in hits].index("notes/b.md"))


def notes_in_three(folder: Path) -> float:
    """Two abstracts say the very word, one note does, another none."""
    notes = ABSTRACT | {
        "notes/c.md": "- blue\n",
        "abstracts/d.md": "---\ntitle: red red\n---\nred\n",
    }
    hits = make_retriever(folder, notes, UnitTokenEncoder()).search("red", 3)
    return float(sum(hit.entry.kind == "note" for hit in hits))


def tied(_: Path) -> float:
    """How many answers are given of two, the second .985 as sure as the first."""
    entries = entry_table(parse_note(NOTES, "notes/made-up.md").entries)
    best_two = Choices(scored(1.0, 0.0, 0.0, behind=0.985, others=1), entries)
    return float(len(select_one(best_two).positions))


def chance(_: Path) -> float:
    """How well "b" meets "a", where only chance makes them alike."""
    late = LateInteraction(NearlyAlike(), TokenLists.of([[2]], [[2]]))
    return float(late.scores("a", np.array([0]))[0][0])


def respelt(_: Path) -> float:
    return float(Speller(["Quiet-STaR: thoughts"]).spelt("Quiter-StAR") == "Quiet-STaR")


def of_a_remark(_: Path) -> WorkEvidence:
    """A file with a remark that scores .9 and one that scores .5; none tells what it is."""
    notes = "# SandNet\n\n[SandNet](https://arxiv.org/abs/2401.00001)\n\n- dunes\n- wind\n"
    entries = entry_table(parse_note(notes, "a.md").entries)
    rows = np.array([len(entries) - 1, len(entries) - 2], dtype=np.int64)
    values = np.zeros(len(entries), dtype=np.float32)
    values[rows] = [0.9, 0.5]
    chunks = Scores(np.arange(len(entries)), *[values] * 5, matched={})
    found = EntryScores(rows, values[rows], rows, chunks)
    return ranked_works(found, entries, 9, lambda units: np.ones((1, 2)), False)[1].evidence


def told_of_an_untold_work(folder: Path) -> float:
    return float(of_a_remark(folder).told[0])


def rivals_of_the_first(_: Path) -> float:
    """ln(1 + 1): the second lies .2 behind."""
    half = np.array([0.8, 0.6], dtype=np.float32)
    return float(member_features(WorkEvidence(*[half] * 9), False)["rivals"][0])


def works_listed(is_topic: bool) -> float:
    """How many works are listed of three, whose chances sum to 1.6."""
    return float(likely(np.array([0.9, 0.4, 0.3], dtype=np.float32), is_topic).sum())


def membership_of_the_second(_: Path) -> float:
    """Two works for a topic; all that speaks for a work is .8 for the first, .6 for the second."""
    half = np.array([0.8, 0.6], dtype=np.float32)
    return float(membership(WorkEvidence(*[half] * 9), is_topic=True)[1])


def of_the_second(name: str) -> float:
    """What each feature of it is: itself, its distance from the best, one deviation below the mean;
    the spread is from the best to the middle, .7; both are rivals.
    """
    by_name = {"spread": 0.1, "rivals": 1.0986, "is_topic": 1.0}
    by_kind = {"behind": -0.2, "apart": -1.0}
    return by_name.get(name, by_kind.get(name.rpartition("_")[2], 0.6))


MEMBER = 1 / (
    1 + np.exp(-BIAS - sum(weight * of_the_second(name) for name, weight in WEIGHTS.items()))
)


# --- bounds of what belongs to a list -------------------------------------------------------------


def taken(reach: str, works_only: bool = True, **given: float):
    """How many entries of the notes of `test_selection` are taken at some scores."""

    def scene(_: Path) -> float:
        entries = entry_table(parse_note(NOTES, "notes/made-up.md").entries)
        choices = Choices(selectable(entries, **given), entries)
        sought = Sought(getattr(weights, reach), works_only)
        return float(len(select_several(choices, sought).positions))

    return scene


FOUR_PAIRS = "# S\n" + "".join(
    f"\n- group {n}\n  - [{n}a](https://a.com/{n}a)\n  - [{n}b](https://a.com/{n}b)" for n in "pqrs"
)


def of_four_pairs(_: Path) -> float:
    """One of each pair speaks for it, half of all: three pairs are taken, not the whole section."""
    entries = entry_table(parse_note(FOUR_PAIRS, "notes/made-up.md").entries)
    found = selectable(entries, pa=0.8, qa=0.66, ra=0.66, sa=0.66)
    sought = Sought(weights.LIST, works_only=True)
    return float(len(select_several(Choices(found, entries), sought).positions))


COUNTED = {
    "notes/a.md": "# Alpha\n\n[Alpha](https://arxiv.org/abs/2401.00001)\n\n- red\n- 8 red red blue\n",
}
"""Line 6 tells how many; "blue" puts it behind line 5."""

ALPHA = {
    "notes/a.md": "# Alpha: gold\n\n[Alpha](https://arxiv.org/abs/2401.00001)\n\n"
    "- We propose Alpha, which makes red red gold blue things.\n- red\n",
    "notes/b.md": "# Beta\n\n[Beta](https://arxiv.org/abs/2401.00002)\n\n"
    "- We propose Beta, which makes red red gold blue things.\n",
}
"""The statement of Alpha meets "red" nearly as well as its best entry, on line 6."""

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
        answer = answer_question(read, found, retriever.encoder, lambda *_: True, limits, 1.0)
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
    answer = answer_question(read, found, retriever.encoder, lambda *_: True, Limits(0.0, 0.0), 1.0)
    return float(answer.citations[0].entry.line_start)


def chance_of_a_judged_work(_: Path) -> float:
    """The chance of a work that was as likely to belong as not and meets the question by 2."""
    return float(as_judged(np.array([0.5], dtype=np.float32), [[2.0]])[0])


def works_by_chance(_: Path) -> float:
    """How many of one work with a file of its own and nine bullets go by chances."""
    entries = entry_table(
        [
            *parse_note("# A\n\n[A](https://arxiv.org/abs/2401.00001)\n", "a.md").entries,
            *parse_note(
                "".join(f"- [P{n}](https://arxiv.org/abs/2402.0000{n}): otter\n" for n in range(9)),
                "made-up.md",
            ).entries,
        ]
    )
    rows = np.flatnonzero(entries.stands_for_unit)
    half = np.zeros(len(rows), dtype=np.float32)
    works = RankedWorks(rows, rows, half, half, WorkEvidence(*[half] * 9))
    return float(works.by_chance(entries).sum())


def line_that_answers(folder: Path) -> float:
    """The line cited of two about as near, a judge being for the second, on line 6."""
    notes = {"notes/a.md": COUNTED["notes/a.md"].replace("8 red", "red")}
    retriever = make_retriever(folder, notes, UnitTokenEncoder())
    read = retriever.read("what is red?")
    found = replace(retriever.find(read), judged={0: -4.0, 1: 4.0})
    answer = answer_question(read, found, retriever.encoder, lambda *_: True, Limits(0.0, 0.0), 1.0)
    return float(answer.citations[0].entry.line_start)


def answers_in(notes: Notes) -> Callable[[Path], float]:
    """How far an entry answers that a judge finds as likely to as not."""

    def scene(folder: Path) -> float:
        retriever = make_retriever(folder, notes, UnitTokenEncoder())
        found = replace(retriever.find(retriever.read("what is red?")), judged={0: 0.0})
        return best_of(found).answers

    return scene


def is_described(folder: Path) -> float:
    """Whether words that a note does not say first describe its work."""
    retriever = make_retriever(folder, ALPHA, UnitTokenEncoder())
    read = retriever.read("green: what is red?")
    row = retriever.data.entries.units[0]
    return float(retriever.descriptions.inside(read, int(row)) is not None)


def chance_at(
    logit: float, is_named: bool = False, asked: str = "what is red?"
) -> Callable[[Path], float]:
    """The chance that a work answers of which a judge gives an entry a logit."""

    def scene(folder: Path) -> float:
        retriever = make_retriever(folder, {"notes/a.md": WORDS}, UnitTokenEncoder())
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
    return float(len(extractive._perhaps(replace(found, works=works), Selection((0,)))))


def least_of_a_year(_: Path) -> float:
    """How sure it takes to be to answer what is asked of the papers of a year."""
    asked = read_question("which papers from 2018 use adapters?", EveryWord())
    return Limits(0.4, 0.5).least(asked.scope)


def least_among(_: Path) -> float:
    """The confidence below which a question about entries that an answer cites is refused."""
    settings = Settings(abstain_below=0.4)
    alone = Standalone("otters?", "otters?", among=("an-entry",))
    return limits_after(alone, False, None, settings).abstain_below


def wanted_of(text: str):
    """Whether the learned weights make a list of a question that the rules do not read as one."""
    return lambda _: float(read_question(text, EveryWord()).want == "list")


def asks_inside(text: str):
    """Whether a question seems to ask for what is said in works."""
    return lambda _: float(read_question(text, EveryWord()).asks_inside)


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
        entry=SimpleNamespace(title="b"), explanation=SimpleNamespace(matched_words=("b",))
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
    return float(len(extractive._only_listed(found)))  # type: ignore[arg-type]


def chance_of_a_named_work(folder: Path) -> float:
    """The chance of a work that holds the name asked for, .5 before, beside one that does not."""
    retriever = make_retriever(folder, ALPHA, UnitTokenEncoder())
    works = retriever.find(retriever.read("which red methods?")).works
    assert works is not None
    even = replace(works, chances=np.array([0.5, 0.5], dtype=np.float32))
    return float(even.given(np.array([True, False])).chances[0])


def works_of_a_name(folder: Path) -> float:
    """How many works a name means that three entries of one say and two of another."""
    note = "# {name}\n\n[{name}](https://arxiv.org/abs/2401.0000{at})\n\n- We propose {name}.\n"
    notes = {
        "notes/a.md": note.format(name="Alpha", at=1) + "- red KIVI\n- gold KIVI\n- blue KIVI\n",
        "notes/b.md": note.format(name="Beta", at=2) + "- red KIVI\n- gold KIVI\n",
    }
    return float(len(make_retriever(folder, notes, UnitTokenEncoder()).named.units("KIVI")))


def score_of_the_twin(folder: Path) -> float:
    """The cosine of the first neighbour of "red": of a Chinese entry, not of the same word."""
    data = make_retriever(folder, {"notes/a.md": TWINS}, UnitEncoder()).data
    return EntryVectors(data).similar(0, 1)[0].score


TWINS = "- red\n- red red\n- 水獭水獭水獭水獭 red green\n"
"""The third lies at 1 / sqrt 2 from the first, the second at 1."""


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
            *parse_note("- otter\n" * 30, "notes/made-up.md").entries,
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
    chosen = select_several(Choices(found, entries, works=works), Sought(LIST, works_only=True))
    return float(len(chosen.positions))


class EightTenths:
    """Finds every claim borne out by .8."""

    def best(self, claim: str) -> int:
        return 0

    def score(self, claim: str, cited: Sequence[int]) -> float:
        return 0.8

    def judge(self, claim: str, cited: Sequence[int]) -> Support:
        return Support(0.8, ())


def supported(_: Path) -> float:
    """How many claims are supported of one that cites nothing."""
    reply = parse_reply("Otters sleep afloat.", 1)
    proved = prove(reply, EightTenths(), [], str, "")  # type: ignore[arg-type]  # the same methods
    return float(proved.report.supported)


def sentences_read(_: Path) -> float:
    """How many of two sentences are read, the second of which meets 1 % more of the claim."""
    met = np.array([[1.0, 1.0], [0.5, 0.52]], dtype=np.float32)
    return float(len(best_sentences(met, np.ones(2, dtype=np.float32), [3, 3])))


def unmet_of_two(_: Path) -> float:
    """How much of two words of a claim no word of its text is like."""
    scorer = SupportScorer(WordEncoder(), ["otters"])
    return scorer._features("otters swim", "otters", [0], None).unmet


def one_word_is_wrong(_: Path) -> float:
    """Whether the one word of a claim is told which its text has three times less like."""
    judgement = Judgement(logit=0.0, looks_at=np.ones((2, 1), dtype=np.float32))
    compared = reasons.Compared(
        "otters swim", [(0, 6), (7, 11)], "seals", [(0, 5)], judgement, "", np.array([3.0, 1.0])
    )
    return float(reasons._word(compared).kind == "no_source")


def numbers_misplaced(claim: str, text: str):
    """How many numbers of a claim a text tells of something else."""
    return lambda _: float(len(misplaced(*told(claim, text)[:2])))


def likeness_across_a_clause(_: Path) -> float:
    """How like what stands around 5 is to what stands around 7: of "big", the comma and, further
    off, the otters only these are met.
    """
    claim, text, _ = told("big 5 , otters", "7 otters")
    return float(_likeness(claim, quantities(claim.text), text, quantities(text.text))[0, 0])


def denied_of_three(_: Path) -> float:
    """How much is denied of three words, the last of which stands behind "not"."""
    claim, text, _ = told("otters do not swim", "otters do swim")
    return denied(claim, text, np.eye(4, dtype=np.float32)[:, [0, 1, 3]])


def turned_faintly(_: Path) -> float:
    """How far two words turn that point up and down by .4 * 122 / 123 - .35, each beside another
    word with a say of e^(-1/1.5).
    """
    claim, text, encoder = told("rather otters", "hardly otters")
    encoder._ways["hardly"] = -FAINT
    text = tokens_of("hardly otters", encoder)
    return turned(claim, text, np.eye(2, dtype=np.float32), direction(encoder)).share


def opposed_faintly(_: Path) -> float:
    """How far two words are opposed that point up and down by .48, each beside another word with a
    say of e^(-1/1.5): (1 + e^(-2/1.5)) / (1 + e^(-1/1.5))^2 of (.48 - .45)^2, a thousand times.
    """
    claim, text, encoder = told("rather otters", "hardly otters")
    encoder._ways["hardly"] = -FAINT
    text = tokens_of("hardly otters", encoder)
    way = np.zeros(512, dtype=np.float32)
    way[-1] = 0.48 / FAINT
    return opposed(claim, text, np.eye(2, dtype=np.float32), [way]).share


def opposites_told(_: Path) -> float:
    """Whether two words are told as opposites that point up and down by 122 / 123."""
    claim, text, encoder = told("higher otters", "lower otters")
    found = turned(claim, text, np.eye(2, dtype=np.float32), direction(encoder))
    return float(found.words == ((0, 6), (0, 5)))


def names_missing(_: Path) -> float:
    """How many names a text lacks of one that it spells otherwise: 8 of 9 and 10 letters."""
    return float(len(missing_names("Quiet-STaR", "Quiter-StAR")))


def alike_in_order(_: Path) -> float:
    """How many of two words have an order; each is nearest to one, at cosines of .6 and .4."""
    claim, _ = orders(np.array([[0.6, 0], [0, 0.4]], dtype=np.float32))
    return float(claim[:, 0].sum())


def borne_out(said: str, text: str):
    """Whether a text bears out the quantity that is said."""
    return lambda _: float(verdict(quantities(said)[0], quantities(text), text) == "met")


def statuses_asked(_: Path) -> float:
    """How many statuses are asked for where two are about as likely."""
    shares: dict[Facet, float] = {**dict.fromkeys(FACETS, 0.0), "reading": 0.5, "unread": 0.4}
    return len(_likeliest(shares)[0])


def is_bounded(_: Path) -> float:
    """Whether a figure of which that is likely is bounded."""
    return float(_bound(np.array([0, 0, 0, 0.2, 0.8, 0, 0], dtype=np.float32)) == "least")


def seen_of_one(_: Path) -> float:
    """What a network of one weight sees in a word."""
    weights = {"conv": np.ones((1, 1, 1)), "conv_bias": np.zeros(1)}
    return float(_hidden(np.ones((1, 1), dtype=np.float32), weights)[0, 0])


def looked_at_for_a_facet(_: Path) -> float:
    """How often a question that is surely for one thing is looked at for a facet."""
    asked: list[str] = []

    def facet(question: str) -> AskedFacet:
        asked.append(question)
        return AskedFacet()

    read_question("why do the first few words draw attention?", EveryWord(), None, facet)
    return float(len(asked))


def years_of(question: str, sureness: float) -> Callable[[Path], float]:
    """How many years a question asks for whose facet is so sure."""
    start = question.index("1999")
    asked = AskedFacet(("year",), sureness, values=((start, start + 4),))
    return lambda _: len(read_question(question, EveryWord(), None, lambda _: asked).scope.years)


def works_of_subject(nearness: list[float], folders: Sequence[str]) -> Callable[[Path], float]:
    """How many works in some folders are of a subject."""
    near = np.array(nearness, dtype=np.float32)
    return lambda _: float(are_of_subject(near, list(folders)).sum())


# Of a best score .8 a work is near by itself from .664, one that speaks for a group from .576; of a
# topic's .9 from .837, of .5 from .42.
BOUNDS = (
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
    Case("answer.extractive", "MAYBE", 1.0, works_that_may_belong, 1),
    Case("answer.limits", "NARROWED_SHARE", 1.0, least_of_a_year, 0.75 * 0.4),
    Case("answer.limits", "KNOWN_SHARE", 1.0, least_among, 0.75 * 0.4),
    Case(
        "question.read",
        "SURELY_SEVERAL",
        2.0,
        wanted_of("how many of my notes are about otters?"),
        1,
    ),
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
        CONFIDENT + 0.1 + 0.15,
    ),
    Case("search.membership", "JUDGED_WEIGHTS", {"odds": 1.0}, chance_of_a_judged_work, 0.5818),
    Case("search.membership", "JUDGED_BIAS", 0.0, chance_of_a_judged_work, 0.5818),
    Case("search.works", "FILES_SHARE", 0.0, works_by_chance, 1),
    Case("answer.selection", "LEAST_BESIDE_LISTS", 0.0, files_beside_lists, 1),
    Case("answer.single", "ABOUT_AS_NEAR", 0.0, line_cited(COUNTED, "how many red"), 6),
    Case("answer.single", "JUDGED_GAIN", 0.0, line_that_answers, 6),
    Case("answer.fitting", "HAS_NUMBER", 0.0, gain("8 otters.", "number"), 0.12),
    Case("answer.fitting", "HAS_UNIT", 0.0, gain("9 hours of seals.", "number", unit="time"), 0.3),
    Case("answer.fitting", "ASKS", 0.0, gain("水獭吗？", "other"), -0.1),
    Case(
        "question.read",
        "SURELY_ONE",
        2.0,
        lambda _: float(
            read_question("为什么开头那几个词会吸走注意力？", EveryWord()).want == "one"
        ),
        1,
    ),
    Case("search.works", "NAMED_ODDS", 1.0, chance_of_a_named_work, 0.7297),
    Case("conversation.looking", "WHOLE_SHARE", 0.0, beside_the_whole, 0.0),
    Case("answer.extractive", "LISTED_SHARE", 1.0, only_listed, 1),
    Case("search.named", "OWN_SHARE", 0.0, works_of_a_name, 0),
    Case("search.similar", "TWIN_COSINE", 1.0, score_of_the_twin, 0.7071),
    Case("question.read", "PROBABLY_WORKS", 2.0, asks_inside("which otters swim"), 0),
    Case("question.read", "MAYBE_WORKS", 2.0, asks_inside("papers published in 2014"), 0),
    Case(
        "question.classifier",
        "SURELY_BACK",
        2.0,
        lambda _: float(follows_up("so how long did training take")),
        1,
    ),
    Case("proof.support", "_WEAK_SIMILARITY", 0.0, unmet_of_two, 0.5),
    Case("proof.support", "SUPPORTED", 1.0, lambda _: float(Support(0.6, ()).is_supported), 1),
    Case("proof.proving", "CLEARLY", 1.0, supported, 1),
    Case("proof.windows", "LEAST_GAIN", 0.0, sentences_read, 1),
    Case("proof.bearing", "ABOUT_TOLERANCE", 0.0, borne_out("about 115 birds", "118 birds"), 1),
    Case("proof.bearing", "ONE_DIGIT", 0.0, borne_out("about 900 birds", "960 birds"), 1),
    Case("proof.bearing", "BOUND_REACH", 0.0, borne_out("over 100 birds", "120 birds"), 1),
    Case("proof.reasons", "STANDS_OUT", 4.0, one_word_is_wrong, 1),
    Case(
        "proof.beside",
        "CHANGED_PLACES",
        5.0,
        numbers_misplaced(
            "otters eat 5 fish and seals eat 9 birds", "otters eat 9 fish and seals eat 5 birds"
        ),
        1,
    ),
    Case(
        "proof.beside",
        "STANDS_THERE",
        5.0,
        numbers_misplaced("otters eat 5 fish", "otters eat 9 fish ; of seals there are 5"),
        1,
    ),
    Case(
        "proof.beside",
        "COUNTED_SO",
        2.0,
        numbers_misplaced("three otters swim", "four otters swim"),
        1,
    ),
    # .4 e^(-1/3) e^(-1/6) of e^(-1/6) + .4 e^(-1/6) + .4 e^(-1/3)
    Case("proof.beside", "OTHER_CLAUSE", 0.0, likeness_across_a_clause, 0.1649),
    Case("proof.polarity", "MUCH", 1.0, denied_of_three, 1 / 3 / 0.4),
    Case("proof.polarity", "POINTS", 0.0, turned_faintly, 0.0603),
    Case("proof.polarity", "WHOLLY", 1.0, turned_faintly, 0.0603),
    Case("proof.polarity", "WAY_POINTS", 0.0, opposed_faintly, 0.4965),
    Case("proof.polarity", "WAY_WHOLLY", 1.0, opposed_faintly, 0.4965),
    Case("proof.polarity", "CLEARLY_POINTS", 1.0, opposites_told, 1),
    Case("proof.names", "MISSPELLED", 1.0, names_missing, 0),
    Case("proof.polarity", "NEIGHBOURS", 0.1, turned_faintly, 0.0603),
    Case("proof.order", "LIKE", 0.0, alike_in_order, 1),
    Case("proof.bearing", "SHARE_TOLERANCE", 0.0, borne_out("a third of them", "32%"), 1),
    Case("proof.bearing", "ROUGH_SHARE", 1.0, borne_out("about a third of them", "30%"), 1),
    Case("proof.bearing", "ROUNDED_TOLERANCE", 0.0, borne_out("1000 birds", "987 birds"), 1),
    Case("proof.bearing", "CALENDAR_TOLERANCE", 0.0, borne_out("30 days", "1 month"), 1),
    Case(
        "question.read",
        "SEVERAL_NOT_TOPIC",
        2.0,
        wanted_of("collections of annotated bird songs"),
        1,
    ),
)

CASES = (
    *BOUNDS,
    Case("search.scoring", "LATE", 0.0, second(HEADING, "red green"), FUSED),
    Case("search.scoring", "DENSE", 0.0, second(HEADING, "red green"), FUSED),
    Case("search.scoring", "LEXICAL", 0.0, second(HEADING, "red green"), FUSED),
    Case("search.scoring", "DENSE_ALONE", 0.0, second(WORDS, "red", UnitEncoder), WITHOUT_TOKENS),
    Case(
        "search.scoring", "LEXICAL_BESIDE", 0.0, second(WORDS, "red", UnitEncoder), WITHOUT_TOKENS
    ),
    Case("index.lexical", "K1", 0.0, second(WORDS, "red", UnitEncoder), WITHOUT_TOKENS),
    Case("index.lexical", "B", 0.0, second(WORDS, "red", UnitEncoder), WITHOUT_TOKENS),
    Case("index.late", "LEAST_SIMILARITY", 0.0, chance, 0.0),
    Case("search.retrieval", "LABEL_PENALTY", 0.0, lambda at: gap(at, LABEL, "red"), 0.1),
    Case("search.retrieval", "SIBLING_SHARE", 0.0, second(SIBLINGS, "which red methods?"), CARRIED),
    Case("search.retrieval", "ABSTRACT_PRIOR", 0.0, second(ABSTRACT, "red"), PRIOR),
    Case("search.retrieval", "POINTER_PENALTY", 0.0, second(POINTERS, "red"), POINTED),
    Case("search.works", "UNTOLD_LOSS", 0.0, told_of_an_untold_work, 0.9 - 0.1),
    # F1 of one work and of two: for a topic 1.8/2.12, 2.6/3.12, for a list 1.8/2.36, 2.6/3.36; with
    # all of 1.6 members 1.8/2.6, 2.6/3.6, with a fifth of one 1.8/1.32, 2.6/2.32
    Case("search.membership", "TOPIC_SHARE", 1.0, lambda _: works_listed(True), 1.0),
    Case("search.membership", "LIST_SHARE", 0.2, lambda _: works_listed(False), 2.0),
    Case("search.membership", "RIVALS_WITHIN", 1.0, rivals_of_the_first, 0.6931),
    *(
        Case("search.membership", "WEIGHTS", 0.0, membership_of_the_second, MEMBER, name)
        for name in WEIGHTS
    ),
    Case("search.membership", "BIAS", 0.0, membership_of_the_second, MEMBER),
    Case("search.found", "ABSTRACT_SHARE", 1.0, notes_in_three, 2.0),
    Case("search.found", "SECOND_SHARE", 0.0, place_of_beta, 1.0),
    Case("answer.selection", "TIED", 1.0, tied, 2.0),
    Case("question.names", "NEAR", 1.0, respelt, 1.0),
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
    Case("answer.confidence", "LEAST_ANSWER", 0.0, answers_in({"notes/a.md": WORDS}), 0.3),
    Case("answer.confidence", "LEAST_IN_PAPER", 0.0, answers_in(COUNTED), 0.1),
    Case("question.facets", "STATUS_SHARE", 1.0, statuses_asked, 2),
    Case("question.facets", "SURELY_BOUNDED", 1.0, is_bounded, 1),
    Case("question.facets", "GELU", 1.0, seen_of_one, 1 / (1 + np.exp(-1.702))),
    Case("question.read", "SURELY_NO_FACET", 2.0, looked_at_for_a_facet, 0),
    Case("question.read", "LISTS_BY_FACET", 2.0, years_of("which papers say 1999?", 0.7), 1),
    Case("question.read", "ASKS_BY_FACET", 2.0, years_of("was it 1999?", 0.9), 1),
    Case("question.read", "NAMES_BY_FACET", 2.0, years_of("otters 1999", 0.96), 1),
    Case("search.subject", "OF_FOLDER", 0.0, works_of_subject([0.9, 0.5, 0.55, 0.1], "aabb"), 2),
    Case(
        "search.subject",
        "NEAR_SUBJECT",
        0.0,
        works_of_subject([*[0.9] * 5, *[0.4] * 5, *[0.0] * 30], [str(at) for at in range(40)]),
        5,
    ),
    Case("search.described", "LEAST_MET", 0.0, is_described, 0.0),
    Case("answer.confidence", "OF_NEAREST", 0.0, chance_at(0.0), 0.6225),
    Case("answer.confidence", "LOGIT_SHARE", 0.0, chance_at(1.0), 0.7721),
    Case("answer.confidence", "OF_NAMED", 0.0, chance_at(0.0, is_named=True), 0.5075),
    Case(
        "answer.confidence",
        "LACKS_NAME",
        0.0,
        chance_at(0.0, is_named=True, asked="what is red on CelebA?"),
        0.0488,
    ),
)


# --- what stands beside the numbers ---------------------------------------------------------------

SOURCE = Path(paperrag.__file__).parent
DECIDING = ("search", "answer", "question", "conversation", "proof")
"""Folders whose fractions decide what is found and told."""

SAYS_HOW = re.compile(r"`(?:python -m )?((?:benchmarks|training)[\w/.]*)|[Bb]y\s+hand")


def holds_fraction(value: ast.expr) -> bool:
    values = [one.value for one in ast.walk(value) if isinstance(one, ast.Constant)]
    return any(isinstance(one, float) and one % 1 for one in values)


def fractions() -> Iterator[tuple[str, str, str]]:
    """Yield module, name and docstring of each constant that holds a fraction."""
    files = [file for folder in DECIDING for file in sorted((SOURCE / folder).glob("*.py"))]
    for file in [*files, SOURCE / "index" / "late.py", SOURCE / "index" / "lexical.py"]:
        lines = ast.parse(file.read_text("utf-8")).body
        for line, after in pairwise([*lines, ast.Pass()]):
            if not isinstance(line, ast.Assign | ast.AnnAssign) or line.value is None:
                continue
            is_doc = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            targets = line.targets if isinstance(line, ast.Assign) else [line.target]
            is_pair = isinstance(targets[0], ast.Tuple) and isinstance(line.value, ast.Tuple)
            pairs = (
                zip(targets[0].elts, line.value.elts, strict=True)
                if is_pair
                else [(targets[0], line.value)]
            )
            for name in (at.id for at, value in pairs if holds_fraction(value)):
                yield f"{file.parent.name}.{file.stem}", name, after.value.value if is_doc else ""


@pytest.mark.parametrize(("module", "name", "doc"), list(fractions()))
def test_number_says_what_it_was_fitted_on_and_by_what(module: str, name: str, doc: str):
    found = SAYS_HOW.search(doc)
    assert found, f"{module}.{name}: expected a script in backticks, or `by hand`, got {doc!r}"
    assert not found[1] or (REPOSITORY / found[1]).exists()


A_HALF, NEARLY_NOTHING = 0.5, 1e-3
"""What says itself in a formula: the middle, and what keeps a division from 0."""


def hidden_fractions() -> Iterator[str]:
    """Yield the place of each fraction inside a function."""
    for file in sorted(SOURCE.rglob("*.py")):
        nodes = ast.walk(ast.parse(file.read_text("utf-8")))
        for function in (one for one in nodes if isinstance(one, ast.FunctionDef)):
            told = (one for one in ast.walk(function) if isinstance(one, ast.Constant))
            for one in (one for one in told if isinstance(one.value, float) and one.value % 1):
                if one.value != A_HALF and one.value > NEARLY_NOTHING:
                    yield f"{file.relative_to(SOURCE)}:{one.lineno} {one.value}"


def test_number_that_decides_has_a_name():
    assert list(hidden_fractions()) == []


def test_number_that_decides_is_tried_without():
    tried = {case.name for case in CASES} | {"WEIGHTS", "INTERCEPT"}  # those of proof: see below
    assert {name for _, name, _ in fractions()} - tried == set()


def without(case: Case, kept: Any) -> Any:
    """What stands in a module when a weight, or a part of it, is switched off."""
    if not case.part:
        return case.off
    if isinstance(kept, dict):
        return kept | {case.part: case.off}
    return replace(kept, **{case.part: case.off})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_figure_is_what_it_was_worked_out_to_be(case: Case, tmp_path: Path):
    assert case.scene(tmp_path) == pytest.approx(case.figure, abs=2e-4)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_figure_is_another_without_the_weight(case: Case, tmp_path: Path, monkeypatch):
    module = importlib.import_module(f"paperrag.{case.module}")
    monkeypatch.setattr(module, case.name, without(case, getattr(module, case.name)))
    assert case.scene(tmp_path) != pytest.approx(case.figure, abs=2e-4)


# --- what bears out a claim ----------------------------------------------------------------------

NOTHING = Features(**dict.fromkeys((field.name for field in fields(Features)), 0.0))
SPEAKS_FOR_A_CLAIM = {"net"}
"""All else that is looked at speaks against it."""


@pytest.fixture
def chance_of(monkeypatch: pytest.MonkeyPatch, static_encoder) -> Callable[[Features], float]:
    """How likely a claim is borne out of which just these features are seen."""

    def chance(found: Features) -> float:
        monkeypatch.setattr(SupportScorer, "_features", lambda *_: found)
        monkeypatch.setattr(SupportScorer, "_compare", lambda *_: None)
        return SupportScorer(static_encoder, ["a text"]).score("a claim", [0])

    return chance


@pytest.mark.parametrize("name", [field.name for field in fields(Features)])
def test_each_feature_of_a_claim_speaks_for_it_or_against_it(name: str, chance_of, monkeypatch):
    plain, seen = chance_of(NOTHING), chance_of(replace(NOTHING, **{name: 1.0}))
    assert seen > plain if name in SPEAKS_FOR_A_CLAIM else seen < plain
    monkeypatch.setattr(support, "WEIGHTS", replace(support.WEIGHTS, **{name: 0.0}))
    assert chance_of(replace(NOTHING, **{name: 1.0})) == plain

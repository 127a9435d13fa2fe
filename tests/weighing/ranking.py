"""What ranks: parts of a score, the note tree, chances of belonging, names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from fakes import LetterEncoder
from made_segments import entry_table
from paperrag.encoders.contract import Encoder
from paperrag.index.late import LateInteraction, TokenLists
from paperrag.notes.tree import parse_note
from paperrag.search.membership import (
    BIAS,
    WEIGHTS,
    WorkEvidence,
    as_judged,
    likely,
    member_features,
    membership,
)
from paperrag.search.scores import EntryScores, Scores
from paperrag.search.similar import EntryVectors
from paperrag.search.wordings import Wordings
from paperrag.search.works import RankedWorks, ranked_works
from small_corpus import Notes, make_retriever
from test_retrieval import UnitEncoder, UnitTokenEncoder
from weighing.case import ALPHA, WORDS, Case


def scores(folder: Path, notes: Notes, question: str, encoder: Encoder) -> list[float]:
    return [hit.score for hit in make_retriever(folder, notes, encoder).search(question, 5)]


def gap(folder: Path, notes: Notes, question: str, encoder: Encoder | None = None) -> float:
    """How far the second hit lies behind the first."""
    first, second = scores(folder, notes, question, encoder or UnitTokenEncoder())[:2]
    return first - second


HEADING = "# green\n\n- red\n- blue\n"

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


def chance(_: Path) -> float:
    """How well "b" meets "a", where only chance makes them alike."""
    late = LateInteraction(NearlyAlike(), TokenLists.of([[2]], [[2]]))
    return float(late.scores("a", np.array([0]))[0][0])


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


def works_listed(_: Path) -> float:
    """How many works are listed of three."""
    return float(likely(np.array([0.9, 0.4, 0.3], dtype=np.float32)).sum())


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


def is_described(folder: Path) -> float:
    """Whether words that a note does not say first describe its work."""
    retriever = make_retriever(folder, ALPHA, UnitTokenEncoder())
    read = retriever.read("green: what is red?")
    row = retriever.data.entries.units[0]
    return float(retriever.descriptions.inside(read, int(row)) is not None)


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


def short_forms_of_no_meaning(folder: Path) -> float:
    """How many short forms are put for words of which they only are the initials."""
    retriever = make_retriever(folder, "- RGB\n", UnitTokenEncoder())
    return len(Wordings(retriever.data, retriever.encoder).of("red green blue"))


CASES = (
    Case("search.membership", "JUDGED_WEIGHTS", {"odds": 1.0}, chance_of_a_judged_work, 0.5818),
    Case("search.membership", "JUDGED_BIAS", 0.0, chance_of_a_judged_work, 0.5818),
    Case("search.works", "FILES_SHARE", 0.0, works_by_chance, 1),
    Case("search.works", "NAMED_ODDS", 1.0, chance_of_a_named_work, 0.7297),
    Case("search.named", "OWN_SHARE", 0.0, works_of_a_name, 0),
    Case("search.similar", "TWIN_COSINE", 1.0, score_of_the_twin, 0.7071),
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
    Case("search.tree_scores", "LABEL_PENALTY", 0.0, lambda at: gap(at, LABEL, "red"), 0.1),
    Case(
        "search.tree_scores", "SIBLING_SHARE", 0.0, second(SIBLINGS, "which red methods?"), CARRIED
    ),
    Case("search.tree_scores", "ABSTRACT_PRIOR", 0.0, second(ABSTRACT, "red"), PRIOR),
    Case("search.tree_scores", "POINTER_PENALTY", 0.0, second(POINTERS, "red"), POINTED),
    Case("search.works", "UNTOLD_LOSS", 0.0, told_of_an_untold_work, 0.9 - 0.1),
    Case("search.membership", "LEAST_LISTED", 0.0, works_listed, 2.0),
    Case("search.membership", "RIVALS_WITHIN", 1.0, rivals_of_the_first, 0.6931),
    *(
        Case("search.membership", "WEIGHTS", 0.0, membership_of_the_second, MEMBER, name)
        for name in WEIGHTS
    ),
    Case("search.membership", "BIAS", 0.0, membership_of_the_second, MEMBER),
    Case("search.found", "ABSTRACT_SHARE", 1.0, notes_in_three, 2.0),
    Case("search.found", "SECOND_SHARE", 0.0, place_of_beta, 1.0),
    Case("search.wordings", "SHORT_FOR", 0.0, short_forms_of_no_meaning, 0.0),
    Case("search.described", "LEAST_MET", 0.0, is_described, 0.0),
)

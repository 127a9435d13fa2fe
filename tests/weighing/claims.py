"""What bears out a claim: numbers, words, names, their order and what is denied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from paperrag.proof import reasons
from paperrag.proof.bearing import verdict
from paperrag.proof.beside import likeness_around, misplaced
from paperrag.proof.names import missing_names
from paperrag.proof.net import Judgement
from paperrag.proof.order import orders
from paperrag.proof.polarity import denied, direction, opposed, turned
from paperrag.proof.proving import prove
from paperrag.proof.quantities import quantities
from paperrag.proof.reply import parse_reply
from paperrag.proof.support import Support, SupportScorer
from paperrag.proof.windows import best_sentences, tokens_of
from weighing.case import Case
from word_tokens import FAINT, WordEncoder, told


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
    return scorer.unmet_share("otters swim", [0])


def one_word_is_wrong(_: Path) -> float:
    """Whether the one word of a claim is told which its text has three times less like."""
    judgement = Judgement(logit=0.0, looks_at=np.ones((2, 1), dtype=np.float32))
    compared = reasons.Compared(
        "otters swim", [(0, 6), (7, 11)], "seals", [(0, 5)], judgement, "", np.array([3.0, 1.0])
    )
    return float(next(reasons.reasons(compared)).kind == "no_source")


def numbers_misplaced(claim: str, text: str):
    """How many numbers of a claim a text tells of something else."""
    return lambda _: float(len(misplaced(*told(claim, text)[:2])))


def likeness_across_a_clause(_: Path) -> float:
    """How like what stands around 5 is to what stands around 7: of "big", the comma and, further
    off, the otters only these are met.
    """
    claim, text, _ = told("big 5 , otters", "7 otters")
    return float(likeness_around(claim, quantities(claim.text), text, quantities(text.text))[0, 0])


def denied_of_three(_: Path) -> float:
    """How much is denied of three words, the last of which stands behind "not"."""
    claim, text, _ = told("otters do not swim", "otters do swim")
    return denied(claim, text, np.eye(4, dtype=np.float32)[:, [0, 1, 3]])


def turned_faintly(_: Path) -> float:
    """How far two words turn that point up and down by .4 * 122 / 123 - .35, each beside another
    word with a say of e^(-1/1.5).
    """
    claim, text, encoder = told("rather otters", "hardly otters")
    encoder.ways["hardly"] = -FAINT
    text = tokens_of("hardly otters", encoder)
    return turned(claim, text, np.eye(2, dtype=np.float32), direction(encoder)).share


def opposed_faintly(_: Path) -> float:
    """How far two words are opposed that point up and down by .48, each beside another word with a
    say of e^(-1/1.5): (1 + e^(-2/1.5)) / (1 + e^(-1/1.5))^2 of (.48 - .45)^2, a thousand times.
    """
    claim, text, encoder = told("rather otters", "hardly otters")
    encoder.ways["hardly"] = -FAINT
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


CASES = (
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
)

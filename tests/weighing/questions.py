"""How a question is read: which answer it wants, by which facet, how a name is spelt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from fakes import EveryWord, follows_up
from paperrag.question.facets import FACETS, AskedFacet, Facet, bound_of, likeliest_facets
from paperrag.question.fields import FieldWords
from paperrag.question.names import Speller
from paperrag.question.read import read_question
from paperrag.question.scope import only_asks
from paperrag.question.word_net import hidden
from paperrag.wiring.encoders import facet_reader
from weighing.case import Case


def respelt(_: Path) -> float:
    return float(Speller(["Quiet-STaR: thoughts"]).spelt("Quiter-StAR") == "Quiet-STaR")


def wanted_of(text: str):
    """Whether the learned weights make a list of a question that the rules do not read as one."""
    return lambda _: float(read_question(text, EveryWord()).want == "list")


def asks_inside(text: str):
    """Whether a question seems to ask for what is said in works."""
    return lambda _: float(read_question(text, EveryWord()).asks_inside)


def statuses_asked(_: Path) -> float:
    """How many statuses are asked for where two are about as likely."""
    shares: dict[Facet, float] = {**dict.fromkeys(FACETS, 0.0), "reading": 0.5, "unread": 0.4}
    return len(likeliest_facets(shares)[0])


def is_bounded(_: Path) -> float:
    """Whether a figure of which that is likely is bounded."""
    return float(bound_of(np.array([0, 0, 0, 0.2, 0.8, 0, 0], dtype=np.float32)) == "least")


def seen_of_one(_: Path) -> float:
    """What a network of one weight sees in a word."""
    weights = {"conv": np.ones((1, 1, 1)), "conv_bias": np.zeros(1)}
    return float(hidden(np.ones((1, 1), dtype=np.float32), weights)[0, 0])


def looked_at_for_a_facet(_: Path) -> float:
    """How often a question that is surely for one thing is looked at for a facet."""
    asked: list[str] = []

    def facet(question: str) -> AskedFacet:
        asked.append(question)
        return AskedFacet()

    read_question("why do the first few words draw attention?", EveryWord(), None, facet)
    return float(len(asked))


def asks_by_facet(_: Path) -> float:
    """Whether a question is read as one by a facet."""
    return float(facet_reader().read("anything that Dr. Osei handed to me?").facets != ("none",))


def years_of(question: str, sureness: float, subject: str = "") -> Callable[[Path], float]:
    """How many years a question asks for whose facet is so sure, about a subject it begins with."""
    start = question.index("1999")
    contents = ((0, len(subject)),) if subject else ()
    asked = AskedFacet(("year",), sureness, values=((start, start + 4),), contents=contents)
    return lambda _: len(read_question(question, EveryWord(), None, lambda _: asked).scope.years)


def years_from(_: Path) -> float:
    """How many years a question asks for that rules read as one, a network as that or later."""
    question = "which papers from 1999 upwards?"
    asked = AskedFacet(("year",), 0.6, bound="least", values=((13, 30),))
    return len(read_question(question, EveryWord(), None, lambda _: asked).scope.years)


def asked_of_fields(_: Path) -> float:
    """How many conditions a word is that two of forty notes say of a field of their own."""
    told = [[("problem", "Grebe")]] * 2 + [[("title", "Otters")]] * 38
    return len(FieldWords(told).conditions("Grebe", only_asks)[1])


CASES = (
    Case("question.fields", "SHARE_WITH", 0.0, asked_of_fields, 0),
    Case(
        "question.read",
        "SURELY_SEVERAL",
        2.0,
        wanted_of("how many of my notes are about otters?"),
        1,
    ),
    Case(
        "question.read",
        "SURELY_ONE",
        2.0,
        lambda _: float(
            read_question("为什么开头那几个词会吸走注意力？", EveryWord()).want == "one"
        ),
        1,
    ),
    Case("question.read", "PROBABLY_WORKS", 2.0, asks_inside("which otters swim"), 0),
    Case("question.read", "MAYBE_WORKS", 2.0, asks_inside("papers published in 2014"), 0),
    Case(
        "question.classifier",
        "SURELY_BACK",
        2.0,
        lambda _: float(follows_up("so how long did training take")),
        1,
    ),
    Case(
        "question.read",
        "SEVERAL_NOT_TOPIC",
        2.0,
        wanted_of("collections of annotated bird songs"),
        1,
    ),
    Case("question.names", "NEAR", 1.0, respelt, 1.0),
    Case("question.facets", "STATUS_SHARE", 1.0, statuses_asked, 2),
    Case("question.facets", "SURELY_BOUNDED", 1.0, is_bounded, 1),
    Case("question.word_net", "GELU", 1.0, seen_of_one, 1 / (1 + np.exp(-1.702))),
    Case("question.read", "SURELY_NO_FACET", 2.0, looked_at_for_a_facet, 0),
    Case("question.facet_hint", "MAY_ASK_BY_FACET", 99.0, asks_by_facet, 1),
    Case("question.read", "LISTS_BY_FACET", 2.0, years_of("which papers say 1999?", 0.7), 1),
    Case("question.read", "BOTH_SAY", 2.0, years_from, 51),
    Case("question.read", "ASKS_BY_FACET", 2.0, years_of("was it 1999?", 0.9), 1),
    Case("question.read", "NAMES_BY_FACET", 2.0, years_of("otters 1999", 0.96, "otters"), 1),
)

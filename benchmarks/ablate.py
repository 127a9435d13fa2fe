"""Print what each weight of ranking and answering is worth: every figure with it, and without it.

    python benchmarks/ablate.py [--encoder bundled] [--set obsidian] [--weight weights.LIST]

A weight that moves no figure of any set has no business in the code; one that makes figures worse
is fitted wrongly. The sets are those of `benchmarks/quality.py`; figures are means over them.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from msgspec.structs import fields, replace

from paperrag import Assistant
from paperrag.answer.confidence import CoverFeatures
from paperrag.evaluation import EvalQuestion, evaluate, read_questions, summary
from paperrag.search import membership
from quality import SETS

METRICS = (
    "ndcg@10",
    "citation_precision",
    "citation_recall",
    "abstained_unanswerable",
    "abstained_answerable",
)


@dataclass(frozen=True)
class Weight:
    """A weight, where it stands, and the value that switches it off; `part`: a field of it."""

    module: str
    name: str
    off: Any
    part: str = ""

    def __str__(self) -> str:
        return ".".join(filter(None, [self.module.rpartition(".")[2], self.name, self.part]))

    def switched_off(self, kept: Any) -> Any:
        """Return what stands in the module's place without the weight."""
        if not self.part:
            return self.off
        if isinstance(kept, dict):
            return kept | {self.part: self.off}
        return replace(kept, **{self.part: self.off})


WEIGHTS = (
    Weight("search.weights", "LATE", 0.0),
    Weight("search.weights", "DENSE", 0.0),
    Weight("search.weights", "LEXICAL", 0.0),
    Weight("search.weights", "SHORT_FOR", 2.0),
    Weight("search.weights", "LABEL_PENALTY", 0.0),
    Weight("search.weights", "POINTER_PENALTY", 0.0),
    Weight("search.weights", "UNTOLD_LOSS", 0.0),
    Weight("search.weights", "NAMED_ODDS", 1.0),
    Weight("search.weights", "SIBLING_SHARE", 0.0),
    Weight("search.weights", "ABSTRACT_PRIOR", 0.0),
    Weight("search.weights", "ABSTRACT_SHARE", 1.0),
    Weight("search.weights", "SECOND_SHARE", 0.0),
    Weight("answer.weights", "TIED", 1.0),
    Weight("answer.weights", "LEAST_BESIDE_LISTS", 0.0),
    Weight("answer.weights", "SECTION_SHARE", 0.0),
    *(
        Weight("answer.weights", name, off, part)
        for name in ("LIST", "TOPIC")
        for part, off in (("near", 0.0), ("close", 0.0), ("group_share", 0.0))
    ),
    Weight("answer.weights", "ABOUT_AS_NEAR", 0.0),
    Weight("answer.weights", "JUDGED_GAIN", 0.0),
    *(
        Weight("answer.weights", name, 0.0)
        for name in (
            "HAS_NUMBER",
            "HAS_UNIT",
            "ASKS",
        )
    ),
    Weight("search.weights", "WHOLE_SHARE", 0.0),
    Weight("answer.limits", "KNOWN_SHARE", 1.0),
    Weight("answer.limits", "NARROWED_SHARE", 1.0),
    Weight("search.weights", "OWN_SHARE", 0.0),
    Weight("answer.weights", "STATEMENT_SHARE", 0.0),
    Weight("answer.weights", "HEADING_LOSS", 0.0),
    Weight("index.lexical", "K1", 0.0),
    Weight("index.lexical", "B", 0.0),
    *(Weight("search.membership", "WEIGHTS", 0.0, name) for name in membership.WEIGHTS),
    *(Weight("answer.confidence", "WEIGHTS", 0.0, field.name) for field in fields(CoverFeatures)),
    Weight("index.late", "LEAST_SIMILARITY", 0.0),
    Weight("question.thresholds", "NEAR", 1.0),
    Weight("question.thresholds", "SURELY_SEVERAL", 2.0),
    Weight("question.thresholds", "SURELY_ONE", 2.0),
    Weight("question.thresholds", "SEVERAL_NOT_TOPIC", 2.0),
    Weight("question.thresholds", "PROBABLY_WORKS", 2.0),
    Weight("question.thresholds", "MAYBE_WORKS", 2.0),
)


@contextmanager
def without(weight: Weight | None) -> Iterator[None]:
    """Switch a weight off for a while, wherever it was imported by name."""
    if weight is None:
        yield
        return
    kept = getattr(importlib.import_module(f"paperrag.{weight.module}"), weight.name)
    holders = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("paperrag.") and getattr(module, weight.name, None) is kept
    ]
    off = weight.switched_off(kept)
    for module in holders:
        setattr(module, weight.name, off)
    try:
        yield
    finally:
        for module in holders:
            setattr(module, weight.name, kept)


def figures(assistant: Assistant, questions: Sequence[EvalQuestion]) -> list[float]:
    """Return the metrics of one set."""
    outcomes = evaluate(
        questions,
        search=lambda text: [hit.entry for hit in assistant.search(text, 10).hits],
        ask=lambda text: _cited(assistant, text),
    )
    found = summary(outcomes)["all"]
    return [found[metric] or 0.0 for metric in METRICS]


def _cited(assistant: Assistant, text: str) -> tuple[bool, list[Any]]:
    answer, _ = assistant.ask(text)
    return answer.abstained, [citation.entry for citation in answer.citations]


def main() -> None:
    """Print a line for each weight."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default="bundled-static")
    parser.add_argument("--set", default="", help="only sets whose name begins so")
    parser.add_argument("--weight", default="", help="only weights whose name begins so")
    options = parser.parse_args()
    sets = {name: files for name, files in SETS.items() if name.startswith(options.set)}
    tried = [None, *(one for one in WEIGHTS if str(one).startswith(options.weight))]
    print("\t".join(["without", *METRICS]))
    with tempfile.TemporaryDirectory() as folder:
        questions = [read_questions(file) for _, file in sets.values()]
        for weight in tried:
            with without(weight):  # opened anew: a retriever keeps what it worked out
                assistants = [
                    Assistant.open(corpus, Path(folder) / str(at), encoder=options.encoder)
                    for at, (corpus, _) in enumerate(sets.values())
                ]
                per_set = [figures(*one) for one in zip(assistants, questions, strict=True)]
            means = [f"{mean(values):.4f}" for values in zip(*per_set, strict=True)]
            print("\t".join([str(weight or "nothing"), *means]), flush=True)


if __name__ == "__main__":
    main()

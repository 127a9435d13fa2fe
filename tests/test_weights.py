"""Each weight of ranking and answering decides something: without it, a figure worked out by hand
here comes out otherwise.

A weight that is new or changed has its line in `weighing/`, with the scene that it decides; one
that moves nothing has no business in the code (`benchmarks/ablate.py` says what each is worth on
the sets of questions).
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import fields, replace

import paperrag
from conftest import REPOSITORY
from paperrag.proof import support
from paperrag.proof.support import Features, chance_of
from weighing import answers, claims, questions, ranking, reading
from weighing.case import Case

CASES = (*reading.CASES, *questions.CASES, *ranking.CASES, *answers.CASES, *claims.CASES)

# --- what stands beside the numbers ---------------------------------------------------------------

SOURCE = Path(paperrag.__file__).parent
FOLDERS = ("text", "notes", "papers", "question", "search", "answer", "conversation", "proof")
"""Whose fractions decide how notes are read, and what is found and told."""

SAYS_HOW = re.compile(r"`(?:python -m )?((?:benchmarks|training)[\w/.]*)|[Bb]y\s+hand")


def holds_fraction(value: ast.expr) -> bool:
    values = [one.value for one in ast.walk(value) if isinstance(one, ast.Constant)]
    return any(isinstance(one, float) and one % 1 for one in values)


def assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name that lines of a module give a value, and the value; of pairs each."""
    for line in body:
        if not isinstance(line, ast.Assign | ast.AnnAssign) or line.value is None:
            continue
        target = line.targets[0] if isinstance(line, ast.Assign) else line.target
        if isinstance(target, ast.Tuple) and isinstance(line.value, ast.Tuple):
            pairs = zip(target.elts, line.value.elts, strict=True)
            yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))
        elif isinstance(target, ast.Name):
            yield target.id, line.value


def files_in(*folders: str) -> list[Path]:
    return [file for folder in folders for file in sorted((SOURCE / folder).glob("*.py"))]


FRACTIONS = (*files_in(*FOLDERS), SOURCE / "index" / "late.py", SOURCE / "index" / "lexical.py")


def is_number(value: ast.expr) -> bool:
    held = [one.value for one in ast.walk(value) if isinstance(one, ast.Constant)]
    names = any(isinstance(one, ast.Name) for one in ast.walk(value))
    return bool(held) and not names and all(type(one) in (int, float) for one in held)


def told(
    files: Sequence[Path], holds: Callable[[ast.expr], bool]
) -> Iterator[tuple[str, str, str]]:
    """Yield module, name and docstring of each constant whose value holds what is looked for."""
    for file in files:
        lines = ast.parse(file.read_text("utf-8")).body
        for line, after in pairwise([*lines, ast.Pass()]):
            if not isinstance(line, ast.Assign | ast.AnnAssign) or line.value is None:
                continue
            is_doc = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            for name in (name for name, value in assigned([line]) if holds(value)):
                yield f"{file.parent.name}.{file.stem}", name, after.value.value if is_doc else ""


NUMBERED = {
    "question.thresholds",
    "search.weights",
    "search.membership",
    "answer.weights",
    "answer.confidence",
    "answer.limits",
}
"""Where numbers stand that decide what a question asks, what is found and what is answered."""


@pytest.mark.parametrize(
    ("module", "name", "doc"),
    [
        *told(FRACTIONS, holds_fraction),
        *told([SOURCE / f"{one.replace('.', '/')}.py" for one in sorted(NUMBERED)], is_number),
    ],
)
def test_number_says_what_it_was_fitted_on_and_by_what(module: str, name: str, doc: str):
    found = SAYS_HOW.search(doc)
    assert found, f"{module}.{name}: expected a script in backticks, or `by hand`, got {doc!r}"
    assert not found[1] or (REPOSITORY / found[1]).exists()


BOUNDS = {
    "question.conditions": {"_KEPT_KEYS"},
    "question.facets": {"MOST_TOKENS"},
    "question.features": {"LONGEST_GRAM", "HAN_GRAM"},
    "question.fields": {"_FEW_HAN", "_FEW_CHARS", "_LONGEST_NAME", "_NAME_WORDS", "_HEAD_CHARS"},
    "question.read": {"MAX_QUERY_CHARS"},
    "question.word_net": {"GELU"},
    "question.years": {"FIRST_YEAR", "LAST_YEAR"},
    "search.filtering": {"ANY_YEAR"},
    "search.found": {"LOOKED_AT_ONCE"},
    "search.linked": {"MOST_LINKED"},
    "search.occurrences": {"MOST_READ"},
    "search.same_work": {"LOOKED_AT"},
    "search.scoring": {"CANDIDATES"},
    "search.twins": {"LONG_TEXT_CHARS"},
    "search.vocabulary": {"MOST_CALLED"},
    "search.works": {"KEPT_MEANS"},
    "answer.about_work": {"MOST_ROWS"},
    "answer.abstaining": {"NEAREST_ENTRIES"},
    "answer.called": {"NAME_CHARS", "PLACE_CHARS"},
    "answer.extractive": {"WHOLE_ENTRIES"},
    "answer.in_short": {"MOST_LINES"},
    "answer.quoting": {"QUOTE_CHARS", "SHORT_QUOTE_CHARS", "ROOMY_QUOTE_CHARS"},
    "answer.wording": {"REMARK_CHARS"},
}
"""Numbers elsewhere: how much is looked at so that it stays quick, how much is shown, what a
pattern, a name or a network is made of.
"""


def numbers_elsewhere() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for module, name, _ in told(files_in("question", "search", "answer"), is_number):
        if module not in NUMBERED:
            found.setdefault(module, set()).add(name)
    return found


def test_number_that_decides_stands_with_those_of_its_concern():
    assert numbers_elsewhere() == BOUNDS


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
    assert {name for _, name, _ in told(FRACTIONS, holds_fraction)} - tried == set()


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


@pytest.mark.parametrize("name", [field.name for field in fields(Features)])
def test_each_feature_of_a_claim_speaks_for_it_or_against_it(name: str, monkeypatch):
    plain, seen = chance_of(NOTHING), chance_of(replace(NOTHING, **{name: 1.0}))
    assert seen > plain if name in SPEAKS_FOR_A_CLAIM else seen < plain
    monkeypatch.setattr(support, "WEIGHTS", replace(support.WEIGHTS, **{name: 0.0}))
    assert chance_of(replace(NOTHING, **{name: 1.0})) == plain

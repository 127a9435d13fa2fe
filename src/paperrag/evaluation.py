"""Questions with gold spans -> how good search and ask are. Knows results, not how they came about.

A question file has one JSON object a line: `id`, `lang`, `kind` (single, list, none),
`question` and `spans`, each [first line, last line] or [source, first line, last line]. A hit
counts for a span when its first line lies in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from paperrag.errors import EvaluationError
from paperrag.records import Entry

CUTOFF = 10
"""Ranks looked at by nDCG@k and recall@k."""


class GoldSpan(Struct, frozen=True):
    """Lines of a source file, both ends included; source None is any file."""

    source: str | None
    first: int
    last: int

    def holds(self, entry: Entry) -> bool:
        """Whether an entry's first line lies in the span."""
        return (
            self.source is None or self.source == entry.source
        ) and self.first <= entry.line_start <= self.last


class EvalQuestion(Struct, frozen=True):
    """A question with what answers it; `spans` is empty for kind "none"."""

    id: str
    lang: str
    kind: str
    text: str
    spans: tuple[GoldSpan, ...]


class Outcome(Struct, frozen=True):
    """What came for one question. Metrics are fractions in 0–1, None where they do not apply."""

    question: EvalQuestion
    ndcg: float | None
    recall: float | None
    reciprocal_rank: float | None
    precision: float | None
    citation_recall: float | None
    abstained: bool


def read_questions(path: Path) -> list[EvalQuestion]:
    """Return the questions of a JSON lines file. Raises EvaluationError naming the line that is
    wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise EvaluationError(
            f"cannot read questions from {path} ({error.strerror}); name a file of JSON lines"
        ) from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"cannot read questions from {path}: {error}") from error
    questions = [
        _question(line, path, number) for number, line in enumerate(lines, 1) if line.strip()
    ]
    if not questions:
        raise EvaluationError(f"{path} holds no question; expected one JSON object a line")
    return questions


def evaluate(
    questions: Iterable[EvalQuestion],
    search: Callable[[str], Sequence[Entry]],
    ask: Callable[[str], tuple[bool, Sequence[Entry]]],
) -> list[Outcome]:
    """Return the outcome of every question.

    search: question -> entries, best first, at least CUTOFF of them if there are as many.
    ask: question -> (abstained, cited entries).
    """
    return [
        _outcome(question, search(question.text), *ask(question.text)) for question in questions
    ]


def gains(entries: Sequence[Entry], spans: Sequence[GoldSpan]) -> list[int]:
    """Return 1 for each entry that is the first to lie in some span, else 0."""
    open_spans = list(spans)
    found = []
    for entry in entries:
        span = next((span for span in open_spans if span.holds(entry)), None)
        found.append(int(span is not None))
        if span:
            open_spans.remove(span)
    return found


def ndcg(found: Sequence[int], relevant: int, k: int = CUTOFF) -> float:
    """Return nDCG@k of binary gains with `relevant` right answers in all (Järvelin & Kekäläinen
    2002).
    """
    gained = sum(gain / math.log2(rank + 1) for rank, gain in enumerate(found[:k], 1))
    return gained / sum(1 / math.log2(rank + 1) for rank in range(1, min(k, relevant) + 1))


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that are there, None if there are none."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None


def summary(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    """Return metrics by group: all, each language, each kind, and language × kind.

    Unanswerable questions count only in `abstained_unanswerable`; `abstained_answerable` is the
    share of answerable ones that were refused.
    """
    groups: dict[str, list[Outcome]] = {"all": list(outcomes)}
    for outcome in outcomes:
        question = outcome.question
        for name in (question.lang, question.kind, f"{question.lang} {question.kind}"):
            groups.setdefault(name, []).append(outcome)
    return {name: _metrics(groups[name]) for name in ["all", *sorted(groups.keys() - {"all"})]}


def _metrics(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    answerable = [outcome for outcome in outcomes if outcome.question.kind != "none"]
    unanswerable = [outcome for outcome in outcomes if outcome.question.kind == "none"]
    return {
        "questions": len(outcomes),
        f"ndcg@{CUTOFF}": mean(outcome.ndcg for outcome in answerable),
        f"recall@{CUTOFF}": mean(outcome.recall for outcome in answerable),
        "mrr": mean(outcome.reciprocal_rank for outcome in answerable),
        "citation_precision": mean(outcome.precision for outcome in answerable),
        "citation_recall": mean(outcome.citation_recall for outcome in answerable),
        "abstained_answerable": mean(float(outcome.abstained) for outcome in answerable),
        "abstained_unanswerable": mean(float(outcome.abstained) for outcome in unanswerable),
    }


def _outcome(
    question: EvalQuestion, ranked: Sequence[Entry], abstained: bool, cited: Sequence[Entry]
) -> Outcome:
    if question.kind == "none":
        return Outcome(question, None, None, None, None, None, abstained)
    found = gains(ranked, question.spans)
    first = next((rank for rank, gain in enumerate(found, 1) if gain), None)
    supported = [any(span.holds(entry) for span in question.spans) for entry in cited]
    covered = [any(span.holds(entry) for entry in cited) for span in question.spans]
    return Outcome(
        question,
        ndcg=ndcg(found, len(question.spans)),
        recall=sum(found[:CUTOFF]) / len(question.spans),
        reciprocal_rank=1 / first if first else 0.0,
        precision=mean(map(float, supported)) or 0.0,
        citation_recall=mean(map(float, covered)),
        abstained=abstained,
    )


class _Line(Struct, frozen=True):
    id: str | int
    lang: str
    kind: str
    question: str
    spans: list[list[int | str]]


def _question(line: str, path: Path, number: int) -> EvalQuestion:
    import msgspec

    try:
        found = msgspec.json.decode(line, type=_Line)
        spans = tuple(
            GoldSpan(*msgspec.convert((None, *span)[-3:], tuple[str | None, int, int]))
            for span in found.spans
        )
    except (msgspec.DecodeError, RecursionError) as error:
        raise EvaluationError(
            f"{path}:{number}: expected an object with id, lang, kind, question and spans; {error}"
        ) from error
    if (found.kind == "none") == bool(spans):
        raise EvaluationError(
            f"{path}:{number}: kind {found.kind!r} with {len(spans)} spans; only kind 'none' "
            f"has no span"
        )
    return EvalQuestion(str(found.id), found.lang, found.kind, found.question, spans)

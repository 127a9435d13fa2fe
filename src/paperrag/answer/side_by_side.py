"""Answers of several collections -> one answer, each under its collection's name, numbers running
on. Of what LLMs wrote, claims point at the joined text, and counts, tokens and times are summed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import astuple, replace

from paperrag.answer.joining import renumbered
from paperrag.records import Claim, Report, Usage

if TYPE_CHECKING:
    from paperrag.records import Answer, Citation


def under_names(answers: Mapping[str, Answer]) -> Answer:
    """Return the answers of collections, at least one, as one answer."""
    text = ""
    citations: list[Citation] = []
    claims: list[Claim] = []
    for name, answer in answers.items():
        numbers = {one.n: len(citations) + place for place, one in enumerate(answer.citations, 1)}
        text += ("\n\n" if text else "") + f"{name}: "
        claims += (_moved(claim, answer.text, len(text), numbers) for claim in answer.claims)
        text += _renumbered(answer.text, numbers)
        citations += (replace(one, n=numbers[one.n]) for one in answer.citations)
    first = max(answers.values(), key=lambda answer: answer.confidence)
    written = [answer for answer in answers.values() if answer.mode == "llm"]
    return replace(
        max(written, key=lambda answer: answer.confidence, default=first),
        text=text,
        citations=tuple(citations),
        confidence=first.confidence,
        claims=tuple(claims),
        report=_summed(answer.report for answer in written),
        usage=_cost(answer.usage for answer in written),
        notice="\n".join(dict.fromkeys(one.notice for one in answers.values() if one.notice))
        or None,
    )


def _renumbered(text: str, numbers: Mapping[int, int]) -> str:
    return renumbered(text, lambda number: numbers.get(number, number))


def _moved(claim: Claim, text: str, begin: int, numbers: Mapping[int, int]) -> Claim:
    """Return a claim where it stands in a joined text in which its answer begins at a place."""
    start, end = (begin + len(_renumbered(text[:at], numbers)) for at in (claim.start, claim.end))
    cited = tuple(numbers.get(number, number) for number in claim.citations)
    return replace(claim, start=start, end=end, citations=cited)


def _summed(reports: Iterable[Report | None]) -> Report | None:
    known = [astuple(report) for report in reports if report]
    return Report(*map(sum, zip(*known, strict=True))) if known else None


def _cost(usages: Iterable[Usage | None]) -> Usage | None:
    """Return what several answers cost, one written after the other."""
    known = [usage for usage in usages if usage]
    if not known:
        return None
    return Usage(
        sum(usage.tokens_in for usage in known),
        sum(usage.tokens_out for usage in known),
        any(usage.is_estimate for usage in known),
        known[0].first_token_ms,
        sum(usage.total_ms for usage in known),
    )

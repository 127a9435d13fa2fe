"""What a question found -> how far each of its first entries answers it, by a network that reads
both together; without one, nothing is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Protocol

import numpy as np
from msgspec.structs import replace

from paperrag.answer.weights import (
    ABOUT_AS_NEAR,
    FILES_AMONG,
    IN_LISTS,
    JUDGED,
    LISTED,
    OF_LISTED,
    OF_OTHERS,
    OTHER_WORKS,
)
from paperrag.question.record import Question
from paperrag.records import Entry
from paperrag.search.found import Found
from paperrag.search.works import RankedWorks
from paperrag.text.names import holds_name


class Judge(Protocol):
    """Says how far texts answer a question."""

    def logits(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a logit for each text: the higher, the rather it answers."""


def text_to_judge(entry: Entry, question: str = "") -> str:
    """Return what a question is held against: an entry's place and its lines; before the place what
    the question calls the work and its headings do not, such as the name of its file.
    """
    place = " › ".join(entry.breadcrumb)
    aliases = entry.work.aliases if entry.work and question else ()
    said = [one for one in aliases if holds_name(question, one) and not holds_name(place, one)]
    return "\n".join([" › ".join([*said[:1], *entry.breadcrumb]), entry.text])


def judged(question: Question, found: Found, judge: Judge | None) -> Found:
    """Return what was found with what a judge says of it, if nothing is to be compared."""
    if question.want == "list":
        return _judged_list(question, found, judge)
    if papers_have_files(found):
        return _with_judged(question, found, judge, (JUDGED, *[OF_OTHERS] * OTHER_WORKS))
    return _with_judged(question, found, judge if _is_close(found) else None, IN_LISTS)


def _is_close(found: Found) -> bool:
    """Whether the second entry is about as near as the first."""
    scores = found.scored.scores
    return len(scores) > 1 and bool(scores[1] >= scores[0] - ABOUT_AS_NEAR)


def papers_have_files(found: Found) -> bool:
    """Whether some of the nearest entries stand in files about one paper. Where lists hold them
    all, a judge tells which entry answers, but not whether one does: over the ten sets more
    answerable questions would be refused (`benchmarks/quality.py`).
    """
    return bool(found.entries.is_of_file[found.scored.rows[:FILES_AMONG]].any())


def _judged_list(question: Question, found: Found, judge: Judge | None) -> Found:
    """Return what was found for a list with the chances that a judge leaves the likeliest works."""
    works = found.works
    if (
        judge is None
        or works is None
        or found.scored.is_whole
        or not works.are_files(found.entries)
    ):
        return replace(found, judged={})
    return replace(
        found, judged={}, works=works.judged(met_by_works(question, found, works, judge))
    )


def judged_of_named(question: Question, found: Found, judge: Judge | None) -> Found:
    """Return the same for a question that names a work, wherever it stands."""
    return _with_judged(question, found, judge, (JUDGED,))


def _with_judged(
    question: Question, found: Found, judge: Judge | None, of_works: Sequence[int]
) -> Found:
    """Return what was found with what a judge says of the nearest works, of so many entries of
    each.
    """
    lists = question.want == "list" or bool(question.compared)
    if judge is None or lists or found.scored.is_whole or not len(found):
        return replace(found, judged={})
    units = found.scored.units(found.entries)
    works = dict.fromkeys(units.tolist())
    places = [
        at
        for work, most in zip(works, of_works, strict=False)
        for at in np.flatnonzero(units == work)[:most].tolist()
    ]
    entries = (found.entries.get(found.entry_row(at)) for at in places)
    texts = [text_to_judge(entry, question.raw) for entry in entries]
    return replace(found, judged=dict(zip(places, judge.logits(question.raw, texts), strict=True)))


def met_by_works(
    question: Question, found: Found, works: RankedWorks, judge: Judge
) -> dict[int, dict[int, float]]:
    """Return how far the nearest entries of the likeliest works meet the question of a list, by
    work and position.
    """
    own = np.flatnonzero(works.by_chance(found.entries))
    likeliest = own[np.argsort(-works.chances[own], kind="stable")][:LISTED]
    units = found.scored.units(found.entries)
    is_silent = found.entries.say_nothing(found.scored.rows)
    places = {
        work: np.flatnonzero((units == works.units[work]) & ~is_silent)[:OF_LISTED].tolist()
        for work in likeliest.tolist()
    }
    entries = [found.entries.get(found.entry_row(at)) for own in places.values() for at in own]
    logits = iter(judge.logits(question.raw, [text_to_judge(one, question.raw) for one in entries]))
    return {
        work: dict(zip(own, islice(logits, len(own)), strict=True))
        for work, own in places.items()
        if own
    }

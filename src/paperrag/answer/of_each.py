"""A question that is asked of several works -> a line for each whose note answers it, and the names
of those whose notes do not say. Needs a judge: scores compare entries with a question, and do not
tell whether any of a work answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from paperrag.answer.called import dated_name
from paperrag.answer.citing import Citer
from paperrag.answer.judging import text_to_judge
from paperrag.answer.quotes import Quotes
from paperrag.answer.selection import Selection
from paperrag.answer.strings import NOT_SAID_IN
from paperrag.answer.weights import ANSWERS, JUDGED_OF_EACH
from paperrag.answer.wording import list_lines, quoted_answer
from paperrag.question.record import Question
from paperrag.records import Answer, Hit
from paperrag.search.found import Found


def answer_of_each(
    question: Question, units: Sequence[int], found: Found, quotes: Quotes
) -> Answer | None:
    """Return what each of some works says to a question, None where none does, or nobody judges.

    units: the rows that stand for the works, in the order they are told in.
    """
    if (judge := quotes.judge) is None:
        return None
    quoter = replace(quotes, judge=None).quoter(question)
    citer = Citer(quoter, found.entries, quotes.verify)
    hits = _nearest_of(units, found)
    texts = [text_to_judge(hit.entry) for of_unit in hits.values() for hit in of_unit]
    logits = iter(judge.logits(question.raw, texts))
    best = {unit: _best([(next(logits), hit) for hit in own]) for unit, own in hits.items()}
    told = [hit for _, hit in best.values() if hit is not None]
    if not told:
        return None
    cited = [citer.cite(n, hit) for n, hit in enumerate(told, 1)]
    lines = list_lines(cited, Selection(()), question.language)
    names = [dated_name(found.entries.get(unit)) for unit, (_, hit) in best.items() if hit is None]
    if names:
        lines.append(NOT_SAID_IN[question.language].format(names="; ".join(names)))
    sureness = 1 / (1 + math.exp(-max(logit for logit, _ in best.values())))
    return quoted_answer(question, "\n".join(lines), cited, sureness)


def _nearest_of(units: Sequence[int], found: Found) -> dict[int, list[Hit]]:
    """Return the nearest entries of each of some works that say anything."""
    places: dict[int, list[int]] = {unit: [] for unit in units}
    silent = found.entries.say_nothing(found.scored.rows)
    for at, row in enumerate(found.scored.rows.tolist()):
        of_unit = places.get(int(found.entries.units[row]))
        if of_unit is not None and not silent[at] and len(of_unit) < JUDGED_OF_EACH:
            of_unit.append(at)
    return {unit: [found.hit(at, 1) for at in of_unit] for unit, of_unit in places.items()}


def _best(judged: Sequence[tuple[float, Hit]]) -> tuple[float, Hit | None]:
    """Return the hit that answers best with its logit, None if none answers."""
    logit, hit = max(judged, key=lambda one: one[0], default=(ANSWERS, None))
    return logit, hit if logit > ANSWERS else None

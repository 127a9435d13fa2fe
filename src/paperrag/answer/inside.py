"""A list of what one work says -> those of its entries that answer, by a judge."""

from __future__ import annotations

import math

from msgspec.structs import replace

from paperrag.answer.judging import Judge, text_to_judge
from paperrag.answer.selection import Selection
from paperrag.answer.weights import JUDGED_INSIDE, JUDGED_LOSS
from paperrag.index.lexical import tokenize
from paperrag.question.record import Question
from paperrag.search.found import Found


def judged_inside(question: Question, found: Found, judge: Judge) -> Found:
    """Return what was found in one work with what a judge says of its first entries."""
    first = found.scored.rows[:JUDGED_INSIDE].tolist()
    texts = [text_to_judge(found.entries.get(row)) for row in first]
    return replace(found, judged=dict(enumerate(judge.logits(question.raw, texts))))


def only_answering(selection: Selection, question: Question, found: Found) -> Selection:
    """Return what one work says without the entries that answer less than the best of them, where a
    judge has told; what stands under a heading that the question says is whole.
    """
    heading = selection.section[-1] if selection.section else ""
    is_asked = not found.scored.chunks.matched.keys().isdisjoint(tokenize(heading))
    is_list = question.want == "list"  # of others the first few alone are judged
    if not (is_list and selection.is_inside and found.judged) or is_asked:
        return selection
    judged = {at: found.judged[at] for at in selection.positions if at in found.judged}
    least = max(judged.values(), default=0.0) - JUDGED_LOSS
    kept = tuple(at for at in selection.positions if judged.get(at, -math.inf) >= least)
    return replace(selection, positions=kept, section=None)

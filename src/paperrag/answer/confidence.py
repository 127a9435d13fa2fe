"""Scores of the best entry -> how sure it is that the notes cover a question at all, 0–1.

Ranking compares entries on one question; abstaining compares questions. Three things differ
there: what the whole question is about weighs as much as its single words, a long question
has more words that an entry that answers it does not hold, and a question of the field that the
notes are about is near to many of them, so the best must stand out. The weights were fitted on
questions about ten sets of notes (`benchmarks/quality.py --abstaining` prints how well they tell
answerable questions from others, beside the ranking score alone). A question that says the name of
the best entry is about something that the notes have, whatever else it asks.
"""

from __future__ import annotations

import math

from paperrag.encoders.contract import Encoder
from paperrag.question.names import says_name
from paperrag.question.read import Question
from paperrag.search.found import EntryScores
from paperrag.search.scoring import CERTAIN

LENGTH_GAIN = 0.17
"""Added for each e-fold of the question's tokens beyond USUAL_TOKENS, taken off below."""

USUAL_TOKENS = 10

NAMED_GAIN = 0.1
"""Added where the question says the best entry's own name; of 102 unanswerable questions none
does.
"""

UNKNOWN_LOSS = 0.11
"""Taken off where the question says a name that is nowhere in the notes. Over ten sets of
questions 21 of 102 unanswerable ones say one, and 11 of 403 others, most of which are sure enough
all the same."""

COMMON_LOSS, LEAST_COMMON = 0.75, 0.03
"""Taken off for each unit of the question's mean cosine with the notes; 0.5 and 1 do as well.
Questions farther than
LEAST_COMMON count as that far: those of everyday life are about nothing in the notes, and must not
gain by it."""

FEWEST_TOKENS, MOST_TOKENS = 6, 40
"""Questions shorter or longer than any that the gain was fitted on count as these."""


def confidence(
    question: Question, scored: EntryScores, encoder: Encoder, best_title: str = ""
) -> float:
    """Return the confidence that the best scored entry, of a title, answers the question; 0.0
    without entries.
    """
    if not len(scored.scores):
        return 0.0
    best = int(scored.best[0])
    chunks = scored.chunks
    if scored.is_whole or float(chunks.total[best]) >= CERTAIN:
        return 1.0
    unknown = UNKNOWN_LOSS if question.unknown_names else 0.0
    if not chunks.late.any():  # the encoder has no token vectors
        return max(float(scored.scores[0]) - unknown, 0.0)
    tokens = min(max(encoder.count_tokens([question.asked])[0], FEWEST_TOKENS), MOST_TOKENS)
    length = LENGTH_GAIN * math.log((tokens + 1) / (USUAL_TOKENS + 1))
    named = NAMED_GAIN if says_name(question.asked, best_title) else 0.0
    common = COMMON_LOSS * max(chunks.common, LEAST_COMMON)
    near = float(chunks.late[best] + chunks.dense[best]) / 2
    return min(max(near + length + named - common - unknown, 0.0), 1.0)

"""Scores of a question's entries -> how sure it is that the notes cover it at all, 0–1.

Ranking compares entries on one question; abstaining compares questions. What the whole question is
about weighs more there than its single words; a long question has more words that an entry that
answers it does not hold; a question of the field that the notes are about is near to many of
them, so the best entry must stand out from the others; a list has many good entries, so its best
stands out less. The weights are those of a logistic regression in units of the first two, which
`benchmarks/fit_confidence.py` fits and holds against sets of notes that it was not fitted on.

A network that reads question and note together has a say where it was asked: that one thing is
answered is at most as sure as that the work answers; a list is surer the better its best entry
meets the question.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import astuple

from paperrag.answer.judging import papers_have_files
from paperrag.encoders.contract import Encoder
from paperrag.question.record import Question
from paperrag.search.found import Found
from paperrag.search.named import Inside
from paperrag.search.scores import EntryScores
from paperrag.search.weights import CERTAIN
from paperrag.text.acronyms import stands_for
from paperrag.text.names import holds_name

USUAL_TOKENS, FEWEST_TOKENS, MOST_TOKENS = 10, 6, 40
"""Of questions; shorter or longer ones than any that was fitted on count as these. By hand."""

MOST_ENTRIES = 200
"""Of a work, in which names are looked for. By hand."""

MOST_LOGIT = 4.0
"""Of the network; surer ones count as this. By hand: it seldom gives more."""

LEAST_ANSWER, LEAST_IN_PAPER = -0.3, -0.1
"""Shares of MOST_LOGIT from which what answers best speaks for a question, and in files about one
paper, which say much that is near. By hand, over the ten sets, practice questions and named works.
"""

OF_PHRASE = 0.4
"""How much that counts of a phrase, which the network was not taught: at 1 one more of two sets is
answered wrongly, at 0.3 one more is refused wrongly. By hand."""

OTHERS = 20
"""The best entry stands out as far as it lies above the one behind so many others. By hand."""


class CoverFeatures(Struct, frozen=True):
    """What tells an answerable question; each about 0–1 but `length`.

    late, dense: of the entry whose own words score best, whatever works and groups add to it.
    length: e-folds of tokens above USUAL_TOKENS. stands_out: how far that entry's score lies above
    that of entry OTHERS. is_list, says_unknown: whether every entry is asked for, a name is said
    that the notes nowhere hold. misses_name: whether a question for one thing says a name that the
    notes hold and the work of the best entry does not. in_paper: whether that entry stands in a
    file about one paper: such files say much, and of much the same. answers: how far that entry of
    the work which answers best does so, by a network, in shares of MOST_LOGIT above LEAST_ANSWER or
    LEAST_IN_PAPER; 0 where it was not asked.
    """

    late: float
    dense: float
    length: float
    stands_out: float
    is_list: float
    says_unknown: float
    misses_name: float
    in_paper: float
    answers: float


WEIGHTS = CoverFeatures(
    late=0.35,
    dense=0.65,
    length=0.25,
    stands_out=0.63,
    is_list=0.1,
    says_unknown=-0.19,
    misses_name=-0.24,
    in_paper=-0.07,
    answers=0.25,
)
"""Of shares of 1, fitted by `benchmarks/fit_confidence.py`, which prints the AUC of each set by
weights that were fitted without it; `answers` by hand, over the ten sets and questions about four
vaults of strangers (`training/LOG.md`).
"""

LEVEL = 0.14
"""Taken off the sum, so that 0.26 refuses about 3.5 % of the answerable questions of
`benchmarks/fit_confidence.py`.
"""


LOGIT_SHARE, OF_NAMED, OF_NEAREST = 0.72, 0.03, 0.2
"""The chance that a work answers at all is a logistic curve of the network's best logit for it; it
is higher where no work is named, for then another than those judged may answer. Of 783 questions
about notes that the network was not taught, 0.26 refuses 3 % of those that are answered and 52 % of
the others (`training/LOG.md`). OF_NEAREST by hand, over 178 questions about three made vaults and
94 that nothing answers.
"""

LACKS_NAME = 3.0
"""Taken off the logit of that chance if a question that names a work says a name that the work does
not. Fitted beside the network's logit on 783 questions about notes that it was not taught: one of
75 that say such a name is answered; with it 53 % of what is not answered is refused at 3 % of what
is, 47 % without, each vault by what was fitted on the others (`training/LOG.md`).
"""


LIST_MET = 0.4
"""Added to the confidence in a list whose best entry surely meets the question, taken off where
that surely does not. Of 133 lists over five vaults of strangers and 23 that nothing in them answers
2 and 14 are refused with it, 6 and 14 with 0.6, 3 and 14 with 0.2; AUC .944, without .873. By hand.
"""


class Best(Struct, frozen=True):
    """Of the entry that scores best: all that its work says, and whether a file is about that.
    answers: as `CoverFeatures` has it. logit: of the chance that it answers, by what the network
    makes of it; the confidence that one thing is answered, or of a phrase about a work that it
    names, is that chance at most. is_named: whether the question names the work. met: how far the
    entry of a list that meets the question best does so, in shares of MOST_LOGIT.
    """

    words: str = ""
    in_paper: bool = False
    answers: float = 0.0
    logit: float = math.inf
    is_named: bool = False
    met: float = 0.0


def best_of(found: Found, named: Inside | None = None) -> Best:
    """Return the best entry of what was found. named: the work that the question names; how far
    others answer says nothing of whether it is covered. That a work does not answer tells nothing
    if it only says the name or none is named: another may.
    """
    if not len(found):
        return Best()
    row = found.entry_row(0)
    entry = found.entries.get(row)
    work = entry.work
    names = (entry.title, *entry.breadcrumb, *((work.name, *work.aliases) if work else ()))
    below = found.entries.unit_rows(row)[:MOST_ENTRIES]
    texts = (found.entries.get(int(one)).text for one in below)
    words = "\n".join((*names, entry.text, *texts))
    in_paper = bool(found.entries.is_of_file[row])
    if found.works is not None and found.works.met:
        return Best(words, in_paper, met=answer_share(list(found.works.met.values())))
    logits = _logits(found, named)
    is_said = named is not None and not named.is_own
    if not logits or is_said:
        return Best(words, in_paper, max(_answers(logits, in_paper), 0.0))
    answers = _answers(logits, in_paper)
    if named is None:
        return Best(words, in_paper, max(answers, 0.0), _logit(logits, OF_NEAREST))
    return Best(words, in_paper, answers, _logit(logits, OF_NAMED), True)


def _logit(logits: Sequence[float], offset: float) -> float:
    """Return the logit of the chance that some entry of a work answers."""
    return LOGIT_SHARE * max(logits) + offset


def at_most(question: Question, best: Best) -> float:
    """Return the confidence at most that a work answers a question for one thing."""
    lacks = best.is_named and any(
        not holds_name(best.words, name) and not stands_for(name, best.words)
        for name in question.names
    )
    return 1 / (1 + math.exp(LACKS_NAME * lacks - best.logit))


def _logits(found: Found, named: Inside | None) -> list[float]:
    """Return how far each judged entry answers that tells whether one does: of the works that a
    question names, else all where papers have files.
    """
    if named is None:
        return list(found.judged.values()) if papers_have_files(found) else []
    places = (at for at in found.judged if found.unit(found.entry_row(at)) in named.units)
    return [found.judged[at] for at in places]


def _answers(logits: Sequence[float], in_paper: bool) -> float:
    """Return how far the entry of a work that answers best does so."""
    least = LEAST_IN_PAPER if in_paper else LEAST_ANSWER
    return answer_share(logits) - least if logits else 0.0


def confidence(
    question: Question, scored: EntryScores, encoder: Encoder, best: Best | None = None
) -> float:
    """Return the confidence that the best scored entry answers the question, 0.0 without one."""
    if not len(scored.scores):
        return 0.0
    if scored.is_whole or float(scored.chunks.total[scored.best[0]]) >= CERTAIN:
        return 1.0
    best = best or Best()
    told = _of_scores(question, scored, encoder, best)
    if question.want == "list":
        return min(max(told + LIST_MET * best.met, 0.0), 1.0)
    is_of_one = question.want == "one" or (question.want == "topic" and best.is_named)
    return min(told, at_most(question, best)) if is_of_one else told


def _of_scores(question: Question, scored: EntryScores, encoder: Encoder, best: Best) -> float:
    """Return the confidence that the scores give."""
    found = cover_features(question, scored, encoder, best)
    if not scored.chunks.late.any():  # the encoder has no token vectors
        unknown = WEIGHTS.says_unknown * found.says_unknown
        return max(float(scored.scores[0]) + unknown, 0.0)
    parts = zip(astuple(WEIGHTS), astuple(found), strict=True)
    total = sum(float(weight * part) for weight, part in parts)
    return min(max(total - LEVEL, 0.0), 1.0)


def cover_features(
    question: Question, scored: EntryScores, encoder: Encoder, found: Best
) -> CoverFeatures:
    """Return what the scores of a question, at least one, tell of whether it is answerable."""
    order = np.argsort(-scored.chunks.total[scored.best], kind="stable")
    nearest = scored.best[order[: OTHERS + 1]]
    best, behind = int(nearest[0]), float(scored.chunks.total[nearest[-1]])
    behind *= (len(nearest) - 1) / OTHERS  # few notes: little stands behind
    tokens = min(max(encoder.count_tokens([question.asked])[0], FEWEST_TOKENS), MOST_TOKENS)
    return CoverFeatures(
        late=float(scored.chunks.late[best]),
        dense=float(scored.chunks.dense[best]),
        length=math.log((tokens + 1) / (USUAL_TOKENS + 1)),
        stands_out=float(scored.chunks.total[best]) - behind,
        is_list=float(question.want == "list"),
        says_unknown=float(bool(question.unknown_names)),
        misses_name=float(bool(missed_names(question, found.words))),
        in_paper=float(found.in_paper),
        answers=found.answers * (1.0 if question.want == "one" else OF_PHRASE),
    )


def answer_share(judged: Sequence[float]) -> float:
    """Return the highest of some logits in shares of MOST_LOGIT, from -1 to 1; 0.0 without any."""
    return float(np.clip(max(judged, default=0.0) / MOST_LOGIT, -1, 1))


def missed_names(question: Question, words: str) -> list[str]:
    """Return the names in a question for one thing that the notes hold and some text does not."""
    if question.want != "one" or question.compared or not words:
        return []
    known = (name for name in question.names if name not in question.unknown_names)
    return [name for name in known if not holds_name(words, name)]

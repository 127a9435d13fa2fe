"""Scored entries -> the entry that answers a question for one thing, and those beside it that the
answer takes.

The nearest, unless another fits the type of the answer better that is about as near and of the same
work, or answers better, of another work, too, by a network that was asked. Names of groups, fields,
pictures, questions and pointers answer nothing. A procedure takes the steps beside the best; a name
that the best does not say is looked for beside it.
"""

from __future__ import annotations

from paperrag.answer.confidence import answer_share
from paperrag.answer.quoting import Quoter
from paperrag.answer.selection import Selection, select_one
from paperrag.answer.weights import (
    ABOUT_AS_NEAR,
    HELD_AGAINST,
    JUDGED_GAIN,
    MOST_OF_EACH,
    MOST_STEPS,
    OTHER_WORK,
    SKIPPED,
)
from paperrag.notes.entry_shapes import is_image_only
from paperrag.search.found import Found


def select_single(found: Found, quoter: Quoter) -> Selection:
    """Return the position of the entry that answers, and of those that the answer takes with it."""
    telling = _telling(found, quoter)
    if not telling:
        only_asks = len(found) > 0 and quoter.only_asks(found.hit(0, 1))
        return Selection(()) if only_asks else select_one(found)
    if quoter.wanted.answer_type == "person":
        telling = [at for at in telling if _tells_who(at, telling[0], found, quoter)]
        if not telling:
            return Selection(())
    near = _near(telling, found)
    may_answer = list(dict.fromkeys([*near, *(at for at in telling if at in found.judged)]))
    gains = [float(found.scored.scores[at]) + _gain(at, found, quoter) for at in may_answer]
    best = may_answer[gains.index(max(gains))]
    beside = _beside(best, [*near, best], found, quoter)
    if len(beside) > 1:
        return Selection(beside)
    return select_one(found) if best == 0 else Selection((best,))


def _telling(found: Found, quoter: Quoter) -> list[int]:
    """Return the positions of the first entries that can answer."""
    first = min(SKIPPED, len(found))
    places = [*range(first), *(at for at in sorted(found.judged) if at >= first)]
    rows = found.scored.rows[places]
    silent = found.entries.say_nothing(rows).tolist()
    return [
        at
        for at, row, is_silent in zip(places, rows.tolist(), silent, strict=True)
        if not is_silent
        and not is_image_only(found.entries.get(row))
        and quoter.tells(hit := found.hit(at, 1))
        and not (found.entries.is_of_file[row] and quoter.only_echoes(hit))
    ]


def _tells_who(at: int, first: int, found: Found, quoter: Quoter) -> bool:
    """Whether an entry is of the same work as the first and says who it is by."""
    is_same = found.unit(found.entry_row(at)) == found.unit(found.entry_row(first))
    return is_same and quoter.says_by_whom(found.hit(at, 1))


def _near(telling: list[int], found: Found) -> list[int]:
    """Return those that are about as near as the first and of the same work."""
    rows, scores, first = found.scored.rows.tolist(), found.scored.scores, telling[0]
    return [
        at
        for at in telling[:HELD_AGAINST]
        if scores[at] >= scores[first] - ABOUT_AS_NEAR
        and found.unit(rows[at]) == found.unit(rows[first])
    ]


def _gain(at: int, found: Found, quoter: Quoter) -> float:
    """Return what is added to the score of an entry for how it answers, less if it is of another
    work than the nearest.
    """
    judged = [found.judged[at]] if at in found.judged else []
    is_other = found.unit(found.entry_row(at)) != found.unit(found.entry_row(0))
    gain = quoter.fit(found.hit(at, 1)) + JUDGED_GAIN * answer_share(judged)
    return gain - OTHER_WORK if is_other else gain


def _beside(best: int, near: list[int], found: Found, quoter: Quoter) -> tuple[int, ...]:
    """Return the positions of the best entry and of those beside it that belong to its answer."""
    wanted = quoter.wanted.answer_type
    row = found.entry_row(best)
    if quoter.wanted.of_each and len(own := _alike(row, found)) > 1:
        return own
    if wanted not in ("procedure", "name") or not found.entries.is_of_file[row]:
        return (best,)
    if wanted == "procedure":
        return _run(best, {found.entry_row(at): at for at in near}, found)
    if quoter.says_new_name(found.hit(best, 1)):
        return (best,)
    position_of = found.position_of()
    siblings = found.entries.rows_in(found.entries.section(row))
    after = [position_of[one] for one in siblings if one > row and one in position_of]
    naming = next((at for at in after[:MOST_STEPS] if quoter.gives_name(found.hit(at, 1))), None)
    return (best,) if naming is None else (best, naming)


def _alike(row: int, found: Found) -> tuple[int, ...]:
    """Return the positions of an item and those beside it, or of a row and those of its table, ()
    of papers, of other entries, and where more stand there than are told one by one.
    """
    entry, entries = found.entries.get(row), found.entries
    position_of = found.position_of()
    beside = [
        position_of[one]
        for one in entries.rows_in(entries.section(row))
        if one in position_of and entries.get(one).role == entry.role
    ]
    is_own = entry.part == "work"  # a paper beside others
    is_told = entry.role in ("item", "row") and not is_own and len(beside) <= MOST_OF_EACH
    return tuple(beside) if is_told else ()


def _run(best: int, place_of: dict[int, int], found: Found) -> tuple[int, ...]:
    """Return the best entry and the near ones that stand right beside it, in their order."""
    row = found.entry_row(best)
    siblings = found.entries.rows_in(found.entries.section(row))
    first = last = siblings.index(row) if row in siblings else -1
    if first < 0:
        return (best,)
    while last + 1 < len(siblings) and siblings[last + 1] in place_of:
        last += 1
    while first > 0 and siblings[first - 1] in place_of and last - first + 1 < MOST_STEPS:
        first -= 1
    return tuple(place_of[one] for one in siblings[first : last + 1][:MOST_STEPS])

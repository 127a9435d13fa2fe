"""Questions with their answers in a note: flashcards, `Q: …` above `A: …`. The answer stands below
its question, whose words say what it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from paperrag.notes.pasted import Pasted
from paperrag.text.markers import BLOCK, CARD_SIGN, ITEM
from paperrag.text.patterns import any_of, lazy_pattern

_OPENS_CARD = "START"
_IN_LINE = "STARTI "
_BETWEEN = ("?", "??")
"""Lines that stand alone between the sides of a card."""
_ASKING = "q question front 问 问题 提问 正面".split()
_ANSWERING = "a answer back 答 答案 回答 解答 背面".split()
_BEGINS = rf"(?P<indent>[ \t]*)(?P<bullet>{ITEM}[ \t]+)?(?P<text>\**"
_GOES_ON = r"\d{0,2}\**[:：.．]\**[ \t]*\S.*)"
_ASKS = lazy_pattern(rf"{_BEGINS}(?i:{any_of(_ASKING)}){_GOES_ON}")
_ANSWERS = lazy_pattern(rf"{_BEGINS}(?i:{any_of(_ANSWERING)}){_GOES_ON}")
_SPEAKS = lazy_pattern(r"(?P<text>\*\*[^*\n]{1,24}(?:[:：]\*\*|\*\*[:：])\s*\S.*)")
"""Who speaks, and what: of two, the second answers where the first asks."""
_ENDS_ASKING = ("?", "？")
_OPENS_BLOCK = lazy_pattern(rf"[ \t]*{BLOCK}")


def cards_in(lines: Sequence[str]) -> dict[int, Pasted]:
    """The lines with which questions and, below them, their answers begin."""
    found: dict[int, Pasted] = {}
    for number, line in enumerate(lines):
        text = line.strip()
        if text.startswith(_IN_LINE) or _is_card(text):
            found[number] = Pasted(text, 0, (), len(line) - len(line.lstrip()))
        elif text in _BETWEEN and number and lines[number - 1].strip():
            found.update(_of_sides(lines, number))
        elif text == _OPENS_CARD:
            found.update(_of_anki(lines, number))
        elif answer := _ANSWERS.fullmatch(line):
            above = next(_above(lines, number), -1)
            asks = _ASKS.fullmatch(lines[above]) if above >= 0 else None
            if asks and bool(asks["bullet"]) == bool(answer["bullet"]):
                found[above] = Pasted(asks["text"], 0, (), len(asks["indent"]))
                found[number] = Pasted(answer["text"], 0, (), len(asks["indent"]), depth=1)
        elif text.startswith("**") and (said := _SPEAKS.fullmatch(line)):
            above = next(_above(lines, number), -1)
            asks = _SPEAKS.fullmatch(lines[above]) if above >= 0 else None
            if asks and lines[above].rstrip().endswith(_ENDS_ASKING):
                found[above] = Pasted(asks["text"], 0, (), 0)
                found[number] = Pasted(said["text"], 0, (), 0, depth=1)
    return found


def _is_card(text: str) -> bool:
    """Whether a line holds a question and its answer, and no gap that is called by its hint."""
    may_be = ("::" in text or ";;" in text) and "{{" not in text
    return may_be and CARD_SIGN.search(text) is not None


def _of_anki(lines: Sequence[str], first: int) -> Iterator[tuple[int, Pasted]]:
    """The card between START and END: its kind, the question, and behind `Back:` the answer."""
    last = next((at for at in range(first, len(lines)) if lines[at].strip() == "END"), None)
    if last is None or last < first + 3:
        return
    yield first, Pasted(lines[first + 2].strip(), 0, (), 0)
    back = (at for at in range(first + 3, last) if lines[at].startswith("Back:"))
    for number in islice(back, 1):
        yield number, Pasted(lines[number].strip(), 0, (), 0, depth=1)


def _of_sides(lines: Sequence[str], between: int) -> Iterator[tuple[int, Pasted]]:
    """The question above a line `?`, and the answer that begins with that line."""
    if between + 1 == len(lines) or not lines[between + 1].strip():
        return
    first = between - 1
    while first and lines[first - 1].strip() and not _OPENS_BLOCK.match(lines[first]):
        first -= 1
    indent = len(lines[first]) - len(lines[first].lstrip())
    if not _OPENS_BLOCK.match(lines[first]):
        yield first, Pasted(lines[first].strip(), 0, (), indent)
    yield between, Pasted(lines[between].strip(), 0, (), indent, depth=1)


def _above(lines: Sequence[str], number: int) -> Iterator[int]:
    """The line above, blank ones left out."""
    return (at for at in range(number - 1, max(number - 3, -1), -1) if lines[at].strip())

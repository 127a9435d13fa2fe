"""Passages -> claims: true ones and false ones, each with the evidence it is held against.

Truths: a sentence as it stands or lightly reworded, its translation, two merged into one, a free
summary, numbers rounded or in other units. Lies: a kind of `alter` on a truth, or a truth about
another passage. Half of the alterations are made to the evidence instead, and some to both (which
is a truth): what is odd about an altered text then says nothing about the label.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from paperrag.proof.quantities import quantities
from paperrag.text.language import HAN_CHAR
from training.claims.alter import KINDS, Altered, Lexicon, reworded
from training.claims.sources import Passage

COUNTS, MOST_SHOWN = (1, 2, 3, 4), 8
"""How many sentences of a passage are shown; of one that is summarised."""

SUMMARISED = 0.6
"""Share of the passages with a summary that are shown whole, so that this is a truth about them."""

REWORDED = (0.0, 0.2, 0.5)
"""Shares of a sentence's words that are replaced by others of their meaning, where there are any."""

NEAR_OF = 400
"""Passages among which one of the same field is looked for."""

UNSUPPORTED_SHARE, BOTH_SHARE, CLAIM_SHARE = 0.12, 0.3, 0.75
"""Of lies: those about another passage. Of truths as they stand: those about an altered text. Of
altered ones: those where the claim was, not the evidence.
"""

OF_NUMBERS = 0.3
"""Share of the lies made of a claim with digits that alter these."""

Near = Callable[[int, random.Random], int]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sample:
    """A claim, its evidence, whether that bears it out, the kind, and what was altered where:
    spans of the claim and of the evidence.
    """

    group: str
    claim: str
    evidence: str
    is_true: bool
    kind: str
    claim_span: tuple[int, int]
    evidence_span: tuple[int, int]


WEIGHTS = {
    "number": 3,
    "unit": 1,
    "name": 2,
    "swap": 4,
    "opposite": 5,
    "method": 6,
    "negation": 5,
    "quantifier": 3,
    "condition": 1,
}


def samples(
    passages: Sequence[Passage], lexicon: Lexicon, near: Near, chance: random.Random
) -> Iterator[Sample]:
    """Yield claims about each passage, all held against the same few sentences of it."""
    for number, passage in enumerate(passages):
        language = chance.choice([0, 1])
        shown = [pair[language] or pair[1 - language] for pair in passage.pairs]
        is_whole = bool(passage.summaries) and chance.random() < SUMMARISED
        count = min(len(shown), MOST_SHOWN if is_whole else chance.choice(COUNTS))
        begin = chance.randrange(len(shown) - count + 1)
        held = _Held(passage.group, shown[begin : begin + count], 0)
        told = _Told(passage, language, begin, count, held, is_whole)
        for is_true in (True, True, False, False, False):
            made = _sample(told, passages[near(number, chance)], lexicon, chance, is_true)
            if made is not None:
                yield made


def nearest(vectors: FloatArray) -> Near:
    """Return what gives for a passage, by the unit vectors of all, another of its field."""

    def near(number: int, chance: random.Random) -> int:
        if chance.random() < 0.3:
            return chance.randrange(len(vectors))
        looked = np.array(chance.sample(range(len(vectors)), min(NEAR_OF, len(vectors))))
        ranked = looked[np.argsort(-(vectors[looked] @ vectors[number]))]
        return int(chance.choice([one for one in ranked[:6].tolist() if one != number] or [number]))

    return near


@dataclass(frozen=True, slots=True)
class _Told:
    """A passage, in which language some of its sentences are shown, and those."""

    passage: Passage
    language: int
    begin: int
    count: int
    held: _Held
    is_whole: bool


def _sample(
    told: _Told, other: Passage, lexicon: Lexicon, chance: random.Random, is_true: bool
) -> Sample | None:
    claim, kind, own = _truth(told, lexicon, chance)
    held = replace(told.held, own=own)
    if not is_true and chance.random() < UNSUPPORTED_SHARE:
        return _unsupported(held, claim, other, told.language, chance)
    if not is_true:
        return _altered(held, claim, kind == "summary", lexicon, chance)
    if kind in ("same", "light") and chance.random() < BOTH_SHARE:
        return _both(held, lexicon, chance)
    rounded = _rounded(claim, chance) if chance.random() < 0.5 else None
    return held.sample(rounded or claim, True, "rounded" if rounded else kind)


@dataclass(frozen=True, slots=True)
class _Held:
    """The sentences that a claim is held against, and the place of the one that it is made of."""

    group: str
    evidence: Sequence[str]
    own: int

    def sample(
        self, claim: str, is_true: bool, kind: str, claim_span: tuple[int, int] = (0, 0)
    ) -> Sample:
        text = "\n".join(self.evidence)
        return Sample(self.group, claim, text, is_true, kind, claim_span, (0, 0))

    def altered(self, made: Altered) -> tuple[str, tuple[int, int]]:
        """Return the text with its own sentence altered, and where."""
        parts = [*self.evidence[: self.own], made.text, *self.evidence[self.own + 1 :]]
        before = len("\n".join(self.evidence[: self.own])) + (1 if self.own else 0)
        return "\n".join(parts), (before + made.start, before + made.end)


def _unsupported(
    held: _Held, claim: str, other: Passage, language: int, chance: random.Random
) -> Sample | None:
    """Return another passage's truth, alone or behind one of this passage."""
    place = chance.randrange(len(other.pairs))
    pair = other.pairs[place]
    added = chance.choice(
        [pair[language] or pair[1 - language], pair[1 - language] or pair[language]]
    )
    if other.group == held.group:
        return None
    if chance.random() < 0.5:
        return held.sample(added, False, "paper", (0, len(added)))
    if bool(HAN_CHAR.search(added)) != bool(HAN_CHAR.search(claim)):
        added = pair[0] if pair[1] == added else pair[1]
    if not added or bool(HAN_CHAR.search(added)) != bool(HAN_CHAR.search(claim)):
        return None
    joints = _JOINTS_ZH if HAN_CHAR.search(added) else _JOINTS_EN
    head = claim.rstrip("。.") + chance.choice(joints)
    added = added if HAN_CHAR.search(added) else added[:1].lower() + added[1:]
    return held.sample(head + added, False, "addition", (len(head), len(head) + len(added)))


_JOINTS_EN = (", and ", "; ", ", while ", ", because ", ", so that ", ", as ", ". ")
_JOINTS_ZH = ("，而且", "；", "，同时", "，因为", "，所以", "，")


def _altered(
    held: _Held, claim: str, is_summary: bool, lexicon: Lexicon, chance: random.Random
) -> Sample | None:
    """Return a claim that was altered, or one whose evidence was."""
    how = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if any(char.isdigit() for char in claim) and chance.random() < OF_NUMBERS:
        how = chance.choice(["number", "number", "unit"])
    if how == "condition" or is_summary or chance.random() < CLAIM_SHARE:
        made = (
            _misplaced(held, claim, chance) if how == "number" and chance.random() < 0.4 else None
        )
        made = made or KINDS[how](claim, lexicon, chance)
        if made is None or made.text == claim:
            return None
        return held.sample(made.text, False, how, (made.start, made.end))
    made = KINDS[how](held.evidence[held.own], lexicon, chance)
    if made is None or made.text == held.evidence[held.own]:
        return None
    text, span = held.altered(made)
    return Sample(held.group, claim, text, False, how, (0, 0), span)


def _misplaced(held: _Held, claim: str, chance: random.Random) -> Altered | None:
    """Return a claim with one of its numbers replaced by another that its evidence tells."""
    said = quantities(claim)
    raw = {one.raw for one in said}
    others = [one for text in held.evidence for one in quantities(text) if one.raw not in raw]
    fitting = [(one, two) for one in said for two in others if one.kind == two.kind]
    if not fitting:
        return None
    one, two = chance.choice(fitting)
    text = claim[: one.start] + two.text + claim[one.end :]
    return Altered(text, one.start, one.start + len(two.text))


def _both(held: _Held, lexicon: Lexicon, chance: random.Random) -> Sample | None:
    """Return a truth about an altered text."""
    how = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if how == "condition":
        return None
    made = KINDS[how](held.evidence[held.own], lexicon, chance)
    if made is None:
        return None
    text, _ = held.altered(made)
    return Sample(
        held.group, _light(made.text, lexicon, chance), text, True, "same", (0, 0), (0, 0)
    )


def _truth(told: _Told, lexicon: Lexicon, chance: random.Random) -> tuple[str, str, int]:
    """Return a truth about what is shown of a passage, what kind it is, and which of the shown
    sentences it is made of.
    """
    passage, language = told.passage, told.language
    own = chance.randrange(told.count)
    pair = passage.pairs[told.begin + own]
    draw = chance.random()
    if passage.summaries and draw < 0.6 and told.is_whole:
        return chance.choice(passage.summaries), "summary", own
    other = pair[1 - language]
    if draw < 0.7 and other and pair[language]:
        return _light(other, lexicon, chance), "translation", own
    if draw > 0.85 and told.count > 1:
        second = passage.pairs[told.begin + (own + 1) % told.count]
        side = chance.choice([0, 1])
        one, two = pair[side] or pair[1 - side], second[side] or second[1 - side]
        if bool(HAN_CHAR.search(one)) == bool(HAN_CHAR.search(two)):
            joint = chance.choice(_JOINTS_ZH[:3] if HAN_CHAR.search(one) else _JOINTS_EN[:3])
            return _light(one.rstrip("。.") + joint + two, lexicon, chance), "merged", own
    text = pair[language] or other
    return _light(text, lexicon, chance), "same" if draw < 0.75 else "light", own


_FILLERS_EN = re.compile(
    r"\b(?:very|also|however|moreover|furthermore|in addition|thus|therefore|in this paper|in this work|here|finally|specifically|significantly|effectively|respectively|recently|novel|new),? ?",
    re.I,
)
_FILLERS_ZH = re.compile(
    "此外|然而|因此|我们|本文|同时|最后|具体来说|进一步|有效地|显著|非常|其中|近年来|新的|一种"
)
_SAME_EN = [
    ("we propose", "the paper presents"),
    ("we show", "it is shown"),
    ("show that", "find that"),
    ("demonstrate", "show"),
    ("utilize", "use"),
    ("approach", "method"),
    ("because", "since"),
    ("many", "a lot of"),
    ("obtain", "get"),
    ("employ", "use"),
    ("large language models", "LLMs"),
    ("in order to", "to"),
    ("such as", "like"),
    ("as well as", "and"),
    ("a variety of", "various"),
    ("perform", "carry out"),
    ("crucial", "important"),
    ("enhance", "improve"),
    ("leverage", "use"),
    ("task", "problem"),
]
_SAME_ZH = [
    ("提出", "给出"),
    ("方法", "办法"),
    ("表明", "显示"),
    ("使用", "采用"),
    ("利用", "借助"),
    ("通过", "靠"),
    ("因为", "由于"),
    ("模型", "网络"),
    ("任务", "问题"),
    ("提升", "提高"),
    ("能够", "可以"),
    ("例如", "比如"),
    ("并且", "而且"),
    ("研究", "工作"),
    ("性能", "表现"),
    ("降低", "减少"),
    ("大型语言模型", "大模型"),
    ("训练数据", "训练集"),
]


def _light(text: str, lexicon: Lexicon, chance: random.Random) -> str:
    """Return a sentence lightly reworded: words that say little dropped, some replaced, a part put
    first.
    """
    if chance.random() < 0.2:
        return text
    text = reworded(text, lexicon, chance, chance.choice(REWORDED))
    is_chinese = bool(HAN_CHAR.search(text))
    if chance.random() < 0.5:
        text = (_FILLERS_ZH if is_chinese else _FILLERS_EN).sub("", text)
    for one, other in _SAME_ZH if is_chinese else _SAME_EN:
        edge = "" if is_chinese else r"\b"
        if one in text and chance.random() < 0.5:
            text = re.sub(f"{edge}{one}{edge}", other, text, count=1)
    if not is_chinese and chance.random() < 0.3:
        head, comma, tail = text.partition(", ")
        if (
            comma
            and 10 < len(head) < len(tail)
            and "," not in tail
            and not re.search(r"\b(?:which|and|but|or|respectively)\b", tail)
        ):
            text = f"{tail.rstrip('.')}, {head[:1].lower()}{head[1:]}."
    if chance.random() < 0.15:
        lead = chance.choice(
            ["作者认为", "笔记提到，", "该工作指出："]
            if is_chinese
            else ["The notes say that ", "According to the authors, ", "In this work, "]
        )
        text = lead + text
    return text.strip()


def _rounded(text: str, chance: random.Random) -> str | None:
    """Return a text with one number rounded or in another unit, None without such a number."""
    is_chinese = bool(HAN_CHAR.search(text))
    for one in chance.sample(quantities(text), len(quantities(text))):
        digits = re.match(r"\d+\.\d+|\d{3,}", one.text)
        if digits is None or re.fullmatch(r"(?:19|20)\d\d", digits.group()):
            continue
        rest = one.text[digits.end() :]
        if one.kind == "time" and rest.strip().lower() in ("ms", "毫秒") and one.raw >= 100:
            new = f"{one.raw / 1000:g}" + (" 秒" if is_chinese else " s")
        else:
            value = (
                float(f"{one.raw:.1e}")
                if not re.search(r"[^\d.,\s%×x倍-]", rest)
                else float(f"{float(digits.group()):.1e}")
            )
            new = f"{value:g}{rest}"
            if "e" in new:
                continue
        about = chance.choice(
            ["约", "大约", "近", ""] if is_chinese else ["about ", "nearly ", "roughly ", ""]
        )
        if new != one.text:
            return text[: one.start] + about + new + text[one.end :]
    return None

"""Passages -> claims: true ones and false ones, each with the evidence it is held against.

Truths: a sentence as it stands or lightly reworded, its translation, two merged into one, a free
summary, numbers rounded or in other units. Lies: a kind of `alter` on a truth, or a truth about
another passage. Half of the alterations are made to the evidence instead, and some to both (which
is a truth): what is odd about an altered text then says nothing about the label.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paperrag.proof.quantities import quantities
from paperrag.text.language import HAN_CHAR
from training.claims.alter import KINDS, Altered, Lexicon
from training.claims.sources import Passage

EVIDENCE_SENTENCES, SUMMARISED_SENTENCES = 4, 6
UNSUPPORTED_SHARE, BOTH_SHARE, CLAIM_SHARE = 0.1, 0.3, 0.55
"""Of lies: those about another passage. Of truths as they stand: those about an altered text. Of
altered ones: those where the claim was, not the evidence.
"""


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
    "unit": 3,
    "name": 2,
    "swap": 3,
    "opposite": 5,
    "method": 3,
    "negation": 5,
    "quantifier": 3,
    "condition": 1,
}


def samples(
    passages: Sequence[Passage], lexicon: Lexicon, chance: random.Random
) -> Iterator[Sample]:
    """Yield two or three claims about each passage."""
    for passage in passages:
        for is_true in (True, False, chance.random() < 0.5):
            made = _sample(passage, passages, lexicon, chance, is_true)
            if made is not None:
                yield made


def _sample(
    passage: Passage,
    passages: Sequence[Passage],
    lexicon: Lexicon,
    chance: random.Random,
    is_true: bool,
) -> Sample | None:
    language = chance.choice([0, 1])
    shown = [pair[language] or pair[1 - language] for pair in passage.pairs]
    first = chance.randrange(len(shown))
    count = chance.choice([1, 1, 2, 3, EVIDENCE_SENTENCES])
    begin = max(0, first - chance.randrange(count))
    evidence = shown[begin : begin + count]
    claim, kind = _truth(passage, first, language, begin, len(evidence), chance)
    if kind == "summary":
        evidence = shown[:SUMMARISED_SENTENCES]
    held = _Held(passage.group, evidence, first - begin)
    if not is_true and chance.random() < UNSUPPORTED_SHARE:
        return _unsupported(held, claim, chance.choice(passages), language, chance)
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
    evidence: list[str]
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
    added, _ = _truth(other, chance.randrange(len(other.pairs)), language, 0, 1, chance)
    if other.group == held.group:
        return None
    if chance.random() < 0.5:
        return held.sample(added, False, "paper", (0, len(added)))
    head = claim.rstrip("。.") + ("，而且" if HAN_CHAR.search(added) else ", and ")
    return held.sample(head + added, False, "unsupported", (len(head), len(head) + len(added)))


def _altered(
    held: _Held, claim: str, is_summary: bool, lexicon: Lexicon, chance: random.Random
) -> Sample | None:
    """Return a claim that was altered, or one whose evidence was."""
    how = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if how == "condition" or is_summary or chance.random() < CLAIM_SHARE:
        made = KINDS[how](claim, lexicon, chance)
        if made is None or made.text == claim:
            return None
        return held.sample(made.text, False, how, (made.start, made.end))
    made = KINDS[how](held.evidence[held.own], lexicon, chance)
    if made is None or made.text == held.evidence[held.own]:
        return None
    text, span = held.altered(made)
    return Sample(held.group, claim, text, False, how, (0, 0), span)


def _both(held: _Held, lexicon: Lexicon, chance: random.Random) -> Sample | None:
    """Return a truth about an altered text."""
    how = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if how == "condition":
        return None
    made = KINDS[how](held.evidence[held.own], lexicon, chance)
    if made is None:
        return None
    text, _ = held.altered(made)
    return Sample(held.group, _light(made.text, chance), text, True, "same", (0, 0), (0, 0))


def _truth(
    passage: Passage, first: int, language: int, begin: int, count: int, chance: random.Random
) -> tuple[str, str]:
    """Return a truth about a passage and what kind it is."""
    pair = passage.pairs[first]
    draw = chance.random()
    if passage.summaries and draw < 0.35:
        return chance.choice(passage.summaries), "summary"
    other = pair[1 - language]
    if draw < 0.7 and other and pair[language]:
        return _light(other, chance), "translation"
    own = pair[language] or other
    if draw > 0.9 and count > 1:
        beside = begin + chance.randrange(count)
        if beside != first and beside < len(passage.pairs):
            second = passage.pairs[beside][language] or passage.pairs[beside][1 - language]
            if bool(HAN_CHAR.search(own)) == bool(HAN_CHAR.search(second)):
                joint = "，" if HAN_CHAR.search(own) else "; "
                return own.rstrip("。.") + joint + second, "merged"
    return _light(own, chance), "same" if draw < 0.8 else "light"


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


def _light(text: str, chance: random.Random) -> str:
    """Return a sentence lightly reworded: words that say little dropped, some replaced, a part put
    first.
    """
    if chance.random() < 0.3:
        return text
    is_chinese = bool(HAN_CHAR.search(text))
    if chance.random() < 0.5:
        text = (_FILLERS_ZH if is_chinese else _FILLERS_EN).sub("", text)
    for one, other in _SAME_ZH if is_chinese else _SAME_EN:
        if one in text and chance.random() < 0.5:
            text = text.replace(one, other, 1)
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

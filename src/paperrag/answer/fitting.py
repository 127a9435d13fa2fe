"""A sentence -> how well it fits the type of answer that a question wants: a number with its unit
for "how many", who it is by for "who"; and whether it gives a name. Knows no entry. For reasons,
procedures, dates and names nothing that a sentence says was found to help.
"""

from __future__ import annotations

import re

from paperrag.answer.weights import (
    ASKS,
    ECHOES,
    HAS_NUMBER,
    HAS_UNIT,
    LEAST_ECHO,
    MANY_CLAUSES,
    TELLS_WHO,
)
from paperrag.proof.quantities import quantities
from paperrag.question.answer_type import Wanted
from paperrag.text.fields import labels_of
from paperrag.text.folding import fold, letters
from paperrag.text.language import has_han
from paperrag.text.names import proper_names, squeezed
from paperrag.text.patterns import IN_BRACKETS, any_of, lazy_pattern

_NAMING_EN = any_of(["known as", "referred to as", *"called named dubbed termed coined".split()])
_NAMING = lazy_pattern(rf"\b{_NAMING_EN}\b|[叫称名]之?[作为做]", re.I)
_AGAINST = any_of("while whereas but than versus unlike compared".split())
_CLAUSE = lazy_pattern(rf"[,，;；]\s*|\s(?={_AGAINST}\b)|(?=[而但](?!且))", re.I)
_CONTRAST = lazy_pattern(rf"^\s*(?:{_AGAINST}|[而但])", re.I)
_ANNOUNCES = (":", "：")
_QUESTION_END, _CLOSING = ("?", "？"), ' \t"”’」』*_'


_BY = any_of("authored developed invented introduced proposed written article paper work".split())
_PERSON = lazy_pattern(
    rf"\bet al\b|等人|\b{_BY} by (?:the )?[A-Z]|^\W*(?i:{any_of(labels_of('authors'))})\W*[:：]|由[^，。]{{2,20}}[写提]"
)
"""What tells by whom something is."""

_CITED = lazy_pattern(r"(\S+)\s*[(（\[][^()（）]*\bet al[^()（）]*[)）\]]")


_OWN_EN = "me,mine,imo,imho,my take,my view,my opinion,my thoughts,my 2 cents,thoughts,take,opinion,comment".split(
    ","
)
_OWN_ZH = "我 我的 个人 本人 想法 看法 观点 评论 点评 思考 感想 批注 吐槽 存疑".split()
_OWN = lazy_pattern(
    rf"(?i:^\W*{any_of(_OWN_EN)}\s*[\])】:：=])|^\W*@?me\b|^\W*{any_of(_OWN_ZH)}\w{{0,4}}[:：\]）)】]"
    rf"|\bI (?:would|wouldn['’]t|think|find|like|doubt|don['’]t|am not|guess|suspect|wonder)\b|我(?:[觉认感]|不信|怀疑|喜欢|猜|想)"
)
_ASIDE = lazy_pattern(IN_BRACKETS)


def fit(sentence: str, wanted: Wanted) -> float:
    """Return what is added to the likeness of a sentence for what it holds."""
    gain = ASKS if is_question(sentence) else 0.0
    gain += ECHOES if echoes(sentence, wanted) else 0.0
    if wanted.answer_type == "number":
        gain += _number_gain(sentence, wanted)
    elif wanted.answer_type == "person" and says_by_whom(sentence, wanted):
        gain += TELLS_WHO
    if wanted.of_opinion and is_own_remark(sentence):
        gain += TELLS_WHO
    return gain


def is_own_remark(sentence: str) -> bool:
    """Whether a sentence is marked as what its writer thinks: "me: …", 【个人想法】…, 我觉得…"""
    return bool(_OWN.search(sentence))


def says_by_whom(sentence: str, wanted: Wanted) -> bool:
    """Whether a sentence tells by whom something is; a citation in brackets tells that of what
    stands before it.
    """
    own = _CITED.sub(lambda cited: cited[0] if squeezed(cited[1]) in wanted.said else " ", sentence)
    return bool(_PERSON.search(own))


def echoes(sentence: str, wanted: Wanted) -> bool:
    """Whether a sentence only says the question again, as a heading does."""
    said = letters(_ASIDE.sub("", sentence))
    least = LEAST_ECHO // 2 if has_han(said) else LEAST_ECHO
    return len(said) >= least and said in wanted.asked


def is_question(sentence: str) -> bool:
    """Whether a sentence asks: it answers nothing."""
    return sentence.rstrip(_CLOSING).endswith(_QUESTION_END)


def answers_nothing(sentence: str) -> bool:
    """Whether a sentence asks, or only announces what stands below it: one of many clauses says
    something before.
    """
    said = sentence.rstrip(_CLOSING)
    if said.startswith("【") and said.find("】") == len(said) - 1:
        return True
    announces = said.endswith(_ANNOUNCES)
    return is_question(sentence) or (announces and len(_CLAUSE.findall(sentence)) < MANY_CLAUSES)


def says_new_name(sentence: str, wanted: Wanted) -> bool:
    """Whether a sentence says a name that the question does not say."""
    cells = sentence.split("·")  # of a table
    names = (squeezed(name) for cell in cells for name in proper_names(cell.strip()))
    return any(name not in wanted.said for name in names)


def gives_name(sentence: str, wanted: Wanted) -> bool:
    """Whether a sentence says what something is called, and the question does not say it."""
    return bool(_NAMING.search(sentence)) and says_new_name(sentence, wanted)


def _number_gain(sentence: str, wanted: Wanted) -> float:
    own = ", ".join(part for part in _CLAUSE.split(sentence) if not _is_of_another(part, wanted))
    told = quantities(fold(own))
    if wanted.unit and any(one.kind == wanted.unit for one in told):
        return HAS_UNIT
    return HAS_NUMBER if told else 0.0


def _is_of_another(clause: str, wanted: Wanted) -> bool:
    """Whether a clause sets something against what the question is about: what a baseline needs."""
    names = map(squeezed, proper_names(clause))
    return bool(_CONTRAST.match(clause)) and not wanted.said.intersection(names)

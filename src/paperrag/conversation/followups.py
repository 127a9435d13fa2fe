"""Does a question point at what was said before, and how: pronouns and picks by rules of the two
languages, the rest by the classifier. Knows no notes and no answers.

The patterns of English and Chinese are those of `pointing`.
"""

from __future__ import annotations

import re

from paperrag.conversation import pointing
from paperrag.question.classifier import classifier
from paperrag.question.intent import wanted
from paperrag.question.names import proper_names
from paperrag.question.read import wants_works
from paperrag.records import Language
from paperrag.text.folding import fold
from paperrag.text.language import HAN_CHAR

MAX_CHARS = 300
"""Longer questions stand alone."""


def is_follow_up(question: str) -> bool:
    """Whether a question points at what was said before.

    A pronoun or a pick decides by whether what it stands for is named in the question; of all
    others the classifier says whether they stand alone.
    """
    question = simplified(question.strip())
    if not question or len(question) > MAX_CHARS:
        return False
    language: Language = "zh" if HAN_CHAR.search(question) else "en"
    own = without_lead(question, language)
    points = _pointer_needs_more(own, language)
    if points is not None:
        return points
    if _opens_with_rest(own, language) or (own != question and _is_short(own, language)):
        return True
    want, likely = wanted(own), classifier().read(fold(question))
    if want == "list" and wants_works(own, likely):
        return False
    if language == "zh" and want == "topic":
        return bool(
            pointing.GENERIC_ZH.fullmatch(own)
        )  # 对比学习 is made of words that shape questions
    return likely.points_back


def _is_short(own: str, language: Language) -> bool:
    if language == "zh":
        return len(HAN_CHAR.findall(own)) <= 6 and not proper_names(own)
    return pointing.fragment_en(own) or (
        not proper_names(own) and len(pointing.content_words(own)) < 3
    )


def _pointer_needs_more(own: str, language: Language) -> bool | None:
    """Whether what a pronoun or pick stands for is missing, None without either."""
    if language == "zh":
        pointer = pointing.SELECT_ZH.search(own) or pointing.REF_ZH.search(own)
        return None if pointer is None else not pointing.has_antecedent_zh(own[: pointer.start()])
    picked = pointing.SELECT_EN.search(own)
    if picked and not (pointing.BARE_EN.match(own) and proper_names(own)):
        return not pointing.has_antecedent_en(own, picked)
    reference = pointing.first_reference_en(own)
    return None if reference is None else not pointing.has_antecedent_en(own, reference)


def _opens_with_rest(own: str, language: Language) -> bool:
    """Whether a question is what is left of the one before, or puts another thing in it: "for
    multimodal models?", 多模态的呢, "no, I meant LoRA".
    """
    if pointing.MEANT.match(own):
        return True
    if language == "en":
        return bool(pointing.ABOUT_EN.match(own)) or pointing.narrows_en(own)
    return bool(pointing.WHICH_ZH.match(own) or pointing.PLACE_ZH.match(own)) or bool(
        pointing.ENDS_NE.search(own)
        and not pointing.QUESTION_WORD_ZH.search(own)
        and not re.search(r"[^，,]{8,}[，,]", own)
    )


def simplified(text: str) -> str:
    """Return text with simplified characters, which the rules know, and its punctuation as it
    is.
    """
    folded = fold(text)
    if len(folded) != len(text):
        return folded
    return "".join(
        new if HAN_CHAR.match(old) else old for old, new in zip(text, folded, strict=True)
    )


def without_lead(question: str, language: Language) -> str:
    """Return a question without words like "and" or 那么 that only lead in."""
    lead = pointing.LEAD_ZH if language == "zh" else pointing.LEAD_EN
    return lead.sub("", question, count=1).strip() or question


def selects(own: str, language: Language) -> bool:
    """Whether a question picks from what was found."""
    if language == "zh":
        return bool(
            pointing.SELECT_ZH.search(own)
            or pointing.WHICH_ZH.match(own)
            or (pointing.ENDS_NE.search(own) and pointing.NARROWS_ZH.match(own))
        )
    return bool(pointing.SELECT_EN.search(own) or pointing.narrows_en(own))


def means_several(own: str, language: Language) -> bool:
    """Whether a question points at several things."""
    return bool((pointing.SEVERAL_ZH if language == "zh" else pointing.SEVERAL_EN).search(own))


def without_reference(own: str, language: Language) -> str:
    """Return a question about what was found without the words that point there."""
    if language == "zh":
        return pointing.ENDS_NE.sub("？", pointing.SELECT_ZH.sub("", own)).strip("，, ") or own
    return pointing.WHICH_OF_EN.sub("which ones", own)


def asks_about(own: str, language: Language) -> str:
    """Return X of "what about X" and "no, I meant X", "" for any other question."""
    if meant := pointing.MEANT.match(own):
        return (meant[1] or meant[2]).strip(" ?？.。!！")
    if language == "zh":
        is_about = (
            pointing.ENDS_NE.search(own)
            and not pointing.QUESTION_WORD_ZH.search(own)
            and not pointing.REF_ZH.search(own)
        )
        return pointing.ENDS_NE.sub("", own).strip() if is_about else ""
    match = pointing.ABOUT_EN.match(own)
    is_fragment = pointing.fragment_en(own) and not (
        pointing.narrows_en(own) or pointing.MORE_EN.search(own)
    )
    rest = (match.group(1) if match else own if is_fragment else "").strip(" ?.!")
    return "" if pointing.REF_EN.search(rest) else rest


def with_name(own: str, name: str, language: Language) -> str:
    """Return a question with a name in place of its first pronoun."""
    if language == "zh":
        replaced = pointing.REF_ZH.sub(
            lambda match: f" {name} 的{match[0][1:]}" if match[0][0] == "其" else f" {name} ",
            own,
            count=1,
        )
        return re.sub(r"\s+", " ", replaced).strip()
    return pointing.REF_EN.sub(
        lambda match: f"{name}'s" if match[0].lower() in ("its", "their", "theirs") else name,
        own,
        count=1,
    )


def place_named(own: str, language: Language) -> tuple[str, int] | None:
    """Return the words that point at one of the entries shown, and its place: "the second one", 1;
    "最后一篇", -1.
    """
    match = (pointing.PLACE_ZH if language == "zh" else pointing.PLACE_EN).search(own)
    if match is None:
        return None
    said = next(group for group in match.groups() if group).lower()
    number = pointing.PLACES[said] if said in pointing.PLACES else int(re.sub(r"\D", "", said)) - 1
    return match[0], number


def is_generic(text: str) -> bool:
    """Whether a question says nothing of its own: "who published it?"."""
    return all(word in pointing.GENERIC_EN for word in pointing.content_words(text))

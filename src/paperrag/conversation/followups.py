"""Does a question point at what was said before, and how: pronouns and picks by rules of the two
languages, the rest by the classifier. Knows no notes and no answers.

The patterns of English and Chinese are those of `pointing`.
"""

from __future__ import annotations

import re

from msgspec import Struct

from paperrag.conversation import pointing
from paperrag.question.intent import QUESTION_WORD_ZH
from paperrag.question.record import Question
from paperrag.records import Language
from paperrag.text.folding import fold
from paperrag.text.language import HAN_CHAR

MAX_CHARS = 300
"""Longer questions stand alone."""


class Said(Struct, frozen=True):
    """A question that was typed after an answer, and what it says of that.

    own: its text in simplified characters, without words that only lead in.
    rules: whose patterns it is read by, Chinese ones where any character is.
    """

    question: Question
    own: str
    rules: Language

    @classmethod
    def of(cls, question: Question) -> Said:
        """Return a question as it was said."""
        plain = _simplified(question.raw)
        rules: Language = "zh" if HAN_CHAR.search(plain) else "en"
        lead = pointing.LEAD_ZH if rules == "zh" else pointing.LEAD_EN
        own = lead.sub("", plain, count=1).strip() or plain
        return cls(question, own, rules)

    @property
    def follows_up(self) -> bool:
        """Whether it points at what was said before.

        What begins by pointing, or is what is left of a question, does; of all others the
        classifier says whether they stand alone.
        """
        asked = self.question
        if len(asked.raw) > MAX_CHARS or self._only_leads_in():
            return False
        has_lead = self.own != _simplified(asked.raw)
        if self._opens_by_pointing() or self._opens_with_rest():
            return True
        if has_lead and self._is_short():
            return True
        if asked.want == "list" and not asked.asks_inside:
            return False
        if self.rules == "zh" and asked.want == "topic":
            # 对比学习 is made of words that shape questions
            return bool(pointing.GENERIC_ZH.fullmatch(self.own))
        return asked.points_back

    def selects(self) -> bool:
        """Whether it picks from what was found."""
        own = self.own
        if self.rules == "zh":
            return bool(
                pointing.SELECT_ZH.search(own)
                or pointing.WHICH_ZH.match(own)
                or (pointing.ENDS_NE.search(own) and pointing.NARROWS_ZH.match(own))
            )
        return bool(pointing.SELECT_EN.search(own) or pointing.narrows_en(own))

    def means_several(self) -> bool:
        """Whether it points at several things."""
        several = pointing.SEVERAL_ZH if self.rules == "zh" else pointing.SEVERAL_EN
        return bool(several.search(self.own))

    def without_reference(self) -> str:
        """Return it, about what was found, without the words that point there."""
        if self.rules == "zh":
            rest = pointing.ENDS_NE.sub("？", pointing.SELECT_ZH.sub("", self.own))
            return rest.strip("，, ") or self.own
        return pointing.WHICH_OF_EN.sub(
            lambda match: "which one" if match["one"] else "which ones", self.own
        )

    def asks_about(self) -> str:
        """Return X of "what about X" and "no, I meant X", "" for any other question."""
        own = self.own
        if meant := pointing.MEANT.match(own):
            return (meant[1] or meant[2]).strip(" ?？.。!！")
        if self.rules == "zh":
            is_about = self._only_names_zh() and not pointing.REF_ZH.search(own)
            return pointing.ENDS_NE.sub("", own).strip() if is_about else ""
        match = pointing.ABOUT_EN.match(own)
        is_fragment = pointing.fragment_en(own) and not pointing.narrows_en(own)
        rest = (match.group(1) if match else own if is_fragment else "").strip(" ?.!")
        is_question = bool(pointing.BEGINS_ASKING_EN.match(rest) or pointing.PLACED_EN.match(rest))
        return "" if is_question or pointing.REF_EN.search(rest) else rest

    def with_name(self, name: str) -> str:
        """Return it with a name in place of its first pronoun."""
        if self.rules == "zh":
            replaced = pointing.REF_ZH.sub(
                lambda match: f" {name} 的{match[0][1:]}" if match[0][0] == "其" else f" {name} ",
                self.own,
                count=1,
            )
            return re.sub(r"\s+", " ", replaced).strip()
        return pointing.REF_EN.sub(
            lambda match: f"{name}'s" if match[0].lower() in ("its", "their", "theirs") else name,
            self.own,
            count=1,
        )

    def place(self) -> tuple[str, int] | None:
        """Return the words that point at one of the entries shown, and its place: "the second one",
        1; "最后一篇", -1.
        """
        patterns = (pointing.PLACE_ZH,) if self.rules == "zh" else pointing.PLACES_EN
        match = next(filter(None, (one.search(self.own) for one in patterns)), None)
        if match is None:
            return None
        said = next(group for group in match.groups() if group).lower()
        known = pointing.PLACES.get(said)
        return match[0], int(re.sub(r"\D", "", said)) - 1 if known is None else known

    def _only_leads_in(self) -> bool:
        """Whether it is no more than "thanks" or "ok", which ask nothing of what was said."""
        lead = pointing.LEAD_ZH if self.rules == "zh" else pointing.LEAD_EN
        return lead.fullmatch(self.own) is not None

    def _is_short(self) -> bool:
        if self.rules == "zh":
            return len(HAN_CHAR.findall(self.own)) <= 6 and not self.question.names
        return pointing.fragment_en(self.own) or (
            not self.question.names and len(pointing.content_words(self.own)) < 3
        )

    def _opens_by_pointing(self) -> bool:
        """Whether it says a pronoun, or picks from several, before it names anything."""
        own = self.own
        if self.rules == "zh":
            points = (pointing.SELECT_ZH.search(own), pointing.REF_ZH.search(own))
        else:
            is_bare = pointing.BARE_EN.match(own) and self.question.names
            points = (
                None if is_bare else pointing.SELECT_EN.search(own),
                pointing.REF_EN.search(own),
            )
        return any(is_generic(own[: one.start()]) for one in points if one)

    def _opens_with_rest(self) -> bool:
        """Whether it is what is left of the question before, or puts another thing in it: "for
        multimodal models?", 多模态的呢, "no, I meant LoRA".
        """
        own = self.own
        if pointing.MEANT.match(own):
            return True
        if self.rules == "en":
            return bool(pointing.ABOUT_EN.match(own)) or pointing.narrows_en(own)
        if pointing.WHICH_ZH.match(own) or pointing.PLACE_ZH.match(own):
            return True
        return self._only_names_zh() and not re.search(r"[^，,]{8,}[，,]", own)

    def _only_names_zh(self) -> bool:
        """Whether it names a thing and asks no more of it: 多模态的呢."""
        ends = pointing.ENDS_NE.search(self.own)
        return bool(ends) and not QUESTION_WORD_ZH.search(self.own)


def _simplified(text: str) -> str:
    """Return text with simplified characters, which the rules know, and its punctuation as it
    is.
    """
    folded = fold(text)
    if len(folded) != len(text):
        return folded
    return "".join(
        new if HAN_CHAR.match(old) else old for old, new in zip(text, folded, strict=True)
    )


def is_generic(text: str) -> bool:
    """Whether a question says nothing of its own: "who published it?"."""
    return all(word in pointing.GENERIC_EN for word in pointing.content_words(text))

"""A question and what was asked before -> the question as an LLM words it, so that it stands alone;
what it writes is checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from paperrag.conversation.followups import MAX_CHARS
from paperrag.conversation.history import Exchange
from paperrag.errors import GenerationError
from paperrag.llm.generator import Generator, Message, Stop, within
from paperrag.llm.prompts import harmless, rewrite_messages
from paperrag.llm.thoughts import taken_apart
from paperrag.question.record import Question
from paperrag.records import Language
from paperrag.text.language import HAN_CHAR, detect_language
from paperrag.text.markup import shorten

REWRITE_TIMEOUT_S = 20.0
"""Longest that an LLM may take to reword a question; the rules take no time."""

TOLD_QUESTIONS = 4
TOLD_TITLES = 5
"""Earlier questions, and titles that the last of them found, that an LLM is told."""

_REPLY_CHARS = 20_000
_TOLD_CHARS = 200


class Rewriter(Struct, frozen=True):
    """An LLM that words follow-up questions; `stop` ends the call."""

    generator: Generator
    timeout_s: float = REWRITE_TIMEOUT_S
    stop: Stop | None = None

    def rewritten(self, question: Question, history: Sequence[Exchange]) -> str:
        """Return a question as the LLM words it. Raises GenerationError for a reply that is no such
        question.
        """
        before = [_told(one.question) for one in history[-TOLD_QUESTIONS:]]
        cited = history[-1].answer.citations[:TOLD_TITLES]
        titles = [_told(citation.work or citation.entry.title) for citation in cited]
        before[-1] += f" → {'; '.join(titles)}" if titles else ""
        messages = rewrite_messages(question.raw, before, question.language)
        return _checked(taken_apart(self._reply(messages)).said, question.language)

    def _reply(self, messages: Sequence[Message]) -> str:
        reply, is_whole = "", False
        for piece in within(self.timeout_s, self.generator, messages, self.stop):
            reply, is_whole = reply + piece.text, is_whole or piece.is_end
            if len(reply) > _REPLY_CHARS:
                raise GenerationError("too_long", f"{len(reply)} characters")
        if not is_whole:
            raise GenerationError("cut")
        return reply


def _checked(reply: str, language: Language) -> str:
    line = re.sub(r"^\s*\d{1,2}[.、)]\s+", "", reply).strip().strip("\"“”'`*「」").strip()
    if not any(char.isalnum() for char in line):
        raise GenerationError("empty")
    if "\n" in line or len(line) > MAX_CHARS or "<think>" in line:
        raise GenerationError("too_long", "not one line that is a question")
    has_chinese = bool(HAN_CHAR.search(line))
    if not has_chinese if language == "zh" else detect_language(line) == "zh":
        raise GenerationError("language")
    return line


def _told(text: str) -> str:
    return shorten(re.sub(r"\s+", " ", harmless(text)), _TOLD_CHARS)

"""Question -> an answer that an LLM writes from evidence and that is proved, or the extractive one
with the reason.

    extractive answer ─> abstained? given as it is, the model is not called
                      └> evidence ─> prompt ─> reply, streamed ─> proof ─> Answer
                                                     └ fails ─> the extractive answer with a notice

What belongs to a list question is the program's judgement; the model writes the lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from paperrag.answer.citing import Citer, Verify
from paperrag.answer.quoting import Quoter
from paperrag.answer.strings import (
    ALSO_BELONG,
    LLM_FAILED,
    LLM_NOTICE,
    NOT_COVERED,
)
from paperrag.answer.wording import list_line
from paperrag.encoders.contract import Encoder, StateEncoder
from paperrag.errors import GenerationError
from paperrag.llm.evidence import Evidence, gather_evidence
from paperrag.llm.generator import Generator, Message, Stop
from paperrag.llm.prompts import AGAIN, again_messages, answer_messages
from paperrag.llm.replies import THOUGHT_TOKENS, Call, Reply, total_tokens
from paperrag.proof.proving import Proved, prove, so_far
from paperrag.proof.reply import ParsedReply, parse_reply
from paperrag.proof.strings import UNSUPPORTED_NOTE
from paperrag.proof.support import SupportScorer
from paperrag.records import Answer, Citation, Language
from paperrag.search.found import Found
from paperrag.text.language import HAN_CHAR, detect_language

OFFERED_ENTRIES = 20
"""Best entries that the model is offered beside those of the program's own answer."""

TEMPLATE_TOKENS = 300
"""At most of what chat templates put between messages."""


class Writer(Struct, frozen=True):
    """An LLM with its limits, and the encoder that proves what it writes."""

    generator: Generator
    proof_encoder: StateEncoder
    timeout_s: float
    reply_tokens: int


class Task(Struct, frozen=True):
    """What is to be written, and from what.

    question: as the model is asked it. extractive: the answer without an LLM. encoder: that of the
    index. is_list: whether all that the extractive answer cites belongs.
    """

    question: str
    extractive: Answer
    found: Found
    encoder: Encoder
    verify: Verify
    is_list: bool = False


def write_answer(task: Task, writer: Writer, stop: Stop | None = None) -> Iterator[Answer]:
    """Yield the answer as it is written; the last one is proved and whole.

    The extractive one is given as it is when it abstains, and with a `notice` when the LLM fails.
    stop: ends the call at the server.
    """
    extractive = task.extractive
    if extractive.abstained:
        yield extractive
        return
    try:
        yield from _Draft(task, writer, stop).written()
    except GenerationError as error:
        notice = failure_notice(error, writer.generator.name, extractive.language)
        yield replace(extractive, notice=notice)


def failure_notice(error: GenerationError, model: str, language: Language) -> str:
    """Return the line that says why the LLM's answer is not shown."""
    detail = f" ({error.detail})" if error.detail else ""
    reason = LLM_FAILED.get(error.reason, LLM_FAILED["failed"])[language]
    return LLM_NOTICE[language].format(model=model, reason=reason, detail=detail)


class _Draft:
    def __init__(self, task: Task, writer: Writer, stop: Stop | None) -> None:
        self.task, self.writer, self.language = task, writer, task.extractive.language
        self.evidence = self._gathered()
        self.messages = answer_messages(task.question, self.language, self.evidence)
        self.call = Call(writer.generator, writer.timeout_s, writer.reply_tokens, stop)

    def written(self) -> Iterator[Answer]:
        """Yield the answer as it grows, then proved; asked for once more where that may help.
        Raises GenerationError.
        """
        try:
            yield from self._attempt(self.messages, 0)
        except GenerationError as error:
            more = self._room() if error.reason == "thinking" else 0
            if error.reason not in AGAIN and not more:
                raise
            messages = self.messages
            if error.reason in AGAIN:
                said = "" if error.reason == "too_long" else self.call.said
                messages = again_messages(messages, said, error.reason, self.language)
            yield from self._attempt(messages, more)

    def _attempt(self, messages: Sequence[Message], more_tokens: int) -> Iterator[Answer]:
        for reply in self.call.replies(messages, more_tokens):
            answer = self._growing(reply.said) if reply.usage is None else self._proved(reply)
            yield replace(answer, thought=reply.thought)

    # --- what it is written from ------------------------------------------------------------------

    def _gathered(self) -> tuple[Evidence, ...]:
        task, found = self.task, self.task.found
        cited = [citation.entry.id for citation in task.extractive.citations]
        own = found.hits_of(cited)
        more = [hit for hit in found.hits(OFFERED_ENTRIES) if hit.entry.id not in cited]
        required, others = (own, more) if task.is_list else ([], [*own, *more])
        taken = self.writer.reply_tokens + self._overhead()
        budget = self.writer.generator.context_tokens - taken
        return gather_evidence(required, others, found.entries, budget)

    def _overhead(self) -> int:
        """Tokens of everything but the evidence."""
        empty = answer_messages(self.task.question, self.language, ())
        return total_tokens(empty) + TEMPLATE_TOKENS

    def _room(self) -> int:
        """Return how many more tokens a reply that was all thought may have, 0 if there is no
        room.
        """
        left = self.writer.generator.context_tokens - total_tokens(self.messages)
        return max(0, min(THOUGHT_TOKENS, left - self.writer.reply_tokens))

    # --- what becomes of a reply ------------------------------------------------------------------

    def _growing(self, said: str) -> Answer:
        text, order = so_far(said, len(self.evidence))
        return self._answer(text, [self._cite(n, one) for n, one in enumerate(order, 1)])

    def _proved(self, reply: Reply) -> Answer:
        parsed = parse_reply(reply.said, len(self.evidence))
        if NOT_COVERED[self.language].rstrip(".。") in reply.said and not parsed.cited:
            nearest = tuple(item.hit for item in self.evidence[:3])
            refusal = self._answer(NOT_COVERED[self.language], [])
            return replace(refusal, abstained=True, nearest=nearest, usage=reply.usage)
        self._check(reply.said, parsed)
        proved = self._held_against_notes(parsed)
        claim_of = {
            number: sentence.text
            for sentence in reversed(parsed.sentences)
            for number in sentence.ids
        }
        citations = [self._cite(n, one, claim_of.get(one)) for n, one in enumerate(proved.cited, 1)]
        text = proved.text
        if any(claim.status != "supported" for claim in proved.claims):
            text = f"{text}\n\n{UNSUPPORTED_NOTE[self.language]}"
        answer = self._answer(text, citations)
        return replace(answer, claims=proved.claims, report=proved.report, usage=reply.usage)

    def _held_against_notes(self, parsed: ParsedReply) -> Proved:
        return prove(
            parsed,
            SupportScorer(self.writer.proof_encoder, [item.whole for item in self.evidence]),
            [item.id for item in self.evidence if item.is_required],
            lambda number: list_line(self._cite(number, number)),
            ALSO_BELONG[self.language],
            self.language,
        )

    def _check(self, reply: str, parsed: ParsedReply) -> None:
        """Raise GenerationError for a reply that is no answer."""
        if not reply:
            raise GenerationError("empty")
        if not parsed.cited and not parsed.set_aside:
            raise GenerationError("uncited")
        words = " ".join(sentence.text for sentence in parsed.sentences)
        if words and self.language == "en" and detect_language(words) != "en":
            raise GenerationError("language")
        if words and self.language == "zh" and not _has_chinese(words):
            raise GenerationError("language")

    def _cite(self, number: int, one: int, claim: str | None = None) -> Citation:
        """Return a piece of evidence as citation [n], quoted for a claim or for the question."""
        quoter = Quoter(claim or self.task.question, self.task.encoder)
        hit = self.evidence[one - 1].hit
        return Citer(quoter, self.task.found.entries, self.task.verify).cite(number, hit)

    def _answer(self, text: str, citations: Sequence[Citation]) -> Answer:
        return Answer(
            self.task.question,
            self.language,
            "llm",
            self.writer.generator.name,
            False,
            text,
            tuple(citations),
            confidence=self.task.extractive.confidence,
        )


def _has_chinese(words: str) -> bool:
    """Whether a text that keeps many English names is Chinese all the same."""
    return detect_language(words) == "zh" or len(HAN_CHAR.findall(words)) >= len(words) / 10

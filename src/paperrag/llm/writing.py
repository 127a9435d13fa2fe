"""Question -> an answer that an LLM writes from evidence and that is proved, or the extractive one
with the reason.

    extractive answer ─> abstained? given as it is, the model is not called
                      └> evidence ─> prompt ─> reply, streamed ─> proof ─> Answer
                                                     └ fails ─> the extractive answer with a notice

What belongs to a list question is the program's judgement; the model writes the lines.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from paperrag.answer.citing import Quoter, Verify, cite
from paperrag.answer.strings import (
    ALSO_BELONG,
    LLM_FAILED,
    LLM_NOTICE,
    NOT_COVERED,
    UNSUPPORTED_NOTE,
)
from paperrag.answer.wording import list_line
from paperrag.encoders.contract import Encoder, StateEncoder
from paperrag.errors import GenerationError
from paperrag.llm.evidence import Evidence, gather_evidence
from paperrag.llm.generator import Generator, Message, Piece, Stop, estimate_tokens, within
from paperrag.llm.prompts import AGAIN, again_messages, answer_messages
from paperrag.llm.thoughts import Spoken, taken_apart
from paperrag.proof.reply import ParsedReply, parse_reply, prove, so_far
from paperrag.proof.support import SupportScorer
from paperrag.records import Answer, Citation, Language, Usage
from paperrag.search.found import Found
from paperrag.text.language import detect_language

OFFERED_ENTRIES = 20
"""Best entries that the model is offered beside those of the program's own answer."""

CHARS_PER_REPLY_TOKEN = 6
"""A reply with more characters for each token it may have is not one that the server kept in
bounds.
"""

THOUGHT_TOKENS = 4096
"""More tokens that a model gets whose first reply was cut off in thought."""

LEAST_UPDATE_S = 0.05
"""Pieces that come faster are shown together."""


@dataclass(frozen=True, slots=True)
class Writer:
    """An LLM with its limits, and the encoder that proves what it writes."""

    generator: Generator
    proof_encoder: StateEncoder
    timeout_s: float
    reply_tokens: int


def write_answer(
    question: str,
    extractive: Answer,
    found: Found,
    encoder: Encoder,
    verify: Verify,
    writer: Writer,
    is_list: bool,
    stop: Stop | None = None,
) -> Iterator[Answer]:
    """Yield the answer as it is written; the last one is proved and whole.

    question: as the model is asked it. encoder: that of the index. is_list: whether all that the
    extractive answer cites belongs. extractive: the answer without an LLM. Given as it is when it abstains, and with a `notice`
    when the LLM fails. stop: ends the call at the server.
    """
    if extractive.abstained:
        yield extractive
        return
    draft = _Draft(question, extractive, found, encoder, verify, writer, is_list, stop)
    try:
        yield from draft.written()
    except GenerationError as error:
        yield replace(
            extractive, notice=failure_notice(error, writer.generator.name, extractive.language)
        )


def failure_notice(error: GenerationError, model: str, language: Language) -> str:
    """Return the line that says why the LLM's answer is not shown."""
    detail = f" ({error.detail})" if error.detail else ""
    reason = LLM_FAILED.get(error.reason, LLM_FAILED["failed"])[language]
    return LLM_NOTICE[language].format(model=model, reason=reason, detail=detail)


class _Draft:
    def __init__(
        self,
        question: str,
        extractive: Answer,
        found: Found,
        encoder: Encoder,
        verify: Verify,
        writer: Writer,
        is_list: bool,
        stop: Stop | None,
    ) -> None:
        self.question, self.language, self.extractive = question, extractive.language, extractive
        self.entries, self.encoder = found.entries, encoder
        self.verify, self.writer, self.stop = verify, writer, stop
        ids = {citation.entry.id for citation in extractive.citations}
        place_of = {row: place for place, row in enumerate(found.scored.rows.tolist())}
        rows = [found.entries.row_of(citation.entry.id) for citation in extractive.citations]
        own = [
            found.hit(place_of[row], rank) for rank, row in enumerate(rows, 1) if row in place_of
        ]
        more = [hit for hit in found.hits(OFFERED_ENTRIES) if hit.entry.id not in ids]
        budget = writer.generator.context_tokens - writer.reply_tokens - self._overhead()
        required, others = (own, more) if is_list else ([], [*own, *more])
        self.evidence = gather_evidence(required, others, found.entries, budget)
        self.messages = answer_messages(question, self.language, self.evidence)
        self.start, self.reply = time.perf_counter(), Spoken("", "")

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
                said = "" if error.reason == "too_long" else self.reply.said
                messages = again_messages(messages, said, error.reason, self.language)
            yield from self._attempt(messages, more)

    def _attempt(self, messages: Sequence[Message], more_tokens: int) -> Iterator[Answer]:
        reply, thought, first_ms, shown_at = "", "", 0.0, 0.0
        last, self.reply = Piece(), Spoken("", "")
        left_s = self.writer.timeout_s - (time.perf_counter() - self.start)
        pieces = within(max(0.1, left_s), self.writer.generator, messages, self.stop, more_tokens)
        try:
            for piece in pieces:
                reply, thought = reply + piece.text, thought + piece.thought
                last = _counts(last, piece)
                if time.perf_counter() - shown_at < LEAST_UPDATE_S or not (reply or thought):
                    continue
                shown_at = time.perf_counter()
                self.reply = self._spoken(reply, thought, more_tokens)
                first_ms = first_ms or _since(self.start)
                yield self._growing()
            self.reply = self._spoken(reply, thought, more_tokens)
            if not last.is_end:
                raise GenerationError("cut")
        except GenerationError as error:
            self.reply = taken_apart(reply)
            if error.reason == "cut" and (thought or self.reply.thought) and not self.reply.said:
                raise GenerationError("thinking") from error
            raise
        usage = self._usage(messages, thought + reply, last, first_ms, _since(self.start))
        yield replace(self._proved(self.reply.said, usage), thought=self.reply.thought)

    def _spoken(self, reply: str, thought: str, more_tokens: int) -> Spoken:
        """Return a reply taken apart; thoughts and words have bounds of their own. Raises
        GenerationError for one that keeps to neither.
        """
        found = taken_apart(reply)
        found = replace(found, thought=f"{thought}{found.thought}")
        most = CHARS_PER_REPLY_TOKEN * self.writer.reply_tokens
        if len(found.said) > most or len(found.thought) > most + CHARS_PER_REPLY_TOKEN * max(
            more_tokens, THOUGHT_TOKENS
        ):
            raise GenerationError("too_long", f"{len(reply) + len(thought)} characters")
        return found

    def _room(self) -> int:
        """Return how many more tokens a reply that was all thought may have, 0 if there is no
        room.
        """
        left = self.writer.generator.context_tokens - _total(self.messages)
        return max(0, min(THOUGHT_TOKENS, left - self.writer.reply_tokens))

    def _growing(self) -> Answer:
        text, order = so_far(self.reply.said, len(self.evidence))
        cited = [
            self._cite(number, self.evidence[one - 1], self.question)
            for number, one in enumerate(order, 1)
        ]
        return replace(self._answer(text, cited), thought=self.reply.thought)

    def _proved(self, reply: str, usage: Usage) -> Answer:
        if (
            NOT_COVERED[self.language].rstrip(".。") in reply
            and not parse_reply(reply, len(self.evidence)).cited
        ):
            nearest = tuple(item.hit for item in self.evidence[:3])
            return replace(
                self._answer(NOT_COVERED[self.language], []),
                abstained=True,
                nearest=nearest,
                usage=usage,
            )
        parsed = parse_reply(reply, len(self.evidence))
        self._check(reply, parsed)
        scorer = SupportScorer(self.writer.proof_encoder, [item.whole for item in self.evidence])
        required = [item.id for item in self.evidence if item.is_required]
        proved = prove(
            parsed,
            scorer,
            required,
            self._extractive_line,
            ALSO_BELONG[self.language],
            self.language,
        )
        claim_of = {
            number: sentence.text
            for sentence in reversed(parsed.sentences)
            for number in sentence.ids
        }
        citations = [
            self._cite(number, self.evidence[one - 1], claim_of.get(one, self.question))
            for number, one in enumerate(proved.cited, 1)
        ]
        text = proved.text
        if any(claim.status != "supported" for claim in proved.claims):
            text = f"{text}\n\n{UNSUPPORTED_NOTE[self.language]}"
        return replace(
            self._answer(text, citations), claims=proved.claims, report=proved.report, usage=usage
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

    def _extractive_line(self, number: int) -> str:
        return list_line(self._cite(number, self.evidence[number - 1], self.question))

    def _cite(self, number: int, item: Evidence, claim: str) -> Citation:
        return cite(number, item.hit, Quoter(claim, self.encoder), self.entries, self.verify)

    def _answer(self, text: str, citations: Sequence[Citation]) -> Answer:
        model, sureness = self.writer.generator.name, self.extractive.confidence
        return Answer(
            self.question, self.language, "llm", model, False, text, tuple(citations), (), sureness
        )

    def _overhead(self) -> int:
        """Tokens of everything but the evidence, and what chat templates put between messages."""
        empty = answer_messages(self.question, self.language, ())
        return sum(estimate_tokens(message.content) for message in empty) + 300

    def _usage(
        self, messages: Sequence[Message], reply: str, last: Piece, first_ms: float, total_ms: float
    ) -> Usage:
        is_estimate = last.tokens_in is None or last.tokens_out is None
        tokens_in = _total(messages) if last.tokens_in is None else last.tokens_in
        tokens_out = estimate_tokens(reply) if last.tokens_out is None else last.tokens_out
        return Usage(tokens_in, tokens_out, is_estimate, first_ms, total_ms)


def _counts(last: Piece, piece: Piece) -> Piece:
    """Return the newest counts, and whether the end was seen."""
    return Piece(
        "",
        last.tokens_in if piece.tokens_in is None else piece.tokens_in,
        last.tokens_out if piece.tokens_out is None else piece.tokens_out,
        last.is_end or piece.is_end,
    )


def _has_chinese(words: str) -> bool:
    """Whether a text that keeps many English names is Chinese all the same."""
    return (
        detect_language(words) == "zh"
        or sum("\u4e00" <= char <= "\u9fff" for char in words) >= len(words) / 10
    )


def _total(messages: Sequence[Message]) -> int:
    return sum(estimate_tokens(message.content) for message in messages)


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 1)

"""Messages -> a reply as it grows, taken apart, within what an LLM may say; and what it took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from msgspec import Struct

from paperrag.config import LEAST_TIMEOUT_S
from paperrag.errors import GenerationError
from paperrag.llm.generator import Generator, Message, Piece, Stop, estimate_tokens, within
from paperrag.llm.thoughts import taken_apart
from paperrag.records import Usage

CHARS_PER_REPLY_TOKEN = 6
"""A reply with more characters for each token it may have is not one that the server kept in
bounds.
"""

THOUGHT_TOKENS = 4096
"""More tokens that a model gets whose first reply was cut off in thought."""

LEAST_UPDATE_S = 0.05
"""Pieces that come faster are shown together."""


class Reply(Struct, frozen=True):
    """What was thought and said so far; `usage` is None until it is whole."""

    thought: str
    said: str
    usage: Usage | None = None


class Call:
    """Asks an LLM once or more, within one time limit. `said`: the words of the last reply."""

    def __init__(
        self, generator: Generator, timeout_s: float, reply_tokens: int, stop: Stop | None
    ) -> None:
        self._generator, self._stop = generator, stop
        self._timeout_s, self._most = timeout_s, CHARS_PER_REPLY_TOKEN * reply_tokens
        self._start = time.perf_counter()
        self.said = ""

    def replies(self, messages: Sequence[Message], more_tokens: int) -> Iterator[Reply]:
        """Yield the reply as it grows, the last one whole. more_tokens: than usual, for thinking.

        Raises GenerationError, "thinking" where the reply was cut off before a word was said.
        """
        self.said = ""
        text, thought, last, first_ms, shown_at = "", "", Piece(), 0.0, 0.0
        left_s = max(LEAST_TIMEOUT_S, self._timeout_s - (time.perf_counter() - self._start))
        try:
            for piece in within(left_s, self._generator, messages, self._stop, more_tokens):
                text, thought = text + piece.text, thought + piece.thought
                last = _counts(last, piece)
                if time.perf_counter() - shown_at < LEAST_UPDATE_S or not (text or thought):
                    continue
                shown_at = time.perf_counter()
                first_ms = first_ms or self._since()
                yield self._bounded(text, thought, more_tokens)
            whole = self._bounded(text, thought, more_tokens)
            if not last.is_end:
                raise GenerationError("cut")
        except GenerationError as error:
            spoken = taken_apart(_joined(text))
            self.said = spoken.said
            if error.reason == "cut" and (thought or spoken.thought) and not spoken.said:
                raise GenerationError("thinking") from error
            raise
        usage = _usage(messages, thought + text, last, first_ms, self._since())
        yield Reply(whole.thought, whole.said, usage)

    def _bounded(self, text: str, thought: str, more_tokens: int) -> Reply:
        """Return a reply taken apart; thoughts and words have bounds of their own. Raises
        GenerationError for one that keeps to neither.
        """
        found = taken_apart(_joined(text))
        self.said = found.said
        thought = f"{_joined(thought)}{found.thought}"
        more = CHARS_PER_REPLY_TOKEN * max(more_tokens, THOUGHT_TOKENS)
        if len(found.said) > self._most or len(thought) > self._most + more:
            raise GenerationError("too_long", f"{len(text) + len(thought)} characters")
        return Reply(thought, found.said)

    def _since(self) -> float:
        return round((time.perf_counter() - self._start) * 1000, 1)


def _joined(text: str) -> str:
    """Return text whose characters servers may have cut in two, each half in a piece; a half alone
    cannot be printed, and is left out.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def total_tokens(messages: Sequence[Message]) -> int:
    """Return about how many tokens messages have."""
    return sum(estimate_tokens(message.content) for message in messages)


def _usage(
    messages: Sequence[Message], reply: str, last: Piece, first_ms: float, total_ms: float
) -> Usage:
    is_estimate = last.tokens_in is None or last.tokens_out is None
    tokens_in = total_tokens(messages) if last.tokens_in is None else last.tokens_in
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

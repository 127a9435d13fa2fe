"""Any LlamaIndex LLM object as a Generator. LlamaIndex's types never leave this file."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from llama_index.core.llms import LLM, ChatMessage, MessageRole

from paperrag.errors import ConfigError, GenerationError
from paperrag.llm.bodies import REASONS, words_of
from paperrag.llm.generator import Message, Piece, Stop

log = logging.getLogger("paperrag")


class LlamaIndexGenerator:
    """Streams chats of a LlamaIndex LLM."""

    def __init__(self, llm: LLM, name: str, context_tokens: int) -> None:
        self.name = name
        self.context_tokens = context_tokens
        self._llm = llm

    def stream(
        self, messages: Sequence[Message], stop: Stop, more_tokens: int = 0
    ) -> Iterator[Piece]:
        """Yield the reply as it comes; see `Generator`. The object decides how long it may be.
        Raises GenerationError.
        """
        chat = [
            ChatMessage(role=MessageRole(message.role), content=message.content)
            for message in messages
        ]
        try:
            with closing(self._llm.stream_chat(chat)) as responses:
                for response in responses:
                    yield _piece(response)
        except Exception as error:  # clients raise what they like; each kind gets its sentence
            log.debug("the model failed", exc_info=True)
            raise _failure(error) from error
        yield Piece(is_end=True)

    def unreached(self) -> str:
        """Return "": an object does not say without being asked."""
        return ""


def from_llm(llm: Any, context_tokens: int) -> LlamaIndexGenerator:
    """Return a generator over a LlamaIndex LLM object. Raises ConfigError for anything else."""
    if not isinstance(llm, LLM):
        raise ConfigError(
            f"llm: expected a text such as 'ollama:qwen3:4b' or a LlamaIndex LLM, got "
            f"{type(llm).__name__}"
        )
    metadata = llm.metadata
    return LlamaIndexGenerator(
        llm, metadata.model_name or type(llm).__name__, min(metadata.context_window, context_tokens)
    )


def _piece(response: Any) -> Piece:
    usage = _field(response.raw, "usage")
    choices = _field(response.raw, "choices")
    reasons = (
        _field(response.raw, "done_reason"),
        _field(choices[0], "finish_reason") if choices else None,
    )
    if "length" in reasons:
        raise GenerationError("cut", "at the longest reply allowed")
    return Piece(
        response.delta or "",
        _field(usage, "prompt_tokens") if usage else None,
        _field(usage, "completion_tokens") if usage else None,
    )


def _field(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, dict) else getattr(record, name, None)


def _failure(error: Exception) -> GenerationError:
    """Return what a client's exception means to the user, told by its name and status: which
    library raised it is not known here.
    """
    if isinstance(error, GenerationError):
        return error
    name, detail = type(error).__name__, words_of(str(error))
    if "Timeout" in name:
        return GenerationError("timeout")
    if isinstance(error, ConnectionError) or "Connect" in name:
        return GenerationError("unreachable", "is it running?")
    status = getattr(error, "status_code", None)
    reason = (REASONS | {404: "unknown_model"}).get(status)  # type: ignore[arg-type]  # or None
    if reason is not None:
        return GenerationError(reason, f"{status}: {detail}")
    return GenerationError("failed", f"{name}: {detail}")

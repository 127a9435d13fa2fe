"""LlamaIndex LLMs as Generators: Ollama, OpenAI, servers that speak OpenAI's API, or any LLM
object.

LlamaIndex's types never leave this file. Raises GenerationError with the reason by what the client
met.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import openai
from llama_index.core.llms import LLM, ChatMessage, MessageRole
from llama_index.llms.ollama import Ollama
from llama_index.llms.openai import OpenAI
from llama_index.llms.openai.utils import openai_modelname_to_contextsize
from llama_index.llms.openai_like import OpenAILike
from ollama import ResponseError

from paperrag.errors import ConfigError, GenerationError
from paperrag.llm.generator import Message, Piece

OLLAMA_URL, OPENAI_URL = "http://127.0.0.1:11434", "https://api.openai.com/v1"

_ENDS = {"stop", "end_turn", "eos"}
_DETAIL_CHARS = 160

log = logging.getLogger("paperrag")


class LlamaIndexGenerator:
    """Streams chats of a LlamaIndex LLM."""

    def __init__(self, llm: LLM, name: str, context_tokens: int) -> None:
        self.name = name
        self.context_tokens = context_tokens
        self._llm = llm

    def stream(self, messages: Sequence[Message]) -> Iterator[Piece]:
        """Yield the reply as it comes. Raises GenerationError."""
        chat = [
            ChatMessage(role=MessageRole(message.role), content=message.content)
            for message in messages
        ]
        told_how_it_ends = False
        try:
            for response in self._llm.stream_chat(chat):
                piece = _piece(response)
                told_how_it_ends = told_how_it_ends or _finish(response.raw) is not None
                yield piece
        except Exception as error:  # clients raise what they like; each kind gets its sentence
            log.debug("the model failed", exc_info=True)
            raise _failure(error) from error
        if not told_how_it_ends and not _tells_ends(self._llm):
            yield Piece("", is_end=True)


def from_spec(
    spec: str, timeout_s: float, context_tokens: int, reply_tokens: int
) -> LlamaIndexGenerator:
    """Return the generator of "ollama:MODEL", "openai:MODEL" or "openai-like:MODEL".

    Addresses and keys come from OLLAMA_HOST, OPENAI_BASE_URL and OPENAI_API_KEY. Raises
    ConfigError if one is missing.
    """
    kind, _, model = spec.partition(":")
    makers = {"ollama": _ollama, "openai": _openai, "openai-like": _openai_like}
    if kind not in makers or not model:
        raise ConfigError(
            f"llm: expected 'none', 'ollama:MODEL', 'openai:MODEL' or 'openai-like:MODEL', got "
            f"{spec!r}"
        )
    return LlamaIndexGenerator(
        makers[kind](model, timeout_s, context_tokens, reply_tokens), spec, context_tokens
    )


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


def _ollama(model: str, timeout_s: float, context_tokens: int, reply_tokens: int) -> Any:
    host = os.environ.get("OLLAMA_HOST", "").strip() or OLLAMA_URL
    return Ollama(
        model=model,
        # What a server listens on is no address to ask. Without a scheme the client takes port
        # 11434 where none is given.
        base_url=host.replace("0.0.0.0", "127.0.0.1"),
        request_timeout=timeout_s,
        context_window=context_tokens,  # sent as num_ctx: Ollama's own default cuts evidence silently
        thinking=False,
        temperature=0.0,
        additional_kwargs={"num_predict": reply_tokens},
    )


def _openai(model: str, timeout_s: float, context_tokens: int, reply_tokens: int) -> Any:
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key:
        raise ConfigError("llm openai: needs a key; set OPENAI_API_KEY")
    common = _openai_options(
        model, key, os.environ.get("OPENAI_BASE_URL") or OPENAI_URL, timeout_s, reply_tokens
    )
    try:
        openai_modelname_to_contextsize(model)
    except ValueError:  # newer than LlamaIndex's table
        return OpenAILike(**common, context_window=context_tokens, is_chat_model=True)
    return OpenAI(**common)


def _openai_like(model: str, timeout_s: float, context_tokens: int, reply_tokens: int) -> Any:
    base = os.environ.get("OPENAI_BASE_URL", "")
    if not base:
        raise ConfigError(
            "llm openai-like: needs the server's address; set OPENAI_BASE_URL, such as "
            "http://127.0.0.1:8000/v1"
        )
    common = _openai_options(
        model, os.environ.get("OPENAI_API_KEY") or "none", base, timeout_s, reply_tokens
    )
    return OpenAILike(**common, context_window=context_tokens, is_chat_model=True)


def _openai_options(
    model: str, key: str, base: str, timeout_s: float, reply_tokens: int
) -> dict[str, Any]:
    return {
        "model": model,
        "api_key": key,
        "api_base": base,
        "timeout": timeout_s,
        "max_retries": 0,
        "max_tokens": reply_tokens,
        "temperature": 0.0,
        "additional_kwargs": {"stream_options": {"include_usage": True}},
    }


def _piece(response: Any) -> Piece:
    raw = response.raw
    usage = _field(raw, "usage")
    counts = (
        [_field(usage, name) for name in ("prompt_tokens", "completion_tokens")]
        if usage
        else [None, None]
    )
    finish = _finish(raw)
    if finish == "length":
        raise GenerationError("cut", "at the longest reply allowed, llm_reply_tokens")
    return Piece(response.delta or "", counts[0], counts[1], finish in _ENDS)


def _finish(raw: Any) -> str | None:
    """Return how the server says that the reply ended, None while it goes on."""
    if _field(raw, "done"):
        return str(_field(raw, "done_reason") or "stop")
    choices = _field(raw, "choices")
    reason = _field(choices[0], "finish_reason") if choices else None
    return str(reason) if reason else None


def _tells_ends(llm: LLM) -> bool:
    return isinstance(llm, OpenAI | Ollama)


def _field(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, dict) else getattr(record, name, None)


def _failure(error: Exception) -> GenerationError:
    """Return what a client's exception means to the user."""
    if isinstance(error, GenerationError):
        return error
    status = getattr(error, "status_code", None)
    detail = " ".join(str(error).split())[:_DETAIL_CHARS]
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return GenerationError("timeout")
    if isinstance(error, openai.APIConnectionError | httpx.ConnectError | ConnectionError):
        return GenerationError("unreachable", "is it running?")
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return GenerationError("cut")
    if isinstance(error, ResponseError | openai.APIStatusError) and status:
        reasons = {401: "refused", 403: "refused", 404: "unknown_model", 429: "busy", 503: "busy"}
        return GenerationError(reasons.get(status, "failed"), f"{status}: {detail}")
    return GenerationError("failed", f"{type(error).__name__}: {detail}")

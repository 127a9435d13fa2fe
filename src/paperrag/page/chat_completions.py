"""The notes as a model: requests and answers in the shape of OpenAI's chat completions.

The last message is the question. Answers end with their sources; what was cited, and all else that
`ask --json` says, stands in the field "paperrag". Follow-up questions are understood where the
messages before them are ours.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import takewhile
from threading import Lock
from typing import Any

from paperrag.conversation.history import Exchange, exchange
from paperrag.errors import QueryError
from paperrag.output.as_json import ask_json
from paperrag.output.terminal import answer_text
from paperrag.page.api import Api
from paperrag.records import Answer

MODEL = "paperrag"
"""Asks all collections; "paperrag/NAME" asks one of them."""

REMEMBERED = 500
"""Answers whose text is known again when a client sends it back as history."""


class ChatCompletions:
    """Answers chats, taking turns with the other calls of an API."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._given: OrderedDict[str, Exchange] = OrderedDict()
        self._lock = Lock()

    def models(self) -> dict[str, Any]:
        """Return the notes as a model, and each of several collections as one."""
        names = [MODEL, *(f"{MODEL}/{name}" for name in self._api.collections)]
        rest = {"object": "model", "created": 0, "owned_by": MODEL}
        return {"object": "list", "data": [{"id": name, **rest} for name in names]}

    def whole(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a chat. Raises QueryError."""
        *_, (answer, took_ms) = self._steps(body)
        message = {"role": "assistant", "content": self._remembered(answer)}
        return {
            **_frame("chat.completion"),
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": _usage(answer),
            "paperrag": ask_json(answer, took_ms),
        }

    def stream(self, body: Mapping[str, Any]) -> Iterator[dict[str, Any] | str]:
        """Yield the answer to a chat in pieces, then "[DONE]". Raises QueryError at the first."""
        frame = _frame("chat.completion.chunk")
        sent = before = ""
        steps = self._steps(body)
        answer, took_ms = next(steps)
        yield {**frame, "choices": [_choice({"role": "assistant", "content": ""})]}
        for following in steps:
            agreed = _agreed(before, answer.text)
            if len(agreed) > len(sent) and agreed.startswith(sent):
                yield {**frame, "choices": [_choice({"content": agreed[len(sent) :]})]}
                sent = agreed
            before, (answer, took_ms) = answer.text, following
        text = self._remembered(answer)
        rest = text[len(sent) :] if text.startswith(sent) else f"\n\n{text}"
        yield {**frame, "choices": [_choice({"content": rest})]}
        end = {**frame, "choices": [_choice({}, "stop")], "paperrag": ask_json(answer, took_ms)}
        yield end | {"usage": _usage(answer)}
        yield "[DONE]"

    def _steps(self, body: Mapping[str, Any]) -> Iterator[tuple[Answer, float]]:
        messages = _messages(body)
        said = [text for role, text in messages[:-1] if role == "assistant"]
        with self._lock:
            history = [self._given[text] for text in said if text in self._given]
        asked = self._api.of(_collection(body))
        return self._api.in_turn(asked.ask_stream(messages[-1][1], history=history))

    def _remembered(self, answer: Answer) -> str:
        text = answer_text(answer)
        with self._lock:
            self._given[text.strip()] = exchange(answer)
            if len(self._given) > REMEMBERED:
                self._given.popitem(last=False)
        return text


def _collection(body: Mapping[str, Any]) -> str:
    """Return the collection that a chat's model names, "" for any other model: all."""
    model, _, name = str(body.get("model", "")).partition("/")
    return name if model == MODEL else ""


def _agreed(one: str, other: str) -> str:
    """Return how both texts begin."""
    length = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )
    return one[:length]


def _messages(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (role, text) of each message; the last one is the user's. Raises QueryError."""
    given = body.get("messages")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise QueryError('messages: expected a list such as [{"role": "user", "content": "…"}]')
    messages = [(str(one.get("role")), _text(one.get("content")).strip()) for one in given]
    if not messages or messages[-1][0] != "user":
        raise QueryError("messages: the last one must be the user's question")
    return messages


def _text(content: object) -> str:
    if isinstance(content, list):  # parts, of which those of text are read
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _frame(kind: str) -> dict[str, Any]:
    name = f"chatcmpl-{uuid.uuid4().hex}"
    return {"id": name, "object": kind, "created": int(time.time()), "model": MODEL}


def _choice(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _usage(answer: Answer) -> dict[str, int]:
    """Return the tokens that a model behind the notes took; none without one."""
    read, wrote = (answer.usage.tokens_in, answer.usage.tokens_out) if answer.usage else (0, 0)
    return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}

"""The body of a server's answer -> pieces of a reply: OpenAI's events, Ollama's lines, or one JSON
where a stream was asked for. Knows no HTTP.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from paperrag.errors import GenerationError
from paperrag.llm.generator import Piece
from paperrag.text.patterns import lazy_pattern

DETAIL_CHARS = 160
"""Longest part of a server's own words that is shown."""

REASONS = {401: "refused", 402: "unpaid", 403: "refused", 429: "busy", 503: "busy", 529: "busy"}
"""Why a server does not answer, by the status that it sends."""

_TAGS = lazy_pattern(
    r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE
)
_WORD_FIELDS = ("error", "message", "detail", "msg", "title", "reason")
_THOUGHT_FIELDS = ("reasoning_content", "reasoning", "thinking", "thought")


def pieces_of(lines: Iterable[str]) -> Iterator[Piece]:
    """Yield the pieces that lines of a body hold. Raises GenerationError for a body that holds
    none, or that tells an error.
    """
    unread: list[str] = []
    is_known = False
    for line in lines:
        text = _payload(line)
        if text == "[DONE]":
            is_known = True
            yield Piece(is_end=True)
        elif (record := _record(text)) is not None and not unread:
            is_known = True
            yield piece_of(record)
        elif text:
            unread.append(text)
    if is_known:
        return
    whole = "\n".join(unread)
    record = _record(whole)
    if record is None:
        raise not_an_api(whole)
    yield piece_of(record)


def models_of(text: str) -> list[str]:
    """Return the names in a server's list of models, [] for anything else."""
    record = _record(text) or {}
    listed = record.get("data") or record.get("models")
    rows = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return [str(row[name]) for row in rows for name in ("id", "name", "model") if row.get(name)]


def piece_of(record: Mapping[str, Any]) -> Piece:
    """Return the piece of one event, line or whole answer; an empty one for odd ones. Raises
    GenerationError.
    """
    if record.get("error"):
        raise GenerationError("failed", words_of(record))
    choice = _first(record.get("choices"))
    message = choice.get("delta") or choice.get("message") or record.get("message") or {}
    if not isinstance(message, Mapping):
        message = {"content": message}
    text, thought = _parts(message.get("content") or choice.get("text") or record.get("response"))
    for name in _THOUGHT_FIELDS:
        if isinstance(message.get(name), str) and message[name]:
            thought += message[name]
            break
    usage = record.get("usage") or {}
    finish = choice.get("finish_reason") or (
        (record.get("done_reason") or "stop") if record.get("done") else None
    )
    return Piece(
        text,
        _count(usage.get("prompt_tokens", record.get("prompt_eval_count"))),
        _count(usage.get("completion_tokens", record.get("eval_count"))),
        _is_end(finish),
        thought,
    )


def words_of(body: str | Mapping[str, Any]) -> str:
    """Return what a server says of a failure, in one line of plain words."""
    record = _record(body) if isinstance(body, str) else body
    text = _said(record) if record is not None else ""
    if not text and isinstance(body, str) and record is None:
        text = _TAGS.sub(" ", body)
    text = " ".join(text.split())
    return text if len(text) <= DETAIL_CHARS else text[: DETAIL_CHARS - 1] + "…"


def not_an_api(body: str) -> GenerationError:
    """Return what to say of a body that no model's API sends."""
    said = words_of(body)
    return GenerationError("not_api", f"it says “{said}”" if said else "its answer is empty")


def _payload(line: str) -> str:
    line = line.strip().removeprefix("\ufeff")
    if line.startswith("data:"):
        return line[5:].strip()
    return "" if re.match(r"(?::|event:|id:|retry:)", line) else line


def _record(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _first(items: Any) -> Mapping[str, Any]:
    return items[0] if isinstance(items, list) and items and isinstance(items[0], Mapping) else {}


def _parts(content: Any) -> tuple[str, str]:
    """Return the text and the thought of a content, which may be a list of typed parts."""
    if isinstance(content, str):
        return content, ""
    text = thought = ""
    for part in content if isinstance(content, list) else []:
        if isinstance(part, str):
            text += part
        elif isinstance(part, Mapping):
            if "thinking" in part:
                thought += "".join(_parts(part["thinking"]))
            else:
                text += str(part.get("text") or "")
    return text, thought


def _count(number: Any) -> int | None:
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _is_end(finish: Any) -> bool:
    """Whether the model ended by itself. Raises GenerationError if it was ended."""
    if finish in ("length", "max_tokens", "MAX_TOKENS"):
        raise GenerationError("cut", "at the longest reply allowed, llm_reply_tokens")
    if finish == "content_filter":
        raise GenerationError("failed", "the server's content filter stopped the reply")
    return bool(finish)


def _said(found: Any) -> str:
    """Return the first words in an error, however deep they lie."""
    if isinstance(found, str):
        return found
    if isinstance(found, Mapping):
        inner = [_said(found[name]) for name in _WORD_FIELDS if name in found]
        return next((text for text in inner if text), "")
    if isinstance(found, list):
        return "; ".join(text for text in map(_said, found[:3]) if text)
    return ""

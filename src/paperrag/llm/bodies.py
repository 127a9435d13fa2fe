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
_ANSWER_FIELDS = ("choices", "response", "done")
_CUT_WORDS, _ENDED_WORDS = ("length", "max_tokens"), ("filter", "safety", "error", "resource")
"""Within why a reply ended: at the longest that is allowed; by the server."""

MOST_UNREAD = 1_000_000
"""Characters of a body that are read without finding a reply in them."""


def lines_of(parts: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of a body, which is UTF-8 whatever its header says. They end at LF and CR
    alone: the other ends that Python knows may stand within JSON.
    """
    rest = b""
    for part in parts:
        lines = (rest + part).splitlines(keepends=True)
        rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        yield from (line.decode("utf-8", "replace") for line in lines)
    yield rest.decode("utf-8", "replace")


def pieces_of(lines: Iterable[str]) -> Iterator[Piece]:
    """Yield the pieces that lines of a body hold, until it says that it is done. Raises
    GenerationError for a body that holds none, or that tells an error.
    """
    unread: list[str] = []
    is_known = False
    for line in lines:
        text, is_event = _payload(line)
        if text == "[DONE]":
            yield Piece(is_end=True)
            return
        if not text:
            unread = [] if is_known else unread
            continue
        is_whole = is_event or is_known or not unread
        record = (_record(text) if is_whole else None) or _record("\n".join([*unread, text]))
        if record:
            is_known, unread = True, []
            yield piece_of(record)
        elif is_event or not is_known:
            unread.append(text)
        if sum(map(len, unread)) > MOST_UNREAD:
            raise not_an_api("\n".join(unread))
    if not is_known:
        raise not_an_api("\n".join(unread))


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
    choice = _first(record.get("choices"))
    message = choice.get("delta") or choice.get("message") or record.get("message") or {}
    if record.get("error") or (_is_no_answer(record) and words_of(record)):
        raise GenerationError("failed", words_of(record))
    if not isinstance(message, Mapping):
        message = {"content": message}
    if message.get("refusal"):
        raise GenerationError("failed", "the model refuses to answer")
    text, thought = _parts(message.get("content") or choice.get("text") or record.get("response"))
    for name in _THOUGHT_FIELDS:
        if isinstance(message.get(name), str) and message[name]:
            thought += message[name]
            break
    counts = record.get("usage")
    usage = counts if isinstance(counts, Mapping) else {}
    finish = choice.get("finish_reason") or (
        (record.get("done_reason") or "stop") if record.get("done") else None
    )
    return Piece(
        text,
        _count(usage.get("prompt_tokens", record.get("prompt_eval_count"))),
        _count(usage.get("completion_tokens", record.get("eval_count"))),
        _is_end(finish) or (not choice.get("delta") and bool(choice.get("message"))),
        thought,
    )


def _is_no_answer(record: Mapping[str, Any]) -> bool:
    """Whether a record holds nothing where servers put what a model says."""
    is_message = isinstance(record.get("message"), Mapping)
    return not is_message and not any(name in record for name in _ANSWER_FIELDS)


def words_of(body: str | Mapping[str, Any]) -> str:
    """Return what a server says of a failure, in one line of plain words."""
    found = _json(body) if isinstance(body, str) else body
    text = _said(found)
    if not text and isinstance(body, str) and not isinstance(found, Mapping | list):
        text = _TAGS.sub(" ", body)
    text = " ".join(text.split())
    return text if len(text) <= DETAIL_CHARS else text[: DETAIL_CHARS - 1] + "…"


def not_an_api(body: str) -> GenerationError:
    """Return what to say of a body that no model's API sends."""
    said = words_of(body)
    found = f"it says “{said}”" if said else "its answer holds no words"
    return GenerationError("not_api", found if body.strip() else "its answer is empty")


def _payload(line: str) -> tuple[str, bool]:
    """Return what a line holds, and whether it says so of itself, as an event's data does."""
    line = line.strip().lstrip("\ufeff")
    if line.startswith("data:"):
        return line[5:].strip(), True
    return "" if re.match(r"(?::|event:|id:|retry:)", line) else line, False


def _record(text: str) -> dict[str, Any] | None:
    found = _json(text) if text.startswith("{") and text.endswith("}") else None
    return found if isinstance(found, dict) else None


def _json(text: str) -> Any:
    """Return what a text is in JSON, None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _first(items: Any) -> Mapping[str, Any]:
    """Return the first choice, where it is there: more than one was not asked for."""
    choice = items[0] if isinstance(items, list) and items else None
    return choice if isinstance(choice, Mapping) and not choice.get("index") else {}


def _parts(content: Any) -> tuple[str, str]:
    """Return the text and the thought of a content, which may be typed parts."""
    if isinstance(content, str):
        return content, ""
    if isinstance(content, list):
        found = [_parts(part) for part in content]
        return "".join(text for text, _ in found), "".join(thought for _, thought in found)
    if not isinstance(content, Mapping):
        return "", ""
    if "thinking" in content:
        return "", "".join(_parts(content["thinking"]))
    return _parts(content.get("text") or content.get("value"))


def _count(number: Any) -> int | None:
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _is_end(finish: Any) -> bool:
    """Whether the model ended by itself. Raises GenerationError if it was ended."""
    why = "" if finish in (None, "null") else str(finish).lower()
    if any(word in why for word in _CUT_WORDS):
        raise GenerationError("cut", "at the longest reply allowed, llm_reply_tokens")
    if any(word in why for word in _ENDED_WORDS):
        raise GenerationError("failed", f"the server ended the reply: {why.replace('_', ' ')}")
    return bool(why)


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

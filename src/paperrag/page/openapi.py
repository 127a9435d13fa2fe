"""What the HTTP API takes and gives, as OpenAPI: written by hand, held against the routes by a test."""

from __future__ import annotations

from typing import Any


def _parameter(name: str, where: str, about: str, kind: str = "string") -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": about,
        "schema": {"type": kind},
    }


def _call(summary: str, *parameters: dict[str, Any], takes: dict[str, Any] | None = None) -> Any:
    body = {"required": True, "content": {"application/json": {"schema": takes}}}
    return {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {"200": {"description": "JSON, or events where `stream` is true"}},
        **({"requestBody": body} if takes else {}),
    }


_FILTERS = {
    "section": "only under headings or parents that match",
    "file": "only in files that match",
    "kind": "'note' or 'abstract'",
    "lang": "'zh' or 'en'",
}
_FILTER_PARAMETERS = [_parameter(name, "query", about) for name, about in _FILTERS.items()]
_ASK = {
    "type": "object",
    "required": ["question"],
    "properties": {
        "question": {"type": "string"},
        "k": {"type": "integer", "description": "entries to cite at most"},
        "after": {"type": "object", "description": "the answer that the question follows up"},
        "stream": {"type": "boolean", "description": "the answer as it grows, an event each"},
        **{name: {"type": "string", "description": about} for name, about in _FILTERS.items()},
    },
}
_CHAT = {
    "type": "object",
    "required": ["messages"],
    "properties": {
        "messages": {"type": "array", "items": {"type": "object"}},
        "model": {"type": "string"},
        "stream": {"type": "boolean"},
    },
}

OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "paperrag",
        "description": "Your own notes on papers. The JSON is that of `paperrag search --json` and "
        "`paperrag ask --json`.",
    },
    "paths": {
        "/search": {
            "get": _call(
                "Entries nearest to a query, best first",
                _parameter("q", "query", "the query, Chinese or English"),
                _parameter("k", "query", "entries to return", "integer"),
                *_FILTER_PARAMETERS,
            )
        },
        "/ask": {"post": _call("A cited answer, or that the notes do not cover it", takes=_ASK)},
        "/entries/{entry_id}": {
            "get": _call("One entry whole", _parameter("entry_id", "path", "its id, URL-encoded"))
        },
        "/notes/{source}": {
            "get": _call(
                "Lines of a note file as it is now",
                _parameter("source", "path", "its name, as in results"),
                _parameter("line_start", "query", "first line, from 1", "integer"),
                _parameter("line_end", "query", "last line", "integer"),
            )
        },
        "/health": {"get": _call("Version, number of entries, and what is wrong")},
        "/openapi.json": {"get": _call("This document")},
        "/v1/models": {"get": _call("The notes as a model")},
        "/v1/chat/completions": {
            "post": _call("The notes as a model, in the shape of OpenAI's chats", takes=_CHAT)
        },
    },
}

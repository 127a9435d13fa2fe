"""What the HTTP API takes and gives, as OpenAPI: the shapes of the contract, held against the
routes by a test.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from paperrag.index.recipe import package_version
from paperrag.output.shapes import AskShape, EntryShape, NoteShape, SearchShape

_GIVEN = (SearchShape, AskShape, EntryShape, NoteShape)
_SCHEMAS = "#/components/schemas/"

_FILTERS = {
    "section": "only under headings or parents that match",
    "file": "only in files that match",
    "kind": "'note' or 'abstract'",
    "lang": "'zh' or 'en'",
    "tag": "only what has this tag or stands below it; several between commas: all of them",
}
_COLLECTION = "of several collections those that are asked, between commas; all without it"
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type"],
            "properties": {"message": {"type": "string"}, "type": {"type": "string"}},
        }
    },
}
_ASK = {
    "type": "object",
    "required": ["question"],
    "properties": {
        "question": {"type": "string"},
        "k": {"type": "integer", "description": "entries to cite at most"},
        "after": {"$ref": f"{_SCHEMAS}AskShape"},
        "stream": {"type": "boolean", "description": "the answer as it grows, an event each"},
        **{name: {"type": "string", "description": about} for name, about in _FILTERS.items()},
        "collection": {"type": "string", "description": _COLLECTION},
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


def _parameter(name: str, where: str, about: str, kind: str = "string") -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": about,
        "schema": {"type": kind},
    }


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _call(
    summary: str,
    gives: type[msgspec.Struct] | None = None,
    *parameters: dict[str, Any],
    takes: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return one call; gives: its shape, None where it is that of another contract."""
    given = {"$ref": f"{_SCHEMAS}{gives.__name__}"} if gives else {"type": "object"}
    told = "JSON, or events where `stream` is true" if takes else "JSON"
    return {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {
            "200": {"description": told, **_content(given)},
            "400": {"description": "what is wrong with the call, in words", **_content(_ERROR)},
            "503": {"description": "what keeps it from being answered", **_content(_ERROR)},
        },
        **({"requestBody": {"required": True, **_content(takes)}} if takes else {}),
    }


_PATHS = {
    "/search": {
        "get": _call(
            "Entries nearest to a query, best first",
            SearchShape,
            _parameter("q", "query", "the query, Chinese or English"),
            _parameter("k", "query", "entries to return", "integer"),
            *(_parameter(name, "query", about) for name, about in _FILTERS.items()),
            _parameter("collection", "query", _COLLECTION),
        )
    },
    "/ask": {
        "post": _call("A cited answer, or that the notes do not cover it", AskShape, takes=_ASK)
    },
    "/entries/{entry_id}": {
        "get": _call(
            "One entry whole",
            EntryShape,
            _parameter("entry_id", "path", "its id, URL-encoded"),
            _parameter("collection", "query", _COLLECTION),
        )
    },
    "/notes/{source}": {
        "get": _call(
            "Lines of a note file as it is now",
            NoteShape,
            _parameter("source", "path", "its name, as in results"),
            _parameter("line_start", "query", "first line, from 1", "integer"),
            _parameter("line_end", "query", "last line", "integer"),
            _parameter("collection", "query", _COLLECTION),
        )
    },
    "/health": {"get": _call("Version, number of entries, and what is wrong")},
    "/openapi.json": {"get": _call("This document")},
    "/docs": {"get": _call("The same as a page to read")},
    "/v1/models": {"get": _call("The notes as a model")},
    "/v1/chat/completions": {
        "post": _call("The notes as a model, in the shape of OpenAI's chats", takes=_CHAT)
    },
}


@lru_cache(maxsize=1)
def openapi() -> dict[str, Any]:
    """Return the document."""
    _, shapes = msgspec.json.schema_components(_GIVEN, ref_template=_SCHEMAS + "{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "paperrag",
            "version": package_version(),
            "description": "Your own notes on papers. The JSON is that of `paperrag search --json` "
            "and `paperrag ask --json`.",
        },
        "paths": _PATHS,
        "components": {"schemas": shapes},
    }

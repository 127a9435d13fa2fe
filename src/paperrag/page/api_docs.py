"""The OpenAPI document -> a page that a person reads: every call with what it takes and gives. It
is HTML alone: no script, nothing from elsewhere.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --faint: color-mix(in srgb, currentColor 70%, transparent); }
body { font: 15px/1.65 system-ui, sans-serif; max-width: 46rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 22px; } h2 { font-size: 17px; margin: 2.2rem 0 .3rem; overflow-wrap: anywhere; }
h2 b { margin-right: .6em; color: var(--faint); font-size: 13px; } p { margin: .3rem 0 .8rem; }
code, pre { font: 13px/1.6 ui-monospace, monospace; } h2 code { font-size: 15px; }
summary { cursor: pointer; padding: .3rem 0; }
pre { border: 1px solid var(--faint); border-radius: 8px; padding: .7rem .9rem; overflow-x: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; }
dd { margin: 0; color: var(--faint); } @media (max-width: 40rem) { dl { grid-template-columns: 1fr; } }
"""


def api_docs(document: Mapping[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    info = document["info"]
    calls = "".join(
        _call_html(method.upper(), path, call)
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    )
    shapes = "".join(map(_shape_html, document["components"]["schemas"].items()))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{info['title']}: HTTP API</title><style>{_STYLE}</style><main>"
        f"<h1>{info['title']} {info['version']}: HTTP API</h1><p>{_prose_html(info['description'])} "
        'For programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"{calls}<h2>Shapes</h2>{shapes}</main></html>"
    )


def _call_html(method: str, path: str, call: Mapping[str, Any]) -> str:
    rows = [*_parameters(call["parameters"]), *_members(_schema(call.get("requestBody")))]
    takes = f"<dl>{''.join(rows)}</dl>" if rows else ""
    given = _schema(call["responses"]["200"]).get("$ref", "").rpartition("/")[2]
    gives = f'<p>Gives <a href="#{given}"><code>{given}</code></a>.</p>' if given else ""
    return f"<h2><b>{method}</b><code>{_esc(path)}</code></h2><p>{_prose_html(call['summary'])}</p>{takes}{gives}"


def _schema(content: Mapping[str, Any] | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = content["content"]["application/json"]["schema"] if content else {}
    return found


def _parameters(parameters: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in parameters:
        yield _row(one["name"], one["schema"]["type"], one["description"])


def _members(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, one in schema.get("properties", {}).items():
        kind = one.get("type") or one["$ref"].rpartition("/")[2]
        yield _row(name, kind, one.get("description", ""))


def _row(name: str, kind: str, about: str) -> str:
    said = f"{kind}: {about}" if about else kind
    return f"<dt><code>{_esc(name)}</code></dt><dd>{_prose_html(said)}</dd>"


def _shape_html(named: tuple[str, Mapping[str, Any]]) -> str:
    name, shape = named
    written = json.dumps(shape, ensure_ascii=False, indent=1)
    return f'<details id="{name}"><summary><code>{name}</code></summary><pre>{_esc(written)}</pre></details>'


def _prose_html(text: str) -> str:
    return re.sub("`([^`]*)`", r"<code>\1</code>", _esc(text))


def _esc(text: object) -> str:
    return html.escape(str(text))

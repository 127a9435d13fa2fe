"""Settings: every knob with its default, unit and meaning. They are data: they open and check
nothing outside themselves. `config_files.py` reads them, once, at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from paperrag.errors import ConfigError
from paperrag.places import (
    LOCAL_CORPUS,
    LOCAL_FEEDBACK,
    LOCAL_INDEX,
)

LLM_KINDS = ("ollama", "openai", "openai-like")
"""What stands before the colon of `llm`: how a model is asked."""

LEAST_TIMEOUT_S = 0.1
"""Shortest time that an LLM is given."""

STORES = ("local", "milvus")

LINK_FORMS = ("file", "obsidian", "vscode")
"""What `links` may be, but for an address of one's own."""


def _knob(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Raises ConfigError if a value is out of range."""

    corpus: Path = _knob(LOCAL_CORPUS, "folder of Markdown notes; the only source of truth")
    index: Path = _knob(LOCAL_INDEX, "folder of the index; can be deleted and rebuilt")
    store: str = _knob(
        "local", "what keeps the index: 'local', files on this machine, or 'milvus', shared by many"
    )
    milvus_uri: str = _knob(
        "", "where Milvus is: http://HOST:19530, or a folder NAME.db of Milvus Lite"
    )
    milvus_token: str = _knob(
        "", "what Milvus asks for: 'USER:PASSWORD' or an API key; '' for none"
    )
    milvus_collection: str = _knob(
        "paperrag", "first part of the names of the collections in Milvus; many corpora share them"
    )
    milvus_corpus: str = _knob(
        "", "what these notes are called in Milvus, the same on all machines; '' takes their folder"
    )
    exclude: tuple[str, ...] = _knob(
        (), "files and folders that are no notes, as in .gitignore; a list, or a text with commas"
    )
    encoder: str = _knob(
        "auto", "'auto', 'bundled', 'bundled-static', a folder, or a sentence-transformers name"
    )
    chunk_tokens: int = _knob(256, "longest chunk, in the encoder's own tokens (32 to 8192)")
    k: int = _knob(10, "entries that search returns (1 or more)")
    abstain_below: float = _knob(
        0.26, "answers below this confidence (0 to 1) say that the notes do not cover it"
    )
    weak_below: float = _knob(
        0.3, "answers below this confidence (0 to 1) say that the match is weak"
    )
    refresh_s: float = _knob(
        1.0,
        "ask and search take in changed notes by themselves if that is estimated to take less (seconds)",
    )
    llm: str = _knob(
        "none", "who writes answers: 'none', 'ollama:MODEL', 'openai:MODEL' or 'openai-like:MODEL'"
    )
    llm_timeout_s: float = _knob(60.0, "longest time that an LLM may take for an answer (seconds)")
    llm_context: int = _knob(
        8192, "tokens that the LLM reads and writes at once (2048 or more); Ollama is told"
    )
    llm_reply_tokens: int = _knob(1024, "longest reply of an LLM (tokens, 64 or more)")
    links: str = _knob(
        "file",
        "what opens a note: 'file', 'obsidian', 'vscode', or an address with {path} and {line}",
    )
    feedback: Path = _knob(LOCAL_FEEDBACK, "file that thumbs on answers are saved to")
    conversations: str = _knob(
        "auto", "file of the page's conversations; 'auto': in the user's data folder"
    )
    download: bool = _knob(
        False, "let sentence-transformers download an encoder that is not on this machine"
    )
    contact: str = _knob("", "mail address told to the paper APIs, as they ask for; '' tells none")
    semantic_scholar_key: str = _knob(
        "", "API key of Semantic Scholar; '' uses the shared allowance"
    )
    fetch_timeout_s: float = _knob(30.0, "longest wait for one answer of an API (seconds)")
    fetch_retries: int = _knob(4, "times a busy or failing API is asked again (0 or more)")
    fetch_backoff_s: float = _knob(
        1.0, "pause before the first retry (seconds); doubled for each next one"
    )
    fetch_patience_s: float = _knob(
        120.0, "longest pause that an API may ask for (seconds); longer ones end asking it"
    )
    fetch_max_bytes: int = _knob(20_000_000, "largest answer that is read (bytes)")
    fetch_cache_days: float = _knob(
        30.0, "age (days) up to which answers, also empty ones, are not asked for again"
    )
    fetch_pause_s: float = _knob(
        1.0, "least time between two calls to one host (seconds), arXiv aside"
    )
    arxiv_pause_s: float = _knob(
        3.0, "least time between two calls to arXiv (seconds); arXiv asks for 3"
    )
    arxiv_url: str = _knob("https://export.arxiv.org", "base URL of the arXiv API")
    openreview_url: str = _knob(
        "https://api2.openreview.net", "base URL of the OpenReview API, version 2"
    )
    openreview_v1_url: str = _knob(
        "https://api.openreview.net", "base URL of the OpenReview API, version 1, for old forums"
    )
    neurips_url: str = _knob(
        "https://proceedings.neurips.cc", "base URL of the NeurIPS proceedings"
    )
    semantic_scholar_url: str = _knob(
        "https://api.semanticscholar.org", "base URL of the Semantic Scholar API"
    )
    crossref_url: str = _knob("https://api.crossref.org", "base URL of the Crossref API")
    openalex_url: str = _knob("https://api.openalex.org", "base URL of the OpenAlex API")

    def __post_init__(self) -> None:
        _check_store(self)
        _check_range("chunk_tokens", self.chunk_tokens, 32, 8192)
        _check_range("k", self.k, 1, None)
        _check_range("abstain_below", self.abstain_below, 0, 1)
        _check_range("weak_below", self.weak_below, 0, 1)
        _check_range("refresh_s", self.refresh_s, 0, None)
        _check_llm(self.llm)
        _check_range("llm_timeout_s", self.llm_timeout_s, LEAST_TIMEOUT_S, None)
        _check_range("llm_context", self.llm_context, 2048, None)
        _check_range("llm_reply_tokens", self.llm_reply_tokens, 64, self.llm_context // 2)
        _check_links(self.links)
        _check_range("fetch_retries", self.fetch_retries, 0, 20)
        _check_range("fetch_max_bytes", self.fetch_max_bytes, 1, None)
        for name in (
            "fetch_timeout_s",
            "fetch_backoff_s",
            "fetch_patience_s",
            "fetch_cache_days",
            "fetch_pause_s",
            "arxiv_pause_s",
        ):
            _check_range(name, getattr(self, name), 0, None)


def _check_llm(spec: str) -> None:
    """Refuse what names no model, before anything is loaded for it."""
    kind, _, model = spec.partition(":")
    if spec == "none" or (kind in LLM_KINDS and model.strip()):
        return
    near = get_close_matches(kind, LLM_KINDS, n=1)
    hint = f"; did you mean {near[0]}:{model.strip() or 'MODEL'}?" if near else ""
    raise ConfigError(
        f"llm: expected 'none', 'ollama:MODEL', 'openai:MODEL' or 'openai-like:MODEL', got "
        f"{spec!r}{hint}"
    )


def _check_store(settings: Settings) -> None:
    if settings.store not in STORES:
        raise ConfigError(f"store: expected 'local' or 'milvus', got {settings.store!r}")
    if settings.store == "milvus" and not settings.milvus_uri:
        raise ConfigError(
            "milvus_uri: store = 'milvus' needs to know where Milvus is, such as "
            "http://localhost:19530, got ''"
        )


def _check_links(form: str) -> None:
    if form not in LINK_FORMS and "{path}" not in form:
        raise ConfigError(
            f"links: expected {', '.join(map(repr, LINK_FORMS))} or an address with {{path}}, such "
            f"as 'zed://file{{path}}:{{line}}', got {form!r}"
        )


def _check_range(name: str, value: float, low: float, high: float | None) -> None:
    is_inside = low <= value and (high is None or value <= high)
    if not is_inside:  # NaN is in no range
        bounds = f"{low} or more" if high is None else f"{low} to {high}"
        raise ConfigError(f"{name}: expected {bounds}, got {value}")

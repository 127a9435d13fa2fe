"""A text such as "ollama:qwen3:4b" and the environment -> the server to ask, its address mended.
Knows no HTTP.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from paperrag.config import LLM_KINDS
from paperrag.errors import ConfigError
from paperrag.text.patterns import lazy_pattern

Protocol_ = Literal["ollama", "openai"]

OLLAMA_URL, OPENAI_URL = "http://127.0.0.1:11434", "https://api.openai.com/v1"
_OLLAMA_PORT, _CHATS = 11434, "/chat/completions"
_PASTED = lazy_pattern(r"/(?:(?:chat/)?completions|models|api/[a-z]+)$")
_VERSIONED = lazy_pattern(r"/v\d+\w*(?:/|$)")


class Server(Struct, frozen=True):
    """Where a model is asked and how; `url` is the address of chats."""

    name: str
    protocol: Protocol_
    model: str
    url: str
    key: str

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine, where no proxy leads."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def address(self) -> str:
        """Its scheme, host and port, without what one logs in with."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def models_url(self) -> str:
        """Where it lists the models that it has."""
        if self.protocol == "ollama":
            return self.url.removesuffix("/api/chat") + "/api/tags"
        return f"{self.url.removesuffix(_CHATS)}/models"

    def below_v1(self) -> Server | None:
        """Return the same server with its API below /v1, None where the address has a version."""
        base = self.url.removesuffix(_CHATS)
        if self.protocol != "openai" or _VERSIONED.search(urlsplit(base).path):
            return None
        return replace(self, url=f"{base}/v1{_CHATS}")


def server_of(spec: str, environment: Mapping[str, str]) -> Server:
    """Return the server of "ollama:MODEL", "openai:MODEL" or "openai-like:MODEL".

    Addresses and keys come from OLLAMA_HOST, OPENAI_BASE_URL and OPENAI_API_KEY. Raises
    ConfigError if one is missing or cannot be an address.
    """
    kind, _, model = spec.partition(":")
    base, key = (
        environment.get(name, "").strip() for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY")
    )
    if kind == "ollama":
        url = ollama_base(environment.get("OLLAMA_HOST", ""))
        return Server(spec, "ollama", model.strip(), f"{url}/api/chat", "")
    if kind == "openai" and not key:
        raise ConfigError("llm openai: needs a key; set OPENAI_API_KEY")
    if kind == "openai-like" and not base:
        raise ConfigError(
            "llm openai-like: needs the server's address; set OPENAI_BASE_URL, such as "
            "http://127.0.0.1:8000/v1"
        )
    if kind not in LLM_KINDS:
        raise ConfigError(
            f"llm: expected one of {', '.join(LLM_KINDS)} before the colon, got {spec!r}"
        )
    url = openai_base(base or OPENAI_URL)
    return Server(spec, "openai", model.strip(), f"{url}{_CHATS}", key)


def openai_base(text: str) -> str:
    """Return the base of an OpenAI-like server's addresses as people paste it: blanks, no scheme,
    no "/v1", "/chat/completions" at its end. Raises ConfigError for what is no address.
    """
    url = _with_scheme(text, "OPENAI_BASE_URL")
    parts = urlsplit(url)
    path = _PASTED.sub("", parts.path.rstrip("/"))
    return f"{parts.scheme}://{parts.netloc}{path or '/v1'}"


def ollama_base(text: str) -> str:
    """Return the base of Ollama's addresses: what it listens on is taken as what to ask, port
    11434 where neither a scheme nor a port is given. Raises ConfigError for what is no address.
    """
    text = _unquoted(text)
    if text.startswith(":"):
        text = "127.0.0.1" + text
    if not text:
        return OLLAMA_URL
    has_scheme = "://" in text
    parts = urlsplit(_with_scheme(text, "OLLAMA_HOST"))
    host = parts.netloc.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")
    if not has_scheme and parts.port is None:
        host += f":{_OLLAMA_PORT}"
    path = _VERSIONED.sub("", _PASTED.sub("", parts.path.rstrip("/")).removesuffix("/api"))
    return f"{'http' if not has_scheme else parts.scheme}://{host}{path}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _with_scheme(text: str, where: str) -> str:
    url = _unquoted(text)
    if "://" not in url:
        host = urlsplit(f"//{url}")
        url = f"{'http' if _is_near(host.hostname or '', host.netloc) else 'https'}://{url}"
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_address = is_address and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number, half an IPv6 address
        is_address = False
    if not is_address or re.search(r"\s", url):
        raise ConfigError(
            f"{where}: expected an address such as http://127.0.0.1:8000/v1, got {text!r}"
        )
    return url


def _is_near(host: str, netloc: str) -> bool:
    """Whether a host without a scheme is one that people run themselves: it has a port, is an
    address of numbers, or its name has no dot.
    """
    return ":" in netloc or "." not in host or host.replace(".", "").isdigit()


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'").strip()

"""What is installed on demand: parts of the program that not everyone needs, and how to get one."""

from __future__ import annotations

import json
import sys
from typing import Literal, get_args
from urllib.parse import unquote, urlsplit

from paperrag.errors import MissingDependency

Extra = Literal["page", "mcp", "llamaindex", "st", "milvus", "all"]
EXTRAS: tuple[Extra, ...] = get_args(Extra)
"""The names in brackets of `pip install 'paperrag[page]'`; pyproject.toml says what each brings."""


def missing(what: str, extra: Extra, library: str | None) -> MissingDependency:
    """Return the error of a feature whose library is not installed: what is missing, and the
    command that installs it.
    """
    which = f" ({library} is missing)" if library else ""
    return MissingDependency(f"{what} is not installed{which}; run: {install_line(extra)}")


def install_line(extra: Extra) -> str:
    """Return the command that adds an extra to the program that runs."""
    target = f"'{_origin()}[{extra}]'"
    prefix = sys.prefix.replace("\\", "/")
    if "/pipx/" in prefix:
        return f"pipx install --force {target}"
    if "/uv/tools/" in prefix:
        return f"uv tool install --force {target}"
    return f"{sys.executable} -m pip install {'-e ' if _is_editable() else ''}{target}"


def _origin() -> str:
    """Return what the package was installed from: its name, a folder, a wheel or another URL."""
    url = str(_direct_url().get("url", ""))
    if not url:
        return "paperrag"
    return unquote(urlsplit(url).path) if url.startswith("file:") else f"paperrag @ {url}"


def _is_editable() -> bool:
    return bool(_direct_url().get("dir_info", {}).get("editable"))


def _direct_url() -> dict[str, dict[str, bool]]:
    # slow to import, and needed by a missing part alone
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        text = distribution("paperrag").read_text("direct_url.json")
    except PackageNotFoundError:
        return {}
    return json.loads(text) if text else {}

"""Flags, environment variables and files -> Settings.

Flags come before environment variables (`PAPERRAG_*`), these before `paperrag.toml` of the working
folder, that before the user's own, and that before the defaults of `config.py`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from paperrag.config import Settings
from paperrag.errors import ConfigError
from paperrag.places import (
    LOCAL_CORPUS,
    SETTINGS_FILE,
    has_local_notes,
    home_of,
    is_local,
    user_settings,
)

COLLECTIONS = "collections"
"""The table of the user's settings that names folders of notes: [collections.NAME] corpus = ..."""

ENVIRONMENT_PREFIX = "PAPERRAG_"

log = logging.getLogger("paperrag")


_ACCEPTED: dict[Any, tuple[type, ...]] = {
    int: (int, str),
    float: (float, int, str),
    str: (str,),
    Path: (str, Path),
    tuple: (str, list, tuple),
}
"""What a setting of each type may be given as; environment variables are always texts."""


_KNOWN: dict[str, Callable[[Any], Any]] = {
    knob.name: Path if isinstance(knob.default, Path) else type(knob.default)
    for knob in fields(Settings)
}
"""The type of each setting, by name."""

_PLACES: dict[str, Path] = {
    knob.name: knob.default for knob in fields(Settings) if isinstance(knob.default, Path)
}
"""The corpus and what is kept of it, each below the folder that one stands in."""


def load_settings(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """Return settings from flags, environment and files, in this order of weight.

    flags: values by name, None where not given. config: a TOML file that must exist; without it
    `paperrag.toml` in the working folder is read if there is one, and always the user's own. A
    corpus that is not the working folder's has its index and feedback among the user's data,
    unless they are named. Raises ConfigError for an unreadable file, an unknown name or a wrong
    value, naming where it stands; a variable of an unknown name is ignored with a warning, for
    other programs of the machine may have set it.
    """
    by_variable = _from_environment(os.environ if environment is None else environment)
    by_flag = _parsed(
        {name: value for name, value in flags.items() if value is not None}, "the call"
    )
    try:
        near = {**_from_file(config or Path(SETTINGS_FILE), config is not None), **by_variable}
        return Settings(**_placed({**near, **by_flag}, _from_file(user_settings())))
    except ConfigError as error:
        name, _, fault = str(error).partition(": ")
        if name in by_variable and name not in by_flag:
            raise ConfigError(f"{_variable(name)}: {fault}") from None
        raise


def read_collections() -> dict[str, Path]:
    """Return the folders of notes that the user has named, by name. Raises ConfigError."""
    try:
        return {name: Path(table["corpus"]).expanduser() for name, table in _collections().items()}
    except (KeyError, TypeError) as error:
        raise _no_collection() from error


def read_contexts() -> dict[str, str]:
    """Return the lines that say what collections are about, by name; those without one are left
    out. Raises ConfigError.
    """
    return {
        name: str(table["context"]) for name, table in _collections().items() if "context" in table
    }


def _collections() -> dict[str, dict[str, Any]]:
    path = user_settings()
    named = _read_table(path).get(COLLECTIONS, {}) if path.is_file() else {}
    if not isinstance(named, dict) or not all(isinstance(one, dict) for one in named.values()):
        raise _no_collection()
    return named


def _no_collection() -> ConfigError:
    return ConfigError(
        f'{COLLECTIONS} in {user_settings()}: expected [{COLLECTIONS}.NAME] with corpus = "FOLDER"'
    )


def _placed(near: Mapping[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    """Return all settings, with the places of what is kept that nobody named.

    near: from the call, the environment and the working folder. A corpus named there, or lying in
    the working folder, stands in place of the user's, and so do its index and feedback.
    """
    has_own_corpus = "corpus" in near or has_local_notes()
    own = {k: v for k, v in user.items() if not (has_own_corpus and k in _PLACES)}
    values = {**own, **near}
    corpus = values.get("corpus", LOCAL_CORPUS)
    if is_local(corpus):
        return values
    home = home_of(corpus)
    kept = {name: home / path for name, path in _PLACES.items() if name != "corpus"}
    return {**kept, **values}


def _from_file(path: Path, must_exist: bool = False) -> dict[str, Any]:
    if not must_exist and not path.is_file():
        return {}
    table = _read_table(path)
    table.pop(COLLECTIONS, None)
    values = _parsed(table, str(path))
    return {
        name: path.parent / value.expanduser() if isinstance(value, Path) else value
        for name, value in values.items()
    }


def _read_table(path: Path) -> dict[str, Any]:
    import tomllib  # .006 s that without a file nobody needs

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read settings from {path}: {error}") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, value in environment.items():
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if not variable.startswith(ENVIRONMENT_PREFIX) or not value:
            continue
        if name in _KNOWN:
            values[name] = _convert(variable, value, _KNOWN[name])
        else:
            near = [_variable(one) for one in get_close_matches(name, _KNOWN, 1)]
            log.warning(
                "no setting is called %s, it is ignored%s",
                variable,
                f"; nearest: {near[0]}" if near else "",
            )
    return values


def _variable(name: str) -> str:
    return ENVIRONMENT_PREFIX + name.upper()


def _parsed(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    for name in values:
        if name not in _KNOWN:
            raise ConfigError(
                f"unknown setting {name!r} in {where}; known: {', '.join(sorted(_KNOWN))}"
            )
    return {
        name: _convert(f"{name} in {where}", value, _KNOWN[name]) for name, value in values.items()
    }


def _convert(place: str, value: Any, kind: Callable[[Any], Any]) -> Any:
    if kind is bool:
        words = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }
        if (word := str(value).strip().lower()) in words:
            return words[word]
        raise ConfigError(f"{place}: expected true or false, got {value!r}")
    try:
        if not isinstance(value, _ACCEPTED[kind]) or isinstance(value, bool):
            raise TypeError(f"a {type(value).__name__}")
        return _texts(value) if kind is tuple else kind(value)
    except (TypeError, ValueError) as error:
        names = {int: "a whole number", float: "a number", tuple: "a list of texts"}
        expected = names.get(cast(type, kind), "a text")
        raise ConfigError(f"{place}: expected {expected}, got {value!r}") from error


def _texts(value: Any) -> tuple[str, ...]:
    texts = value.split(",") if isinstance(value, str) else value
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("not all are texts")
    return tuple(text.strip() for text in texts if text.strip())

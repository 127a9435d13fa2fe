"""Who writes answers, seen and chosen on the page: the options of the command line, tried when they
are chosen, kept for the next time. Knows no HTML.
"""

from __future__ import annotations

import os
from dataclasses import replace  # noqa: TID251 - of settings
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from paperrag.config import LLM_KINDS, Settings
from paperrag.errors import ConfigError, HistoryError, PaperRagError, QueryError
from paperrag.output.checkup import check_model
from paperrag.page.conversations import open_kept
from paperrag.page.corpora import Corpora
from paperrag.page.given import Given
from paperrag.wiring.writers import make_writer

_TABLES = "create table if not exists choices (name text primary key, value text not null);"
_ADDRESS_OF = {"ollama": "OLLAMA_HOST", "openai-like": "OPENAI_BASE_URL"}
"""Where the command line finds the address of a server."""

_DEFAULTS = Settings()

State = Literal["none", "untried", "connected", "failing"]


class ModelChoice(Struct, frozen=True):
    """A model as it is chosen; `address` "" takes that of the environment. Keys are never typed
    into the page: they are the environment's.
    """

    llm: str = "none"
    address: str = ""
    llm_timeout_s: float = _DEFAULTS.llm_timeout_s
    llm_context: int = _DEFAULTS.llm_context
    llm_reply_tokens: int = _DEFAULTS.llm_reply_tokens

    @property
    def kind(self) -> str:
        """What stands before the colon, "none" without a model."""
        return self.llm.partition(":")[0]

    def environment(self) -> dict[str, str]:
        """Return the environment that the command line would find this address in."""
        name = _ADDRESS_OF.get(self.kind)
        own = {name: self.address} if name and self.address else {}
        return {**os.environ, **own}


class ModelDesk:
    """The model of a running page. is_at_home: the page is for this machine only, so whoever sees
    it may change the model.
    """

    def __init__(self, corpora: Corpora, file: Path, is_at_home: bool) -> None:
        self._corpora = corpora
        self._file = file
        self._is_at_home = is_at_home
        settings = corpora.settings
        self._choice = ModelChoice(
            settings.llm,
            "",
            settings.llm_timeout_s,
            settings.llm_context,
            settings.llm_reply_tokens,
        )
        self._state: State = "none" if settings.llm == "none" else "untried"
        self._fault = ""

    def restore(self) -> None:
        """Take the model that was chosen last; one that cannot be used now is left."""
        kept = self._kept() if self._is_at_home and self._choice.kind == "none" else None
        try:
            if kept and kept.kind != "none":
                self._use(kept)
        except PaperRagError as error:
            self._choice, self._state, self._fault = kept or self._choice, "failing", str(error)

    def shown(self) -> dict[str, Any]:
        """Return the model, its options and how it was when it was tried last."""
        kind, _, model = self._choice.llm.partition(":")
        return {
            **asdict(self._choice),
            "kind": kind,
            "model": model,
            "kinds": ["none", *LLM_KINDS],
            "state": self._state,
            "fault": self._fault,
            "may_change": self._is_at_home,
        }

    def choose(self, given: Given) -> dict[str, Any]:
        """Use another model from the next question on, keep the choice, and try it. Raises
        ConfigError for options that the command line refuses too, QueryError where others share
        the page.
        """
        if not self._is_at_home:
            raise QueryError("who started paperrag chooses the model of a page that others share")
        self._use(_choice_of(given))
        self._keep()
        return self.tried()

    def tried(self) -> dict[str, Any]:
        """Ask the model for a word, and return what `shown` does."""
        if self._choice.kind != "none":
            check = check_model(self._corpora.all[0].assistant)
            self._state = "connected" if check.is_well else "failing"
            self._fault = "" if check.is_well else check.found.removeprefix(f"{self._choice.llm}: ")
        return self.shown()

    def _use(self, choice: ModelChoice) -> None:
        options = {name: value for name, value in asdict(choice).items() if name != "address"}
        asked = [one.assistant for one in self._corpora.all]
        changed = [replace(one.settings, **options) for one in asked]
        environment = choice.environment()
        writers = [make_writer(settings, environment=environment) for settings in changed]
        for one, settings, writer in zip(asked, changed, writers, strict=True):
            one.change_llm(settings, writer)
        self._choice, self._fault = choice, ""
        self._state = "none" if choice.kind == "none" else "untried"

    def _keep(self) -> None:
        query = "insert or replace into choices values ('model', ?)"
        with open_kept(self._file, _TABLES) as file:
            file.execute(query, (msgspec.json.encode(self._choice).decode(),))

    def _kept(self) -> ModelChoice | None:
        """Return the choice that was kept, None if there is none that can be read."""
        try:
            with open_kept(self._file, _TABLES) as file:
                row = file.execute("select value from choices where name = 'model'").fetchone()
            return msgspec.json.decode(row[0], type=ModelChoice) if row else None
        except (HistoryError, msgspec.DecodeError):
            return None


def _choice_of(given: Given) -> ModelChoice:
    """Return what a form says. Raises ConfigError for what is no number."""
    kind, model = (given.text(name).strip() for name in ("kind", "model"))
    spec = "none" if kind in ("", "none") else f"{kind}:{model}"
    numbers: dict[str, Any] = {}
    for name in ModelChoice.__struct_fields__:
        value = given.text(name).strip()
        if name.startswith("llm_") and value:
            try:
                numbers[name] = float(value) if name.endswith("_s") else int(value)
            except ValueError as error:
                raise ConfigError(f"{name}: expected a number, got {value!r}") from error
    return ModelChoice(spec, given.text("address").strip(), **numbers)

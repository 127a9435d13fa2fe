"""A conversation's turns: what was asked, where it was looked for, and what came of it; to and
from JSON. Knows neither files nor HTML.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct, field

from paperrag.conversation.history import Exchange, exchange
from paperrag.records import Answer
from paperrag.search.filtering import Filters

SCOPE_PARTS = ("collection", "section", "file", "tag", "kind", "language")

NAMED_PARTS = ("collection", "section", "file", "tag")
"""Those of them that are called by a name of the notes."""


class SearchScope(Struct, frozen=True):
    """Where a question is looked for; empty texts restrict nothing."""

    section: str = ""
    file: str = ""
    kind: str = ""
    language: str = ""
    tag: str = ""
    collection: str = ""

    @property
    def parts(self) -> dict[str, str]:
        """What is restricted, by name."""
        return {name: value for name in SCOPE_PARTS if (value := getattr(self, name))}

    @property
    def filters(self) -> Filters:
        """The scope as search takes it. Raises QueryError for an unknown kind or language."""
        section, file, tags = (
            self.section or None,
            self.file or None,
            (self.tag,) if self.tag else (),
        )
        return Filters(section, file, self.kind or None, self.language or None, tags=tags)  # type: ignore[arg-type]  # checked there


class Turn(Struct, frozen=True):
    """A question and what came of it: an answer, an error in words, or neither while it is being
    answered.
    """

    question: str
    answer: Answer | None = None
    took_ms: float = 0.0
    error: str | None = None
    is_running: bool = False
    is_stopped: bool = False
    vote: str | None = None
    scope: SearchScope = field(default=SearchScope())


def to_json(turn: Turn) -> str:
    """Return a turn as JSON."""
    return msgspec.json.encode(turn).decode()


def from_json(text: str) -> Turn:
    """Return a turn from its JSON. Raises ValueError for anything else."""
    return msgspec.json.decode(text, type=Turn)


def history(turns: Sequence[Turn]) -> list[Exchange]:
    """Return the answers that a question may follow up: whole ones."""
    whole = [turn for turn in turns if not (turn.is_running or turn.is_stopped or turn.error)]
    return [exchange(turn.answer) for turn in whole if turn.answer is not None]

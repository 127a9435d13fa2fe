"""What the page's script sends with a request -> values of the types that are expected. Whatever is
missing or of another kind counts as not given: the script is ours, others get an empty answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from paperrag.records import Language

_MOST_DIGITS = 8


def as_language(value: object) -> Language:
    """Return the page's language from what the browser remembered."""
    return "zh" if value == "zh" else "en"


class Given(Struct, frozen=True):
    """The query of an address, or the JSON object in a body."""

    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a text, "" for none; what cannot be encoded becomes question marks."""
        return str(self.values.get(name) or "").encode(errors="replace").decode()

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list, none for anything else."""
        values = self.values.get(name)
        return [str(value) for value in values] if isinstance(values, list) else []

    def number(self, name: str) -> int:
        """Return a whole number of up to eight digits, 0 for anything else."""
        value = self.text(name)
        return int(value) if value.isdecimal() and len(value) <= _MOST_DIGITS else 0

    def holds(self, name: str) -> bool:
        """Return whether a value is given that says yes."""
        return bool(self.values.get(name))

    def part(self, name: str) -> Given:
        """Return an object inside, an empty one for anything else."""
        value = self.values.get(name)
        return Given(value if isinstance(value, dict) else {})

    @property
    def language(self) -> Language:
        """The language that the page is shown in."""
        return as_language(self.values.get("lang"))

"""A number of things in words: "1 entry", "2 entries"."""

from __future__ import annotations


def counted(number: int, name: str) -> str:
    """Return a number with the name of what it counts, in the plural where it is not one."""
    if number == 1:
        return f"1 {name}"
    return f"{number} {name[:-1]}ies" if name.endswith("y") else f"{number} {name}s"

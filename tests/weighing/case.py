"""What a weight does, and notes that several scenes look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Case:
    """What a weight does: a figure with it, from a scene that says how it comes about."""

    module: str
    name: str
    off: Any
    scene: Callable[[Path], float]
    figure: float
    part: str = ""

    def __str__(self) -> str:
        return f"{self.name}.{self.part}" if self.part else self.name


WORDS = "- red red\n- red green\n- blue\n"

ALPHA = {
    "notes/a.md": "# Alpha: gold\n\n[Alpha](https://arxiv.org/abs/2401.00001)\n\n"
    "- We propose Alpha, which makes red red gold blue things.\n- red\n",
    "notes/b.md": "# Beta\n\n[Beta](https://arxiv.org/abs/2401.00002)\n\n"
    "- We propose Beta, which makes red red gold blue things.\n",
}
"""The statement of Alpha meets "red" nearly as well as its best entry, on line 6."""

"""A node of the note tree while it is being built. Knows no parser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from paperrag.records import Role


@dataclass(slots=True, eq=False)
class Node:
    """A node of the note tree while it is being built; lines count from 0, `end` is exclusive."""

    role: Role
    start: int
    parent: Node | None
    depth: int = 0
    end: int = 0
    title: str = ""
    text: str = ""
    follows_prose: bool = False
    """Whether it is a paragraph behind another one."""
    is_quote: bool = False
    """Whether it is a quotation."""
    is_apart: bool = False
    """Whether it is a paragraph that never continues another: a block of fields, a footnote."""
    points_from: str = ""
    """Of a footnote, the sentence that points at it; of a row with a blank first cell what stands
    in that of the row above.
    """
    names_paper: bool = False
    """Whether it is a block of fields, the front matter of what stands below it."""
    children: list[Node] = field(default_factory=list)

    def ancestors(self) -> Iterator[Node]:
        """Yield what stands above, innermost first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

"""A name -> the known ones that look most like it, for the sentence that says that it means nothing
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

LEAST_ALIKE, MOST_NAMED = 0.3, 3
"""Share of letters in the same order (`difflib`'s ratio) from which a name is told, and how many
are. By hand: one that is far off is still better than none.
"""


def alike(wanted: str, known: Sequence[str]) -> list[str]:
    """Return the known names that look most like another, the most alike first; [] for none."""
    return get_close_matches(wanted, known, MOST_NAMED, LEAST_ALIKE)

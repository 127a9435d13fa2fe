"""A name -> the known ones that look most like it, for the sentence that says that it means nothing
here; a short form -> the words that it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from paperrag.text.folding import letters

LEAST_ALIKE, MOST_NAMED = 0.3, 3
"""Share of letters in the same order (`difflib`'s ratio) from which a name is told, and how many
are. By hand: one that is far off is still better than none.
"""

LEAST_INITIALS = 3


def alike(wanted: str, known: Sequence[str]) -> list[str]:
    """Return the known names that look most like another, the most alike first; [] for none."""
    return get_close_matches(wanted, known, MOST_NAMED, LEAST_ALIKE)


def stands_for(short: str, text: str) -> bool:
    """Whether a short form is made of the initials of neighbouring words of a text: MbPA of
    "Memory-based Parameter Adaptation". Words of up to three letters may be passed over.
    """
    initials = letters(short)
    if len(initials) < LEAST_INITIALS or not initials.isascii() or short.islower():
        return False
    between = r"[\W_]+(?:[a-z]{1,3}[\W_]+)?"
    words = between.join(rf"{initial}[a-z]+" for initial in initials)
    return bool(re.search(rf"(?<![^\W_]){words}(?![a-z])", text, re.IGNORECASE))

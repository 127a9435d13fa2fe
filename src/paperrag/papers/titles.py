"""Titles and names compared: what counts as the same title, and when a match is certain."""

from __future__ import annotations

import difflib
import re
import unicodedata

from paperrag.text.folding import fold
from paperrag.text.patterns import lazy_pattern

SAME = 0.93
"""Share of matching letters from which two titles are one; versions of a paper differ in a word or
a colon. By hand.
"""

MAX_TEXT_CHARS = 20_000
"""Longest title or abstract that is kept; no real one comes near."""

_CONTROL = lazy_pattern(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SUFFIX = lazy_pattern(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)


def clean_text(value: object) -> str:
    """Return a value as one line of text without control characters, "" for None."""
    text = _CONTROL.sub(" ", str(value)) if value is not None else ""
    return re.sub(r"\s+", " ", text).strip()[:MAX_TEXT_CHARS]


def title_key(title: str) -> str:
    """Return a title's letters, digits and plus signs (LoRA+ is not LoRA), folded, in lower case:
    what is compared.
    """
    return re.sub(r"[^\w+]+|_+", "", _plain(title))


def title_similarity(first: str, second: str) -> float:
    """Return the share (0-1) of letters that two titles have in common, in order (Ratcliff &
    Obershelp 1988).
    """
    one, other = sorted((title_key(first), title_key(second)))
    if not one or not other:
        return 0.0
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SAME / 2 else matcher.quick_ratio()


def same_title(first: str, second: str) -> bool:
    """Whether two titles are the same but for markup, case, punctuation and a letter here or
    there.
    """
    one, other = title_key(first), title_key(second)
    if not one or not other or abs(len(one) - len(other)) > (1 - SAME) * (len(one) + len(other)):
        return False
    return one == other or (len(one) > 15 and title_similarity(first, second) >= SAME)


def title_head(title: str) -> str:
    """Return the name that a title begins with: "LoRA+: Efficient …" -> "LoRA+"; the whole title
    without a colon.
    """
    return re.split(r"[:：]\s?", title, maxsplit=1)[0].strip()


def is_certain(
    title: str,
    year: int | None,
    author: str | None,
    found: str,
    found_year: int | None,
    found_authors: tuple[str, ...],
) -> bool:
    """Whether a paper found by title is surely the one that a note names.

    The titles must be the same and the year or an author agree; a note that gives only the name
    before the colon needs both. A year that is off by more than one, or an author who is not
    among the authors, rules a match out.
    """
    year_agrees = year is not None and found_year is not None and abs(year - found_year) <= 1
    author_agrees = author is not None and surname(author) in {
        surname(name) for name in found_authors
    }
    if (year is not None and found_year is not None and not year_agrees) or (
        author is not None and found_authors and not author_agrees
    ):
        return False
    if same_title(title, found):
        return year_agrees or author_agrees
    return title_key(title) == title_key(title_head(found)) and year_agrees and author_agrees


def whole_name(name: str) -> str:
    """Return a name that has no parts, as an institute's, in braces: so BibTeX keeps it whole."""
    return f"{{{name}}}" if " " in name else name


def without_braces(name: str) -> str | None:
    """Return a name that `whole_name` made, None for a person's."""
    return name[1:-1] if name.startswith("{") and name.endswith("}") else None


def surname(name: str) -> str:
    """Return a person's surname, folded: "Zirui Liu", "Liu, Zirui" and "Liu" are all "liu"."""
    last_first = "," in name
    parts = [
        part for part in re.split(r"\s+", name.split(",")[0].strip()) if not _SUFFIX.fullmatch(part)
    ]
    return _plain(" ".join(parts) if last_first else parts[-1]) if parts else ""


def _plain(text: str) -> str:
    """Lower case, accents and LaTeX markup away."""
    text = re.sub(r"\\[a-zA-Z]+\s*|[{}$\\]", "", fold(text))
    letters = unicodedata.normalize("NFKD", text)
    return "".join(char for char in letters if not unicodedata.combining(char)).lower()

"""The names that a question says -> those that what is asked for must hold, and each as the notes
spell it, so that a slip of the pen on either side does not hide an entry.

Spelt anew are only names that stand at the head of titles, and never across a digit: EAGLE-3 is not
EAGLE-2.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from paperrag.question.nouns import PAPER
from paperrag.question.thresholds import LEAST_CHARS, NEAR
from paperrag.text.closed import QUESTION_WORDS_EN
from paperrag.text.folding import fold
from paperrag.text.language import has_han
from paperrag.text.names import (
    LETTER,
    NAME_WORDS,
    REST_OF_NAME,
    SHORTEST_NAME,
    head_of,
    latin_name,
    proper_names,
    squeezed,
)
from paperrag.text.patterns import IN_BRACKETS, any_of, lazy_pattern

_NAME = lazy_pattern(rf"[{LETTER}]{REST_OF_NAME}")
_IN_BRACKETS = lazy_pattern(IN_BRACKETS)
_WORDS_BEHIND = lazy_pattern(rf"(?:[ -][A-Za-z]+){{0,{NAME_WORDS}}}")
NUMBER = r"(\d(?:\.\d)?)(?![\d%]|[A-Za-z])"
"""Behind a name, as of a version."""

_NUMBERED = lazy_pattern(rf"([{LETTER}]{REST_OF_NAME}) {NUMBER}")
_NAME_RUN = lazy_pattern(rf"\b(?!(?i:{QUESTION_WORDS_EN})\b)[A-Z][\w+-]*(?:[ ][A-Z][\w+-]*)+")
_WITH_NEXT = lazy_pattern(r"\b[A-Z][a-z]{2,} [a-z]{3,}\b")
_WHOLE_NAME = rf"(\d*[{LETTER}]{REST_OF_NAME})"
_AUTHORS = any_of(["authors", "author", "作者"])
_CALLED_PAPERS = (
    lazy_pattern(
        rf"\b{_WHOLE_NAME}(?=(?:['’]s)?(?:[ 的那这]*{PAPER}|[ 的]*{_AUTHORS}))", re.IGNORECASE
    ),
    lazy_pattern(rf"\bauthors? of (?:the )?{_WHOLE_NAME}\b", re.IGNORECASE),
)
"""What stands where a question calls something a paper, or asks for the authors of it."""


class RequiredName(Struct, frozen=True):
    """A name that what is asked for must hold, or one of its short forms in its place."""

    name: str
    short_forms: tuple[str, ...] = ()


def required_names(
    question: str, is_written: Callable[[str], bool] = lambda _: False
) -> tuple[RequiredName, ...]:
    """Return the names that what is asked for must hold, neighbouring ones as one: HotpotQA,
    Natural Questions. Not those in brackets, which only gloss, nor short forms of three capitals,
    which are said of whole fields and spelt out as often: GAN, DNA. is_written: whether notes hold
    a text as it is; a word with a capital takes the one behind it with it where they hold both
    together: Gaussian splatting is not what is Gaussian.
    """
    said = _IN_BRACKETS.sub(" ", question)
    pairs = [match[0] for match in _WITH_NEXT.finditer(said) if is_written(match[0])]
    runs = [*pairs, *(match[0] for match in _NAME_RUN.finditer(said))]
    whole = (
        next((run for run in runs if name in run.split()), name) for name in proper_names(said)
    )
    names = [name for name in dict.fromkeys(whole) if len(squeezed(name)) > SHORTEST_NAME]
    return tuple(RequiredName(name, _short_forms(question, name)) for name in names)


def _short_forms(question: str, name: str) -> tuple[str, ...]:
    """Return what a name and the words right behind it may be short for, three letters or more:
    MCT, MCTS of "Monte Carlo tree search" for Monte Carlo.
    """
    _, said, after = question.partition(name)
    behind = _WORDS_BEHIND.match(after)
    words = re.split(r"[ -]+", f"{said}{behind[0]}") if said and behind else []
    initials = "".join(word[0].upper() for word in words if word)
    least = max(len(name.split()), SHORTEST_NAME)
    return tuple(initials[:count] for count in range(least, len(initials) + 1))


def misspellable(question: str) -> list[str]:
    """Return the words of a question that look like names (Quiet-STaR, Keyformer, vLLM) and are
    long enough to be misspelt.
    """
    found = (match[0] for match in _NAME.finditer(question))
    return [
        word
        for word in found
        if len(squeezed(word)) >= LEAST_CHARS and ("-" in word or word != word.lower())
    ]


def numbered(question: str) -> list[tuple[str, str]]:
    """Return the names of a question with a number behind them, and these: Tacotron, 2."""
    return _NUMBERED.findall(question)


def name_of_paper(question: str, names: Sequence[str]) -> str:
    """Return the one of some names that a question calls a paper, or asks the authors of: Zab of
    "why does the Zab paper not use Paxos?"; "" if it does so of none or of several.
    """
    said = {name.lower() for pattern in _CALLED_PAPERS for name in pattern.findall(question)}
    called = [name for name in names if name.lower() in said]
    return called[0] if len(called) == 1 else ""


class Speller:
    """Knows the names at the head of titles. A name is spelt wrong behind its first letter, and not
    in its digits: only names that share these are compared. titles: as they are written.
    """

    def __init__(self, titles: Iterable[str]) -> None:
        self._alike: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        folded = (fold(head) for head in map(head_of, titles) if not has_han(head))
        for name in filter(None, map(latin_name, folded)):
            if len(key := squeezed(name)) >= LEAST_CHARS:
                self._alike[_kept(key)][key] = name

    def spelt(self, said: str) -> str:
        """Return a name as the titles spell it, or as it was said if none is near."""
        key = squeezed(said)
        alike = self._alike.get(_kept(key), {})
        near = difflib.get_close_matches(key, alike, n=1, cutoff=NEAR)
        return alike[near[0]] if near else said


def _kept(key: str) -> tuple[str, str]:
    """Return what of a name is said as it is."""
    return key[:1], re.sub(r"[^\d+]", "", key)

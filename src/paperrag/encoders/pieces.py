"""Text -> the tokens of a model folder's vocabulary, and the place of each in the text.

A word is put together from the pieces whose scores have the greatest sum, as in the Unigram models
of SentencePiece. In plain Python: lines and words recur, so that few are cut anew, and a vocabulary
is open in a tenth of the time that libraries take, which a question in a fresh process waits for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import inf
from pathlib import Path

import msgspec

from paperrag.encoders.folded import folded, sources
from paperrag.errors import EncoderError
from paperrag.records import Span

PIECES_FILE = "pieces.json"

KEPT_WORDS, KEPT_LINES = 1 << 15, 1 << 13
"""Whose tokens are kept: 10,000 pairs of sentences in both languages have 19,000 words, and a line
is counted, embedded and stored by its tokens, often in front of others.
"""

_UNKNOWN_COST = 10.0
"""By how much a character without a piece scores below the least piece: SentencePiece's."""


class PieceRules(msgspec.Struct, frozen=True):
    """What `pieces.json` of a model folder holds; `training.pieces` writes it."""

    lower: bool
    """Whether a text's compatibility form is put in lower case."""
    words: str
    """The pattern whose matches are cut into pieces, each for itself; it matches no line end."""
    before: str
    """What is put before each of them."""
    unknown: int
    """The token of what has no piece."""
    longest: dict[int, str]
    """The characters that pieces begin with, by how long the longest of their pieces is."""
    pieces: list[str]
    """In the order of tokens, "" for those of no text."""
    scores: list[float]


class Pieces:
    """The vocabulary of a model folder. Raises EncoderError if it cannot be read."""

    def __init__(self, folder: Path) -> None:
        try:
            rules = msgspec.json.decode((folder / PIECES_FILE).read_bytes(), type=PieceRules)
            self._known = dict(zip(rules.pieces, range(len(rules.scores)), strict=True))
            self._words = re.compile(rules.words)
        except (OSError, ValueError, re.error) as error:
            raise EncoderError(
                f"cannot read {folder / PIECES_FILE}: {error}; reinstall paperrag"
            ) from error
        self._rules, self._scores = rules, rules.scores
        self._longest = {
            first: chars for chars, firsts in rules.longest.items() for first in firsts
        }
        del self._known[rules.pieces[rules.unknown]]
        self._scores[rules.unknown] = min(rules.scores) - _UNKNOWN_COST
        self._line = lru_cache(KEPT_LINES)(self._tokens)
        self._cut = lru_cache(KEPT_WORDS)(self._best)

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text."""
        found: list[int] = []
        for line in text.split("\n"):
            found += self._line(line)
        return found

    def spans(self, text: str) -> tuple[list[int], list[Span]]:
        """Return the tokens of a text and the (start, end) of each, where nothing is put before
        words.
        """
        found: list[int] = []
        spans: list[Span] = []
        places = sources(text, self._rules.lower)
        for match in self._words.finditer(folded(text, self._rules.lower)):
            tokens, ends = self._cut(match[0])
            ends = [match.start() + end for end in ends]
            begins = [match.start(), *ends[:-1]]
            found += tokens
            spans += [(places[a], places[z - 1] + 1) for a, z in zip(begins, ends, strict=True)]
        return found, spans

    def _tokens(self, line: str) -> list[int]:
        found: list[int] = []
        for word in self._words.findall(folded(line, self._rules.lower)):
            found += self._cut(self._rules.before + word)[0]
        return found

    def _best(self, word: str) -> tuple[list[int], list[int]]:
        """Return the tokens of the best pieces of a word, and where each ends; neighbours without a
        piece are one.
        """
        begins, last_tokens = self._ways(word)
        tokens: list[int] = []
        ends: list[int] = []
        end = len(word)
        while end:
            token = last_tokens[end]
            if not (tokens and token == tokens[-1] == self._rules.unknown):
                tokens.append(token)
                ends.append(end)
            end = begins[end]
        return tokens[::-1], ends[::-1]

    def _ways(self, word: str) -> tuple[Sequence[int], Sequence[int]]:
        """Return, for each place of a word, where the last piece of the best way to it begins, and
        the token of this piece.
        """
        known, scores, longest, unknown = (
            self._known, self._scores, self._longest, self._rules.unknown,
        )  # fmt: skip
        chars = len(word)
        sums = [0.0, *[-inf] * chars]
        begins, tokens = [0] * (chars + 1), [unknown] * (chars + 1)
        for begin, first in enumerate(word):
            known.setdefault(first, unknown)
            for end in range(begin + 1, min(begin + longest.get(first, 1), chars) + 1):
                token = known.get(word[begin:end])
                if token is not None and sums[begin] + scores[token] > sums[end]:
                    sums[end] = sums[begin] + scores[token]
                    begins[end], tokens[end] = begin, token
        return begins, tokens

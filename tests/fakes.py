"""Fakes whose output a reader can compute by hand, and builders of small records."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

import numpy as np

from paperrag.conversation.followups import Said
from paperrag.encoders.contract import FloatArray, unit_rows
from paperrag.question.conditions import Condition
from paperrag.question.fields import FieldWords
from paperrag.question.read import read_question
from paperrag.question.record import Question
from paperrag.records import Entry, Link, Status


class NgramEncoder:
    """Counts character 1-, 2- and 3-grams of the lower-case text without blanks into hashed
    buckets.

    A gram's bucket is crc32(gram) % dimension, so "ab" counts in the buckets of "a", "b" and "ab".
    One token is one non-blank character. Texts that share letters are near, all others far.
    """

    def __init__(self, dimension: int = 256, max_tokens: int = 256) -> None:
        self.name = f"fake-ngrams-{dimension}"
        self.fingerprint = hashlib.sha256(self.name.encode()).hexdigest()
        self.dimension = dimension
        self.max_tokens = max_tokens

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        counts = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for gram in ngrams(text):
                counts[row, zlib.crc32(gram.encode()) % self.dimension] += 1
        return unit_rows(counts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return count_characters(texts)


class LetterEncoder:
    """A token encoder over four letters: a and b at right angles, c between them, d three times as
    heavy as a.

    Token ids are a=1, b=2, c=3, d=4; other characters are unknown and left out.
    """

    vectors = np.array([[9, 9], [1, 0], [0, 1], [0.6, 0.8], [3, 0]], dtype=np.float32)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [[1 + "abcd".index(char) for char in text if char in "abcd"] for text in texts]

    def token_vectors(self, ids: Sequence[int]) -> FloatArray:
        return self.vectors[np.asarray(ids, dtype=np.int64)]


def ngrams(text: str) -> list[str]:
    """The character 1-, 2- and 3-grams of a text, lower-case, blanks left out."""
    letters = "".join(text.lower().split())
    return [letters[i : i + n] for n in (1, 2, 3) for i in range(len(letters) - n + 1)]


def count_characters(texts: Sequence[str]) -> list[int]:
    """How many non-blank characters each text has."""
    return [len("".join(text.split())) for text in texts]


def count_words(texts: Sequence[str]) -> list[int]:
    """How many words between blanks each text has."""
    return [len(text.split()) for text in texts]


def make_entry(
    text: str,
    *,
    title: str = "Title",
    breadcrumb: tuple[str, ...] = ("Notes",),
    links: tuple[Link, ...] = (),
    number: int = 1,
) -> Entry:
    """An entry of a made-up file; only what chunking and retrieval look at can be chosen."""
    return Entry(
        id=f"notes/made-up.md#{number}",
        source="notes/made-up.md",
        kind="note",
        role="item",
        title=title,
        breadcrumb=breadcrumb,
        text=text,
        line_start=number,
        line_end=number + text.count("\n"),
        parent_id=None,
        child_ids=(),
        links=links,
        venue=None,
        language="en",
    )


class EveryWord:
    """Notes that hold every word and no heading."""

    def has_section(self, name: str) -> bool:
        return False

    def has_tag(self, name: str) -> bool:
        return False

    def marks_reading(self, status: Status) -> bool:
        return False

    def fields(self) -> FieldWords:
        return FieldWords()

    def venues(self) -> frozenset[str]:
        return frozenset()

    def holds(self, name: str) -> bool:
        return True

    def writes(self, name: str) -> bool:
        return True

    def numbers_behind(self, name: str) -> frozenset[str]:
        return frozenset()

    def spelt(self, name: str) -> str:
        return name

    def names(self, asked: Condition) -> bool:
        return False

    def also_called(self, name: str) -> tuple[str, ...]:
        return ()

    def called(self, identifier: str) -> str:
        return ""


def understood(text: str) -> Question:
    """A question as it is read beside notes that hold every word."""
    return read_question(text, EveryWord())


def follows_up(text: str) -> bool:
    """Whether a question points at what was said before."""
    return Said.of(understood(text)).follows_up

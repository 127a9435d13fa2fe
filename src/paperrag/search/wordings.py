"""What a question asks, in other words of the notes: VAE for a variational autoencoder, graph
neural network for GNN.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from paperrag.encoders.contract import TokenEncoder, unit_rows
from paperrag.index.engine import Snapshot
from paperrag.index.lexical import tokenize
from paperrag.search.occurrences import Occurrences
from paperrag.search.weights import READ_FOR_TERM, SHORT_FOR
from paperrag.text.acronyms import definitions, initials_of, may_be_long_forms, short_forms_in


class Wordings:
    """Knows the short and the long forms of terms in one loaded index: those that its notes define,
    and initials that they write where the encoder has learned what these mean.
    """

    def __init__(self, data: Snapshot, encoder: object) -> None:
        self._data = data
        self._encoder = encoder if isinstance(encoder, TokenEncoder) else None
        self._occurrences = Occurrences(data)

    def of(self, asked: str) -> list[str]:
        """Return a question in other words, one of its terms at a time put otherwise."""
        pairs = dict.fromkeys((*self._shortened(asked), *self._spelt_out(asked)))
        return [re.sub(rf"\b{re.escape(said)}s?\b", other, asked) for said, other in pairs]

    def _shortened(self, asked: str) -> Iterator[tuple[str, str]]:
        left = asked
        for run in may_be_long_forms(asked):
            if run in left and (short := self._short_for(run)):
                left = left.replace(run, "")
                yield run, short

    def _short_for(self, run: str) -> str:
        """Return what the notes write for a run of words, "" if nothing."""
        words = tokenize(run)
        defined = (short for short, long in self._defined(run) if tokenize(long) == words)
        initials = initials_of(run, self._is_word)
        written = (one for one in initials if self._means(one, run) and self._writes(one))
        return next(defined, "") or next(written, "")

    def _is_word(self, word: str) -> bool:
        return len(self._occurrences.chunks_with_words(word)) > 0

    def _spelt_out(self, asked: str) -> Iterator[tuple[str, str]]:
        for short in short_forms_in(asked):
            longs = (long for one, long in self._defined(short) if one == short)
            if long := next(longs, ""):
                yield short, long

    def _defined(self, term: str) -> Iterator[tuple[str, str]]:
        return (pair for text in self._texts(term) for pair in definitions(text))

    def _writes(self, short: str) -> bool:
        """Whether the notes hold a short form in its capitals."""
        written = re.compile(rf"(?<![\w-]){short}s?(?![\w-])")
        return any(map(written.search, self._texts(short)))

    def _means(self, short: str, run: str) -> bool:
        """Whether a short form is near enough to a run of words to mean it."""
        if self._encoder is None:
            return False
        ids = self._encoder.token_ids([short, run])
        sums = np.stack([self._encoder.token_vectors(one).sum(axis=0) for one in ids])
        one, other = unit_rows(sums)
        return bool(one @ other >= SHORT_FOR)

    def _texts(self, term: str) -> Iterator[str]:
        rows = self._occurrences.chunks_with_words(term)[:READ_FOR_TERM]
        entries = dict.fromkeys(self._data.chunks.entry[rows].tolist())
        return map(self._data.entries.text, entries)

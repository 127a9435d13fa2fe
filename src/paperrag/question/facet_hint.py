"""A question -> whether it may ask for papers by a facet, by what its words mean one by one.

A network that was taught by the one of `facets.py` (training/train_facet_hint.py), which reads
words in context and takes thirty times as long: most questions need not be read by that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from paperrag.encoders.contract import TokenEncoder
from paperrag.question.thresholds import MAY_ASK_BY_FACET
from paperrag.question.word_net import WordNet

HINT_FILE = Path(__file__).parent / "facet_hint.npz"


class FacetHint:
    """Tells whether questions may ask by a facet; `encoder` gives the vectors of their words."""

    def __init__(self, encoder: Callable[[], TokenEncoder], path: Path = HINT_FILE) -> None:
        self._open = encoder
        self._net = WordNet(path)

    @cached_property
    def _encoder(self) -> TokenEncoder:
        return self._open()

    def may_ask(self, folded: str) -> bool:
        """Return whether a folded question is to be read for a facet."""
        return self.score(folded) >= MAY_ASK_BY_FACET

    def score(self, folded: str) -> float:
        """Return how much speaks for a facet, above 0 where one is likelier than none."""
        (ids,) = self._encoder.token_ids([folded])
        if not ids:
            return -math.inf
        seen = self._net.seen(self._encoder.token_vectors(ids))
        return float(self._net.attended("asks", seen)[0])

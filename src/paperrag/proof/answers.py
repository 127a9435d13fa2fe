"""A question and texts -> how far each of them answers it. No LLM.

A network reads a question and a text together, as that of `net` reads a claim and what it cites;
`training/answers` fitted it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from paperrag.encoders.contract import FloatArray, StateEncoder
from paperrag.proof.flags import links
from paperrag.proof.net import ClaimNet, Side
from paperrag.proof.sides import side_of
from paperrag.proof.windows import Tokens, sentences, tokens_of, window
from paperrag.text.folding import fold

ANSWERS_FILE = Path(__file__).parent / "answer_net.onnx"

QUESTION_TOKENS, ANSWER_TOKENS = 60, 80
"""Of a question and of a text that it is held against; the network was trained on as many."""

NOTHING_SAID = -6.0
"""The logit of a text without words; lower than any that the network gave in training."""


class AnswerJudge:
    """Says how far texts answer questions; `encoder` gives what reads them, when it is first asked.
    What it says of the texts of one question is kept until another is asked. May be asked from
    several threads, one after the other.
    """

    def __init__(self, encoder: Callable[[], StateEncoder]) -> None:
        self._open = encoder
        self._lock = Lock()
        self._asked = ""
        self._known: dict[str, float] = {}

    @cached_property
    def _encoder(self) -> StateEncoder:
        return self._open()

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count() or 1)

    def logits(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a logit for each text: the higher, the rather it answers."""
        with self._lock:
            if question != self._asked:
                self._asked, self._known = question, {}
            new = [text for text in dict.fromkeys(texts) if text not in self._known]
            if new:
                self._known.update(zip(new, self._judged(question, new), strict=True))
            return [self._known[text] for text in texts]

    def _judged(self, question: str, texts: Sequence[str]) -> Iterator[float]:
        asked = fold(question)
        own = tokens_of(asked, self._encoder).first(QUESTION_TOKENS)
        states = self._encoder.token_states(own.ids)
        pairs = [self._pair(asked, own, states, fold(text)) for text in texts]
        return self._pool.map(self._logit, pairs)

    def _pair(self, question: str, own: Tokens, states: FloatArray, text: str) -> _Pair | None:
        """Return a question beside the sentences of a text that meet it best; None without words on
        a side.
        """
        told = [tokens_of(part, self._encoder) for part in sentences(text)]
        other = tokens_of(window(own, told, ANSWER_TOKENS), self._encoder).first(ANSWER_TOKENS)
        if not own.ids or not other.ids:
            return None
        nothing = np.zeros((0, 0), dtype=np.float32)  # read beside others
        return _Pair(
            side_of(own, states, text, other.ids),
            side_of(other, nothing, question, own.ids),
            links(question, own.spans, other.text, other.spans),
        )

    def _logit(self, pair: _Pair | None) -> float:
        if pair is None:
            return NOTHING_SAID
        states = self._encoder.token_states(pair.text.ids.tolist())
        net = ClaimNet(self._encoder.open_layers(ANSWERS_FILE), sees_order=False)
        return net.judge(pair.question, replace(pair.text, states=states), pair.links).logit


class _Pair(Struct, frozen=True):
    question: Side
    text: Side
    links: npt.NDArray[np.int64]

"""Settings -> the encoder of notes and questions, and what proves and judges by the bundled one."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from paperrag.answer.judging import Judge
from paperrag.config import Settings
from paperrag.encoders.contract import Encoder, StateEncoder
from paperrag.encoders.static import BUNDLED, BUNDLED_FOLDER, BUNDLED_STATIC, StaticEncoder
from paperrag.errors import IndexMissing, PaperRagError
from paperrag.index.engine import Engine
from paperrag.notes.corpus import scan_corpus
from paperrag.question.facet_hint import FacetHint
from paperrag.question.facets import FacetReader

AUTO = "auto"
"""The encoder setting that keeps to the index there is, and else decides by the size of the
corpus.
"""

LARGE_CORPUS_BYTES = 4_000_000
"""Larger corpora are first indexed with the static part alone: the whole encoder reads 1.2 MB of
notes in 91 s on two cores without VNNI, the static part in 10 s."""

QUICK_CORPUS_BYTES = 200_000
"""Larger ones are so at first where somebody waits for an answer: the whole encoder takes 15 s for
as many."""

log = logging.getLogger("paperrag")


def load_encoder(name: str = BUNDLED, download: bool = False) -> Encoder:
    """Return the encoder of a name: "bundled", "bundled-static", a folder, or a
    sentence-transformers name.

    Raises EncoderError if it cannot be loaded, MissingDependency if its library is not installed.
    """
    if name == BUNDLED:
        bundled: Encoder = _bundled()
        return bundled
    if name == BUNDLED_STATIC:
        return bundled_words()
    from paperrag.encoders.sentence_transformers import SentenceTransformerEncoder
    from paperrag.encoders.with_tokens import WithTokens

    return WithTokens(SentenceTransformerEncoder(name, download), bundled_words())


def choose_encoder(settings: Settings, store: Engine) -> str:
    """Return the name of the encoder to use, where the setting is "auto".

    A bundled one that the index was built with stays. A first index takes the whole bundled
    encoder, of a corpus above LARGE_CORPUS_BYTES its static part, and says so.
    """
    if settings.encoder != AUTO:
        return settings.encoder
    if built := encoder_of_index(settings, store):
        return built
    size = _corpus_bytes(settings)
    if size <= LARGE_CORPUS_BYTES:
        return BUNDLED
    log.warning(
        "%.0f MB of notes: indexing by single words' vectors, which is ten times faster; "
        "to have word order read too, run: paperrag index --rebuild --encoder bundled; you can ask "
        "meanwhile",
        size / 1e6,
    )
    return BUNDLED_STATIC


def encoder_of_index(settings: Settings, store: Engine) -> str | None:
    """Return the bundled encoder that an index was built with, None where there is no index or the
    settings name an encoder.
    """
    if settings.encoder != AUTO:
        return None
    try:
        built = store.manifest().encoder
    except PaperRagError:  # said again, and in full, when the index is opened
        return None
    return built if built in (BUNDLED, BUNDLED_STATIC) else None


def is_quick_at_first(settings: Settings, store: Engine) -> bool:
    """Return whether a first index is made by the static part, so that nobody waits for all."""
    if settings.encoder != AUTO or settings.store != "local":
        return False
    try:
        store.manifest()
    except IndexMissing:
        return _takes_long(_corpus_bytes(settings))
    except PaperRagError:  # said when the index is opened
        return False
    return False


def can_grow(settings: Settings, store: Engine) -> bool:
    """Return whether an index was made by the static part only because somebody waited for it."""
    if settings.store != "local" or encoder_of_index(settings, store) != BUNDLED_STATIC:
        return False
    return _takes_long(sum(one.stamp.size_bytes for one in store.manifest().files.values()))


def _takes_long(size_bytes: int) -> bool:
    """Return whether a corpus is too large to wait for the whole encoder, but not to have it."""
    return QUICK_CORPUS_BYTES < size_bytes <= LARGE_CORPUS_BYTES


def _corpus_bytes(settings: Settings) -> int:
    try:
        files, _ = scan_corpus(settings.corpus, settings.exclude)
        return sum(file.stamp.size_bytes for file in files)
    except PaperRagError:  # said when it is read
        return 0


def answer_judge() -> Judge:
    """Return what says how far entries answer a question; it reads nothing until it is asked."""
    from paperrag.proof.answers import AnswerJudge

    return AnswerJudge(proof_encoder)


@lru_cache(maxsize=1)
def facet_reader() -> FacetReader:
    """Return what reads by which facet questions ask; it opens nothing until one is read."""
    return FacetReader(proof_encoder, hint=FacetHint(bundled_words))


def proof_encoder() -> StateEncoder:
    """Return the encoder that answers are proved with: always the bundled one, which the proof was
    fitted on.
    """
    bundled: StateEncoder = _bundled()
    return bundled


@lru_cache(maxsize=1)
def bundled_words() -> StaticEncoder:
    """Return the static part of the bundled encoder, opened once: a question's words are split once
    for all that ask for their vectors.
    """
    return StaticEncoder(BUNDLED_FOLDER, BUNDLED_STATIC)


@lru_cache(maxsize=1)
def _bundled() -> Any:
    """Return the bundled encoder, opened once: an index and the proof read with the same one."""
    from paperrag.encoders.contextual import ContextualEncoder

    return ContextualEncoder(BUNDLED_FOLDER, BUNDLED, bundled_words())

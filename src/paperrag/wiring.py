"""Settings -> concrete objects. The one module that names adapters; heavy imports happen inside."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from paperrag.answer.judging import Judge
from paperrag.config import Settings
from paperrag.encoders.contract import Encoder, FloatArray, StateEncoder
from paperrag.encoders.static import BUNDLED, BUNDLED_FOLDER, BUNDLED_STATIC, StaticEncoder
from paperrag.errors import ConfigError, PaperRagError
from paperrag.extras import missing
from paperrag.index.clustered import ClusteredVectors, is_clustered
from paperrag.index.engine import Engine, Snapshot
from paperrag.index.merging import LARGE_CHUNKS
from paperrag.index.recipe import IndexRecipe, package_version
from paperrag.index.store import Store
from paperrag.index.vectors import VectorIndex
from paperrag.notes.corpus import scan_corpus
from paperrag.records import Progress

if TYPE_CHECKING:
    from paperrag.index.milvus.engine import MilvusEngine
    from paperrag.llm.generator import Generator
    from paperrag.llm.writing import Writer
    from paperrag.papers.resolvers import Resolver, Web

API_URLS = (
    "arxiv_url",
    "openreview_url",
    "openreview_v1_url",
    "neurips_url",
    "semantic_scholar_url",
    "crossref_url",
    "openalex_url",
)
"""Settings that hold base URLs; their hosts are the only ones that are asked."""

AUTO = "auto"
"""The encoder setting that keeps to the index there is, and else decides by the size of the
corpus.
"""

LARGE_CORPUS_BYTES = 4_000_000
"""Larger corpora are first indexed with the static part alone: the whole encoder reads 1.2 MB of
notes in 91 s on two cores without VNNI, the static part in 10 s."""

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
        return StaticEncoder(BUNDLED_FOLDER, BUNDLED_STATIC)
    from paperrag.encoders.sentence_transformers import SentenceTransformerEncoder
    from paperrag.encoders.with_tokens import WithTokens

    tokens = StaticEncoder(BUNDLED_FOLDER, BUNDLED_STATIC)
    return WithTokens(SentenceTransformerEncoder(name, download), tokens)


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


def _corpus_bytes(settings: Settings) -> int:
    try:
        files, _ = scan_corpus(settings.corpus, settings.exclude)
        return sum(file.stamp.size_bytes for file in files)
    except PaperRagError:  # said when it is read
        return 0


def make_recipe(settings: Settings, encoder: Encoder) -> IndexRecipe:
    """Return how an index is built. Raises ConfigError if the encoder cannot read such long chunks
    whole.
    """
    if (
        settings.chunk_tokens > encoder.max_tokens
        and settings.chunk_tokens != Settings().chunk_tokens
    ):
        raise ConfigError(
            f"chunk_tokens is {settings.chunk_tokens}, but encoder {encoder.name!r} reads at most "
            f"{encoder.max_tokens} tokens"
        )
    most_tokens = min(settings.chunk_tokens, encoder.max_tokens)
    return IndexRecipe(encoder, most_tokens, settings.exclude)


def open_store(folder: Path) -> Store:
    """Return the store of an index folder."""
    return Store(folder, _store_vectors, _load_vectors)


def open_engine(settings: Settings) -> Engine:
    """Return what keeps the index. Asks nothing yet."""
    if settings.store == "local":
        return open_store(settings.index)
    return open_milvus(settings, settings.milvus_uri)


def open_milvus(settings: Settings, uri: str) -> MilvusEngine:
    """Return what keeps the index of a corpus in a Milvus."""
    from paperrag.index.milvus.client import MilvusTables
    from paperrag.index.milvus.engine import MilvusEngine  # all of it only where it is used

    collection = settings.milvus_collection
    corpus = settings.milvus_corpus or _name_of(settings.corpus)
    tables = MilvusTables(uri, settings.milvus_token, collection, corpus)
    return MilvusEngine(
        settings.index / "milvus" / _short_digest(f"{uri} {collection} {corpus}"), tables
    )


def push_index(
    settings: Settings, uri: str, progress: Progress, is_same: Callable[[Snapshot, Snapshot], bool]
) -> tuple[str, int | None]:
    """Copy the index on this machine into a Milvus; see `index.milvus.push.push`. Return what the
    copy is called, and how many files were copied.
    """
    from paperrag.index.milvus.push import push

    target = open_milvus(settings, uri)
    return target.name, push(open_store(settings.index), target, settings.corpus, progress, is_same)


def _name_of(corpus: Path) -> str:
    """Return what a corpus is called where nobody named it: its folder, and which one that is."""
    path = os.path.realpath(corpus)
    return f"{Path(path).name[:40]}-{_short_digest(path)}"


def _short_digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=4).hexdigest()


def make_writer(
    settings: Settings, llm: object | None = None, environment: Mapping[str, str] | None = None
) -> Writer | None:
    """Return the LLM that writes answers, None for "none". llm: a LlamaIndex LLM in place of the
    setting. environment: where addresses and keys stand, in place of the process's own.

    Raises ConfigError for a spec that cannot be used, MissingDependency for a library that is not
    there.
    """
    if llm is None and settings.llm == "none":
        return None
    found = os.environ if environment is None else environment
    generator = _served(settings, found) if llm is None else _llama(llm, settings.llm_context)
    from paperrag.llm.writing import Writer

    return Writer(generator, proof_encoder(), settings.llm_timeout_s, settings.llm_reply_tokens)


def _served(settings: Settings, environment: Mapping[str, str]) -> Generator:
    from paperrag.llm.servers import server_of

    server = server_of(settings.llm, environment)
    from paperrag.llm.chats import ServedModel

    return ServedModel(
        server, settings.llm_timeout_s, settings.llm_context, settings.llm_reply_tokens
    )


def _llama(llm: object, context_tokens: int) -> Generator:
    try:
        from paperrag.llm.llama_llms import from_llm
    except ImportError as error:
        raise missing(
            "what makes an LLM of a LlamaIndex object", "llamaindex", error.name
        ) from error
    return from_llm(llm, context_tokens)


def answer_judge() -> Judge:
    """Return what says how far entries answer a question; it reads nothing until it is asked."""
    from paperrag.proof.answers import AnswerJudge

    return AnswerJudge(proof_encoder)


def proof_encoder() -> StateEncoder:
    """Return the encoder that answers are proved with: always the bundled one, which the proof was
    fitted on.
    """
    bundled: StateEncoder = _bundled()
    return bundled


@lru_cache(maxsize=1)
def _bundled() -> Any:
    """Return the bundled encoder, opened once: an index and the proof read with the same one."""
    from paperrag.encoders.contextual import ContextualEncoder

    return ContextualEncoder(BUNDLED_FOLDER, BUNDLED)


def llama_adapter() -> Any:
    """Return the module of LlamaIndex's retriever and engines. Raises MissingDependency without
    LlamaIndex.
    """
    try:
        from paperrag import llamaindex as llama_nodes
    except ImportError as error:
        raise missing(
            "what makes LlamaIndex retrievers and engines", "llamaindex", error.name
        ) from error
    return llama_nodes


def make_resolvers(settings: Settings) -> Sequence[Resolver]:
    """Return the paper APIs in the order in which they are asked: by id first, by title last.

    Raises ConfigError as `make_web` does.
    """
    from paperrag.papers.apis.arxiv import ArxivResolver
    from paperrag.papers.apis.crossref import CrossrefResolver
    from paperrag.papers.apis.neurips import NeuripsResolver
    from paperrag.papers.apis.openalex import OpenAlexTitles
    from paperrag.papers.apis.openreview import OpenReviewResolver
    from paperrag.papers.apis.semantic_scholar import SemanticScholarResolver, SemanticScholarTitles

    web = make_web(settings)
    return (
        ArxivResolver(web, settings.arxiv_url),
        OpenReviewResolver(web, settings.openreview_url, settings.openreview_v1_url),
        NeuripsResolver(web, settings.neurips_url),
        SemanticScholarResolver(web, settings.semantic_scholar_url, settings.semantic_scholar_key),
        CrossrefResolver(web, settings.crossref_url, settings.contact),
        SemanticScholarTitles(web, settings.semantic_scholar_url, settings.semantic_scholar_key),
        OpenAlexTitles(web, settings.openalex_url, settings.contact),
    )


def make_web(settings: Settings) -> Web:
    """Return what asks the paper APIs, with the manners of the settings.

    Raises ConfigError for a base URL that is not https.
    """
    from paperrag.papers.apis.web import HttpxWeb, Manners, check_base_url

    urls = {name: getattr(settings, name) for name in API_URLS}
    for name, url in urls.items():
        check_base_url(name, url)
    pauses = dict.fromkeys(urls.values(), settings.fetch_pause_s) | {
        settings.arxiv_url: settings.arxiv_pause_s
    }
    return HttpxWeb(
        Manners(
            user_agent=_user_agent(settings.contact),
            pause_s=pauses,
            timeout_s=settings.fetch_timeout_s,
            retries=settings.fetch_retries,
            backoff_s=settings.fetch_backoff_s,
            patience_s=settings.fetch_patience_s,
            max_bytes=settings.fetch_max_bytes,
        )
    )


def _user_agent(contact: str) -> str:
    return f"paperrag/{package_version()} (reads abstracts of papers in personal notes{f'; mailto:{contact}' if contact else ''})"


def _store_vectors(rows: FloatArray) -> npt.NDArray[np.uint8]:
    from paperrag.index.faiss_index import FaissVectors

    kind = ClusteredVectors if len(rows) >= LARGE_CHUNKS else FaissVectors
    return kind.store(rows)


def _load_vectors(data: npt.NDArray[Any]) -> VectorIndex:
    from paperrag.index.faiss_index import FaissVectors

    return ClusteredVectors.load(data) if is_clustered(data) else FaissVectors.load(data)

"""Settings -> the LLM that writes answers, and what LlamaIndex is given of the program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paperrag.config import Settings
from paperrag.extras import missing
from paperrag.wiring.encoders import proof_encoder

if TYPE_CHECKING:
    from paperrag.llm.generator import Generator
    from paperrag.llm.writing import Writer


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


def llama_adapter() -> Any:
    """Return the module of LlamaIndex's retriever and engines. Raises MissingDependency without
    LlamaIndex.
    """
    try:
        from paperrag.llamaindex import engines
    except ImportError as error:
        raise missing(
            "what makes LlamaIndex retrievers and engines", "llamaindex", error.name
        ) from error
    return engines

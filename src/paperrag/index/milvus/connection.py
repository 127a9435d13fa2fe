"""A connection to Milvus: begun at the first call, tried again with growing pauses where no server
is found; what cannot be done is said in one sentence.

An address without a scheme is a folder of Milvus Lite, which runs in this process.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from paperrag.errors import ConfigError, IndexUnreachable
from paperrag.extras import missing

CONNECTING_S = 5.0
"""Longest time to find the server, for one try."""

RETRY_PAUSES_S = (0.25, 0.5, 1.0, 2.0)
"""Waited before each next try where there is no connection."""

_NO_CONNECTION = 2
"""What pymilvus calls it. Where a connection breaks within a call it tries again itself."""

_PASSWORD = re.compile(r"//[^/@]*@")

_Result = TypeVar("_Result")


class MilvusConnection:
    """One client of Milvus, shared by threads. closed: told when a connection ends.

    Raises ConfigError, IndexUnreachable, and MissingDependency without pymilvus.
    """

    def __init__(self, uri: str, token: str, closed: Callable[[], object]) -> None:
        self.uri = uri
        self.is_embedded = "://" not in uri
        self._token = token
        self._closed = closed
        self._client: Any = None

    @property
    def shown_uri(self) -> str:
        """The address without a password in it."""
        return _PASSWORD.sub("//", self.uri)

    def call(self, act: Callable[[Any], _Result]) -> _Result:
        """Return what comes of an act with the client, which may be done twice. Raises
        IndexUnreachable.
        """
        make = self._client_class  # so that what is not installed is said first
        from grpc import RpcError
        from pymilvus.exceptions import MilvusException

        for pause in (*RETRY_PAUSES_S, None):
            client = self._client
            try:
                if client is None:
                    client = make(self._address(), token=self._token, timeout=CONNECTING_S)
                    self._client = client
                return act(client)
            except (MilvusException, RpcError, ValueError) as error:  # the last: it is closed
                is_closed = self._client is not client  # by another thread that lost it
                is_lost = is_closed or getattr(error, "code", 0) == _NO_CONNECTION
                if isinstance(error, ValueError) and not is_closed:
                    raise
                if pause is None or not is_lost:
                    raise self._unreachable(error) from error
                self.close()
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    @cached_property
    def _client_class(self) -> Any:
        # What gRPC does at a fork closes files of programs that are only started, and tells of it.
        os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
        try:
            from pymilvus import MilvusClient

            if self.is_embedded:
                import milvus_lite  # noqa: F401  # pymilvus names it only in an error of its own
        except ImportError as error:
            raise missing("what keeps an index in Milvus", "milvus", error.name) from error
        for name in ("pymilvus", "grpc"):  # they print what is also raised
            logging.getLogger(name).setLevel(logging.CRITICAL)
        return MilvusClient

    def _address(self) -> str:
        if not self.is_embedded:
            return self.uri
        folder = Path(self.uri).expanduser()
        if folder.suffix != ".db":
            raise ConfigError(
                f"milvus_uri: expected http://HOST:PORT, or a folder of Milvus Lite that is called "
                f"NAME.db, got {self.uri!r}"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        return str(folder)

    def _unreachable(self, error: Any) -> IndexUnreachable:
        told = " ".join(str(getattr(error, "message", error)).split())[:200]
        return IndexUnreachable(
            f"Milvus at {self.shown_uri} gave an error or no answer ({told}); what is there is as it "
            f"was. Check that it runs and that milvus_uri and milvus_token are right, then run the "
            f"same again"
        )

    def close(self) -> None:
        """End the connection; the next call begins another."""
        client, self._client = self._client, None
        self._closed()
        if client is not None:
            client.close()

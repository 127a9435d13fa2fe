"""Rows <-> two collections of Milvus: chunks with their vectors, and parts, which are texts by id.

With `connection.py` the one that knows pymilvus.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from paperrag.encoders.contract import FloatArray
from paperrag.index.milvus.connection import MilvusConnection
from paperrag.index.milvus.schema import (
    Row,
    check_names,
    check_width,
    chunk_fields,
    part_fields,
)

PATIENCE_S = 30.0
"""Longest time that one call may take."""

_PATIENT = {"timeout": PATIENCE_S}

MOST_FOUND = 16_384
"""Milvus finds so many rows for a request at most."""

_PAGE_ROWS = 4000
_NAMED_ROWS = 2000

MOST_BYTES = 8_000_000
"""Of texts and vectors sent or asked for at once; Milvus takes and gives 64 MB at most."""

NUMBER_BYTES = 8

Sparse = Mapping[int, float]


class MilvusTables:
    """The collections `NAME_chunks` and `NAME_parts`, shared by corpora; `corpus` is the partition
    key that tells them apart, and every expression here is within one.

    Raises what `MilvusConnection` raises.
    """

    def __init__(self, uri: str, token: str, collection: str, corpus: str) -> None:
        check_names(collection, corpus)
        self.collection, self.corpus = collection, corpus
        self._ready: set[str] = set()
        self._connection = MilvusConnection(uri, token, self._ready.clear)
        self._call = self._connection.call
        self.shown_uri, self.is_embedded = self._connection.shown_uri, self._connection.is_embedded

    @property
    def name(self) -> str:
        """What errors and `status` call it."""
        return f"{self.corpus} in {self.collection} at {self.shown_uri}"

    def create(self, dimension: int | None = None) -> None:
        """Make the collections that are not there; that of chunks, of vectors of so many numbers,
        if these are known. Raises IndexMismatch for another width.
        """
        self._call(lambda client: self._create(client, dimension))

    def upsert(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows, in place of those of the same ids; all are of this corpus."""
        for some in _parcels(rows):
            part = [self._keyed(row) for row in some]
            self._call(partial(self._upsert, table=table, rows=part))

    def rows(self, table: str, expression: str, columns: Sequence[str]) -> list[Row]:
        """Return the rows that an expression fits, [] where there is no collection."""
        return self._call(lambda client: list(self._pages(client, table, expression, columns)))

    def named(
        self, table: str, ids: Sequence[str], columns: Sequence[str], at_once: int = _NAMED_ROWS
    ) -> list[Row]:
        """Return the rows of some ids that are there, found without a look at any other."""
        rows: list[Row] = []
        for start in range(0, len(ids), at_once):
            rows += self._call(self._asking(table, ids[start : start + at_once], columns))
        return rows

    def _asking(
        self, table: str, ids: Sequence[str], columns: Sequence[str]
    ) -> Callable[[Any], list[Row]]:
        keys = json.dumps([self.key(row_id) for row_id in ids], ensure_ascii=False)

        def found(client: Any) -> list[Row]:
            if not self._is_ready(client, table):
                return []
            rows: list[Row] = client.query(
                self._of(table),
                f"id in {keys}",
                list(columns),
                consistency_level="Strong",
                **_PATIENT,
            )
            return rows

        return found

    def count(self, table: str, expression: str) -> int:
        """Return how many rows an expression fits."""

        def counted(client: Any) -> int:
            if not self._is_ready(client, table):
                return 0
            found = client.query(
                self._of(table),
                self._within(expression),
                ["count(*)"],
                consistency_level="Strong",
                **_PATIENT,
            )
            return int(found[0]["count(*)"])

        return self._call(counted)

    def delete(self, table: str, expression: str) -> None:
        """Remove the rows that an expression fits."""

        def removed(client: Any) -> None:
            if self._is_ready(client, table):
                client.delete(self._of(table), filter=self._within(expression), **_PATIENT)

        self._call(removed)

    def flush(self) -> None:
        """Let Milvus Lite write what it holds in memory, without which it searches slowly; a server
        does so by itself.
        """
        if self.is_embedded:
            self._call(lambda client: client.flush(self._of("chunks"), **_PATIENT))

    def hybrid(
        self,
        query: FloatArray,
        words: Sparse,
        expressions: Sequence[str],
        within: str,
        most: int,
        strong: bool,
    ) -> list[str]:
        """Return the ids of the chunks that one request finds: for each expression the `most`
        nearest to a (d,) query, and the `most` that the words weigh most, all of them `within`.
        """
        asked = [([query.tolist()], "dense", f"({one}) and {within}") for one in expressions]
        asked += [([dict(words)], "words", within)] if words else []

        def found(client: Any) -> list[str]:
            from pymilvus import RRFRanker

            self._is_ready(client, "chunks")
            requests = [self._request(*one, most) for one in asked]
            how = {"output_fields": ["id"], "consistency_level": _level(strong), **_PATIENT}
            limit = min(MOST_FOUND, most * len(requests))
            chunks = self._of("chunks")
            return self._ids(client.hybrid_search(chunks, requests, RRFRanker(), limit, **how))

        return self._call(found)

    def _request(self, data: list[Any], field: str, expression: str, most: int) -> Any:
        """Return the part of a request that looks in one field."""
        from pymilvus import AnnSearchRequest

        return AnnSearchRequest(data, field, {"params": {}}, most, expr=self._within(expression))

    def holding(self, words: Sparse, within: str, strong: bool) -> list[str]:
        """Return the ids of the chunks that hold one of some words, MOST_FOUND at most."""

        def found(client: Any) -> list[str]:
            self._is_ready(client, "chunks")
            hits = client.search(
                self._of("chunks"),
                [dict(words)],
                self._within(within),
                limit=MOST_FOUND,
                anns_field="words",
                output_fields=["id"],
                consistency_level=_level(strong),
                **_PATIENT,
            )
            return self._ids(hits)

        return self._call(found)

    def key(self, row_id: str) -> str:
        """Return the id of a row among those of all corpora."""
        return f"{self.corpus}/{row_id}"

    def close(self) -> None:
        """End the connection; the next call begins another."""
        self._connection.close()

    def _upsert(self, client: Any, table: str, rows: list[Row]) -> None:
        client.upsert(self._of(table), rows, **_PATIENT)

    def _keyed(self, row: Row) -> Row:
        return {**row, "id": self.key(row["id"]), "corpus": self.corpus}

    def _ids(self, hits: Any) -> list[str]:
        return [hit["id"].removeprefix(self.key("")) for hit in hits[0]]

    def _of(self, table: str) -> str:
        return f"{self.collection}_{table}"

    def _within(self, expression: str) -> str:
        return f"corpus == {quoted(self.corpus)} and ({expression})"

    def _pages(
        self, client: Any, table: str, expression: str, columns: Sequence[str]
    ) -> Iterator[Row]:
        if not self._is_ready(client, table):
            return
        asked: Row = {
            "filter": self._within(expression),
            "output_fields": list(columns),
            "consistency_level": "Strong",
            **_PATIENT,
        }
        if self.is_embedded:  # which answers with all at once, and knows no pages
            yield from client.query(self._of(table), **asked)
            return
        pages = client.query_iterator(self._of(table), batch_size=_PAGE_ROWS, **asked)
        while page := pages.next():
            yield from page
        pages.close()

    def _is_ready(self, client: Any, table: str) -> bool:
        """Whether there is a collection; it is loaded then."""
        if table not in self._ready and client.has_collection(self._of(table), **_PATIENT):
            client.load_collection(self._of(table), **_PATIENT)
            self._ready.add(table)
        return table in self._ready

    def _create(self, client: Any, dimension: int | None) -> None:
        wanted = {"parts": part_fields()}
        if dimension is not None:
            wanted["chunks"] = chunk_fields(dimension)
        for table, fields in wanted.items():
            name = self._of(table)
            if table not in self._ready:
                self._make(client, name, fields)
            if table == "chunks":
                check_width(name, client.describe_collection(name, **_PATIENT), fields)
            self._is_ready(client, table)

    def _make(self, client: Any, name: str, fields: Sequence[Row]) -> None:
        """Make what is not there of a collection: who made it may have been killed in between."""
        from pymilvus import DataType

        if not client.has_collection(name, **_PATIENT):
            schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
            for field in fields:
                schema.add_field(**{**field, "datatype": getattr(DataType, field["datatype"])})
            client.create_collection(name, schema=schema, **_PATIENT)
        indexed = client.list_indexes(name)
        indexes = client.prepare_index_params()
        for field in fields:
            kind = field["datatype"]
            if kind.endswith("VECTOR") and field["field_name"] not in indexed:
                index = "SPARSE_INVERTED_INDEX" if "SPARSE" in kind else self._dense_index
                indexes.add_index(field["field_name"], index, field["field_name"], metric_type="IP")
        if len(indexes):
            client.create_index(name, indexes, sync=False, **_PATIENT)

    @property
    def _dense_index(self) -> str:
        return "FLAT" if self.is_embedded else "AUTOINDEX"


def quoted(text: str) -> str:
    """Return a text as it stands in an expression."""
    return json.dumps(text, ensure_ascii=False)


def _parcels(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield rows in parts of about MOST_BYTES at most."""
    start = size = 0
    for end, row in enumerate(rows):
        more = sum(map(_size, row.values()))
        if end > start and size + more > MOST_BYTES:
            yield rows[start:end]
            start, size = end, 0
        size += more
    if start < len(rows):
        yield rows[start:]


def _size(value: Any) -> int:
    """Return about how many bytes a value takes on its way."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode())
    return NUMBER_BYTES * (len(value) if hasattr(value, "__len__") else 1)


def _level(strong: bool) -> str:
    return "Strong" if strong else "Bounded"

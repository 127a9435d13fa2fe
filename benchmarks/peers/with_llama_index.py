"""LlamaIndex: its FAISS store and its BM25 retriever, fused by rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
from contract import TEN, Encode
from llama_index.core import StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.retrievers.bm25 import BM25Retriever
from llama_index.vector_stores.faiss import FaissVectorStore
from pydantic import PrivateAttr

BATCH = 512


class _Encoder(BaseEmbedding):
    _encode: Encode = PrivateAttr()

    def __init__(self, encode: Encode) -> None:
        super().__init__(embed_batch_size=BATCH)
        self._encode = encode

    def _get_text_embeddings(self, texts: list[str]) -> Any:
        return self._encode(texts).tolist()

    def _get_text_embedding(self, text: str) -> Any:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> Any:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> Any:
        return self._get_text_embedding(query)


class Index:
    """The store takes one text in; the BM25 retriever does not, and is made anew of all nodes."""

    def __init__(self, folder: Path, encode: Encode) -> None:
        self._folder, self._encoder = folder, _Encoder(encode)

    def build(self, texts: Sequence[str]) -> None:
        nodes = [TextNode(id_=str(row), text=text) for row, text in enumerate(texts)]
        width = len(self._encoder._get_text_embedding("width"))
        store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(width))
        context = StorageContext.from_defaults(vector_store=store)
        self._vectors = VectorStoreIndex(
            nodes, storage_context=context, embed_model=self._encoder, store_nodes_override=True
        )
        self._keep()

    def open(self) -> None:
        store = FaissVectorStore.from_persist_dir(str(self._folder / "vectors"))
        context = StorageContext.from_defaults(
            vector_store=store, persist_dir=str(self._folder / "vectors")
        )
        self._vectors = load_index_from_storage(context, embed_model=self._encoder)
        words = BM25Retriever.from_persist_dir(str(self._folder / "words"))
        self._fused = QueryFusionRetriever(
            [self._vectors.as_retriever(similarity_top_k=TEN), words],
            llm=MockLLM(),
            mode="reciprocal_rerank",
            similarity_top_k=TEN,
            num_queries=1,
            use_async=False,
        )

    def add(self, text: str) -> None:
        row = len(self._vectors.docstore.docs)
        self._vectors.insert_nodes([TextNode(id_=str(row), text=text)])
        self._keep()

    def search(self, question: str) -> list[int]:
        return [int(found.node.node_id) for found in self._fused.retrieve(question)]

    def _keep(self) -> None:
        self._vectors.storage_context.persist(str(self._folder / "vectors"))
        nodes = list(self._vectors.docstore.docs.values())
        words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=TEN)
        words.persist(str(self._folder / "words"))

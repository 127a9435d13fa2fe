"""Records <-> LlamaIndex's nodes: ids are entry ids, every field and span comes back unchanged."""

from __future__ import annotations

from typing import Any

import msgspec
from llama_index.core.schema import NodeRelationship, NodeWithScore, RelatedNodeInfo, TextNode

from paperrag.records import Entry, Explanation, Hit

SHOWN = {"title", "breadcrumb", "source", "venue"}
"""Metadata that an LLM or an embedder of LlamaIndex reads with the text; the rest is
bookkeeping.
"""

_HIT = "paperrag_hit"


def to_node(entry: Entry) -> TextNode:
    """Return an entry as a node: its id, its text, everything else as metadata."""
    values = plain(entry)
    metadata = {name: values[name] for name in values if name not in ("id", "text")}
    noise = sorted({*metadata, _HIT} - SHOWN)
    relations: dict[NodeRelationship, Any] = {
        NodeRelationship.SOURCE: RelatedNodeInfo(node_id=entry.source)
    }
    if entry.parent_id is not None:
        relations[NodeRelationship.PARENT] = RelatedNodeInfo(node_id=entry.parent_id)
    if entry.child_ids:
        relations[NodeRelationship.CHILD] = [
            RelatedNodeInfo(node_id=child) for child in entry.child_ids
        ]
    return TextNode(
        id_=entry.id,
        text=entry.text,
        metadata=metadata,
        excluded_embed_metadata_keys=noise,
        excluded_llm_metadata_keys=noise,
        relationships=relations,
    )


def to_entry(node: TextNode) -> Entry:
    """Return the entry of a node that `to_node` made. Raises ValueError for any other node."""
    return msgspec.convert({**node.metadata, "id": node.node_id, "text": node.text}, Entry)


def to_scored_node(hit: Hit) -> NodeWithScore:
    """Return a hit as a node with its score; rank, span and explanation are in the metadata."""
    node = to_node(hit.entry)
    related = [
        {"id": one.node_id, "text": one.text, "metadata": one.metadata}
        for one in map(to_node, hit.related)
    ]
    explained = plain(hit.explanation)
    node.metadata[_HIT] = {
        "rank": hit.rank,
        "span": list(hit.span),
        "explanation": explained,
        "related": related,
    }
    return NodeWithScore(node=node, score=hit.score)


def to_hit(scored: NodeWithScore) -> Hit:
    """Return the hit of a node that `to_scored_node` made. Raises KeyError for any other node."""
    node, kept = scored.node, scored.node.metadata[_HIT]
    assert isinstance(node, TextNode)  # to_scored_node makes no other
    explanation = msgspec.convert(kept["explanation"], Explanation)
    related = tuple(
        to_entry(TextNode(id_=one["id"], text=one["text"], metadata=one["metadata"]))
        for one in kept["related"]
    )
    return Hit(
        to_entry(node),
        scored.score or 0.0,
        kept["rank"],
        (kept["span"][0], kept["span"][1]),
        explanation,
        related,
    )


def plain(value: Any) -> Any:
    """Return a value of records as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(value))

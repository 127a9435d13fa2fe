"""The small transformer that reads tokens in order: its layers, its start, texts -> vectors.

A BERT encoder (https://arxiv.org/abs/1810.04805) over this project's tokenizer. It starts as
all-MiniLM-L6-v2 does its reading: the same layers, and for each of our pieces the mean of the
teacher's wordpieces; a Chinese piece starts as the English pieces nearest to it in the static
encoder. Token rows are narrower than the layers (https://arxiv.org/abs/1909.11942), for size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.batches import Side
from training.tokens import IntArray, TokenStore

MOST_TOKENS = 256
"""Longest text, without the marks around it."""

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z]{2,}")
NEAREST_PIECES, NEAREST_SCALE = 5, 20.0


@dataclass(frozen=True)
class Shape:
    """Sizes of a model; `rows` counts the tokens and the two marks that open and close a text."""

    rows: int
    row_width: int = 256
    width: int = 384
    layers: int = 6
    heads: int = 12
    inner: int = 1536
    positions: int = MOST_TOKENS + 2


class Layer(nn.Module):
    """One post-norm transformer layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.attend = nn.Linear(shape.width, 3 * shape.width)
        self.join = nn.Linear(shape.width, shape.width)
        self.join_norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.grow = nn.Linear(shape.width, shape.inner)
        self.shrink = nn.Linear(shape.inner, shape.width)
        self.shrink_norm = nn.LayerNorm(shape.width, eps=1e-12)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """states: (n, tokens, width); mask: (n, 1, 1, tokens) bool, None when every token
        counts.
        """
        count, tokens, width = states.shape
        parts = self.attend(states).view(count, tokens, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        states = self.join_norm(
            states + self.join(mixed.transpose(1, 2).reshape(count, tokens, width))
        )
        return self.shrink_norm(states + self.shrink(F.gelu(self.grow(states))))


class ContextualModel(nn.Module):
    """Token rows -> layers -> the mean over a text's tokens, at unit length."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.rows = nn.Embedding(shape.rows, shape.row_width)
        self.widen = nn.Linear(shape.row_width, shape.width, bias=False)
        self.positions = nn.Embedding(shape.positions, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids: (n, tokens) int64, marks included; mask: (n, tokens) bool. Return (n, width)
        float32 unit rows.
        """
        states = self.read(self.rows(ids).to(self.widen.weight.dtype), mask[:, None, None, :])
        counted = states.float() * mask[:, :, None]
        return F.normalize(counted.sum(dim=1), dim=1, eps=1e-6)

    def read(self, rows: Tensor, mask: Tensor | None) -> Tensor:
        """rows: (n, tokens, row_width). Return the last layer's states, (n, tokens, width)."""
        states = self.norm(self.widen(rows) + self.positions.weight[: rows.shape[1]])
        for layer in self.layers:
            states = layer(states, mask)
        return states


class Texts(NamedTuple):
    """Texts of like length, padded: ids (n, tokens) int64, mask (n, tokens) bool, places (n,) in
    their side.
    """

    ids: Tensor
    mask: Tensor
    places: Tensor


def padded(
    sides: Sequence[Side], marks: tuple[int, int], most: int = MOST_TOKENS, at_once: int = 32_768
) -> list[Texts]:
    """Return the sides' texts, one side after another, in groups of about `at_once` padded tokens.

    Each text is cut at `most` tokens and put between the two marks; groups hold texts of like
    length.
    """
    ids = np.concatenate([side.ids for side in sides])
    offsets = np.cumsum([0, *(len(side.ids) for side in sides)])
    starts = np.concatenate(
        [side.starts + offset for side, offset in zip(sides, offsets, strict=False)]
    )
    lengths = np.minimum(np.concatenate([side.counts() for side in sides]), most)
    order = np.argsort(lengths, kind="stable")
    groups, first = [], 0
    while first < len(order):
        last = first + 1
        while last < len(order) and (last + 1 - first) * _width(lengths[order[last]]) <= at_once:
            last += 1
        groups.append(_padded_group(ids, starts, lengths, order[first:last], marks))
        first = last
    return groups


def _width(tokens: int) -> int:
    """Return a width for texts of so many tokens and two marks; a multiple of 8 is fastest on a
    GPU.
    """
    return min(-(-(int(tokens) + 2) // 8) * 8, MOST_TOKENS + 2)


def _padded_group(
    ids: IntArray, starts: IntArray, lengths: IntArray, places: IntArray, marks: tuple[int, int]
) -> Texts:
    counts = lengths[places]
    columns = np.arange(_width(counts.max()))
    grid = np.zeros((len(places), len(columns)), dtype=np.int64)
    inside = (columns >= 1) & (columns <= counts[:, None])
    shifts = starts[places] - (np.cumsum(counts) - counts)
    grid[inside] = ids[np.repeat(shifts, counts) + np.arange(int(counts.sum()))]
    grid[:, 0] = marks[0]
    grid[np.arange(len(places)), counts + 1] = marks[1]
    return Texts(
        torch.from_numpy(grid),
        torch.from_numpy(columns <= counts[:, None] + 1),
        torch.from_numpy(places),
    )


def working_type(device: torch.device) -> torch.dtype:
    """Return bfloat16 where matrix units multiply it, else float32: without them bfloat16 is far
    slower.
    """
    fast = device.type == "cuda" or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


def working_weights(model: ContextualModel) -> dict[str, Tensor]:
    """Return the weights in the device's working type, the token rows as they are; gradients reach
    the model's own.
    """
    kind = working_type(model.rows.weight.device)
    return {
        name: part if name == "rows.weight" else part.to(kind)
        for name, part in model.named_parameters()
    }


def vectors_of(
    model: ContextualModel,
    weights: Mapping[str, Tensor],
    groups: Sequence[Texts],
    device: torch.device,
) -> Tensor:
    """Return the (texts, width) unit vectors of all groups, in the order of their sides."""
    parts = [
        torch.func.functional_call(
            model,
            dict(weights),
            (group.ids.to(device, non_blocking=True), group.mask.to(device, non_blocking=True)),
        )
        for group in groups
    ]
    places = torch.cat([group.places for group in groups]).to(device)
    return torch.cat(parts)[torch.argsort(places)]


def minilm(folder: Path) -> ContextualModel:
    """Return all-MiniLM-L6-v2 as a model of its own wordpieces. folder: its sentence-transformers
    folder.
    """
    from safetensors.torch import load_file

    kept = {
        name.removeprefix("bert."): part
        for name, part in load_file(str(folder / "model.safetensors")).items()
    }
    rows, positions = (
        kept["embeddings.word_embeddings.weight"],
        kept["embeddings.position_embeddings.weight"],
    )
    model = ContextualModel(
        Shape(rows=len(rows), row_width=rows.shape[1], positions=len(positions))
    )
    state = {
        "rows.weight": rows,
        "widen.weight": torch.eye(rows.shape[1]),
        "positions.weight": positions + kept["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": kept["embeddings.LayerNorm.weight"],
        "norm.bias": kept["embeddings.LayerNorm.bias"],
    }
    for place in range(model.shape.layers):
        state |= dict(_layer_state(kept, place))
    model.load_state_dict(state)
    return model


def _layer_state(kept: Mapping[str, Tensor], place: int) -> Iterator[tuple[str, Tensor]]:
    """Yield our names and BERT's tensors of one layer; query, key and value become one."""
    theirs, ours = f"encoder.layer.{place}.", f"layers.{place}."
    names = {
        "join": "attention.output.dense", "join_norm": "attention.output.LayerNorm",
        "grow": "intermediate.dense", "shrink": "output.dense", "shrink_norm": "output.LayerNorm",
    }  # fmt: skip
    for kind in ("weight", "bias"):
        parts = [
            kept[f"{theirs}attention.self.{part}.{kind}"] for part in ("query", "key", "value")
        ]
        yield f"{ours}attend.{kind}", torch.cat(parts)
        for name, bert_name in names.items():
            yield f"{ours}{name}.{kind}", kept[f"{theirs}{bert_name}.{kind}"]


def wordpieces_of(pieces: Sequence[str], teacher: Tokenizer) -> TokenStore:
    """Return for each of our pieces the teacher's wordpieces that spell it."""
    spelled = [
        encoding.ids for encoding in teacher.encode_batch(list(pieces), add_special_tokens=False)
    ]
    starts = np.concatenate([[0], np.cumsum([len(ids) for ids in spelled])])
    return TokenStore(np.array([one for ids in spelled for one in ids], dtype=np.int64), starts)


def pieces_of(tokenizer: Tokenizer) -> list[str]:
    """Return a tokenizer's pieces by id."""
    return [tokenizer.id_to_token(place) for place in range(tokenizer.get_vocab_size())]


def first_model(teacher: ContextualModel, rows: Tensor, row_width: int = 256) -> ContextualModel:
    """Return the model that training starts from: the teacher's layers over our `rows`, narrowed
    to `row_width`.
    """
    model = ContextualModel(
        replace(teacher.shape, rows=len(rows), row_width=row_width, positions=MOST_TOKENS + 2)
    )
    left, lengths, right = torch.linalg.svd(rows, full_matrices=False)
    state = {
        name: part
        for name, part in teacher.state_dict().items()
        if name.startswith(("norm.", "layers."))
    }
    state["positions.weight"] = teacher.positions.weight[: model.shape.positions]
    state["rows.weight"] = left[:, :row_width] * lengths[:row_width]
    state["widen.weight"] = right[:row_width].T.contiguous()
    model.load_state_dict(state)
    return model


def first_rows(
    taught: Tensor,
    wordpieces: TokenStore,
    pieces: Sequence[str],
    static: npt.NDArray[np.float32],
    marks: tuple[int, int],
) -> Tensor:
    """Return (pieces + 2, width) rows: of our pieces, and of the two marks around a text.

    taught: (wordpieces, width) rows of the teacher. static: (pieces, d) rows of the static
    encoder. marks: the teacher's.
    """
    owner = torch.from_numpy(np.repeat(np.arange(len(pieces)), wordpieces.lengths))
    sums = torch.zeros(len(pieces), taught.shape[1]).index_add(
        0, owner, taught[torch.from_numpy(wordpieces.flat)]
    )
    rows = sums / torch.from_numpy(wordpieces.lengths).clamp(min=1)[:, None]
    chinese = np.array([bool(_CHINESE.search(piece)) for piece in pieces])
    words = np.array([bool(_WORD.fullmatch(piece)) for piece in pieces]) & (wordpieces.lengths == 1)
    rows[chinese] = _nearest_mean(torch.from_numpy(static), rows, chinese, np.flatnonzero(words))
    return torch.cat([rows, taught[list(marks)]])


def _nearest_mean(
    static: Tensor, wide: Tensor, asked: npt.NDArray[np.bool_], words: IntArray
) -> Tensor:
    """Return for each asked piece the weighted mean of the rows in `wide` of its nearest words in
    the static encoder.
    """
    units = F.normalize(static, dim=1, eps=1e-6)
    known = units[words].T
    out = []
    for rows in units[torch.from_numpy(np.flatnonzero(asked))].split(2048):
        cosines, places = (rows @ known).topk(NEAREST_PIECES, dim=1)
        weights = (cosines * NEAREST_SCALE).softmax(dim=1)
        out.append((weights[:, :, None] * wide[torch.from_numpy(words)][places]).sum(dim=1))
    return torch.cat(out)

"""Quantised layers as torch exports them -> the same products and sums in a quarter of the nodes.

The package opens this file as it stands, in a third of the time that onnxruntime takes to find
the same graph by itself, and gets the same bits, whatever its version would fuse. One text is a
batch of one: (1, tokens, width) all through.

    python -m training.lean_layers QUANTISED.onnx LEAN.onnx
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HEADS = 12
STATES_OF = 2
"""Whose states are given out beside the vector, counted from 0."""

EPSILON, LEAST_LENGTH = 1e-12, 1e-6
"""Of the norms, and of a vector that is brought to unit length, as `training.contextual` has
them."""

WEIGHTS = ("quantized", "scale", "zero_point")
"""What a product with int8 weights is made of, behind its name."""

_OPSET, _IR = 17, 8
_FUSED = "com.microsoft"
"""The domain of onnxruntime's own operators."""


class _Graph:
    """Nodes and weights, added one after another; weights are taken from a quantised model."""

    def __init__(self, quantised: onnx.ModelProto) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[TensorProto] = []
        self._given = {one.name: one for one in quantised.graph.initializer}
        self._products = iter(
            node.input[1].removesuffix("_quantized")
            for node in quantised.graph.node
            if node.op_type == "MatMulInteger"
        )

    @property
    def layers(self) -> int:
        """How many layers the quantised model has."""
        return len({name.split(".")[2] for name in self._given if name.startswith("model.layers.")})

    def node(
        self, kind: str, given: Sequence[str], out: str, fused: bool = False, **of: Any
    ) -> str:
        """Add a node and return the name of what it gives."""
        self.nodes.append(
            helper.make_node(kind, given, out.split(), domain=_FUSED if fused else "", **of)
        )
        return out

    def constant(self, name: str, value: Any) -> str:
        """Add a constant and return its name."""
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weight(self, name: str, before: str) -> str:
        """Take over a weight under another name, and return that."""
        taken = TensorProto()
        taken.CopyFrom(self._given[before])
        taken.name = name
        self.weights.append(taken)
        return name

    def product(self, name: str, given: str, bias: str = "") -> str:
        """Add the next product with int8 weights."""
        before = next(self._products)
        weights = [self.weight(f"{name}.{part}", f"{before}_{part}") for part in WEIGHTS]
        bias = self.weight(f"{name}.bias", bias) if bias else ""
        return self.node("DynamicQuantizeMatMul", [given, *weights, bias], name, fused=True)

    def norm(self, name: str, given: str) -> str:
        """Add a layer norm."""
        parts = [
            self.weight(f"{name}.{part}", f"model.{name}.{part}") for part in ("weight", "bias")
        ]
        return self.node("LayerNormalization", [given, *parts], name, axis=-1, epsilon=EPSILON)


def lean(quantised: onnx.ModelProto, heads: int = HEADS) -> onnx.ModelProto:
    """Return the layers: `rows` (tokens, row width) -> `vector` (width,) and `states` (1, tokens,
    width).
    """
    graph = _Graph(quantised)
    states = _opened(graph, heads)
    for number in range(graph.layers):
        states = _layer(graph, f"layers.{number}", states)
        if number == STATES_OF:
            graph.node("Identity", [states], "states")
    _closed(graph, states)
    row_width = next(one.dims[0] for one in graph.weights if one.name == "widen.quantized")
    width = next(one.dims[0] for one in graph.weights if one.name == "norm.bias")
    values = {"rows": ["tokens", row_width], "vector": [width], "states": [1, "tokens", width]}
    given, *out = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in values.items()
        if name != "states" or graph.layers > STATES_OF
    ]
    whole = helper.make_graph(graph.nodes, "layers", [given], out, graph.weights)
    domains = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
    return helper.make_model(whole, opset_imports=domains, ir_version=_IR)


def _opened(graph: _Graph, heads: int) -> str:
    """Add what comes before the layers, and the constants that all of them share."""
    first = graph.constant("first", np.array([0]))
    texts = graph.product("widen", graph.node("Unsqueeze", ["rows", first], "texts"))
    tokens = graph.node("Shape", ["rows"], "tokens", start=0, end=1)
    positions = graph.weight("positions", "model.positions.weight")
    here = graph.node("Slice", [positions, first, tokens, first], "here")
    width = graph.weights[-1].dims[1]
    graph.constant("thirds", np.array([width] * 3))
    graph.constant("in_heads", np.array([0, 0, heads, -1]))
    graph.constant("joined", np.array([0, 0, -1]))
    graph.constant("root", np.sqrt(np.float32(1) / np.sqrt(np.float32(width // heads))))
    return graph.norm("norm", graph.node("Add", [texts, here], "placed"))


def _layer(graph: _Graph, name: str, states: str) -> str:
    """Add one layer, products in the order in which torch exports them."""
    thirds = graph.product(f"{name}.attend", states, f"model.{name}.attend.bias")
    query, key, value = graph.node(
        "Split", [thirds, "thirds"], f"{name}.query {name}.key {name}.value", axis=-1
    ).split()
    query, key = (
        graph.node("Mul", [_heads(graph, part, order), "root"], f"{part}.scaled")
        for part, order in ((query, (0, 2, 1, 3)), (key, (0, 2, 3, 1)))
    )
    shares = graph.node(
        "Softmax", [graph.node("MatMul", [query, key], f"{name}.near")], f"{name}.shares", axis=-1
    )
    mixed = graph.node("MatMul", [shares, _heads(graph, value, (0, 2, 1, 3))], f"{name}.mixed")
    mixed = graph.node("Transpose", [mixed], f"{name}.mixed.turned", perm=(0, 2, 1, 3))
    mixed = graph.node("Reshape", [mixed, "joined"], f"{name}.mixed.joined")
    told = graph.product(f"{name}.join", mixed, f"model.{name}.join.bias")
    joined = graph.node("Add", [states, told], f"{name}.joined")
    states = graph.norm(f"{name}.join_norm", joined)
    grown = graph.product(f"{name}.grow", states, f"model.{name}.grow.bias")
    grown = graph.node("Gelu", [grown], f"{name}.grown", fused=True)
    shrunk = graph.product(f"{name}.shrink", grown, f"model.{name}.shrink.bias")
    norm = f"{name}.shrink_norm"
    parts = [graph.weight(f"{norm}.{part}", f"model.{norm}.{part}") for part in ("weight", "bias")]
    return graph.node(  # as onnxruntime fuses it: other bits than a sum and a norm
        "SkipLayerNormalization", [states, shrunk, *parts], norm, fused=True, epsilon=EPSILON
    )


def _heads(graph: _Graph, part: str, order: tuple[int, ...]) -> str:
    apart = graph.node("Reshape", [part, "in_heads"], f"{part}.heads")
    return graph.node("Transpose", [apart], f"{part}.turned", perm=order)


def _closed(graph: _Graph, states: str) -> None:
    """Add the mean over the tokens, at unit length."""
    text = graph.node("Squeeze", [states, "first"], "text")
    mean = graph.node("ReduceMean", [text], "mean", axes=[0], keepdims=0)
    length = graph.node("ReduceL2", [mean], "length", axes=[0], keepdims=1)
    least = graph.constant("least_length", np.float32(LEAST_LENGTH))
    graph.node("Div", [mean, graph.node("Clip", [length, least], "divisor")], "vector")


def main() -> None:
    """Convert by the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("quantised", type=Path)
    parser.add_argument("lean", type=Path)
    given = parser.parse_args()
    onnx.save(lean(onnx.load(given.quantised)), given.lean)


if __name__ == "__main__":
    main()

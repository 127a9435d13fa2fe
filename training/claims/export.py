"""The bundled transformer's layers for torch, and the fitted network for the package."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from paperrag.encoders.contextual import LAYERS_FILE
from paperrag.encoders.static import BUNDLED_FOLDER
from paperrag.proof.net import RELATIONS
from training.claims.net import WIDTH, ClaimNet, Side
from training.contextual import Layer, Shape
from training.export_contextual import OPSET
from training.lean_layers import WEIGHTS


def bundled_layers() -> list[Layer]:
    """Return the layers of the bundled transformer, whose file holds them in int8."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(BUNDLED_FOLDER / LAYERS_FILE))
    held = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}

    def part(layer: int, name: str) -> Tensor:
        product = f"layers.{layer}.{name.removesuffix('.weight')}"
        if f"{product}.quantized" not in held:
            return torch.from_numpy(held[f"layers.{layer}.{name}"].copy())
        whole, scale, zero = (held[f"{product}.{one}"] for one in WEIGHTS)
        return torch.from_numpy(((whole.astype(np.float32) - zero) * scale).T.copy())

    layers = [Layer(Shape(rows=1)) for _ in range(sum(name.endswith("grow.bias") for name in held))]
    for place, layer in enumerate(layers):
        layer.load_state_dict({name: part(place, name) for name in layer.state_dict()})
    return layers


class _OnePair(nn.Module):
    """What is exported: one claim and one text."""

    def __init__(self, net: ClaimNet) -> None:
        super().__init__()
        self.net = net

    def forward(
        self,
        claim: Tensor,
        claim_flags: Tensor,
        text: Tensor,
        text_flags: Tensor,
        relations: Tensor,
    ) -> Tensor:
        sides = [
            Side(states[None], torch.ones_like(seen[None, :, 0], dtype=torch.bool), seen[None])
            for states, seen in ((claim, claim_flags), (text, text_flags))
        ]
        logits: Tensor = self.net(*sides, relations[None])[0]
        return logits[0]


def write_net(net: ClaimNet, path: Path) -> None:
    """Write the network as 8-bit ONNX. Weights have a sign and 7 bits: such products are added 2.5
    times as fast as those without a sign, and no pair of them is cut off in 16 bits.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    flags = net.seen.in_features - RELATIONS
    given = (
        torch.randn(7, WIDTH), torch.randn(5, flags), torch.randn(11, WIDTH),
        torch.randn(9, flags), torch.randn(RELATIONS, 5, 9),
    )  # fmt: skip
    axes = {
        "claim": {0: "claim_marked"}, "claim_flags": {0: "claim_tokens"},
        "text": {0: "text_marked"}, "text_flags": {0: "text_tokens"},
        "relations": {1: "claim_tokens", 2: "text_tokens"},
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, of its age and of the masks that are full
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            _OnePair(net.eval()), given, str(plain), input_names=list(axes),
            output_names=["logit"], dynamic_axes=axes,
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
        quantize_dynamic(
            plain, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )

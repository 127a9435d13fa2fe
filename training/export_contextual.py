"""Trained model -> the two files the package runs without torch: int8 token rows, int8 ONNX layers.

`contextual.safetensors` holds the token rows as the static encoder's are held (`training.export`);
`contextual.onnx` takes one text's rows and returns its vector. Products are of int8 weights and
of activations scaled as they come (dynamic quantisation), sums in float32.

    python -m training.export_contextual RUN_FOLDER MODEL_FOLDER
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.contextual import ContextualModel, Shape
from training.export import quantised, write_safetensors
from training.lean_layers import lean

ROWS_FILE, LAYERS_FILE = "contextual.safetensors", "contextual.onnx"
OPSET = 17


class _OneText(nn.Module):
    """What is exported: (tokens, row_width) rows of one text, marks included -> its (width,) unit
    vector.
    """

    def __init__(self, model: ContextualModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, rows: Tensor) -> Tensor:
        return F.normalize(self.model.read(rows[None], None)[0].mean(dim=0), dim=0, eps=1e-6)


def load_model(path: Path) -> ContextualModel:
    """Return the model of a saved state."""
    state = torch.load(path)
    layers = len({name.split(".")[1] for name in state if name.startswith("layers.")})
    rows, widen = state["rows.weight"], state["widen.weight"]
    inner, positions = state["layers.0.grow.weight"], state["positions.weight"]
    shape = Shape(
        *rows.shape, width=len(widen), layers=layers, inner=len(inner), positions=len(positions)
    )
    model = ContextualModel(shape)
    model.load_state_dict(state)
    return model.eval()


def write_layers(model: ContextualModel, path: Path) -> None:
    """Write the layers as int8 ONNX. 7 of 8 bits are used: processors without VNNI add pairs of
    products in 16 bits.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        rows = torch.randn(12, model.shape.row_width)
        torch.onnx.export(
            _OneText(model), (rows,), str(plain), input_names=["rows"], output_names=["vector"],
            dynamic_axes={"rows": {0: "tokens"}}, opset_version=OPSET, dynamo=False,
        )  # fmt: skip
        quantised = Path(folder) / "quantised.onnx"
        quantize_dynamic(
            plain, quantised, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
        onnx.save(lean(onnx.load(quantised), model.shape.heads), path)


def export_contextual(model: ContextualModel, folder: Path) -> None:
    """Add both files to a model folder, and their sha256 to its SHA256SUMS."""
    rows, scales = quantised(model.rows.weight.detach().numpy())
    write_safetensors(folder / ROWS_FILE, {"embeddings": rows, "weights": scales})
    write_layers(model, folder / LAYERS_FILE)
    sums = folder / "SHA256SUMS"
    others = [
        line
        for line in sums.read_text().splitlines()
        if line.split()[-1] not in (ROWS_FILE, LAYERS_FILE)
    ]
    ours = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}"
        for name in (ROWS_FILE, LAYERS_FILE)
    ]
    sums.write_text("\n".join(others + ours) + "\n")


def main() -> None:
    """Export by the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder with contextual.pt")
    parser.add_argument("folder", type=Path, help="model folder of the static encoder to add to")
    given = parser.parse_args()
    export_contextual(load_model(given.run / "contextual.pt"), given.folder)


if __name__ == "__main__":
    main()

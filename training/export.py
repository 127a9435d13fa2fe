"""Trained matrix + tokenizer -> a sentence-transformers model folder, float16 or int8.

float16: one tensor `embedding.weight` (vocabulary, d). int8: `embeddings` (vocabulary, d) int8
and `weights` (vocabulary,) float32, a row being their product; sentence-transformers >= 6 and
Model2Vec read both. The folder appears whole or not at all.

    python -m training.export RUN_FOLDER MODEL_FOLDER [--format int8] [--card README.md]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

FloatArray = npt.NDArray[np.float32]

MODULES = [
    {
        "idx": 0,
        "name": "0",
        "path": "",
        "type": "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding",
    },
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.base.modules.normalize.Normalize",
    },
]
CONFIG = {
    "__version__": {"sentence_transformers": "6.2.0"},
    "default_prompt_name": None,
    "model_type": "SentenceTransformer",
    "prompts": {"document": "", "query": ""},
    "similarity_fn_name": "cosine",
}
NORMALIZE = {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"}


def with_length_power(matrix: FloatArray, power: float) -> FloatArray:
    """Return the rows with lengths raised to `power`, the median length kept: above 1, common
    words weigh less.
    """
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    middle = np.median(lengths)
    return (matrix * (np.maximum(lengths, 1e-6) / middle) ** (power - 1)).astype(np.float32)


def quantised(matrix: FloatArray) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """Return int8 rows and their float32 scales: row = int8 row * scale, the largest entry at
    127.
    """
    scales = np.abs(matrix).max(axis=1) / 127
    rows = np.rint(matrix / np.where(scales == 0, 1, scales)[:, None])
    return rows.astype(np.int8), scales.astype(np.float32)


def tensors_of(matrix: FloatArray, kind: str) -> dict[str, npt.NDArray[np.generic]]:
    """Return the tensors to store for `float16` or `int8`."""
    if kind == "float16":
        return {"embedding.weight": matrix.astype(np.float16)}
    rows, scales = quantised(matrix)
    return {"embeddings": rows, "weights": scales}


def write_safetensors(path: Path, tensors: dict[str, npt.NDArray[np.generic]]) -> None:
    """Write arrays as safetensors: 8-byte header length, JSON header, raw little-endian arrays."""
    names = {"float16": "F16", "float32": "F32", "int8": "I8", "uint16": "U16", "uint32": "U32"}
    header, offset = {}, 0
    for key, array in tensors.items():
        header[key] = {
            "dtype": names[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def record_sums(folder: Path, names: Sequence[str]) -> None:
    """Write the sha256 of files of a model folder to its SHA256SUMS, behind those of the others."""
    sums = folder / "SHA256SUMS"
    others = [line for line in sums.read_text().splitlines() if line.split()[-1] not in names]
    ours = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in names]
    sums.write_text("\n".join(others + ours) + "\n")


def export(
    matrix: FloatArray, tokenizer: Tokenizer, folder: Path, kind: str = "float16", card: str = ""
) -> str:
    """Write a model folder, replacing an old one; return the sha256 of its weights file."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "1_Normalize").mkdir(parents=True)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(fresh / "tokenizer.json"), pretty=False)
    write_safetensors(fresh / "model.safetensors", tensors_of(matrix, kind))
    for name, content in (("modules.json", MODULES), ("config_sentence_transformers.json", CONFIG)):
        (fresh / name).write_text(json.dumps(content, indent=2) + "\n")
    (fresh / "1_Normalize" / "config.json").write_text(json.dumps(NORMALIZE, indent=2) + "\n")
    digest = hashlib.sha256((fresh / "model.safetensors").read_bytes()).hexdigest()
    (fresh / "README.md").write_text(card.replace("{sha256}", digest), encoding="utf-8")
    tokenizer_digest = hashlib.sha256((fresh / "tokenizer.json").read_bytes()).hexdigest()
    sums = f"{tokenizer_digest}  tokenizer.json\n{digest}  model.safetensors\n"
    (fresh / "SHA256SUMS").write_text(sums)  # what the loader holds the files against
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return digest


def main() -> None:
    """Export by the arguments and print the sha256 of the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder with matrix.npy and tokenizer.json")
    parser.add_argument("folder", type=Path, help="model folder to write or replace")
    parser.add_argument("--format", choices=("float16", "int8"), default="float16")
    parser.add_argument(
        "--length-power",
        type=float,
        default=1.0,
        help="power of the rows' lengths; 1 changes nothing",
    )
    parser.add_argument("--card", type=Path, help="model card; {sha256} in it is filled in")
    given = parser.parse_args()
    card = given.card.read_text(encoding="utf-8") if given.card else ""
    tokenizer = Tokenizer.from_file(str(given.run / "tokenizer.json"))
    matrix = with_length_power(np.load(given.run / "matrix.npy"), given.length_power)
    print(export(matrix, tokenizer, given.folder, given.format, card))


if __name__ == "__main__":
    main()

"""tokenizer.json -> the two files by which the package reads a question without opening it whole.

The first holds the hash, score and token of each piece, the second the rest.

    python -m training.pieces MODEL_FOLDER
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from paperrag.encoders.pieces import PIECE, PIECES_FILE, RULES_FILE, window_hashes
from training.export import record_sums


def write_pieces(folder: Path) -> None:
    """Write both files beside the tokenizer, and their sha256 to SHA256SUMS."""
    rules = json.loads((folder / "tokenizer.json").read_bytes())
    vocabulary = rules["model"]["vocab"]
    rows = [
        (window_hashes(piece, len(piece))[-1][0], score, token)
        for token, (piece, score) in enumerate(vocabulary)
    ]
    np.save(folder / PIECES_FILE, np.sort(np.array(rows, dtype=PIECE), order="hash"))
    unknown = rules["model"]["unk_id"]
    least = min(range(len(vocabulary)), key=lambda token: vocabulary[token][1])
    always = [unknown, least]
    rules["model"] |= {"vocab": [vocabulary[token] for token in always], "unk_id": 0}
    rules |= {"tokens": always, "longest_piece": max(len(piece) for piece, _ in vocabulary)}
    (folder / RULES_FILE).write_text(json.dumps(rules, ensure_ascii=False), encoding="utf-8")
    record_sums(folder, (PIECES_FILE, RULES_FILE))


def main() -> None:
    """Write by the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="model folder with tokenizer.json")
    write_pieces(parser.parse_args().folder)


if __name__ == "__main__":
    main()

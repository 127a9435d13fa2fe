"""tokenizer.json -> pieces.json, by which the package splits texts without `tokenizers`.

It holds the rules in Python's words, and for each first character how long its pieces are at most.

    python -m training.pieces MODEL_FOLDER
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec
from tokenizers import Regex, pre_tokenizers

from paperrag.encoders.pieces import PIECES_FILE, PieceRules
from training.export import record_sums
from training.tokenizer import new_tokenizer

WHITE = r"\t-\r \x85\u1680\u2028\u2029"
"""The white space of compatibility forms, by Unicode: Python's `\\s` holds four signs more."""

HAN, LATIN = r"\u3400-\u9fff", "a-z"


def runs() -> str:
    """Return `training.tokenizer.RUNS` for Python, with what stands between its matches.

    Libraries disagree on which characters are digits and of words, so `tokenizers` is asked.
    """
    chars = "\n".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    text = "".join(sorted(set(new_tokenizer().normalizer.normalize_str(chars))))
    digits = _matches(r"\d", text)
    others = _matches(r"\w", text) - digits - set(re.findall(f"[{HAN}{LATIN}]", text))
    kinds = (HAN, LATIN, _ranges(digits, text), _ranges(others, text))
    return "|".join([*(f"[{kind}]+" for kind in kinds), f"[^{WHITE}]"])


def _matches(pattern: str, text: str) -> set[str]:
    split = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    return {char for part, _ in split.pre_tokenize_str(text) for char in part}


def _ranges(chars: set[str], text: str) -> str:
    """Return the inside of a set of characters, each range going on over those that `text`, all of
    them in order, has not.
    """
    marked = "".join(char if char in chars else " " for char in text)
    return "".join(run if len(run) < 3 else f"{run[0]}-{run[-1]}" for run in marked.split())


def longest_by_first(pieces: Iterable[str]) -> dict[int, str]:
    """Return the characters that pieces begin with, by how long the longest of their pieces is."""
    longest: dict[str, int] = {}
    for piece in filter(None, pieces):
        longest[piece[0]] = max(len(piece), longest.get(piece[0], 0))
    firsts: dict[int, str] = defaultdict(str)
    for first, chars in sorted(longest.items()):
        firsts[chars] += first
    return dict(sorted(firsts.items()))


def write_pieces(folder: Path) -> None:
    """Write the file beside the tokenizer, and its sha256 to SHA256SUMS."""
    model = json.loads((folder / "tokenizer.json").read_bytes())["model"]
    pieces, scores = (list(column) for column in zip(*model["vocab"], strict=True))
    rules = PieceRules(
        lower=True,
        words=runs(),
        before="",
        longest=longest_by_first(pieces),
        unknown=model["unk_id"],
        pieces=pieces,
        scores=scores,
    )
    (folder / PIECES_FILE).write_bytes(msgspec.json.encode(rules))
    record_sums(folder, (PIECES_FILE,))


def main() -> None:
    """Write by the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="model folder with tokenizer.json")
    write_pieces(parser.parse_args().folder)


if __name__ == "__main__":
    main()

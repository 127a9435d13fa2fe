"""Make a large corpus of Markdown notes out of invented words, for measuring speed and memory.

    python benchmarks/make_corpus.py FOLDER [--files 3000] [--bytes 10000] [--seed 0]

The same arguments give the same bytes. Half of the files are one paper each with headings and
paragraphs, half are nested bullets; half of the text is Chinese.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

_SYLLABLES = "ka mer to lin va sor pe dra mu ten gil os ne ra fi zu bel cor ti an".split()
_HAN = "模型训练数据方法注意力缓存压缩合并量化检索生成对齐奖励策略搜索编码解码图像语音机器学习推理长文本记忆稀疏低秩适配"


def make_corpus(folder: Path, files: int, bytes_per_file: int, seed: int) -> int:
    """Write the files below `folder`/notes and return their size in bytes."""
    rng = random.Random(seed)
    words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(20000)]
    size = 0
    for number in range(files):
        path = folder / "notes" / f"group-{number % 40:02d}" / f"note-{number:05d}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (
            _paper(rng, words, number, bytes_per_file)
            if number % 2
            else _bullets(rng, words, number, bytes_per_file)
        )
        path.write_text(text, encoding="utf-8")
        size += len(text.encode())
    return size


def _paper(rng: random.Random, words: list[str], number: int, size: int) -> str:
    lines = [
        "---",
        f"title: {_title(rng, words)}",
        f"arxiv: '{2000 + number % 700}.{10000 + number}'",
        "---",
        "",
    ]
    while len("\n".join(lines).encode()) < size:
        lines += [
            f"## {_title(rng, words)}",
            "",
            " ".join(_sentence(rng, words) for _ in range(rng.randint(2, 8))),
            "",
        ]
    return "\n".join(lines)


def _bullets(rng: random.Random, words: list[str], number: int, size: int) -> str:
    lines = [f"# {_title(rng, words)}", ""]
    while len("\n".join(lines).encode()) < size:
        lines.append(f"## {_title(rng, words)}")
        for _ in range(rng.randint(2, 6)):
            lines.append(
                f"- [{_title(rng, words)}](https://arxiv.org/abs/{2000 + number % 700}.{rng.randint(10000, 99999)})"
            )
            lines += [f"  - {_sentence(rng, words)}" for _ in range(rng.randint(0, 3))]
    return "\n".join(lines) + "\n"


def _title(rng: random.Random, words: list[str]) -> str:
    return " ".join(rng.choices(words, k=rng.randint(3, 8))).capitalize()


def _sentence(rng: random.Random, words: list[str]) -> str:
    if rng.random() < 0.5:
        return (
            "".join(rng.choices(_HAN, k=rng.randint(20, 60)))
            + "，"
            + rng.choice(words)
            + "".join(rng.choices(_HAN, k=12))
            + "。"
        )
    return " ".join(rng.choices(words, k=rng.randint(8, 25))).capitalize() + "."


def main() -> None:
    """Parse arguments, write, say how much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--bytes", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    size = make_corpus(options.folder, options.files, options.bytes, options.seed)
    print(f"{options.files} files, {size / 1e6:.1f} MB in {options.folder}")


if __name__ == "__main__":
    main()

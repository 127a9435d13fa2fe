"""texts.txt -> a Unigram tokenizer (tokenizer.json) over a seeded sample of the texts.

Text is folded (NFKC, lower case) and split into runs of Chinese characters, Latin letters,
digits, and single signs, so that `KV-Cache`, `KV cache` and mixed text share tokens. Chinese
and other pieces are learned apart and put together: learned as one, phrases of five and more
characters take four fifths of the vocabulary and leave English in fragments. Frequent Latin
words and numbers are pieces whole; the rest of the pieces spell out rare words.

    python -m training.tokenizer WORK_FOLDER TOKENIZER.json [--chinese 20000] [--other 28000]
"""

from __future__ import annotations

import argparse
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "[UNK]"
RUNS = r"[\u3400-\u9fff]+|[a-z]+|\d+|[^\s\w]"
LONGEST_CHINESE_CHARS = 4
LONGEST_OTHER_CHARS = 16
_OTHER_RUN = re.compile(r"[a-z]+|\d+")
_CHINESE_RUN = re.compile(r"[\u3400-\u9fff]+")


def new_tokenizer() -> Tokenizer:
    """Return an untrained tokenizer with the folding and splitting above."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(RUNS), "isolated"), pre_tokenizers.WhitespaceSplit()]
    )
    return tokenizer


def sample(texts: Path, count: int, seed: int) -> Iterator[str]:
    """Yield about `count` of the lines, each kept with one seeded probability."""
    with texts.open(encoding="utf-8", newline="\n") as lines:
        total = sum(1 for _ in lines)
    draw = Random(seed)
    with texts.open(encoding="utf-8", newline="\n") as lines:
        yield from (line.rstrip("\n") for line in lines if draw.random() * total < count)


def learn_pieces(texts: Iterable[str], count: int, longest: int) -> list[tuple[str, float]]:
    """Return `count` pieces of at most `longest` characters with their log probabilities,
    likeliest first.
    """
    tokenizer = new_tokenizer()
    trainer = trainers.UnigramTrainer(
        vocab_size=count + 1, special_tokens=[UNKNOWN], unk_token=UNKNOWN,
        max_piece_length=longest, show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    pieces = json.loads(tokenizer.to_str())["model"]["vocab"]
    return [(piece, score) for piece, score in pieces if piece != UNKNOWN]


def frequent_words(texts: Iterable[str], count: int) -> list[tuple[str, float]]:
    """Return the `count` most frequent runs of Latin letters or digits with their log
    probabilities.
    """
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(_OTHER_RUN.findall(unicodedata.normalize("NFKC", text).lower()))
    total = sum(seen.values())
    ranked = sorted(seen.items(), key=lambda item: (-item[1], item[0]))
    return [
        (word, math.log(times / total))
        for word, times in ranked[:count]
        if len(word) <= LONGEST_OTHER_CHARS
    ]


def train_tokenizer(texts: Path, chinese: int, other: int, count: int, seed: int) -> Tokenizer:
    """Return a tokenizer of `chinese` + `other` pieces learned from about `count` texts.

    Runs never mix scripts, so a cut is chosen among pieces of one script and the two sets of
    log probabilities need no common scale.
    """
    lines = list(sample(texts, count, seed))
    chinese_pieces = learn_pieces(
        ("\n".join(_CHINESE_RUN.findall(line)) for line in lines), chinese, LONGEST_CHINESE_CHARS
    )
    spelling = learn_pieces(
        (_CHINESE_RUN.sub(" ", line) for line in lines), other // 3, LONGEST_OTHER_CHARS
    )
    other_pieces = dict(frequent_words(lines, other)) | dict(spelling)
    merged = (
        dict(sorted(other_pieces.items(), key=lambda item: -item[1])[:other])
        | dict(spelling)
        | dict(chinese_pieces)
    )
    tokenizer = new_tokenizer()
    tokenizer.model = models.Unigram([(UNKNOWN, 0.0), *merged.items()], unk_id=0)
    return tokenizer


def main() -> None:
    """Train by the arguments and write the tokenizer, compact."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("--chinese", type=int, default=20_000, help="pieces of Chinese characters")
    parser.add_argument("--other", type=int, default=28_000, help="all other pieces")
    parser.add_argument("--texts", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    tokenizer = train_tokenizer(
        given.work / "texts.txt", given.chinese, given.other, given.texts, given.seed
    )
    tokenizer.save(str(given.tokenizer), pretty=False)


if __name__ == "__main__":
    main()

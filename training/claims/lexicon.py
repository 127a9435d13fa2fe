"""Parallel texts and a dictionary -> the words that may stand in a word's place when a lie is
made, see `contrasts`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from paperrag.encoders.static import StaticEncoder
from training.claims import contrasts
from training.claims.alter import Lexicon, names_in
from training.claims.sources import Passage, read_rows

FREQUENT = 9000
"""Words of each language that get others in their place."""

FARTHEST, NEAREST = 0.08, 0.28
"""Cosines between which a word is of the same field and surely another thing."""


def learned(data: Path, passages: Sequence[Passage], encoder: StaticEncoder) -> Lexicon:
    """Return the lexicon that the texts teach; names come from the passages."""
    rows = [
        row
        for row in read_rows(data / "parallel.en-zh.tsv.zst")
        if len(row) == 3 and "#abstract" not in row[2]
    ]
    english = contrasts.english_pairs(row[0] for row in rows)
    chinese = contrasts.chinese_pairs(row[1] for row in rows)
    meanings = contrasts.glosses(data / "glossary.en-zh.tsv")
    vectors = encoder.encode_document
    opposites = contrasts.widened(
        contrasts.contrasts(english[0], meanings[0], vectors),
        contrasts.contrasts(chinese[0], meanings[1], vectors),
        meanings,
        (english[1], chinese[1]),
    )
    words = (
        [word for word, _ in english[1].most_common(FREQUENT) if len(word) > 3],
        [
            word
            for word, _ in chinese[1].most_common(FREQUENT)
            if len(word) > 1 and re.match("[\u4e00-\u9fff]", word)
        ],
    )
    others = _others(words[0], meanings[0], encoder) | _others(words[1], meanings[1], encoder)
    names = {name for passage in passages for text, _ in passage.pairs for name in names_in(text)}
    return Lexicon(opposites[0] | opposites[1], others, sorted(names))


def _others(
    words: Sequence[str], meanings: Mapping[str, set[str]], encoder: StaticEncoder
) -> dict[str, list[str]]:
    vectors = encoder.encode_document(list(words))
    found: dict[str, list[str]] = {}
    for row, word in enumerate(words):
        cosines = vectors @ vectors[row]
        places = np.argsort(-cosines)[20:600:7]
        fitting = [
            words[place]
            for place in places
            if FARTHEST <= cosines[place] <= NEAREST
            and not meanings.get(word, set()) & meanings.get(words[place], set())
            and (not word.isascii() or word[-3:] == words[place][-3:])
        ][:6]
        if fitting:
            found[word] = fitting
    return found

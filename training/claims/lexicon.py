"""Parallel texts and a dictionary -> the words that may stand in a word's place when a lie is
made, see `contrasts`.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import rjieba

from paperrag.encoders.static import StaticEncoder
from training.claims import contrasts
from training.claims.alter import Lexicon, names_in
from training.claims.sources import PAPER_SOURCES, Passage, read_rows

EVERY_ROW = 3
"""One row of so many is read: enough to learn words from."""

FREQUENT = 9000
"""Words of each language that get others in their place."""

FARTHEST, NEAREST = 0.08, 0.28
"""Cosines between which a word is of the same field and surely another thing."""

TERMS, SIBLING, EVERYWHERE, BOUND = 6000, (0.25, 0.6), 150, 15
"""Terms of two words of each language, the cosines of others of their field, how many of the
commonest words are in none, and how much likelier than chance their words stand together.
"""

SAME_LEAST = 0.35
"""Cosine from which two words with a meaning in common are taken for the same."""

_HAN = re.compile("[\u4e00-\u9fff]+")


def learned(data: Path, passages: Sequence[Passage], encoder: StaticEncoder) -> Lexicon:
    """Return the lexicon that the texts teach; names come from the passages."""
    rows = [
        row
        for row in read_rows(data / "parallel.en-zh.tsv.zst")
        if len(row) == 3 and "#abstract" not in row[2]
    ][::EVERY_ROW]
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
    same = _same(words[0], meanings[0], encoder) | _same(words[1], meanings[1], encoder)
    against = opposites[0] | opposites[1]
    same = {
        word: kept
        for word, found in same.items()
        if (kept := [one for one in found if one not in against.get(word, ())])
    }
    return Lexicon(against, others, sorted(names), _terms(rows, encoder), same)


def _terms(rows: Sequence[Sequence[str]], encoder: StaticEncoder) -> dict[str, list[str]]:
    """Return terms of two words that the papers tell often, each with others of its field."""
    english: list[list[str]] = []
    chinese: list[list[str]] = []
    for row in rows:
        if row[2].partition("#")[0] in PAPER_SOURCES:
            english.append(re.findall(r"[a-z][a-z-]+|[^a-z ]+", row[0].lower()))
            chinese.append(rjieba.cut(row[1]))
    found: dict[str, list[str]] = {}
    for texts, joint, fits in (
        (english, " ", lambda word: len(word) > 3 and word.isascii() and word.isalpha()),
        (chinese, "", lambda word: len(word) > 1 and _HAN.fullmatch(word)),
    ):
        listed = _bound_pairs(texts, joint, fits)
        vectors = encoder.encode_document(listed)
        for row, term in enumerate(listed):
            cosines = vectors @ vectors[row]
            near = np.argsort(-cosines)[1:60]
            others = [listed[one] for one in near if SIBLING[0] <= cosines[one] <= SIBLING[1]]
            if others:
                found[term] = others[:12]
    return found


def _bound_pairs(
    texts: Sequence[Sequence[str]], joint: str, fits: Callable[[str], object]
) -> list[str]:
    """Return the pairs of words that stand together far more often than chance, commonest first;
    the words that are everywhere are in none.
    """
    words = Counter(word for text in texts for word in text)
    common = {word for word, _ in words.most_common(EVERYWHERE)}
    pairs = Counter(
        pair
        for text in texts
        for pair in itertools.pairwise(text)
        if pair[0] not in common and pair[1] not in common and fits(pair[0]) and fits(pair[1])
    )
    total = words.total()
    bound = [
        joint.join(pair)
        for pair, count in pairs.most_common(4 * TERMS)
        if count * total >= BOUND * words[pair[0]] * words[pair[1]]
    ]
    return bound[:TERMS]


def _same(
    words: Sequence[str], meanings: Mapping[str, set[str]], encoder: StaticEncoder
) -> dict[str, list[str]]:
    """Return for words those that share a meaning and are near for the encoder."""
    known = {word: row for row, word in enumerate(words)}
    vectors = encoder.encode_document(list(words))
    by_meaning: dict[str, list[str]] = {}
    for word in words:
        for meaning in meanings.get(word, ()):
            by_meaning.setdefault(meaning, []).append(word)
    found: dict[str, list[str]] = {}
    for word in words:
        others = {one for meaning in meanings.get(word, ()) for one in by_meaning[meaning]} - {word}
        near = [
            one
            for one in sorted(others)
            if vectors[known[word]] @ vectors[known[one]] >= SAME_LEAST
        ]
        if near:
            found[word] = near
    return found


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

"""Texts -> pairs of words that are set against one another ("increase or decrease", 增加或减少),
learned from how people write, not listed.

A word's opposite and its siblings stand with it around few words ("rather than", "from … to", 或)
far more often than chance, are near it for the encoder, and share no meaning in the dictionary.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

_JOINED_EN = re.compile(
    r"(?=\b([a-z][a-z-]{2,}) (?:(rather than|instead of|or|vs\.?|versus|but not|nor|to|and|than) (?:an? |the |be |more |less )?)([a-z][a-z-]{2,})\b)"
)
_JOINS_ZH = {
    "或",
    "或者",
    "而不是",
    "而非",
    "还是",
    "到",
    "和",
    "与",
    "、",
    "/",
    "并非",
    "及",
    "至",
}
_WEAK = {"and", "to", "和", "与", "、", "及", "到", "至", "than"}
LEAST_COUNT, NEAR, SAME, LIFT = 2.0, 0.2, 0.97, 8.0

Vectors = Callable[[list[str]], np.ndarray]


def english_pairs(texts: Iterable[str]) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Return how often words stand against one another, either order, and how often at all."""
    pairs: Counter[tuple[str, str]] = Counter()
    words: Counter[str] = Counter()
    for text in texts:
        low = text.lower()
        words.update(re.findall(r"[a-z][a-z-]{2,}", low))
        for one, join, other in _JOINED_EN.findall(low):
            if one != other:
                pairs[min(one, other), max(one, other)] += 0.3 if join in _WEAK else 1.0  # type: ignore[assignment]
    return pairs, words


def chinese_pairs(texts: Iterable[str]) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """The same for Chinese, by its words."""
    import rjieba

    pairs: Counter[tuple[str, str]] = Counter()
    words: Counter[str] = Counter()
    for text in texts:
        cut = rjieba.cut(text)
        words.update(cut)
        for one, join, other in zip(cut, cut[1:], cut[2:], strict=False):
            if join not in _JOINS_ZH or len(one) < 2 or len(other) < 2 or one == other:
                continue
            if re.fullmatch("[\u4e00-\u9fff]+", one + other):
                pairs[min(one, other), max(one, other)] += 0.3 if join in _WEAK else 1.0  # type: ignore[assignment]
    return pairs, words


def glosses(path: Path) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return what words of each language mean in the other, by the dictionary."""
    of_english: dict[str, set[str]] = defaultdict(set)
    of_chinese: dict[str, set[str]] = defaultdict(set)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        english, chinese, *_ = line.split("\t")
        english = re.sub(r"^(?:to|a|an|the) ", "", english.lower())
        of_english[english].add(chinese)
        of_chinese[chinese].add(english)
    return of_english, of_chinese


def contrasts(
    pairs: Counter[tuple[str, str]],
    meanings: Mapping[str, set[str]],
    vectors: Vectors,
) -> dict[str, list[tuple[str, float]]]:
    """Return for each word the words that stand against it and how strongly, strongest first."""
    kept = [pair for pair, count in pairs.items() if count >= LEAST_COUNT]
    listed = sorted({word for pair in kept for word in pair})
    place = {word: number for number, word in enumerate(listed)}
    rows = vectors(listed)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    total = sum(pairs.values())
    sides: Counter[str] = Counter()
    for pair, number in pairs.items():
        for word in pair:
            sides[word] += number
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for one, other in kept:
        cosine = float(rows[place[one]] @ rows[place[other]])
        if not NEAR <= cosine <= SAME or meanings.get(one, set()) & meanings.get(other, set()):
            continue
        if _stem(one) == _stem(other):
            continue
        count = pairs[one, other]
        lift = count * total / (sides[one] * sides[other])
        if lift < LIFT:
            continue
        strength = count / (sides[one] * sides[other]) ** 0.5 * cosine
        found[one].append((other, strength))
        found[other].append((one, strength))
    return {word: sorted(other, key=lambda item: -item[1])[:8] for word, other in found.items()}


def _stem(word: str) -> str:
    return re.sub(r"(?:ing|ed|es|s|ly|er|est)$", "", word)[:8] if word.isascii() else word


def widened(
    english: Mapping[str, list[tuple[str, float]]],
    chinese: Mapping[str, list[tuple[str, float]]],
    meanings: tuple[Mapping[str, set[str]], Mapping[str, set[str]]],
    counts: tuple[Counter[str], Counter[str]],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the contrasts of both languages, each with what the other's mean in it, and English
    ones in their other forms: increases, decreases.
    """
    out: tuple[dict[str, list[str]], dict[str, list[str]]] = (
        {word: [one for one, _ in other] for word, other in english.items()},
        {word: [one for one, _ in other] for word, other in chinese.items()},
    )
    for place, (own, meant, known) in enumerate(
        ((english, meanings[0], counts[1]), (chinese, meanings[1], counts[0]))
    ):
        for word, others in own.items():
            mine = _common(meant.get(word, set()), known)
            for other, strength in others[:2]:
                theirs = _common(meant.get(other, set()), known)
                if strength < STRONG or set(mine) & set(theirs):
                    continue
                for one in mine:
                    held = out[1 - place].setdefault(one, [])
                    held += [it for it in theirs if it not in held and it != one]
    for word, others in list(out[0].items()):
        for suffix in ("s", "es", "ed", "d", "ing", "r", "er", "ly"):
            form = _formed(word, suffix, counts[0])
            formed = [got for one in others if (got := _formed(one, suffix, counts[0]))]
            if form and formed:
                held = out[0].setdefault(form, [])
                held += [one for one in formed if one not in held]
    return out


STRONG, OFTEN = 0.02, 60


def _common(words: Iterable[str], known: Mapping[str, int]) -> list[str]:
    return sorted(
        (word for word in words if known.get(word, 0) >= OFTEN and " " not in word),
        key=lambda word: -known[word],
    )[:3]


def _formed(word: str, suffix: str, known: Mapping[str, int]) -> str:
    stem = word[:-1] if word.endswith("e") and suffix in ("ed", "ing", "er") else word
    return stem + suffix if known.get(stem + suffix, 0) >= 20 else ""

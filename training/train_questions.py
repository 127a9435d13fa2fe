"""Labelled questions -> src/paperrag/question/classifier.npz, and confusion matrices of what was
held out.

    PYTHONPATH=src:. python -m training.train_questions

One logistic regression for each head of `classifier.HEADS`. The committed question sets are read as
a test only: of them it is known which ask for a list and that none points back.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from paperrag.question.classifier import HEADS, WEIGHTS, Classifier
from paperrag.question.features import features, key_of, tokens
from paperrag.text.folding import fold
from training.question_sets import HAN, Labelled, labelled, shaping_words

C = 0.3
"""Inverse strength of regularisation; 0.05 loses 0.01 to 0.03 on held-out templates."""

FREE_WEIGHT = 6.0
"""A free question against one filling of a template, of which there are up to 20."""

LEAST_SEEN, LEAST_SOURCES = 3, 2
"""Questions, and templates or free questions, that hold a feature for it to be learned."""

LEAST_FREE = 3
"""Free questions that hold a word for it to count as one that shapes questions."""

ALWAYS_KNOWN = "吗呢几谁哪怎的了"

TESTS = Path(__file__).parent.parent / "tests" / "data"


def known_words(training: Sequence[Labelled]) -> set[str]:
    """Return the words that are seen as they are."""
    free = Counter(
        word for one in training if one.is_free for word in set(one.text.lower().split())
    )
    common = {word for word, count in free.items() if count >= LEAST_FREE and not HAN.search(word)}
    return shaping_words() | common | set(ALWAYS_KNOWN)


def seen_in(text: str, known: set[str]) -> set[str]:
    """Return the features of a question."""
    return set(features(tokens(fold(text), known.__contains__)))


def chosen(questions: Sequence[Labelled], seen: Sequence[set[str]]) -> list[str]:
    """Return the features that are seen often enough, in order."""
    counts = Counter(feature for one in seen for feature in one)
    sources = defaultdict(set)
    for question, one in zip(questions, seen, strict=True):
        for feature in one:
            sources[feature].add(question.source)
    return sorted(
        feature
        for feature, count in counts.items()
        if count >= LEAST_SEEN and len(sources[feature]) >= LEAST_SOURCES
    )


def matrix(seen: Sequence[set[str]], names: Sequence[str]) -> csr_matrix:
    """Return a row a question and a column a feature."""
    column = {name: place for place, name in enumerate(names)}
    pairs = [
        (row, column[name])
        for row, one in enumerate(seen)
        for name in sorted(one)
        if name in column
    ]
    rows, columns = zip(*pairs, strict=True)
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(seen), len(names)))


def train(questions: Sequence[Labelled]) -> Classifier:
    """Fit the heads, write the weights and return the classifier as it is read from them."""
    known = known_words(questions)
    seen = [seen_in(question.text, known) for question in questions]
    names = chosen(questions, seen)
    examples = matrix(seen, names)
    importance = [FREE_WEIGHT if one.is_free else 1.0 for one in questions]
    weights, bias = [], []
    for head, labels in HEADS.items():
        model = LogisticRegression(C=C, max_iter=300)
        model.fit(examples, [getattr(one, head) for one in questions], sample_weight=importance)
        assert tuple(model.classes_) == labels, model.classes_
        is_binary = len(labels) == 2
        weights += [-model.coef_ / 2, model.coef_ / 2] if is_binary else [model.coef_]
        bias += [-model.intercept_ / 2, model.intercept_ / 2] if is_binary else [model.intercept_]
    save(names, np.concatenate(weights).T, np.concatenate(bias), known)
    return Classifier.load()


def save(
    names: Sequence[str],
    weights: npt.NDArray[np.float64],
    bias: npt.NDArray[np.float64],
    known: set[str],
) -> None:
    """Write the weights in 8 bits, a scale a label."""
    scales = np.abs(weights).max(axis=0) / 127
    np.savez_compressed(
        WEIGHTS,
        keys=np.array([key_of(name) for name in names], dtype=np.uint32),
        weights=np.round(weights / scales).astype(np.int8),
        scales=scales.astype(np.float32),
        bias=bias.astype(np.float32),
        known=np.array(sorted(key_of(word) for word in known), dtype=np.uint32),
    )


def report(reader: Classifier, questions: Sequence[Labelled]) -> None:
    """Print a confusion matrix for each head: a row a true label, a column what was read."""
    read = [reader.read(fold(question.text)) for question in questions]
    for head, labels in HEADS.items():
        pairs = [
            (getattr(question, head), likely.best[head])
            for question, likely in zip(questions, read, strict=True)
        ]
        right = [one == other for one, other in pairs]
        free = [ok for ok, question in zip(right, questions, strict=True) if question.is_free]
        print(
            f"\n{head}: {np.mean(right):.3f} of {len(right)}, free {np.mean(free):.3f} of {len(free)}"
        )
        counts = Counter(pairs)
        print("| | " + " | ".join(labels) + " |\n|---" * 1 + "|---" * len(labels) + "|")
        for label in labels:
            print(
                f"| {label} | " + " | ".join(str(counts[label, other]) for other in labels) + " |"
            )


def report_on_sets(reader: Classifier) -> None:
    """Print what the committed question sets are read as."""
    paths = [*TESTS.glob("*.jsonl"), *TESTS.glob("corpora/*/questions.jsonl")]
    asked = [
        json.loads(line) for path in sorted(paths) for line in path.read_text("utf-8").splitlines()
    ]
    read = [reader.read(fold(one["question"])) for one in asked]
    wants = Counter(
        (one["kind"], likely.best["want"]) for one, likely in zip(asked, read, strict=True)
    )
    print(
        f"\n{len(asked)} questions of the sets: {sum(one.points_back for one in read)} point back"
    )
    for (kind, want), count in sorted(wants.items()):
        print(f"{kind} read as {want}: {count}")


def main() -> None:
    """Train, and print what the result makes of questions that it has not seen."""
    questions = labelled()
    kept = [question for question in questions if not question.is_held_out]
    held_out = [question for question in questions if question.is_held_out]
    print(f"{len(kept)} questions to learn from, {len(held_out)} held out")
    reader = train(kept)
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size} bytes")
    report(reader, held_out)
    report_on_sets(reader)


if __name__ == "__main__":
    main()

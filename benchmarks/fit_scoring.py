"""Choose the weights of `paperrag.search.scoring` over a grid, and print how they rank other notes.

    python benchmarks/fit_scoring.py [--encoder NAME] [--set obsidian]

Late interaction weighs 1, for only shares count. Figures are nDCG@10 of search: of each pair of the
other two weights over all sets, and of each set by the pair that is best on the others.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from statistics import mean

from paperrag import Assistant
from paperrag.evaluation import EvalQuestion, evaluate, read_questions, summary
from paperrag.search import scoring
from quality import SETS

DENSE = (0.4, 0.6, 0.8, 1.0, 1.4)
LEXICAL = (0.0, 0.1, 0.2, 0.3)
SHIPPED = (scoring.DENSE, scoring.LEXICAL)

Pair = tuple[float, float]


def ndcg(assistant: Assistant, questions: Sequence[EvalQuestion], pair: Pair) -> float:
    """Return nDCG@10 of one set by weights."""
    scoring.DENSE, scoring.LEXICAL = pair
    outcomes = evaluate(
        questions,
        search=lambda text: [hit.entry for hit in assistant.search(text, 10).hits],
        ask=lambda text: (False, []),
    )
    return summary(outcomes)["all"]["ndcg@10"] or 0.0


def measured(corpus: Path, questions: Path, encoder: str) -> dict[Pair, float]:
    """Return nDCG@10 of one set by each pair of weights."""
    with tempfile.TemporaryDirectory() as index:
        assistant = Assistant.open(corpus=corpus, index=index, encoder=encoder)
        asked = read_questions(questions)
        return {pair: ndcg(assistant, asked, pair) for pair in product(DENSE, LEXICAL)}


def best(sets: Sequence[dict[Pair, float]]) -> Pair:
    """Return the pair that ranks some sets best, in the mean."""
    return max(sets[0], key=lambda pair: mean(one[pair] for one in sets))


def main() -> None:
    """Print the grid, then each set by the weights of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default="bundled-static")
    parser.add_argument("--set", default="", help="only sets whose name begins so")
    options = parser.parse_args()
    names = [name for name in SETS if name.startswith(options.set)]
    sets = [measured(*SETS[name], options.encoder) for name in names]
    print("DENSE \\ LEXICAL\t" + "\t".join(map(str, LEXICAL)))
    for dense in DENSE:
        means = (mean(one[dense, lexical] for one in sets) for lexical in LEXICAL)
        print(f"{dense}\t" + "\t".join(f"{value:.4f}" for value in means))
    print(f"best of all: {best(sets)}; shipped: {SHIPPED}")
    for at, (name, one) in enumerate(zip(names, sets, strict=True)):
        pair = best([*sets[:at], *sets[at + 1 :]] or [one])
        print(f"{name}\t{pair}\t{one[pair]:.4f}\tshipped {one[SHIPPED]:.4f}")


if __name__ == "__main__":
    main()

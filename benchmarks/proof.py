"""How well answers by an LLM are proved: scripted models over real HTTP, and hand-written claims
one by one.

    python benchmarks/proof.py [--seeds 6]

The ideal model answers the development questions with true claims about the entries it is given;
the lying one alters 30 % of them (another number, another method's name, another entry's number, a
number that does not exist).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from llm_server import serving  # noqa: E402
from paperrag.assistant import Assistant  # noqa: E402
from paperrag.evaluation import evaluate, read_questions, summary  # noqa: E402
from paperrag.llm.evidence import whole_text  # noqa: E402
from paperrag.proof.support import SUPPORTED, SupportScorer  # noqa: E402
from paperrag.records import Answer, Entry  # noqa: E402
from paperrag.wiring.encoders import proof_encoder  # noqa: E402
from scripted_models import LIES, ScriptedModel, entry_at, read_claims  # noqa: E402

QUESTIONS = ROOT / "tests" / "data" / "dev.jsonl"
CORPORA = {"notes": ROOT / "corpus"} | {
    name: ROOT / "tests" / "data" / "corpora" / name
    for name in ("biology", "headings", "obsidian", "zh-bullets")
}
LYING_SHARE = 0.3
OTHERS = 15


def model_outcomes(
    index: Path, lying_share: float, seed: int = 0
) -> tuple[dict[str, float], Counter[tuple[str, bool]]]:
    """Return the metrics of the development questions, and how often each kind of claim was (kind,
    flagged).
    """
    plain = Assistant.open(ROOT / "corpus", index)
    model = ScriptedModel(plain, read_claims("notes"), lying_share, seed)
    questions = read_questions(QUESTIONS)
    for question in questions:
        model.teach(
            question.text, [claim for claim in model.claims if claim["question"] == question.id]
        )
    answers: list[Answer] = []

    with serving(model) as server:
        os.environ.update(server.environment())
        assistant = Assistant.open(ROOT / "corpus", index, llm="openai-like:scripted")

        def ask(text: str) -> tuple[bool, list[Entry]]:
            answer, _ = assistant.ask(text)
            answers.append(answer)
            return answer.abstained, [citation.entry for citation in answer.citations]

        outcomes = evaluate(
            questions, lambda text: [hit.entry for hit in plain.search(text, 10).hits], ask
        )
    written = {
        answer.text[claim.start : claim.end]: claim.status == "supported"
        for answer in answers
        for claim in answer.claims
    }
    found: Counter[tuple[str, bool]] = Counter()
    for said, kind in model.said:
        holding = [
            is_supported for text, is_supported in written.items() if text.startswith(said.rstrip())
        ]
        found[kind, kind == "id" or not (holding and holding[0])] += (
            1  # an invented number is always taken off
        )
    return {
        **summary(outcomes)["all"],
        "by_llm": sum(answer.mode == "llm" for answer in answers),
    }, found


def scored_claims(folder: Path) -> Iterator[tuple[str, str, str, SupportScorer]]:
    """Yield corpus, kind ("true" or how it was altered), text and scorer of each hand-written
    claim; its entry is text 0.
    """
    encoder = proof_encoder()
    for corpus, path in CORPORA.items():
        assistant = Assistant.open(path, folder / corpus)
        entries = assistant.data().entries
        for claim in read_claims(corpus):
            entry = entry_at(assistant, claim["source"], claim["line"])
            for text, kind in ((claim["claim"], "true"), (claim["altered"], claim["how"])):
                others = [
                    hit.entry
                    for hit in assistant.search(text, OTHERS).hits
                    if hit.entry.id != entry.id
                ]
                yield (
                    corpus,
                    kind,
                    text,
                    SupportScorer(encoder, [whole_text(one, entries) for one in (entry, *others)]),
                )


def claim_outcomes(folder: Path) -> Counter[tuple[str, str, bool]]:
    """Return how often hand-written claims were (corpus, kind, flagged)."""
    return Counter(
        (corpus, kind, scorer.score(text, [0]) < SUPPORTED)
        for corpus, kind, text, scorer in scored_claims(folder)
    )


def lying_outcomes(index: Path, seeds: int) -> Counter[tuple[str, bool]]:
    """Return how often each kind of claim was (kind, flagged), over lying models that alter
    different claims.
    """
    found: Counter[tuple[str, bool]] = Counter()
    for seed in range(seeds):
        found += model_outcomes(index, LYING_SHARE, seed)[1]
    return found


def share_line(name: str, flagged: int, total: int) -> str:
    """Return a line of a table."""
    return f"  {name:10} {flagged:3} of {total:3} ({flagged / total:.1%})"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--seeds", type=int, default=6, help="lying models, each altering other claims"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        metrics, found = model_outcomes(folder / "notes", 0.0)
        precision, recall = metrics["citation_precision"], metrics["citation_recall"]
        print(
            f"ideal model: {metrics['by_llm']} answers by it, citation precision {precision:.3f}, "
            f"recall {recall:.3f}"
        )
        print(share_line("true", found["true", True], found.total()))
        lies = lying_outcomes(folder / "notes", options.seeds)
        print(f"lying model, {options.seeds} seeds (flagged, or without the false citation):")
        for name, kinds in (
            ("altered", LIES),
            *((kind, (kind,)) for kind in LIES),
            ("true", ("true",)),
        ):
            flagged = sum(lies[kind, True] for kind in kinds)
            print(share_line(name, flagged, flagged + sum(lies[kind, False] for kind in kinds)))
        claims = claim_outcomes(folder)
    print("hand-written claims, one by one (flagged of all):")
    for kind in ("true", "number", "name", "paper", "method", "direction"):
        shares = {
            corpus: (claims[corpus, kind, True], claims[corpus, kind, False]) for corpus in CORPORA
        }
        flagged, total = sum(a for a, _ in shares.values()), sum(a + b for a, b in shares.values())
        print(share_line(kind, flagged, total))


if __name__ == "__main__":
    main()

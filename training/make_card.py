"""manifest.json + recipes + a figures file -> the model card. Knows wording, no numbers of its own.

python -m training.make_card WORK_FOLDER RUN_FOLDER [RUN_FOLDER ...] --figures FIGURES.md > CARD.md
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from training.sources import licence_of

HEAD = """---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
language: [zh, en]
---
# The bundled encoder of paperrag

A static bilingual (Chinese, English) encoder: sentence-transformers `StaticEmbedding` + `Normalize`. A Unigram tokenizer
({vocabulary:,} pieces; NFKC, lower case; split into runs of Chinese characters, letters, digits and single signs) and
one row of {dimension} numbers a token. A text's vector is the unit mean of its tokens' rows; a row's length is its token's
weight, and the rows themselves serve late interaction (for each query token the best cosine with a passage's tokens).

`SentenceTransformer(FOLDER)` loads it; NumPy and `tokenizers` are enough to run it. No prompts. Texts are read whole, but
the mean of a text of more than about 250 tokens blurs: cut longer texts. Weights sha256: `{{sha256}}`.
"""

PROCEDURE = """
## How it was made

1. *Left out first*: {held} by seeded hash of the arXiv id, 4 % of the other papers for validation, runs of 40 rows of
   documentation (2.5 %), 1.25 % of the dictionary, and every paper that the notes given to `prepare.py` link to (by arXiv id,
   by title, by a name before a colon). No text of any note or question was used.
2. *Views* ({pairs:,} pairs over {texts:,} texts): translations of sentences, titles, abstracts, manuals, everyday sentences and
   dictionary terms; title to abstract and to sentence in four language directions; neighbouring sentences; headings;
   one-line summaries; sentences to the whole abstract or paragraph that holds them, within and across languages; and cuts of
   one text against other cuts of it. Queries are thinned, shortened and put into question forms.
3. *Training*, one plain loop (`training/train.py`) on 2 CPU cores: in-batch softmax over pooled cosines, every batch with all
   languages and directions mixed, plus the same loss over late-interaction scores. Stages:
{stages}
   - each stage but the first goes on from what was there before: the second from the first, the third to fifth from
     the mean of both, the sixth from the mean of all these, taught by all-MiniLM-L6-v2 (Apache-2.0) what is near what
     in 40,000 English texts and their translations. The shipped matrix is the mean of all, the first mean counted
     twice (`training/run.sh`, `training/average.py`).
   - Rows are stored as int8 with one float32 scale each, a row being their product; the figures below are of these.
4. *Choosing*: `training/LOG.md` holds every trial with its figures.

To make it again: `training/run.sh DATA_FOLDER NOTES.md WORK_FOLDER MODEL_FOLDER`. The same data, seeds and thread count give
the same matrix on one machine; `python -m training.smoke FOLDER` tries every step on made-up data in seconds.
"""

LIMITS = """
## Limits

Word order is not seen: "A beats B" and "B beats A" are one text. Names never met in training are known by their pieces alone.
Simplified Chinese; fold traditional characters first. Most Chinese in the data was written by language models or translation
services. Strongest on machine-learning text; everyday text, manuals and a general dictionary are in the data, but long general
paragraphs are ranked better by word matching, and best by both. Cosines are not probabilities.
"""


def sources_table(rows: dict[str, int]) -> str:
    """Return a Markdown table of the sources used, by licence, largest first."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for repo, count in rows.items():
        if repo != "paper rows left out":
            groups.setdefault(licence_of(repo), []).append((count, repo))
    lines = ["| licence | rows | sources |", "|---|---|---|"]
    for licence, members in sorted(groups.items(), key=lambda item: -sum(count for count, _ in item[1])):
        named = ", ".join(f"{repo} {count:,}" for count, repo in sorted(members, reverse=True))
        lines.append(f"| {licence} | {sum(count for count, _ in members):,} | {named} |")
    return "\n".join(lines)


def stage_line(recipe: dict[str, object]) -> str:
    """Return one line on a training run."""
    late = (
        "no late loss"
        if recipe["late_from"] == 1
        else "late loss on {late_pairs} pairs, scale {late_scale:g}, from {late_from:.0%} of the steps, "
        "every {late_every} steps, weight {late_weight:g}".format(**recipe)
    )
    what = (
        "   - {steps:,} steps of {batch:,} pairs, Adam at {rate:g} falling to 0, scale {scale:g}; "
        "texts of at most {max_tokens} tokens, {passage_dropped_fraction:.0%} of passages' tokens "
        "and {dropped_fraction:.0%} of thinned queries' dropped; "
    )
    taught = "; with a teacher" if recipe.get("taught") else ""
    return what.format(**recipe) + late + taught + "."


def card(work: Path, runs: list[Path], figures: str) -> str:
    """Return the card's text; `{sha256}` is left for the export to fill in."""
    manifest = json.loads((work / "manifest.json").read_text(encoding="utf-8"))
    recipes = [json.loads((run / "recipe.json").read_text()) for run in runs]
    tokenizer = json.loads((runs[-1] / "tokenizer.json").read_text(encoding="utf-8"))
    head = HEAD.format(vocabulary=len(tokenizer["model"]["vocab"]), dimension=recipes[-1]["dimension"])
    procedure = PROCEDURE.format(
        held=f"{manifest['held out']['arxiv papers']:,} papers",
        pairs=sum(manifest["views"].values()), texts=manifest["texts"],
        stages="\n".join(stage_line(recipe) for recipe in recipes),
    )  # fmt: skip
    sources = "\n## Data\n\nRows used, by licence of the source (only texts' statistics are in the weights):\n\n"
    return head + procedure + sources + sources_table(manifest["rows"]) + "\n\n## Figures\n\n" + figures + LIMITS


def main() -> None:
    """Print the card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("runs", type=Path, nargs="+", help="run folders in order of training")
    parser.add_argument("--figures", type=Path, help="Markdown with the measured figures")
    given = parser.parse_args()
    print(card(given.work, given.runs, given.figures.read_text(encoding="utf-8") if given.figures else ""))


if __name__ == "__main__":
    main()

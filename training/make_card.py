"""manifest.json + recipes + a figures file -> the model card. Knows wording, no numbers of its own.

python -m training.make_card WORK_FOLDER RUN_FOLDER [RUN_FOLDER ...] --contextual RUN_FOLDER
--figures FIGURES.md > CARD.md
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

Two bilingual (Chinese, English) encoders over one Unigram tokenizer ({vocabulary:,} pieces; NFKC, lower case; split into runs of
Chinese characters, letters, digits and single signs), whose vectors stand side by side. `SHA256SUMS` holds all files' sha256.

- **Static** (`model.safetensors`): one row of {dimension} numbers a token, int8 with a scale each. A text's vector is the unit
  mean of its tokens' rows; a row's length is its token's weight, and the rows themselves serve late interaction (for each
  query token the best cosine with a passage's tokens). `SentenceTransformer(FOLDER)` loads this part as it is; NumPy is
  enough to run it. Texts are read whole. Weights sha256: `{{sha256}}`.
- **Contextual** (`contextual.safetensors`, `contextual.onnx`): a BERT encoder of 6 layers, 384 wide, over token rows of 256
  numbers; int8 rows with a scale each, int8 ONNX layers, run by onnxruntime without torch. It reads the first 256 tokens of
  a text in order; a text's vector is the unit mean of its last states.

`pieces.json` is the tokenizer again, for the package, which splits texts by it in plain Python; `near.safetensors`
lists for each token those whose static rows have a cosine of 0.3 or more with it.

A cosine of the whole is 0.4 of the static and 0.6 of the contextual cosine (`paperrag.load_encoder("bundled")`, 640 numbers;
`"bundled-static"` is the static part alone). No prompts. Longer texts blur: cut them at about 250 tokens.
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
3. *Static training*, one plain loop (`training/train.py`) on 2 CPU cores: in-batch softmax over pooled cosines, every batch
   with all languages and directions mixed, plus the same loss over late-interaction scores. Stages:
{stages}
   - each stage but the first goes on from what was there before: the second from the first, the third to fifth from
     the mean of both, the sixth from the mean of all these, taught by all-MiniLM-L6-v2 (Apache-2.0) what is near what
     in 40,000 English texts and their translations. The shipped matrix is the mean of all, the first mean counted
     twice (`training/run.sh`, `training/average.py`).
   - Rows are stored as int8 with one float32 scale each, a row being their product; the figures below are of these.
4. *Contextual training* (`training/train_contextual.py`), the same batches and further lessons: the layers start as those of
   all-MiniLM-L6-v2 (Apache-2.0), a piece as the mean of its wordpieces, a Chinese piece as the English ones nearest to it in the
   static encoder. {contextual}
5. *Choosing*: `training/LOG.md` holds every trial with its figures.

To make it again: `training/run.sh DATA_FOLDER NOTES.md WORK_FOLDER MODEL_FOLDER`. The same data, seeds and thread count give
the same matrix on one machine; the contextual part wants a GPU and comes out a little different on each.
`python -m training.smoke FOLDER` tries every step on made-up data in seconds.
"""

LIMITS = """
## Limits

The static part does not see word order: "A beats B" and "B beats A" are one text to it. The contextual part does, yet ranks by
what a text is about more than by what it claims, and takes many times longer to read. Names never met in training are known
by their pieces alone. Simplified Chinese; fold traditional characters first. Most Chinese in the data was written by language
models or translation services. Strongest on machine-learning text; everyday text, manuals and a general dictionary are in
the data. Cosines are not probabilities.
"""


def sources_table(rows: dict[str, int]) -> str:
    """Return a Markdown table of the sources used, by licence, largest first."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for repo, count in rows.items():
        if repo != "paper rows left out":
            groups.setdefault(licence_of(repo), []).append((count, repo))
    lines = ["| licence | rows | sources |", "|---|---|---|"]
    for licence, members in sorted(
        groups.items(), key=lambda item: -sum(count for count, _ in item[1])
    ):
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


def contextual_line(recipe: dict[str, object]) -> str:
    """Return what is said of the contextual part's training."""
    what = (
        "Minimised are the in-batch softmax over cosines (scale {scale:g}, {batch:,} pairs a step) "
        "and {lesson_weight:g}\n"
        "   times the distance of a text and of its translation from the teacher's vector of the "
        "English one ({lessons:,}\n"
        "   translations a step). {cycles} cycles of {steps:,} steps, AdamW at {rate:g} (token "
        "rows {row_rate:g} times that)\n"
        "   falling to 0 in each, after the first from {later_rate:g} of that; shipped is the mean "
        "of the last {averaged} ends.\n"
        "   Texts of at most {max_tokens} tokens."
    )
    return what.format(**recipe)


def card(work: Path, runs: list[Path], contextual: Path, figures: str) -> str:
    """Return the card's text; `{sha256}` is left for the export to fill in."""
    manifest = json.loads((work / "manifest.json").read_text(encoding="utf-8"))
    recipes = [json.loads((run / "recipe.json").read_text()) for run in runs]
    tokenizer = json.loads((runs[-1] / "tokenizer.json").read_text(encoding="utf-8"))
    head = HEAD.format(
        vocabulary=len(tokenizer["model"]["vocab"]), dimension=recipes[-1]["dimension"]
    )
    procedure = PROCEDURE.format(
        held=f"{manifest['held out']['arxiv papers']:,} papers",
        pairs=sum(manifest["views"].values()), texts=manifest["texts"],
        stages="\n".join(stage_line(recipe) for recipe in recipes),
        contextual=contextual_line(json.loads((contextual / "recipe.json").read_text())),
    )  # fmt: skip
    sources = "\n## Data\n\nRows used, by licence of the source (only texts' statistics are in the weights):\n\n"
    return (
        head
        + procedure
        + sources
        + sources_table(manifest["rows"])
        + "\n\n## Figures\n\n"
        + figures
        + LIMITS
    )


def main() -> None:
    """Print the card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("runs", type=Path, nargs="+", help="run folders in order of training")
    parser.add_argument(
        "--contextual", type=Path, required=True, help="run folder of the contextual part"
    )
    parser.add_argument("--figures", type=Path, help="Markdown with the measured figures")
    given = parser.parse_args()
    print(
        card(
            given.work,
            given.runs,
            given.contextual,
            given.figures.read_text(encoding="utf-8") if given.figures else "",
        )
    )


if __name__ == "__main__":
    main()

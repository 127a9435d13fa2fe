"""Data folder -> a work folder: texts.txt, pairs.npz, heldout/*.tsv, manifest.json.

Held-out papers and the papers that the notes link to are left out before any view is built.
Same data, notes and seed give the same bytes. Knows rows and views; no tokens, no training.

    python -m training.prepare DATA_FOLDER WORK_FOLDER --notes NOTES.md [--leave-out-licence
    GPL-3.0]
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from random import Random

from training import reading
from training.leaving_out import NotedPapers, fraction_of, smallest_by_hash, squeeze
from training.sources import EVERYDAY, LICENCES, UNSTATED, Source, licence_of, parse_source
from training.views import NO_PAPER, PairStore, Paper, add_manual, add_paper, add_paragraphs

BLOCK_ROWS = 40
"""Documentation is held out in runs of this many rows: a paragraph's sentences stand beside it."""
GENERAL_FRACTION = 0.025
VALIDATION_PAPERS_FRACTION = 0.04
UNKNOWN_ID = "?"


@dataclass(frozen=True)
class Row:
    """One parallel row with its parsed source; `paper` is '' outside paper data."""

    english: str
    chinese: str
    source: Source
    paper: str


@dataclass(frozen=True)
class Held:
    """What is held out: paper ids of the title test and of validation, and the noted papers."""

    test: set[str]
    seed: int
    noted: NotedPapers

    def validates(self, paper: str) -> bool:
        """Whether a paper's retrieval pairs are for validation."""
        return fraction_of("validation " + paper, self.seed) < VALIDATION_PAPERS_FRACTION

    def leaves_out(self, paper: str, title: str) -> bool:
        """Whether nothing of a paper may be trained on."""
        return paper in self.test or self.validates(paper) or self.noted.names_paper(paper, title)


def read_parallel(folder: Path, allowed, ids_by_title: dict[str, str]) -> list[Row]:  # type: ignore[no-untyped-def]
    """Return the allowed parallel rows; an unknown paper id is looked up by title, else
    numbered.
    """
    rows, unknown, before = [], 0, ""
    for english, chinese, cell in reading.read_rows(folder, reading.PARALLEL):
        source = parse_source(cell)
        paper = source.paper
        if paper == UNKNOWN_ID:
            if source.kind == "title":
                unknown += 1
                before = ids_by_title.get(squeeze(english), f"unknown-{unknown}")
            paper = before
        if allowed(source.repo):
            rows.append(Row(english, chinese, source, paper))
    return rows


def title_ids(folder: Path) -> dict[str, str]:
    """Return arXiv ids by squeezed English title, from the retrieval pairs."""
    found = {}
    for query, _, languages, cell in reading.read_rows(folder, reading.RETRIEVAL):
        source = parse_source(cell)
        if source.kind in ("title", "title2tldr") and languages.startswith("en"):
            found[squeeze(query)] = source.paper
    return found


def papers_with_both(rows: list[Row]) -> dict[str, dict[str, Row]]:
    """Return papers that have a title row and an abstract row, by arXiv id."""
    parts: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row.paper and row.source.kind in ("title", "abstract"):
            parts.setdefault(row.paper, {}).setdefault(row.source.kind, row)
    return {paper: found for paper, found in parts.items() if len(found) == 2}


def write_tsv(path: Path, rows: list[tuple[str, ...]]) -> None:
    """Write rows of cells, tab-separated, no header."""
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def hold_out_titles(
    rows: list[Row], noted: NotedPapers, count: int, seed: int, folder: Path
) -> set[str]:
    """Choose and write the title test: id, English and Chinese title, English and Chinese
    abstract.
    """
    both = papers_with_both(rows)
    chosen = smallest_by_hash(both, count, seed)
    lines = []
    for paper in sorted(chosen):
        title, abstract = both[paper]["title"], both[paper]["abstract"]
        lines.append((paper, title.english, title.chinese, abstract.english, abstract.chinese))
    write_tsv(folder / "arxiv.tsv", lines)
    return chosen


def add_papers(
    store: PairStore, rows: list[Row], held: Held, draw: Random, tally: Counter[str]
) -> dict[str, int]:
    """Add the views of every kept paper; return the papers' numbers by arXiv id."""
    papers: dict[str, Paper] = {}
    titles = {row.paper: row.english for row in rows if row.source.kind == "title"}
    for row in rows:
        if not row.paper:
            continue
        if held.leaves_out(row.paper, titles.get(row.paper, "")):
            tally["paper rows left out"] += 1
            continue
        paper = papers.setdefault(row.paper, Paper(len(papers)))
        pair = (store.text(row.english), store.text(row.chinese))
        {"title": paper.titles, "abstract": paper.abstracts}.get(
            row.source.kind, paper.sentences
        ).append(pair)
        tally[row.source.repo] += 1
    for paper in papers.values():
        add_paper(store, paper, draw)
    return {name: paper.key for name, paper in papers.items()}


def add_general(
    store: PairStore, rows: list[Row], seed: int, draw: Random, tally: Counter[str]
) -> list[tuple[str, ...]]:
    """Add documentation and everyday sentences; return held-out (en, zh, source) lines."""
    held: list[tuple[str, ...]] = []
    general = [row for row in rows if not row.paper]
    for repo, group in groupby(general, key=lambda row: row.source.repo):
        kept: list[tuple[int, int]] = []
        for place, row in enumerate(group):
            if fraction_of(f"{repo} {place // BLOCK_ROWS}", seed) < GENERAL_FRACTION:
                held.append((row.english, row.chinese, repo))
            else:
                kept.append((store.text(row.english), store.text(row.chinese)))
                tally[repo] += 1
        if repo == EVERYDAY:
            for english, chinese in kept:
                store.add("cross_everyday", english, chinese)
                store.add("crop_everyday_e", english, english)
                store.add("crop_everyday_z", chinese, chinese)
        else:
            add_manual(store, kept, draw)
        add_paragraphs(store, "part_everyday" if repo == EVERYDAY else "part_manual", kept, draw)
    return held


def add_glossary(
    store: PairStore, folder: Path, allowed, seed: int, tally: Counter[str]
) -> list[tuple[str, ...]]:  # type: ignore[no-untyped-def]
    """Add dictionary terms; return held-out (en, zh, source) lines."""
    held: list[tuple[str, ...]] = []
    for english, chinese, cell in reading.read_rows(folder, reading.GLOSSARY):
        repo = parse_source(cell).repo
        if not allowed(repo):
            continue
        if fraction_of(f"glossary {english}", seed) < GENERAL_FRACTION / 2:
            held.append((english, chinese, "glossary " + repo))
            continue
        ml = "cross_term" if repo != "CC-CEDICT" else "cross_dictionary"
        store.add(ml, store.text(english), store.text(chinese))
        tally[repo] += 1
    return held


def add_retrieval(
    store: PairStore,
    folder: Path,
    allowed,
    held: Held,
    numbers: dict[str, int],
    tally: Counter[str],  # type: ignore[no-untyped-def]
) -> list[tuple[str, ...]]:
    """Add the retrieval pairs; return held-out (query, passage, langs, source, paper) lines."""
    titles: dict[str, str] = {}
    validation: list[tuple[str, ...]] = []
    for query, passage, languages, cell in reading.read_rows(folder, reading.RETRIEVAL):
        source = parse_source(cell)
        if not allowed(source.repo):
            continue
        if source.kind.startswith("title") and languages.startswith("en"):
            titles[source.paper] = query
        place = source.paper or "heading " + passage
        if held.validates(place) and source.paper not in held.test:
            validation.append((query, passage, languages, source.kind, source.paper))
        elif not held.leaves_out(place, titles.get(source.paper, "")):
            view = f"{'heading' if source.kind == 'heading' else 'retrieval'}_{languages[0]}{languages[3]}"
            number = numbers.setdefault(source.paper, len(numbers)) if source.paper else NO_PAPER
            store.add(view, store.text(query), store.text(passage), number)
            tally[source.repo] += 1
    return validation


def add_summaries(
    store: PairStore, folder: Path, rows: list[Row], held: Held, numbers: dict[str, int]
) -> None:
    """Pair one-sentence Chinese summaries with their paper's abstract and title."""
    both = papers_with_both(rows)
    for paper, summary, *_ in reading.read_rows(folder, reading.SUMMARIES):
        if paper not in numbers or paper not in both:
            continue
        query = store.text(summary)
        abstract, title = both[paper]["abstract"], both[paper]["title"]
        store.add("summary_ze", query, store.text(abstract.english), numbers[paper])
        store.add("summary_zz", query, store.text(abstract.chinese), numbers[paper])
        store.add("summary_ez", store.text(title.english), query, numbers[paper])


def prepare(
    data: Path, work: Path, notes: list[Path], test_papers: int, seed: int, banned: set[str]
) -> dict[str, object]:
    """Build everything into `work`; return the manifest that is also written there."""
    allowed = lambda repo: licence_of(repo) not in banned and repo not in banned  # noqa: E731
    held_folder = work / "heldout"
    held_folder.mkdir(parents=True, exist_ok=True)
    draw, tally, store = Random(seed), Counter[str](), PairStore()
    noted = NotedPapers.of(path.read_text(encoding="utf-8") for path in notes)
    rows = read_parallel(data, allowed, title_ids(data))
    held = Held(hold_out_titles(rows, noted, test_papers, seed, held_folder), seed, noted)
    numbers = add_papers(store, rows, held, draw, tally)
    general = add_general(store, rows, seed, draw, tally) + add_glossary(
        store, data, allowed, seed, tally
    )
    validation = add_retrieval(store, data, allowed, held, numbers, tally)
    add_summaries(store, data, rows, held, numbers)
    write_tsv(held_folder / "general.tsv", general)
    write_tsv(held_folder / "retrieval.tsv", validation)
    store.save(work)
    manifest = {
        "seed": seed, "texts": len(store.texts), "views": store.sizes(), "rows": dict(sorted(tally.items())),
        "held out": {"arxiv papers": len(held.test), "general pairs": len(general), "retrieval pairs": len(validation)},
        "left out by licence or source": sorted(banned),
    }  # fmt: skip
    (work / "manifest.json").write_text(
        json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return manifest


def main() -> None:
    """Read the arguments, prepare, print the manifest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "data", type=Path, help="folder with the parallel, retrieval, summary and glossary files"
    )
    parser.add_argument("work", type=Path, help="folder to write")
    parser.add_argument(
        "--notes", type=Path, nargs="*", default=[], help="notes whose linked papers are left out"
    )
    parser.add_argument("--test-papers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument(
        "--leave-out-licence",
        action="append",
        default=[],
        help="a licence or a repository; repeatable",
    )
    given = parser.parse_args()
    known = {*LICENCES.values(), UNSTATED}
    for one in given.leave_out_licence:
        if one not in known and "/" not in one:
            parser.error(
                f"no source has the licence {one!r}; there are: {'; '.join(sorted(known))}"
            )
    manifest = prepare(
        given.data,
        given.work,
        given.notes,
        given.test_papers,
        given.seed,
        set(given.leave_out_licence),
    )
    print(json.dumps(manifest, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()

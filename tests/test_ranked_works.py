from __future__ import annotations

import numpy as np
import pytest

from made_segments import entry_table
from paperrag.index.tables import EntryTable
from paperrag.notes.tree import parse_note
from paperrag.search import membership, works
from paperrag.search.membership import WorkEvidence
from paperrag.search.scores import EntryScores, Scores
from paperrag.search.works import RankedWorks, ranked_works

SAND = '---\ntitle: "{name}: Forms from Wind"\n---\n\n## Summary\n\n{name} draws dunes.\n'
LIST = "- DuneNet draws dunes\n- 沙丘综述\n"

VECTORS = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], dtype=np.float32)


def table(**texts: str) -> EntryTable:
    notes = (parse_note(text, f"{stem}.md").entries for stem, text in texts.items())
    return entry_table([entry for note in notes for entry in note])


PAPERS = table(**{name: SAND.format(name=name) for name in ("SandNet", "WindNet", "ReefNet")})
"""Two entries a file: the paper's own and its summary."""


def scored(rows: list[int], scores: list[float], **words: list[int]) -> EntryScores:
    """Entries that are their own chunks; words: the rows that hold each."""
    of_rows = np.array(rows, dtype=np.int64)
    values = np.array(scores, dtype=np.float32)
    by_row = np.zeros(max(rows) + 1, dtype=np.float32)
    by_row[of_rows] = values
    holding = {word: np.array(held, dtype=np.int64) for word, held in words.items()}
    every = np.arange(len(by_row))
    parts = [by_row / 2, *[np.zeros_like(by_row)] * 3]
    chunks = Scores(every, by_row, *parts, holding, np.array([1.0, 0.0], dtype=np.float32))
    return EntryScores(of_rows, values, of_rows, chunks)


def of_papers(found: EntryScores, entries: EntryTable = PAPERS):
    return ranked_works(found, entries, 6, lambda units: VECTORS[: len(units)], False)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch):
    """Works are told by one feature alone, the more of it the likelier."""

    def weigh(**weights: float) -> None:
        monkeypatch.setattr(membership, "WEIGHTS", weights)

    return weigh


def test_evidence_of_works_by_hand(only):
    only(near=1.0)
    found = scored([3, 1, 0, 2, 5, 4], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], dune=[1, 3], wind=[0, 2])
    works = of_papers(found)[1]
    assert [PAPERS.get(row).source for row in works.units.tolist()] == [
        "WindNet.md",
        "SandNet.md",
        "ReefNet.md",
    ]
    assert works.scores.tolist() == pytest.approx([0.9, 0.8, 0.5])
    evidence = works.evidence
    assert evidence.near.tolist() == pytest.approx([0.9, 0.8, 0.5])
    assert evidence.second.tolist() == pytest.approx([0.6, 0.7, 0.4])
    assert evidence.meaning.tolist() == pytest.approx([0.45, 0.4, 0.25])
    assert evidence.whole.tolist() == pytest.approx([1.0, 0.6, 0.0])
    # the first against the sum of the two others, (0.6, 1.8) at unit length: 0.6 / 1.897
    assert evidence.kin[0] == pytest.approx(0.316, abs=1e-3)
    # the two others of each: (.8 + .5) / 2, (.9 + .5) / 2, (.9 + .8) / 2
    assert evidence.company.tolist() == pytest.approx([0.65, 0.7, 0.85])
    # two entries hold each of the two words: each is half of the question
    assert evidence.words.tolist() == pytest.approx([1.0, 1.0, 0.0])


def test_works_most_like_one_are_its_company(only, monkeypatch: pytest.MonkeyPatch):
    only(near=1.0)
    monkeypatch.setattr(works, "COMPANY", 1)
    found = scored([3, 1, 0, 2, 5, 4], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    # cosines of the first and second are .6, of the second and third .8, of the others 0
    assert of_papers(found)[1].evidence.company.tolist() == pytest.approx([0.8, 0.5, 0.8])


def test_work_of_which_nothing_tells_what_it_is_counts_less(only):
    only(near=1.0)
    entries = table(
        a="# SandNet\n\n[SandNet](https://arxiv.org/abs/2401.00001)\n\n- dunes\n- wind\n"
    )
    row = len(entries) - 1
    assert entries.get(row).part == "remark"
    evidence = of_papers(scored([row], [0.9]), entries)[1].evidence
    assert evidence.told.tolist() == pytest.approx([0.9 - 0.1])


def test_files_come_in_the_order_of_their_chances(only):
    only(whole=10.0)
    found = scored([3, 1, 0, 2, 5, 4], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    means = VECTORS[[2, 1, 0]]
    ranked, works = ranked_works(found, PAPERS, 6, lambda units: means[: len(units)], False)
    assert [PAPERS.get(row).source for row in works.units.tolist()] == [
        "ReefNet.md",
        "SandNet.md",
        "WindNet.md",
    ]
    assert works.scores.tolist() == pytest.approx([0.9, 0.8, 0.5])
    # ReefNet moves by .9 - .5, WindNet by .5 - .9
    assert ranked.rows.tolist() == [5, 1, 4, 0, 3, 2]
    assert ranked.scores.tolist() == pytest.approx([0.9, 0.8, 0.8, 0.7, 0.5, 0.2])


def test_bullets_of_a_list_keep_their_scores(only):
    only(whole=10.0)
    entries = table(list=LIST)
    found = scored([0, 1], [0.9, 0.8])
    ranked, works = of_papers(found, entries)
    assert ranked.rows.tolist() == [0, 1]
    assert ranked.scores.tolist() == works.scores.tolist() == pytest.approx([0.9, 0.8])


INDEX = "# Papers\n\n" + "".join(f"- [Dune paper {n}](notes/p{n}.md)\n" for n in range(6))


def test_lines_of_an_index_are_no_works_beside_works_and_come_behind_them(only):
    only(near=1.0)
    entries = table(index=INDEX, SandNet=SAND.format(name="SandNet"))
    note = len(entries) - 2
    found = scored([0, 1, note, note + 1], [0.9, 0.8, 0.7, 0.6])
    ranked, works = of_papers(found, entries)
    assert works.units.tolist() == [note]
    assert ranked.rows.tolist() == [note, 0, 1, note + 1]
    assert ranked.scores.tolist() == pytest.approx([0.7, 0.7, 0.7, 0.6])


def test_lines_of_an_index_are_works_where_there_are_no_others(only):
    only(near=1.0)
    entries = table(index=INDEX)
    ranked, works = of_papers(scored([1, 0], [0.9, 0.8]), entries)
    assert works.units.tolist() == ranked.rows.tolist() == [1, 0]


@pytest.mark.parametrize(("items", "are_files"), [("- dune\n", True), ("- DuneNet\n", False)])
def test_works_have_files_if_enough_of_the_works_do(items: str, are_files: bool):
    # One work has a file, beside it stand twelve remarks that belong to no work, or twelve works.
    entries = table(SandNet=SAND.format(name="SandNet"), diary=items * 12)
    found = np.array([0, *range(2, len(entries))], dtype=np.int64)
    values = np.zeros(len(found), dtype=np.float32)
    ranked = RankedWorks(found, found, values, values, WorkEvidence(*[values] * 9))
    assert ranked.are_files(entries) == are_files


def test_nothing_found_is_no_work():
    none = np.empty(0, dtype=np.float32)
    rows = none.astype(np.int64)
    chunks = Scores(rows, none, none, none, none, none, {}, np.array([1.0, 0.0], dtype=np.float32))
    ranked, works = ranked_works(
        EntryScores(rows, none, rows, chunks), PAPERS, 6, lambda units: VECTORS[:0], False
    )
    assert len(ranked.rows) == len(works) == 0

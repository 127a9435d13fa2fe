from __future__ import annotations

import numpy as np
import pytest

from made_segments import entry_table, made_found
from paperrag.answer.selection import (
    TIED,
    Selection,
    Sought,
    select_one,
    select_several,
)
from paperrag.answer.weights import LIST, TOPIC, Reach
from paperrag.index.tables import EntryTable
from paperrag.notes.tree import parse_note
from paperrag.search.membership import WorkEvidence
from paperrag.search.scores import EntryScores, Scores
from paperrag.search.works import RankedWorks

NOTES = """# Notes

## KV cache

- Cache merging
  - keys are alike within a sequence; 值则不然
  - [CaM](https://a.com/cam)
    - it perturbs less
  - [DMC](https://a.com/dmc)
  - [KVMerger](https://a.com/kvm)
- 量化
  - [KIVI](https://a.com/kivi)
  - [KVQuant](https://a.com/kvq)

## 语音

- [Codec](https://a.com/codec)
- [TTS](https://a.com/tts)
- [ASR](https://a.com/asr)
"""

BEST = 0.8
JUST_NEAR, JUST_CLOSE, TIE = (share * BEST + 0.001 for share in (LIST.near, LIST.close, TIED))
"""Scores just inside the bounds of joining alone, of speaking for a group, and of a tie with the
best.
"""

METHODS, REASONS = True, False
"""Whether a question asks for works, or for what is said in them."""


@pytest.fixture(scope="module")
def entries() -> EntryTable:
    return entry_table(parse_note(NOTES, "notes/made-up.md").entries)


def scored(entries: EntryTable, **scores: float) -> EntryScores:
    """Scores by the beginning of a title ("_" for a blank), 0 for all others."""
    titles = [entries.get(row).title.replace(" ", "_") for row in range(len(entries))]
    by_row = [
        next((score for start, score in scores.items() if title.startswith(start)), 0.0)
        for title in titles
    ]
    rows = np.array(sorted(range(len(titles)), key=lambda row: (-by_row[row], row)), dtype=np.int64)
    nothing = np.empty(0, dtype=np.float32)
    chunks = Scores(np.empty(0, dtype=np.int64), nothing, nothing, nothing, nothing, nothing, {})
    return EntryScores(
        rows, np.array([by_row[row] for row in rows], dtype=np.float32), rows, chunks
    )


def select(entries: EntryTable, works_only: bool, reach: Reach = LIST, **scores: float):
    return select_several(made_found(scored(entries, **scores), entries), Sought(reach, works_only))


def select_best(entries: EntryTable, **scores: float) -> Selection:
    return select_one(made_found(scored(entries, **scores), entries))


def chosen(
    entries: EntryTable, works_only: bool, reach: Reach = LIST, **scores: float
) -> list[str]:
    ranked = scored(entries, **scores)
    return [
        entries.get(int(ranked.rows[position])).title
        for position in select(entries, works_only, reach, **scores).positions
    ]


# --- one entry ------------------------------------------------------------------------------------


def test_one_takes_the_best_entry(entries: EntryTable):
    assert select_best(entries, CaM=0.8, DMC=0.7) == Selection((0,))


def test_one_takes_two_that_cannot_be_told_apart(entries: EntryTable):
    assert select_best(entries, CaM=0.8, DMC=TIE).positions == (0, 1)
    assert select_best(entries, CaM=0.8, DMC=TIE - 0.002).positions == (0,)


def test_one_never_takes_three(entries: EntryTable):
    assert select_best(entries, CaM=0.8, DMC=0.8, KVMerger=0.8).positions == (0, 1)


def test_nothing_is_selected_from_an_empty_index():
    nothing = entry_table([])
    assert select_best(nothing) == select(nothing, METHODS) == Selection(())


# --- groups ---------------------------------------------------------------------------------------


def test_group_is_taken_whole_when_half_of_it_is_close(entries: EntryTable):
    # Works under the label: CaM, DMC, KVMerger. Two of three, 67 % >= 50 %, lie within the margin:
    # KVMerger comes along.
    assert chosen(entries, METHODS, CaM=0.8, DMC=JUST_CLOSE) == ["CaM", "DMC", "KVMerger"]


def test_group_is_not_taken_when_less_than_half_of_it_is_close(entries: EntryTable):
    # One of three, 33 %; DMC is also too far to join on its own.
    assert chosen(entries, METHODS, CaM=0.8, DMC=JUST_CLOSE - 0.002) == ["CaM"]


def test_selection_names_the_section_it_is_made_of(entries: EntryTable):
    path = ("made-up", "Notes", "KV cache", "Cache merging")  # "Notes" names no file
    assert select(entries, METHODS, CaM=0.8, DMC=0.79, KVMerger=0.7).section == path


def test_selection_across_groups_names_no_section(entries: EntryTable):
    found = select(entries, METHODS, CaM=0.8, DMC=0.79, KVMerger=0.7, TTS=0.8)
    assert found.section is None


def test_entry_that_stands_alone_under_its_heading_is_no_group():
    text = "# R\n\n## Codecs\n\n- [A](https://a.com/1)\n\n## TTS\n\n- [B](https://a.com/2)\n"
    table = entry_table(parse_note(text, "notes/a.md").entries)
    assert select(table, METHODS, A=0.8) == Selection((0,), None)


def test_nested_labels_are_taken_whole_when_most_of_the_section_is_close(entries: EntryTable):
    # Works anywhere under "KV cache": CaM, DMC, KVMerger, KIVI, KVQuant. Four of five, 80 % >= 75
    # %: KVQuant comes along.
    expected = ["CaM", "DMC", "KVMerger", "KIVI", "KVQuant"]
    assert (
        chosen(entries, METHODS, CaM=0.8, DMC=JUST_CLOSE, KVMerger=JUST_CLOSE, KIVI=JUST_CLOSE)
        == expected
    )


def test_nested_label_stays_alone_when_the_section_is_far(entries: EntryTable):
    # Three of five, 60 % < 75 %: the label's own group only.
    assert chosen(entries, METHODS, CaM=0.8, DMC=0.79, KVMerger=0.79) == ["CaM", "DMC", "KVMerger"]


def test_chinese_section_is_taken_whole(entries: EntryTable):
    assert chosen(entries, METHODS, Codec=0.7, TTS=0.6) == ["Codec", "TTS", "ASR"]


def test_answer_stands_in_the_order_of_the_notes(entries: EntryTable):
    assert chosen(entries, METHODS, KVMerger=0.8, CaM=0.7, DMC=0.75) == ["CaM", "DMC", "KVMerger"]


def test_labels_are_never_selected(entries: EntryTable):
    assert chosen(entries, METHODS, Cache_merging=0.9, CaM=0.8, DMC=0.8, KVMerger=0.8) == [
        "CaM",
        "DMC",
        "KVMerger",
    ]


def test_near_entries_of_other_groups_join_on_their_own(entries: EntryTable):
    found = chosen(entries, METHODS, CaM=0.8, DMC=0.8, KVMerger=0.8, TTS=JUST_NEAR)
    assert found == ["CaM", "DMC", "KVMerger", "TTS"]
    far = chosen(entries, METHODS, CaM=0.8, DMC=0.8, KVMerger=0.8, TTS=JUST_NEAR - 0.002)
    assert far == ["CaM", "DMC", "KVMerger"]


# --- works and remarks ----------------------------------------------------------------------------


def test_remarks_are_left_out_when_works_are_asked_for(entries: EntryTable):
    assert chosen(entries, METHODS, keys_are=0.8, CaM=0.8, DMC=0.8, KVMerger=0.8) == [
        "CaM",
        "DMC",
        "KVMerger",
    ]


def test_remarks_stay_when_something_else_is_asked_for(entries: EntryTable):
    found = chosen(entries, REASONS, keys_are=0.8, CaM=0.8, DMC=0.8, KVMerger=0.8)
    assert found[0].startswith("keys are alike") and found[1:] == ["CaM", "DMC", "KVMerger"]


def test_remarks_answer_when_there_is_no_work():
    table = entry_table(
        parse_note("- 第一点，合并会丢掉信息\n- 第二点，合并很慢\n", "notes/a.md").entries
    )
    assert len(select(table, METHODS, 第一点=0.8, 第二点=0.7).positions) == 2


def test_one_entry_for_each_work(entries: EntryTable):
    """The remark below CaM is about CaM: the better of the two stands for it."""
    assert chosen(entries, METHODS, it_perturbs=0.9, CaM=0.88, TTS=0.89) == [
        "it perturbs less",
        "TTS",
    ]
    assert chosen(entries, METHODS, it_perturbs=0.85, CaM=0.88, TTS=0.89) == ["CaM", "TTS"]


def test_large_groups_are_taken_whole():
    table = entry_table(
        parse_note(
            "# Many\n\n" + "".join(f"- Work{n}: x\n" for n in range(60)), "notes/a.md"
        ).entries
    )
    half = {f"Work{n}": 0.8 for n in range(31)}
    assert len(select(table, METHODS, LIST, **half).positions) == 60


def test_a_large_group_does_not_bring_the_rest_of_its_file():
    methods = "".join(f"- [Work{n}](https://a.com/{n})\n" for n in range(9))
    text = f"# Reading\n\n## Eviction methods\n\n{methods}\n## Cooking\n\n- [Rice](https://a.com/rice)\n"
    table = entry_table(parse_note(text, "notes/a.md").entries)
    titles = chosen(table, METHODS, Work=0.8)  # nine of ten works under "Reading" are close
    assert len(titles) == 9 and "Rice" not in titles


# --- topics ---------------------------------------------------------------------------------------


def near(entries: EntryTable, **scores: float) -> list[str]:
    return chosen(entries, REASONS, TOPIC, **scores)


def test_topic_takes_what_lies_about_as_near_as_the_best(entries: EntryTable):
    bound = BEST * TOPIC.near
    assert near(entries, CaM=0.8, TTS=bound + 0.001) == ["CaM", "TTS"]
    assert near(entries, CaM=0.8, TTS=bound - 0.001) == ["CaM"]


def test_topic_takes_a_group_whole_that_is_near(entries: EntryTable):
    close = BEST * TOPIC.close + 0.001
    assert near(entries, Codec=0.8, TTS=close, ASR=close) == ["Codec", "TTS", "ASR"]
    assert near(entries, Codec=0.8, TTS=close, ASR=close - 0.002) == ["Codec"]


def test_limit_keeps_the_best_and_counts_the_rest():
    whole = Selection((2, 0, 3, 1), ("Notes",))
    assert whole.limited(2) == Selection((0, 1), ("Notes",), left_out=2)
    assert whole.limited(4) == whole.limited(None) == whole


@pytest.mark.parametrize(("asks_inside", "listed"), [(False, ["red"]), (True, ["red", "gold"])])
def test_what_stands_below_one_work_is_no_list_of_works(asks_inside: bool, listed: list[str]):
    text = (
        "# R\n\n## Tern (Ibis, CHI 2019)\n\n- red\n- gold\n\n## Moor (Ibis, CHI 2020)\n\n- blue\n"
    )
    table = entry_table(parse_note(text, "notes/a.md").entries)
    found = scored(table, red=0.8, gold=JUST_CLOSE)
    sought = Sought(LIST, asks_inside=asks_inside)
    chosen = select_several(made_found(found, table), sought).positions
    assert [table.title(int(found.rows[at])) for at in chosen] == listed


def test_same_breadcrumb_in_another_file_is_another_group():
    texts = {
        "notes/a.md": "# N\n\n- [A](https://a.com/1)\n- [B](https://a.com/2)\n",
        "notes/b.md": "# N\n\n- [C](https://a.com/3)\n",
    }
    table = entry_table(
        [entry for source, text in texts.items() for entry in parse_note(text, source).entries]
    )
    assert chosen(table, METHODS, A=0.8, B=0.8) == ["A", "B"]


def test_one_of_two_papers_with_files_of_their_own_answers():
    texts = {
        f"{name}.md": f"---\ntitle: {name}\nyear: 2024\n---\n\n- it folds pages\n- it folds tides\n"
        for name in ("TideFold", "SandFold")
    }
    notes = (parse_note(text, source).entries for source, text in texts.items())
    table = entry_table([entry for note in notes for entry in note])
    # One remark of each paper, told apart by nothing; then two remarks of the first paper.
    assert select_best(table, it_folds_pages=0.8).positions == (0,)
    assert select_best(table, it_folds=0.8).positions == (0, 1)


@pytest.mark.parametrize(
    ("arxiv", "listed"),
    [("2401.00001", ["CaM"]), ("2401.00002", ["CaM", "CaM: Cache Merging"])],
)
def test_abstract_is_left_out_where_the_note_on_its_paper_is_listed(arxiv, listed):
    abstract = f"---\ntitle: 'CaM: Cache Merging'\narxiv: '{arxiv}'\n---\n\nWe merge the cache.\n"
    note = parse_note("- [CaM](https://arxiv.org/abs/2401.00001)\n", "notes/a.md").entries
    table = entry_table([*note, *parse_note(abstract, "abstracts/cam.md", "abstract").entries])
    found = scored(table, CaM=0.8)
    chosen = select_several(made_found(found, table), Sought(LIST, METHODS)).positions
    assert [table.title(int(found.rows[at])) for at in chosen] == listed


MIXED = {
    "sand.md": "# SandNet\n\n[SandNet](https://arxiv.org/abs/2401.00001) draws dunes.\n",
    "wind.md": "# WindNet\n\n[WindNet](https://arxiv.org/abs/2401.00002) bends dunes.\n",
    "surf.md": "# SurfNet\n\n[SurfNet](https://arxiv.org/abs/2401.00003) breaks waves.\n",
    "读书.md": "# 读书\n\n- [沙丘综述](https://a.com/1)\n- [ReefNet](https://a.com/2)\n- [TideNet](https://a.com/3)\n",
}
"""Three files about one paper each, and a list with three."""


@pytest.mark.parametrize(
    ("chances", "listed"),
    [
        ([0.9, 0.1, 0.1, 0.8, 0.1, 0.1], ["SandNet", "沙丘综述"]),
        ([0.9, 0.8, 0.1, 0.1, 0.7, 0.1], ["SandNet", "WindNet", "ReefNet"]),
    ],
)
def test_bullets_beside_files_are_listed_by_their_chances(chances, listed):
    notes = (parse_note(text, name).entries for name, text in MIXED.items())
    entries = entry_table([entry for note in notes for entry in note])
    names = ("SandNet", "WindNet", "SurfNet", "沙丘综述", "ReefNet", "TideNet")
    titles = [entries.get(row).title for row in range(len(entries))]
    rows = np.array([titles.index(name) for name in names], dtype=np.int64)
    values = np.array([0.8, 0.7, 0.3, 0.3, 0.79, 0.3], dtype=np.float32)
    by_chance = np.array(chances, dtype=np.float32)
    works = RankedWorks(rows, rows, values, by_chance, WorkEvidence(*[values] * 9))
    chunks = Scores(np.arange(len(entries)), *[np.zeros(len(entries), np.float32)] * 5, matched={})
    order = np.argsort(-values)
    found = EntryScores(rows[order], values[order], rows[order], chunks)
    chosen = select_several(made_found(found, entries, works=works), Sought(LIST, works_only=True))
    assert sorted(titles[found.rows[at]] for at in chosen.positions) == sorted(listed)

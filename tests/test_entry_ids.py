"""Ids of entries: which they are, and that what is written elsewhere in the note changes none."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable

import pytest

from conftest import REAL_NOTES
from paperrag.notes.tree import ParsedNote, parse_note
from paperrag.records import Entry
from properties import assume, given, st
from strategies import messy_lines


def parse(text: str) -> ParsedNote:
    return parse_note(text, "notes/llm.md")


def test_id_is_path_and_breadcrumb_slug():
    ids = [entry.id for entry in parse("# 笔记\n## KV-Cache\n- 合并 Merging\n  - CaM").entries]
    assert ids == [
        "notes/llm.md#llm/笔记/kv-cache/合并-merging",
        "notes/llm.md#llm/笔记/kv-cache/合并-merging/cam",
    ]


def test_equal_titles_get_different_ids_that_do_not_depend_on_their_line():
    before = [
        entry.id for entry in parse("- x\n  - 只做了math\n- x\n  - 只做了math，别的没有").entries
    ]
    after = [
        entry.id
        for entry in parse("- new\n- x\n  - 只做了math\n- x\n  - 只做了math，别的没有").entries
    ]
    assert len(set(before)) == 4
    assert after[1:] == before


def test_identical_entries_are_counted():
    first, second, third = (entry.id for entry in parse("- 同\n- 同\n- 同").entries)
    assert first == "notes/llm.md#llm/同"
    assert second.startswith("notes/llm.md#llm/同~")
    assert third == f"{second}-2"


@pytest.mark.timed
def test_thousands_of_identical_entries_take_no_time():
    start = time.perf_counter()
    assert len({entry.id for entry in parse("- 同 same\n" * 3000).entries}) == 3000
    assert time.perf_counter() - start < 5


INSERTED = ("独一无二的新行 unique", "- 独一无二的新条目 unique", "\n独一无二的新段落 unique\n")


def ids_by_line(note: ParsedNote, at_line: int, added: int) -> dict[int, Entry]:
    """Entries by the line they had before `added` lines were put before line `at_line`; the new
    one left out.
    """
    return {
        e.line_start - added * (e.line_start > at_line): e
        for e in note.entries
        if "独一无二" not in e.text.split("\n")[0]
    }


def is_twin(entry: Entry, entries: Iterable[Entry]) -> bool:
    """Whether other entries stand at the same place under the same title; such are told apart by
    their texts.
    """
    return sum(other.id.split("~")[0] == entry.id.split("~")[0] for other in entries) > 1


@pytest.mark.slow
@given(messy_lines, st.data())
def test_inserting_above_changes_no_id(lines, data):
    position = data.draw(st.integers(0, len(lines)))
    inserted = data.draw(st.sampled_from(INSERTED)).split("\n")
    before = {entry.line_start: entry for entry in parse("\n".join(lines)).entries}
    after = ids_by_line(
        parse("\n".join([*lines[:position], *inserted, *lines[position:]])), position, len(inserted)
    )
    touched = {
        line for line in before if line not in after or after[line].text != before[line].text
    }
    assume(
        before.keys() <= after.keys()
        and not any(is_twin(before[line], before.values()) for line in touched)
    )
    assume(
        not any(
            is_twin(after[line], after.values()) for line in touched | after.keys() - before.keys()
        )
    )
    assume(all(after[line].breadcrumb == before[line].breadcrumb for line in before))
    same = sorted(before.keys() - touched)
    assert [after[line].id for line in same] == [before[line].id for line in same]


@pytest.mark.slow
@pytest.mark.parametrize("inserted", INSERTED)
def test_inserting_anywhere_in_the_real_notes_changes_no_id(real_text, real_note, inserted):
    lines = real_text.split("\n")
    before = {entry.line_start: entry for entry in real_note.entries}
    for position in range(5, len(lines), 7):
        changed = "\n".join([*lines[:position], *inserted.split("\n"), *lines[position:]])
        after = ids_by_line(
            parse_note(changed, "notes/paper-reading.md"), position, 1 + inserted.count("\n")
        )
        same_place = [
            line
            for line in before
            if line in after and after[line].breadcrumb == before[line].breadcrumb
        ]
        assert len(same_place) > 140
        assert [after[line].id for line in same_place] == [before[line].id for line in same_place]


@pytest.mark.slow
def test_ids_are_the_same_in_another_process(real_note):
    code = (
        "import sys; from paperrag.notes.tree import parse_note; from pathlib import Path;"
        "sys.stdout.buffer.write('\\n'.join(e.id for e in "
        "parse_note(Path(sys.argv[1]).read_text(encoding='utf-8'), "
        "'notes/paper-reading.md').entries).encode())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(REAL_NOTES)], capture_output=True, check=True
    )
    assert result.stdout.decode().split("\n") == [entry.id for entry in real_note.entries]

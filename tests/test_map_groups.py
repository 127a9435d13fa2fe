"""Which entries of the map share a colour, and what such groups are called."""

from __future__ import annotations

from paperrag.page.map_groups import branches, told_apart


def test_files_of_equal_headings_have_colours_of_their_own() -> None:
    places = [("notes", f"n{file}.md", "Notes") for file in range(7) for _ in range(2)]
    assert len(set(branches(places))) == 7


def test_groups_that_end_alike_are_told_apart_by_the_branch_above() -> None:
    groups = [("README.md", "List"), ("old", "README.md", "List"), ("old", "log.md"), ("log.md",)]
    names = ["README.md › List", "old › README.md › List", "old › log.md", "log.md"]
    assert told_apart(groups) == names
    assert told_apart([("notes", "a.md"), ("b.md",), ()]) == ["a.md", "b.md", ""]


def test_the_large_branch_is_split_while_there_are_colours() -> None:
    small = [("notes", "small.md", "Top")] * 3
    large = [("notes", "large.md", "Top", f"s{section}") for section in range(11) for _ in range(2)]
    groups = branches([*small, *large])
    assert len(set(groups)) == 12
    assert set(groups[:3]) == {("notes", "small.md", "Top")} or set(groups[:3]) == {
        ("notes", "small.md")
    }


def test_a_large_folder_is_split_before_a_small_file_though_a_few_parts_stay_grey() -> None:
    small = [("index.md", f"s{section}") for section in range(8)]
    large = [("src", f"f{part:02}") for part in range(14) for _ in range(2 * part + 1)]
    groups = branches([*small, *large])
    assert set(groups[:8]) == {("index.md",)}
    assert len(set(groups)) == 15


def test_a_branch_of_very_many_small_parts_keeps_its_colour() -> None:
    parts = [("src", f"f{part}") for part in range(50)]
    assert set(branches([("index.md",), *parts])) == {("index.md",), ("src",)}


def test_more_branches_than_colours_are_split_only_where_there_is_one_alone() -> None:
    places = [("notes", f"n{file}.md", f"a{part}") for file in range(20) for part in range(2)]
    assert len(set(branches(places))) == 20

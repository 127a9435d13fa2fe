from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from msgspec.structs import replace

from app_corpus import open_pets
from paperrag.assistant import Assistant
from paperrag.search.similar import EntryVectors
from paperrag.together import Together, similar_in_all


def _id_of(assistant, title: str) -> str:
    return next(
        hit.entry.id
        for hit in assistant.search(title, 10).hits
        if hit.entry.title.startswith(title)
    )


@pytest.mark.slow
def test_similar_shows_the_twin_in_the_other_language_first(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    hits = assistant.similar(_id_of(assistant, "Siamese cats"), 3)
    assert hits is not None
    assert (hits[0].entry.language, hits[0].entry.title) == (
        "zh",
        "暹罗猫 Siamese cats：爱叫，蓝眼睛",
    )
    assert [hit.rank for hit in hits] == [1, 2, 3]


def test_similar_leaves_out_the_entry_its_parent_and_children(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    entry_id = _id_of(assistant, "Tabby cats")
    hits = assistant.similar(entry_id, 50)
    assert hits is not None
    entry = assistant.entry(entry_id)
    assert entry is not None
    assert not {hit.entry.id for hit in hits} & {entry_id, entry.parent_id, *entry.child_ids}
    assert "Tabby kittens sleep all day" not in {hit.entry.title for hit in hits}


def test_similar_leaves_out_a_parent_that_is_the_first_entry(tmp_path: Path) -> None:
    (tmp_path / "corpus" / "notes").mkdir(parents=True)
    (tmp_path / "corpus" / "notes" / "a.md").write_text(
        "- Cats sleep\n  - Kittens sleep\n- Dogs bark\n", encoding="utf-8"
    )
    assistant = Assistant.open(tmp_path / "corpus", tmp_path / "index", download=False)
    hits = assistant.similar(_id_of(assistant, "Kittens sleep"), 9)
    assert hits is not None
    assert [hit.entry.title for hit in hits] == ["Dogs bark"]


def test_similar_asks_for_the_children_once_however_many_entries_there_are(tmp_path: Path) -> None:
    vectors = open_pets(tmp_path).vectors()
    with patch.object(EntryVectors, "_kin", autospec=True, return_value={0}) as kin:
        vectors.similar(0, 3)
    assert kin.call_count == 1


def test_similar_over_collections_puts_twins_first_then_the_nearest_of_all(tmp_path: Path) -> None:
    every = {}
    for name, text in (
        ("pets", "- Tabby cats sleep\n- Dogs bark\n"),
        ("zoo", "- 虎斑猫在睡觉\n- Cats sleep a lot\n- Penguins swim\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(text, encoding="utf-8")
        places = (tmp_path / name, tmp_path / f"{name}.index")
        every[name] = Assistant.open(*places, encoder="bundled-static")
    entry_id = _id_of(every["pets"], "Tabby")
    found = similar_in_all(every, "pets", entry_id, 3)
    assert [(name, hit.rank, hit.entry.title) for name, hit in found[:2]] == [
        ("zoo", 1, "虎斑猫在睡觉"),
        ("zoo", 2, "Cats sleep a lot"),
    ]
    hits = Together(every).similar(entry_id, 2)
    assert hits is not None
    assert [hit.entry.source for hit in hits] == [f"{tmp_path}/zoo/a.md"] * 2
    assert Together(every).similar("no-such", 2) is None


def test_entries_of_another_encoder_are_not_compared(tmp_path: Path) -> None:
    one, other = open_pets(tmp_path / "a"), open_pets(tmp_path / "b")
    entry_id = _id_of(one, "Tabby")
    assert other.near(one, entry_id, 3)
    data = other.vectors().data
    data.manifest = replace(data.manifest, encoder_fingerprint="another")
    assert other.vectors().near(one.vectors(), 0, 3) == []


def test_similar_of_an_unknown_entry_is_none(tmp_path: Path) -> None:
    assert open_pets(tmp_path).similar("notes/pets.md#no-such-entry") is None


@pytest.mark.slow
def test_map_is_the_same_for_the_same_index_and_stays_within_bounds(tmp_path: Path) -> None:
    first, second = (open_pets(tmp_path / name).vectors().map for name in "ab")
    np.testing.assert_array_equal(first, second)
    assert first.shape[1] == 2
    assert np.abs(first).max() == 1.0


def test_entry_vectors_are_means_of_chunk_vectors_at_unit_length(tmp_path: Path) -> None:
    vectors = open_pets(tmp_path).vectors()
    np.testing.assert_allclose(np.linalg.norm(vectors.rows, axis=1), 1.0, atol=1e-6)


def test_vectors_are_made_once_for_each_generation(tmp_path: Path) -> None:
    assistant = open_pets(tmp_path)
    assert assistant.vectors() is assistant.vectors()


def linked_vault(folder: Path) -> Assistant:
    notes = {
        "reading/tides.md": "# Tides\n\n- Moon pull, see [[Ebb Model|the model]] and [@chen2023ebb]\n"
        "- 满月时潮高，见 [[reading/tides#Tides]]、[[nowhere]]\n",
        "Ebb-Model.md": "# Ebb model\n\n- water falls\n",
        "@chen2023ebb.md": "---\ntitle: Ebb and flow\n---\n- 退潮很快 chen2023ebb\n",
    }
    for name, text in notes.items():
        path = folder / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Assistant.open(folder / "corpus", folder / "index", encoder="bundled-static")


def test_notes_that_an_entry_links_to_are_shown_beside_it(tmp_path: Path) -> None:
    from paperrag.output.terminal import search_text

    assistant = linked_vault(tmp_path)
    result = assistant.search("moon pull", 1)
    [hit] = result.hits
    assert [one.source for one in hit.related] == ["Ebb-Model.md", "@chen2023ebb.md"]
    assert "    links to: Ebb-Model.md:3\n" in search_text(result, explain=False) + "\n"
    [own] = assistant.search("满月时潮高", 1).hits
    assert own.related == ()


def test_linked_note_stays_a_hit_of_its_own(tmp_path: Path) -> None:
    found = linked_vault(tmp_path).search("the moon pulls, water falls", 9).hits
    assert "Ebb-Model.md" in {hit.entry.source for hit in found}
    assert "reading/tides.md" in {hit.entry.source for hit in found}


def test_wiki_link_names_a_note_of_any_kind_of_file(tmp_path: Path) -> None:
    notes = {"a.md": "# Moon\n\n- 满月 moon, see [[Sub-Folder/Spring tide]]\n",
             "sub folder/Spring_Tide.org": "* High water\n- twice a month\n"}  # fmt: skip
    for name, text in notes.items():
        path = tmp_path / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assistant = Assistant.open(tmp_path / "corpus", tmp_path / "index", encoder="bundled-static")
    [hit] = assistant.search("满月 moon", 1).hits
    assert [one.source for one in hit.related] == ["sub folder/Spring_Tide.org"]

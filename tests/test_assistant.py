from __future__ import annotations

import logging
import shutil
from pathlib import Path
from weakref import WeakSet

import pytest

from paperrag import Assistant
from paperrag.config import Settings
from paperrag.errors import ConfigError, CorpusError, IndexCorrupt, IndexMismatch, QueryError
from paperrag.index.changes import compare
from paperrag.notes.corpus import scan_corpus
from paperrag.notes.lookup import QuoteVerifier
from paperrag.search.filtering import Filters
from paperrag.wiring.encoders import load_encoder
from paperrag.wiring.engines import make_recipe
from workbench import Bench, write_file

NOTES = """# 笔记
## KV cache
- CaM: merges KV cache entries https://arxiv.org/abs/2407.08454
- KIVI：把 KV cache 量化到 2-bit
## 微调
- LoRA: low-rank adapters 低秩分解
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a corpus of three entries."""
    write_file(tmp_path / "corpus" / "notes" / "a.md", NOTES)
    return tmp_path


def assistant_of(folder: Path, **settings) -> Assistant:
    chosen = {"encoder": "bundled-static", **settings}
    return Assistant.open(corpus=folder / "corpus", index=folder / "index", **chosen)


def best(assistant: Assistant, query: str) -> str:
    return assistant.search(query, k=1).hits[0].entry.title


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "title", "language"),
    [
        ("merging KV cache", "CaM", "en"),
        ("低秩微调", "LoRA", "zh"),
        ("KV cache 怎么量化", "KIVI", "zh"),
    ],
)
def test_search_builds_the_index_and_finds(folder, query, title, language):
    assistant = assistant_of(folder)
    result = assistant.search(query, k=1)
    assert (best(assistant, query)[: len(title)], result.language) == (title, language)
    assert (folder / "index" / "catalogue.sqlite").exists()


def test_first_search_tells_how_far_indexing_is(folder):
    assistant = assistant_of(folder)
    calls: list[tuple[str, int, int]] = []
    assistant.progress = lambda *call: calls.append(call)
    assistant.search("KV cache")
    assert list(dict.fromkeys(calls)) == [("indexing", 0, 1), ("indexing", 1, 1)]


def test_opening_reads_no_corpus(tmp_path):
    assistant = assistant_of(tmp_path / "nothing")
    with pytest.raises(
        CorpusError, match=r"corpus folder .*corpus does not exist; put Markdown notes into"
    ):
        assistant.search("KV cache")
    assert not (tmp_path / "nothing").exists()


def test_empty_corpus_can_be_browsed(tmp_path):
    (tmp_path / "corpus").mkdir()
    assistant = assistant_of(tmp_path)
    assert assistant.search("KV cache").hits == ()
    assert (assistant.vectors().map.shape, assistant.entry("notes/a.md#a")) == ((0, 2), None)


def test_open_refuses_unknown_settings(tmp_path):
    with pytest.raises(ConfigError, match="unknown setting 'top_k'"):
        Assistant.open(corpus=tmp_path, top_k=3)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "count"), [(1, 1), (2, 2), (3, 3), (500, 3), (None, 3)])
def test_search_returns_k_hits_or_all_there_are(folder, k, count):
    hits = assistant_of(folder).search("KV cache 低秩", k).hits
    assert [hit.rank for hit in hits] == list(range(1, count + 1))


@pytest.mark.parametrize("k", [0, -1])
def test_search_refuses_k_below_one(folder, k):
    with pytest.raises(QueryError, match=f"k must be at least 1, got {k}"):
        assistant_of(folder).search("KV cache", k)


@pytest.mark.parametrize("query", ["", " \t\n", "？！。,.", "\u3000"])
def test_empty_questions_are_refused_before_anything_is_read(tmp_path, query):
    assistant = assistant_of(tmp_path / "nothing")
    for call in (assistant.search, assistant.ask):
        with pytest.raises(QueryError, match="the question is empty"):
            call(query)


@pytest.mark.slow
def test_search_takes_in_a_changed_note(folder):
    assistant = assistant_of(folder)
    assert best(assistant, "speculative decoding") != "Medusa"
    write_file(
        folder / "corpus" / "notes" / "b.md", "# 解码\n- Medusa: speculative decoding 多头\n"
    )
    assert best(assistant, "speculative decoding")[:6] == "Medusa"


def test_search_forgets_a_removed_note(folder):
    write_file(folder / "corpus" / "notes" / "b.md", "# 解码\n- Medusa: speculative decoding\n")
    assistant = assistant_of(folder)
    assert best(assistant, "speculative decoding")[:6] == "Medusa"
    (folder / "corpus" / "notes" / "b.md").unlink()
    assert all(
        hit.entry.source == "notes/a.md" for hit in assistant.search("speculative decoding").hits
    )


@pytest.mark.slow
def test_search_sees_what_another_process_indexed(folder):
    reader, writer = assistant_of(folder), assistant_of(folder)
    reader.search("KV cache")
    write_file(folder / "corpus" / "notes" / "b.md", "# 解码\n- Medusa: speculative decoding\n")
    assert writer.build().added == 1
    result = reader.search("speculative decoding", 1)
    assert (result.hits[0].entry.title[:6], result.manifest.generation) == ("Medusa", 2)


@pytest.mark.slow
def test_large_changes_are_named_and_left_to_index(folder, caplog):
    assistant = assistant_of(folder, refresh_s=0)
    assistant.search("KV cache")
    write_file(folder / "corpus" / "notes" / "b.md", "- 另一条\n")
    with caplog.at_level(logging.WARNING):
        assert {hit.entry.source for hit in assistant.search("KV cache").hits} == {"notes/a.md"}
    assert caplog.messages == ["1 changed files are not indexed yet; run: paperrag index"]


def test_removed_files_are_counted_among_the_changes_left_to_index(folder, caplog):
    notes = folder / "corpus" / "notes"
    write_file(notes / "b.md", "- 另一条\n")
    assistant = assistant_of(folder, refresh_s=0)
    assistant.search("KV cache")
    (notes / "b.md").unlink()
    assistant.search("KV cache")
    assert caplog.messages == ["1 changed files are not indexed yet; run: paperrag index"]


@pytest.mark.slow
def test_an_edit_of_a_long_note_is_taken_in_and_a_long_new_note_left_to_index(folder, caplog):
    notes, long = folder / "corpus" / "notes", "- the same remark, said again and again\n" * 700
    write_file(notes / "long.md", long)
    assistant = assistant_of(folder, encoder="bundled")
    assistant.search("KV cache")
    write_file(notes / "long.md", long + "- Medusa: speculative decoding\n")
    assert best(assistant, "speculative decoding")[:6] == "Medusa"
    assert not caplog.messages
    write_file(notes / "new.md", long)
    assert best(assistant, "speculative decoding")[:6] == "Medusa"
    assert caplog.messages == ["1 changed files are not indexed yet; run: paperrag index"]


@pytest.mark.slow
def test_missing_corpus_is_named_and_the_index_still_answers(folder, caplog):
    assistant_of(folder).build()
    shutil.rmtree(folder / "corpus")
    answer, _ = assistant_of(folder).ask("which method merges KV cache?")
    assert not answer.abstained
    assert [citation.quote_verified for citation in answer.citations] == [False] * len(
        answer.citations
    )
    assert (
        "corpus does not exist" in caplog.text
        and "answering from the index as it was" in caplog.text
    )


def test_unreadable_notes_are_named_when_search_builds_the_index(folder, caplog):
    write_file(folder / "corpus" / "notes" / "图.md", b"\x89PNG\r\n\x1a\n\0")
    assert best(assistant_of(folder), "merging KV cache")[:3] == "CaM"
    assert [message.split("; ")[0] for message in caplog.messages] == [
        "notes/图.md: is not text (binary data)"
    ]


def test_who_comes_second_to_a_first_index_waits_for_it(folder, caplog, monkeypatch):
    lock = Bench(folder).store.lock()
    lock.__enter__()
    monkeypatch.setattr("time.sleep", lambda _: lock.__exit__(None, None, None))
    assert best(assistant_of(folder), "merging KV cache")[:3] == "CaM"
    assert caplog.text.count("wait for it to finish; this goes on then") == 1


def test_writer_at_work_does_not_stop_a_search(folder, caplog):
    assistant = assistant_of(folder)
    assistant.build()
    write_file(folder / "corpus" / "notes" / "b.md", "- 另一条\n")
    with Bench(folder).store.lock():
        assert best(assistant, "merging KV cache")[:3] == "CaM"
    assert (
        "is being written by process" in caplog.text
        and "answering from the index as it was" in caplog.text
    )


@pytest.mark.slow
def test_damaged_index_is_refused_and_mended_by_rebuild(folder):
    assistant_of(folder).build()
    Bench(folder).segment().write_bytes(b"x")
    with pytest.raises(IndexCorrupt, match="run: paperrag index --rebuild"):
        assistant_of(folder).search("KV cache")
    assistant_of(folder).build(rebuild=True)
    assert best(assistant_of(folder), "merging KV cache")[:3] == "CaM"


def test_status_reads_every_byte_on_demand(folder):
    assistant_of(folder).build()
    assert assistant_of(folder).status(check=True).checked
    path = Bench(folder).segment()
    content = bytearray(path.read_bytes())
    content[-len(content) // 4] ^= 1  # in some array, not in the contents
    path.write_bytes(content)
    assert assistant_of(folder).status().manifest.entries == 3  # read nowhere yet
    with pytest.raises(IndexCorrupt, match=r"block \d+ is not as written"):
        assistant_of(folder).status(check=True)


def test_index_of_another_encoder_is_refused_with_both_names(folder):
    Bench(folder).build()
    with pytest.raises(
        IndexMismatch,
        match=r"'fake-ngrams-64', settings ask for 'bundled-static'; run: paperrag index --rebuild",
    ):
        assistant_of(folder).ask("which methods merge KV cache?")


def test_ask_quotes_the_file_and_notices_when_it_changes(folder):
    assistant = assistant_of(folder, refresh_s=0)
    answer, _ = assistant.ask("which method merges KV cache?")
    citation = answer.citations[0]
    assert citation.quote in NOTES
    assert citation.quote_verified
    write_file(folder / "corpus" / "notes" / "a.md", NOTES.replace("merges", "drops"))
    assert not assistant.ask("which method merges KV cache?")[0].citations[0].quote_verified


def test_ask_abstains_on_what_the_notes_do_not_cover(folder):
    answer, _ = assistant_of(folder).ask("how do bees find their way home?")
    assert answer.abstained
    assert answer.citations == ()


def test_filters_restrict_to_a_section_and_refuse_unknown_ones(folder):
    assistant = assistant_of(folder)
    assert [
        hit.entry.title[:4]
        for hit in assistant.search("KV cache", filters=Filters(section="微调")).hits
    ] == ["LoRA"]
    with pytest.raises(QueryError, match="no section matches 'KV cash'; nearest: KV cache"):
        assistant.search("KV cache", filters=Filters(section="KV cash"))


def test_entry_and_quote_are_found_by_id(folder):
    assistant = assistant_of(folder)
    entry = assistant.search("merging KV cache", 1).hits[0].entry
    assert assistant.entry(entry.id) == entry
    assert assistant.entry("notes/a.md#nothing") is None
    verify = QuoteVerifier(assistant.settings.corpus)
    assert verify(entry, "merges KV cache")
    assert not verify(entry, "merges KV caches")
    assert not verify(entry, " ")


def test_status_says_what_is_there_and_what_changed(folder):
    assistant = assistant_of(folder)
    assert (assistant.status().manifest, assistant.status().changed_files) == (
        None,
        ("notes/a.md",),
    )
    assistant.build()
    status = assistant.status()
    assert (status.manifest.entries, status.changed_files, status.removed_files) == (3, (), ())
    assert status.disk_bytes > 1000
    write_file(folder / "corpus" / "notes" / "b.md", "- 乙\n")
    (folder / "corpus" / "notes" / "a.md").unlink()
    status = assistant.status()
    assert (status.changed_files, status.removed_files) == (("notes/b.md",), ("notes/a.md",))


def test_answer_that_grows_is_not_kept_at_every_step(folder, monkeypatch):
    class Step:
        pass

    alive: WeakSet[Step] = WeakSet()
    most = 0

    def growing(*_):
        nonlocal most
        for _ in range(50):
            step = Step()
            alive.add(step)
            most = max(most, len(alive))
            yield step

    assistant = assistant_of(folder)
    monkeypatch.setattr(assistant, "ask_stream", growing)
    last = assistant.ask("KV cache")
    assert (list(alive), most <= 3) == ([last], True)


def test_chunks_longer_than_the_encoder_reads_are_refused():
    encoder = load_encoder()
    assert make_recipe(Settings(), encoder).chunk_tokens == 256
    with pytest.raises(
        ConfigError, match="chunk_tokens is 300, but encoder 'bundled' reads at most 256 tokens"
    ):
        make_recipe(Settings(chunk_tokens=300), encoder)


@pytest.mark.slow
def test_rebuilding_in_place_of_a_deleted_index_works(folder):
    assistant = assistant_of(folder)
    assistant.search("KV cache")
    shutil.rmtree(folder / "index")
    assert best(assistant, "merging KV cache")[:3] == "CaM"


@pytest.mark.slow
def test_an_index_made_anew_by_another_process_is_noticed(folder):
    reader = assistant_of(folder)
    reader.search("KV cache")
    shutil.rmtree(folder / "index")
    write_file(folder / "corpus" / "notes" / "a.md", "# 解码\n- Medusa: speculative decoding\n")
    assistant_of(folder).build()
    result = reader.search("speculative decoding", 1)
    assert (result.hits[0].entry.title[:6], result.manifest.generation) == ("Medusa", 1)


def test_a_changed_note_is_looked_for_once_before_it_is_taken_in(folder, monkeypatch):
    looks: list[Path] = []
    monkeypatch.setattr("paperrag.index.changes.scan_corpus", looked_at := _counting(looks))
    monkeypatch.setattr("paperrag.index.building.scan_corpus", looked_at)
    assistant = assistant_of(folder)
    assistant.build()
    write_file(folder / "corpus" / "notes" / "a.md", "# 解码\n- Medusa: speculative decoding\n")
    looks.clear()
    assert best(assistant, "speculative decoding")[:6] == "Medusa"
    assert len(looks) == 1


def _counting(looks: list[Path]):
    def look(corpus, exclude=()):
        looks.append(corpus)
        return scan_corpus(corpus, exclude)

    return look


def test_a_series_of_questions_looks_for_changes_at_most_a_tenth_of_its_time(folder, monkeypatch):
    clock, looks = [0.0], []

    def look(*_):
        looks.append(clock[0])
        clock[0] += 2.0
        return compare(([], []), None)

    monkeypatch.setattr("paperrag.index.current.LOOK_PAUSE", 10.0)
    assistant = assistant_of(folder)
    assistant.build()
    monkeypatch.setattr("paperrag.index.current.find_changes", look)
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    for _ in range(50):
        assistant.search("KV cache")
        clock[0] += 1.0
    assert looks == [0.0, 22.0, 44.0]  # each took 2 s, the next is 20 s later

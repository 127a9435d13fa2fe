from __future__ import annotations

import re

import pytest

from conftest import SAMPLE_NOTES
from fakes import count_characters, count_words, make_entry
from paperrag.notes.chunking import breadcrumb_text, chunk_entries, words_beside
from paperrag.notes.tree import parse_note
from paperrag.records import Chunk, Entry
from paperrag.text.decoding import decode
from paperrag.text.links import find_links
from paperrag.text.readable import readable
from properties import given, st
from strategies import messy_notes


def chunks_of(entry: Entry, max_tokens: int, count_tokens=count_characters) -> list[Chunk]:
    return chunk_entries([entry], count_tokens, max_tokens)


def check_chunks(entries: list[Entry], chunks: list[Chunk], count_tokens, max_tokens: int) -> None:
    by_id = {entry.id: entry for entry in entries}
    inside = {entry.id: [0] * len(entry.text) for entry in entries}
    for chunk in chunks:
        text = by_id[chunk.entry_id].text
        assert text[chunk.start : chunk.end] == chunk.text
        for position in range(chunk.start, chunk.end):
            inside[chunk.entry_id][position] += 1
    for entry in entries:
        numbers = [chunk.id for chunk in chunks if chunk.entry_id == entry.id]
        assert numbers == [f"{entry.id}#{n}" for n in range(len(numbers))] != []
        assert [
            c
            for c, times in zip(readable(entry.text), inside[entry.id], strict=True)
            if times != 1 and not c.isspace()
        ] == []
    sizes = count_tokens([chunk.embedded_text for chunk in chunks])
    assert [
        chunk.id
        for chunk, size in zip(chunks, sizes, strict=True)
        if size > max_tokens and len(chunk.text) > 1
    ] == []


# --- short entries
# -----------------------------------------------------------------------------------


def test_short_entry_is_one_chunk_with_its_breadcrumb_in_front():
    entry = make_entry(
        "- **CaM**: [缓存合并](https://openreview.net/forum?id=L) merges",
        breadcrumb=("笔记", "KV-Cache"),
    )
    (chunk,) = chunks_of(entry, 100)
    assert (chunk.id, chunk.start, chunk.end, chunk.text) == (
        "notes/made-up.md#1#0",
        0,
        len(entry.text),
        entry.text,
    )
    assert (chunk.front, chunk.body) == ("笔记 / KV-Cache", "CaM: 缓存合并 merges")
    assert chunk.embedded_text == "笔记 / KV-Cache\nCaM: 缓存合并 merges"


def test_embedded_text_is_folded_and_the_text_is_not():
    (chunk,) = chunks_of(make_entry("- 檢索 ＫＶ", breadcrumb=("長文本",)), 100)
    assert (chunk.text, chunk.embedded_text) == ("- 檢索 ＫＶ", "长文本\n检索 KV")


def test_long_parts_of_a_breadcrumb_are_shortened_to_80_characters():
    entry = make_entry("- x", breadcrumb=("字" * 81, "b" * 80))
    assert breadcrumb_text(entry) == "字" * 79 + "... / " + "b" * 80


def test_title_follows_the_breadcrumb_on_later_chunks():
    entry = make_entry("- x", title="标题", breadcrumb=("a",))
    assert (breadcrumb_text(entry), breadcrumb_text(entry, first=False)) == ("a", "a / 标题")


def test_entry_without_words_is_embedded_by_its_title():
    (chunk,) = chunks_of(make_entry("![[图.png]]", title="圖.png", breadcrumb=()), 100)
    assert chunk.embedded_text == "图.png"


def test_words_beside_are_those_of_web_and_repository_addresses():
    text = "- https://github.com/October2001/Awesome-KV-Cache https://arxiv.org/abs/2401.00001 www.a.com/blog/mup_init.html?x=1"
    entry = make_entry(text, links=find_links(text))
    assert words_beside(entry) == "Awesome Cache blog mup init"
    assert chunks_of(entry, 200)[0].embedded_text.endswith("\nAwesome Cache blog mup init")


def test_entries_keep_their_order():
    entries = [make_entry(f"- {n}", number=n) for n in (3, 1, 2)]
    assert [chunk.entry_id[-1] for chunk in chunk_entries(entries, count_characters, 50)] == [
        "3",
        "1",
        "2",
    ]


def test_no_entries_give_no_chunks():
    assert chunk_entries([], count_characters, 10) == []


# --- long entries
# ------------------------------------------------------------------------------------


def test_long_entry_is_cut_at_sentences_of_either_language():
    entry = make_entry("先做量化压缩。Then merge. 最后合并。", title="T", breadcrumb=("N",))
    chunks = chunks_of(
        entry, 13
    )  # "N / T" takes 3 of 13 characters; the sentences have 7, 10 and 5
    assert [chunk.text for chunk in chunks] == ["先做量化压缩。", "Then merge.", "最后合并。"]
    assert [chunk.embedded_text for chunk in chunks] == [
        "N\n先做量化压缩。",
        "N / T\nThen merge.",
        "N / T\n最后合并。",
    ]


def test_neighbouring_sentences_share_a_chunk_while_they_fit():
    entry = make_entry("一二三。四五。六七八。九", title="T", breadcrumb=("N",))
    assert [chunk.text for chunk in chunks_of(entry, 10)] == [
        "一二三。四五。",
        "六七八。九",
    ]  # 7 left: 4 + 3, then 4 + 1


def test_unbroken_chinese_paragraph_is_cut_at_its_full_stops():
    sentence = "注意力机制在长文本里会分散所以需要压缩缓存。"
    entry = make_entry(sentence * 95)
    chunks = chunks_of(entry, 200)
    assert len(entry.text) == 2090
    assert {chunk.text[-1] for chunk in chunks} == {"。"}
    check_chunks([entry], chunks, count_characters, 200)


def test_overlong_sentence_is_cut_at_its_commas():
    entry = make_entry("，".join(["低秩矩阵拟合误差"] * 30) + "。")
    chunks = chunks_of(entry, 60)
    assert {chunk.text[-1] for chunk in chunks[:-1]} == {"，"}
    check_chunks([entry], chunks, count_characters, 60)


def test_text_with_blanks_is_never_cut_inside_a_word():
    entry = make_entry(" ".join(["quantization", "量化方法", "800,000", "https://a.com/x:y"] * 40))
    words = [word for chunk in chunks_of(entry, 50) for word in chunk.text.split()]
    assert words == entry.text.split()


def test_text_without_any_break_is_cut_between_characters():
    entry = make_entry("缓" * 2000)
    chunks = chunks_of(entry, 100)
    assert "".join(chunk.text for chunk in chunks) == entry.text
    check_chunks([entry], chunks, count_characters, 100)


def test_first_chunk_starts_at_the_indent():
    chunks = chunks_of(make_entry("\t- 先量化很多很多。\n\t  Then merge them all."), 29)
    assert [(chunk.start, chunk.text) for chunk in chunks] == [
        (0, "\t- 先量化很多很多。"),
        (15, "Then merge them all."),
    ]


def test_long_breadcrumb_gives_way_from_the_outside():
    entry = make_entry(
        "- 合并缓存。再量化。", title="合并", breadcrumb=("外" * 70, "中" * 20, "内" * 10)
    )
    chunks = chunks_of(entry, 40)  # at most 20 for the breadcrumb: "内…" (10), "内… / 合并" (13)
    assert [chunk.embedded_text for chunk in chunks] == ["内" * 10 + "\n合并缓存。再量化。"]


def test_words_of_many_links_give_way():
    text = " ".join(f"https://a.com/{'abc'[n % 3]}word{'x' * (n // 3)}" for n in range(60))
    entry = make_entry("- 链接很多 " + text, links=find_links(text))
    check_chunks([entry], chunks_of(entry, 80), count_characters, 80)


# --- real and messy notes
# ----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("max_tokens", [16, 64, 256])
@pytest.mark.parametrize("count_tokens", [count_characters, count_words])
def test_chunks_of_the_real_notes_hold_every_character_once(real_note, count_tokens, max_tokens):
    entries = list(real_note.entries)
    check_chunks(
        entries, chunk_entries(entries, count_tokens, max_tokens), count_tokens, max_tokens
    )


@pytest.mark.slow
@pytest.mark.parametrize("max_tokens", [16, 64, 256])
def test_chunks_of_the_real_notes_fit_the_bundled_encoder(real_note, bundled_encoder, max_tokens):
    entries = list(real_note.entries)
    count = bundled_encoder.count_tokens
    check_chunks(entries, chunk_entries(entries, count, max_tokens), count, max_tokens)


@pytest.mark.slow
def test_chunks_of_the_sample_corpora_fit_the_bundled_encoder(bundled_encoder):
    for path in SAMPLE_NOTES:
        entries = list(parse_note(decode(path.read_bytes()).text, f"notes/{path.name}").entries)
        chunks = chunk_entries(entries, bundled_encoder.count_tokens, 64)
        check_chunks(entries, chunks, bundled_encoder.count_tokens, 64)


def test_every_chunk_of_the_real_notes_has_its_breadcrumb_in_front(real_note, bundled_encoder):
    by_id = {entry.id: entry for entry in real_note.entries}
    for chunk in chunk_entries(
        list(by_id.values()), bundled_encoder.count_tokens, bundled_encoder.max_tokens
    ):
        assert chunk.embedded_text.startswith(
            breadcrumb_text(by_id[chunk.entry_id], first=chunk.start == 0) + "\n"
        )


def test_a_tag_that_closes_something_makes_no_chunk():
    entries = list(parse_note("KV cache merging\n</div>", "notes/llm.md").entries)
    chunks = chunk_entries(entries, count_characters, 6)
    assert not any("<" in chunk.text for chunk in chunks)


@pytest.mark.slow
@given(messy_notes, st.integers(4, 80), st.sampled_from([count_characters, count_words]))
def test_chunks_of_messy_notes_hold_every_character_once(text, max_tokens, count_tokens):
    entries = list(parse_note(text, "notes/llm.md").entries)
    check_chunks(
        entries, chunk_entries(entries, count_tokens, max_tokens), count_tokens, max_tokens
    )


PIECES = (
    "缓存合并",
    "KV cache",
    "，",
    "。",
    ", ",
    ". ",
    " ",
    "3.5",
    "(a)",
    "\n",
    "㎏",
    "[a](b)",
    "`",
    "- ",
)


@pytest.mark.slow
@given(st.lists(st.sampled_from(PIECES), min_size=1))
def test_chunks_of_any_mixture_fit(pieces):
    text = "".join(pieces).strip() or "x"
    entry = make_entry(text)
    check_chunks([entry], chunks_of(entry, 12), count_characters, 12)


def test_latin_words_stay_whole_where_there_is_punctuation():
    entry = make_entry("。".join(["把 Transformer 的 KV cache 合并"] * 50))
    for chunk in chunks_of(entry, 40):
        assert set(re.findall(r"[A-Za-z]+", chunk.text)) <= {"Transformer", "KV", "cache"}

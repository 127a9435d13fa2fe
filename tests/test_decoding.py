from __future__ import annotations

import codecs
import hashlib
from difflib import SequenceMatcher

import pytest

from conftest import REAL_NOTES, REPOSITORY
from paperrag.notes.corpus import read_source, scan_corpus
from paperrag.text.decoding import REPLACEMENT, decode, repair_mojibake
from properties import given, st

GARBLED = REPOSITORY / "tests" / "data" / "paper-reading.garbled.md"
TEXT = "# 一篇笔记\n- KV cache 合并：一行 “merge”\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("gb18030"), "gb18030"),
    ],
    ids=[
        "utf-8",
        "utf-8-bom",
        "utf-16-le-bom",
        "utf-16-be-bom",
        "utf-16-le",
        "utf-16-be",
        "gb18030",
    ],
)
def test_encodings_are_told_apart_by_their_bytes(data, encoding):
    decoded = decode(data)
    assert (decoded.text, decoded.encoding, decoded.faults) == (TEXT, encoding, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_real_notes_are_read_in_every_encoding(real_text, encoding):
    known = real_text.encode(encoding)
    assert decode(known).text == real_text


@pytest.mark.parametrize(
    "text",
    ["English only, no accents\n", "只有中文，一个词都不是英文。\n" * 5, "中英 mixed 文本\n"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
def test_short_texts_are_read_in_every_encoding(text, encoding):
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    "text", ["- a\n- 乙\n", "- a\r\n- 乙\r\n", "- a\r- 乙\r", "\ufeff- a\r\n- 乙\n"]
)
def test_line_ends_and_bom_are_normalised(text):
    assert decode(text.encode()).text == "- a\n- 乙\n"


def test_empty_file_is_empty_text():
    assert decode(b"").text == ""
    assert decode(codecs.BOM_UTF8).text == ""


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7\n1 0", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", bytes(range(256)) * 4, b"\0" * 100],
)
def test_binary_files_are_no_text(data):
    assert decode(data) is None


def test_stray_zero_bytes_do_not_make_utf16():
    text = "合并 the KV cache " * 5
    assert decode(f"{text}\0{text}".encode()).text == f"{text}{REPLACEMENT}{text}"


@pytest.mark.parametrize(
    "text",
    ["- a note\0 with text\n", "- 一行\n- 乙\0\0\0行，合并相近的键值\n", "- x" * 99 + "\n\0"],
)
def test_a_few_zero_bytes_are_named_and_the_text_read(text):
    decoded = decode(text.encode())
    assert decoded.text == text.replace("\0", REPLACEMENT)
    line = text[: text.index("\0")].count("\n") + 1
    assert decoded.faults == (
        f"1 lines hold NUL bytes (first: line {line}), shown as {REPLACEMENT}",
    )


@pytest.mark.parametrize("data", [TEXT.encode() + b"\0" * 4096, b"\x01\x02\x03" + b"a" * 97])
def test_many_zero_bytes_and_other_controls_are_no_text(data):
    assert decode(data) is None


CHINESE = "# 一篇笔记\n- KV cache 合并：把相近的条目合并成一个，减少显存\n" * 12
TRADITIONAL = "# 一篇筆記\n- KV cache 合併：將相近的條目併為一個，減少顯示記憶體的佔用\n" * 12


@pytest.mark.parametrize("text", [CHINESE, TRADITIONAL])
def test_bad_byte_in_gb18030_costs_a_character_and_names_the_line(text):
    place = text.index("合")
    data = text[:place].encode("gb18030") + b"\xff" + text[place:].encode("gb18030")
    decoded = decode(data)
    assert (decoded.text, decoded.encoding) == (
        f"{text[:place]}{REPLACEMENT}{text[place:]}",
        "gb18030",
    )
    assert decoded.faults == (
        f"1 lines hold bytes that are not GB18030 (first: line 2), shown as {REPLACEMENT}",
    )


@pytest.mark.parametrize("text", [CHINESE.strip(), "合并缓存"])
def test_gb18030_that_ends_inside_a_character_is_read_up_to_there(text):
    decoded = decode(text.encode("gb18030")[:-1])
    assert (decoded.text, decoded.encoding) == (text[:-1] + REPLACEMENT, "gb18030")
    assert "not GB18030" in decoded.faults[0]


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Müller über Größe, façade déjà vu — “quoted” l’été\n" * 20, "cp1252"),
        ("Señor Nuñez está aquí; mañana también\n", "cp1252"),
        ("Привет, это заметки о кэше ключей и значений\n" * 5, "cp1251"),
    ],
)
def test_western_texts_are_not_read_as_damaged_chinese(text, page):
    assert decode(text.encode(page)).encoding == "cp1252"


def test_single_bad_byte_costs_one_character_and_names_the_line():
    decoded = decode("第一行\n第二行".encode() + b"\xff end")
    assert decoded.text == f"第一行\n第二行{REPLACEMENT} end"
    assert decoded.faults == (
        f"1 lines hold bytes that are not UTF-8 (first: line 2), shown as {REPLACEMENT}",
    )


def test_western_letters_are_read_as_windows_1252_and_said_so():
    decoded = decode("Résumé naïve café".encode("cp1252"))
    assert decoded.text == "Résumé naïve café"
    assert "neither UTF-8, UTF-16 nor GB18030" in decoded.faults[0]


@pytest.mark.parametrize("page", ["cp1252", "cp1254"])
def test_mojibake_is_named_and_repaired(page):
    garbled = "\n".join("- " + word.encode().decode(page) for word in ("缓存", "用好", "秩"))
    decoded = decode(garbled.encode())
    assert decoded.text == "- 缓存\n- 用好\n- 秩"
    assert decoded.faults == (
        "garbled text (UTF-8 once read as Windows-1252/1254) in 3 lines, first: line 1; "
        "repaired in memory, the file is unchanged; restore the file from its original if you can",
    )


def test_mojibake_with_a_lost_byte_is_marked_not_guessed():
    garbled = "只做".encode().decode(
        "cp1252", "ignore"
    )  # E5 8F AA E5 81 9A: 8F and 81 have no character
    assert repair_mojibake(garbled) == (REPLACEMENT * 2, 2)


@pytest.mark.parametrize(
    "text", ["café, naïve, Ångström", "“quotes” and l’été", "Çağ, ışık, şeker", "", "中文 é ok"]
)
def test_correct_text_is_not_repaired(text):
    assert repair_mojibake(text) == (text, 0)
    assert decode(text.encode()).faults == ()


def test_garbled_notes_are_named_explained_and_mostly_repaired(real_text):
    decoded = decode(GARBLED.read_bytes())
    assert decoded.faults[0].startswith(
        "garbled text (UTF-8 once read as Windows-1252/1254) in 108 lines, first: line 6; "
    )
    assert "909 characters could not be recovered" in decoded.faults[0]
    pairs = list(zip(real_text.split("\n"), decoded.text.split("\n"), strict=True))
    foreign = sum(char > "\x7f" for line, _ in pairs for char in line)
    recovered = sum(
        char > "\x7f"
        for line, repaired in pairs
        for block in SequenceMatcher(None, line, repaired, autojunk=False).get_matching_blocks()
        for char in line[block.a : block.a + block.size]
    )
    assert (recovered, foreign) == (
        2800,
        3709,
    )  # 75 %: the bytes of the other 909 are not in the file


def test_garbled_file_is_reported_by_name_and_never_written(tmp_path):
    path = tmp_path / "notes" / "garbled.md"
    path.parent.mkdir()
    path.write_bytes(GARBLED.read_bytes())
    path.chmod(0o444)
    before = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns
    _, note = read_source(scan_corpus(tmp_path)[0][0])
    assert str(note.troubles[0]).startswith("notes/garbled.md: garbled text")
    assert len(note.entries) > 150
    assert (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) == before


def test_real_notes_have_no_faults():
    decoded = decode(REAL_NOTES.read_bytes())
    assert (decoded.encoding, decoded.faults) == ("utf-8", ())


@pytest.mark.slow
@given(st.binary(max_size=300))
def test_any_bytes_give_text_or_none(data):
    decoded = decode(data)
    assert decoded is None or ("\r" not in decoded.text and "\0" not in decoded.text)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_utf8_comes_back_as_it_was_unless_it_looks_garbled(text):
    decoded = decode(text.removeprefix("\ufeff").encode())
    assert decoded.faults or decoded.text == text.removeprefix("\ufeff")

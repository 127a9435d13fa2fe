"""Bytes of a note file -> text, and what is wrong with it. Never writes; knows no Markdown.

UTF-8 and UTF-16 (with or without BOM), GB18030, Shift-JIS and Big5 are told apart by their bytes.
Text that is UTF-8 once misread as Windows-1252 or 1254 (mojibake) is named, and repaired in memory
as far as its bytes survive.
"""

from __future__ import annotations

import codecs
import re

from msgspec import Struct

from paperrag.text.language import HAN

REPLACEMENT = "\ufffd"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII_TEXT = re.compile(r"[\t\n\r\x20-\x7e]")
_PLAUSIBLE = re.compile(
    rf"[\t\n\r\x20-\x7e\xa0-\u024f\u0370-\u03ff\u2000-\u22ff\u3000-\u30ff\uff00-\uffef{HAN}]"
)
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r\f\v\x1b\0"))
"""Signs of binary data; NUL bytes are counted apart."""
_GB_SECOND_BYTE = re.compile(rb"[\x81-\xfe]([\x40-\x7e\x80-\xfe])")
_GB_HIGH_SECONDS = 0.6
"""Share of the second bytes of GB18030 with the high bit: 1 in GB2312, about 0.8 in traditional
Chinese in GBK, under 0.3 in Western texts. By hand, as all shares here.
"""
_GB_LOST = 0.05
"""Cyrillic letters read as GB18030 lose about 0.15. By hand."""
_LEAST_GB = 0.8
"""Share of the characters beyond ASCII that are Chinese, or its punctuation, in a text in GB18030.
By hand.
"""
_KANA = re.compile("[\u3040-\u30ff]")
_LEAST_KANA = 0.2
"""Japanese has about half; Chinese read as Shift-JIS gives narrow kana, not these. By hand."""
_BIG5_SECOND_BYTE = re.compile(rb"[\xa1-\xf9]([\x40-\x7e\xa1-\xfe])")
_OF_CHINESE = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
_LEAST_CHINESE = 0.95
"""Share of the characters beyond ASCII that are Chinese in a text in Big5. By hand."""
_BIG5_HIGH_SECONDS = 0.3
"""About 0.6 in Chinese, hardly any in Western texts. By hand."""
_SAMPLE_BYTES, _BINARY_SAMPLE_BYTES = 4096, 65536
"""What is looked at of a file to tell UTF-16, and whether it is no text."""
_LEAST_ZEROS, _LEAST_PLAUSIBLE = 0.1, 0.95
"""Share of 0 bytes in UTF-16, unless it reads as UTF-8, and of characters that notes are made of.
By hand.
"""
_MOST_CONTROLS = 0.02
"""Share of control characters, or of 0 bytes, in a text; of UTF-8 it may be _LEAST_ZEROS of these.
By hand.
"""
_BINARY_SIGNATURES = (
    b"%PDF-",
    b"\x89PNG",
    b"PK\x03\x04",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x7fELF",
    b"\x1f\x8b",
)

# What the continuation bytes 0x80–0xBF look like after misreading as Windows-1252/1254. Five of
# them (81 8D 8F 90 9D, and in 1254 also 8E 9E) have no character there and are often lost.
_CONTINUATION = "\x80-\xbf" + "".join(
    sorted(
        {
            bytes([b]).decode(page, "ignore")
            for b in range(0x80, 0xA0)
            for page in ("cp1252", "cp1254")
        }
        - {""}
    )
)
_MOJIBAKE = re.compile(f"[åæçèéäãâïğ][{_CONTINUATION}]{{1,2}}")
_WESTERN_RUN = re.compile(f"[\x80-\xff{_CONTINUATION}ĞğİıŞş]+")
_LIKELY_MOJIBAKE_RUNS = 3
_LIKELY_MOJIBAKE_SHARE = 0.2
"""Runs of letters that look like Chinese read as Western, and their share of all letters beyond
ASCII, from which a text is. By hand.
"""


class Decoded(Struct, frozen=True):
    """Text with LF line ends, the encoding it was read with, and a sentence for each fault."""

    text: str
    encoding: str
    faults: tuple[str, ...] = ()


def decode(data: bytes) -> Decoded | None:
    """Return the text of a note file, or None if the bytes are not text at all."""
    raw, encoding, faults = _decode_bytes(data)
    if raw is None:
        return None
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    faults = (*faults, *_damage(text, "NUL bytes", "\0"))
    text = text.replace("\0", REPLACEMENT)
    if lines := _mojibake_lines(text):
        text, lost = repair_mojibake(text)
        faults = (*faults, _mojibake_fault(lines, lost))
    return Decoded(text, encoding, faults)


def repair_mojibake(text: str) -> tuple[str, int]:
    """Return the text with misread UTF-8 put right, and how many characters could not be recovered.

    Each run of Windows-1252/1254 characters is turned back into bytes and read as UTF-8; where a
    byte was lost the character becomes U+FFFD rather than a guess. Runs that are not misread
    UTF-8 (a correct "é", curly quotes) stay as they are.
    """
    lost_before = text.count(REPLACEMENT)
    repaired = _WESTERN_RUN.sub(lambda match: _repair_run(match[0]), text)
    return repaired, repaired.count(REPLACEMENT) - lost_before


def _decode_bytes(data: bytes) -> tuple[str | None, str, tuple[str, ...]]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data[len(bom) :].decode(encoding, "replace")
            return text, encoding, _damage(text, f"bytes that are not {encoding.upper()}")
    if utf16 := _utf16_without_bom(data):
        text = data.decode(utf16, "replace")
        return text, utf16, _damage(text, f"bytes that are not {utf16.upper()}")
    if _is_binary(data):
        return None, "binary", ()
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        return _decode_legacy(data)


def _decode_legacy(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    as_utf8 = data.decode("utf-8", "replace")
    valid = sum(1 for char in as_utf8 if ord(char) > 0x7F and char != REPLACEMENT)
    if valid > as_utf8.count(REPLACEMENT):  # other encodings hardly ever make valid UTF-8
        return as_utf8, "utf-8", _damage(as_utf8, "bytes that are not UTF-8")
    if (as_japanese := _strictly(data, "cp932")) and _share(_KANA, as_japanese) > _LEAST_KANA:
        return as_japanese, "shift_jis", ()
    as_gb = data.decode("gb18030", "replace")
    if _is_gb18030(data, as_gb):
        return as_gb, "gb18030", _damage(as_gb, "bytes that are not GB18030")
    as_big5 = _strictly(data, "big5")
    seconds = _BIG5_SECOND_BYTE.findall(data)
    highs = sum(second > b"\x7f" for second in seconds)
    if _share(_OF_CHINESE, as_big5) > _LEAST_CHINESE and highs > _BIG5_HIGH_SECONDS * len(seconds):
        return as_big5, "big5", ()
    fault = "neither UTF-8, UTF-16 nor GB18030; read as Windows-1252, so some letters may be wrong; save the file as UTF-8"
    return data.decode("cp1252", "replace"), "cp1252", (fault,)


def _strictly(data: bytes, encoding: str) -> str:
    """The text that bytes are in an encoding, "" if they are none."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _share(kind: re.Pattern[str], text: str) -> float:
    """How many of the characters beyond ASCII are of a kind."""
    foreign = sum(char > "\x7f" for char in text)
    return len(kind.findall(text)) / foreign if foreign else 0.0


def _is_gb18030(data: bytes, text: str) -> bool:
    """Whether bytes that read as a text in GB18030 were written so. A bad byte, or a cut
    character, may be among them.

    Western letters in front of others read as Chinese too, and leave bytes over; a pair of bytes
    whose second is no ASCII letter is what they hardly ever make.
    """
    foreign = [char for char in text if ord(char) > 0x7F]
    common = sum(
        "\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef"
        for char in foreign
    )
    lost = text.count(REPLACEMENT)
    if not foreign or common < _LEAST_GB * (len(foreign) - lost):
        return False
    seconds = _GB_SECOND_BYTE.findall(data)
    is_chinese = sum(second > b"\x7f" for second in seconds) >= _GB_HIGH_SECONDS * len(seconds)
    return lost == 0 or (is_chinese and lost <= max(1, _GB_LOST * len(foreign)) and common > lost)


def _utf16_without_bom(data: bytes) -> str | None:
    """Return the UTF-16 that reads as text. Only blanks and Latin letters tell: half of each is a
    0 byte.
    """
    sample = data[:_SAMPLE_BYTES]
    if 0 not in sample or (sample.count(0) < _LEAST_ZEROS * len(sample) and _is_utf8(data)):
        return None
    ascii_chars = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, "ignore")
        if len(_PLAUSIBLE.findall(text)) > _LEAST_PLAUSIBLE * len(text):
            ascii_chars[encoding] = len(_ASCII_TEXT.findall(text))
    return max(ascii_chars, key=ascii_chars.__getitem__, default=None)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_binary(data: bytes) -> bool:
    sample = data[:_BINARY_SAMPLE_BYTES]
    if sample.startswith(_BINARY_SIGNATURES):
        return True
    if len(sample) - len(sample.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(sample):
        return True
    is_utf8 = _is_utf8(data)
    allowed = max(1.0, _LEAST_ZEROS * len(sample)) if is_utf8 else _MOST_CONTROLS * len(sample)
    return sample.count(0) > allowed


def _damage(text: str, what: str, sign: str = REPLACEMENT) -> tuple[str, ...]:
    """Return the sentence about the lines that hold a sign of damage; () if none does."""
    if sign not in text:
        return ()
    lines = [number for number, line in enumerate(text.split("\n"), 1) if sign in line]
    return (f"{len(lines)} lines hold {what} (first: line {lines[0]}), shown as {REPLACEMENT}",)


def _mojibake_lines(text: str) -> list[int]:
    """Return the numbers of lines that look like misread UTF-8; [] unless the whole text does."""
    runs = [] if text.isascii() else _MOJIBAKE.findall(text)
    if len(runs) < _LIKELY_MOJIBAKE_RUNS:
        return []
    western = sum(len(run) for run in _WESTERN_RUN.findall(text))
    if sum(map(len, runs)) < _LIKELY_MOJIBAKE_SHARE * western:
        return []
    return [number for number, line in enumerate(text.split("\n"), 1) if _MOJIBAKE.search(line)]


def _mojibake_fault(lines: list[int], lost: int) -> str:
    tail = (
        f"; {lost} characters could not be recovered and are shown as {REPLACEMENT}"
        if lost > 0
        else ""
    )
    return (
        f"garbled text (UTF-8 once read as Windows-1252/1254) in {len(lines)} lines, first: line "
        f"{lines[0]}; "
        f"repaired in memory, the file is unchanged{tail}; restore the file from its original if "
        f"you can"
    )


def _repair_run(run: str) -> str:
    if not _MOJIBAKE.search(run) and len(run) < 2:
        return run
    data = bytearray()
    for char in run:
        byte = _western_byte(char)
        if byte is None:
            return run
        data.append(byte)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace") if _MOJIBAKE.search(run) else run


def _western_byte(char: str) -> int | None:
    for page in ("cp1254", "cp1252"):
        try:
            return char.encode(page)[0]
        except UnicodeEncodeError:
            continue
    return ord(char) if 0x80 <= ord(char) <= 0x9F else None

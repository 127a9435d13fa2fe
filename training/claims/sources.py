"""Where claims are made from: papers' abstracts in two languages, free summaries of them, and
people's notes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paperrag.text.language import sentence_spans

PAPER_SOURCES = (
    "qhduan/cn-chat-arxiv",
    "shiyibihua/arxiv-daily",
    "xmkxabc/daily-arXiv-ai-enhanced",
)
LEAST_CHARS, MOST_CHARS = 14, 320


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences that stand together: `pairs` holds each in English and Chinese, either may be
    missing; `summaries` are free retellings of the whole.
    """

    group: str
    pairs: tuple[tuple[str, str], ...]
    summaries: tuple[str, ...] = ()


def read_rows(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a packed table."""
    import zstandard

    with path.open("rb") as packed:
        reader = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(packed)
        for line in io.TextIOWrapper(reader, encoding="utf-8"):
            yield line.rstrip("\n").split("\t")


def abstracts(data: Path, most: int, every: int, shift: int = 0) -> Iterator[Passage]:
    """Yield every so many-th paper's sentences in both languages, with its Chinese summary; those
    that stand so many papers before, with a shift.
    """
    summaries: dict[str, str] = {
        row[0]: row[1] for row in read_rows(data / "paper-summaries.zh.tsv.zst") if len(row) == 2
    }
    held: list[tuple[str, str]] = []
    before, seen, given = "", 0, 0
    for row in read_rows(data / "parallel.en-zh.tsv.zst"):
        source, _, rest = (row[2] if len(row) == 3 else "").partition("#")
        kind, _, paper = rest.partition(":")
        if source not in PAPER_SOURCES or kind != "sent":
            continue
        if paper != before:
            if len(held) >= 2:
                seen += 1
                if (seen + shift) % every == 0:
                    given += 1
                    told = (summaries[before],) if before in summaries else ()
                    yield Passage(f"paper:{before}", tuple(held), told)
                    if given >= most:
                        return
            held, before = [], paper
        held.append((row[0], row[1]))


def tellings(data: Path, most: int, every: int, shift: int = 0) -> Iterator[Passage]:
    """Yield abstracts with one-line summaries that were written for them, in one language or
    two; `shift` as in `abstracts`.
    """
    given = 0
    for number, row in enumerate(read_rows(data / "retrieval-pairs.tsv.zst")):
        if len(row) != 4 or "#tldr:" not in row[3] or (number + shift) % every:
            continue
        spans = sentence_spans(row[1])
        sentences = [row[1][start:end] for start, end in spans]
        is_chinese = row[2].endswith("zh")
        pairs = tuple(("", one) if is_chinese else (one, "") for one in sentences)
        if len(pairs) >= 2:
            given += 1
            yield Passage(f"telling:{row[3]}", pairs, (row[0],))
            if given >= most:
                return


def notes(folder: Path) -> Iterator[Passage]:
    """Yield runs of sentences of each note of a folder of Markdown files."""
    from paperrag.text.language import detect_language
    from paperrag.text.markup import plain_text

    for path in sorted(folder.rglob("*.md")):
        text = plain_text(path.read_text(encoding="utf-8", errors="replace"))
        run: list[tuple[str, str]] = []
        for line in text.splitlines():
            for start, end in sentence_spans(line):
                one = line[start:end]
                if LEAST_CHARS <= len(one) <= MOST_CHARS and not re.search(
                    r"https?://|[|{}\\$]", one
                ):
                    run.append((one, "") if detect_language(one) == "en" else ("", one))
            if len(run) >= 4:
                yield Passage(f"note:{path.relative_to(folder.parent)}", tuple(run))
                run = []
        if len(run) >= 2:
            yield Passage(f"note:{path.relative_to(folder.parent)}", tuple(run))

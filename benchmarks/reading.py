"""How folders of notes are read: `python benchmarks/reading.py FOLDER...`, a column for each.

Parses every note and chunks it with the tokens of the bundled static encoder; no vector is made and
nothing is written. Shares are of all entries, in per cent. A title is said to be a formula, link,
field, picture or markup when nothing else is left of it.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from paperrag.notes.chunking import chunk_entries
from paperrag.notes.corpus import read_source, scan_corpus
from paperrag.notes.tree import ParsedNote
from paperrag.records import Entry
from paperrag.text.markup import plain_text
from paperrag.wiring.encoders import load_encoder

CHUNK_TOKENS = 256
LONG_TITLE_CHARS = 80

_FORMULA_PARTS = re.compile(
    r"\\(?:text|mathrm|operatorname)\{[^}]*\}|\\[A-Za-z]+|[\W\d_]+|\b\w{1,2}\b"
)
_HAS_FORMULA = re.compile(r"\\[A-Za-z]+|[=^_{}&$]|\\\\")
_URL = re.compile(
    r"<?(?:https?://|www\.)\S+>?|(?:[\w-]+\.)+[a-z]{2,4}(?:/\S*)?|!?\[[^\]]*\](?:\[[^\]]*\]?|\()\S*"
)
_FIELD = re.compile(
    r"(?:[\w.-]+::.*|[\w.-]+: [\"\[].*|(?i:paper|pdf|code|link|url|arxiv|authors?|venue|tags?|date|year|doi"
    r"|链接|作者|代码|论文|机构|时间|日期|标签|出处|原文)\s*[:：].*|:[A-Z]+:.*|id:: .*)"
)
_PICTURE = re.compile(
    r"!.*|(?i:image|img|untitled|fig(?:ure)?)[ .\d]*|\S+\.(?i:png|jpe?g|gif|svg|webp)"
)
_MARKUP = re.compile(r"\*\*.*|__\w.*|</?[a-z]+[ >/].*|[\W_]*|.*\*\*\s*|~~.*|\[\^?\w+\]:.*")
_HAS_LETTER = re.compile(r"[^\W\d_]")


def is_formula(title: str) -> bool:
    """Whether a title is nothing but LaTeX."""
    return bool(_HAS_FORMULA.search(title)) and not _FORMULA_PARTS.sub("", title)


NAMELESS: dict[str, Callable[[str], object]] = {
    "formula": is_formula,
    "link": _URL.fullmatch,
    "field": _FIELD.fullmatch,
    "picture": _PICTURE.fullmatch,
    "markup": _MARKUP.fullmatch,
}
"""What a title may be that names nothing, the first that fits."""


def main() -> None:
    """Print a table with a column for each folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    folders: list[Path] = parser.parse_args().folders
    columns = [figures(folder) for folder in folders]
    print("| | " + " | ".join(folder.name for folder in folders) + " |")
    print("|---" * (len(folders) + 1) + "|")
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(column[name] for column in columns) + " |")


def figures(folder: Path) -> dict[str, str]:
    """Return what is to be said of one folder, by name."""
    files, _ = scan_corpus(folder)
    size = sum(file.stamp.size_bytes for file in files)
    best, notes = min((_timed(files) for _ in range(2)), key=lambda timed: timed[0])
    entries = [entry for note in notes for entry in note.entries]
    chunks = chunk_entries(entries, load_encoder("bundled-static").count_tokens, CHUNK_TOKENS)
    share = _shares_of(entries)
    kinds = Counter(kind for entry in entries if (kind := nameless(entry.title)))
    headings = [title for note in notes for _, title in note.headings]
    return {
        "files": f"{len(files)}",
        "MB": f"{size / 1e6:.2f}",
        "entries a file": f"{len(entries) / max(1, len(files)):.1f}",
        **{f"titles that are a {kind}, %": share(kinds[kind]) for kind in NAMELESS},
        "titles that name nothing, %": share(kinds.total()),
        f"titles over {LONG_TITLE_CHARS} characters, %": share(
            sum(len(entry.title) > LONG_TITLE_CHARS for entry in entries)
        ),
        "titles doubled at one place, %": share(len(entries) - len(_places(entries))),
        "headings that are none": f"{sum(bool(nameless(title)) for title in headings)}",
        "entries without words, %": share(
            sum(not _HAS_LETTER.search(plain_text(entry.text)) for entry in entries)
        ),
        "chunks a kB": f"{len(chunks) / size * 1000:.2f}",
        "files with troubles": f"{sum(bool(note.troubles) for note in notes)}",
        "seconds a MB": f"{best / size * 1e6:.2f}",
    }


def _timed(files: Sequence) -> tuple[float, list[ParsedNote]]:  # type: ignore[type-arg]
    started = time.process_time()
    notes = [read_source(file)[1] for file in files]
    return time.process_time() - started, notes


def nameless(title: str) -> str:
    """Return what a title is that names nothing, "" for a name."""
    return next((kind for kind, fits in NAMELESS.items() if fits(title)), "")


def _places(entries: Sequence[Entry]) -> set[tuple[str, tuple[str, ...], str]]:
    return {(entry.source, entry.breadcrumb, entry.title) for entry in entries}


def _shares_of(entries: Sequence[Entry]) -> Callable[[int], str]:
    return lambda count: f"{100 * count / max(1, len(entries)):.2f}"


if __name__ == "__main__":
    main()

"""Written claims -> the same with what the program holds each against: the entries that it would
cite for these lines, read as `ask` reads them.

    python -m training.claims.texts CLAIMS.jsonl... OUT_FOLDER --vaults FOLDER...

--vaults: folders of notes that claims are about. A claim whose lines no entry holds is told and
left out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paperrag.assistant import Assistant
from paperrag.index.surroundings import whole_text
from paperrag.index.tables import EntryTable
from paperrag.records import Entry
from training.claims.written import CLAIMS, ROOT, Written, read_written


@dataclass(frozen=True, slots=True)
class Vault:
    """A folder of notes as the program reads it: its entries by file."""

    folder: Path
    entries: EntryTable
    of_file: dict[str, list[Entry]]


def opened(folder: Path, index: Path) -> Vault:
    """Return a vault."""
    assistant = Assistant.open(folder, index, encoder="bundled-static")
    assistant.build()
    entries = assistant.data().entries
    of_file: dict[str, list[Entry]] = defaultdict(list)
    for row in range(len(entries)):
        entry = entries.get(row)
        of_file[entry.source].append(entry)
    return Vault(folder, entries, of_file)


def text_of(vault: Vault, note: Path, first: int, last: int) -> str:
    """Return what a claim about lines of a note is held against; "" if no entry holds them."""
    name = note.relative_to(vault.folder).as_posix()
    touched = innermost(vault.of_file[name], first, last)
    return "\n".join(whole_text(entry, vault.entries) for entry in touched)


def innermost(entries: Sequence[Entry], first: int, last: int) -> list[Entry]:
    """Return the entries that hold some of these lines, without those that hold another of them."""
    there = [one for one in entries if one.line_start <= last and one.line_end >= first]
    return [one for one in there if not _holds_another(one, there)] or there


def _holds_another(entry: Entry, others: Sequence[Entry]) -> bool:
    span = entry.line_start, entry.line_end
    return any(
        span[0] <= other.line_start
        and other.line_end <= span[1]
        and span != (other.line_start, other.line_end)
        for other in others
    )


def with_texts(rows: Sequence[dict[str, object]], vaults: Sequence[Vault]) -> list[str]:
    """Return the claims as JSON lines with their texts."""
    found = []
    for row in rows:
        note = ROOT / str(row["note"])
        vault = next((one for one in vaults if one.folder in note.parents), None)
        lines = row["lines"]
        assert isinstance(lines, list)
        text = text_of(vault, note, *lines) if vault else ""
        if not text:
            print(f"left out, no entry holds it: {note}:{lines}")
            continue
        found.append(json.dumps({**row, "text": text}, ensure_ascii=False))
    return found


def own_vaults(scratch: Path) -> list[Vault]:
    """Return the folders of notes of this repository, indexed in a scratch folder."""
    folders = [ROOT / "corpus", *sorted((ROOT / "tests" / "data" / "corpora").iterdir())]
    return [opened(folder, scratch / folder.name) for folder in folders]


def own_claims(scratch: Path, claims: Path = CLAIMS) -> list[Written]:
    """Return claims about the notes of this repository, with their texts."""
    rows = [json.loads(line) for line in claims.read_text(encoding="utf-8").splitlines()]
    path = scratch / claims.name
    path.write_text("\n".join(with_texts(rows, own_vaults(scratch))), encoding="utf-8")
    return read_written([path])


def main() -> None:
    """Write the claims of each file to one of the same name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("claims", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    parser.add_argument("--vaults", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        others = [
            opened(path.resolve(), scratch / str(place))
            for place, path in enumerate(options.vaults)
        ]
        vaults = [*own_vaults(scratch), *others]
        for path in options.claims:
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            told = with_texts(rows, vaults)
            (options.out / path.name).write_text("\n".join(told) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

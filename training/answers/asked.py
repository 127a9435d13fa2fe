"""Questions that people wrote about notes -> the same with the entries that the program would weigh
as their answers, each of which does or does not.

    python -m training.answers.asked QUESTIONS.jsonl... OUT_FOLDER --vaults FOLDER...
        [--indexes FOLDER]

JSON lines: `file` (below its vault), `question`, `answerable`, `lines` (each place that answers by
itself, (first, last) from 1), `near` (places that look as if they did), `kind`. Questions without
`lines` are only looked at.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from paperrag.answer.judging import text_to_judge
from paperrag.answer.weights import JUDGED
from paperrag.assistant import Assistant
from paperrag.records import Entry
from paperrag.search.filtering import Filters
from paperrag.search.retrieval import Retriever
from training.claims.texts import innermost


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text beside a question. place: among those that the program finds, from 0, -1 if it does
    not find it. score: the program's.
    """

    note: str
    question: str
    answerable: bool
    kind: str
    text: str
    answers: bool
    place: int
    score: float
    is_told: bool


class Vault:
    """A folder of notes as the program finds in it."""

    def __init__(self, folder: Path, index: Path) -> None:
        assistant = Assistant.open(folder, index)
        assistant.build()
        self.folder = folder
        self.retriever: Retriever = assistant.retriever()
        self._of_file: dict[str, list[Entry]] = defaultdict(list)
        entries = self.retriever.data.entries
        for row in range(len(entries)):
            entry = entries.get(row)
            self._of_file[entry.source].append(entry)

    def candidates(self, row: dict[str, object]) -> Iterator[Candidate]:
        """Yield the texts that a question is held against, those that answer it first."""
        there = self._of_file[str(row["file"])]
        gold, near = (_touched(there, row.get(key) or []) for key in ("lines", "near"))
        found = self._found(str(row["question"]), there)
        answerable = bool(row["answerable"])
        is_told = bool(gold) if answerable else "lines" in row
        for entry in {one.id: one for one in [*gold, *near, *(one for one, _ in found)]}.values():
            place = next((at for at, (one, _) in enumerate(found) if one.id == entry.id), -1)
            yield Candidate(
                f"{self.folder.name}/{row['file']}",
                str(row["question"]),
                answerable,
                str(row.get("kind") or row.get("sort") or ""),
                text_to_judge(entry),
                any(entry.id == one.id for one in gold),
                place,
                found[place][1] if place >= 0 else 0.0,
                is_told,
            )

    def _found(self, question: str, there: Sequence[Entry]) -> list[tuple[Entry, float]]:
        among = frozenset(entry.id for entry in there)
        found = self.retriever.find(self.retriever.read(question), Filters(among=among))
        scored = zip(found.scored.rows.tolist(), found.scored.scores.tolist(), strict=True)
        own = ((found.entries.get(row), score) for row, score in scored)
        return [(entry, score) for entry, score in own if entry.id in among][:JUDGED]


def _touched(entries: Sequence[Entry], places: object) -> list[Entry]:
    """Return the innermost entries that hold lines of places."""
    assert isinstance(places, list)
    return [entry for first, last in places for entry in innermost(entries, first, last)]


def read_candidates(paths: Sequence[Path]) -> list[list[Candidate]]:
    """Return the candidates of each question."""
    asked: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            one = Candidate(**json.loads(line))
            if one.place < JUDGED:
                asked[one.note, one.question].append(one)
    return list(asked.values())


def main() -> None:
    """Write the candidates of each file of questions to one of the same name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    parser.add_argument("--vaults", type=Path, nargs="+", required=True)
    parser.add_argument("--indexes", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    vaults = [Vault(path.resolve(), options.indexes / path.name) for path in options.vaults]
    for path in options.questions:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        told = []
        for row in rows:
            vault = next((one for one in vaults if (one.folder / row["file"]).is_file()), None)
            found = list(vault.candidates(row)) if vault else []
            if not found:
                print(f"left out, no note of it: {row['file']}: {row['question']}")
            told += [json.dumps(asdict(one), ensure_ascii=False) for one in found]
        (options.out / path.name).write_text("\n".join(told) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Models made of hand-written claims: an ideal one, and one that lies about a known share of them.

`tests/data/proof/claims.jsonl` holds true claims about entries, each with an altered version. The
script reads its evidence out of the prompt like a model would, and answers with claims about the
entries that it was given.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llm_server import Reply
from paperrag.assistant import Assistant
from paperrag.llm.evidence import gather_evidence
from paperrag.llm.prompts import harmless
from paperrag.records import Entry, Explanation, Hit

CLAIMS = Path(__file__).parent / "data" / "proof" / "claims.jsonl"
LIES = ("number", "method", "paper", "id")
_ENTRY = re.compile(r"^\[(\d+)\] <entry [^\n]*>\n(.*?)\n</entry>", re.DOTALL | re.MULTILINE)
_REQUIRED = re.compile(r"(?:entries|条目) ((?:\[\d+\], )*\[\d+\])")
_HEAD_CHARS = 60


def read_claims(corpus: str | None = None) -> list[dict[str, Any]]:
    """The claims, of one corpus or all."""
    claims = [json.loads(line) for line in CLAIMS.read_text(encoding="utf-8").splitlines()]
    return [claim for claim in claims if corpus is None or claim["corpus"] == corpus]


def entry_at(assistant: Assistant, source: str, line: int) -> Entry:
    """The innermost entry that holds a line."""
    entries = assistant.data().entries
    holding = [
        entry
        for entry in map(entries.get, range(len(entries)))
        if entry.line_start <= line <= entry.line_end
    ]
    return max(
        (entry for entry in holding if entry.source.endswith(source)),
        key=lambda entry: entry.line_start,
    )


def as_hit(entry: Entry) -> Hit:
    """An entry as a hit, whatever found it."""
    return Hit(entry, 1.0, 1, (0, len(entry.text)), Explanation())


@dataclass
class ScriptedModel:
    """Answers the questions whose claims it has; `lie` makes a lie of a share of them. `said`
    records what was told.
    """

    assistant: Assistant
    claims: list[dict[str, Any]]
    lying_share: float = 0.0
    seed: int = 0
    said: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lies = 0
        self.questions: dict[str, list[dict[str, Any]]] = {}

    def teach(self, question: str, claims: list[dict[str, Any]]) -> None:
        self.questions[question] = claims

    def __call__(self, messages: list[dict[str, str]]) -> Reply:
        prompt = messages[-1]["content"]
        shown = {text[:_HEAD_CHARS]: int(number) for number, text in _ENTRY.findall(prompt)}
        question = next(
            text for text in sorted(self.questions, key=len, reverse=True) if text in prompt
        )
        lines, cited = [], set()
        for claim in self.questions[question]:
            if numbers := self._numbers(claim, shown):
                cited.update(numbers)
                lines.append("- " + self._told(claim, numbers, list(shown.values())))
        required = re.findall(r"\d+", match.group(1)) if (match := _REQUIRED.search(prompt)) else []
        lines += [f"[{number}] -" for number in required if int(number) not in cited]
        return Reply("\n".join(lines))

    def _numbers(self, claim: dict[str, Any], shown: dict[str, int]) -> list[int]:
        """The numbers of the claim's entry in the prompt, or of the entries below it that share
        most with the claim.
        """
        entry = entry_at(self.assistant, claim["source"], claim["line"])
        if (number := shown.get(self._head(entry))) is not None:
            return [number]
        below = [one for one in self._below(entry) if self._head(one) in shown]
        below.sort(key=lambda one: -len(_pairs(one.text) & _pairs(claim["claim"])))
        return [shown[self._head(one)] for one in below[:3]]

    def _below(self, entry: Entry) -> list[Entry]:
        children = [
            child for child_id in entry.child_ids if (child := self.assistant.entry(child_id))
        ]
        return [one for child in children for one in (child, *self._below(child))]

    def _head(self, entry: Entry) -> str:
        (evidence,) = gather_evidence([as_hit(entry)], [], self.assistant.data().entries, 100_000)
        return harmless(evidence.text)[:_HEAD_CHARS]

    def _told(self, claim: dict[str, Any], own: list[int], numbers: list[int]) -> str:
        if self._random.random() >= self.lying_share:
            self.said.append((claim["claim"], "true"))
            return claim["claim"] + " " + "".join(f"[{number}]" for number in own)
        kind = LIES[self._lies % len(LIES)]
        self._lies += 1
        text, cites = _LIES[kind](claim["claim"], own[0], numbers, self._random)
        self.said.append((text, kind))
        return f"{text} [{cites}]"


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2].lower() for at in range(len(text) - 1)}


Lie = Callable[[str, int, list[int], random.Random], tuple[str, int]]
_NUMBER = re.compile(r"(?<![A-Za-z\d.])\d+(?:\.\d+)?(?![\dA-Za-z])")
_NAME = re.compile(r"[A-Za-z]+[A-Z][\w+-]*|[A-Z][A-Za-z]*\d[\w+-]*")
_OTHER_NAMES = ("TurboMerge", "FlashPrune", "DeltaKV", "OmniRank")


def _wrong_number(
    claim: str, number: int, numbers: list[int], chance: random.Random
) -> tuple[str, int]:
    if found := list(_NUMBER.finditer(claim)):
        one = chance.choice(found)
        return f"{claim[: one.start()]}{float(one.group()) * 3 + 4:g}{claim[one.end() :]}", number
    end = claim[-1]
    added = "，快了 37%" if end == "。" else ", by 37%"
    return claim.rstrip("。.") + added + end, number


def _wrong_method(
    claim: str, number: int, numbers: list[int], chance: random.Random
) -> tuple[str, int]:
    name = _NAME.search(claim)
    other = chance.choice(_OTHER_NAMES)
    if name:
        return claim[: name.start()] + other + claim[name.end() :], number
    is_chinese = claim.endswith("。")
    return (
        f"{other} 认为{claim}"
        if is_chinese
        else f"According to {other}, {claim[0].lower()}{claim[1:]}"
    ), number


def _swapped_paper(
    claim: str, number: int, numbers: list[int], chance: random.Random
) -> tuple[str, int]:
    return claim, chance.choice([other for other in numbers if other != number])


def _invented_id(
    claim: str, number: int, numbers: list[int], chance: random.Random
) -> tuple[str, int]:
    return claim, len(numbers) + 40


_LIES: dict[str, Lie] = {
    "number": _wrong_number,
    "method": _wrong_method,
    "paper": _swapped_paper,
    "id": _invented_id,
}

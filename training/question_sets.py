"""Labelled questions from templates, word lists and free ones: training/questions -> `Labelled`.

A template or a free question is whole in one half: what is measured on the held-out half was never
seen in any filling.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from opencc import OpenCC

FOLDER = Path(__file__).parent / "questions"
FILLINGS = 20
HELD_OUT_OF = 4
"""Every fourth template and free question, by its checksum."""

SUBJECTS = ("topic_", "do_", "doing_", "plural_", "name", "data", "venue", "year", "author_")
"""Lists whose words are subjects; words of the other lists shape questions."""

_SLOT = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_FRAMES = (
    (
        "please {}",
        "can you tell me: {}",
        "hi, {}",
        "quick question: {}",
        "I wonder, {}",
        "{} thanks",
        "{} please",
    ),
    ("请问{}", "请问一下，{}", "帮我看看，{}", "想知道{}", "{}，谢谢", "麻烦问下{}", "你好，{}"),
)
_SLIPS = {"哪些": "那些", "的": "得", "么": "嘛", "做": "作", "篇": "偏"}
HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with what it wants; source: the template or free question that it comes from."""

    text: str
    want: str
    answer_type: str
    about: str
    back: str
    source: str
    is_free: bool

    @property
    def is_held_out(self) -> bool:
        """Whether the question is measured on, not learned from."""
        return zlib.crc32(self.source.encode()) % HELD_OUT_OF == 0


@lru_cache(maxsize=1)
def words() -> dict[str, list[str]]:
    """Return the word lists by name."""
    lists: dict[str, list[str]] = json.loads((FOLDER / "words.json").read_text(encoding="utf-8"))
    return lists


def rows(name: str) -> Iterator[tuple[list[str], str]]:
    """Yield labels and text of each line of a file."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            labels, text = line.split("\t")
            yield labels.split(), text


def labelled(seed: int = 0, fillings: int = FILLINGS) -> list[Labelled]:
    """Return all labelled questions, so many of each template; the same for the same seed."""
    draw = random.Random(seed)
    found: dict[tuple[str, str], Labelled] = {}
    for labels, template in rows("templates.tsv"):
        for _ in range(fillings):
            text = _roughened(_filled(template, draw), draw)
            found[template, text] = Labelled(text, *labels, source=template, is_free=False)
    for labels, text in rows("free.tsv"):
        found[text, text] = Labelled(text, *labels, source=text, is_free=True)
    return list(found.values())


def _filled(template: str, draw: random.Random) -> str:
    while _CHOICE.search(template):
        template = _CHOICE.sub(lambda match: draw.choice(match[1].split("|")), template)
    drawn: set[str] = set()
    text = _SLOT.sub(lambda match: _drawn(match[1], drawn, draw), template)
    if HAN.search(text):
        text = re.sub(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])", "", text)
    return re.sub(r"\s+(?=[?？,，])", "", re.sub(r"\s+", " ", text)).strip()


def _drawn(name: str, drawn: set[str], draw: random.Random) -> str:
    """Return a word of a list not drawn before, so that nothing is compared with itself."""
    word = draw.choice([word for word in words()[name] if word not in drawn])
    drawn.add(word)
    return word


def _roughened(text: str, draw: random.Random) -> str:
    """Return a question as somebody may type it: in a polite frame, with a slip, in other
    characters.
    """
    is_chinese = bool(HAN.search(text))
    if draw.random() < 0.12 and len(text) > 3:
        text = draw.choice(_FRAMES[is_chinese]).format(text)
    if draw.random() < 0.08:
        text = _slipped(text, draw)
    if draw.random() < 0.3:
        text = (
            text.rstrip("?？")
            if text[-1] in "?？"
            else text + ("？" if is_chinese else "?") * (draw.random() < 0.2)
        )
    if is_chinese:
        return _traditional().convert(text) if draw.random() < 0.1 else text
    return text[0].upper() + text[1:] if draw.random() < 0.5 else text


@lru_cache(maxsize=1)
def _traditional() -> OpenCC:
    return OpenCC("s2t")


def _slipped(text: str, draw: random.Random) -> str:
    if HAN.search(text):
        said = [right for right in _SLIPS if right in text]
        return text.replace(right := draw.choice(said), _SLIPS[right], 1) if said else text
    places = [match.start() for match in re.finditer(r"(?<=\w\w)\w\w(?=\w)", text)]
    if not places:
        return text
    at = draw.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def shaping_words() -> set[str]:
    """Return the words, Chinese characters and pairs of them that templates are made of, and no
    subject is.
    """
    literal = [re.sub(r"\{\w+\}", "\n", text) for _, text in rows("templates.tsv")]
    listed = [
        word for name, some in words().items() if not name.startswith(SUBJECTS) for word in some
    ]
    frames = [frame.replace("{}", "\n") for some in _FRAMES for frame in some]
    found: set[str] = set()
    for text in (re.sub(r"[\[\]|]", "\n", text) for text in (*literal, *listed, *frames)):
        found.update(word.lower() for word in re.findall(r"[A-Za-z]+(?:'[a-z]+)?", text))
        for run in re.findall(r"[\u4e00-\u9fff]+", text):
            found.update(
                {run} if len(run) == 1 else (run[at : at + 2] for at in range(len(run) - 1))
            )
    return found

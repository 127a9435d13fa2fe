"""Questions labelled by facet -> src/paperrag/question/facets.npz, and a confusion matrix of the
questions of a writer that was held out.

    PYTHONPATH=src:. python -m training.train_facets [--held-out b]

A convolution over the states of the bundled encoder, and heads that attend to its words. Subjects
and values are exchanged between questions, so that the network learns what stands around them.
Without a writer held out the weights are written.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from paperrag.question.facets import (
    BOUNDS,
    FACETS,
    FACETS_FILE,
    MARKS,
    AskedFacet,
    FacetReader,
)
from paperrag.question.word_net import GELU
from paperrag.records import Span
from paperrag.text.folding import fold
from paperrag.text.language import has_han
from paperrag.wiring.encoders import proof_encoder
from training.question_sets import FOLDER, labelled

HIDDEN, WORDS, DROPPED = 64, 3, 0.3
EXCHANGED = 4
"""Copies of a question with another subject, and with another name in it."""

EPOCHS, BATCH, RATE, DECAY = 15, 32, 2e-3, 1e-2
NONE_WEIGHT, OWN_WEIGHT = 0.3, 2.0
"""Of a question of the other sets, which asks by no facet, and of one of `facets.tsv` itself."""

JOINED = 2
"""Copies of a question without a subject, with one."""

BESIDE = (
    ("in {}, *", "among the {} papers, *", "{}: *", "* on {}", "* about {}", "for {}, *"),
    ("{}方向*", "{}方面*", "{}这块*", "{}那些论文里，*", "{}里面*", "*，{}的"),
)
"""How a subject stands beside a question, in either language."""

BOUNDED = 12
"""Copies of a question with another figure and bound."""

FIGURES = {
    "rating": "1 2 3 4 5 two three four five 7 8 9 两分 三分 四分 五分 两颗星 三星 四星 3/5 4/5".split(),
    "year": [
        *"1987 1995 2003 2010 2012 2016 2018 2019 2020 2021 2022 2023 2024".split(),
        *"the nineties|the eighties|the 1990s|the 2010s|九十年代|八十年代|2010年代".split("|"),
    ],
}

NAMED = ("venue", "recommended", "by", "tag")
"""Facets whose values are names, which may be exchanged."""

FACETED = (
    "{venue}",
    "{author_",
    "[tagged",
    "代码的",
    "今年",
    "近三年",
    "近十年",
    "with code",
    "decade",
)
"""What templates and questions of the other sets hold that do ask by a facet."""

IGNORED = -100


@dataclass(frozen=True)
class Asked:
    """A question with its facet; value, content: words of it, "" for none."""

    text: str
    facet: str = "none"
    is_denied: bool = False
    bound: str = "exact"
    value: str = ""
    content: str = ""
    writer: str = ""
    weight: float = 1.0


def own_questions() -> Iterator[Asked]:
    """Yield the questions that are labelled by facet."""
    for line in (FOLDER / "facets.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            labels, text, value, content = line.split("\t")
            writer, facet, said, bound = labels.split()
            is_denied = said == "denied"
            yield Asked(text, facet, is_denied, bound, value, content, writer, OWN_WEIGHT)


def others(seed: int = 0) -> Iterator[Asked]:
    """Yield questions of the other sets, which ask by no facet: two of each template."""
    taken: Counter[str] = Counter()
    questions = labelled(seed)
    random.Random(seed).shuffle(questions)
    for one in questions:
        taken[one.source] += 1
        if taken[one.source] <= 2 and not any(part in one.source for part in FACETED):
            yield Asked(one.text, weight=NONE_WEIGHT)


def exchanged(questions: Sequence[Asked], draw: random.Random) -> Iterator[Asked]:
    """Yield questions with the subjects and the names of others of their script."""
    asked = [one for one in questions if one.facet != "none"]
    for one in asked:
        for _ in range(EXCHANGED if one.content else 0):
            like = [o.content for o in asked if o.content and has_han(o.text) == has_han(one.text)]
            other = draw.choice(like)
            yield replace(one, text=one.text.replace(one.content, other), content=other, weight=1.0)
        for _ in range(EXCHANGED if one.value and one.facet in NAMED else 0):
            named = (o.value for o in asked if o.facet == one.facet and o.value)
            other = draw.choice([name for name in named if has_han(name) == has_han(one.value)])
            yield replace(one, text=one.text.replace(one.value, other), value=other, weight=1.0)


def joined(questions: Sequence[Asked], draw: random.Random) -> Iterator[Asked]:
    """Yield questions without a subject, with one of those of others."""
    asked = [one for one in questions if one.facet != "none"]
    for one in asked:
        like = [o.content for o in asked if o.content and has_han(o.content) == has_han(one.text)]
        for frame in draw.sample(BESIDE[has_han(one.text)], 0 if one.content else JOINED):
            content = draw.choice(like)
            text = frame.format(content).replace("*", one.text.rstrip("?？.。"))
            yield replace(one, text=text, content=content, weight=1.0)


def bounded(questions: Sequence[Asked], draw: random.Random) -> Iterator[Asked]:
    """Yield questions by rating or year with other figures and bounds."""
    lines = (FOLDER / "bounds.tsv").read_text(encoding="utf-8").splitlines()
    bounds = [line.split("\t") for line in lines if not line.startswith("#")]
    for one in questions:
        if one.facet not in FIGURES or not one.value:
            continue
        like = [(bound, words) for bound, words in bounds if has_han(words) == has_han(one.text)]
        if one.facet == "year":
            like = [pair for pair in like if "{n}" in pair[1]]
        for bound, words in draw.sample(like, BOUNDED):
            value = words.replace("{n}", draw.choice(FIGURES[one.facet]))
            text = one.text.replace(one.value, value)
            yield replace(one, text=text, value=value, bound=bound, weight=0.5)


@cache
def read(text: str) -> tuple[str, list[Span], torch.Tensor]:
    """Return a text folded, where its tokens stand, and their states."""
    folded, encoder = fold(text), proof_encoder()
    ids, spans = encoder.token_spans(folded)
    states = np.asarray(encoder.token_states(ids), dtype=np.float32)[1:-1]
    return folded, spans, torch.tensor(states)


def marks_of(question: Asked) -> list[int]:
    """Return the mark of each token; what is asked by no facet is not marked."""
    folded, spans, _ = read(question.text)
    if question.facet == "none":
        return [IGNORED] * len(spans)
    marks = [0] * len(spans)
    for mark, words in enumerate(("", question.content, question.value)):
        start = folded.find(fold(words)) if words else -1
        end = start + len(fold(words))
        for at, (first, last) in enumerate(spans):
            if start >= 0 and first >= start and last <= end:
                marks[at] = mark
    return marks


class Net(nn.Module):
    """What `FacetReader` runs."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.drop = nn.Dropout(DROPPED)
        self.conv = nn.Conv1d(width, HIDDEN, WORDS, padding=WORDS // 2)
        self.facet, self.facet_tells = (
            nn.Linear(HIDDEN, len(FACETS)),
            nn.Linear(HIDDEN, len(FACETS)),
        )
        self.denied, self.denied_tells = nn.Linear(HIDDEN, 2), nn.Linear(HIDDEN, 1)
        self.bound, self.bound_tells = nn.Linear(HIDDEN, len(BOUNDS)), nn.Linear(HIDDEN, 1)
        self.mark = nn.Linear(HIDDEN, len(MARKS))

    def forward(self, states: torch.Tensor, is_word: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the scores of facets, of denial, of bounds, and of the marks of each token."""
        seen = self.conv(self.drop(states).transpose(1, 2)).transpose(1, 2)
        hidden = self.drop(seen * torch.sigmoid(GELU * seen))

        def attended(says: nn.Linear, tells: nn.Linear) -> torch.Tensor:
            attention = tells(hidden).masked_fill(~is_word[..., None], -1e9).softmax(1)
            return (attention * says(hidden)).sum(1)

        heads = ((self.facet, self.facet_tells), (self.denied, self.denied_tells))
        bound = attended(self.bound, self.bound_tells)
        return *(attended(*head) for head in heads), bound, self.mark(hidden)

    def save(self, path: Path) -> None:
        """Write the weights as `FacetReader` reads them."""
        arrays = {"conv": self.conv.weight.permute(2, 1, 0), "conv_bias": self.conv.bias}
        heads = ("facet", "denied", "bound")
        for name in (*heads, *(f"{head}_tells" for head in heads), "mark"):
            layer = getattr(self, name)
            arrays |= {name: layer.weight.T, f"{name}_bias": layer.bias}
        found = {key: value.detach().numpy().astype(np.float16) for key, value in arrays.items()}
        np.savez_compressed(path, **found)


def loss_of(net: Net, batch: Sequence[Asked]) -> torch.Tensor:
    """Return the loss over some questions."""
    states = [read(one.text)[2] for one in batch]
    padded = nn.utils.rnn.pad_sequence(states, batch_first=True)
    is_word = torch.arange(padded.shape[1]) < torch.tensor([len(one) for one in states])[:, None]
    marks = [torch.tensor(marks_of(one)) for one in batch]
    marked = nn.utils.rnn.pad_sequence(marks, batch_first=True, padding_value=IGNORED)
    facet = torch.tensor([FACETS.index(one.facet) for one in batch])  # type: ignore[arg-type]
    weight = torch.tensor([one.weight for one in batch])
    asks = torch.tensor([float(one.facet != "none") for one in batch])
    denied = torch.tensor([int(one.is_denied) for one in batch])
    bounded_by = torch.tensor([BOUNDS.index(one.bound) for one in batch])
    has_bound = torch.tensor([float(one.facet in FIGURES) for one in batch])
    found, denial, bound, mark = net(padded, is_word)
    of_facet = functional.cross_entropy(found, facet, reduction="none", label_smoothing=0.05)
    of_denial = functional.cross_entropy(denial, denied, reduction="none")
    of_bound = functional.cross_entropy(bound, bounded_by, reduction="none")
    told = (marked != IGNORED).any()
    of_marks = functional.cross_entropy(mark.flatten(0, 1), marked.flatten(), ignore_index=IGNORED)
    of_slots = (of_denial * asks).mean() + (of_bound * has_bound).mean() + (of_marks if told else 0)
    return (of_facet * weight).mean() + of_slots / 2


def train(questions: Sequence[Asked], seed: int = 0) -> Net:
    """Return the network fitted to some questions."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    draw = random.Random(seed)
    made = (exchanged, joined, bounded)
    kept = [*questions, *(one for make in made for one in make(questions, draw)), *others()]
    kept = [one for one in kept if read(one.text)[1]]
    net = Net(kept and read(kept[0].text)[2].shape[1])
    steps = EPOCHS * (len(kept) // BATCH + 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        draw.shuffle(kept)
        for start in range(0, len(kept), BATCH):
            optimiser.zero_grad()
            loss_of(net, kept[start : start + BATCH]).backward()
            optimiser.step()
            rates.step()
    return net.eval()


def report(reader: FacetReader, questions: Sequence[Asked]) -> None:
    """Print what was read of questions: a row a true label, a column what was read."""
    found = [reader.read(fold(one.text)) for one in questions]
    pairs = Counter((one.facet, read.facets[0]) for one, read in zip(questions, found, strict=True))
    right = sum(count for (one, other), count in pairs.items() if one == other)
    print(f"facet: {right / len(questions):.3f} of {len(questions)}")
    print("| | " + " | ".join(FACETS) + " |\n|---" + "|---" * len(FACETS) + "|")
    for facet in FACETS:
        print(f"| {facet} | " + " | ".join(str(pairs[facet, other]) for other in FACETS) + " |")
    asking = [pair for pair in zip(questions, found, strict=True) if pair[0].facet != "none"]
    print(f"denied: {np.mean([one.is_denied == got.is_denied for one, got in asking]):.3f}")
    print(
        f"bare or not: {np.mean([bool(one.content) == bool(got.contents) for one, got in asking]):.3f}"
    )
    figures = [(one.bound, got.bound) for one, got in asking if one.facet in FIGURES]
    print(f"bound: {np.mean([one == other for one, other in figures]):.3f} of {len(figures)}")
    valued = [pair for pair in asking if pair[0].value]
    print(f"value: {np.mean([_has_value(*pair) for pair in valued]):.3f} of {len(valued)}")


def _has_value(question: Asked, found: AskedFacet) -> bool:
    """Whether the words of the value were found, but for a word at its ends."""
    text, value = fold(question.text), fold(question.value)
    said = [text[start:end] for start, end in found.values]
    return any(value in one or one in value for one in said)


def main() -> None:
    """Train, and print what the result makes of questions that it has not seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--held-out", default="")
    parser.add_argument("--to", type=Path, default=FACETS_FILE)
    given = parser.parse_args()
    questions = list(own_questions())
    kept = [one for one in questions if one.writer != given.held_out]
    train(kept).save(given.to)
    print(f"{given.to.name}: {given.to.stat().st_size} bytes, {len(kept)} questions")
    if given.held_out:
        report(FacetReader(proof_encoder, given.to), [o for o in questions if o not in kept])


if __name__ == "__main__":
    main()

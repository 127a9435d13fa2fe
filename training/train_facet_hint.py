"""What the network of facets says of many texts -> src/paperrag/question/facet_hint.npz, which says
by the words alone whether it has to be asked, and how often that is so of questions not seen.

    PYTHONPATH=src:. python -m training.train_facet_hint DATA [--held-out b] [--said FILE]

Texts are everyday sentences, titles, terms and headings of the data folder, questions of the other
sets about such terms, and those of `facets.tsv` with other subjects. With a writer held out nothing
is written, and what holds words of that writer is not learned.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from paperrag.question.facet_hint import HINT_FILE, FacetHint
from paperrag.question.facets import FacetReader
from paperrag.question.thresholds import LISTS_BY_FACET
from paperrag.question.word_net import GELU
from paperrag.text.folding import fold
from paperrag.text.language import has_han
from paperrag.wiring.encoders import proof_encoder
from training.question_sets import labelled, words
from training.reading import GLOSSARY, PARALLEL, RETRIEVAL, read_rows
from training.sources import EVERYDAY
from training.train_facets import BESIDE, Asked, own_questions
from training.train_questions import TESTS

HIDDEN, WORDS, DROPPED = 32, 3, 0.1
EPOCHS, BATCH, RATE, DECAY = 4, 64, 3e-3, 1e-2
EVERYDAYS, TITLES, TERMS, HEADINGS = 6000, 3000, 2000, 2000
FILLED = 14
"""Questions of each template of the other sets."""

EXCHANGED = 6
"""Copies of a question by a facet with another subject, or with one."""

ASKING, OWN_WEIGHT = 3.0, 4.0
"""How much more a text that asks by a facet weighs than one that does not, and one of `facets.tsv`
than another: what is missed is lost, what is taken in vain costs milliseconds."""

OVERLAP = (16, 9)
"""Characters, of English and Chinese, by which a text is made of a question that is held out."""


@dataclass(frozen=True)
class Said:
    """A text, and how much speaks for a facet in it."""

    text: str
    asks: float
    weight: float = 1.0


def texts(data: Path) -> list[str]:
    """Return the texts that the network of facets is asked about."""
    draw = random.Random(5)
    rows = list(read_rows(data, PARALLEL))
    titles = [row for row in rows if "#title" in row[2]]
    terms = list(read_rows(data, GLOSSARY))
    headings = [row[0] for row in read_rows(data, RETRIEVAL) if "#heading" in row[3]]

    def some(pairs: Sequence[Sequence[str]], count: int) -> list[str]:
        return [pair[draw.randrange(2)] for pair in draw.sample(pairs, count)]

    found = some([row for row in rows if EVERYDAY in row[2]], EVERYDAYS)
    found += some(titles, TITLES) + some(terms, TERMS)
    found += draw.sample(headings, min(HEADINGS, len(headings)))
    subjects = tuple(
        [row[side] for row in (*draw.sample(terms, 3000), *draw.sample(titles, 1500))]
        for side in (0, 1)
    )
    for name, listed in words().items():
        if name.startswith(("topic_", "plural_")):
            listed.extend(subjects[name.endswith("zh")])
    found += [one.text for one in labelled(7, FILLED)]
    found += about_others(subjects, draw)
    return [text for text in dict.fromkeys(found) if 0 < len(text) < 200]


def about_others(subjects: Sequence[Sequence[str]], draw: random.Random) -> Iterator[str]:
    """Yield questions by facets with other subjects, or with one."""
    for one in own_questions():
        is_chinese = has_han(one.text)
        for _ in range(EXCHANGED if one.facet != "none" else 0):
            other = draw.choice(subjects[is_chinese])
            if one.content:
                yield one.text.replace(one.content, other)
            else:
                frame = draw.choice(BESIDE[is_chinese]).format(other)
                yield frame.replace("*", one.text.rstrip("?？.。"))


def told(reader: FacetReader, text: str) -> float:
    """Return how much the network of facets says that a text asks by one."""
    found = reader.read(fold(text))
    return 1 - found.sureness if found.facets == ("none",) else found.sureness


@cache
def read(text: str) -> torch.Tensor:
    """Return the vectors of a text's words."""
    encoder = proof_encoder()
    (ids,) = encoder.token_ids([fold(text)])
    return torch.tensor(np.asarray(encoder.token_vectors(ids), dtype=np.float32))


class Net(nn.Module):
    """What `FacetHint` runs."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.drop = nn.Dropout(DROPPED)
        self.conv = nn.Conv1d(width, HIDDEN, WORDS, padding=WORDS // 2)
        self.asks, self.asks_tells = nn.Linear(HIDDEN, 1), nn.Linear(HIDDEN, 1)

    def forward(self, vectors: torch.Tensor, is_word: torch.Tensor) -> torch.Tensor:
        """Return how much speaks for a facet in each text."""
        seen = self.conv(self.drop(vectors).transpose(1, 2)).transpose(1, 2)
        hidden = self.drop(seen * torch.sigmoid(GELU * seen))
        attention = self.asks_tells(hidden).masked_fill(~is_word[..., None], -1e9).softmax(1)
        scores: torch.Tensor = (attention * self.asks(hidden)).sum(1)[:, 0]
        return scores

    def save(self, path: Path) -> None:
        """Write the weights as `WordNet` reads them."""
        arrays = {"conv": self.conv.weight.permute(2, 1, 0), "conv_bias": self.conv.bias}
        for name in ("asks", "asks_tells"):
            layer = getattr(self, name)
            arrays |= {name: layer.weight.T, f"{name}_bias": layer.bias}
        found = {key: value.detach().numpy().astype(np.float16) for key, value in arrays.items()}
        np.savez_compressed(path, **found)


def loss_of(net: Net, batch: Sequence[Said]) -> torch.Tensor:
    """Return the loss over some texts."""
    vectors = [read(one.text) for one in batch]
    padded = nn.utils.rnn.pad_sequence(vectors, batch_first=True)
    is_word = torch.arange(padded.shape[1]) < torch.tensor([len(one) for one in vectors])[:, None]
    asks = torch.tensor([one.asks for one in batch])
    weight = torch.tensor([one.weight for one in batch]) * (1 + ASKING * asks)
    losses = functional.binary_cross_entropy_with_logits(
        net(padded, is_word), asks, reduction="none"
    )
    return (losses * weight).mean()


def train(said: Sequence[Said], seed: int = 0) -> Net:
    """Return the network fitted to texts."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    draw = random.Random(seed)
    kept = [one for one in said if len(read(one.text))]
    net = Net(read(kept[0].text).shape[1])
    steps = EPOCHS * (len(kept) // BATCH + 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        kept.sort(key=lambda one: len(read(one.text)) + draw.random() * 6)
        batches = [kept[start : start + BATCH] for start in range(0, len(kept), BATCH)]
        draw.shuffle(batches)
        for batch in batches:
            optimiser.zero_grad()
            loss_of(net, batch).backward()
            optimiser.step()
            rates.step()
    return net.eval()


def without_words_of(held_out: Sequence[Asked]) -> Callable[[str], bool]:
    """Return what tells texts that are not made of questions that are held out."""
    parts = set().union(*(_parts(one.text) for one in held_out))
    return lambda text: parts.isdisjoint(_parts(text))


def _parts(text: str) -> set[str]:
    folded, size = fold(text), OVERLAP[has_han(text)]
    return {folded[at : at + size] for at in range(max(1, len(folded) - size + 1))}


def report(hint: FacetHint, held_out: Sequence[Asked]) -> None:
    """Print what share of questions is read for a facet, by the score that is asked for."""
    reader = FacetReader(proof_encoder)
    asking = [fold(one.text) for one in held_out if one.facet != "none"]
    sure = [text for text in asking if told(reader, text) >= LISTS_BY_FACET]
    plain = [fold(one.text) for one in held_out if one.facet == "none"]
    lines = [line for path in TESTS.glob("**/*.jsonl") for line in path.read_text().splitlines()]
    others = [fold(one["question"]) for one in map(json.loads, lines) if one.get("question")]
    scores = [np.array(list(map(hint.score, some))) for some in (sure, asking, plain, others)]
    print(
        "| score | surely by a facet | by a facet | sounds so | questions of the sets |\n"
        + "|---" * 5
        + "|"
    )
    for least in np.arange(-3, 1, 0.25):
        print(
            f"| {least:.2f} | "
            + " | ".join(f"{np.mean(one >= least):.3f}" for one in scores)
            + " |"
        )


def main() -> None:
    """Train, and print what the result makes of questions that it has not seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--held-out", default="")
    parser.add_argument("--said", type=Path, help="keeps what is said of the texts")
    parser.add_argument("--to", type=Path, default=HINT_FILE)
    given = parser.parse_args()
    said = json.loads(given.said.read_text()) if given.said and given.said.exists() else {}
    reader = FacetReader(proof_encoder)
    said = {text: said[text] if text in said else told(reader, text) for text in texts(given.data)}
    if given.said:
        given.said.write_text(json.dumps(said))
    held_out = [one for one in own_questions() if one.writer == given.held_out]
    is_kept = without_words_of(held_out) if held_out else lambda _: True
    own = [one for one in own_questions() if one not in held_out]
    kept = [Said(text, asks) for text, asks in said.items() if is_kept(text)]
    kept += [Said(one.text, float(one.facet != "none"), OWN_WEIGHT) for one in own]
    train(kept).save(given.to)
    print(f"{given.to.name}: {given.to.stat().st_size} bytes, {len(kept)} texts")
    if held_out:
        report(FacetHint(proof_encoder, given.to), held_out)


if __name__ == "__main__":
    main()

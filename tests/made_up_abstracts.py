"""Thousands of made-up abstracts that compete with notes on language models: same subjects,
invented works.
"""

from __future__ import annotations

import random
from pathlib import Path

from paperrag.papers.ids import PaperId
from paperrag.papers.refs import Paper
from paperrag.papers.shelf import Shelf

_SYLLABLES = "ka mer to lin va sor pe dra mu ten gil os ne ra fi zu bel cor ti an".split()
_SUBJECTS = (
    "merging KV cache entries|evicting tokens from the KV cache|quantizing keys and values"
    "|low-rank key-value caches|sharing the KV cache across layers|speculative decoding with draft "
    "models"
    "|tree-based verification of drafts|retrieval-based speculation"
    "|extending context windows by position interpolation|rotary position embeddings"
    "|attention with linear biases|chunked attention over long inputs|sequence parallelism"
    "|ring attention across devices|low-rank adaptation|initialisation of LoRA matrices"
    "|learning rates for adapters|process reward models|outcome supervision for mathematics"
    "|Monte Carlo tree search over reasoning steps|direct preference optimization|self-taught "
    "reasoners"
    "|generative verifiers|test-time compute|selecting instruction data"
    "|continual pre-training of language models|scaling laws for data mixtures"
    "|merging models by averaging weights|image tokenizers|gradients of layers under slow thinking"
    "|protein structure prediction|graph neural networks|speech recognition|robot "
    "grasping|recommendation"
    "|diffusion models for video|federated learning|program synthesis|machine translation"
    "|table question answering"
).split("|")
_CLAIMS = (
    "Existing work on {subject} is either slow or loses accuracy.|We propose {name}, a simple "
    "method for {subject}."
    "|{name} treats {subject} and {other} as one problem.|The key idea is that {subject} can be "
    "estimated from {number} samples."
    "|Our analysis shows that {subject} depends on the width of the model.|In contrast to earlier "
    "methods, no training is needed."
    "|Experiments on {number} benchmarks show gains of {percent}% over strong baselines.|{name} "
    "reduces memory by {percent}%."
    "|We prove a bound on the error of {subject}.|Combined with {other}, it runs {number} times "
    "faster.|Code is available."
    "|Ablations show that {other} matters less than expected.|We release a dataset of {number} "
    "thousand examples for {subject}."
).split("|")


def write_abstracts(corpus: Path, count: int, seed: int = 0) -> None:
    """Write `count` abstracts into a corpus; the same arguments give the same bytes."""
    rng = random.Random(seed)
    shelf = Shelf(corpus)
    for number in range(count):
        shelf.put(_paper(rng, number), ())


def _paper(rng: random.Random, number: int) -> Paper:
    name = "".join(rng.choices(_SYLLABLES, k=3)).capitalize()
    subject, other = rng.sample(_SUBJECTS, 2)
    sentences = rng.sample(_CLAIMS, rng.randint(5, 8))
    values = {"name": name, "subject": subject, "other": other}
    text = " ".join(
        line.format(**values, number=rng.randint(2, 40), percent=rng.randint(2, 60))
        for line in sentences
    )
    title = f"{name}: {rng.choice(('On', 'Towards', 'Fast', 'Rethinking', 'A study of'))} {subject}"
    identifier = PaperId("arxiv", f"{2501 + number % 12:04d}.{10000 + number}")
    return Paper(
        title,
        (f"{name} Author{number}",),
        2025,
        None,
        text,
        (identifier,),
        f"https://arxiv.org/abs/{identifier.value}",
        "arXiv",
    )

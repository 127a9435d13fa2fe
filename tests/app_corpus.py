"""A small bilingual corpus whose index a reader can picture, for tests of what the page needs from
the core.
"""

from __future__ import annotations

from pathlib import Path

from paperrag.assistant import Assistant

PETS = """# Pets

## Cats

- Tabby cats: striped fur and quiet paws
  - Tabby kittens sleep all day
- Siamese cats: talkative, blue eyes
- 暹罗猫 Siamese cats：爱叫，蓝眼睛

## Dogs

- Collie dogs: herd sheep https://arxiv.org/abs/2401.00001
"""


def open_pets(folder: Path, llm: str = "none") -> Assistant:
    """Return an assistant over one note about pets, its index built on the first call."""
    notes = folder / "corpus" / "notes"
    notes.mkdir(parents=True)
    (notes / "pets.md").write_text(PETS, encoding="utf-8")
    return Assistant.open(
        corpus=folder / "corpus",
        index=folder / "index",
        feedback=folder / "votes" / "feedback.jsonl",
        llm=llm,
    )

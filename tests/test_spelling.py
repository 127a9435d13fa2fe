from __future__ import annotations

from pathlib import Path

import pytest

from paperrag.assistant import Assistant
from paperrag.spelling import Speller, name_of, says_name

TITLES = [
    "Quiter-StAR",
    "EAGLE-2: Faster Inference",
    "LoRA-FA",
    "Keyformer：选择",
    "StreamingLLM Efficient Streaming",
    "缓存合并",
]


@pytest.mark.parametrize(
    ("question", "title", "said"),
    [
        ("what does Keyformer look at?", "Keyformer: KV Cache reduction through key tokens selection", True),
        ("H2O 是谁发表的？", "H2O: Heavy-Hitter Oracle", True),
        ("what is kv merger?", "KVMerger：自适应合并", True),
        ("is LoRA+ better?", "LoRA", False),
        ("what is LoRA?", "LoRA+ (ICML 2024)", False),
        ("what merges the cache?", "Cache merging for memory-efficient inference of models", False),
        ("缓存合并是什么？", "缓存合并", False),
        ("what is a?", "A", False),
    ],
)
def test_name_of_an_entry_in_a_question(question: str, title: str, said: bool):
    assert says_name(question, title) == said


@pytest.mark.parametrize(
    ("title", "name"),
    [("H2O: Heavy-Hitter Oracle", "H2O"), ("LoRA (2021)", "LoRA"), ("缓存合并", ""), ("A long title of many words", "")],
)
def test_name_at_the_head_of_a_title(title: str, name: str):
    assert name_of(title) == name


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("Quiet-STaR 怎么训练的？", "Quiter-StAR 怎么训练的？"),
        ("what is Key-fomer?", "what is Keyformer?"),
        ("what is Keyformer?", "what is Keyformer?"),
        ("what is EAGLE-3?", "what is EAGLE-3?"),
        ("what is LoRA-GA?", "what is LoRA-GA?"),
        ("is StreamingLLM fast?", "is StreamingLLM fast?"),
        ("缓存合病是什么？", "缓存合病是什么？"),
        ("", ""),
    ],
)
def test_names_are_read_as_the_notes_spell_them(asked: str, read: str):
    assert Speller(TITLES).as_in_notes(asked) == read


def test_entry_is_found_whose_name_the_notes_misspell(tmp_path: Path):
    notes = tmp_path / "corpus" / "notes"
    notes.mkdir(parents=True)
    text = "# Notes\n\n- Quiter-StAR\n  > rationales after every token\n- V-STaR\n  > trains a verifier\n"
    (notes / "a.md").write_text(text, encoding="utf-8")
    assistant = Assistant.open(tmp_path / "corpus", tmp_path / "index")
    answer, _ = assistant.ask("what does Quiet-STaR do?")
    assert [citation.entry.title for citation in answer.citations] == ["Quiter-StAR"]

from __future__ import annotations

from pathlib import Path

import pytest

from paperrag.assistant import Assistant
from paperrag.question.names import RequiredName, Speller, misspellable, required_names
from paperrag.text.names import (
    holds_name,
    latin_name,
    proper_names,
    says_name,
    squeezed,
    without_name,
)

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
        (
            "what does Keyformer look at?",
            "Keyformer: KV Cache reduction through key tokens selection",
            True,
        ),
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
    ("text", "name", "is_held"),
    [
        ("We add it to various layers.", "TOVA", False),
        ("TOVA，按注意力保留", "TOVA", True),
        ("the big-bird mask", "BigBird", True),
        ("on GPUs with ResNet50", "GPU", True),
        ("on GPUs with ResNet50", "ResNet", True),
        ("only BERTScore is told", "BERT", False),
        ("30Hz 的手部姿态", "Hz", True),
        ("Kuzu stores graphs", "Kùzu", True),
        ("Kùzu 按列存图", "Kùzu", True),
        ("the Kùzume basin", "Kùzu", False),
    ],
)
def test_name_in_a_text_stands_between_words(text: str, name: str, is_held: bool):
    assert holds_name(text, name) == is_held


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Kùzu: Graphs by Columns", "Kùzu"),
        ("H2O: Heavy-Hitter Oracle", "H2O"),
        ("LoRA (2021)", "LoRA"),
        ("缓存合并", ""),
        ("A long title of many words", ""),
        ("One Two Three - and what it does", "One Two Three"),
        ("One Two Three Four: and what it does", ""),
    ],
)
def test_name_at_the_head_of_a_title(title: str, name: str):
    assert latin_name(title) == name


@pytest.mark.parametrize(
    ("said", "spelt"),
    [
        ("Quiet-STaR", "Quiter-StAR"),
        ("Key-fomer", "Keyformer"),
        ("Keyformer", "Keyformer"),
        ("EAGLE-34x", "EAGLE-34x"),
        ("LoRA-GA", "LoRA-GA"),
        ("Something", "Something"),
    ],
)
def test_names_are_spelt_as_in_titles(said: str, spelt: str):
    assert Speller(TITLES).spelt(said) == spelt


def test_titles_are_read_as_they_are_written():
    assert (
        Speller(["Ｑｕｉｅｔ－ＳＴａＲ：想法", "想法 Quiet-STAR"]).spelt("Quiter-StAR")
        == "Quiet-STaR"
    )


def test_names_that_begin_otherwise_are_not_compared():
    assert Speller(["uMixtral: fewer experts", "Mixtrals: more"]).spelt("Mixtral") == "Mixtrals"


def test_words_of_a_question_that_look_like_names():
    assert misspellable(
        "what does Quiet-STaR do, unlike StreamingLLM or the attention of LoRA?"
    ) == [
        "Quiet-STaR",
        "StreamingLLM",
    ]


def test_name_that_the_notes_hold_is_left_alone(tmp_path: Path):
    retriever = _over(tmp_path, "- Keyformer\n- Another work, unlike Keyfomers\n").retriever()
    assert retriever.read("what are Keyfomers?").asked == "what are Keyfomers?"
    assert retriever.read("what is a Keyforner?").asked == "what is a Keyformer?"


def _over(folder: Path, text: str) -> Assistant:
    notes = folder / "corpus" / "notes"
    notes.mkdir(parents=True)
    (notes / "a.md").write_text("# Notes\n\n" + text, encoding="utf-8")
    return Assistant.open(folder / "corpus", folder / "index")


@pytest.mark.slow
def test_entry_is_found_whose_name_the_notes_misspell(tmp_path: Path):
    assistant = _over(
        tmp_path,
        "- Quiter-StAR\n  > rationales after every token\n- V-STaR\n  > trains a verifier\n",
    )
    answer, _ = assistant.ask("what does Quiet-STaR do?")
    assert [citation.entry.title for citation in answer.citations] == ["Quiter-StAR"]


@pytest.mark.slow
def test_titles_are_read_without_their_entries(tmp_path: Path):
    entries = _over(tmp_path, '- A \\ b: "title": "not this"\n- 名字\n').retriever().data.entries
    assert entries.titles() == [entries.get(row).title for row in range(len(entries))]


def test_accented_letters_are_letters_of_a_name():
    assert proper_names("Pangolin 用了什么损失？Heron 呢") == ["Pangolin", "Heron"]
    assert proper_names("Heron uses what loss?") == []
    assert proper_names("how does Poincaré-GNN meet KùzuDB?") == ["Poincaré-GNN", "KùzuDB"]
    assert squeezed("Kùzu-DB") == "kuzudb"


def test_what_begins_with_what_many_things_are_is_no_name():
    assert proper_names("do GPU-hungry or LLM-driven villages use LLM-Blender and SWE-agent?") == [
        "LLM-Blender",
        "SWE-agent",
    ]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Natural Questions used as dataset: which papers", ["Natural Questions"]),
        ("在 Atari 游戏上做过实验的论文有哪些?", ["Atari"]),
        ("results on SQuAD or HotpotQA", ["SQuAD", "HotpotQA"]),
        ("retrieval-augmented generation (RAG, FiD and others)", []),
        ("用 GAN 的论文", []),
        ("Which Chatbot Arena results are there?", ["Chatbot Arena"]),
    ],
)
def test_names_that_are_a_condition(question: str, names: list[str]):
    assert [one.name for one in required_names(question)] == names


@pytest.mark.parametrize(
    ("question", "name", "short"),
    [
        ("papers using Monte Carlo tree search", "Monte Carlo", ("MCT", "MCTS")),
        ("用 Slow Dune Walk 训练的", "Slow Dune Walk", ("SDW",)),
        ("papers on Natural Questions", "Natural Questions", ()),
        ("which use MovieLens?", "MovieLens", ()),
    ],
)
def test_what_a_name_may_be_short_for(question: str, name: str, short: tuple[str, ...]):
    assert required_names(question) == (RequiredName(name, short),)


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("what does KV-Merger's kernel do?", "KV Merger", "what does kernel do?"),
        ("Quiet STaR 用了什么损失", "Quiet-STaR", "用了什么损失"),
    ],
)
def test_text_without_a_name(text: str, name: str, rest: str):
    assert without_name(text, name) == rest

from __future__ import annotations

from pathlib import Path

import pytest

from paperrag.errors import EncoderError
from paperrag.question.classifier import WEIGHTS, Classifier, classifier
from paperrag.question.features import features, key_of, tokens
from paperrag.question.read import is_for_works
from paperrag.text.folding import fold
from training.question_sets import labelled


@pytest.mark.parametrize(
    ("text", "shaped"),
    [
        ("which papers track bees?", ["which", "papers", "U", "Us", "?"]),
        ("how does ReefMap-2 help IT staff", ["how", "does", "N", "U", "N", "U"]),
        ("哪些论文讲章鱼", ["哪", "些", "论", "文", "H"]),
        ("GaitFormer 的论文", ["N", "H", "论", "文"]),
    ],
)
def test_words_of_the_subject_are_seen_by_their_shape(text: str, shaped: list[str]):
    known = {"which", "papers", "how", "does", "it", "哪些", "论文"}
    assert tokens(text, known.__contains__) == shaped


def test_features_hold_runs_gaps_and_the_head():
    found = set(features(["sensors", "that", "U"]))
    assert {"^ sensors that", "^ _ that", "head sensors", "begins sensors ends U"} <= found
    assert {"length 1", "subjects 1"} <= found


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("who proposed TideNet?", "name"),
        ("TideNet 的准确率是多少？", "number"),
        ("how many layers does TideNet use?", "number"),
        ("when was TideNet published?", "date"),
        ("为什么潮汐预报会失败？", "reason"),
        ("why does TideNet fail in winter?", "reason"),
        ("怎么校准潮位计？", "procedure"),
        ("how do I calibrate a tide gauge?", "procedure"),
        ("TideNet 是什么？", "other"),
    ],
)
def test_type_of_answer_is_read(question: str, kind: str):
    assert classifier().read(fold(question)).answer_type == kind


@pytest.mark.parametrize(
    "question",
    [
        "how many papers did I read on tides?",
        "how many of my notes are about tides?",
        "有多少篇讲潮汐的论文？",
    ],
)
def test_question_for_the_number_of_entries_counts(question: str):
    assert classifier().read(fold(question)).counts


@pytest.mark.parametrize(
    "question", ["how many layers does TideNet use?", "which papers model tides?"]
)
def test_other_questions_do_not_count(question: str):
    assert not classifier().read(fold(question)).counts


@pytest.mark.parametrize(
    "question",
    [
        "成功率是多少？",
        "用的什么数据集",
        "用的什麼數據集",
        "what dataset was used?",
    ],
)
def test_question_for_a_property_of_nothing_named_points_back(question: str):
    assert classifier().read(fold(question)).points_back


@pytest.mark.parametrize(
    "question",
    ["what is the success rate of TideNet?", "潮汐预报用的什么数据集", "tide prediction"],
)
def test_question_that_names_its_subject_stands_alone(question: str):
    assert not classifier().read(fold(question)).points_back


def test_shares_of_a_head_sum_to_one():
    for shares in classifier().read("which papers model tides?").shares.values():
        assert sum(shares.values()) == pytest.approx(1)


def test_weights_are_small():
    assert WEIGHTS.stat().st_size <= 300_000


def test_lost_weights_are_named(tmp_path: Path):
    with pytest.raises(EncoderError, match=r"gone\.npz.*reinstall paperrag"):
        Classifier.load(tmp_path / "gone.npz")


def test_templates_are_whole_in_one_half():
    questions = labelled()
    assert len(questions) >= 3000
    kept = {one.source for one in questions if not one.is_held_out}
    held_out = {one.source for one in questions if one.is_held_out}
    assert kept and held_out and not kept & held_out


def test_key_of_a_feature_never_changes():
    assert key_of("length 1") == 1_153_910_115


@pytest.mark.parametrize(
    "question",
    [
        "which methods merge KV cache?",
        "which methods merge the KV cache?",
        "list papers on retrieval",
        "which notes are about tides?",
        "有哪些合并KV缓存的方法？",
        "列出相关论文",
        "哪几篇讲潮汐？",
    ],
)
def test_methods_papers_and_notes_are_works(question: str):
    assert is_for_works(fold(question), classifier().read(fold(question)))


@pytest.mark.parametrize(
    "question",
    [
        "what reasons speak against merging?",
        "list the steps of preprocessing",
        "合并有哪些坏处？",
        "有哪几个要点",
        "为什么会失败",
    ],
)
def test_reasons_steps_and_points_are_not_works(question: str):
    assert not is_for_works(fold(question), classifier().read(fold(question)))

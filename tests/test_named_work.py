"""Questions about one work by its name: details, dates, numbers; over made-up notes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from fakes import NgramEncoder, make_entry
from paperrag.answer.cells import named_cells
from paperrag.answer.fitting import ECHOES, HAS_NUMBER, answers_nothing, fit, says_by_whom
from paperrag.answer.limits import Limits
from paperrag.answer.quotes import Quotes
from paperrag.answer.wording import list_line
from paperrag.assistant import Assistant
from paperrag.conversation.looking import Looking
from paperrag.conversation.planning import InShort, OfWork, Planner
from paperrag.conversation.standalone import Standalone
from paperrag.encoders.contract import Encoder
from paperrag.notes.tree import parse_note
from paperrag.question.answer_type import wanted_of
from paperrag.records import Answer, Citation, Link
from paperrag.search.named import Inside, NamedWorks
from paperrag.text.acronyms import stands_for
from small_corpus import make_assistant, make_retriever
from test_judging import Preferring

LANTERN = """---
title: "Slow Lantern Parameter Tuning for Drifting Data"
venue: ICML 2020
authors: [Ida Berg, 王灯]
---

## Introduction

- Standard networks forget what they saw when the data drift.
- The paper proposes Slow Lantern Parameter Tuning (SLaPT), which keeps a lantern memory beside the network.

## Architecture

- The memory has a fixed size; when it is full, the oldest examples are dropped.
- SLaPT was trained on 62 thousand examples of 25 tasks.

## Testing

- At test time the output layer is adapted on the nearest examples of the memory.
"""

BUILDS = """---
title: "Searching for Dead Builds at Test Time"
---

## Introduction

- What a build does at test time is measured by the paper; dead builds do nothing at test time.
- Tests of dead builds are found by a query.
"""


@pytest.fixture
def assistant(tmp_path: Path, bundled_encoder: Encoder) -> Assistant:
    notes = {"notes/lantern.md": LANTERN, "notes/builds.md": BUILDS}
    return make_assistant(tmp_path, notes, bundled_encoder)


def ask(assistant: Assistant, question: str) -> Answer:
    return assistant.ask(question)[0]


def test_detail_is_looked_for_in_the_work_that_is_named(assistant: Assistant):
    answer = ask(assistant, "What does SLaPT do at test time?")
    assert [one.quote for one in answer.citations][:1] == [
        "At test time the output layer is adapted on the nearest examples of the memory."
    ]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Where was SLaPT published?", "It is marked ICML 2020. [1]"),
        ("Who wrote SLaPT?", "It is by Ida Berg, 王灯. [1]"),
        ("SLaPT 的作者是谁？", "作者：Ida Berg, 王灯。 [1]"),
    ],
)
def test_where_and_by_whom_is_told_by_the_fields_of_the_work(
    assistant: Assistant, question: str, said: str
):
    answer = ask(assistant, question)
    assert said in answer.text.splitlines()
    assert answer.citations[0].quote_verified


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who wrote the paper on dead builds?", "It is by Kay Lind."),
        ("死构建那篇是哪一年的？", "笔记标注：2021。"),
        ("When were dead builds found in the paper?", ""),
        ("Who found the query for dead builds?", ""),
    ],
)
def test_by_whom_and_when_is_told_of_the_paper_that_a_question_describes(
    tmp_path: Path, bundled_encoder: Encoder, question: str, said: str
):
    dated = BUILDS.replace("---\n\n", "authors: [Kay Lind]\nyear: 2021\n---\n\n", 1)
    zh = dated.replace("## Introduction", "## 死构建")
    assistant = make_assistant(tmp_path, {"notes/builds.md": zh}, bundled_encoder)
    text = ask(assistant, question).text
    assert said in text if said else ("Lind" not in text and "2021" not in text)


def test_cells_of_a_row_are_told_with_the_names_of_their_columns(
    tmp_path: Path, bundled_encoder: Encoder
):
    table = "| Mesh | Fastest | Seconds |\n|---|---|---|\n| bridge | Larch | 3.9 |\n| wing | Fir | 12 |\n"
    notes = {"notes/solvers.md": f"# Solvers of sparse systems\n\n{table}"}
    assistant = make_assistant(tmp_path, notes, bundled_encoder)
    fastest = ask(assistant, "Which solver was fastest on the bridge mesh?")
    assert "bridge · Fastest: Larch [1]" in fastest.text
    assert fastest.citations[0].quote_verified
    row = next(one for one in parse_note(table, "a.md").entries if one.title == "wing")
    assert named_cells(row, row.text, "How was the wing?") == "wing · Fastest: Fir · Seconds: 12"
    turned = table.replace("| Mesh |", "|  |", 1)
    assert named_cells(row, "| wing | Fir |", "in seconds?") == ""  # no cell for a column
    row = next(one for one in parse_note(turned, "a.md").entries if one.title == "wing")
    assert named_cells(row, row.text, "in seconds?") == "wing · Seconds: 12"


@pytest.mark.parametrize(
    ("short", "text", "is_made_of_it"),
    [
        ("MbPA", "Memory-based Parameter Adaptation", True),
        ("SOP", "a sentence order prediction task", True),
        ("MoE", "Mixture of Experts", True),
        ("SOP", "some other things", False),
        ("of", "order first", False),
    ],
)
def test_initials_of_words(short: str, text: str, is_made_of_it: bool):
    assert stands_for(short, text) is is_made_of_it


def test_a_number_fits_where_one_is_counted():
    wanted = wanted_of("用了多少个身份？", "other")
    assert fit("一共 62 万个身份", wanted) == fit("相似度 0.71", wanted) == HAS_NUMBER
    assert fit("没有数字", wanted) == 0.0


def test_a_question_of_the_note_answers_nothing():
    assert fit("why does it work?", wanted_of("how", "other")) < 0


def test_picture_and_bare_link_are_never_quoted(tmp_path: Path, bundled_encoder: Encoder):
    note = """# Lantern Gate: a Switch for Slow Layers

- ![Plot of the drawbacks of Lantern Gate](plot.png)
- [Drawbacks of Lantern Gate](https://example.org/drawbacks)
- It is slow on wide layers, a drawback of the gate.
"""
    assistant = make_assistant(tmp_path, note, bundled_encoder)
    answer = ask(assistant, "What is a drawback of Lantern Gate?")
    assert answer.citations[0].quote == "It is slow on wide layers, a drawback of the gate."


TIDE = """---
title: "TideNet: Depth without Labels"
year: 2023
---

## Limitations

- TideNet fails on water.
- TideNet needs a lidar of its own.

## Method

- a student copies the depth of its teacher
"""


@pytest.mark.parametrize(
    ("question", "head"),
    [
        (
            "What are the limitations of TideNet?",
            "Your notes have 2 entries on this, under TideNet: Depth without Labels:",
        ),
        ("TideNet 有哪些局限？", "你的笔记里有 2 条相关记录（TideNet: Depth without Labels）："),
    ],
)
def test_list_of_what_one_work_says_is_looked_for_in_that_work(
    tmp_path: Path, bundled_encoder: Encoder, question: str, head: str
):
    others = {
        f"notes/{name}.md": TIDE.replace("TideNet: Depth", f"{name}: Pose").replace("TideNet", name)
        for name in ("ReefNet", "SandNet", "LoamNet")
    }
    assistant = make_assistant(tmp_path, {"notes/tide.md": TIDE, **others}, bundled_encoder)
    assert ask(assistant, question).text.split("\n") == [
        head,
        "- TideNet fails on water. [1]",
        "- TideNet needs a lidar of its own. [2]",
    ]


BUILT = """# Lantern stacks

## Who built what

- RidgeNet adds a ridge to every layer. It was proposed by the Alder group in a workshop.
- KelpNet drops every second layer, and is tested on Reef (Moss et al., 2019).
- FernNet (Hale et al., 2021): leaves are learned one after the other
- Kùzu: stores graphs by columns
"""


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Who proposed RidgeNet?", "It was proposed by the Alder group in a workshop."),
        (
            "谁提出了 FernNet？",
            "FernNet (Hale et al., 2021): leaves are learned one after the other",
        ),
    ],
)
def test_who_proposed_something_is_answered_by_what_names_somebody(
    tmp_path: Path, bundled_encoder: Encoder, question: str, quote: str
):
    answer = ask(make_assistant(tmp_path, BUILT, bundled_encoder), question)
    assert quote in answer.citations[0].quote or quote in answer.citations[0].entry.text
    assert not answer.abstained


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Who proposed KelpNet?", "They do not say who it is by."),
        ("KelpNet 的作者是谁？", "其中没有写是谁提出或写的。"),
        ("Who wrote about ReedNet?", "They do not mention ReedNet."),
    ],
)
def test_who_proposed_something_is_refused_where_nobody_is_named(
    tmp_path: Path, bundled_encoder: Encoder, question: str, reason: str
):
    answer = ask(make_assistant(tmp_path, BUILT, bundled_encoder), question)
    assert answer.abstained
    assert reason in answer.text.splitlines()


def test_citation_in_brackets_tells_who_wrote_what_stands_before_it():
    wanted = wanted_of("who proposed KelpNet?", "person")
    assert says_by_whom("KelpNet (Moss et al., 2019) drops layers", wanted)
    assert not says_by_whom("KelpNet is tested on Reef (Moss et al., 2019)", wanted)
    assert says_by_whom("由红树林小组提出", wanted)


def test_sentence_that_says_the_question_again_is_no_answer(
    tmp_path: Path, bundled_encoder: Encoder
):
    note = "# 训练\n\n为什么热身有用（点开）\n\n前几百步的方差估计不准，热身让步子小一些。\n"
    answer = ask(make_assistant(tmp_path, note, bundled_encoder), "为什么热身有用？")
    assert answer.citations[0].quote == "前几百步的方差估计不准，热身让步子小一些。"
    assert fit("Why it works (a note)", wanted_of("why it works?", "reason")) == ECHOES


def test_row_is_told_with_its_short_cells(tmp_path: Path, bundled_encoder: Encoder):
    note = "# 量化\n\n| 方法 | 比特 |\n|---|---|\n| RotPlume | 4 |\n| SmoothPlume | 8 |\n"
    answer = ask(make_assistant(tmp_path, note, bundled_encoder), "RotPlume 用几比特？")
    assert answer.text.splitlines()[1] == "RotPlume · 比特: 4 [1]"


BIRD = """# Grey Heron: Attention for Marshes

- The attention of the heron has two parts: one looks at neighbours, one at landmarks.
- It was trained for a week.
"""


@pytest.mark.parametrize(
    "question", ["Grey Heron 的注意力由哪几部分组成？", "Grey Heron: what are its main techniques"]
)
def test_question_for_what_a_work_holds_is_asked_of_it_alone(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    other = "# Attention Parts of Wide Networks\n\n- Attention has many parts and techniques.\n"
    notes = {"notes/heron.md": BIRD, "notes/wide.md": other}
    answer = ask(make_assistant(tmp_path, notes, bundled_encoder), question)
    assert {one.entry.source for one in answer.citations} == {"notes/heron.md"}


def test_topic_with_a_word_of_a_title_is_not_asked_of_that_work_alone(
    tmp_path: Path, bundled_encoder: Encoder
):
    notes = {
        "notes/a.md": "# Online SLAK for Slow Boats\n\n- SLAK maps the harbour.\n",
        "notes/b.md": "# Boats that Find their Place\n\n- Boats are put on a map, as in SLAK.\n",
    }
    retriever = make_assistant(tmp_path, notes, bundled_encoder).retriever()
    question = retriever.read("mapping, placing and SLAK")
    near = retriever.find(question).scored.rows.tolist()
    assert retriever.named.said(question, near) is None


REEF = """# RidgeNet

A net for seabeds.

## Storage

See also [[kelp-stores]].
Keys stay in the tree of RidgeNet.
"""


def test_pointer_to_another_note_is_not_quoted_where_more_is_said(
    tmp_path: Path, bundled_encoder: Encoder
):
    answer = ask(make_assistant(tmp_path, REEF, bundled_encoder), "kelp stores in RidgeNet")
    assert [citation.quote for citation in answer.citations] == [
        "Keys stay in the tree of RidgeNet."
    ]


def test_work_of_a_name_stands_before_works_that_have_a_line_on_it(
    tmp_path: Path, bundled_encoder: Encoder
):
    notes = {
        "notes/tide.md": "# Tides without Labels (TideNet)\n\nVenue: ICML 2020\n\n- it needs a lidar\n",
        "notes/gate.md": "# Gates for Boats\n\nVenue: ICML 2021\n\n- TideNet: half as fast\n",
    }
    retriever = make_retriever(tmp_path, notes, bundled_encoder)
    titles = [retriever.data.entries.title(unit) for unit in retriever.named.units("TideNet")]
    assert titles == ["Tides without Labels (TideNet)"]


MENTIONS = {
    "notes/sand.md": "# SandFold\n\n[SandFold](https://arxiv.org/abs/2401.00001)\n\n## Summary\n\n"
    "SandFold pours proteins into a mould.\n\n## Ablation\n\n- MudFold tears long loops.\n"
    "- ClayNet dries the mould.\n- Without ClayNet it cracks.\n",
    "notes/tide.md": "# TideFold\n\n[TideFold](https://arxiv.org/abs/2401.00002)\n\nTides fold proteins.\n",
}


@pytest.mark.parametrize(("name", "sources"), [("MudFold", []), ("ClayNet", ["notes/sand.md"])])
def test_name_that_a_long_note_says_once_is_a_mention(
    tmp_path: Path, name: str, sources: list[str]
):
    retriever = make_retriever(tmp_path, MENTIONS, NgramEncoder())
    found = [retriever.data.entries.source(unit) for unit in retriever.named.units(name)]
    assert found == sources


@pytest.mark.parametrize(
    "question", ["What do my notes say about QLoRA?", "我的笔记里怎么说 QLoRA？", "QLoRA 是什么"]
)
def test_what_notes_say_of_a_work_is_never_refused(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    notes = "# LoRA\n\n- 效果\n  - QLoRA: 4-bit NormalFloat\n  - MoRA: one square matrix\n"
    answer, _ = make_assistant(tmp_path, notes, bundled_encoder).ask(question)
    assert [citation.entry.line_start for citation in answer.citations] == [4]
    assert answer.confidence == 1.0


def test_question_that_says_a_name_and_no_more_is_asked_of_all_notes(tmp_path: Path):
    retriever = make_retriever(tmp_path, MENTIONS, NgramEncoder())

    def inside_of(text: str) -> Inside | None:
        question = retriever.read(text)
        return retriever.named.inside(question, retriever.named.said(question, ()))

    assert inside_of("TideFold?") is None
    inside = inside_of("what does TideFold fold?")
    assert inside is not None and inside.name == "TideFold"


RIVALS = {
    "notes/tide.md": "# TideFold\n\nVenue: ICML 2020\n\nTides fold proteins.\n\n- pumps hold the tide back\n",
    "notes/weir.md": "# WeirFold\n\nVenue: ICML 2021\n\nFolds proteins without a switch.\n\n"
    "- no protein is lost as the weir cuts them\n",
}


@pytest.mark.parametrize("says", ["", "- TideFold needs pumps\n"])
def test_a_paper_that_is_named_is_not_passed_over_for_another(
    tmp_path: Path, bundled_encoder: Encoder, says: str
):
    notes = RIVALS | {"notes/weir.md": RIVALS["notes/weir.md"] + says}
    retriever = make_retriever(tmp_path, notes, bundled_encoder)
    judge = Preferring("nothing that the notes say")
    planner = Planner(retriever, None, Limits(0.0, 0.0, None), judge)
    asked = "TideFold folds proteins without a switch, why is no protein lost?"
    plan = planner.plan(retriever.read(asked), Standalone(asked, asked))
    looks = [look for look in plan.first if isinstance(look, OfWork)]
    assert [look.inside.name for look in looks if look.is_described] == ["WeirFold"] * bool(says)
    assert plan.last.filters is not None
    held = retriever.find(plan.last.question, plan.last.filters)
    lines = {held.entries.get(row).text.strip("- \n") for row in held.scored.rows.tolist()}
    assert ("TideFold needs pumps" in lines) == bool(says)
    assert not any("weir cuts them" in line for line in lines)


FILED = {
    "notes/pangolin.md": """# Medium-range forecasts of tides with deep nets

Tern, Ibis — Moor Cloud. Nature 2023.
Read 2026-01-20 · 3/5 · weights published

## Trick list

- L1-type loss (MAE), not squared.
- 13 levels, each with a net of its own.
""",
    "notes/crane.md": """# Skillful forecasts of tides on a graph

Heron. Science 2023.

## Hooks

- see the Pangolin note and the rant on spectra
""",
}
"""A file whose name alone says what its paper goes by, and one that points at it."""


@pytest.mark.parametrize(
    "question", ["what loss does Pangolin use?", "Pangolin 用什么做损失，MAE 还是平方？"]
)
def test_name_of_a_file_is_the_name_of_its_paper(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    answer = ask(make_assistant(tmp_path, FILED, bundled_encoder), question)
    assert [citation.quote for citation in answer.citations] == ["L1-type loss (MAE), not squared."]


@pytest.mark.parametrize(
    ("question", "is_asked_of_it"),
    [("what Pangolin-like tricks are there?", False), ("what loss has Pangolin on a graph?", True)],
)
def test_list_that_names_a_file_is_not_asked_of_that_file_alone(
    tmp_path: Path, bundled_encoder: Encoder, question: str, is_asked_of_it: bool
):
    like = "- A Pangolin-like net that forecasts tides on a graph with a loss.\n\n## Hooks"
    notes = {**FILED, "notes/crane.md": FILED["notes/crane.md"].replace("## Hooks", like)}
    retriever = make_retriever(tmp_path, notes, bundled_encoder)
    read = retriever.read(question)
    plan = Planner(retriever, None, Limits(0.0, 0.0)).plan(read, Standalone(question, question))
    assert any(isinstance(look, OfWork) for look in plan.first) == is_asked_of_it


def test_line_on_the_reading_of_a_paper_is_no_answer(tmp_path: Path, bundled_encoder: Encoder):
    answer = ask(make_assistant(tmp_path, FILED, bundled_encoder), "what is known of Pangolin?")
    assert all("3/5" not in citation.quote for citation in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "why did the authors of the Osprey paper not use Kestrel?",
        "Osprey 的作者为什么不用 Kestrel？",
    ],
)
def test_question_with_two_names_is_asked_of_the_one_called_a_paper(
    tmp_path: Path, bundled_encoder: Encoder, question: str
):
    osprey = "# Osprey: broadcast for backups\n\nKestrel does not keep the order of changes, so it cannot be used.\n"
    kestrel = "# Kestrel: agreement by votes\n\nOsprey is a relative of Kestrel, which is not easy to use.\n"
    notes = {"notes/osprey.md": osprey, "notes/kestrel.md": kestrel}
    answer = ask(make_assistant(tmp_path, notes, bundled_encoder), question)
    assert [one.entry.source for one in answer.citations] == ["notes/osprey.md"]


def test_a_name_beside_study_that_no_work_has_is_no_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    retriever = make_retriever(tmp_path, RIVALS, NgramEncoder())
    tide, weir = (retriever.named.units(name)[0] for name in ("TideFold", "WeirFold"))
    works = {"Google": (weir,), "TideFold": (tide,)}  # the one of Google says so somewhere
    monkeypatch.setattr(NamedWorks, "units", lambda _, name: works[name])
    question = retriever.read("What did the Google study of TideFold find?")
    assert question.name_of_paper == "Google"
    assert retriever.named.said(question, ()) is None  # it may be either


def test_sentence_that_says_much_before_it_announces_is_quoted(
    tmp_path: Path, bundled_encoder: Encoder
):
    note = (
        "# Dunlin: a store for baskets\n\n商店里有很多服务只按主键访问数据，购物篮就是一个例子。"
        "Dunlin 把键当作字节，通过 MD5 算法把主键映射成 128 比特的标识符，并给出两个接口:\n\n- get(key)\n"
    )
    answer = ask(
        make_assistant(tmp_path, note, bundled_encoder), "Dunlin 用什么算法把主键映射成标识符？"
    )
    assert "MD5" in answer.citations[0].quote
    assert answers_nothing("In the first step, these are made:")


def test_label_with_words_of_the_question_alone_is_not_quoted_for_a_paper(
    tmp_path: Path, bundled_encoder: Encoder
):
    note = (
        "# Whimbrel: keys apart from values\n\n**写放大（Write Amplification）**\n\n"
        "Whimbrel 把 value 存进单独的日志，合并时不再搬动它们，因而减少了写放大。\n"
    )
    others = {
        f"notes/{name}.md": f"# {name}: a store\n\n{name} 用树。\n" for name in ("Ruff", "Knot")
    }
    retriever = make_retriever(tmp_path, {"notes/whimbrel.md": note, **others}, bundled_encoder)
    judge, asked = Preferring("（Write"), "哪篇论文把 value 分开存来减少写放大？"
    planner = Planner(retriever, None, Limits(0.0, 0.0, None), judge)
    plan = planner.plan(retriever.read(asked), Standalone(asked, asked))
    answer, _ = Looking(retriever, Quotes(bundled_encoder, lambda *_: True, judge)).answer(plan)
    assert answer.citations[0].quote.startswith("Whimbrel 把 value")


@pytest.mark.parametrize(
    ("heading", "place"),
    [("Falcon: a Small Cache (OSDI 2021)", ""), ("Results of Falcon", "（Results of Falcon）")],
)
def test_name_of_the_paper_is_not_said_again_as_the_place(
    tmp_path: Path, bundled_encoder: Encoder, heading: str, place: str
):
    note = f"# Falcon: a Small Cache (OSDI 2021)\n\nFalcon 把热点键放进 DRAM。\n\n## {heading}\n\n- 命中率 93%，比 LRU 高。\n"
    note = note if place else note.replace(f"## {heading}\n\n", "")
    assistant = make_assistant(tmp_path, {"notes/猎鹰.md": note}, bundled_encoder)
    head = ask(assistant, "Falcon 的命中率是多少？").text.splitlines()[0]
    assert head == f"你的笔记「Falcon: a Small Cache」{place}中写道："


def test_folder_of_a_paper_is_no_place_in_it(tmp_path: Path, bundled_encoder: Encoder):
    note = "# Falcon: a Small Cache\n\nFalcon keeps hot keys in DRAM.\n"
    assistant = make_assistant(tmp_path, {"site/_posts/falcon.md": note}, bundled_encoder)
    head = ask(assistant, "where does Falcon keep hot keys?").text.splitlines()[0]
    assert head == "Your notes on Falcon: a Small Cache say:"


@pytest.mark.parametrize(
    ("question", "is_told"),
    [
        ("What do my notes say about TideNet?", True),
        ("list papers on TideNet", False),
        ("哪些论文讲 TideNet？", False),
    ],
)
def test_papers_on_a_name_are_listed_also_where_one_is_called_so(
    tmp_path: Path, bundled_encoder: Encoder, question: str, is_told: bool
):
    retriever = make_retriever(tmp_path, {"notes/tide.md": TIDE}, bundled_encoder)
    planner = Planner(retriever, None, Limits(0.0, 0.0, None))
    plan = planner.plan(retriever.read(question), Standalone(question, question))
    assert any(isinstance(look, InShort) for look in plan.first) == is_told


def test_one_thing_that_a_paper_says_is_told_as_no_list(tmp_path: Path, bundled_encoder: Encoder):
    sized = LANTERN + "- For SLaPT, a memory of 128 examples performs the best.\n"
    notes = {"notes/lantern.md": sized, "notes/builds.md": BUILDS}
    assistant = make_assistant(tmp_path, notes, bundled_encoder)
    assistant._judge = Preferring("128 examples")
    assert ask(assistant, "What memory size works best for SLaPT?").text.splitlines() == [
        "Your notes on Slow Lantern Parameter Tuning for Drifting Data (Testing) say:",
        "For SLaPT, a memory of 128 examples performs the best. [1]",
    ]


@pytest.mark.parametrize(
    ("question", "is_told"),
    [
        ("What does the TND paper propose?", True),
        ("what is the main contribution of Tide Net Depth?", True),
        ("TND 提出了什么？", True),
        ("who proposed TND?", False),
        ("TND 是哪一年提出的？", False),
        ("What does TND fail on?", False),
    ],
)
def test_what_a_paper_proposes_is_told_in_short(
    tmp_path: Path, bundled_encoder: Encoder, question: str, is_told: bool
):
    note = TIDE.replace("TideNet: Depth without Labels", "Tide Net Depth").replace("TideNet", "TND")
    retriever = make_retriever(tmp_path, {"notes/net.md": note}, bundled_encoder)
    planner = Planner(retriever, None, Limits(0.0, 0.0, None))
    plan = planner.plan(retriever.read(question), Standalone(question, question))
    assert any(isinstance(look, InShort) for look in plan.first) == is_told


def test_name_within_a_sentence_does_not_cut_it(tmp_path: Path, bundled_encoder: Encoder):
    note = (
        "## [Tide Norm](https://a.com/t)\n\nTLDR; The authors propose a scheme called Tide Norm that"
        " works well for recurrent networks.\n\n#### Key Points\n\n- one net alone\n"
    )
    assistant = make_assistant(tmp_path, {"papers/norm.md": note}, bundled_encoder)
    told = ask(assistant, "which networks does Tide Norm work well for?").text
    assert "The authors propose a scheme called Tide Norm that works well" in told


def test_title_behind_a_figure_is_not_said_twice():
    text = "[2] Reading List, kept by a person who reads all of it"
    link = Link("https://a.com/l")
    entry = replace(make_entry(text, title="Reading List", links=(link,)), part="pointer")
    told = Citation(1, entry, text, True, (), 1.0)
    assert list_line(told) == "Reading List — kept by a person who reads all of it"


def test_a_version_that_notes_lack_is_no_name_of_the_one_that_they_hold(tmp_path: Path) -> None:
    notes = {
        "a.md": "# Dune\n\nDune-2 hums where Dune 1 was still.\n",
        "b.md": "# Reef\n\nReef rests.\n",
    }
    retriever = make_retriever(tmp_path, notes, NgramEncoder())
    for question, unknown, named in (
        ("why does Dune 3 hum?", ("Dune 3",), ()),
        ("why does Dune 2 hum?", (), ("a.md",)),
        ("why does Reef 3 rest?", (), ("b.md",)),
    ):
        read = retriever.read(question)
        said = retriever.named.said(read, ())
        sources = () if said is None else tuple(map(retriever.data.entries.source, said.units))
        assert (read.unknown_names, sources) == (unknown, named)

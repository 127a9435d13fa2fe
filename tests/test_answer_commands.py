"""Messages that ask for something to be done with the last answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_server import serving
from paperrag.assistant import Assistant
from paperrag.conversation.commands import Command, read_command
from paperrag.encoders.contract import Encoder
from paperrag.records import Answer
from small_corpus import make_assistant

NOTES = """# Cats

## Breeds with long fur

- [Maine Coon](https://arxiv.org/abs/2401.00001): a breed with long fur, large
- Persian: a breed with long fur, flat face
- Ragdoll: a breed with long fur, goes limp
- Siamese: short fur, blue eyes, talkative
"""
QUESTION = "which breeds have long fur?"


@pytest.fixture(scope="module")
def cats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cats")
    (folder / "corpus" / "notes").mkdir(parents=True)
    (folder / "corpus" / "notes" / "cats.md").write_text(NOTES, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def plain(cats: Path) -> Assistant:
    return Assistant.open(cats / "corpus", cats / "index", encoder="bundled-static")


@pytest.fixture(scope="module")
def first(plain: Assistant) -> Answer:
    return plain.ask(QUESTION)[0]


@pytest.mark.parametrize(
    ("message", "act", "language", "picks"),
    [
        ("summarise these in a table", "rewrite", "zh", ()),
        ("整理成表格", "table", "zh", ()),
        ("用中文", "rewrite", "zh", ()),
        ("translate it into English, please", "rewrite", "en", ()),
        ("show more", "more", "en", ()),
        ("还有吗？", "more", "zh", ()),
        ("再多一些", "more", "zh", ()),
        ("再给我几篇", "more", "zh", ()),
        ("compare 1 and 3", "compare", "en", (1, 3)),
        ("对比第一条和第三条", "compare", "zh", (1, 3)),
        ("用表格比较 1 和 3", "table", "zh", (1, 3)),
        ("第二个展开讲", "detail", "zh", (2,)),
        ("tell me more about the second one", "detail", "en", (2,)),
        ("details on the last one", "detail", "en", (5,)),
        ("give me the links", "sources", "en", ()),
        ("在哪个文件里", "sources", "zh", ()),
        ("why?", "explain", "zh", ()),
        ("are you sure?", "confirm", "zh", ()),
        ("你确定吗？", "confirm", "zh", ()),
        ("list these papers", "list", "en", ()),
    ],
)
def test_message_without_words_of_its_own_is_a_command(message, act, language, picks) -> None:
    is_table = "table" in message or "表格" in message
    assert read_command(message, 5, "zh") == Command(act, message, language, picks, is_table)
    assert read_command(message, 0, "zh") is None


@pytest.mark.parametrize(
    "message",
    [
        "list all papers",
        "compare 1 and 9",
        "compare Persian and Ragdoll",
        "对比学习",
        "which of them are large?",
        "tell me more about Persian",
    ],
)
def test_message_with_words_of_its_own_is_a_question(message: str) -> None:
    assert read_command(message, 5, "zh") is None


def test_two_entries_are_set_side_by_side(plain: Assistant, first: Answer) -> None:
    answer, _ = plain.ask("compare 1 and 3", history=[first])
    wanted = [first.citations[0].entry.id, first.citations[2].entry.id]
    assert [citation.entry.id for citation in answer.citations] == wanted
    assert answer.text.count("\n- ") == 2
    assert (answer.abstained, answer.standalone) == (False, QUESTION)


def test_sources_are_told_with_links_and_lines(plain: Assistant, first: Answer) -> None:
    answer, _ = plain.ask("give me the links", history=[first])
    assert len(answer.citations) == len(first.citations)
    assert "https://arxiv.org/abs/2401.00001 — notes/cats.md:5 [" in answer.text


def test_more_shows_what_was_not_cited_yet_and_says_when_there_is_none(plain: Assistant) -> None:
    short, _ = plain.ask(QUESTION, k=2)
    more, _ = plain.ask("show more", history=[short])
    assert [len(one.citations) for one in (short, more)] == [2, 2]
    cited = [citation.entry.id for one in (short, more) for citation in one.citations]
    assert len(set(cited)) == 4
    end, _ = plain.ask("还有吗", history=[short, more])
    assert (end.citations, end.text) == ((), "没有更多相关条目了。")


@pytest.mark.parametrize(
    ("message", "notice"),
    [
        ("shorter", "Writing an answer anew takes a model: see --llm in docs/llm.md."),
        ("why?", "Writing an answer anew takes a model: see --llm in docs/llm.md."),
        ("用中文", "改写回答需要语言模型，见 docs/llm.md 中的 --llm。"),
    ],
)
def test_what_takes_a_model_says_so(
    plain: Assistant, first: Answer, message: str, notice: str
) -> None:
    answer, _ = plain.ask(message, history=[first])
    assert answer.notice == notice
    assert [one.entry.id for one in answer.citations] == [one.entry.id for one in first.citations]


def test_table_without_a_model_has_the_words_of_the_notes(plain: Assistant, first: Answer) -> None:
    answer, _ = plain.ask("summarise these in a table", history=[first])
    head, names, _, *rows = answer.text.splitlines()
    assert (head, names) == ("Side by side, in the words of your notes:", "|  | in short |")
    assert len(rows) == len(first.citations)
    assert "takes a model" in (answer.notice or "")


@pytest.mark.parametrize("message", ["are you sure?", "你确定吗？"])
def test_an_answer_is_confirmed_by_where_it_stands(
    plain: Assistant, first: Answer, message: str
) -> None:
    answer, _ = plain.ask(message, history=[first])
    assert (answer.abstained, answer.notice) == (False, None)
    assert answer.text.count("notes/cats.md:") == len(first.citations)


def test_why_after_one_entry_is_looked_for_in_the_notes(plain: Assistant) -> None:
    one, _ = plain.ask("what eyes does the Siamese have?")
    answer, _ = plain.ask("why?", history=[one])
    assert (answer.notice, answer.standalone) == (None, f"why? (after: {one.question})")


def test_after_a_refusal_the_answer_before_it_is_meant(plain: Assistant, first: Answer) -> None:
    refused, _ = plain.ask("which quantum circuits simulate superconductors?")
    assert refused.abstained
    answer, _ = plain.ask("in which file?", history=[first, refused])
    assert answer.text.count("notes/cats.md:") == len(first.citations)
    more, _ = plain.ask("show more", history=[first, refused])
    assert more.standalone != QUESTION


GROUPS = """# Reading

## Long fur

- [Persian](https://arxiv.org/abs/2401.00001): a breed with long fur
  - insights
    - long fur needs a comb every day
- [Ragdoll](https://arxiv.org/abs/2401.00002): a breed with long fur
- [Bengal](https://arxiv.org/abs/2401.00003): a breed with fur of middle length
- insights
  - breeds with long fur shed in spring
"""


def test_further_entries_tell_something(tmp_path: Path, static_encoder: Encoder) -> None:
    notes = make_assistant(tmp_path, GROUPS, static_encoder)
    first, _ = notes.ask("which breeds have long fur?", k=2)
    more, _ = notes.ask("show more", history=[first])
    titles = [citation.entry.title for citation in more.citations]
    assert "breeds with long fur shed in spring" in titles
    assert "insights" not in titles


@pytest.mark.slow
@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("in a table", "| breed | fur |\n| --- | --- |\n| Persian | long fur [1] |"),
        ("用中文", "波斯猫是长毛品种 [1]。"),
    ],
)
def test_model_is_given_the_cited_entries_and_the_command(
    cats: Path, first: Answer, monkeypatch: pytest.MonkeyPatch, message: str, reply: str
) -> None:
    with serving(reply) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.ollama)
        assistant = Assistant.open(
            cats / "corpus", cats / "index", llm="ollama:tiny", encoder="bundled-static"
        )
        answer, _ = assistant.ask(message, history=[first])
    prompt = server.asked[-1]["messages"][-1]["content"]
    assert QUESTION in prompt and message in prompt
    told = prompt.split("<answer>\n")[1].split("\n</answer>")[0]
    assert told.startswith("Your notes have") and "[1]" not in told
    assert prompt.count("<entry ") == len(first.citations)
    assert (answer.mode, answer.notice) == ("llm", None)
    assert reply.split("[")[0].strip("。 ") in answer.text


CAT_PAPERS = {
    f"notes/{name.lower()}.md": f"""---
title: "{name}: a {kind} breed"
year: {year}
---

## Summary

{name} cats are a {kind} breed that people keep indoors.

## Fur

- {name} fur is brushed {often} a week, in spring every day.

## Diet

- {name} cats eat {food} in the morning and in the evening.
"""
    for name, kind, year, often, food in (
        ("Persian", "calm", 2021, "seven times", "fish"),
        ("Ragdoll", "large", 2022, "twice", "chicken"),
        ("Bengal", "lively", 2023, "once", "beef"),
    )
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, static_encoder: Encoder) -> Assistant:
    return make_assistant(tmp_path_factory.mktemp("files"), CAT_PAPERS, static_encoder)


def test_two_papers_are_set_side_by_side_in_a_table(files: Assistant) -> None:
    first, _ = files.ask("which papers are on cat breeds?")
    answer, _ = files.ask("用表格比较 1 和 3", history=[first])
    names = [first.citations[place].entry.work.name for place in (0, 2)]  # type: ignore[union-attr]
    lines = answer.text.splitlines()
    assert lines[1] == f"|  | {names[0]} | {names[1]} |"
    assert "| Fur | " in answer.text and "| Diet | " in answer.text


def test_more_of_one_entry_tells_what_its_headings_hold(files: Assistant) -> None:
    first, _ = files.ask("which papers are on cat breeds?")
    answer, _ = files.ask("第二个展开讲", history=[first])
    name = first.citations[1].entry.work.name  # type: ignore[union-attr]
    head, *lines = answer.text.splitlines()
    assert head == f"{name}:"
    assert [line.split(":")[0] for line in lines] == ["- Summary", "- Fur", "- Diet"]


def test_a_pick_means_the_newest_answer_that_has_it(files: Assistant) -> None:
    first, _ = files.ask("which papers are on cat breeds?")
    detail, _ = files.ask("第二个展开讲", history=[first])
    answer, _ = files.ask("compare 1 and 3", history=[first, detail])
    works = {citation.entry.source for citation in answer.citations}
    assert works == {first.citations[place].entry.source for place in (0, 2)}


def test_further_papers_are_those_not_listed_yet(files: Assistant) -> None:
    first, _ = files.ask("which papers are on cat breeds?", k=1)
    more, _ = files.ask("还有吗", history=[first])
    sources = [citation.entry.source for citation in more.citations]
    assert len(sources) == 2 and first.citations[0].entry.source not in sources


@pytest.mark.parametrize("message", ["the first one in detail", "第一个展开讲"])
def test_more_of_a_bullet_tells_the_bullet(plain: Assistant, first: Answer, message: str) -> None:
    answer, _ = plain.ask(message, history=[first])
    assert [citation.entry.title for citation in answer.citations] == ["Maine Coon"]
    assert "a breed with long fur, large" in answer.text


FLAT = {
    f"notes/{name}.md": f"# {name}\n\n[{name}](https://arxiv.org/abs/24{number}1.00001)\n\n"
    f"- {name} is a breed with long fur\n- {name} cats sleep {often} a day\n- 爱吃鱼\n"
    for number, (name, often) in enumerate((("Persian", "twice"), ("Ragdoll", "all")))
}


def test_more_of_a_paper_under_one_heading_tells_all_its_lines(
    tmp_path: Path, static_encoder: Encoder
) -> None:
    flat = make_assistant(tmp_path, FLAT, static_encoder)
    first, _ = flat.ask("which papers are on breeds with long fur?")
    answer, _ = flat.ask("the first one in detail", history=[first])
    lines = [citation.entry.line_start for citation in answer.citations]
    assert lines == [5, 6, 7]

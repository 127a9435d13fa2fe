"""Messages that ask for something to be done with the last answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_server import serving
from paperrag.assistant import Assistant
from paperrag.conversation.commands import Command, read_command
from paperrag.records import Answer

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
    ("message", "command"),
    [
        ("summarise these in a table", Command("rewrite")),
        ("整理成表格", Command("rewrite")),
        ("用中文", Command("rewrite", language="zh")),
        ("translate it into English, please", Command("rewrite", language="en")),
        ("show more", Command("more")),
        ("还有吗？", Command("more")),
        ("compare 1 and 3", Command("compare", (1, 3))),
        ("对比第一条和第三条", Command("compare", (1, 3))),
        ("give me the links", Command("sources")),
        ("在哪个文件里", Command("sources")),
        ("why?", Command("explain")),
        ("list these papers", Command("list")),
        ("list all papers", None),
        ("compare 1 and 9", None),
        ("compare Persian and Ragdoll", None),
        ("对比学习", None),
        ("which of them are large?", None),
        ("tell me more about Persian", None),
    ],
)
def test_message_without_words_of_its_own_is_a_command(
    message: str, command: Command | None
) -> None:
    assert read_command(message, 5) == command
    assert read_command(message, 0) is None


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


def test_what_takes_a_model_says_so(plain: Assistant, first: Answer) -> None:
    answer, _ = plain.ask("summarise these in a table", history=[first])
    assert answer.notice == "Writing an answer anew takes a model: see --llm in docs/llm.md."
    assert len(answer.citations) == len(first.citations)


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
    assert prompt.count("<entry ") == len(first.citations)
    assert (answer.mode, answer.notice) == ("llm", None)
    assert reply.split("[")[0].strip("。 ") in answer.text

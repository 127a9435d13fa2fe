"""A question that follows up, worded anew by an LLM; by rules where the LLM is of no use."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from fakes import understood
from llm_server import LlmServer, Reply, serving
from paperrag import Assistant
from paperrag.conversation.history import Exchange, exchange
from paperrag.conversation.rewriting import Rewriter
from paperrag.conversation.standalone import standalone
from paperrag.errors import GenerationError
from paperrag.llm.generator import Generator, Message, Piece, Stop
from paperrag.llm.prompts import REWRITE
from paperrag.wiring.writers import make_writer
from talking import cited, talk


@dataclass
class Scripted:
    """A generator that answers every chat with the same pieces, or fails."""

    reply: str = ""
    error: Exception | None = None
    is_cut: bool = False
    name: str = "scripted"
    context_tokens: int = 8192
    asked: list[Sequence[Message]] = field(default_factory=list)

    def stream(
        self, messages: Sequence[Message], stop: Stop, more_tokens: int = 0
    ) -> Iterator[Piece]:
        self.asked.append(messages)
        if self.error:
            raise self.error
        yield from (Piece(char) for char in self.reply)
        if not self.is_cut:
            yield Piece("", is_end=True)


@pytest.fixture(scope="module")
def merging(real_assistant: Assistant) -> list[Exchange]:
    return [exchange(real_assistant.ask("which methods merge KV cache?")[0])]


@pytest.mark.parametrize(
    ("reply", "used"),
    [
        ("Who published LOOK-M?", "Who published LOOK-M?"),
        (
            '<think>\n"it" is the paper\n</think>\n\n"Who published LOOK-M?"\n',
            "Who published LOOK-M?",
        ),
        ("2. Who published LOOK-M?", "Who published LOOK-M?"),
    ],
)
def test_rewriting_of_an_llm_is_used(merging, reply, used):
    assert (
        standalone(
            understood("what else?"), merging, understood, Rewriter(Scripted(reply))
        ).question
        == used
    )


@pytest.mark.parametrize(
    "generator",
    [
        Scripted(""),
        Scripted("<think>hm</think>"),
        Scripted("<think>I never stop"),
        Scripted("Sure! Here it is:\nWho published LOOK-M?"),
        Scripted("x" * 301),
        Scripted("x" * 30_000),
        Scripted("谁发表了 LOOK-M？"),
        Scripted("???"),
        Scripted("Who publ", is_cut=True),
        Scripted(error=GenerationError("unreachable")),
        Scripted(error=GenerationError("unknown_model", "scripted")),
    ],
)
def test_unusable_rewriting_falls_back_to_rules(merging, generator, caplog):
    with caplog.at_level(logging.INFO, "paperrag"):
        assert standalone(
            understood("and why?"), merging, understood, Rewriter(generator)
        ) == standalone(understood("and why?"), merging, understood)
    assert "worded by rules" in caplog.text and all(
        record.levelno < logging.WARNING for record in caplog.records
    )


def test_chinese_question_is_not_reworded_in_english(merging):
    assert standalone(
        understood("为什么？"),
        merging,
        understood,
        Rewriter(Scripted("Why do methods merge KV cache?")),
    ) == standalone(understood("为什么？"), merging, understood)
    assert standalone(
        understood("为什么？"),
        merging,
        understood,
        Rewriter(Scripted("为什么 CaM 和 KVMerger 要合并 KV cache？")),
    ).question.startswith("为什么 CaM")


def test_llm_is_told_the_questions_before_and_what_was_found(merging):
    generator = Scripted("Who published CaM?")
    standalone(understood("and who published it?"), merging, understood, Rewriter(generator))
    [[system, user]] = generator.asked
    assert system.content == REWRITE["en"]
    assert user.content.startswith("1. which methods merge KV cache? → CaM: Cache Merging")
    assert user.content.endswith("\n2. and who published it?") and user.content.count("\n") == 1


def test_llm_is_not_asked_about_self_contained_questions(merging):
    generator = Scripted("nonsense")
    assert (
        standalone(
            understood("What does VATP look at?"), merging, understood, Rewriter(generator)
        ).question
        == "What does VATP look at?"
    )
    assert generator.asked == []


def test_slow_llm_is_given_up(merging):
    class Slow(Scripted):
        def stream(
            self, messages: Sequence[Message], stop: Stop, more_tokens: int = 0
        ) -> Iterator[Piece]:
            stop.wait(60)  # until somebody hangs up
            yield Piece("Who?", is_end=True)

    assert standalone(
        understood("why?"), merging, understood, Rewriter(Slow(), timeout_s=0.05)
    ) == standalone(understood("why?"), merging, understood)


# --- by a real Ollama client --------------------------------------------------------------------

REWRITTEN = "Which KV cache merging methods work for multimodal models?"


def model(rewriting: Reply) -> LlmServer:
    def script(messages: list[dict[str, str]]) -> Reply:
        if messages[0]["content"] in REWRITE.values():
            return rewriting
        return Reply("- LOOK-M merges image tokens for multimodal models [1]\n")

    return serving(script)  # type: ignore[return-value]


@pytest.fixture
def with_ollama(real_assistant, monkeypatch):
    def make(server: LlmServer) -> Assistant:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        real_assistant.data()
        return Assistant.open(
            corpus=real_assistant.settings.corpus,
            index=real_assistant.settings.index,
            llm="ollama:scripted",
            llm_timeout_s=20,
        )

    return make


@pytest.mark.slow
def test_ollama_rewrites_and_answers(with_ollama):
    with model(Reply(f"<think>them</think>{REWRITTEN}")) as server:
        _, answer = talk(
            with_ollama(server),
            "which methods merge KV cache?",
            "and which of them work for multimodal models?",
        )
        asked = [body["messages"] for body in server.asked]
    assert (
        answer.standalone == REWRITTEN
        and answer.question == "and which of them work for multimodal models?"
    )
    assert (answer.mode, cited(answer)) == ("llm", ["LOOK-M"])
    assert [messages[0]["content"] == REWRITE["en"] for messages in asked] == [False, True, False]
    assert REWRITTEN in asked[-1][-1]["content"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "rewriting", [Reply(status=500), Reply("为什么"), Reply(""), Reply(REWRITTEN, cut_after=1)]
)
def test_ollama_failing_to_rewrite_still_answers(with_ollama, rewriting):
    with model(rewriting) as server:
        _, answer = talk(
            with_ollama(server),
            "which methods merge KV cache?",
            "which of them work for multimodal models?",
        )
    assert (
        answer.standalone
        == "which ones work for multimodal models? (among the answers to: which methods merge KV cache?)"
    )
    assert cited(answer) == ["LOOK-M"]


def test_writer_has_a_generator_for_rewriting(with_ollama, merging):
    with model(Reply("Who published LOOK-M?")) as server:
        writer = make_writer(with_ollama(server).settings)
        assert writer is not None
        generator: Generator = writer.generator
        assert (
            standalone(
                understood("who published it?"), merging, understood, Rewriter(generator)
            ).question
            == "Who published LOOK-M?"
        )

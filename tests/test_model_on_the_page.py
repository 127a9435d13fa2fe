"""The model of the page, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app_corpus import open_pets
from llm_server import LlmServer, Reply, serving
from paperrag.errors import ConfigError, QueryError
from paperrag.page.corpora import Corpora
from paperrag.page.given import Given
from paperrag.page.model import ModelDesk

pytest.importorskip("gradio", reason="the page needs gradio")


@pytest.fixture
def model() -> Iterator[LlmServer]:
    with serving(lambda messages: Reply("Siamese cats are talkative [1].")) as server:
        yield server


def _desk(folder: Path, is_at_home: bool = True) -> ModelDesk:
    return ModelDesk(Corpora(open_pets(folder)), folder / "kept.sqlite", is_at_home)


@pytest.mark.slow
def test_chosen_model_answers_and_is_taken_again_by_the_next_page(
    tmp_path: Path, model: LlmServer
) -> None:
    desk = _desk(tmp_path / "one")
    assert desk.shown()["state"] == "none"
    given = {"kind": "ollama", "model": "tiny:1b", "address": model.ollama, "llm_context": "4096"}
    shown = desk.choose(Given(given))
    assert (shown["state"], shown["llm"], shown["llm_context"]) == (
        "connected",
        "ollama:tiny:1b",
        4096,
    )
    answer, _ = desk._corpora.asked().ask("which cats are talkative?")
    assert (answer.mode, answer.model) == ("llm", "ollama:tiny:1b")
    assert model.asked[-1]["options"]["num_ctx"] == 4096
    later = ModelDesk(Corpora(open_pets(tmp_path / "two")), tmp_path / "one" / "kept.sqlite", True)
    later.restore()
    assert (later.shown()["llm"], later.shown()["state"]) == ("ollama:tiny:1b", "untried")
    assert later._corpora.settings.llm_context == 4096
    assert later.choose(Given({"kind": "none"}))["state"] == "none"
    assert later._corpora.asked().ask("which cats are talkative?")[0].mode == "extractive"


def test_model_that_does_not_answer_says_why(tmp_path: Path) -> None:
    shown = _desk(tmp_path).choose(
        Given(
            {
                "kind": "openai-like",
                "model": "x",
                "address": "http://127.0.0.1:9/v1",
                "llm_timeout_s": "2",
            }
        )
    )
    assert shown["state"] == "failing"
    assert shown["fault"].startswith("unreachable")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "ollama", "model": ""}, "expected 'none'"),
        ({"kind": "ollama", "model": "x", "llm_context": "many"}, "llm_context: expected a number"),
        ({"kind": "ollama", "model": "x", "llm_context": "10"}, "llm_context: expected 2048"),
        ({"kind": "ollama", "model": "x", "address": "http://a b"}, "OLLAMA_HOST"),
        ({"kind": "wizard", "model": "x"}, "expected 'none'"),
    ],
)
def test_options_that_the_command_line_refuses_are_refused(
    tmp_path: Path, given: dict[str, str], words: str
) -> None:
    desk = _desk(tmp_path)
    with pytest.raises(ConfigError, match=words):
        desk.choose(Given(given))
    assert desk.shown()["state"] == "none"


def test_model_of_a_shared_page_is_not_changed_from_it(tmp_path: Path) -> None:
    desk = _desk(tmp_path, is_at_home=False)
    with pytest.raises(QueryError, match="who started paperrag"):
        desk.choose(Given({"kind": "ollama", "model": "x"}))
    assert desk.shown()["may_change"] is False


def test_choice_that_cannot_be_read_is_left(tmp_path: Path) -> None:
    (tmp_path / "kept.sqlite").write_text("no database " * 100, encoding="utf-8")
    desk = _desk(tmp_path)
    desk.restore()
    assert desk.shown()["state"] == "none"

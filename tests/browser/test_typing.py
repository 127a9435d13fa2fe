"""What one types is never lost: while an answer grows, over a reload, where the server fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from browser.conftest import Served, Visit, start_server, stop_server

Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page whose answers grow a word at a time, and end when they are stopped."""
    folder = tmp_path_factory.mktemp("slow")
    (folder / "corpus" / "notes").mkdir(parents=True)
    (folder / "corpus" / "notes" / "a.md").write_text(
        "# Notes\n\n- Slow model: answers word by word\n- 慢模型：逐词回答\n", encoding="utf-8"
    )
    running = start_server(folder, [str(Path(__file__).with_name("slow_server.py"))])
    yield running
    stop_server(running)


def test_text_typed_while_an_answer_grows_stays(slow: Served, visit: Open) -> None:
    page = visit(slow.url).page
    box = page.locator("#pr-question textarea")
    box.fill("slow model")
    page.keyboard.press("Enter")
    expect(page.locator(".pr-answer.pr-running")).to_contain_text("word 2")
    box.press_sequentially("接下来 what about", delay=60)
    expect(page.locator(".pr-answer.pr-running")).to_contain_text("word 12")
    expect(box).to_have_value("接下来 what about")
    page.locator("#pr-stop").click()
    expect(page.locator(".pr-answer")).to_contain_text("Stopped.")
    expect(box).to_have_value("接下来 what about")


def test_question_sent_while_an_answer_grows_waits_its_turn(slow: Served, visit: Open) -> None:
    page = visit(slow.url).page
    box = page.locator("#pr-question textarea")
    box.fill("slow model")
    page.keyboard.press("Enter")
    expect(page.locator(".pr-answer.pr-running")).to_contain_text("word 2")
    box.fill("慢模型怎么回答？")
    page.keyboard.press("Enter")
    expect(page.locator("#pr-waiting")).to_contain_text("慢模型怎么回答？")
    expect(box).to_have_value("")
    page.locator("#pr-stop").click()
    expect(page.locator(".pr-turn")).to_have_count(2)
    expect(page.locator(".pr-turn").nth(1).locator(".pr-question")).to_have_text("慢模型怎么回答？")
    expect(page.locator("#pr-waiting")).to_be_empty()
    expect(page.locator(".pr-turn").nth(1).locator(".pr-answer")).to_contain_text("word 2")


def test_question_that_waits_can_be_taken_back(slow: Served, visit: Open) -> None:
    page = visit(slow.url).page
    box = page.locator("#pr-question textarea")
    for question in ("slow model", "not now"):
        box.fill(question)
        page.keyboard.press("Enter")
    page.locator("[data-act=unwait]").click()
    expect(page.locator("#pr-waiting")).to_be_empty()
    expect(box).to_have_value("not now")
    page.locator("#pr-stop").click()
    expect(page.locator(".pr-turn")).to_have_count(1)


def test_stop_counts_before_the_server_has_the_question(slow: Served, visit: Open) -> None:
    page = visit(slow.url).page
    held: list[Route] = []
    page.route("**/paperrag/ask", lambda route: held.append(route))
    page.locator("#pr-question textarea").fill("slow model")
    with page.expect_request("**/paperrag/ask"):
        page.keyboard.press("Enter")
    with page.expect_response("**/paperrag/stop"):
        page.locator("#pr-stop").click()
    held[0].continue_()
    expect(page.locator(".pr-answer, .pr-pending").last).to_contain_text("Stopped.")


def test_draft_survives_a_reload(slow: Served, visit: Open) -> None:
    page = visit(slow.url).page
    page.locator("#pr-question textarea").fill("half a 问题")
    page.reload()
    expect(page.locator("#pr-question textarea")).to_have_value("half a 问题")


def test_key_that_ends_an_input_method_does_not_send(slow: Served, visit: Open) -> None:
    page = visit(slow.url).page
    box = page.locator("#pr-question textarea")
    box.fill("慢")
    box.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(box).to_have_value("慢")
    expect(page.locator(".pr-turn")).to_have_count(0)


def test_question_comes_back_where_the_server_is_gone(tmp_path: Path, visit: Open) -> None:
    (tmp_path / "corpus" / "notes").mkdir(parents=True)
    (tmp_path / "corpus" / "notes" / "a.md").write_text("- one thing\n", encoding="utf-8")
    gone = start_server(tmp_path, ["-m", "paperrag", "serve"])
    seen = visit(gone.url)
    page = seen.page
    page.locator(".pr-welcome").wait_for()
    stop_server(gone)
    page.locator("#pr-question textarea").fill("which thing?")
    page.keyboard.press("Enter")
    expect(page.locator("#pr-trouble")).to_contain_text("The page's server does not answer.")
    expect(page.locator("#pr-question textarea")).to_have_value("which thing?")
    page.goto("about:blank")
    seen.faults.clear()  # the browser complains of the server, as it should

"""The Ask tab in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, Route, expect

from browser.conftest import Served, Visit, ask, screenshot, start_server, stop_server

MERGING = "which methods merge KV cache?"
Open = Callable[..., Visit]


def test_question_is_answered_with_cards_for_every_number(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, MERGING)
    expect(page.locator(".pr-answer li")).to_have_count(4)
    assert page.locator(".pr-answer .pr-cite").all_inner_texts() == ["1", "2", "3", "4"]
    expect(page.locator(".pr-card .pr-n")).to_have_text(["1", "2", "3", "4"])
    first = page.locator(".pr-card").first
    expect(first.locator(".pr-crumbs")).to_contain_text("KV Cache Merging")
    expect(first.locator("mark")).to_contain_text("通过merge来利用逐出的元素")
    expect(first.locator(".pr-badge")).to_have_count(0)  # your own words need no badge
    for card in page.locator(".pr-card").all_text_contents():
        assert not re.search(r"notes/|\d\.\d\d\b(?!\d)", card)  # nor paths, nor bare scores
    assert first.text_content().count("CaM: Cache Merging") == 1
    expect(first.locator(".pr-verified")).to_be_visible()
    expect(first.locator(".pr-link a")).to_have_attribute(
        "href", re.compile("^https://openreview.net/")
    )
    screenshot(page, "ask-en")


def test_number_opens_and_scrolls_to_its_card(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, MERGING)
    card = page.locator("[id='src-0-4']")
    assert card.get_attribute("open") is None
    page.locator(".pr-cite", has_text="4").click()
    expect(card).to_have_attribute("open", "")
    expect(card).to_be_in_viewport(ratio=0.5)
    expect(card).to_have_class(re.compile("pr-lit"))


def test_number_of_an_earlier_answer_brings_its_cards_back(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, MERGING)
    ask(page, "什么是 ALiBi？")
    expect(page.locator(".pr-turn")).to_have_count(2)
    page.locator(".pr-turn").first.locator(".pr-cite", has_text="2").click()
    expect(page.locator("[id='src-0-2']")).to_have_class(re.compile("pr-lit"))


def test_question_the_notes_do_not_cover_shows_the_nearest_as_such(
    served: Served, visit: Open
) -> None:
    page = visit(served.url).page
    ask(page, "How do I cook rice in a pressure cooker?")
    expect(page.locator(".pr-answer")).to_have_text("Your notes do not cover this.")
    expect(page.locator(".pr-evidence h3")).to_contain_text(
        "Nearest entries, perhaps about something else"
    )
    expect(page.locator(".pr-card")).to_have_count(3)
    expect(page.locator(".pr-card .pr-n")).to_have_count(0)
    screenshot(page, "ask-abstained-en")


def test_example_and_follow_up_ask_on_a_click(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    example = page.locator(".pr-examples button").first
    question = example.inner_text()
    example.click()
    expect(page.locator(".pr-question")).to_have_text(question)
    page.locator(".pr-chip").first.wait_for()
    for chip in page.locator(".pr-chip").all():
        assert chip.evaluate("one => one.scrollWidth <= one.clientWidth"), chip.inner_text()
    page.locator(".pr-chip").first.click()
    expect(page.locator(".pr-turn")).to_have_count(2)


def test_title_of_an_open_card_gives_way_where_its_text_says_it(
    served: Served, visit: Open
) -> None:
    page = visit(served.url, locale="zh-CN").page
    ask(page, "LoRA 有什么改进")
    card = page.locator(".pr-told").first
    expect(card.locator(".pr-title")).to_be_hidden()
    expect(card.locator(".pr-place")).to_contain_text("LoRA")
    card.locator("summary").click()
    expect(card.locator(".pr-title")).to_be_visible()
    expect(card.locator(".pr-place")).to_be_hidden()


def test_names_in_a_list_stand_out(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, MERGING)
    name = page.locator(".pr-answer li > b").first
    expect(name).to_have_text("CaM: Cache Merging for Memory-efficient LLMs Inference")
    expect(name).to_have_css("font-weight", "600")


def test_card_of_a_note_leads_to_the_abstract_of_its_paper(
    with_abstract: Served, visit: Open
) -> None:
    page = visit(with_abstract.url).page
    ask(page, "What do Collie dogs herd?")
    page.locator(".pr-card .pr-related button", has_text="On Herding").first.click()
    view = page.locator(".pr-view")
    expect(view.locator("h3")).to_have_text("On Herding")
    expect(view.locator(".pr-prose").first).to_contain_text("forty farms")
    titles = view.locator(".pr-entries button").all_inner_texts()
    assert (
        sum("Collie dogs" in title for title in titles) == 1
    )  # on the same paper, so not among the related ones too


def test_of_two_quick_clicks_the_last_wins(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, MERGING)
    wanted = page.locator(".pr-card .pr-title").nth(1).inner_text()
    answers: list[Response] = []
    page.on("response", lambda one: answers.append(one) if "/paperrag/entry" in one.url else None)
    _click_two_cards(page)
    expect(page.locator(".pr-view h3")).to_have_text(wanted)
    while len(answers) < 2:
        page.wait_for_timeout(20)
    expect(page.locator(".pr-view h3")).to_have_text(wanted)


def test_of_two_quick_clicks_the_last_wins_though_its_answer_comes_first(
    served: Served, visit: Open
) -> None:
    page = visit(served.url).page
    ask(page, MERGING)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/paperrag/entry**", hold_the_first)
    wanted = page.locator(".pr-card .pr-title").nth(1).inner_text()
    _click_two_cards(page)
    expect(page.locator(".pr-view h3")).to_have_text(wanted)
    with page.expect_response("**/paperrag/entry**") as late:
        held[0].continue_()
    late.value.finished()
    page.evaluate("() => new Promise(requestAnimationFrame)")  # what it would show is shown
    expect(page.locator(".pr-view h3")).to_have_text(wanted)


def _click_two_cards(page: Page) -> None:
    page.evaluate(
        "() => { const [a, b] = document.querySelectorAll('.pr-card .pr-actions [data-act=open]'); "
        "a.click(); b.click(); }"
    )


def test_scope_narrows_the_answer_and_is_seen(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _choose_scope(page, "hostile", "notes/hostile.md")
    expect(page.locator("#pr-scope .pr-in")).to_contain_text("in file notes/hostile.md")
    ask(page, "list every entry about prompt injection")
    expect(page.locator(".pr-scoped")).to_have_text("in file notes/hostile.md")
    sources = page.locator(".pr-actions button[data-act=note]")
    assert sources.count() > 0
    assert all(
        "notes/hostile.md" in (button.get_attribute("title") or "") for button in sources.all()
    )


def test_section_is_found_by_typing_part_of_its_name(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    page.locator("[data-act=scope]").click()
    page.locator(".pr-scope-list button").first.wait_for()
    expect(page.locator("#pr-scope-menu")).to_be_in_viewport(ratio=1)
    page.locator("#pr-scope-menu input").press_sequentially("lor", delay=20)
    expect(page.locator(".pr-scope-list button")).to_have_text(["Paper-Reading › LoRA"])
    page.keyboard.press("Enter")
    expect(page.locator("#pr-scope .pr-in")).to_contain_text("in LoRA")


def test_refusal_names_its_scope_and_offers_to_search_everywhere(
    served: Served, visit: Open
) -> None:
    page = visit(served.url).page
    _choose_scope(page, "LoRA", "LoRA")
    ask(page, "what is PRM-800k?")
    expect(page.locator(".pr-answer")).to_contain_text("Only searched in LoRA.")
    page.locator("[data-act=everywhere]").click()
    expect(page.locator(".pr-turn")).to_have_count(2)
    expect(page.locator(".pr-turn").nth(1).locator(".pr-cite").first).to_be_visible()
    expect(page.locator("#pr-scope .pr-in")).to_have_count(0)


def test_new_chat_begins_without_the_old_scope(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    _choose_scope(page, "LoRA", "LoRA")
    ask(page, "LoRA+")
    page.locator("#pr-clear").click()
    expect(page.locator("#pr-scope .pr-in")).to_have_count(0)
    expect(page.locator(".pr-examples")).to_be_visible()


def _choose_scope(page: Page, words: str, name: str) -> None:
    page.locator("[data-act=scope]").click()
    page.locator("#pr-scope-menu input").fill(words)
    page.locator(f'.pr-scope-list button[data-value="{name}"]').click()


def test_every_newer_answer_is_in_view(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    for number, question in enumerate((MERGING, "What is ALiBi?", MERGING, "LoRA 有哪些改进？")):
        ask(page, question)
        turn = page.locator(".pr-turn").nth(number)
        expect(turn.locator(".pr-question")).to_be_in_viewport(ratio=1)
        expect(turn.locator(".pr-answer p").first).to_be_in_viewport(ratio=1)


def test_a_very_long_question_leaves_room_for_its_answer(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "which methods merge the KV cache " + "in long contexts and so on " * 140)
    expect(page.locator(".pr-answer p").first).to_be_in_viewport(ratio=1)
    page.locator("[data-act=unfold]").click()
    box = page.locator(".pr-question").bounding_box()
    assert box is not None
    assert box["height"] > 300


def test_pointing_at_a_number_shows_its_quote(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, MERGING)
    page.locator(".pr-cite").first.hover()
    expect(page.locator("#pr-peek")).to_contain_text("通过merge来利用逐出的元素")
    page.mouse.move(5, 5)
    expect(page.locator("#pr-peek")).to_be_hidden()
    page.locator(".pr-cite").nth(1).focus()
    expect(page.locator("#pr-peek")).to_contain_text("将每次新进入的KV merge")


def test_quote_is_not_called_verified_once_the_file_says_otherwise(
    tmp_path: Path, visit: Open
) -> None:
    note = tmp_path / "corpus" / "notes" / "a.md"
    note.parent.mkdir(parents=True)
    note.write_text("# Pets\n\n- Okapi: eats leaves at dusk\n", encoding="utf-8")
    own = start_server(tmp_path, ["-m", "paperrag", "serve"])
    try:
        page = visit(own.url).page
        ask(page, "what does the okapi eat?")
        expect(page.locator(".pr-card .pr-verified")).to_be_visible()
        note.write_text("# Pets\n\n- Okapi: eats bark at dawn\n", encoding="utf-8")
        expect(page.locator(".pr-card .pr-not_verified")).to_be_visible()
        page.goto("about:blank")
    finally:
        stop_server(own)


def test_thumb_is_saved_and_copy_gives_markdown(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, MERGING)
    before = _votes(served)
    page.locator("[data-vote=bad]").click()
    expect(page.locator("[data-vote=bad]")).to_have_attribute("aria-pressed", "true")
    page.locator("[data-vote=good]").click()
    expect(page.locator("[data-vote=good]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-vote=bad]")).to_have_attribute("aria-pressed", "false")
    assert _votes(served) == before + 1  # in place of the first
    saved = json.loads(served.feedback.read_text(encoding="utf-8").splitlines()[-1])
    assert (saved["vote"], saved["question"], len(saved["entry_ids"])) == ("good", MERGING, 4)
    page.locator("[data-act=copy]").click()
    expect(page.locator("[data-act=copy]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"**{MERGING}**\n\nYour notes have 4 entries")
    assert "[^4]: [KVMerger" in copied
    assert "> 不是直接将其需要逐出的token丢弃" in copied
    page.locator("[data-vote=good]").click()
    expect(page.locator("[data-vote=good]")).to_have_attribute("aria-pressed", "false")
    assert _votes(served) == before


def _votes(served: Served) -> int:
    return len(served.feedback.read_text().splitlines()) if served.feedback.exists() else 0


def test_papers_of_an_answer_are_copied_as_bibtex(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, MERGING)
    page.locator("[data-act=bibtex]").click()
    expect(page.locator("[data-act=bibtex]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.count("@") >= 4
    assert "2403.09636" in copied


def test_card_says_why_its_entry_was_found(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, MERGING)
    card = page.locator(".pr-card").first
    card.locator("[data-act=why]").click()
    expect(card.locator(".pr-why")).to_have_text(
        re.compile(r"Rank \d+\. Near in meaning as a whole: \d+ %.*Words in common: .*kv")
    )
    expect(card.locator(".pr-why")).not_to_contain_text("kvcache")  # "kv, cache" says it
    card.locator("[data-act=why]").click()
    expect(card.locator(".pr-why")).to_be_hidden()


def test_refusal_is_followed_by_questions_that_have_answers(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "怎么用高压锅煮饭？")
    expect(page.locator(".pr-answer")).to_contain_text("没有涉及")
    chip = page.locator(".pr-chips .pr-chip").first
    expect(chip).to_contain_text("我的笔记里怎么说")  # in the language of the question
    chip.click()
    expect(page.locator(".pr-turn").nth(1).locator(".pr-cite").first).to_be_visible()


def test_asking_again_replaces_the_answer_and_edit_gives_the_question_back(
    served: Served, visit: Open
) -> None:
    page = visit(served.url).page
    ask(page, MERGING)
    page.locator("[data-act=again]").click()
    expect(page.locator(".pr-answer li")).to_have_count(4)
    expect(page.locator(".pr-turn")).to_have_count(1)
    page.locator("[data-act=edit]").click()
    expect(page.locator("#pr-question textarea")).to_have_value(MERGING)
    expect(page.locator("#pr-question textarea")).to_be_focused()


def test_empty_and_unusable_questions_are_told_in_a_sentence(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    ask(page, "?!")
    expect(page.locator(".pr-error")).to_contain_text("the question is empty")


def test_slash_focuses_the_question(served: Served, visit: Open) -> None:
    page = visit(served.url).page
    page.locator(".pr-examples").wait_for()
    page.locator("#pr-question textarea").blur()
    page.keyboard.press("/")
    expect(page.locator("#pr-question textarea")).to_be_focused()
    expect(page.locator("#pr-question textarea")).to_have_value("")


def test_answer_grows_and_can_be_stopped(tmp_path: Path, visit: Open) -> None:
    (tmp_path / "corpus" / "notes").mkdir(parents=True)
    (tmp_path / "corpus" / "notes" / "a.md").write_text(
        "# Notes\n\n- Slow model: answers word by word\n", encoding="utf-8"
    )
    slow = start_server(tmp_path, [str(Path(__file__).with_name("slow_server.py"))])
    try:
        page = visit(slow.url).page
        page.locator("#pr-question textarea").fill("slow model")
        page.keyboard.press("Enter")
        expect(page.locator(".pr-answer.pr-running")).to_contain_text("word 2")
        expect(page.locator(".pr-answer.pr-running")).to_contain_text("word 5")
        page.locator("#pr-stop").click()
        expect(page.locator(".pr-turn")).to_contain_text("Stopped.")
        expect(page.locator(".pr-evidence h3")).to_have_text("1 entry found")
        page.locator("#pr-chat:not(.pr-busy)").wait_for()  # no further step can come
        assert page.locator(".pr-answer").inner_text().endswith("Stopped.")
        page.goto("about:blank")  # let go of the connection before the server ends
    finally:
        stop_server(slow)


def test_prompt_injection_and_html_in_notes_do_nothing(served: Served, visit: Open) -> None:
    page = visit(
        served.url
    ).page  # the fixture asserts that no dialog opened and no other host was asked
    for question in (
        "which entries are under prompt injection?",
        "injected image",
        "poisoned paper",
        "math attack",
        "beacon",
    ):
        ask(page, question)
        page.evaluate("document.querySelectorAll('.pr-card').forEach(card => { card.open = true })")
    assert page.evaluate("window.hacked") is None
    for selector in (
        "script",
        "img",
        "iframe",
        "link",
        "svg[onload]",
        "a[href^=javascript]",
        "a[href^=data]",
        "[data-question=forged]",
    ):
        assert page.locator(f"#pr-log {selector}, #pr-evidence {selector}").count() == 0, selector
    screenshot(page, "ask-hostile-en")


@pytest.mark.parametrize("language", ["zh"])
def test_whole_flow_in_chinese(served: Served, visit: Open, language: str) -> None:
    page = visit(served.url, locale="zh-CN").page
    expect(page.locator("#pr-send")).to_have_text("提问")
    screenshot(page, "ask-empty-zh")
    ask(page, "有哪些方法合并 KV cache？")
    expect(page.locator(".pr-answer")).to_contain_text("条相关记录")
    expect(page.locator(".pr-evidence h3")).to_have_text("引用了 4 条")
    screenshot(page, "ask-zh")

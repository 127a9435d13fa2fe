"""Questions that follow up others: what they point at, how they are worded and shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from fakes import follows_up, make_entry, understood
from paperrag import Assistant
from paperrag.conversation.history import exchange
from paperrag.conversation.standalone import standalone
from paperrag.encoders.contract import Encoder
from paperrag.errors import AnswerFileError, QueryError
from paperrag.output.as_json import ask_json
from paperrag.output.terminal import answer_text
from paperrag.page.strings import say
from paperrag.page.transcript import turn_html
from paperrag.page.turns import Turn, history
from paperrag.proof.saved import read_answer
from paperrag.records import Answer, Citation
from small_corpus import make_assistant
from talking import cited, talk
from workbench import REPOSITORY, paperrag_here, write_file

FOLLOW_UPS_EN = """
which of them work for multimodal models?|and which of them work for multimodal models?
and who published it?|who published it?|why?
what about eviction?|and KVMerger?|how do they differ?|any others?|What else?|for multimodal models?|who wrote this paper?
what is their complexity?|does it need training?|Which one is the fastest?|which is better?
those methods: any code?|is that true?|tell me more|And how does the second stage of it work?
which ones use a Gaussian kernel?|what dataset does it use?
do these need training?|who are its authors?|and for long contexts|and on ImageNet?
what dataset was used?|How was this trained?|do these work for long contexts?
"""
FOLLOW_UPS_ZH = """
它们中哪个不需要训练？|它们中哪个是针对多模态模型的？|其中哪些用了高斯核？|它是谁发表的？|这个方法怎么训练？|那VATP呢？
那 KVMerger 呢
多模态的呢？|为什么？|其中哪些不用训练
还有呢？|還有呢？|它們中哪個不需要訓練？|还有别的吗|这些方法的区别是什么？|上面提到的论文有代码吗？
哪个不需要训练？|该方法的缺点是什么
他们用了什么数据集|谁提出的？|举个例子|前者和后者有什么不同？|这篇论文发表在哪里|那怎么合并？|详细说说
其作者是谁|成功率是多少？|用的什么数据集|用的什麼數據集|第二个展开讲|那么它们需要训练吗|讲讲这篇论文
"""
SELF_CONTAINED_EN = """
which methods merge KV cache?|What does VATP look at?|LoRA|quantization|Is it possible to extend the context without training?
which methods merge KV cache and what do they lose?|Does it matter how many heads share their keys?|how is the KV cache evicted?
What does LoRA freeze and why does it work?|How does StreamingLLM evict its cache?|And how does LoRA work?|in-context learning
why do models forget when they are fine-tuned?|list papers on positional encodings|what is attention?
Which papers use those that are dropped?|How do IT systems store notes?|methods that compress tokens instead of dropping them
which is better, LoRA or QLoRA?|how many layers does Llama have?|who proposed rotary embeddings?
For long contexts, which methods rescale positions?|Which methods know that their cache is too large?|
which works quantize the cache?|which works use reinforcement learning?|more efficient attention
Kùzu: what are its main techniques?|Bloom: what is its limit?
"""
SELF_CONTAINED_ZH = """
有哪些合并KV缓存的方法？|VATP 看的是什么？|怎么合并KV缓存呢？|LoRA 是什么，它为什么有效？|注意力|其他位置编码|对比学习
有哪些方法合并KV缓存，其中哪些不用训练？|哪些论文用了旋转位置编码？|LOOK-M
为什么注意力分数会集中在第一个词？|谁提出了旋转位置编码？
还有哪些合并KV缓存的方法？|哪个方法合并KV缓存？|键向量和它的值向量怎么合并？|长文本外推怎么做|什么是线性注意力
哪篇论文提出了 LoRA？|上面向长文本的方法有哪些|其中文版在哪里
"""


def listed(text: str) -> list[str]:
    return [
        question for line in text.strip().splitlines() for question in line.split("|") if question
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("what about the second one?", 1),
        ("how does the last one decide?", 3),
        ("tell me about the third paper", 2),
        ("第二个是怎么做的？", 1),
        ("最后一个呢？", 3),
        ("第三篇论文的链接", 2),
    ],
)
def test_entry_pointed_at_by_its_place_is_the_one_answered_about(
    real_assistant: Assistant, question: str, line: int
):
    first, then = talk(real_assistant, "which methods merge KV cache?", question)
    assert [citation.entry for citation in then.citations] == [first.citations[line].entry]


@pytest.mark.slow
@pytest.mark.parametrize("question", ["give me their links", "给我它们的链接"])
def test_links_of_what_was_found_are_given_again(real_assistant: Assistant, question: str):
    first, then = talk(real_assistant, "which methods merge KV cache?", question)
    assert [citation.entry for citation in then.citations] == [
        citation.entry for citation in first.citations
    ]


PAPERS = {
    "notes/osprey.md": "# Osprey: fishing with nets (ICML 2020)\n\nOsprey catches fish with nets.\n\n"
    "## Training\n\n- It was trained on lakes.\n\n## Limits\n\n- Nets tear.\n",
    "notes/kestrel.md": "# Kestrel: Hovering over Fish (OSDI 2021)\n\nKestrel catches fish from the air.\n\n"
    "## Training\n\n- It was trained on rivers.\n\n## Limits\n\n- Wind blows it away.\n",
}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory, bundled_encoder: Encoder) -> Assistant:
    return make_assistant(tmp_path_factory.mktemp("papers"), PAPERS, bundled_encoder)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("and its year?", "It is marked ICML 2020. [1]"),
        ("and the year?", "It is marked ICML 2020. [1]"),
        ("年份呢？", "笔记标注：ICML 2020。 [1]"),
        ("它发表在哪？", "笔记标注：ICML 2020。 [1]"),
    ],
)
def test_pronoun_after_several_lines_on_one_paper_is_that_paper(
    papers: Assistant, question: str, said: str
):
    first, then = talk(papers, "What is Osprey about?", question)
    assert len(first.citations) > 1
    assert said in then.text.splitlines()


@pytest.mark.parametrize("question", ["the second one?", "第二个呢？"])
def test_paper_that_is_pointed_at_and_no_more_is_told_in_short(papers: Assistant, question: str):
    first, then = talk(papers, "which papers catch fish?", question)
    sources = {one.entry.source for one in then.citations}
    assert (len(then.citations) > 1, sources) == (True, {first.citations[1].entry.source})


@pytest.mark.parametrize("said", ["thanks", "ok, thank you!", "谢谢"])
def test_thanks_ask_nothing_of_what_was_said(papers: Assistant, said: str):
    assert talk(papers, "What is Osprey about?", said)[1].standalone is None


@pytest.mark.parametrize("ending", ["quit", "Exit", "退出", ""])
def test_chat_ends_by_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str):
    write_file(tmp_path / "corpus" / "notes" / "a.md", PAPERS["notes/osprey.md"])
    typed = iter(["What is Osprey about?", "help", ending, "What tears?"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    done = paperrag_here("chat", cwd=tmp_path)
    assert "Osprey catches fish" in done.stdout
    assert "an empty line or quit ends" in done.stderr
    assert list(typed) == ["What tears?"]


@pytest.mark.parametrize(
    ("question", "notice"),
    [
        ("第九个呢？", "上一个回答只有 4 条，没有第 9 条。"),
        ("and the ninth?", "The last answer names 4, so there is no number 9."),
    ],
)
def test_place_that_is_not_there_is_said_above_what_is(
    real_assistant: Assistant, question: str, notice: str
):
    first, then = talk(real_assistant, "which methods merge KV cache?", question)
    assert then.notice == notice
    assert cited(then) == cited(first)


def test_place_that_is_there_needs_no_notice(real_assistant: Assistant):
    first, then = talk(real_assistant, "which methods merge KV cache?", "and the fourth?")
    assert then.notice is None
    assert cited(then) == cited(first)[3:]


# --- what is a follow-up ------------------------------------------------------------------------


@pytest.mark.parametrize("question", listed(FOLLOW_UPS_EN) + listed(FOLLOW_UPS_ZH))
def test_follow_up_is_known(question: str):
    assert follows_up(question)


@pytest.mark.parametrize(
    "question",
    [*listed(SELF_CONTAINED_EN), *listed(SELF_CONTAINED_ZH), "why does it " + "x" * 300],
)
def test_self_contained_question_is_none(question: str):
    assert not follows_up(question)


QUESTION_FILES = sorted(
    path
    for path in (REPOSITORY / "tests" / "data").rglob("*.jsonl")
    if not {"proof", "heldout"}.intersection(path.parts)  # claims, and what rules nothing
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", QUESTION_FILES, ids=lambda path: path.parent.name + "/" + path.stem
)
def test_questions_that_people_begin_with_are_self_contained(path: Path):
    asked = [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    missed = {"怎么给猫剪指甲它才不挣扎？"}  # its cat stands in the same clause
    assert {one["question"] for one in asked if follows_up(one["question"])} <= missed


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("key", ["ask_section", "ask_entry"])
def test_questions_that_the_page_proposes_are_self_contained(key, language):
    assert not follows_up(say(language, key, name="KV-Cache Merging"))
    assert not follows_up(say(language, key, name="位置编码"))


@pytest.mark.parametrize(
    "question", ["which of them need no training?", "为什么？", "which methods merge KV cache?"]
)
def test_without_a_history_nothing_is_rewritten(real_assistant, question):
    assert standalone(understood(question), (), understood).question == question
    assert real_assistant.ask(question)[0].standalone is None


def test_self_contained_question_is_left_alone_after_others(real_assistant):
    _, second = talk(real_assistant, "which methods merge KV cache?", "What does VATP look at?")
    assert (second.standalone, cited(second)) == (None, ["VATP"])
    assert replace(second, question="") == replace(
        real_assistant.ask("What does VATP look at?")[0], question=""
    )


# --- by rules, on the real notes ----------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("questions", "rewritten", "titles"),
    [
        (
            ["which methods merge KV cache?", "which of them work for multimodal models?"],
            "which ones work for multimodal models? (among the answers to: which methods merge KV cache?)",
            ["LOOK-M"],
        ),
        (
            ["which methods merge KV cache?", "which one of them works for multimodal models?"],
            "which one works for multimodal models? (among the answers to: which methods merge KV cache?)",
            ["LOOK-M"],
        ),
        (
            ["有哪些合并KV缓存的方法？", "它们中哪个是针对多模态模型的？"],
            "哪个是针对多模态模型的？（范围：有哪些合并KV缓存的方法？）",
            ["LOOK-M"],
        ),
        (
            [
                "有哪些合并KV缓存的方法？",
                "其中哪些用了高斯核？",
                "针对多模态的呢？",
            ],  # of all, not of the one with the kernel
            "针对多模态的？（范围：有哪些合并KV缓存的方法？）",
            ["LOOK-M"],
        ),
        (["which methods merge KV cache?", "它们中哪个用了高斯核？"], None, ["KVMerger"]),
        (
            ["What does VATP look at?", "and when was it published?"],
            "when was VATP published?",
            ["VATP"],
        ),
        (
            ["What does VATP look at?", "what about Keyformer?"],
            "What does Keyformer look at?",
            None,
        ),
        (["VATP 看的是什么？", "它是谁发表的？"], "VATP 是谁发表的？", ["VATP"]),
        (["VATP 看的是什么？", "那 KVMerger 呢？"], "KVMerger 看的是什么？", None),
        (["What does VATP look at?", "why?"], "why? (after: What does VATP look at?)", ["VATP"]),
        (
            ["which methods merge KV cache?", "what about eviction?"],
            "eviction (after: which methods merge KV cache?)",
            ["Scissorhands", "H2O", "StreamingLLM", "FastGen", "VATP", "Keyformer"],
        ),
        (
            ["which methods merge KV cache?", "how do they differ?"],
            None,
            ["CaM", "Dynamic", "LOOK-M", "KVMerger"],
        ),
        (["which methods merge KV cache?", "for multimodal models?"], None, ["LOOK-M"]),
    ],
)
def test_follow_up_by_rules(real_assistant, questions, rewritten, titles):
    answer = talk(real_assistant, *questions)[-1]
    assert answer.question == questions[-1] and not answer.abstained
    assert answer.standalone == rewritten if rewritten else answer.standalone is not None
    assert titles is None or cited(answer) == titles


@pytest.mark.slow
def test_what_the_work_that_is_meant_does_not_say_is_refused(real_assistant):
    questions = "which methods merge KV cache?", "and which of them work for multimodal models?"
    answer = talk(real_assistant, *questions, "who published it?")[-1]
    assert (answer.standalone, answer.abstained) == ("who published LOOK-M?", True)
    assert answer.nearest[0].entry.title.startswith("LOOK-M")


def test_picking_abstains_where_no_entry_says_it(real_assistant):
    found, none, kernel = talk(
        real_assistant, "有哪些合并KV缓存的方法？", "它们中哪个用了强化学习？", "哪个用了高斯核？"
    )
    assert none.abstained and {hit.entry.id for hit in none.nearest} < {
        citation.entry.id for citation in found.citations
    }
    assert cited(kernel) == ["KVMerger"]  # among what was found before the miss


def test_follow_up_to_nothing_found_cites_nothing(real_assistant):
    answers = talk(real_assistant, "what does a flight to Lisbon cost?", "which of them is cheap?")
    assert [answer.abstained for answer in answers] == [True, True]


@pytest.mark.parametrize(
    ("questions", "language"),
    [
        (["which methods merge KV cache?", "它们中哪个用了高斯核？"], "zh"),
        (["有哪些合并KV缓存的方法？", "which of them use a Gaussian kernel?"], "en"),
        (["VATP 看的是什么？", "why?"], "en"),
    ],
)
def test_language_of_the_answer_is_that_of_the_users_question(real_assistant, questions, language):
    assert talk(real_assistant, *questions)[-1].language == language


@pytest.mark.slow
def test_long_conversation_does_not_grow_the_question(real_assistant):
    answers = talk(
        real_assistant,
        "which methods merge KV cache?",
        *["what about eviction?", "which of them use sinks?", "why?", "说说它"] * 5,
    )
    assert max(len(answer.standalone or "") for answer in answers) < 600


@pytest.mark.parametrize(
    ("question", "understood_as"),
    [
        ("which papers build on FlowNet?", "who wrote Tides after FlowNet?"),
        ("what comes after FlowNet?", "who wrote FlowNet?"),
    ],
)
def test_only_a_question_for_one_thing_calls_it_by_name(question: str, understood_as: str):
    title = "Tides after FlowNet"
    citation = Citation(1, make_entry(title, title=title), title, True, (), 0.5)
    answer = Answer(question, "en", "extractive", None, False, "", (citation,))
    then = standalone(understood("who wrote it?"), [exchange(answer)], understood)
    assert then.question == understood_as


def test_name_before_a_remark_without_blanks_is_what_is_meant():
    title = "TideCache：按潮汐分块，速度快 2 倍"
    citation = Citation(1, make_entry(title, title=title), title, True, (), 0.5)
    answer = Answer("有多快？", "zh", "extractive", None, False, "", (citation,))
    then = standalone(understood("它用了什么？"), [exchange(answer)], understood)
    assert then.question == "TideCache 用了什么？"


# --- what carries it ----------------------------------------------------------------------------


def test_json_and_text_say_how_a_question_was_understood(real_assistant):
    first, second = talk(real_assistant, "What does VATP look at?", "and who published it?")
    assert ask_json(first, 1.0)["standalone_question"] is None and "Understood" not in answer_text(
        first
    )
    assert ask_json(second, 1.0)["standalone_question"] == "who published VATP?"
    assert answer_text(second).startswith("Understood as: who published VATP?\n\n")


def test_bad_question_is_refused_with_a_history_too(real_assistant):
    before = [real_assistant.ask("What does VATP look at?")[0]]
    with pytest.raises(QueryError, match="the question is empty"):
        real_assistant.ask(" ?! ", history=before)


NOTES = "# N\n\n- [CaM](https://arxiv.org/abs/2407.08454) merges KV cache entries\n- KIVI quantizes KV cache to 2 bits\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_file(tmp_path / "corpus" / "notes" / "a.md", NOTES)
    return tmp_path


@pytest.mark.slow
def test_command_line_goes_on_after_a_saved_answer(folder):
    saved = paperrag_here("ask", "What does CaM merge?", "--json", cwd=folder)
    (folder / "first.json").write_text(saved.stdout, encoding="utf-8")
    done = paperrag_here(
        "ask", "and who published it?", "--after", "first.json", "--json", cwd=folder
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["question"], answer["standalone_question"]) == (
        "and who published it?",
        "who published CaM?",
    )
    (folder / "second.json").write_text(done.stdout, encoding="utf-8")
    third = json.loads(
        paperrag_here("ask", "why?", "--after", "second.json", "--json", cwd=folder).stdout
    )
    assert third["standalone_question"] == "why? (after: who published CaM?)"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read"),
        (b"\xff\xfe\x00{", "is no JSON"),
        (b"{", "is no JSON"),
        (b"[" * 100_000, "is no saved answer"),
        (b"[]", "is no saved answer"),
        (b'{"question": "q"}', "is no saved answer"),
        (b'{"question": 3, "citations": []}', "is no saved answer"),
        (
            b'{"question": "q", "standalone_question": 3, "citations": []}',
            r"Expected `str \| null`, got `int` - at `\$.standalone_question`",
        ),
        (b'{"question": "q", "answer": 3, "citations": []}', r"got `int` - at `\$.answer`"),
        (
            b'{"question": "q", "citations": [{"title": "t"}]}',
            r"missing required field `n` - at `\$.citations\[0\]`",
        ),
        (b'{"question": "q", "citations": [5]}', r"got `int` - at `\$.citations\[0\]`"),
    ],
)
def test_file_that_is_no_saved_answer_is_refused_with_what_is_wrong(tmp_path, content, message):
    if content is not None:
        (tmp_path / "bad.json").write_bytes(content)
    with pytest.raises(AnswerFileError, match=message):
        read_answer(tmp_path / "bad.json")


def test_command_line_says_in_one_sentence_that_a_file_is_no_saved_answer(folder):
    (folder / "bad.json").write_bytes(b"[]")
    done = paperrag_here("ask", "why?", "--after", "bad.json", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "is no saved answer" in done.stderr


# --- the page -----------------------------------------------------------------------------------


def test_page_passes_its_whole_turns_as_history(real_assistant):
    answer, _ = real_assistant.ask("which methods merge KV cache?")
    whole = Turn("a", answer)
    others = [
        Turn("b", answer, is_stopped=True),
        Turn("c", answer, is_running=True),
        Turn("d", error="broken"),
        Turn("e"),
    ]
    assert [one.answer for one in history((whole, *others))] == [answer]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Understood as: who published VATP?"), ("zh", "理解为：who published VATP?")],
)
def test_page_shows_how_a_question_was_understood(real_assistant, language, words):
    first, second = talk(real_assistant, "What does VATP look at?", "and who published it?")
    assert words in turn_html(0, Turn(second.question, second), language)
    assert "pr-understood" not in turn_html(0, Turn(first.question, first), language)
    hostile = replace(second, standalone="<script>alert(1)</script>")
    assert "<script>" not in turn_html(0, Turn("q", hostile), language)


@pytest.fixture
def two_papers(tmp_path: Path) -> Assistant:
    for name, rate in (("TideNet", 71), ("ReefMap", 93)):
        write_file(
            tmp_path / "corpus" / "notes" / f"{name}.md",
            f"# {name}\n\n- {name} predicts water levels from buoys.\n"
            f"- The success rate is {rate} percent on open water.\n",
        )
    return Assistant.open(
        corpus=tmp_path / "corpus", index=tmp_path / "index", encoder="bundled-static"
    )


@pytest.mark.slow
def test_property_asked_for_after_an_answer_is_looked_for_in_its_file(two_papers):
    _, then = talk(two_papers, "What does TideNet predict?", "what is the success rate?")
    assert "71 percent" in then.citations[0].quote
    _, then = talk(two_papers, "What does ReefMap predict?", "成功率是多少？")
    assert "93 percent" in then.citations[0].quote


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("no, I meant KVMerger", "KVMerger"),
        ("Not this one, I mean KVMerger.", "KVMerger"),
        ("不是这个，我是说 KVMerger", "KVMerger"),
        ("不对，我问的是 KVMerger？", "KVMerger"),
    ],
)
def test_correction_asks_the_question_again_about_what_was_meant(real_assistant, question, meant):
    first = exchange(real_assistant.ask("What does VATP look at?")[0])
    assert (
        standalone(understood(question), [first], understood).question
        == f"What does {meant} look at?"
    )

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from fakes import NgramEncoder
from paperrag.answer.abstaining import NEAREST_ENTRIES
from paperrag.answer.called import is_statement
from paperrag.answer.quoting import QUOTE_CHARS, Quoter
from paperrag.answer.strings import (
    ABSTRACT_TAG,
    ALSO,
    LIST_HEAD,
    MORE,
    NEAREST,
    NOT_COVERED,
    ONLY_NAMED,
    WEAK,
)
from paperrag.answer.wording import REMARK_CHARS
from paperrag.assistant import Assistant
from paperrag.encoders.contract import Encoder, FloatArray
from paperrag.index.current import CurrentIndex
from paperrag.notes.tree import parse_note
from paperrag.records import Answer, Citation
from paperrag.search.filtering import Filters
from small_corpus import make_assistant

NOTES = """# Reading

## KV cache merging

- insight: directly evicting tokens may remove important ones for good
- [CaM: Cache Merging](https://openreview.net/pdf?id=LCTmppB165), ICML 2024
  > 不直接丢弃要逐出的 token，而是把它合并到留下的 token 里。理论证明对注意力输出的扰动更小。
- [**DMC**: Dynamic Memory Compression](https://arxiv.org/abs/2403.09636)
  > Decides for every new key whether to merge it or to append it. It needs retraining.
  - the ratio differs by head
- [KVMerger](https://arxiv.org/abs/2407.08454)
  > Merges similar keys with a $\\sigma$-wide Gaussian kernel weighted average.

## Protein folding

- Instruction-Mining
- FoldWhale
- 水稻根系在盐碱地里会分泌更多的有机酸，因此根际微生物也不同。
- BirdSong2Vec：把鸟鸣声切成音节，再用对比学习训练编码器
"""
NAMES = {"CaM: Cache Merging", "DMC: Dynamic Memory Compression", "KVMerger"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, bundled_encoder: Encoder) -> Assistant:
    return make_assistant(tmp_path_factory.mktemp("answering"), NOTES, bundled_encoder)


def ask(
    assistant: Assistant, question: str, filters: Filters | None = None, k: int | None = None
) -> Answer:
    return assistant.ask(question, filters, k)[0]


def file_lines(assistant: Assistant, citation: Citation) -> str:
    lines = (
        (assistant.settings.corpus / citation.entry.source).read_text(encoding="utf-8").split("\n")
    )
    return "\n".join(lines[citation.entry.line_start - 1 : citation.entry.line_end])


class Counting(NgramEncoder):
    """Notes the texts that it encodes."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        self.read += texts
        return super().encode_document(texts)


def test_only_entries_of_several_sentences_are_read_for_a_quote(assistant: Assistant):
    hits = {hit.entry.title: hit for hit in assistant.search("KV cache merging", 20).hits}
    encoder = Counting()
    quoter = Quoter("does it need retraining?", encoder)
    assert "Gaussian kernel" in quoter.quote(hits["KVMerger"])
    assert encoder.read == []
    assert "It needs retraining." in quoter.quote(hits["DMC: Dynamic Memory Compression"])
    assert any("retraining" in text for text in encoder.read)


# --- lists ----------------------------------------------------------------------------------------

LIST_QUESTIONS = [
    "which methods merge the KV cache?",
    "有哪些合并KV缓存的方法？",
    "KV cache merging 有哪些方法",
]


@pytest.mark.parametrize("question", LIST_QUESTIONS)
def test_list_cites_the_section_that_was_asked_for(assistant: Assistant, question: str):
    answer = ask(assistant, question)
    assert {citation.entry.title for citation in answer.citations} == NAMES
    assert (answer.mode, answer.model, answer.abstained, answer.nearest) == (
        "extractive",
        None,
        False,
        (),
    )


@pytest.mark.parametrize("question", LIST_QUESTIONS)
def test_list_has_its_count_and_a_line_for_each_number(assistant: Assistant, question: str):
    answer = ask(assistant, question)
    head, *lines = answer.text.split("\n")
    assert head == LIST_HEAD[answer.language].format(
        count=3,
        section={
            "en": ", under Reading › KV cache merging",
            "zh": "（Reading › KV cache merging）",
        }[answer.language],
    )
    assert [re.findall(r"\[(\d+)\]$", line) for line in lines] == [["1"], ["2"], ["3"]]
    assert [citation.n for citation in answer.citations] == [1, 2, 3]


@pytest.mark.parametrize(
    ("question", "language", "frame"),
    [
        ("which methods merge the KV cache?", "en", "Your notes have 3 entries on this"),
        ("有哪些合并KV缓存的方法？", "zh", "你的笔记里有 3 条相关记录"),
        ("哪些 methods 合并 KV cache？", "zh", "你的笔记里有 3 条相关记录"),
        ("How does DMC decide whether to merge or to append?", "en", "Your notes on DMC"),
        ("DMC 怎么决定合并还是追加？", "zh", "你的笔记「DMC"),
    ],
)
def test_frame_is_in_the_language_of_the_question(
    assistant: Assistant, question: str, language: str, frame: str
):
    answer = ask(assistant, question)
    assert answer.language == language
    assert answer.text.startswith(frame)


def test_list_is_limited_only_when_asked_and_says_so(assistant: Assistant):
    answer = ask(assistant, "which methods merge the KV cache?", k=2)
    assert len(answer.citations) == 2
    assert answer.text.startswith("Your notes have 3 entries")
    assert answer.text.endswith(MORE["en"].format(count=1))


def test_no_word_of_a_language_model_is_added(assistant: Assistant):
    """Apart from the frame, every word of an answer stands in the note."""
    answer = ask(assistant, "which methods merge the KV cache?")
    words = [
        word
        for line in answer.text.split("\n")[1:]
        for word in re.findall(r"[A-Za-z]+|[\u4e00-\u9fff]", line)
    ]
    assert words and all(word in NOTES for word in words)


# --- one entry ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("does Dynamic Memory Compression need retraining?", "It needs retraining."),
        (
            "how does Dynamic Memory Compression treat a new key?",
            "Decides for every new key whether to merge it or to append it.",
        ),
        ("CaM 对注意力输出的扰动有什么理论证明？", "理论证明对注意力输出的扰动更小。"),
    ],
)
def test_single_is_answered_with_the_sentence_that_answers_it(
    assistant: Assistant, question: str, sentence: str
):
    answer = ask(assistant, question)
    assert sentence in answer.citations[0].quote
    assert sentence in answer.text.split("\n")[1]


def test_entry_with_only_a_name_says_so(assistant: Assistant):
    answer = ask(assistant, "what is FoldWhale?")
    assert (
        answer.text
        == f"{ONLY_NAMED['en'].format(section=' (Reading › Protein folding)')}\nFoldWhale [1]"
    )
    answer = ask(assistant, "FoldWhale 是什么？")
    assert (
        answer.text
        == f"{ONLY_NAMED['zh'].format(section='（Reading › Protein folding）')}\nFoldWhale [1]"
    )


@pytest.mark.parametrize(
    "question", ["水稻根系在盐碱地里会怎样？", "what do rice roots secrete in saline soil?"]
)
def test_statement_is_quoted_without_a_title(assistant: Assistant, question: str):
    answer = ask(assistant, question)
    head, line = answer.text.split("\n")[:2]
    frames = {
        "zh": "你的笔记（Reading › Protein folding）中写道：",
        "en": "Your notes (Reading › Protein folding) say:",
    }
    assert (head, line) == (
        frames[answer.language],
        "水稻根系在盐碱地里会分泌更多的有机酸，因此根际微生物也不同。 [1]",
    )


@pytest.mark.parametrize(
    ("bullet", "expected"),
    [
        ("- FoldWhale", False),
        ("- insight: keys are alike", True),
        ("- 键很相似，值则不然", True),
        ("- [CaM: Cache Merging](https://a.com/x)", False),
        ("- one two three four five six seven eight nine ten eleven twelve thirteen", True),
    ],
)
def test_statement_is_told_from_a_name(bullet: str, expected: bool):
    assert is_statement(parse_note(bullet, "notes/a.md").entries[0]) is expected


def test_name_and_remark_of_one_line_are_not_said_twice(assistant: Assistant):
    answer = ask(assistant, "鸟鸣声怎么切？")
    assert "把鸟鸣声切成音节" in answer.text
    assert answer.text.count("BirdSong2Vec") == 1


def test_two_answers_that_cannot_be_told_apart_are_both_given(
    tmp_path: Path, bundled_encoder: Encoder
):
    notes = {
        "notes/a.md": "# N\n\n- Zebra stripes keep flies away\n",
        "notes/b.md": "# N\n\n- Zebra stripes keep flies away.\n",
    }
    answer = ask(make_assistant(tmp_path, notes, bundled_encoder), "why do zebras have stripes?")
    assert {citation.entry.source for citation in answer.citations} == {"notes/a.md", "notes/b.md"}
    assert ALSO["en"] in answer.text and answer.text.endswith("[2]")


def test_markup_in_titles_and_remarks_is_not_shown(assistant: Assistant):
    text = ask(assistant, "which methods merge the KV cache?").text
    assert "DMC: Dynamic Memory Compression" in text
    assert not re.search(r"\*\*|\$|\]\(|https?://", text)


# --- citations ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        *LIST_QUESTIONS,
        "how does DMC treat a new key?",
        "CaM 的扰动",
        "what is FoldWhale?",
        "水稻根系",
        "鸟鸣声怎么切？",
        "insight",
    ],
)
def test_quotes_stand_in_the_file_as_they_are(assistant: Assistant, question: str):
    citations = ask(assistant, question).citations
    assert citations
    for citation in citations:
        assert citation.quote.strip() and citation.quote in file_lines(assistant, citation)
        assert citation.quote_verified


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_quotes_are_verified_whatever_the_line_ends_and_encoding(
    tmp_path: Path, bundled_encoder: Encoder, newline: str
):
    assistant = make_assistant(tmp_path, "-", bundled_encoder)
    path = assistant.settings.corpus / "notes" / "made-up.md"
    path.write_bytes(
        "- 水稻：根系分泌\n  更多的有机酸\n- 别的\n".replace("\n", newline).encode("gb18030")
    )
    (citation,) = ask(assistant, "水稻根系分泌什么？").citations
    assert citation.quote_verified and (citation.entry.line_start, citation.entry.line_end) == (
        1,
        2,
    )


def test_quote_that_is_gone_from_the_file_is_not_verified(
    tmp_path: Path, bundled_encoder: Encoder, monkeypatch
):
    assistant = make_assistant(tmp_path, "- Zebra stripes keep flies away\n", bundled_encoder)
    assert ask(assistant, "zebra stripes").citations[0].quote_verified
    monkeypatch.setattr(
        CurrentIndex, "_refresh", lambda self, manifest: None
    )  # the index is as it was, the file is not
    (assistant.settings.corpus / "notes" / "made-up.md").write_text(
        "- Zebra stripes keep lions away\n", encoding="utf-8"
    )
    (citation,) = ask(assistant, "zebra stripes").citations
    assert citation.quote == "Zebra stripes keep flies away" and not citation.quote_verified
    (assistant.settings.corpus / "notes" / "made-up.md").unlink()
    assert not ask(assistant, "zebra stripes").citations[0].quote_verified


def test_links_come_from_the_nearest_entry_above(assistant: Assistant):
    answer = ask(assistant, "does the ratio differ by head?")
    citation = answer.citations[0]
    assert citation.entry.title == "the ratio differs by head" and citation.entry.links == ()
    assert [link.arxiv_id for link in citation.links] == ["2403.09636"]


def test_the_address_of_a_picture_is_no_link_of_the_paper(tmp_path: Path, bundled_encoder: Encoder):
    notes = (
        "- [Zebra](https://a.com/z)\n  - stripes keep flies away ![fly](https://a.com/fly.png)\n"
    )
    assistant = make_assistant(tmp_path, notes, bundled_encoder)
    citation = ask(assistant, "what do stripes keep away?").citations[0]
    assert [link.url for link in citation.entry.links] == ["https://a.com/fly.png"]
    assert [link.url for link in citation.links] == ["https://a.com/z"]


def test_entry_without_links_above_has_none(assistant: Assistant):
    assert ask(assistant, "what is FoldWhale?").citations[0].links == ()


def test_a_long_quote_is_whole_where_one_thing_is_asked_and_short_in_a_list(
    tmp_path: Path, bundled_encoder: Encoder
):
    remark = "zebra stripes keep flies away " + "and away " * 60 + "until the end"
    notes = f"- [Zebra](https://a.com/z)\n  > {remark}\n- [Okapi](https://a.com/o)\n  > okapi stripes keep lions away\n"
    assistant = make_assistant(tmp_path, notes, bundled_encoder)
    single = ask(assistant, "why do zebras have stripes?")
    assert single.citations[0].quote == remark and single.citations[0].quote_verified
    assert single.text.split("\n")[1] == f"{remark} [1]"
    listed = ask(assistant, "which animals keep flies away with their stripes?").text
    shown = next(line for line in listed.split("\n") if "zebra" in line).split(" [")[0]
    told = shown.removeprefix("- ")
    assert (
        REMARK_CHARS - 1 <= len(told) <= REMARK_CHARS
        and told.endswith("…")
        and remark.startswith(told[:-1])
    )


def test_a_quote_that_is_too_long_ends_at_a_blank(tmp_path: Path, bundled_encoder: Encoder):
    text = "- zebra stripes keep flies " + "away and far " * 60
    (citation,) = ask(make_assistant(tmp_path, text, bundled_encoder), "zebra stripes").citations
    assert 0 < QUOTE_CHARS - len(citation.quote) < len("away ") and citation.quote_verified
    assert text.split(citation.quote)[1].startswith(" ")


def test_short_quote_takes_the_next_sentence_with_it(tmp_path: Path, bundled_encoder: Encoder):
    notes = "- [Zebra](https://a.com/z)\n  > 条纹防蝇。而且条纹还能帮助同类互相辨认身份。\n"
    assistant = make_assistant(tmp_path, notes, bundled_encoder)
    assert (
        ask(assistant, "条纹能防蝇吗").citations[0].quote
        == "条纹防蝇。而且条纹还能帮助同类互相辨认身份。"
    )


@pytest.mark.parametrize(
    ("text", "question", "quote"),
    [
        # A question mark inside an address and the mark of an image end no sentence.
        (
            "- 斑马 https://a.com/forum?id=zebra 的条纹防蝇",
            "斑马的条纹",
            "斑马 https://a.com/forum?id=zebra 的条纹防蝇",
        ),
        (
            "- zebra stripes, see ![[fig.png]] of flies",
            "zebra stripes",
            "zebra stripes, see ![[fig.png]] of flies",
        ),
        (
            "- [Zebra](https://a.com/z)\n  > stripes != spots; flies",
            "zebra stripes",
            "stripes != spots; flies",
        ),
    ],
)
def test_quote_is_not_cut_inside_addresses_and_marks(
    tmp_path: Path, bundled_encoder, text: str, question: str, quote: str
):
    answer = ask(make_assistant(tmp_path, text, bundled_encoder), question)
    assert [citation.quote for citation in answer.citations] == [quote]


@pytest.mark.parametrize("question", ["2410.10010", "zebra stripes", "斑马的条纹"])
def test_front_matter_is_not_quoted(tmp_path: Path, bundled_encoder: Encoder, question: str):
    notes = "---\ntitle: Zebra stripes\narxiv: 2410.10010\n---\n\nStripes keep flies away.\n"
    (citation,) = ask(make_assistant(tmp_path, notes, bundled_encoder), question).citations
    assert (citation.entry.title, citation.quote) == ("Zebra stripes", "Stripes keep flies away.")


def test_front_matter_alone_is_quoted(tmp_path: Path, bundled_encoder: Encoder):
    answer = ask(
        make_assistant(tmp_path, "---\narxiv: 2410.10010\n---\n", bundled_encoder), "2410.10010"
    )
    assert answer.citations[0].quote == "arxiv: 2410.10010" and answer.citations[0].quote_verified


@pytest.mark.parametrize("remark", ["条纹防蝇", "no flies", "防蝇 well"])
def test_short_remark_is_a_remark(tmp_path: Path, bundled_encoder: Encoder, remark: str):
    answer = ask(
        make_assistant(tmp_path, f"- [Zebra](https://a.com/z)\n  > {remark}\n", bundled_encoder),
        "zebra",
    )
    assert answer.text.split("\n")[:2] == ["Your notes on Zebra (made-up) say:", f"{remark} [1]"]


def test_name_of_a_file_is_no_place_in_its_paper(tmp_path: Path, bundled_encoder: Encoder):
    note = "## [Slow Lantern](https://a.com/l)\n\nTLDR; Noisy steps are dimmed by a lamp.\n\n#### Key Points\n\n- the lamp burns oil\n"
    assistant = make_assistant(tmp_path, {"papers/slow-lamp.md": note}, bundled_encoder)
    heads = [
        ask(assistant, question).text.split("\n")[0]
        for question in ("which steps are dimmed?", "what does the lamp burn?")
    ]
    assert heads == [
        "Your notes on Slow Lantern say:",
        "Your notes on Slow Lantern (Key Points) say:",
    ]


def test_venue_behind_a_title_is_no_remark(tmp_path: Path, bundled_encoder: Encoder):
    answer = ask(
        make_assistant(
            tmp_path, "- [Zebra stripes](https://a.com/z), ICML 2024\n", bundled_encoder
        ),
        "zebra stripes",
    )
    assert answer.text == f"{ONLY_NAMED['en'].format(section=' (made-up)')}\nZebra stripes [1]"


def test_abstract_is_marked_as_such(tmp_path: Path, bundled_encoder: Encoder):
    notes = {"abstracts/z.md": "# Zebra\n\nWe show that zebra stripes keep flies away.\n"}
    assistant = make_assistant(tmp_path, notes, bundled_encoder)
    assert ABSTRACT_TAG["en"] in ask(assistant, "why do zebras have stripes?").text
    assert ABSTRACT_TAG["zh"] in ask(assistant, "斑马的条纹 zebra stripes").text
    assert ask(assistant, "zebra stripes").citations[0].entry.kind == "abstract"


# --- abstaining -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("how do I file my tax return in Portugal?", "en"),
        ("which restaurants near the station serve ramen?", "en"),
        ("今天晚上的足球比赛几点开始？", "zh"),
        ("葡萄牙的个人所得税怎么申报？", "zh"),
    ],
)
def test_question_without_an_answer_abstains(assistant: Assistant, question: str, language: str):
    answer = ask(assistant, question)
    assert answer.abstained and answer.citations == () and answer.language == language
    first, *_ = answer.text.split("\n")
    assert first == NOT_COVERED[answer.language]
    nearest = answer.text.partition(f"{NEAREST[answer.language]}\n")[2].split("\n")
    assert len(nearest) == len(answer.nearest) == NEAREST_ENTRIES
    hit = answer.nearest[0]
    assert nearest[0] == f"1. {hit.entry.title} ({hit.entry.source}:{hit.entry.line_start})"
    assert not re.search(r"\[\d+\]", answer.text)


def test_nothing_to_search_abstains_whatever_the_threshold(
    tmp_path: Path, bundled_encoder: Encoder
):
    assistant = make_assistant(tmp_path, "- Zebra stripes\n", bundled_encoder, abstain_below=0.0)
    for question in ("which stripes?", "list all papers", "斑马"):
        answer = ask(assistant, question, Filters(language="zh"))
        assert (answer.abstained, answer.text, answer.nearest) == (
            True,
            NOT_COVERED[answer.language],
            (),
        )


@pytest.mark.slow
def test_weak_match_says_so(tmp_path: Path, bundled_encoder: Encoder):
    notes = "".join(f"- Zebra stripes keep flies away in herd {n}\n" for n in range(30))
    sure = make_assistant(
        tmp_path / "sure", notes, bundled_encoder, abstain_below=0.0, weak_below=0.0
    )
    weak = make_assistant(
        tmp_path / "weak", notes, bundled_encoder, abstain_below=0.0, weak_below=1.0
    )
    assert WEAK["en"] not in ask(sure, "zebra stripes").text
    assert ask(weak, "zebra stripes").text.endswith(WEAK["en"])
    assert ask(weak, "斑马的条纹").text.endswith(WEAK["zh"])


def test_list_names_the_paper_that_a_remark_belongs_to(tmp_path: Path, bundled_encoder: Encoder):
    notes = {
        f"{name}.md": f"---\ntitle: {name}\narxiv: '2401.0000{number}'\n---\n## TL;DR\nMerges the key-value cache {how}.\n"
        for number, (name, how) in enumerate(
            {"FoldKV": "by averaging pairs", "KnitKV": "across layers"}.items(), 1
        )
    }
    answer = ask(
        make_assistant(tmp_path, notes, bundled_encoder), "which papers merge the KV cache?"
    )
    assert [line.split(" — ")[0] for line in answer.text.splitlines()[1:]] == [
        "- FoldKV (2024)",
        "- KnitKV (2024)",
    ]


def test_paper_that_is_only_named_is_answered_with_the_remark_below_it(
    tmp_path: Path, bundled_encoder: Encoder
):
    remark = "HE 假设只要一个步骤能到达正确答案，它就是一个好步骤"
    notes = f"# N\n\n- MATH-Shepherd\n  - 用 cross entropy 训练\n    - {remark}\n- KIVI stores the cache in 2 bits\n"
    answer = ask(
        make_assistant(tmp_path, notes, bundled_encoder), "MATH-Shepherd 里 HE 的假设是什么？"
    )
    assert remark in answer.citations[0].quote
    assert ONLY_NAMED["zh"].format(section="")[:6] not in answer.text


def test_venue_is_said_when_it_is_asked_for(assistant: Assistant):
    answer = ask(assistant, "Where was CaM published?")
    assert "It is marked ICML 2024. [1]" in answer.text.split("\n")
    assert "ICML" not in ask(assistant, "What does CaM do with evicted tokens?").text


@pytest.mark.parametrize(
    ("note", "question", "quote"),
    [
        (
            "# SandbarNet\n\n> [!question] Why is the loss clipped?\n> Outliers dominate early batches.",
            "Why is the loss of SandbarNet clipped?",
            "Outliers dominate early batches.",
        ),
        (
            "# 沙洲网络\n\n问：能用于语音吗？ 答：还没试过。",
            "沙洲网络能用于语音吗？",
            "答：还没试过。",
        ),
        ("# 圩田采样\n\n缺点：\n- 方差大", "圩田采样有什么缺点？", "方差大"),
        ("# SandbarNet\n\n- Is the policy reset?", "Is the policy of SandbarNet reset?", None),
    ],
)
def test_a_question_or_a_label_is_never_quoted_as_an_answer(
    tmp_path, bundled_encoder: Encoder, note: str, question: str, quote: str | None
):
    assistant = make_assistant(tmp_path, {"notes/sandbar.md": note}, bundled_encoder)
    answer = ask(assistant, question)
    assert [one.quote for one in answer.citations] == ([quote] if quote else [])
    assert answer.abstained is (quote is None)

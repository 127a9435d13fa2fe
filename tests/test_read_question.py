from __future__ import annotations

import pytest

from paperrag.errors import QueryError
from paperrag.question.answer_type import Wanted
from paperrag.question.conditions import Condition
from paperrag.question.fields import FieldWords
from paperrag.question.names import RequiredName
from paperrag.question.read import MAX_QUERY_CHARS, read_question
from paperrag.question.record import Question
from paperrag.question.scope import Scope, only_asks
from paperrag.question.venues import with_short_venues
from paperrag.records import Status


class Notes:
    """A vocabulary of one heading, two names and no other words."""

    def has_section(self, name: str) -> bool:
        return name == "decoding"

    def has_tag(self, name: str) -> bool:
        return name == "long context"

    def marks_reading(self, status: Status) -> bool:
        return True

    def fields(self) -> FieldWords:
        return FieldWords()

    def venues(self) -> frozenset[str]:
        return frozenset()

    def holds(self, name: str) -> bool:
        return name in ("Keyformer", "DPO")

    def writes(self, name: str) -> bool:
        return name in ("Tacotron2", "Gaussian splatting")

    def numbers_behind(self, name: str) -> frozenset[str]:
        return frozenset("12" if name == "DPO" else "")

    def spelt(self, name: str) -> str:
        return "Keyformer" if name == "KeyFormr" else name

    def names(self, asked: Condition) -> bool:
        return False

    def also_called(self, name: str) -> tuple[str, ...]:
        return ()

    def called(self, identifier: str) -> str:
        return "CaM" if identifier == "2407.08454" else ""


def read(text: str) -> Question:
    return read_question(text, Notes())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("What do my notes say about write amplification?", "write amplification"),
        ("What did I note on diffusion?", "diffusion"),
        ("What do I have on learning across phones?", "learning across phones"),
        ("我的笔记里关于写放大说了什么？", "写放大"),
        ("我对写放大都记了些什么", "写放大"),
        ("关于写放大，我的笔记都说了什么", "写放大"),
    ],
)
def test_all_that_notes_say_of_a_subject_is_asked_as_the_bare_subject(text: str, asked: str):
    question = read(text)
    assert (question.asked, question.want, question.raw) == (asked, "topic", text)


@pytest.mark.parametrize(
    "text",
    [
        "What do my notes say about how loops are folded?",
        "what does DPO say about rewards?",
        "我对写放大怎么看",
        "对比学习讲了什么",
    ],
)
def test_what_asks_something_of_a_subject_is_asked_whole(text: str):
    assert read(text).asked.rstrip("?") == text.rstrip("?")


@pytest.mark.parametrize(
    ("question", "want"),
    [
        ("At which stops are buses held back in the bunching paper?", "one"),
        ("研究咖啡豆走味的那篇用了哪些豆子？", "one"),
        ("which papers hold buses back at stops?", "list"),
        ("研究咖啡豆走味的论文用了哪些豆子？", "list"),
    ],
)
def test_what_one_paper_is_asked_for_is_one_thing(question: str, want: str):
    assert read(question).want == want


def test_question_is_read_once_into_all_that_later_steps_ask():
    question = read(" ICLR 2024 papers that compare KeyFormr and SnapKV \n")
    assert question == Question(
        raw="ICLR 2024 papers that compare KeyFormr and SnapKV",
        asked="papers that compare Keyformer and SnapKV",
        language="en",
        want="list",
        names_works=True,
        asks_inside=False,
        scope=Scope("papers that compare KeyFormr and SnapKV", venues=(("ICLR", 2024),)),
        names=("Keyformer", "SnapKV"),
        unknown_names=("SnapKV",),
        required_names=(RequiredName("Keyformer", ("KAS",)), RequiredName("SnapKV")),
        wanted=Wanted(
            said=frozenset({"iclr", "keyformr", "snapkv"}),
            asked="iclr2024papersthatcomparekeyformrandsnapkv",
        ),
    )


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("有哪幾種合併快取的方法？", "有哪几种合并快取的方法?"),
        ("ＷＨＩＣＨ　ｍｅｔｈｏｄｓ merge caches？", "WHICH methods merge caches?"),
        ("DIAMOND和GameNGen有什麼區別？", "DIAMOND和GameNGen有什么区别?"),
    ],
)
def test_other_forms_of_characters_are_understood_like_the_usual_ones(typed: str, plain: str):
    one, other = read(typed), read(plain)
    assert (one.asked, one.want, one.compared) == (other.asked, other.want, other.compared)
    assert one.want == "list" or one.compared == ("DIAMOND", "GameNGen")
    assert one.raw == typed


def test_part_of_a_name_counts_as_known_unless_a_figure_follows():
    assert read("does DPO-ranked data help?").unknown_names == ()
    assert read("does DPO-3 help?").unknown_names == ("DPO-3",)


def test_number_behind_a_name_belongs_to_it_where_the_notes_join_them():
    asked = "how long are the recordings of Tacotron 2 and of DPO 2?"
    assert read(asked).names == ("Tacotron2", "DPO")
    assert read("Tacotron 2.5 的数据？").names == ("Tacotron",)


def test_a_word_with_a_capital_is_required_with_the_one_behind_it_where_notes_write_both():
    def required(text: str) -> list[str]:
        return [one.name for one in read(text).required_names]

    assert required("which papers do 3D Gaussian splatting?") == ["Gaussian splatting"]
    assert required("which papers do Gaussian blurring?") == ["Gaussian"]


def test_small_words_with_a_capital_are_no_names():
    assert read("For the related work: where do probes freeze?").names == ()
    assert read("For DPO: where do probes freeze?").names == ("DPO",)


def test_version_is_unknown_of_which_the_notes_hold_others_alone():
    assert read("what does DPO 3 change?").unknown_names == ("DPO 3",)
    assert read("what does DPO 2 change?").unknown_names == ()
    assert read("Keyformer 3 改了什么？").unknown_names == ()


def test_question_for_one_thing_restricts_nothing():
    assert not read("what does the decoding section of ICLR 2024 say?").scope.restricts


def test_ids_of_papers_are_seen():
    assert read("what is 2407.09999 about?").paper_ids == ("2407.09999",)


@pytest.mark.parametrize(("text", "said"), [(" ?? ", "empty"), ("词" * 4001, "4001 characters")])
def test_what_cannot_be_asked_is_refused(text: str, said: str):
    with pytest.raises(QueryError, match=said):
        read(text)
    assert read("词" * MAX_QUERY_CHARS)


@pytest.mark.parametrize(
    "text",
    [
        "ＷＨＩＣＨ ｍｅｔｈｏｄｓ merge caches?",
        "WHICH METHODS MERGE CACHES?",
        "哪些方法合并缓存？ WHICH?",
    ],
)
def test_capitals_of_words_that_ask_and_of_shouts_are_no_names(text: str):
    question = read(text)
    assert (question.want, question.names, question.unknown_names) == ("list", (), ())


def test_a_few_names_in_capitals_are_no_shout():
    assert read("LORA VS DORA").names == ("LORA", "DORA")
    assert read("GPT BERT CLIP LLAVA 有什么区别？").names == ("GPT", "BERT", "CLIP", "LLAVA")


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("papers on multi-DPO training", ()),
        ("papers on DPO-ranked answers", ()),
        ("which papers evaluate on DPO-AGI", ("DPO-AGI",)),
    ],
)
def test_part_of_a_name_beside_a_common_word_makes_it_known(
    question: str, unknown: tuple[str, ...]
):
    assert read(question).unknown_names == unknown


def test_question_that_surely_wants_one_thing_is_no_list():
    assert read("为什么开头那几个词会吸走注意力？").want == "one"


@pytest.mark.parametrize(
    "question",
    [
        "who reports on SensorSet?",
        "who gives accuracy on BirdBench or a variant of it?",
        "where is DeepSong used as a judge, filter or labeller?",
        "drift in cheap sensors: what do my notes say",
        "冻土融化这一块我读过什么",
        "用无人机数鸟，我都读过什么、各有什么短板",
        "传感器漂移带来的问题和各家的处理办法",
        "谁报了 SoilGrids 上的结果？",
        "Is there a probe that runs below one watt? name all",
        "For chapter two I want every method with a figure on SoilGrids.",
        "how researchers kept probes from freezing",
        "传感器结冰这件事，各家是怎么防的？",
        "Which notes say that the probe in the paper froze?",
    ],
)
def test_who_where_and_what_do_my_notes_say_ask_for_lists(question: str):
    assert read(question).want == "list"


@pytest.mark.parametrize(
    "question",
    [
        "who showed that crows plan ahead?",
        "who has the best accuracy on SoilGrids?",
        "where do CoralNet's errors come from?",
        "what do my notes say about CoralNet's batch size?",
        "谁训练了 CoralNet？",
        "CoralNet在SoilGrids上报了多少准确率？",
    ],
)
def test_who_and_where_of_one_thing_ask_for_one(question: str):
    assert read(question).want == "one"


@pytest.mark.parametrize(
    ("question", "venue"),
    [("what appeared at MLSys?", "MLSYS"), ("ICLR 上有什么？", "ICLR"), ("CoRL 的呢", "CORL")],
)
def test_a_place_and_nothing_else_asks_for_all_that_is_there(question: str, venue: str):
    asked = read(question)
    assert (asked.want, asked.scope.venues, asked.scope.is_bare) == ("list", ((venue, None),), True)


@pytest.mark.parametrize(
    ("question", "venue"),
    [
        ("what do I have from the Proceedings of the National Academy of Sciences?", "PNAS"),
        ("papers at the International Conference on Machine Learning", "ICML"),
        ("which are from User Interface Software & Technology?", "UIST"),
    ],
)
def test_a_venue_may_be_spelt_out(question: str, venue: str):
    assert read(question).scope.venues == ((venue, None),)


@pytest.mark.parametrize("question", ["二〇二一年的论文有哪些？", "二零二一年发表的有哪些？"])
def test_a_year_may_be_written_in_chinese_figures(question: str):
    assert read(question).scope.years == (2021,)


def test_a_venue_that_is_spelt_out_is_the_longest_that_its_initials_spell():
    told = "the European Proceedings of the National Academy of Sciences"
    assert with_short_venues(told, frozenset({"NAS", "EPNAS"})) == "the EPNAS"


def test_titles_of_papers_spell_out_no_venue():
    asked = read("what does Attention Is All You Need train?")
    assert asked.asked == "what does Attention Is All You Need train?"


@pytest.mark.parametrize("question", ["was Keyformer published at ICLR?", "CoRL 上谁测了沙丘"])
def test_a_place_beside_something_else_does_not(question: str):
    assert not read(question).scope.is_bare


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("what does 2407.08454 merge?", "what does  CaM  merge?"),
        ("what is https://arxiv.org/abs/2407.08454v2 about?", "what is  CaM  about?"),
        ("arXiv 2407.08454 讲了什么", "CaM  讲了什么"),
        ("what does 2407.99999 merge?", "what does 2407.99999 merge?"),
        ("2407.08454", "2407.08454"),
        ("https://arxiv.org/abs/2407.08454", "https://arxiv.org/abs/2407.08454"),
    ],
)
def test_the_id_of_a_paper_in_a_question_is_read_as_its_name(text: str, asked: str):
    question = read(text)
    assert question.asked.split() == asked.split()
    assert bool(question.paper_ids) == ("24" in asked)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("authors of Keyformer", "person"),
        ("Keyformer's authors?", "person"),
        ("why did the authors of Keyformer not use DPO?", "reason"),
        ("which dataset did the authors of Keyformer use?", "name"),
    ],
)
def test_what_authors_did_is_no_question_for_them(text: str, wanted: str):
    assert read(text).wanted.answer_type == wanted


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Keyformer's year?", True),
        ("Keyformer: year?", True),
        ("Keyformer 的年份？", True),
        ("which venue?", True),
        ("What is the best year for wine?", False),
        ("哪个会议的晚餐好吃？", False),
    ],
)
def test_question_with_no_word_but_year_or_venue_asks_when_or_where(text: str, asks: bool):
    assert read(text).asks_date == asks


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("why does the Keyformer paper not use DPO?", "Keyformer"),
        ("Keyformer 的作者为什么不用 DPO？", "Keyformer"),
        ("Keyformer 那篇论文为什么不用 DPO？", "Keyformer"),
        ("why does Keyformer not use DPO?", ""),
        ("how does the DPO paper cite the Keyformer paper?", ""),
    ],
)
def test_name_that_is_called_a_paper_is_known(text: str, name: str):
    assert read(text).name_of_paper == name


@pytest.mark.parametrize(
    "text",
    [
        "which methods in the {} paper came before {}'s?",
        "who wrote {}, and what did {} use?",
        "{} 的作者为什么不用 {}？",
    ],
)
def test_words_of_a_question_make_no_patterns(text: str, monkeypatch: pytest.MonkeyPatch):
    read(text.format("Keyformer", "DPO"))
    with monkeypatch.context() as patch:
        patch.setattr("re._compiler.compile", pytest.fail)
        read(text.format("Kestrel", "OWL"))


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("the system in which reads go to the tail and writes to the head", "one"),
        ("that model which mixes demonstrations into the replay buffer", "one"),
        ("systems in which reads go to the tail", "topic"),
        ("write amplification", "topic"),
    ],
)
def test_phrase_about_one_system_wants_one(text: str, want: str):
    assert read(text).want == want


SENTENCE = "Dunlin 投票是一个系列，Dunlin 是对其基本算法的描述"


def test_sentence_that_was_read_as_a_byline_names_nobody_to_ask_for():
    told = [
        ("byline", one)
        for one in (SENTENCE, "| Symbols | Meaning |", "Goetz Graefe, 1993", "安澜、王灯")
    ]
    words = FieldWords([(one,) for one in told])
    asked = "which papers are about Dunlin?"
    assert words.conditions(asked, only_asks) == (asked, ())
    names = ("Goetz Graefe", "王灯", "dunlin", "symbols")
    assert [words.names(one) for one in names] == [True, True, False, False]

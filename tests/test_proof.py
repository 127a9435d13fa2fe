"""A reply is taken apart and proved: numbers, marks, missing lines."""

from __future__ import annotations

import pytest

from paperrag.encoders.contextual import ContextualEncoder
from paperrag.proof.names import missing_names
from paperrag.proof.proving import Proved, prove, so_far, without_marks
from paperrag.proof.reply import parse_reply
from paperrag.proof.support import SupportScorer

CATS = "Pets › Cats\nTabby cats\n- Tabby cats: striped fur, they sleep 16 hours a day (ICML24)"
DOGS = "Pets › Dogs\nCollie dogs\n- Collie dogs: herd sheep, taught by BorderBot"
FISH = "宠物 › 鱼\n金鱼\n- 金鱼：靠鳃呼吸，记忆只有七秒"


@pytest.fixture(scope="module")
def scorer(bundled_encoder: ContextualEncoder) -> SupportScorer:
    return SupportScorer(bundled_encoder, [CATS, DOGS, FISH])


def proved(reply: str, scorer: SupportScorer, required: tuple[int, ...] = ()) -> Proved:
    return prove(parse_reply(reply, 3), scorer, required, lambda number: f"entry {number}", "Also:")


@pytest.mark.parametrize(
    ("reply", "ids", "unknown"),
    [
        ("Cats sleep [1].", [1], 0),
        ("Cats sleep. [1]", [1], 0),
        ("Cats sleep [1, 2] and eat [3].", [1, 2, 3], 0),
        ("Cats sleep [1-3].", [1, 2, 3], 0),
        ("猫睡觉【2】。", [2], 0),
        ("猫睡觉［1、3］。", [1, 3], 0),
        ("Cats sleep [^1].", [1], 0),
        ("Cats sleep [9][0].", [], 2),
        ("Cats sleep [2024].", [], 1),
        ("Cats [ICLR24] sleep.", [], 0),
    ],
)
def test_numbers_are_found_however_they_are_written(
    reply: str, ids: list[int], unknown: int
) -> None:
    parsed = parse_reply(reply, 3)
    assert parsed.cited == ids
    assert parsed.unknown_ids == unknown


def test_citations_are_renumbered_by_first_appearance(scorer: SupportScorer) -> None:
    answer = proved("Collie dogs herd sheep [2]. Tabby cats have striped fur [1].", scorer)
    assert answer.text == "Collie dogs herd sheep. [1] Tabby cats have striped fur. [2]"
    assert answer.cited == (2, 1)
    assert [claim.citations for claim in answer.claims] == [(1,), (2,)]
    assert str(answer.report) == "2 of 2 claims supported"


@pytest.mark.parametrize(
    "lie",
    [
        "Tabby cats sleep 12 hours a day [1].",
        "MeowNet cats sleep 16 hours a day [1].",
        "Collie dogs herd sheep [1].",
        "金鱼的记忆长达七年，会唱歌、跳舞、下棋 [2]。",
    ],
)
def test_sentence_that_its_entry_does_not_support_is_marked(
    lie: str, scorer: SupportScorer
) -> None:
    answer = proved(lie, scorer)
    assert [claim.status for claim in answer.claims] in (["unsupported"], ["contradicted"])
    assert " ⚠" in answer.text
    assert answer.report.supported == 0


@pytest.mark.parametrize(
    "truth",
    [
        "Tabby cats sleep 16 hours a day [1].",
        "金鱼靠鳃呼吸 [3]。",
        "牧羊犬会赶羊 [2]。",
    ],
)
def test_true_sentence_is_supported_in_either_language(truth: str, scorer: SupportScorer) -> None:
    assert [claim.status for claim in proved(truth, scorer).claims] == ["supported"]


def test_sentence_without_a_number_gets_the_one_that_clearly_supports_it(
    scorer: SupportScorer,
) -> None:
    answer = proved("Tabby cats: striped fur, they sleep 16 hours a day.", scorer)
    assert answer.cited == (1,)
    assert answer.report.added_citations == 1
    vague = proved("Animals are wonderful companions for families.", scorer)
    assert (vague.cited, vague.report.uncited) == ((), 1)
    assert vague.text.endswith(" ⚠")


def test_sentence_takes_the_number_at_the_end_of_its_line(scorer: SupportScorer) -> None:
    answer = proved("- Tabby cats have striped fur. They sleep 16 hours a day [1].", scorer)
    assert [claim.citations for claim in answer.claims] == [(1,), (1,)]


def test_words_that_lead_to_a_list_are_no_claim(scorer: SupportScorer) -> None:
    answer = proved("Your notes name two pets:\n- Tabby cats have striped fur [1]", scorer)
    assert answer.report.claims == 1
    assert answer.text == "Your notes name two pets:\n- Tabby cats have striped fur [1]"


def test_list_gets_the_lines_that_the_model_left_out_but_not_those_it_set_aside(
    scorer: SupportScorer,
) -> None:
    answer = proved("- Tabby cats have striped fur [1]\n[2] -", scorer, required=(1, 2, 3))
    assert answer.text.splitlines() == [
        "- Tabby cats have striped fur [1]",
        "",
        "Also:",
        "- entry 3 [2]",
    ]
    assert (answer.report.added_lines, answer.report.set_aside) == (1, 1)


def test_claims_are_spans_of_the_text(scorer: SupportScorer) -> None:
    answer = proved("Tabby cats have striped fur [1]. They sleep 99 hours [1].", scorer)
    assert [answer.text[claim.start : claim.end] for claim in answer.claims] == [
        "Tabby cats have striped fur. [1]",
        "They sleep 99 hours. [1]",
    ]


def test_growing_text_holds_back_a_number_that_is_being_written() -> None:
    assert so_far("Cats sleep [2", 3) == ("Cats sleep", [])
    assert so_far("Cats sleep [2]. Dogs", 3) == ("Cats sleep. [1] Dogs", [2])


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        (
            "| breed | fur |\n| --- | --- |\n| Tabby cats | striped fur [1] |",
            "| breed | fur |\n| --- | --- |\n| Tabby cats | striped fur [1] |",
        ),
        (
            "## Cats\n\n1. Tabby cats have striped fur [1]\n   - Tabby cats sleep 16 hours [1]",
            "## Cats\n\n1. Tabby cats have striped fur [1]\n   - Tabby cats sleep 16 hours [1]",
        ),
        (
            "Tabby cats have striped fur [1].\n\n```python\ncats[2] = 1\n```",
            "Tabby cats have striped fur. [1]\n\n```python\ncats[2] = 1\n```",
        ),
        (
            "Tabby cats have striped fur [1].\n\n$$\nE = m c^2\n$$\n\nCollie dogs herd sheep [2].",
            "Tabby cats have striped fur. [1]\n\n$$\nE = m c^2\n$$\n\nCollie dogs herd sheep. [2]",
        ),
        (
            "\\[\nfur = stripes\n\\]\nTabby cats have striped fur [1].\n$$x$$\nCollie dogs herd sheep [2].",
            "\\[\nfur = stripes\n\\]\nTabby cats have striped fur. [1]\n$$x$$\nCollie dogs herd sheep. [2]",
        ),
        (
            "$$\nTabby cats have striped fur [1].",
            "Tabby cats have striped fur. [1]",
        ),
        (
            "Collie dogs herd sheep [2].\n\n**References**\n[1] Tabby cats\n[2] Collie dogs",
            "Collie dogs herd sheep. [1]",
        ),
        ("金鱼靠鳃呼吸 [3]。\n\n参考文献：\n[3] 金鱼", "金鱼靠鳃呼吸。 [1]"),
    ],
)
def test_markdown_of_a_reply_survives(reply: str, shown: str, scorer: SupportScorer) -> None:
    assert proved(reply, scorer).text == shown


def test_names_are_compared_without_separators_and_case() -> None:
    assert missing_names("The LoRA-XS and KV-Cache methods", "lora xs, kvcache") == []
    assert missing_names("It beats DoRA on GSM8K", "LoRA on gsm8k") == ["DoRA"]
    assert missing_names("fastText-based filters", "a fasttext model") == []
    assert missing_names("DMC and DCM", "Dynamic Memory Compression") == ["DCM"]
    assert missing_names("LLMs need RL", "large language models, reinforcement learning") == []
    assert missing_names("Medusa 主张推测", "EAGLE") == ["Medusa"]
    assert missing_names("Guessing helps", "EAGLE") == []
    assert missing_names("It uses TTS", "EATTS and a cat's tail") == ["TTS"]
    assert missing_names("best-of-N sampling", "抽样") == []
    assert missing_names("a MoE layer", "a mixture of experts") == []
    assert missing_names("a MoD layer", "a mixture of experts") == ["MoD"]
    assert missing_names("columns 到第 r+1 列", "the columns below r+1") == []
    assert missing_names("by PageID", "按 PageID+LSN 查") == []
    assert missing_names("64 KB at 16 kHz", "64K，16k") == []


def test_name_that_is_spelled_otherwise_is_not_missing() -> None:
    assert missing_names("Quiet-STaR and DistilRoBERTa", "Quiter-StAR, DistilledRoberta") == []
    assert missing_names("UniRef50 beats LoRA-XS", "UniRef90 and LoRA-GA") == [
        "UniRef50",
        "LoRA-XS",
    ]


def test_plain_names_are_held_against_chinese_notes_unless_something_is_like_them(
    bundled_encoder: ContextualEncoder,
) -> None:
    scorer = SupportScorer(bundled_encoder, ["猫 › 语言\n- 在德语的猫数据集上训练"])
    names = [
        scorer.features(f"Cats are trained on data in {name}.", [0]).names_missing
        for name in ("German", "Whiskas")
    ]
    assert names == [0, 1]


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        ("Tabby cats sleep 12 hours a day [1].", "the notes say 16 hours, not 12 hours"),
        ("Tabby cats sleep 16 minutes a day [1].", "the notes say 16 hours, not 16 minutes"),
        ("Collie dogs were taught by MeowNet [2].", "the notes say BorderBot, not MeowNet"),
    ],
)
def test_mark_says_what_the_note_says(lie: str, why: str, scorer: SupportScorer) -> None:
    answer = proved(lie, scorer)
    assert answer.text.endswith(f" ⚠ ({why})")
    (claim,) = answer.claims
    assert (claim.status, claim.why) == ("contradicted", why)
    assert answer.report.contradicted == 1
    assert without_marks(answer.text).endswith("]")


def test_sentence_gets_the_number_that_bears_it_out_not_all_of_its_line(
    scorer: SupportScorer,
) -> None:
    answer = proved(
        "Tabby cats have striped fur [1]. Collie dogs herd sheep [2]. "
        "Collie dogs: herd sheep, taught by BorderBot.",
        scorer,
    )
    assert [claim.citations for claim in answer.claims] == [(1,), (2,), (2,)]

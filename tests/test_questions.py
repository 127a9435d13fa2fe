from __future__ import annotations

import pytest

from paperrag.question.intent import wanted
from test_read_question import read

ASKS_FOR_ALL = [
    # English questions
    "which methods merge KV cache?",
    "Which papers study reward hacking?",
    "What methods quantize weights to 4 bits?",
    "what approaches reduce hallucination in summaries?",
    "Which of the papers use a teacher?",
    "which ones need no training?",
    "What are the main techniques for long context?",
    "what datasets were used for code generation?",
    "Which two open source tools rerank passages?",
    "What reasons speak against token dropping?",
    "what have I read about speech codecs?",
    "Which jailbreak attacks did I note?",
    "which cells are place cells?",
    "How do people remove dust from lenses?",
    "where did researchers use synthetic speech?",
    # English commands
    "list the papers on retrieval",
    "List LoRA variants",
    "please enumerate the tricks for stable training",
    "show me papers about mixture of experts",
    "give me all methods that prune heads",
    "Find works on protein folding",
    "collect the notes about graph transformers",
    "name some benchmarks for agents",
    "everything about speculative decoding",
    "anything on watermarking?",
    # English phrases
    "KV cache eviction methods",
    "long-context methods that rescale position encodings",
    "parameter-efficient fine-tuning architectures derived from LoRA",
    "sparse attention papers",
    "robots that climb stairs",
    "graph indexes stored on a disk",
    "cheap sensors running for a year without a battery",
    # Chinese questions
    "有哪些合并KV缓存的方法？",
    "哪些论文研究奖励模型？",
    "KV cache 量化都有哪些工作",
    "我读过哪些讲扩散模型的文章？",
    "哪几篇论文用了蒸馏？",
    "用强化学习的有哪几个？",
    "有什么方法可以减少幻觉？",
    "有什么样的技巧能稳定训练",
    "做语音编解码的都有谁",
    # Chinese commands and phrases
    "列出所有LoRA的变体",
    "列举处理长文本的方案",
    "罗列一下检索增强的工作",
    "盘点多模态模型",
    "所有方法里用到教师模型的",
    "分块处理长文本的方法",
    "不需要训练的剪枝方法",
    "合并 token 的 ViT 工作",
    "用 diffusion 生成视频的模型",
    "发在 CVPR24 上的",
    "防止过拟合的办法，加噪声的也算",
    "how many KV cache eviction methods are there",
    "how many papers did I read on diffusion?",
    "多少个LoRA变体",
    "有几篇讲剪枝的论文",
    "讲公平性的论文有那些",
]

ASKS_FOR_ONE = [
    # English
    "What is CaM?",
    "Who introduced rotary embeddings?",
    "How does KVMerger choose which keys to merge?",
    "why does perplexity rise when heads are dropped?",
    "When was the paper on sinks published?",
    "Does LOOK-M touch text tokens?",
    "Which paper first merged tokens?",
    "what is the idea behind speculative decoding?",
    "Is the reward model trained on math only?",
    "How many layers share a cache?",
    "a method that merges evicted tokens",
    "Gaussian kernel weighted merging",
    "a hypothesis that explains double descent",
    "the loss used for the reward model",
    "DMC",
    "2407.08454",
    # Chinese
    "那个把整块盘当日志写的系统，隔多久存一次恢复点？",
    "造句的模型要多大才会用工具？",
    "CaM 是什么？",
    "KVMerger 怎么决定合并哪里？",
    "为什么前两层不合并？",
    "谁提出了旋转位置编码",
    "哪篇论文最早提出合并缓存？",
    "哪个方法不需要训练？",
    "这篇论文用了多少层？",
    "如何减少幻觉",
    "什么是投机解码",
    "LOOK-M 会合并文本 token 吗",
    "高斯核加权合并",
    "缓存",
    "All you need is attention, who wrote it?",
    "All-reduce bandwidth in tensor parallelism?",
    "为什么LoRA也算微调？",
    "How many GPUs were used?",
    "Which corpus did we read first?",
    "STaR是怎么训练的",
    "退火用了多少 token",
]


@pytest.mark.parametrize("question", ASKS_FOR_ALL)
def test_question_for_all_wants_a_list(question: str):
    assert read(question).want == "list"


@pytest.mark.parametrize("question", ASKS_FOR_ONE)
def test_question_for_one_wants_no_list(question: str):
    assert read(question).want != "list"


def test_tables_are_large_and_bilingual():
    questions = ASKS_FOR_ALL + ASKS_FOR_ONE
    assert len(questions) == len(set(questions)) >= 60
    assert min(sum(q.isascii() for q in questions), sum(not q.isascii() for q in questions)) >= 30


@pytest.mark.parametrize(
    "question",
    ["What problem do these methods solve?", "What does the survey say about models?"],
)
def test_plural_that_is_not_asked_for_wants_one(question: str):
    assert read(question).want == "one"


@pytest.mark.parametrize(
    "phrase",
    [
        "multi-LoRA serving",
        "四足机器人 sim2real",
        "work in which robots write code",
        "structures that can grow",
        "LoRA",
    ],
)
def test_bare_phrase_is_a_topic(phrase: str):
    assert wanted(phrase) == "topic"


@pytest.mark.parametrize(
    "question",
    [
        "what is LoRA",
        "LoRA 是什么",
        "LoRA?",
        "explain LoRA",
        "为啥要合并",
        "有没有讲合并的",
        "会不会忘",
    ],
)
def test_what_asks_is_no_topic(question: str):
    assert wanted(question) == "one"


@pytest.mark.parametrize(
    "question",
    ["When was CaM published?", "which venue was it at", "LongRoPE是哪个会议的", "哪年发表的"],
)
def test_question_for_a_date_or_venue_is_known(question: str):
    assert read(question).asks_date


@pytest.mark.parametrize(
    "question",
    ["What happens when heads are dropped?", "when should keys be merged", "什么时候该用合并"],
)
def test_question_for_the_time_of_something_else_is_none(question: str):
    assert not read(question).asks_date

"""Techniques and directions that a claim names and a text does not, or names the other way round,
in either language.

What the encoder is weak at: "before" lies near "after", and "merge" near "prune". Words of no
corpus are in it.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TECHNIQUES = (
    r"merg|fus(?:e|ing|ion)|pool|合并|融合|汇合|池化", r"prun|剪枝|裁剪|剪掉", r"quanti[sz]|\bbits?\b|量化|比特",
    r"evict|drop|discard|delet|remov|throw|逐出|驱逐|丢弃|丢掉|删|去掉|移除|摘掉", r"distil|teacher|student|蒸馏|老师|教师|学生",
    r"freez|frozen|fix(?:ed|es)|冻|固定|不动", r"low[- ]rank|\brank|\bSVD|singular|低秩|秩|奇异", r"spars|稀疏", r"retriev|检索",
    r"convolution|卷积", r"recurren|\bRNN|循环|递归", r"reinforcement|\bRL\b|\bPPO\b|强化学习",
    r"evolution|genetic|进化|遗传", r"gradient|梯度", r"human|manual|annotator|by hand|人工|手工|标注员|人手|人类",
    r"random|随机", r"contrastive|对比", r"diffusion|denois|扩散|去噪", r"cluster|聚类", r"hash|哈希", r"tree|树",
    r"graph|图结构|图谱|图神经", r"beam|束搜索", r"protein|蛋白", r"kernel|核函数",
    r"early[- ]exit|exit(?:s|ing)? early|早退|提前退出", r"flow[- ]matching|流匹配", r"auto-?encoder|\bVAE|自编码",
    r"gaussian process|高斯过程", r"random forest|boosted|随机森林|提升树", r"classifier|classification|分类",
    r"cross[- ]entropy|交叉熵", r"instruction[- ]tun|指令微调|指令调优", r"pre-?train|预训练",
    r"tensor[- ]parallel|张量并行", r"pipeline[- ]parallel|流水线并行", r"adversarial|discriminator|对抗|判别器",
    r"bayes|贝叶斯", r"codebook|码本", r"optical flow|光流", r"perplexity|困惑度", r"mutual information|互信息",
    r"early stop|提前停止|早停", r"dropout|随机失活", r"mixture of experts|\bMoE|混合专家", r"speech|语音", r"vision|视觉",
)  # fmt: skip
"""Each is one technique in both languages; a claim that names one is held against texts that name
none of its words.
"""

_OPPOSITES = (
    (
        r"\bincreas|\brais|\bgrow|\bgain|\blift|提升|提高|增加|增大|上升|升高",
        r"\bdecreas|\breduc|\blower(?:s|ed|ing)\b|\bdrop|\bshrink|\bfall|降低|减少|减小|下降",
    ),
    (
        r"\bhigh(?:er)?\b|\blarger?\b|\bbigger\b|更高|更大|变大|大得多|太高",
        r"\blow(?:er)?\b|\bsmaller?\b|更低|更小|变小|小得多|小很多|太低",
    ),
    (r"\bmore\b|更多", r"\bless\b|\bfewer\b|更少"),
    (
        r"\bbetter\b|\bbeats?\b|\boutperform|\bhelps?(?:ed)?\b|\bimprov|更好|优于|胜过|改进|改善|有益",
        r"\bworse\b|\btrails?\b|\bhurts?\b|\bdegrad|\bharm|更差|变差|不如|损害|伤害",
    ),
    (r"\bearlier\b|\bbefore\b|之前|提前", r"\blater\b|\bafter\b|之后|推迟"),
    (r"\bfast(?:er)?\b|\bquick|更快|加快|加速", r"\bslow(?:er|s)?\b|更慢|变慢|减慢"),
    (
        r"\bsame\b|\bshared?\b|\bidentical|相同|同样|共用|共享",
        r"\bdifferent|\bseparate|\bits own\b|不同|各自|分别",
    ),
    (r"\bstrong(?:er)?\b|\bstricter\b|更强|强大", r"\bweak(?:er)?\b|\blooser\b|更弱|薄弱"),
    (
        r"\bfreez|\bfrozen\b|\bfix(?:es|ed)?\b|冻结|冻住|固定|不动",
        r"\btrainable\b|\bunfreez|放开|解冻|可训练",
    ),
    (
        r"\bwithout (?:any )?(?:training|fine-?tuning)|\btraining-free|\bneeds? no "
        r"(?:training|fine)"
        r"|不需要(?:任何)?(?:训练|微调)|无需(?:训练|微调)|免训练|无训练",
        r"\b(?:needs|requires) (?:extra |some )?(?:training|fine-?tuning)|(?<!不)需要(?:先)?(?:训练|微调)",
    ),
    (
        r"\bdiscard|\bdrop(?:s|ped|ping)?\b|\bevict|\bthrow|丢弃|丢掉|逐出|驱逐",
        r"\bkeep|\bretain|\bpreserv|保留|留下",
    ),
    (r"\bshort(?:er)?\b|更短|较短", r"\blong(?:er)?\b|更长|较长"),
    (r"\bmanual|\bby hand|\bhuman|人工|手工|标注员", r"\bautomat|自动"),
    (r"\balways\b|总是|始终", r"\bnever\b|从不|从来不"),
)
"""Pairs of opposites: a claim that says one where the text says only the other is turned round."""


def missing_techniques(claim: str, text: str) -> int:
    """Return how many techniques a claim names that a text does not."""
    return sum(bool(one.search(claim)) and not one.search(text) for one in _techniques())


def opposed(claim: str, text: str) -> int:
    """Return how many directions a claim names of which a text names the opposite alone."""
    return sum(
        _turned(claim, text, one, other) or _turned(claim, text, other, one)
        for one, other in _opposites()
    )


def _turned(claim: str, text: str, one: re.Pattern[str], other: re.Pattern[str]) -> bool:
    says = bool(one.search(claim)) and not other.search(claim)
    return says and bool(other.search(text)) and not one.search(text)


@lru_cache(maxsize=1)
def _techniques() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in _TECHNIQUES)


@lru_cache(maxsize=1)
def _opposites() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    return tuple(
        (re.compile(one, re.IGNORECASE), re.compile(other, re.IGNORECASE))
        for one, other in _OPPOSITES
    )

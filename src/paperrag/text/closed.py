"""Words of English and Chinese that belong to no subject, by what they do: those that ask, point,
join and stand for others, and those that ask for something to be done.

The classes are closed, neither language takes new words into them. Rules name the classes that
they mean instead of listing words.
"""

from __future__ import annotations

from paperrag.text.patterns import any_of

ASKING_EN = "how what which who when where why whom whose".split()
QUESTION_WORDS_EN = any_of(ASKING_EN)
AUXILIARIES_EN = "is are was were do does did can could should would will".split()
"""Those that begin a question."""

BEING_EN = "be been has have had".split()
ARTICLES_EN = "a an the".split()
POINTING_EN = "this that these those it its they them their theirs above previous".split()
COUNTING_EN = "one ones two three all both any some each every many much several".split()
PERSONS_EN = "i me my we us our you your".split()
PREPOSITIONS_EN = (
    "of to in on at by for from with without as into about over than between since after before under"
).split()
JOINING_EN = "and but or so then when while if because although though until".split()
LEADING_EN = "and but so also ok okay then now or well thanks thank please".split()
ADVERBS_EN = "not no too only just now again up there else more exactly".split()
NEGATING_EN = "not no never none nothing nor neither without cannot".split()
NEGATION_EN = rf"\b{any_of(NEGATING_EN)}\b|n['’]t\b"

NUMBERS_EN = "one two three four five six seven eight nine ten".split()
ORDINALS_EN = "first second third fourth fifth sixth seventh eighth ninth tenth".split()

FUNCTION_WORDS_EN = [
    *ASKING_EN,
    *AUXILIARIES_EN,
    *BEING_EN,
    *ARTICLES_EN,
    *POINTING_EN,
    *COUNTING_EN,
    *PERSONS_EN,
    *PREPOSITIONS_EN,
    *JOINING_EN,
    *LEADING_EN,
    *ADVERBS_EN,
]
"""All of these."""

DOING_EN = (
    "show list give tell make turn put write say present format find name get need want like "
    "summarise summarize enumerate"
).split()
"""What somebody is asked to do, or says that he wants."""

ASKING_ZH = (
    "什么 什么时候 哪 谁 怎 怎么 吗 多少 多久 多大 多长 多高 多快 如何 为何 为啥 何时 是否".split()
)

ASKING_MORE_ZH = "几 呢".split()
"""Those that are no question by themselves in a phrase, too: 几种方法."""

BEFORE_ZH = "上述 以上 上面 前面 刚才".split()
"""What was said before."""

POINTING_ZH = [
    *"这些 那些 这个 那个 这样 这么 这 那 它们 它 他们 他 里 中 下 上 面".split(),
    *BEFORE_ZH,
]
PERSONS_ZH = "我 你 您".split()
JOINING_ZH = "来 和 与 跟 及 但 还 也 都 再 更 别 的 地 得 了 吧 啊 把 将 以 对 在 从 为 成 是 有 不 过".split()
COUNTING_ZH = "一下 一点 一 两 三 个 些 点 张 份 句 种 篇 条 年 第 全部 所有 多".split()
NEGATING_ZH = "不 没 未 无法 无需 无须 并非 而非 难以".split()
DENYING_NOTHING_ZH = "不同 不仅 不但 不过 不断 未来".split()
"""Words that begin like these and deny nothing."""

NUMBERS_ZH = "一二三四五六七八九十"
"""From one to ten, as in English above."""

DOING_ZH = (
    "请 帮 给 想 要 能 可以 看 说 讲 写 列 出 举 做 作 变 改 整理 展示 显示 总结 概括 罗列 盘点 汇总"
).split()
"""Words and characters that Chinese words of these kinds are made of: 说说, 给出, 改成."""

FUNCTION_WORDS_ZH = [
    *ASKING_ZH,
    *ASKING_MORE_ZH,
    *POINTING_ZH,
    *PERSONS_ZH,
    *JOINING_ZH,
    *COUNTING_ZH,
    *DOING_ZH,
]
"""All of these."""

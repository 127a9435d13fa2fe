"""A sentence -> the same sentence made untrue in one place, and where.

One function a kind of lie, both languages. Each returns an `Altered`, None where a sentence gives
no hold. The few function words here (negations, quantifiers, comparatives) are those of the
languages; content words come from `contrasts`, which are learned.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from paperrag.proof.quantities import quantities
from paperrag.text.language import HAN_CHAR


@dataclass(frozen=True, slots=True)
class Altered:
    """A text and the span of it that was put in, empty where something was taken out."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words that can stand in a word's place: opposites, other things of its kind, names; for terms
    of several words others of their field; for words those that mean the same.
    """

    opposites: Mapping[str, Sequence[str]]
    others: Mapping[str, Sequence[str]]
    names: Sequence[str]
    terms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    same: Mapping[str, Sequence[str]] = field(default_factory=dict)


Alter = Callable[[str, Lexicon, random.Random], Altered | None]

_TURNS_EN = (
    "higher lower|high low|more fewer|more less|larger smaller|large small|better worse|best worst|faster slower|stronger weaker|longer shorter"
    "|most least|above below|before after|with without|first last|early late|easy hard|easier harder|cheaper costlier|deeper shallower|upper lower"
    "|outperforms underperforms|outperform underperform|exceeds trails|beats loses-to|superior inferior|improves degrades|improve degrade|gains losses"
    "|positive negative|same different|similar different|inside outside|always never|maximize minimize|enable prevent|enables prevents|add remove|adds removes"
    "|allows forbids|allow forbid|rises falls|helps hurts|keep discard|keeps discards|success failure|necessary unnecessary|reduces increases|reducing increasing|reduced increased"
)
_TURNS_ZH = (
    "高于 低于|优于 劣于|更高 更低|更大 更小|更快 更慢|更多 更少|更好 更差|更强 更弱|更长 更短|最高 最低|最大 最小|最好 最差|之前 之后|以上 以下"
    "|提高 降低|提升 降低|增加 减少|改善 恶化|上升 下降|增强 削弱|加快 减慢|超过 不及|胜过 不如|相同 不同|有利 不利|有效 无效|显著 轻微|容易 困难|保留 丢弃|允许 禁止|先 后"
    "|多 少|高 低|强 弱|快 慢|长 短|深 浅|早 晚|始终 从不|添加 删除|支持 反对|成功 失败|正 负"
)
_PAIRS = [pair.split() for pair in (*_TURNS_EN.split("|"), *_TURNS_ZH.split("|"))]
_TURNS: dict[str, list[str]] = {}
for _one, _other in _PAIRS:
    _TURNS.setdefault(_one, []).append(_other.replace("-", " "))
    _TURNS.setdefault(_other.replace("-", " "), []).append(_one)

_WORD = re.compile(r"[A-Za-z][A-Za-z-]*[A-Za-z]|[A-Za-z]")
_NAME = re.compile(
    r"\b(?:[A-Z][a-z]*[A-Z][\w-]*|[A-Z]{2,}[\w-]*|[A-Z][a-z]+\d[\w-]*|[A-Z][a-z]{2,})\b"
)


def number(text: str, lexicon: Lexicon, chance: random.Random) -> Altered | None:
    """Another number, in digits or words."""
    found = [one for one in quantities(text) if re.search(r"\d", one.text)]
    if not found:
        return None
    one = chance.choice(found)
    digits = re.search(r"\d+(?:[.,]\d+)*", one.text)
    assert digits
    old = digits.group()
    new = _other_number(old, [two.text for two in found if two is not one], chance)
    start = one.start + digits.start()
    return None if new == old else _put(text, start, start + len(old), new)


def unit(text: str, lexicon: Lexicon, chance: random.Random) -> Altered | None:
    """The same number of something else."""
    found = [one for one in quantities(text) if one.kind and re.match(r"\d", one.text)]
    if not found:
        return None
    one = chance.choice(found)
    said = re.search(r"[^\d.,\s-]+$", one.text)
    if said is None:
        return None
    is_chinese = bool(HAN_CHAR.search(text))
    other = {
        "time": ["毫秒", "秒", "分钟", "小时", "天"]
        if is_chinese
        else ["ms", "seconds", "minutes", "hours", "days"],
        "bytes": ["KB", "MB", "GB", "TB"],
        "bits": ["bytes"] if not is_chinese else ["字节"],
        "%": ["倍"] if is_chinese else ["×", " times"],
        "times": ["%"],
    }[one.kind]
    new = chance.choice([it for it in other if it.strip().lower() != said.group().lower()] or other)
    start = one.start + said.start()
    return _put(text, start, one.end, new)


def name(text: str, lexicon: Lexicon, chance: random.Random) -> Altered | None:
    """Another name."""
    found = [match for match in _NAME.finditer(text) if match.start() > 0 or _is_marked(match[0])]
    found = [match for match in found if match[0].lower() not in ("we", "the", "our", "this")]
    if not found:
        return None
    one = chance.choice(found)
    new = chance.choice(lexicon.names)
    return None if new.lower() == one[0].lower() else _put(text, one.start(), one.end(), new)


def swap(text: str, lexicon: Lexicon, chance: random.Random) -> Altered | None:
    """Two names, or two things set in relation, in one another's place."""
    names = [m for m in _NAME.finditer(text) if m.start() > 0 or _is_marked(m[0])]
    spans = [(m.start(), m.end()) for m in names]
    terms = sorted(term_spans(text, lexicon))
    if len({text[a:b] for a, b in terms}) > 1 and chance.random() < 0.5:
        spans = terms
    if len({text[a:b] for a, b in spans}) < 2 or chance.random() < 0.4:
        related = _RELATED_ZH if HAN_CHAR.search(text) else _RELATED_EN
        match = related.search(text)
        if match is None:
            return None
        spans = [match.span(1), match.span(2)]
    first = chance.randrange(len(spans) - 1)
    (a, b), (c, d) = spans[first], spans[first + 1]
    between = text[b:c]
    if (
        re.fullmatch(r"\s*(?:,|、|/|and|or|和|与|及|以及|或|&)*\s*", between)
        or text[a:b] == text[c:d]
    ):
        return None
    return Altered(text[:a] + text[c:d] + between + text[a:b] + text[d:], a, a + (d - c))


def opposite(text: str, lexicon: Lexicon, chance: random.Random) -> Altered | None:
    """A word's opposite in its place: a direction, a comparison turned."""
    return _replaced(text, _TURNS if chance.random() < 0.5 else lexicon.opposites, chance)


def method(text: str, lexicon: Lexicon, chance: random.Random) -> Altered | None:
    """Another thing of its kind in place of a term or a content word."""
    terms = term_spans(text, lexicon)
    if not terms or chance.random() < 0.3:
        return _replaced(text, lexicon.others, chance)
    start, end = chance.choice(terms)
    new = chance.choice(list(lexicon.terms[text[start:end].lower()]))
    return _put(text, start, end, new[:1].upper() + new[1:] if text[start].isupper() else new)


def reworded(text: str, lexicon: Lexicon, chance: random.Random, share: float) -> str:
    """Return a text with a share of its words replaced by ones that mean the same."""
    pieces, at = [], 0
    for start, end in sorted(_words(text)):
        others = lexicon.same.get(text[start:end].lower())
        if start >= at and others and chance.random() < share:
            pieces += [text[at:start], chance.choice(list(others))]
            at = end
    return "".join([*pieces, text[at:]])


def term_spans(text: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Return the spans of the terms of a text that others may stand for."""
    words, found, at = sorted(_words(text)), [], -1
    for (start, _), (_, end) in itertools.pairwise(words):
        if start >= at and end - start < 40 and text[start:end].lower() in lexicon.terms:
            found.append((start, end))
            at = end
    return found


def negate(text: str, lexicon: Lexicon, chance: random.Random) -> Altered | None:
    """A negation put in or taken out."""
    rules = _NEGATIONS_ZH if HAN_CHAR.search(text) else _NEGATIONS_EN
    for pattern, made in chance.sample(rules, len(rules)):
        found = list(pattern.finditer(text))
        if found:
            match = chance.choice(found)
            new = made(match) if callable(made) else match.expand(made)
            return _put(text, match.start(), match.end(), new)
    return None


def quantifier(text: str, lexicon: Lexicon, chance: random.Random) -> Altered | None:
    """Put "all" for "some", "always" where it was said of some cases; drop a hedge."""
    rules = _QUANTIFIERS_ZH if HAN_CHAR.search(text) else _QUANTIFIERS_EN
    for pattern, made in chance.sample(rules, len(rules)):
        if match := pattern.search(text):
            return _put(text, match.start(), match.end(), chance.choice(made))
    return None


def condition(text: str, lexicon: Lexicon, chance: random.Random) -> Altered | None:
    """A condition taken out, or turned."""
    found = (_CONDITION_ZH if HAN_CHAR.search(text) else _CONDITION_EN).search(text)
    if found is None:
        return None
    left = text[: found.start()] + text[found.end() :]
    left = re.sub(r"^[,，\s]+", "", left)
    if len(left) < 0.4 * len(text):
        return None
    return Altered(left[:1].upper() + left[1:], 0, 0)


def names_in(text: str) -> list[str]:
    """Return the names that a sentence tells."""
    return _NAME.findall(text)


KINDS: dict[str, Alter] = {
    "number": number, "unit": unit, "name": name, "swap": swap, "opposite": opposite, "method": method,
    "negation": negate, "quantifier": quantifier, "condition": condition,
}  # fmt: skip

_RELATED_EN = re.compile(
    r"\b([\w-]+(?: [\w-]+)?) (?:is|are|was|were)?\s?(?:\w+ )?(?:than|over|from|into|to|by|instead of|rather than|outperforms?|beats?|uses|replaces|improves|depends on|requires|causes|leads to|produces|predicts) (?:the |an? )?([\w-]+(?: [\w-]+)?)\b"
)
_RELATED_ZH = re.compile(
    r"([\u4e00-\u9fffA-Za-z0-9-]{2,6})(?:优于|高于|低于|超过|依赖|导致|影响|取代|替代|生成|预测|决定|来自|转换为|转化为|映射到|而不是|比|用于|引起|包含|使用|指导|监督)([\u4e00-\u9fffA-Za-z0-9-]{2,6})"
)
_NEGATIONS_EN = [
    (re.compile(r"\b(is|are|was|were|can|could|will|would|should|may|might|must|has been|have been)(?! not\b)\b"), r"\1 not"),
    (re.compile(r"\b(cannot|can not|can't)\b"), "can"),
    (re.compile(r"\b(is|are|was|were|could|will|would|should|does|do|did|may|might) not\b"), r"\1"),
    (re.compile(r"\b(?:does not|doesn't|do not|don't|did not) (\w+)"), r"\1"),
    (re.compile(r"\b(we|they|methods|models|it) (?=[a-z]{3,}\b)(?!are|were|was|is|have|has|can|will)", re.I), r"\1 do not "),
    (re.compile(r"\bwithout\b"), "with"),
    (re.compile(r"\bwith\b"), "without"),
    (re.compile(r"\bno (?=\w{4,})"), "additional "),
    (re.compile(r"\b(requires?|needs?)\b(?! no)"), r"\1 no"),
    (re.compile(r"\b(achieves?|provides?|improves?|reduces?|supports?|uses?|outperforms?|allows?|shows?|learns?|works?|depends?)\b"),
     lambda m: ("does not " + m[1].rstrip("s")) if m[1].endswith("s") else "do not " + m[1]),
    (re.compile(r"\b(?:un|in|non-|im)(?=(?:necessary|supervised|stable|aware|known|able|efficient|sufficient|consistent|effective|accurate|possible|linear|trained|seen|likely|biased|labeled))"), ""),
    (re.compile(r"\b(?=(?:necessary|stable|aware|known|able|efficient|sufficient|consistent|effective|accurate|possible|trained|seen|likely|biased|labeled)\b)"), "not "),
    (re.compile(r"\b(training|fine-tuning|retraining|supervision|labels)-free\b"), r"\1-based"),
]  # fmt: skip
_NEGATIONS_ZH = [
    (
        re.compile(
            "(?<!不)(需要|依赖|使用|包含|支持|考虑|适用|影响|改变|存在|允许|关心|区分|适合)"
        ),
        r"不\1",
    ),
    (re.compile("(?:不需要|无需|无须|不必|不用)"), "需要"),
    (
        re.compile(
            "不(能够?|会|是|依赖|使用|包含|支持|考虑|适用|影响|改变|存在|允许|足|同|可|够|再|应)"
        ),
        r"\1",
    ),
    (re.compile("(?<![不可])(能够|可以|能|会)(?!议)"), r"不\1"),
    (re.compile("(?<![不还而但只正都也可就于或])是(?!否|指|因)"), "不是"),
    (re.compile("没有|缺乏|缺少"), "具有"),
    (re.compile("(?<![没具所只还拥还含])有(?!效|关|限|趣|利|助)"), "没有"),
    (
        re.compile("(实现|达到|提高|提升|改善|降低|减少|优于|解决|证明|表明|提供|保证|学到)"),
        r"未能\1",
    ),
    (re.compile("(?:未能?|并未|无法|不能)"), "能够"),
    (re.compile("(?:无|非|免)(?=监督|参数|训练|线性|偏|损)"), "有"),
]
_QUANTIFIERS_EN = [
    (re.compile(r"\b(?:some|many|most|several|certain|a few|various|a number of|a majority of)\b", re.I), ["all", "every one of the", "none of the"]),
    (re.compile(r"\b(?:often|usually|sometimes|typically|generally|commonly|frequently|in some cases|in many cases|tends? to)\b", re.I), ["always", "never", "invariably"]),
    (re.compile(r"\b(?:can|may|might|could) (?=[a-z]+\b)"), ["always ", "necessarily "]),
    (re.compile(r"\b(?:partially|partly|largely|mostly|mainly|nearly|almost|relatively)\b"), ["completely", "entirely"]),
    (re.compile(r"\b(?:all|every|each|any)\b"), ["some", "only a few", "only one"]),
    (re.compile(r"\bonly\b"), ["always", "not only"]),
    (re.compile(r"\b(?=(?:outperforms?|improves?|achieves?|reduces?|requires?|works?|fails?|depends?)\b)"), ["always ", "never "]),
    (re.compile(r"\b(?:up to|at most)\b"), ["at least", "always"]),
    (re.compile(r"\b(?:at least)\b"), ["at most"]),
]  # fmt: skip
_QUANTIFIERS_ZH = [
    (
        re.compile("一些|部分|许多|很多|大多数?|大部分|多数|某些|若干|多种|少数|几种"),
        ["所有", "全部", "没有任何"],
    ),
    (re.compile("通常|往往|经常|有时|一般|常常|多半|在某些情况下"), ["总是", "从不", "必然"]),
    (re.compile("(?:可以|可能|可)(?=[\u4e00-\u9fff])"), ["必定", "一定会", "总能"]),
    (re.compile("几乎|基本上?|主要|相对"), ["完全", "全部"]),
    (re.compile("所有|全部|任何|每个|每种|都"), ["部分", "少数", "只有一个"]),
    (re.compile("只有|仅仅?|只"), ["不仅", "总"]),
    (re.compile("(?=(?:优于|提高|提升|降低|减少|需要|依赖|改善))"), ["总是", "从不"]),
    (re.compile("最多|至多|高达"), ["至少"]),
    (re.compile("至少"), ["至多"]),
]
_CONDITION_EN = re.compile(
    r"(?:^|, ?|\s)(?:when|if|unless|only if|only when|provided that|given that|as long as|under|except|for small|for large|especially when|in the case of|assuming|once|until|particularly)\b [^,.;]{6,90}?(?=,|\.|;|$)",
    re.IGNORECASE,
)
_CONDITION_ZH = re.compile(
    "(?:只有|只要|当|如果|若|除非|除了|在[^，。；]{2,20}(?:时|下|情况下|条件下|前提下|之前|之后)|假设|一旦|对于|仅在|尤其是在)[^，。；]{0,24}?[，,]"
    "|[，,](?:只要|除非|如果|但仅|前提是|尤其)[^，。；]{3,30}"
)


def _put(text: str, start: int, end: int, new: str) -> Altered:
    return Altered(text[:start] + new + text[end:], start, start + len(new))


def _is_marked(word: str) -> bool:
    return any(char.isupper() or char.isdigit() for char in word[1:])


def _replaced(
    text: str, table: Mapping[str, Sequence[str]], chance: random.Random
) -> Altered | None:
    spans = list(_words(text))
    chance.shuffle(spans)
    for start, end in spans:
        word = text[start:end]
        others = table.get(word.lower())
        if others:
            new = chance.choice(list(others))
            if word[:1].isupper():
                new = new[:1].upper() + new[1:]
            return _put(text, start, end, new)
    return None


def _words(text: str):
    """Yield the spans of words, Chinese ones as they are cut."""
    for match in _WORD.finditer(text):
        yield match.span()
    if HAN_CHAR.search(text):
        import rjieba

        at = 0
        for word in rjieba.cut(text):
            if HAN_CHAR.match(word):
                yield at, at + len(word)
            at += len(word)


def _other_number(old: str, beside: Sequence[str], chance: random.Random) -> str:
    """Return another number of the same look: one from beside it, or near it, or ten times."""
    listed = [m.group() for m in (re.search(r"\d+(?:\.\d+)?", one) for one in beside) if m]
    listed = [one for one in listed if one != old]
    if listed and chance.random() < 0.25:
        return chance.choice(listed)
    plain = old.replace(",", "")
    if plain.count(".") > 1 or not re.fullmatch(r"\d+(?:\.\d+)?", plain):
        return str(int(re.findall(r"\d+", old)[0]) + 1) + old[len(re.findall(r"\d+", old)[0]) :]
    value = float(plain)
    places = len(plain.partition(".")[2])
    if re.fullmatch(r"(?:19|20)\d\d", plain):
        return str(int(value) + chance.choice([-3, -2, -1, 1, 2, 3]))
    made = value * chance.choice([0.1, 0.25, 0.5, 0.6, 0.75, 1.3, 1.5, 2, 2.5, 3, 10])
    if value < 12 and not places:
        made = value + chance.choice([-2, -1, 1, 2, 3, 4])
    new = f"{abs(made):.{places}f}"
    return new if abs(float(new) - value) > 0.06 * value else f"{value * 2:.{places}f}"

"""A question and what was asked before -> a question that stands alone, and the entries that it is about.

    self-contained? left as it is, no LLM is asked
    "which of them …" ─> searched for among the entries that the last answer cites, and below them
    "who published it" ─> the name of the cited entry, or the last question, takes the pronoun's place

An LLM, if there is one, words the question; rules say what is a follow-up and what it is about,
and word it when the LLM fails. Rules of the two languages only; no word of any corpus is in them.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paperrag.errors import AnswerFileError, GenerationError
from paperrag.folding import fold
from paperrag.generating import Generator, within
from paperrag.language import HAN_CHAR, detect_language
from paperrag.markup import shorten
from paperrag.prompts import rewrite_messages
from paperrag.proof import spoken
from paperrag.questions import wants_list
from paperrag.records import Answer, Citation, Entry, Language
from paperrag.strings import OF_ANSWERS_TO, ON_QUESTION

REWRITE_TIMEOUT_S = 20.0
"""Longest that an LLM may take to reword a question; the rules take no time."""

MAX_CHARS = 300
"""Longer questions stand alone, and longer rewritten ones are not used."""

TOLD_QUESTIONS = 4
TOLD_TITLES = 5
"""Earlier questions, and titles that the last of them found, that an LLM is told."""

_REPLY_CHARS = 20_000
_NAME_CHARS = 60
_TOPIC_CHARS = 200

log = logging.getLogger("paperrag")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked, as it stands alone, and the answer."""

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question as it stands alone; `query`: what of it is compared with entries; `among`: ids of the entries it is about.

    `among` is None for a question about all notes. `is_pick`: whether some of these entries are asked for, not all.
    """

    question: str
    query: str
    among: tuple[str, ...] | None = None
    is_pick: bool = False


def exchange(answer: Answer) -> Exchange:
    """Return an answer as history."""
    return Exchange(answer.standalone or answer.question, answer)


def is_follow_up(question: str) -> bool:
    """Whether a question points at what was said before, by the rules of its language."""
    question = _simplified(question.strip())
    if not question or len(question) > MAX_CHARS:
        return False
    return _is_follow_up_zh(question) if HAN_CHAR.search(question) else _is_follow_up_en(question)


def standalone(
    question: str, history: Sequence[Exchange], generator: Generator | None = None, timeout_s: float = REWRITE_TIMEOUT_S
) -> Standalone:
    """Return a question as it stands alone after a history, oldest exchange first.

    The generator, if any, words a follow-up; what it writes is checked, and rules word it if that fails.
    """
    question = question.strip()
    if not history or not is_follow_up(question):
        return Standalone(question, question)
    by_rules = _by_rules(question, history)
    if generator is None:
        return by_rules
    try:
        written = _written(question, history, generator, timeout_s)
    except GenerationError as error:
        log.info("follow-up question worded by rules, not by %s: %s", generator.name, error)
        return by_rules
    return replace(by_rules, question=written, query=by_rules.query if by_rules.among else written)


# --- by an LLM ----------------------------------------------------------------------------------


def _written(question: str, history: Sequence[Exchange], generator: Generator, timeout_s: float) -> str:
    """Return the question as an LLM words it. Raises GenerationError for a reply that is no such question."""
    before = [_told(one.question) for one in history[-TOLD_QUESTIONS:]]
    titles = [_told(_title(citation)) for citation in history[-1].answer.citations[:TOLD_TITLES]]
    before[-1] += f" → {'; '.join(titles)}" if titles else ""
    messages = rewrite_messages(question, before, detect_language(question))
    reply, is_whole = "", False
    for piece in within(timeout_s, lambda: generator.stream(messages)):
        reply, is_whole = reply + piece.text, is_whole or piece.is_end
        if len(reply) > _REPLY_CHARS:
            raise GenerationError("too_long", f"{len(reply)} characters")
    if not is_whole:
        raise GenerationError("cut")
    return _checked(spoken(reply), question)


def _checked(reply: str, question: str) -> str:
    line = re.sub(r"^\s*\d{1,2}[.、)]\s+", "", reply).strip().strip("\"“”'`*「」").strip()
    if not any(char.isalnum() for char in line):
        raise GenerationError("empty")
    if "\n" in line or len(line) > MAX_CHARS or "<think>" in line:
        raise GenerationError("too_long", "not one line that is a question")
    is_chinese = bool(HAN_CHAR.search(line)) if detect_language(question) == "zh" else detect_language(line) == "zh"
    if is_chinese != (detect_language(question) == "zh"):
        raise GenerationError("language")
    return line


def _told(text: str) -> str:
    return shorten(re.sub(r"\s+", " ", text.replace("<", "‹").replace(">", "›")), _TOPIC_CHARS)


# --- by rules -----------------------------------------------------------------------------------


def _found(history: Sequence[Exchange], least: int) -> Exchange | None:
    """Return the newest exchange that found at least so many entries, if those after it only followed it up."""
    for one in reversed(history):
        if len(one.answer.citations) >= least:
            return one
        if one.answer.standalone is None:
            break
    return None


def _by_rules(question: str, history: Sequence[Exchange]) -> Standalone:
    language: Language = "zh" if HAN_CHAR.search(question) else "en"
    own = _without_lead(_simplified(question), language)
    is_pick = _selects(own, language)
    last = (_found(history, 2) if is_pick else None) or _found(history, 1) or history[-1]
    citations = last.answer.citations
    topic = _topic(last.question)
    if citations and (is_pick or (len(citations) > 1 and _means_several(own, language))):
        query = _without_reference(own, language)
        whole = query + OF_ANSWERS_TO[detect_language(question)].format(topic=topic)
        ids = tuple(citation.entry.id for citation in citations)
        is_about_all = all(word in _GENERIC_EN for word in _content(query))
        return Standalone(whole, topic if is_about_all else query, ids, is_pick=not is_about_all)
    names = [_name(citations[0], "" if wants_list(last.question) else topic)] if len(citations) == 1 else []
    if named := _asks_about(own, language):
        return _about(named, topic, names, language)
    if names:
        replaced = _with_name(own, names[0], language)
        if replaced != own:
            return Standalone(replaced, replaced)
    whole = own + ON_QUESTION[detect_language(question)].format(topic=topic)
    if not _content(own):
        return Standalone(whole, topic)
    return Standalone(whole, f"{names[0]}: {own}" if names else f"{own} {topic}")


def _about(named: str, topic: str, names: Sequence[str], language: Language) -> Standalone:
    """Return the last question with another thing in place of the one that it was about."""
    if names and names[0] in topic:
        replaced = topic.replace(names[0], named)
        return Standalone(replaced, replaced)
    whole = named + ON_QUESTION[language].format(topic=topic)
    return Standalone(whole, named if _names_in(named) else f"{named}? {topic}")


def _topic(question: str) -> str:
    """Return what a question is about at its widest: what stands behind it, if rules worded it."""
    for frame in (*OF_ANSWERS_TO.values(), *ON_QUESTION.values()):
        before, after = frame.split("{topic}")
        if before in question and question.endswith(after):
            own, _, topic = question.removesuffix(after).partition(before)
            keeps_own = frame in ON_QUESTION.values() and any(word not in _GENERIC_EN for word in _content(own))
            question = f"{own}{'：' if HAN_CHAR.search(own) else ': '}{topic}" if keeps_own else topic
    return shorten(question, _TOPIC_CHARS)


def _title(citation: Citation) -> str:
    return citation.work or citation.entry.title


def _name(citation: Citation, topic: str) -> str:
    """Return what people call a cited entry: the name that the question has for it, or the head of its title."""
    title = _title(citation).rstrip("…").strip()
    first = title.split(" ", 1)[0].rstrip(":：,，")
    if _is_acronym(first):
        return first
    known = [name for name in _names_in(topic) if re.search(rf"\b{re.escape(name)}\b", title, re.IGNORECASE)]
    if known:
        return known[0]
    head = re.split(r"[:：]", title, maxsplit=1)[0].strip()
    return shorten(head or title, _NAME_CHARS)


def _names_in(text: str) -> list[str]:
    """Return words that look like names: "VATP", "LOOK-M", "Keyformer" if it does not begin the text."""
    words = [(match.start(), match.group().rstrip(".-")) for match in re.finditer(r"[A-Za-z][\w.+-]*", text)]
    return [word for start, word in words if _is_acronym(word) or (word[0].isupper() and (start > 0 or len(words) == 1))]


def _is_acronym(word: str) -> bool:
    upper = sum(char.isupper() for char in word)
    return upper >= 2 or (upper == 1 and any(char.isdigit() for char in word))


def _without_lead(question: str, language: Language) -> str:
    lead = _LEAD_ZH if language == "zh" else _LEAD_EN
    return lead.sub("", question, count=1).strip() or question


def _selects(own: str, language: Language) -> bool:
    """Whether a question picks from what was found."""
    if language == "zh":
        return bool(_SELECT_ZH.search(own) or _WHICH_ZH.match(own) or (_ENDS_NE.search(own) and _NARROWS_ZH.match(own)))
    return bool(_SELECT_EN.search(own) or _narrows_en(own))


def _means_several(own: str, language: Language) -> bool:
    return bool((_SEVERAL_ZH if language == "zh" else _SEVERAL_EN).search(own))


def _without_reference(own: str, language: Language) -> str:
    """Return a question about what was found without the words that point there."""
    if language == "zh":
        return _ENDS_NE.sub("？", _SELECT_ZH.sub("", own)).strip("，, ") or own
    return _WHICH_OF_EN.sub("which ones", own)


def _asks_about(own: str, language: Language) -> str:
    """Return X of "what about X", "" for any other question."""
    if language == "zh":
        is_about = _ENDS_NE.search(own) and not _QUESTION_WORD_ZH.search(own) and not _REF_ZH.search(own)
        return _ENDS_NE.sub("", own).strip() if is_about else ""
    match = _ABOUT_EN.match(own)
    is_fragment = _fragment_en(own) and not (_narrows_en(own) or _MORE_EN.search(own))
    rest = (match.group(1) if match else own if is_fragment else "").strip(" ?.!")
    return "" if _REF_EN.search(rest) else rest


def _with_name(own: str, name: str, language: Language) -> str:
    """Return a question with a name in place of its first pronoun."""
    if language == "zh":
        replaced = _REF_ZH.sub(lambda match: f" {name} 的{match[0][1:]}" if match[0][0] == "其" else f" {name} ", own, count=1)
        return re.sub(r"\s+", " ", replaced).strip()
    return _REF_EN.sub(lambda match: f"{name}'s" if match[0].lower() in ("its", "their", "theirs") else name, own, count=1)


# --- English ------------------------------------------------------------------------------------

_LEAD_EN = re.compile(r"^(?:\W*\b(?:and|but|so|also|ok|okay|then|now|or|well|thanks|thank you)\b[\s,.!:;-]*)+", re.IGNORECASE)
_THING_EN = (
    r"(?:one|papers?|methods?|models?|approach(?:es)?|ideas?|techniques?|results?|tricks?|algorithms?|authors?|entr(?:y|ies)"
    r"|notes?|variants?|datasets?)"
)
_SEVERAL_EN = re.compile(
    r"\b(?:they|them|theirs?|these(?! days\b)|those(?!\s+(?:that|who|which|with|of|in|from|whose|for)\b)"
    r"|the (?:above|others?))\b",
    re.IGNORECASE,
)
_REF_EN = re.compile(
    r"\b(?:its?(?!\s+(?:is\s+)?(?:possible|necessary|true|worth|better|best|important|hard|easy|useful|known|common|feasible"
    r"|enough|matters?|takes?|make sense)\b)|they|them|theirs?"
    rf"|(?:the (?:same|first|second|third|last|other|latter|former|above)|this|that|these|those)\s+{_THING_EN}"
    r"|these(?! days\b)|those(?!\s+(?:that|who|which|with|of|in|from|whose|for)\b)"
    r"|this(?!\s+(?:year|week|month|field|area|corpus|folder|time|kind|sort|way|day)\b)"
    r"|(?<=\bis )that|(?<=\bdoes )that|(?<=\bwas )that|(?<=\bdid )that|(?<=\bhow )that|(?<=\babout )that|that(?=\W*$)"
    r"|the (?:former|latter|above|others?))\b",
    re.IGNORECASE,
)
_SELECT_EN = re.compile(
    r"\b(?:which|any|some|one|all|both|none|most|each|what|how many|either|neither)\s+(?:ones?\s+)?of\s+"
    rf"(?:them|those|these|the (?:above|two|three|others)|(?:those|these)\s+{_THING_EN})\b"
    r"|^\W*which\s+ones?\b|^\W*which\s+(?:is|are|was|were|does|do|can|needs?|has|have|works?|also)\b"
    r"|\bamong\s+(?:them|those|these)\b",
    re.IGNORECASE,
)
_BARE_EN = re.compile(r"^\W*which\s+(?:is|are|was|were|does|do|can|needs?|has|have|works?|also)\b", re.IGNORECASE)
_WHICH_OF_EN = re.compile(
    r"\bwhich\s+(?:ones?\b(?:\s+of\s+(?:them|those|these)\b)?"
    rf"|of\s+(?:the (?:above|two|three|others)|them|(?:those|these)(?:\s+{_THING_EN})?)\b)",
    re.IGNORECASE,
)
_ABOUT_EN = re.compile(r"^\W*(?:what|how)\s+about\b(.*)$", re.IGNORECASE | re.DOTALL)
_NARROW_EN = re.compile(
    r"^\W*(?:only\s+)?(?:for|with|without|in|by|from|since|after|before|at)\s+\S+(?:\s+\S+){0,3}\s*\?\s*$", re.IGNORECASE
)
_MORE_EN = re.compile(
    r"\b(?:what|anything|who|any(?:one)?) else\b|\bany (?:others?|more)\b|\b(?:more|further) (?:details?|about)\b"
    r"|^\W*(?:go on|continue|tell me more|explain (?:further|more)|elaborate|more)\b",
    re.IGNORECASE,
)
_CLAUSE_EN = re.compile(
    r"[,;:]|\b(?:and|but|or|when|while|if|because|since|before|after|without|instead|rather|whose|so|then|although|though|until|by)\b"
    rf"|\bthat\b(?!\s+{_THING_EN}\b)(?=\s+\w)",
    re.IGNORECASE,
)
_ASKS_EN = re.compile(r"^\W*(?:why|who|whom|when|where|how|which|what|whose|any)\b", re.IGNORECASE)
_VERB_EN = re.compile(
    r"^\W*(?:why|who|whom|when|where|how|which|what|whose|any|is|are|was|were|does|do|did|can|could|should|would|will|has|have|not|in|at|by)\b",
    re.IGNORECASE,
)
_DETERMINED_EN = re.compile(r"\b(?:an?|each|every)\s+\w+", re.IGNORECASE)
_PLURAL_EN = re.compile(r"\b(?!(?:is|was|does|has|its|this|uses?|needs|works)\b)\w{3,}s\b", re.IGNORECASE)
_STOP_EN = frozenset(
    "a an the and or but of to in on at by for from with without as is are was were be been do does did can could should would"
    " will has have had who whom whose what which when where why how it its they them their theirs this that these those there"
    " i me my we our you your not no so then than about into over also too only one ones please".split()
)
_GENERIC_EN = frozenset(
    "published publish wrote written write proposed propose introduced author authors venue conference journal year date code"
    " github link paper papers method methods work works result results dataset datasets data experiment experiments exactly come"
    " else more long many much detail details example examples difference differ limitation limitations drawback drawbacks"
    " any some new main first idea ideas mean means".split()
)


def _is_follow_up_en(question: str) -> bool:
    own = _without_lead(question, "en")
    if _ABOUT_EN.match(own) or _MORE_EN.search(own) or _narrows_en(own):
        return True
    picked = _SELECT_EN.search(own)
    if picked and not (_BARE_EN.match(own) and _names_in(own)):
        return not _has_antecedent_en(own, picked)
    reference = _first_reference_en(own)
    if reference:
        return not _has_antecedent_en(own, reference)
    content = _content(own)
    if own != question and _fragment_en(own):
        return True
    if _names_in(own):
        return False
    if _ASKS_EN.match(own) and all(word in _GENERIC_EN for word in content):
        return True
    return own != question and len(content) < 3


def _fragment_en(own: str) -> bool:
    """Whether a text only names a thing."""
    return len(own.split()) <= 3 and not _VERB_EN.match(own) and not _REF_EN.search(own)


def _first_reference_en(own: str) -> re.Match[str] | None:
    """Return the first pronoun that stands for something: not the "it" of "is it possible", not "IT"."""
    return next((match for match in _REF_EN.finditer(own) if match[0] != "IT"), None)


def _has_antecedent_en(own: str, reference: re.Match[str] | None) -> bool:
    """Whether what a pronoun stands for is named earlier in the question."""
    before = own[: reference.start()] if reference else ""
    if reference and reference[0].lower() in ("its", "their", "theirs"):
        return bool(_names_in(f" {before}") or _PLURAL_EN.search(before) or _DETERMINED_EN.search(before))
    if re.search(r"\b(?:each|every)\s+\w", before, re.IGNORECASE):
        return True
    clauses = list(_CLAUSE_EN.finditer(before))
    return bool(clauses) and bool(_content(before[: clauses[-1].start()]))


def _narrows_en(own: str) -> bool:
    return bool(_NARROW_EN.match(own))


def _content(text: str) -> list[str]:
    """Return the words of a question that say what it is about."""
    if HAN_CHAR.search(text):
        return [] if _GENERIC_ZH.fullmatch(text) else [text]
    return [word for word in re.findall(r"[a-z0-9][\w'’-]*", text.lower()) if word not in _STOP_EN]


# --- Chinese ------------------------------------------------------------------------------------

_LEAD_ZH = re.compile(
    r"^(?:(?:那么|那(?![个些种篇几])|好的|嗯|请问|谢谢|然后|而且|另外|以及|and|ok)[\s，,。、：:]*)+", re.IGNORECASE
)
_THING_ZH = "(?:方法|论文|工作|文章|文献|技术|方案|模型|算法|系统|条目|思路)"
_SEVERAL_ZH = re.compile(
    rf"它们|他们|她们|这些|那些|上述|以上{_THING_ZH}|上面(?:的|提到|说|列|那|这)|前面(?:的|提到|说|列)|[这那]几[个种篇]"
)
_REF_ZH = re.compile(
    rf"(?:它们|他们|她们|它|上述(?:的)?|以上(?=[^，。？]{{0,2}}{_THING_ZH})|上面(?:的|提到的?|说的?|列的?|那些?|这些?)?"
    r"|前面(?:的|提到的?|说的?|列的?)|刚才(?:的|提到的?|说的?)?|前者|后者"
    r"|(?:^|(?<=[，,。？?：:把对在和用是于跟与比给从被让向按将以了下讲释明看解绍]))[这那](?:些|几?[个种篇])"
    rf"(?!月|年|领域|方向|世界|库|笔记|时候)|该(?={_THING_ZH}))"
    rf"(?:{_THING_ZH})?|其(?=作者|代码|方法|结果|缺点|优点|复杂度|效果|性能|中)"
)
_SELECT_ZH = re.compile(
    r"(?:在?(?:它们|他们|这些|那些|上述|以上|上面|前面|这几[个种篇])[^，。？?在]{0,6}?(?:之中|当中|里面|中间?|里)的?|其中的?)"
    r"[，, ]*"
)
_WHICH_ZH = re.compile(
    r"^(?:哪个|哪一个|哪几个)(?=不|没|能|可|是|最|更|用|需|会|有|支持|适|针对|对|比|在|把|只|同时|应用|效果|快|好)"
)
_ENDS_NE = re.compile(r"[呢呐][?？!！。\s]*$")
_NARROWS_ZH = re.compile(r"^(?:针对|对于?|关于|用于|在)")
_QUESTION_WORD_ZH = re.compile(r"怎么|怎样|什么|哪|谁|如何|为何|多少|吗|几[个种篇]|是否")
_GENERIC_ZH = re.compile(
    r"(?:为什么|为何|怎么|如何|谁|什么时候|何时|哪一?年|哪里|哪个会议|多少|有|是|的|在|发表|提出|写|作者|代码|论文|方法|工作|会议|年份|结果"
    r"|效果|数据集|实验|吗|呢|了|还|别|其他|更|多|细节|具体|详细|说说|一点|一下|讲讲|解释|举|个|例子|继续|哪些|什么|啊|不|行|这样|这么|说"
    r"|做|也|都|区别|缺点|优点|[\s?？!！。，,])+"
)


def _simplified(text: str) -> str:
    """Return text with simplified characters, which the rules know, and its punctuation as it is."""
    folded = fold(text)
    if len(folded) != len(text):
        return folded
    return "".join(new if HAN_CHAR.match(old) else old for old, new in zip(text, folded, strict=True))


def _is_follow_up_zh(question: str) -> bool:
    own = _without_lead(question, "zh")
    reference = _SELECT_ZH.search(own) or _REF_ZH.search(own)
    if reference:
        return not _has_antecedent_zh(own[: reference.start()])
    if _GENERIC_ZH.fullmatch(own) or _WHICH_ZH.match(own):
        return True
    if _ENDS_NE.search(own) and not _QUESTION_WORD_ZH.search(own):
        return True
    return own != question and len(HAN_CHAR.findall(own)) <= 6 and not _names_in(own)


def _has_antecedent_zh(before: str) -> bool:
    clause = re.split(r"[，,。；;？?：:]", before)
    is_joined = re.search(r"\w{2,}(?:和|与|及|以及)$", before)
    return bool(is_joined) or any(len(re.findall(r"\w", part)) >= 3 for part in clause[:-1])


# --- saved answers ------------------------------------------------------------------------------


def read_exchange(path: Path) -> Exchange:
    """Return the exchange of a saved `ask --json`. Raises AnswerFileError."""
    wanted = "expected what `paperrag ask --json` prints"
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise AnswerFileError(f"cannot read {path} ({error.strerror}); name a file that `paperrag ask --json` wrote") from error
    except (UnicodeDecodeError, ValueError) as error:
        raise AnswerFileError(f"{path} is no JSON ({error}); {wanted}") from error
    if not isinstance(data, dict) or not isinstance(data.get("question"), str) or not isinstance(data.get("citations"), list):
        raise AnswerFileError(f"{path} is no saved answer: it has no question with citations; {wanted}")
    rewritten = data.get("standalone_question")
    if rewritten is not None and not isinstance(rewritten, str):
        raise AnswerFileError(f"{path}: standalone_question is {type(rewritten).__name__}; {wanted}")
    citations = tuple(_citation(item, number, path) for number, item in enumerate(data["citations"], 1))
    question, is_abstained = data["question"], data.get("abstained") is True
    answer = Answer(question, detect_language(question), "extractive", None, is_abstained, "", citations, standalone=rewritten)
    return exchange(answer)


def _citation(item: Any, number: int, path: Path) -> Citation:
    """Return a citation of which no more is known than its entry's id and title."""
    entry_id, title = (item.get("entry_id"), item.get("title")) if isinstance(item, dict) else (None, None)
    if not isinstance(entry_id, str) or not isinstance(title, str):
        raise AnswerFileError(f"{path}: citation {number} has no entry_id and title; expected what `paperrag ask --json` prints")
    entry = Entry(entry_id, "", "note", "item", title, (), "", 1, 1, None, (), (), None, detect_language(title))
    return Citation(number, entry, "", False, (), 0.0)

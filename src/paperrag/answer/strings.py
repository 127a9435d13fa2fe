"""Sentences that the program says in answers, in both languages. No logic."""

from __future__ import annotations

from paperrag.records import Language

NOT_COVERED: dict[Language, str] = {
    "en": "Your notes do not cover this.",
    "zh": "你的笔记没有涉及这个问题。",
}
"""The one way of abstaining; compared in tests and shown to people."""

NOT_NAMED: dict[Language, str] = {
    "en": "They do not mention {names}.",
    "zh": "其中没有提到 {names}。",
}
NAMED_ELSEWHERE: dict[Language, str] = {
    "en": "They mention {names}, but not with anything near to the question.",
    "zh": "其中提到过 {names}，但没有与问题接近的内容。",
}
NOT_SAID_BY: dict[Language, str] = {
    "en": "They do not say who it is by.",
    "zh": "其中没有写是谁提出或写的。",
}
NONE_DATED: dict[Language, str] = {
    "en": "None of their entries is dated {dates}.",
    "zh": "没有哪一条注明是 {dates}。",
}
NONE_SO_DATED: dict[Language, str] = {
    "en": "None of their entries is dated {dates} and meets the other conditions.",
    "zh": "没有哪一条既注明是 {dates}，又符合其他条件。",
}
NONE_SAYS: dict[Language, str] = {
    "en": "No paper in them is said to be of {names}.",
    "zh": "没有哪一篇写明与“{names}”有关。",
}
NONE_FITS: dict[Language, str] = {
    "en": "None of their papers is said to be so.",
    "zh": "没有哪一篇写明符合这些条件。",
}
NEAREST: dict[Language, str] = {
    "en": "The nearest entries, which may be about something else:",
    "zh": "最接近的条目（可能并不相关）：",
}
SILENT = {"en": "Nothing on this in: {names}.", "zh": "以下笔记集没有提到：{names}。"}

NOT_SAID_IN: dict[Language, str] = {
    "en": "Nothing on this in: {names}.",
    "zh": "以下论文的笔记没有写到：{names}。",
}
SO_FAR: dict[Language, str] = {
    "en": "From {entries:,} of about {expected:,} entries so far; the first index is not whole yet.",
    "zh": "首次索引尚未完成，目前只查到约 {expected:,} 条中的 {entries:,} 条。",
}
LIST_HEAD: dict[Language, str] = {
    "en": "Your notes have {count} entries on this{section}:",
    "zh": "你的笔记里有 {count} 条相关记录{section}：",
}
LIST_HEAD_ONE: dict[Language, str] = {
    "en": "Your notes have one entry on this{section}:",
    "zh": "你的笔记里有 1 条相关记录{section}：",
}
LIST_HEAD_PAPERS: dict[Language, str] = {
    "en": "Your notes have {count} papers on this{section}:",
    "zh": "你的笔记里有 {count} 篇相关论文{section}：",
}
LIST_HEAD_MIXED: dict[Language, str] = {
    "en": "Your notes and the abstracts of their papers have {count} entries on this{section}:",
    "zh": "你的笔记和论文摘要里共有 {count} 条相关记录{section}：",
}
LIST_HEAD_ABSTRACTS: dict[Language, str] = {
    "en": "Your notes say nothing on this themselves; abstracts of their papers do ({count}):",
    "zh": "你的笔记本身没有写到，但有 {count} 篇论文的摘要提到：",
}
MORE: dict[Language, str] = {
    "en": "… and {count} more; a larger -k shows them.",
    "zh": "……另有 {count} 条，用更大的 -k 查看。",
}
PERHAPS: dict[Language, str] = {
    "en": "Perhaps also, less sure and not counted:",
    "zh": "可能还有（把握较小，未计入）：",
}
ONLY_LISTED: dict[Language, str] = {
    "en": "Also listed, without a note of their own:",
    "zh": "另外只列出、没有笔记的：",
}
HAVE_FIELD: dict[Language, str] = {
    "en": "{having} of {count} papers in your notes say their {field}.",
    "zh": "笔记中的 {count} 篇里有 {having} 篇写明了 {field}。",
}
LIST_SECTION: dict[Language, str] = {"en": ", under {section}", "zh": "（{section}）"}
OF_YEAR: dict[Language, str] = {"en": "{year} ({count}):", "zh": "{year}（{count} 篇）："}
UNDATED: dict[Language, str] = {"en": "No year given", "zh": "未注明年份"}
ONE_HEAD: dict[Language, str] = {
    "en": "Your notes on {title}{section} say:",
    "zh": "你的笔记「{title}」{section}中写道：",
}
STATED: dict[Language, str] = {"en": "Your notes{section} say:", "zh": "你的笔记{section}中写道："}
ONE_SECTION: dict[Language, str] = {"en": " ({section})", "zh": "（{section}）"}
ABSTRACT_HEAD: dict[Language, str] = {
    "en": "Your notes do not say; the abstract of {title} does:",
    "zh": "笔记里没有写，论文「{title}」的摘要中写道：",
}
ABSTRACT_ADDS: dict[Language, str] = {
    "en": "The abstract of its paper says:",
    "zh": "该论文的摘要写道：",
}
DATED: dict[Language, str] = {"en": "It is marked {venue}.", "zh": "笔记标注：{venue}。"}
AUTHORS_ARE: dict[Language, str] = {"en": "It is by {authors}.", "zh": "作者：{authors}。"}
ONLY_NAMED: dict[Language, str] = {
    "en": "Your notes only name it{section}, without a remark:",
    "zh": "你的笔记{section}只记了名字，没有说明：",
}
ALSO: dict[Language, str] = {"en": "Just as close:", "zh": "同样接近的还有："}
POINTED_AT: dict[Language, str] = {"en": "The note refers to:", "zh": "笔记引用的是："}
WEAK: dict[Language, str] = {
    "en": "A weak match; check that it is what you meant.",
    "zh": "匹配较弱，请核对是否是你要找的内容。",
}
ABSTRACT_TAG: dict[Language, str] = {"en": " (abstract)", "zh": "（论文摘要）"}
RELATED_ABSTRACT: dict[Language, str] = {"en": "abstract: {place}", "zh": "论文摘要：{place}"}
RELATED_NOTE: dict[Language, str] = {"en": "your note: {place}", "zh": "对应笔记：{place}"}
LINKED_NOTE: dict[Language, str] = {"en": "links to: {place}", "zh": "链接到：{place}"}
TWIN: dict[Language, str] = {"en": "also at: {place}", "zh": "另见：{place}"}
SOURCES: dict[Language, str] = {"en": "Sources:", "zh": "来源："}
VERIFIED: dict[Language, str] = {"en": "(verified)", "zh": "（已核对）"}
NOT_VERIFIED: dict[Language, str] = {"en": "(NOT in the file now)", "zh": "（文件中已找不到）"}
UNDERSTOOD: dict[Language, str] = {"en": "Understood as: {question}", "zh": "理解为：{question}"}
OF_ANSWERS_TO: dict[Language, str] = {
    "en": " (among the answers to: {topic})",
    "zh": "（范围：{topic}）",
}
ON_QUESTION: dict[Language, str] = {"en": " (after: {topic})", "zh": "（接着：{topic}）"}
"""What rules put behind a follow-up question so that it can be read alone."""

NO_HITS: dict[Language, str] = {"en": "No entry matches.", "zh": "没有符合的条目。"}

LLM_FAILED: dict[str, dict[Language, str]] = {
    "unreachable": {"en": "the model's server does not answer", "zh": "模型服务没有响应"},
    "refused": {"en": "the model's server refused the key", "zh": "模型服务拒绝了密钥"},
    "unknown_model": {"en": "the server does not have this model", "zh": "服务端没有这个模型"},
    "busy": {"en": "the model's server is busy or over its limit", "zh": "模型服务繁忙或超出限额"},
    "failed": {"en": "the model's server failed", "zh": "模型服务出错"},
    "unpaid": {"en": "the model's server wants credit", "zh": "模型服务的余额不足"},
    "not_api": {
        "en": "what answers at that address is no model's API; check OPENAI_BASE_URL or OLLAMA_HOST",
        "zh": "该地址上的服务不是模型接口，请检查 OPENAI_BASE_URL 或 OLLAMA_HOST",
    },
    "proxy": {"en": "the proxy set on this machine cannot be used", "zh": "本机设置的代理不可用"},
    "stopped": {"en": "it was stopped", "zh": "已被停止"},
    "timeout": {"en": "the model took too long", "zh": "模型用时过长"},
    "cut": {"en": "the model's reply broke off", "zh": "模型的回答中断了"},
    "thinking": {
        "en": "the model thought until its reply was cut off; raise llm_reply_tokens",
        "zh": "模型的思考过长，回答被截断，可调大 llm_reply_tokens",
    },
    "empty": {"en": "the model's reply was empty", "zh": "模型的回答是空的"},
    "uncited": {"en": "the model's reply cited no entry", "zh": "模型的回答没有引用任何条目"},
    "too_long": {"en": "the model's reply did not end", "zh": "模型的回答过长、没有结束"},
    "language": {"en": "the model answered in another language", "zh": "模型用了另一种语言回答"},
}
"""Why an LLM that was asked did not write the answer."""

THINKING: dict[Language, str] = {"en": "thinking …", "zh": "思考中……"}
"""Stands before what an LLM thinks while one waits for its words."""

LLM_NOTICE: dict[Language, str] = {
    "en": "Quoted from the notes, not written by {model}: {reason}{detail}.",
    "zh": "以下直接摘自笔记，不是 {model} 写的：{reason}{detail}。",
}
DONE_HEAD: dict[str, dict[Language, str]] = {
    "compare": {"en": "Side by side, in the words of your notes:", "zh": "并列如下（笔记原文）："},
    "table": {"en": "Side by side, in the words of your notes:", "zh": "并列如下（笔记原文）："},
    "sources": {"en": "Where they are from:", "zh": "出处："},
    "list": {"en": "Cited above:", "zh": "上文引用的条目："},
    "rewrite": {"en": "Cited above:", "zh": "上文引用的条目："},
    "explain": {"en": "Cited above:", "zh": "上文引用的条目："},
    "confirm": {
        "en": "What was said stands in your notes at:",
        "zh": "上面所说的记在你的笔记里：",
    },
}
BOTH_HEAD: dict[Language, str] = {
    "en": "What your notes say of both:",
    "zh": "你的笔记对两者的记录：",
}
IN_SHORT: dict[Language, str] = {"en": "in short", "zh": "概括"}
OF_SIDE: dict[Language, str] = {"en": "{name}: ", "zh": "{name}："}
ONLY_MENTIONED: dict[Language, str] = {
    "en": "{name} is only mentioned: ",
    "zh": "{name} 只是被提到：",
}
UNANSWERED: dict[Language, str] = {
    "en": "No answer found to: {question}",
    "zh": "没有找到答案：{question}",
}
"""Stands under the answer to the other part of a question."""
MORE_HEAD: dict[Language, str] = {
    "en": "The next entries, less and less close:",
    "zh": "接下来的条目（相关性递减）：",
}
NO_MORE: dict[Language, str] = {
    "en": "There are no further entries on this.",
    "zh": "没有更多相关条目了。",
}
NO_SUCH_PLACE: dict[Language, str] = {
    "en": "The last answer names {count}, so there is no number {number}.",
    "zh": "上一个回答只有 {count} 条，没有第 {number} 条。",
}
NEEDS_MODEL: dict[Language, str] = {
    "en": "Writing an answer anew takes a model: see --llm in docs/llm.md.",
    "zh": "改写回答需要语言模型，见 docs/llm.md 中的 --llm。",
}
ALSO_BELONG: dict[Language, str] = {"en": "Also in your notes:", "zh": "笔记中还有："}
CONTRADICTED: dict[Language, str] = {
    "en": "{count} contradicted by them",
    "zh": "{count} 条与之相反",
}
REPORT: dict[Language, str] = {
    "en": "{supported} of {claims} claims supported by the cited entries",
    "zh": "{claims} 条论断中有 {supported} 条得到所引条目支持",
}

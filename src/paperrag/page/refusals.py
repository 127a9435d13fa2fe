"""Errors -> the sentences that the page shows, in its language. Messages are written in English;
what a reader of the Chinese page meets often has a twin here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from paperrag.errors import (
    CorpusError,
    EncoderError,
    FeedbackError,
    HistoryError,
    IndexError_,
    MissingDependency,
    NoteRefused,
    PaperRagError,
    QueryError,
)
from paperrag.records import Language

_TWINS = {
    "the question is empty; ask something, such as: {}": "问题是空的。请输入要问的内容，例如：{}",
    "the question has {} characters, at most {} are read; ask with fewer words": "问题有 {} 个字符，最多读取 {} 个，请精简后再问。",
    "no section matches {}; nearest: {}": "没有与 {} 相符的章节；相近的有：{}",
    "no file matches {}; nearest: {}": "没有与 {} 相符的文件；相近的有：{}",
    "no entry has the tag {}; nearest: {}": "没有条目带标签 {}；相近的有：{}",
    "no entry has the tag {}; the notes have no tags": "没有条目带标签 {}；笔记里没有标签",
    "the note has no file name; give one such as my-paper.md": "笔记没有文件名，请填写一个，例如 my-paper.md",
    "the file name is too long; at most {} characters": "文件名过长，最多 {} 个字符",
    "the file name must be a path below notes/, without {} and not from the root": "文件名须是 notes/ 之下的路径，不含 {}，不从根开始",
    "the file name holds characters or words that not every system can store": "文件名含有某些系统无法保存的字符或词",
    "hidden files are not notes": "隐藏文件不是笔记",
    "not a Markdown file; the name must end with one of: {}": "不是 Markdown 文件；文件名须以其中之一结尾：{}",
    "not a Markdown file ({})": "不是 Markdown 文件（{}）",
    "larger than {} bytes": "超过 {} 字节",
    "the note is empty": "笔记是空的",
    "not text; export it as Markdown first": "不是文本，请先导出为 Markdown",
    "a link in notes/ leads outside of it there": "notes/ 中的链接指向了别处",
    "a file or folder of another kind stands there": "那里已有同名但类型不同的文件或文件夹",
    "nothing can be kept in {} ({}); pass another file as PAPERRAG_CONVERSATIONS": "无法保存到 {}（{}），请另设 PAPERRAG_CONVERSATIONS",
    "cannot write {} ({}); pass another file as PAPERRAG_FEEDBACK": "无法写入 {}（{}），请另设 PAPERRAG_FEEDBACK",
    "cannot write {} ({}); check its permissions and the disk": "无法写入 {}（{}），请检查权限与磁盘空间",
    "{} cannot be read or written ({}); is it there, and yours?": "{} 无法读写（{}），请确认文件存在且有权限",
    "cannot be unpacked": "无法解压",
    "a link, not a file": "是链接，不是文件",
    "not a readable zip file ({})": "无法读取的 zip 文件（{}）",
}
"""English sentences and their Chinese twins; what stands in place of {} is carried over."""

_LEADS: dict[type[PaperRagError], str] = {
    QueryError: "这个问题或筛选条件无法使用",
    NoteRefused: "笔记未添加",
    IndexError_: "索引暂时无法使用",
    CorpusError: "笔记文件夹无法读取",
    EncoderError: "编码器无法使用",
    FeedbackError: "评价无法保存",
    HistoryError: "对话无法保存或读取",
    MissingDependency: "缺少所需的组件",
    PaperRagError: "出错了",
}
"""What a Chinese page says before a message that has no twin, by kind; the first that fits."""


def in_words(error: PaperRagError, language: Language = "en") -> str:
    """Return an error as the sentence that the page shows."""
    text = str(error)
    if language == "en":
        return text
    lead = next(lead for kind, lead in _LEADS.items() if isinstance(error, kind))
    return twin(text) or f"{lead}：{text}"


def reason_in_words(text: str, language: Language) -> str:
    """Return the reason of a refusal in a language; one that has no twin stays as it is."""
    return text if language == "en" else twin(text) or text


def twin(text: str) -> str | None:
    """Return the Chinese twin of a sentence, None if it has none."""
    for pattern, chinese in _patterns():
        match = pattern.fullmatch(text)
        if match:
            return chinese.format(*match.groups())
    return None


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile("(.+)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese)
        for english, chinese in _TWINS.items()
    ]

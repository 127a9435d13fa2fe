"""The head of a mail that was saved as a note -> its subject as the heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from paperrag.text.fields import label_and_value
from paperrag.text.patterns import any_of, lazy_pattern

_SUBJECTS = frozenset("subject 主题 主旨 主題 标题 件名".split())
_OTHERS = frozenset(
    "from to cc bcc date sent reply-to 发件人 收件人 抄送 密送 日期 时间 发送时间 寄件者 收件者 寄件人 收件人 "
    "副本 發件人 傳送時間 時間 差出人 宛先 日時 送信日時".split()
)
_FEWEST = 3
_REPLIES = "re fw fwd aw wg 回复 转发 答复 回覆 轉寄 返信".split()
_REPLY = lazy_pattern(rf"(?:{any_of(_REPLIES)}\s*[:：]\s*)+", re.IGNORECASE)


def mail_heads(lines: Sequence[str]) -> dict[int, str]:
    """Return what stands for the head of a mail on the first lines."""
    head = dict(_head(lines))
    subjects = [at for at, (label, _) in head.items() if label in _SUBJECTS]
    if len(head) < _FEWEST or len(subjects) != 1:
        return {}
    subject = _REPLY.sub("", head[subjects[0]][1].strip())
    return dict.fromkeys(head, "") | ({subjects[0]: f"# {subject}"} if subject else {})


def _head(lines: Sequence[str]) -> Iterator[tuple[int, tuple[str, str]]]:
    """The lines of a mail's head, with their labels and what they say."""
    for at, line in enumerate(lines):
        field = label_and_value(line)
        label = field[0].strip("* ").lower() if field else ""
        if field is None or label not in _SUBJECTS | _OTHERS:
            return
        yield at, (label, field[1])

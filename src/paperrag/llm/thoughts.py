"""A model's reply -> what it thought aloud and what it says. Knows no server.

Thoughts stand between tags (<think>, <thinking>, [THINK], …), in all channels but the final one of
gpt-oss, or before a closing tag whose opening one the chat's template wrote.
"""

from __future__ import annotations

import re

from msgspec import Struct

from paperrag.text.patterns import lazy_pattern

_TAG = lazy_pattern(
    r"[<\[◁](/?)\s*(?:[a-z]+:)?(?:think|thinking|thought|reasoning|reflection)\s*[>\]▷]", re.I
)
_CHANNEL = lazy_pattern(r"<\|channel\|>\s*(\w+)[^<]*<\|message\|>")
_MARK = lazy_pattern(r"<\|(?:start|end|return|call|channel|message)\|>(?:assistant\b)?")
_OPEN_TAG = lazy_pattern(r"[<\[◁][/|]?[\w:|]{0,12}$")


class Spoken(Struct, frozen=True):
    """A reply taken apart; `is_thinking`: it ends within a thought."""

    thought: str
    said: str
    is_thinking: bool = False


def taken_apart(reply: str) -> Spoken:
    """Return the thought and the words of a reply, whole or still growing."""
    if _CHANNEL.search(reply):
        return _by_channels(reply)
    thought, said, at = "", "", 0
    is_thinking = False
    for tag in _TAG.finditer(reply):
        part = reply[at : tag.start()]
        if tag[1] and not is_thinking and not thought:
            thought, said = said + part, ""  # the opening tag is the template's
        elif is_thinking or tag[1]:
            thought += part
        else:
            said += part
        is_thinking, at = not tag[1], tag.end()
    rest = reply[at:]
    if is_thinking:
        return Spoken((thought + rest).strip(), said.strip(), True)
    return Spoken(thought.strip(), (said + _OPEN_TAG.sub("", rest)).strip())


def _by_channels(reply: str) -> Spoken:
    parts = _CHANNEL.split(reply)
    thoughts = [_MARK.sub("", parts[0])]
    said: list[str] = []
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        (said if name == "final" else thoughts).append(_MARK.sub("", text).strip())
    is_thinking = parts[-2] != "final"
    words = _OPEN_TAG.sub("", "\n".join(said))
    return Spoken("\n".join(thoughts).strip(), words.strip(), is_thinking)

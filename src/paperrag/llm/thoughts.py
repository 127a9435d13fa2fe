"""A model's reply -> what it thought aloud and what it says. Knows no server.

Thoughts stand between tags (<think>, <thinking>, [THINK], …), in all channels but the final one of
gpt-oss, or before a closing tag whose opening one the chat's template wrote.
"""

from __future__ import annotations

import re

from msgspec import Struct

from paperrag.text.patterns import lazy_pattern

_TAG = lazy_pattern(
    r"(?<![`\"“])[<\[◁]\|?(/|end_(?:of_)?)?(?:begin_of_|start_)?(?:[a-z]+:)?"
    r"(?:think(?:ing)?|thought|reasoning)(?:\s+\w+=[^<>\n]{0,40}|\s*)\|?[>\]▷]",
    re.I,
)
"""Not where it stands in quotes, as of an answer that is about such tags."""
_CHANNEL = lazy_pattern(r"<\|channel\|>\s*(\w+)[^<]*<\|message\|>")
_BARE_CHANNELS = lazy_pattern(r"analysis(.*?)assistantfinal", re.DOTALL)
"""What is left of channels where a server takes their marks away."""

_MARK = lazy_pattern(r"<[|｜][^<>|｜\s]{1,40}[|｜]>(?:assistant\b)?")
_WRAPPING = lazy_pattern(r"^\s*<answer>|</answer>\s*$")
_OPEN_TAG = lazy_pattern(r"[<\[◁][/|｜]?[\w:|]{0,24}$")

_FENCE = "```"
_FENCES = ("```markdown", "```md")


class Spoken(Struct, frozen=True):
    """A reply taken apart; `is_thinking`: it ends within a thought."""

    thought: str
    said: str
    is_thinking: bool = False


def taken_apart(reply: str) -> Spoken:
    """Return the thought and the words of a reply, whole or still growing."""
    if _CHANNEL.search(reply):
        return _by_channels(reply)
    if bare := _BARE_CHANNELS.match(reply):
        return Spoken(bare[1].strip(), reply[bare.end() :].strip())
    thought, said, at = "", "", 0
    is_thinking = False
    tags = list(_TAG.finditer(reply))
    for place, tag in enumerate(tags):
        part = reply[at : tag.start()]
        is_closed = any(after[1] for after in tags[place + 1 : place + 2])
        if not (tag[1] or is_closed) and part.rpartition("\n")[2].strip():
            continue  # a sentence about such tags
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
    return Spoken(thought.strip(), _bare(said + _OPEN_TAG.sub("", rest)))


def _bare(said: str) -> str:
    """Return words without the marks that models put around them and servers left there, and out
    of the fence that some put around all they say.
    """
    words = _WRAPPING.sub("", _MARK.sub("", said)).strip()
    head, _, fenced = words.partition("\n")
    if head in _FENCES and _FENCE not in fenced.removesuffix(_FENCE):
        return fenced.removesuffix(_FENCE).strip()
    return words


def _by_channels(reply: str) -> Spoken:
    parts = _CHANNEL.split(reply)
    thoughts = [_MARK.sub("", parts[0])]
    said: list[str] = []
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        (said if name == "final" else thoughts).append(_MARK.sub("", text).strip())
    is_thinking = parts[-2] != "final"
    words = _OPEN_TAG.sub("", "\n".join(said))
    return Spoken("\n".join(thoughts).strip(), words.strip(), is_thinking)

"""Questions asked one after the other, and what their answers cite."""

from __future__ import annotations

from paperrag.assistant import Assistant
from paperrag.conversation.history import Exchange, exchange
from paperrag.records import Answer


def talk(assistant: Assistant, *questions: str) -> list[Answer]:
    """Ask questions one after the other, each with those before as history."""
    history: list[Exchange] = []
    for question in questions:
        history.append(exchange(assistant.ask(question, history=history)[0]))
    return [one.answer for one in history]


def cited(answer: Answer) -> list[str]:
    """The first words of the cited entries."""
    return [citation.entry.title.split()[0].rstrip(":") for citation in answer.citations]

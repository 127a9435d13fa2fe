"""Indexes that another version of the program built -> indexes of this one, as the page starts.

One that differs in its rules alone answers until the new one, put together beside it, is whole; any
other is built anew before the page opens, as a first one is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from threading import Thread

from paperrag.assistant import Assistant
from paperrag.errors import PaperRagError, RulesOutdated

log = logging.getLogger("paperrag")


def renew(assistants: Iterable[Assistant], announce: Callable[[str], object]) -> None:
    """Build anew what another version built, and say so."""
    for one in assistants:
        outdated = one.newest.outdated()
        if outdated is None:
            continue
        why = f"{str(outdated).partition(';')[0]}; building it anew"
        if not isinstance(outdated, RulesOutdated):
            announce(why)
            one.newest.catch_up()
            continue
        announce(f"{why} beside, answering from it meanwhile")
        one.newest.answer_from_outdated()
        own = Assistant.from_settings(one.settings)  # one is not safe in two threads at once
        Thread(target=_build, args=(own, announce), daemon=True).start()


def _build(assistant: Assistant, announce: Callable[[str], object]) -> None:
    try:
        report = assistant.newest.catch_up()
    except PaperRagError as error:
        log.warning("%s; still answering from the index as it was", error)
        return
    if report is not None:
        announce(
            f"{assistant.settings.index} is built anew: {len(assistant.data().entries)} entries"
        )

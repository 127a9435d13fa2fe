"""A server whose answers grow a word at a time, as a model's do. Run by tests: slow_server.py
--port P.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from paperrag.assistant import Assistant
from paperrag.conversation.history import Exchange
from paperrag.llm.generator import Stop
from paperrag.page.serving import ServeOptions, serve
from paperrag.records import Answer
from paperrag.search.filtering import Filters

MOST_WORDS, MOST_STEPS = 100, 6000
"""Words that an answer grows to; it goes on without more of them, for ten minutes unless it is
stopped.
"""


class SlowAssistant(Assistant):
    def ask_stream(
        self,
        question: str,
        filters: Filters | None = None,
        k: int | None = None,
        history: Sequence[Exchange] = (),
        stop: Stop | None = None,
    ) -> Iterator[tuple[Answer, float]]:
        answer, took_ms = next(super().ask_stream(question, filters, k, history))
        for count in range(1, MOST_STEPS):
            time.sleep(0.1)
            text = " ".join(f"word {number}" for number in range(min(count, MOST_WORDS)))
            yield (
                replace(answer, text=text, mode="llm", model="slow", abstained=False),
                took_ms + 100 * count,
            )


serve(
    SlowAssistant.open(),
    ServeOptions(port=int(sys.argv[sys.argv.index("--port") + 1])),
    announce=print,
)

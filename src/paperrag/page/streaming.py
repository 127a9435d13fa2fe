"""Lines that take a while -> a response that sends each as it comes. Knows no line's meaning."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import closing

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import StreamingResponse


def streamed(
    lines: Generator[str, None, None], media_type: str, headers: Mapping[str, str] | None = None
) -> StreamingResponse:
    """Return a response of lines, which are closed as soon as nobody listens any more: the garbage
    collector would let a model write on for minutes.
    """

    async def sent() -> AsyncIterator[str]:
        with closing(lines):
            async for line in iterate_in_threadpool(lines):
                yield line

    return StreamingResponse(sent(), headers=headers, media_type=media_type)

"""The notes as tools over standard input and output, which is how assistants start tool servers."""

from __future__ import annotations

from paperrag.assistant import Assistant
from paperrag.extras import missing
from paperrag.together import Together


def serve_stdio(assistant: Assistant | Together) -> None:
    """Answer an assistant's calls until it hangs up. Raises MissingDependency."""
    try:
        import mcp  # noqa: F401  # the tools cannot be imported without it
    except ImportError as error:
        raise missing("what speaks to assistants", "mcp", error.name) from error
    from paperrag.page.api import Api
    from paperrag.page.tools import make_tools

    make_tools(Api(assistant)).run("stdio")

"""paperrag: ask your own paper notes, in Chinese or English, and get cited answers."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from paperrag.assistant import Assistant
    from paperrag.conversation.history import Exchange
    from paperrag.wiring.encoders import load_encoder

__all__ = ["Assistant", "Exchange", "__version__", "load_encoder"]

_HOMES = {
    "Assistant": "paperrag.assistant",
    "Exchange": "paperrag.conversation.history",
    "load_encoder": "paperrag.wiring.encoders",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `paperrag --help` must not pay for NumPy."""
    if name == "__version__":
        from importlib.metadata import version

        return version("paperrag")
    if name not in _HOMES:
        raise AttributeError(f"module 'paperrag' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)

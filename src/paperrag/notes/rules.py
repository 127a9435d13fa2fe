"""The version of the rules by which notes are read; kept apart from them, to be known unloaded."""

from __future__ import annotations

NOTE_RULES = "tree-43 works-37"
"""Of entries, and of the works they are about: raise one when what is read changes. An index of
other rules is refused.
"""

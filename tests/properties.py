"""Property-based tests: hypothesis, with the same examples in every run.

A failure is somebody's change, never luck. Tests take hypothesis from here, so that the profile is
loaded before a test is made, and only where there is one.
"""

from __future__ import annotations

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

__all__ = ["HealthCheck", "assume", "example", "given", "settings", "st"]

settings.register_profile(
    "paperrag",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("paperrag")

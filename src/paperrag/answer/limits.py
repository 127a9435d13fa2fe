"""From what confidence on a question is answered: on a first question, about what is known to be
there, after a refusal.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from paperrag.question.scope import Scope

KNOWN_SHARE = 0.75
"""Of `abstain_below`, for a question about entries that an answer cites, or about a work that it
names: they cover its subject already. By hand: without it three follow-ups of the tests that the
cited entries answer are refused; no question that stands alone is answered otherwise.
"""

NARROWED_SHARE = 0.75
"""Of the confidence that an answer takes, where only works are looked at of which something else is
true that is asked for: fewer are there to be near. By hand, over 5 lists of a vault of a stranger.
"""


class Limits(Struct, frozen=True):
    """When an answer is given, and how long it is.

    abstain_below, weak_below: confidences in 0–1; under the first the answer is that the notes do
    not cover it, under the second it says that the match is weak. most: entries cited at most;
    the answer says how many more there are.
    """

    abstain_below: float
    weak_below: float
    most: int | None = None

    def least(self, scope: Scope) -> float:
        """Return the confidence from which a question of a scope is answered."""
        return self.abstain_below * (NARROWED_SHARE if scope.is_of_works else 1)

    def of_known(self) -> Limits:
        """Return the limits for a question about what is known to be there."""
        return replace(self, abstain_below=KNOWN_SHARE * self.abstain_below)

    def after_refusal(self) -> Limits:
        """Return the limits for more words on what was not covered: they are no more evidence."""
        return replace(self, abstain_below=max(self.abstain_below, self.weak_below))

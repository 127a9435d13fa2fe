"""The numbers that say which entries an answer holds and which of their sentences are quoted: each
with its unit, what it was chosen on and by what. Those that refuse an answer stand in `confidence`
and `limits`.
"""

from __future__ import annotations

from msgspec import Struct

# --- how near an entry is that belongs to a list: `grouping`, `selection`, `extractive` -----------


class Reach(Struct, frozen=True):
    """How near to the best entry those lie that belong to an answer.

    near: share of its score from which an entry of the same work belongs. close: from which a
    member of a group speaks for it. group_share: of a group's members, how many must.
    """

    near: float
    close: float
    group_share: float


LIST = Reach(near=0.83, close=0.72, group_share=0.5)
"""By hand, over the lists of the ten sets, where .8 loses .002 of precision, .85 .004 of recall;
`benchmarks/ablate.py` measures it."""

TOPIC = Reach(near=0.93, close=0.84, group_share=0.67)
"""A topic may be about one entry or several. Over ten sets of questions citation precision is 0.81
and recall 0.78, with the reach of lists for topics 0.78 and 0.79, with the best entry alone 0.81
and 0.76 (`benchmarks/ablate.py`)."""

WHOLE = Reach(near=0.0, close=0.0, group_share=1.0)
"""Whatever was looked at."""

SECTION_SHARE = 0.75
"""Share of members that must speak for a whole section with its groups; each of these must be
asked for by itself, too. By hand; `benchmarks/ablate.py` measures it.
"""

TIED = 0.98
"""Share of the best score from which a second entry cannot be told apart from the first. By
hand; `benchmarks/ablate.py` measures it.
"""

LEAST_BESIDE_LISTS = 0.9
"""Chance from which a work belongs where nearly all works found are bullets of lists, which the
chances were not fitted on. By hand; `benchmarks/ablate.py` measures it.
"""

JUDGED_LOSS = 1.0
"""How far an entry of a work may answer less than the best of it and be listed with it. A logit, by
hand, over 30 questions about two vaults of strangers.
"""

MAYBE, MOST_MAYBE = 0.3, 3
"""Chance from which works that are not in a list may belong to it, and how many are named. Over the
same lists 41 of 100 of these do; `benchmarks/heldout.py` prints what lists hold."""

LISTED_SHARE, MOST_LISTED = 0.8, 5
"""Share of the best score from which a work that an index only lists is told of, and how many are.
By hand, over 24 lists of a vault of a stranger.
"""

# --- which entry answers: `single`, `of_each` -----------------------------------------------------

ABOUT_AS_NEAR, HELD_AGAINST = 0.12, 8
"""How far another entry may score below the best, and how many are held against it. By hand;
`benchmarks/ablate.py` says what it is worth.
"""

JUDGED_GAIN, OTHER_WORK = 0.5, 0.25
"""Added to a score for an entry that surely answers, taken off for one of another work than the
nearest. By hand, over 178 questions about three made vaults (`training/LOG.md`).
"""

ANSWERS = 0.0
"""Logit from which an entry answers: as likely as not. By hand."""

# --- which entry stands for a work in a list: `standing` ------------------------------------------

STATEMENT_SHARE, STATEMENT_LEVEL, HEADING_LOSS = 1.4, 0.18, 0.03
"""Statements gain such a share of what those of a list score above a level, on average; what begins
with a heading loses. Of papers that belong to lists over four vaults of strangers (122, 250, 331)
.54, .81, .87 are then cited by the lines that were expected, with one gain for all lists (.09)
.48, .71, .62; a logistic regression that was fitted without the vault says about the same. By hand
from there; `benchmarks/ablate.py` measures them."""

NAMING_GAIN = 0.05
"""Added to entries that hold a name which is a condition, MovieLens of "who reports on MovieLens?":
they show that the paper belongs. Over the same lists two of 196 more are cited right and none is
lost. A score, by hand.
"""

MET_GAIN = 0.1
"""Added to entries that surely meet the question of a list, taken off those that surely do not.
Over 168 lists about six vaults of strangers .40 of the lines that were expected are cited with it,
.39 without and with .2. By hand.
"""

# --- which sentence is quoted: `fitting`, `quoting` -----------------------------------------------

HAS_NUMBER, HAS_UNIT, TELLS_WHO, ASKS, ECHOES = 0.12, 0.3, 1.0, -0.1, -2.0
"""Added to the likeness of a sentence, a sum of two parts of 0–1; of the first two one. By hand: of
340 questions for one thing over the ten sets and two vaults of strangers the quotes of 292 hold the
answer with them, of 290 without the unit; `benchmarks/ablate.py` has more.
"""

SENTENCE_GAIN, FEWEST_JUDGED, MOST_JUDGED = 0.3, 3, 12
"""Added to the likeness of a sentence for each unit of the logit that it answers; of fewer than so
many none is judged, as many quotes are right then, of more the nearest. By hand: of 280 small notes
in odd forms 174 are answered right with .05, 180 with .1, 181 with .2, 183 with 1, 169 without; no
quote of 206 questions about made vaults is lost.
"""

LEAST_ECHO, MANY_CLAUSES = 4, 2
"""Letters of what says a question again, half as many in Chinese; marks of clauses in a sentence
that says more than what it announces. By hand.
"""

# --- which figure corrects another: `correcting` -------------------------------------------------

MOST_TIMES = 10
"""How many times as large, or as small, as a wrong figure its correction is. By hand."""

DAY_CHARS = 20
"""Of a line, before and among which the day stands on which it was written. By hand."""

CORRECTED_AMONG = 100
"""Ranked entries of other notes among which corrections are looked for. By hand."""

# --- how many entries are looked at, and cited: `judging`, `inside`, `single`, `comparing` --------

JUDGED = 8
"""Entries, the nearest of the work that the first belongs to; with 12 as many right lines are
quoted (`training/LOG.md`). Each costs some 6 ms of a processor, 12 of a busy one.
"""

OTHER_WORKS, OF_OTHERS = 3, 4
"""Works behind the first, and entries of each, that are judged where a question names none: of 126
questions about a made vault, most of which name none, 83 are answered by the first work, 100 by one
of the first four. By hand.
"""

IN_LISTS = (2, 1, 1)
"""Entries of the nearest works where lists hold all papers, whose entries are few and short, if the
second is about as near as the first; with more of them, of more works, or always, no other answer
of the ten sets is right. By hand.
"""

LISTED, OF_LISTED = 12, 2
"""Works that may be listed, and entries of each, that are judged. By hand."""

JUDGED_INSIDE, JUDGED_OF_EACH = 16, 3
"""Entries of one work that are judged where what it lists is asked for, and of each where the same
is asked of several. By hand.
"""

FILES_AMONG = 20
"""Entries among which one in a file about one paper tells that papers have files here. By hand."""

LEADING_ENTRIES = 3
"""The best, whose groups may be what is asked for, or whose work. By hand."""

SKIPPED = 20
"""Of so many entries at most some answer nothing. By hand."""

STANDING_AMONG = 8
"""Entries of a paper, the best: headings among them give way to what is about as good. By hand."""

SHORT_STATEMENT = 80
"""Characters from which what a paper says that it does stands for it by itself. By hand."""

MOST_STEPS, MOST_OF_EACH = 3, 8
"""Entries beside one another that are cited of a procedure; items or rows of what is asked of each.
By hand.
"""

MOST_ASPECTS, ASPECT_LETTERS = 2, 40
"""Headings in common that are set side by side; letters of an entry that stands in their table. By
hand.
"""

SURE = 1.0
"""Confidence of what is told of a work that a question names. By hand."""

"""The numbers that rank entries and works, and say which work a question means: each with its unit,
what it was chosen on and by what.
"""

from __future__ import annotations

# --- scores of chunks: `scoring` ------------------------------------------------------------------

LATE, DENSE, LEXICAL = 1.0, 0.8, 0.1
"""Weights with an encoder whose tokens have vectors, chosen by `benchmarks/fit_scoring.py`: of 20
pairs of the last two they rank the ten sets best, and each nine of them. nDCG@10 falls by 0.06
without the first, by 0.04 without the second; without the third more questions that the notes do
not cover are answered. The plateau is wide: between DENSE 0.4 and 1.4 it moves by 0.01.
"""

DENSE_ALONE, LEXICAL_BESIDE = 1.0, 0.3
"""Weights with an encoder that a program brings along without vectors of tokens. By hand, with
`benchmarks/quality.py --encoder FOLDER`.
"""

CERTAIN = 1.0
"""Score of entries whose links hold a paper id that the question gives. By hand."""

SHORT_FOR = 0.4
"""Cosine, of the sums of their token vectors, from which a short form means what its letters are
the initials of. Of 32 terms of papers 24 reach it, of 28 runs of words in questions that only have
the initials of some term none (the next has 0.34). By hand.
"""

# --- scores of entries, by where they stand: `tree_scores` ----------------------------------------

LABEL_PENALTY = 0.1
"""Taken off items that only name a group; their members are what is asked for.
A score, by hand; `benchmarks/ablate.py` measures it.
"""

POINTER_PENALTY = 0.05
"""Taken off entries that only mention a work.
A score, by hand; `benchmarks/ablate.py` measures it.
"""

SIBLING_SHARE = 0.2
"""List questions: how far an entry is raised towards the mean of the two best entries beside it.
Lists are asked for by what their members share, and not every member says it.
A score, by hand; `benchmarks/ablate.py` measures it.
"""

ABSTRACT_PRIOR = 0.15
"""Taken off abstracts: they lead only where they are clearly nearer than the reader's own words.
A score, by hand; `benchmarks/ablate.py` measures it.
"""

# --- what is shown of what was found: `found`, `similar` ------------------------------------------

ABSTRACT_SHARE = 1 / 3
"""Share of the first hits that abstracts may take while there are notes. With 2,000 abstracts on
the notes' own subjects beside them, nDCG@10 on notes falls by 0.01 at most; with the prior alone
by 0.02 (`benchmarks/abstracts.py`)."""

SECOND_SHARE = 0.95
"""Share of the best score of a work from which another hit of it is worth a place in a list. By
hand; `benchmarks/ablate.py` measures it.
"""

A_WORK = 2
"""Hits of one work at most where several are asked for; the others are worth more than a third.
By hand.
"""

MOST_TWINS = 3
"""Entries in the other language that are shown first, at most. By hand."""

TWIN_COSINE = 0.35
"""Entries in the other language from this cosine on may be about the same thing: they are shown
first. By hand, over the bundled notes.
"""

# --- what speaks for works: `works`; what it weighs is fitted in `membership` ---------------------

FIELD = 60
"""Works that are looked at; a list is seldom longer, and they are what a work is compared with.
By hand.
"""

NAMED_ODDS = 2.7
"""How much likelier a work belongs that holds a name in the question, and how much less so one that
does not. Over 24 lists that say a name, of four vaults of strangers, F1 is .777 with it, .745
without, .765 with 7. By hand.
"""

FILES_SHARE = 0.2
"""Of the works that are looked at, how many must have files of their own for the lines of lists
beside them to go by chances, too. Over six vaults of strangers lists have F1 .523 with it, .454
with a half. By hand.
"""

LEADING = 3
"""Works that the others are held against. By hand."""

COMPANY = 8
"""Works most like one that speak for it: what belongs to a subject is alike. With them F1 of lists
on folders left out of the fit rises from 0.760 to 0.764, of questions left out from 0.770 to 0.783
(`benchmarks/fit_ranking.py`)."""

UNTOLD_LOSS = 0.1
"""A work of which no entry tells what it is counts as having one that is this much worse than its
best. A score, by hand; `benchmarks/ablate.py` measures it."""

# --- which work a question names, describes or compares: `named`, `described`, `sides` ------------

OWN_SHARE, OWN_ENTRIES = 0.7, 2
"""Of the entries that say a name, how many must be of one work for it to be that work's: a
share, and a number. By hand; `benchmarks/ablate.py` measures it.
"""

LEAST_MET = 0.4
"""Share of a clause, by late interaction, that a note says first where the clause describes its
work. By hand, over 160 questions of two or more clauses about five vaults of strangers: clauses
that do have .4 to 1, those that ask .3 at most, but for ten of them.
"""

MENTIONS = 2
"""A thing that no more entries than these say is only mentioned. By hand."""

WHOLE_SHARE = 0.33
"""Of the score of an entry of a named work, what its score for the question with the name counts.
By hand; `benchmarks/ablate.py` measures it.
"""

# --- what is one work, and who is told of in it: `named`, `same_work`, `saying` ------------------

MOST_SAYING = 300
"""Entries, or chunks of them: a name that more of them hold is a word of the field, and to read all
would take a second. By hand.
"""

READ_FOR_TERM = 100
"""Chunks that are read for what a term is short for, or for a short form in its capitals. By hand.
"""

LEAST_STEM = 3
"""Letters of the name of a file that is looked for in questions. By hand."""

OWN_LETTERS = 8
"""Of a name that one work alone has; shorter ones are given to many things. By hand."""

SAID_AT_TOP = 6
"""Lines of a note on a work where it says who wrote that. By hand."""

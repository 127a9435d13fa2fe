"""From what on a question is believed to be of a kind, and a name to be another misspelt."""

from __future__ import annotations

# --- what is asked for: `read`, `classifier` ------------------------------------------------------

SURELY_SEVERAL, SEVERAL_NOT_TOPIC = 0.8, 0.9
"""Share of 1 from which the classifier makes a list of what the rules of `intent` read as a
question for one thing, and as a topic. Over the ten sets 0.95 for topics loses 0.004 of the recall
of citations, 0.7 and 0.8 gain nothing, 0.85 reads phrases that one entry answers as lists
(`benchmarks/ablate.py`)."""

SURELY_ONE = 0.97
"""Share from which a question for one thing is none for a list, whatever words it has: "why do
those few words draw attention?". Of 1,100 questions five that are read as lists have it, all for
one thing; the lists have .966 at most. Without it what is found first for the single questions
about a vault stands in 5.0 files of ten hits, with it in 4.6 (`benchmarks/heldout.py`).
"""

PROBABLY_WORKS, MAYBE_WORKS = 0.5, 0.09
"""Share from which the classifier says that works are asked for, and from which it is believed
where the question says papers or methods: "papers published in 2014" has 0.23.
By hand, over the lists of the ten sets (`benchmarks/ablate.py`)."""

LISTS_BY_FACET, ASKS_BY_FACET, NAMES_BY_FACET = 0.7, 0.85, 0.95
"""Share from which a question for a list, one for one thing or a topic about nothing besides, and
another topic are taken to ask for papers by what notes say of them besides their content. By hand,
over 550 questions of the ten sets: at 0.6 and 0.8 nine of them are taken so wrongly, and recall of
citations of two sets falls by 0.01 to 0.03; at these none is of which the rest can be read. Of 178
topics, of five vaults of strangers too, four have 0.7 and ask by none; all of these say a subject.
"""

BOTH_SAY = 0.5
"""The same where rules read a condition of this kind, too: the network knows better than a pattern
what "never read properly, just glanced over" says. By hand, over lists about six vaults.
"""

SURELY_NO_FACET = 0.9
"""Share from which a question for one thing is not looked at for a facet, which takes the encoder 4
ms. By hand: of 542 questions that ask by a facet 2 % have it, of 154 others for one thing 54 %.
"""

MAY_ASK_BY_FACET = -0.5
"""Score of its words from which a question is read in context for a facet, which takes the encoder
3 to 5 ms. Of questions of a writer not learned from that are read as ones by a facet 1.6 % score
less, of 550 questions of the ten sets two fifths do (`training/train_facet_hint.py`).
"""

SURELY_BACK = 0.5
"""Share from which a question needs what came before: at 0.5 two of 550 that begin talks seem to,
above 0.7 none (`training/train_questions.py` prints it)."""

# --- what a name is near to: `names` --------------------------------------------------------------

LEAST_CHARS = 8
"""Shorter names differ by a letter on purpose: LoRA and DoRA, LoRA-FA and LoRA-GA. By hand."""

NEAR = 0.84
"""Least share of letters that both spellings have in the same order (`difflib`'s ratio). By
hand; `benchmarks/ablate.py` measures it.
"""

# --- what a question is made of: `read`, `parts`, `scope`, `venues` -------------------------------

SHOUTED_WORDS = 4
"""From so many words on a text in capitals alone is shouted; LLM, RAG and "LORA VS DORA" are not.
By hand."""

MOST_PARTS, PART_CHARS, PART_WORDS = 3, 6, 4
"""Questions that one is made of at most, and how many characters, or words, one of them has at
least that says no name: "and by how much?" and "有哪些方法" belong to what stands before them. By
hand.
"""

MOST_WHERE_CHARS = 40
"""Letters beside the frame of a question that asks nothing but what is somewhere. By hand."""

VENUE_INITIALS = 3
"""Letters of the short name of a venue that is known where a question spells it out. By hand."""

# --- which fields of the notes are asked for: `fields`, `facets` ----------------------------------

FEWEST_WITH = 2
"""Works that have a field, for its name to be one: what one note says before a colon is its own.
By hand."""

SHARE_WITH = 0.1
"""Of all works, that have a field of no known kind, for its name or a value of it alone to ask for
works: before a colon stands also what a few notes tell of. By hand, over vaults of strangers."""

STATUS_SHARE = 0.3
"""Of what speaks for any status, from which one is asked for: "not yet, or only in part". By hand.
"""

SURELY_BOUNDED = 0.7
"""Share from which a figure is taken to be bounded: by hand, "papers from 2023" has 0.65 for 2023
and later."""

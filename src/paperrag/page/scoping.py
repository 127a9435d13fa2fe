"""Where the page looks for a question -> who is asked, and what filters."""

from __future__ import annotations

from msgspec.structs import replace

from paperrag.assistant import Assistant
from paperrag.page.corpora import Corpora
from paperrag.page.turns import SearchScope
from paperrag.search.filtering import Filters
from paperrag.together import Together


def narrowed(corpora: Corpora, scope: SearchScope) -> tuple[Assistant | Together, Filters]:
    """Return who answers in a scope, and its filters; a file of a collection is looked for there.
    Raises QueryError for what is unknown.
    """
    where, file = corpora.find(scope.file)
    collection = where.name if file != scope.file else scope.collection
    return corpora.asked(collection), replace(scope, file=file).filters

"""The header: how much is indexed, what has changed since, and a stamp by which the page's script
sees that another index is served.
"""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.errors import PaperRagError
from paperrag.index.current import IndexStatus
from paperrag.page.corpora import Corpora, Corpus
from paperrag.page.render import esc
from paperrag.page.strings import say
from paperrag.records import Language


def header(corpora: Corpora, language: Language) -> dict[str, str]:
    """Return what is said of the index, and its stamp."""
    statuses = [_status(one) for one in corpora.all]
    return {"html": _facts_html(statuses, language), "stamp": ", ".join(map(_stamp, statuses))}


def _status(one: Corpus) -> IndexStatus | None:
    """Return what is indexed of a collection, None where that cannot be read."""
    try:
        return one.assistant.status()
    except PaperRagError:
        return None


def _stamp(status: IndexStatus | None) -> str:
    if status is None or status.manifest is None:
        return "none"
    return f"{status.manifest.generation} {_changed(status)}"


def _changed(status: IndexStatus) -> int:
    return len(status.changed_files) + len(status.removed_files)


def _facts_html(statuses: Sequence[IndexStatus | None], language: Language) -> str:
    known = [status for status in statuses if status]
    manifests = [status.manifest for status in known if status.manifest]
    if not manifests:
        return f'<span class="pr-faint">{say(language, "no_index")}</span>'
    files = sum(len(one.files) for one in manifests)
    entries = sum(one.entries for one in manifests)
    key = "indexed_one" if files == 1 else "indexed"
    counts = say(language, key, entries=entries, files=files)
    folders = "\n".join(str(one.settings.corpus) for one in known)
    stale = _stale_html(sum(map(_changed, known)), language)
    return f'<span class="pr-faint" title="{esc(folders)}">{counts}{stale}</span>'


def _stale_html(changed: int, language: Language) -> str:
    if not changed:
        return ""
    words = say(language, "stale_one" if changed == 1 else "stale", count=changed)
    return f' · <b class="pr-stale">{words}</b>'

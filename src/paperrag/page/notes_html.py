"""The Notes tab's reports as HTML: what was added, how far a build is, what it did, what is
indexed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from paperrag.errors import BuildCancelled, PaperRagError
from paperrag.index.current import IndexStatus
from paperrag.index.reporting import FileChange, IndexReport
from paperrag.notes.adding import Added
from paperrag.notes.uploads import Refusal
from paperrag.page.refusals import in_words, reason_in_words
from paperrag.page.render import esc
from paperrag.page.strings import say
from paperrag.records import Language, Trouble

_UNITS = ("added", "changed", "moved", "removed")


def message(sentence: str) -> str:
    """Return an error that a reader should act on."""
    return f'<div class="pr-error" role="alert">{esc(sentence)}</div>'


def added_html(
    result: Added, refused: Sequence[Refusal], language: Language, called: Callable[[str], str]
) -> str:
    """Return what became of notes that were added. called: what their files are called here."""
    pieces = []
    if result.conflicts:
        pieces.append(
            f'<p class="pr-weak">{say(language, "conflicts")}</p>{_list(map(called, result.conflicts))}'
        )
    outcomes = (
        ("added_files", result.added),
        ("replaced_files", result.replaced),
        ("same_files", result.same),
    )
    for key, sources in outcomes:
        if sources:
            pieces.append(f"<p>{say(language, key)}</p>{_list(map(called, sources))}")
    if result.clashes:
        pieces.append(
            f'<p class="pr-weak">{say(language, "clashes")}</p>{_list(map(called, result.clashes))}'
        )
    left_out = [*refused, *result.refused]
    if left_out:
        reasons = [
            f"{refusal.name or '—'}: {reason_in_words(refusal.reason, language)}"
            for refusal in left_out
        ]
        pieces.append(f'<p class="pr-weak">{say(language, "refused_files")}</p>{_list(reasons)}')
    return f'<div class="pr-report" role="status">{"".join(pieces)}</div>'


def searched_html(is_taken_in: bool, language: Language) -> str:
    """Return whether notes that were added are searched already."""
    key, style = ("searched_now", "pr-faint") if is_taken_in else ("searched_later", "pr-weak")
    return f'<p class="{style}">{say(language, key)}</p>'


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{esc(item)}</li>" for item in items) + "</ul>"


def collection_html(name: str) -> str:
    """Return the name of a collection above what is said of it, "" for a lone one."""
    return f'<h3 class="pr-collection">{esc(name)}</h3>' if name else ""


def progress_html(
    files: tuple[int, int], texts: tuple[int, int], language: Language, collection: str = ""
) -> str:
    """Return the bar of a build that runs: done and all of its files, beside it the texts of the
    part that is embedded, all of one collection.
    """
    (done, total), (embedded, embedding) = files, texts
    words = (
        say(language, "building", done=done, total=total) if total else say(language, "starting")
    )
    if embedding:
        words += " · " + say(language, "embedding", done=embedded, total=embedding)
    if collection:
        words = f"{esc(collection)}: {words}"
    share = 100 * done / total if total else 0
    return (
        f'<div class="pr-progress" role="progressbar" aria-label="{say(language, "index_title")}" aria-valuenow="{share:.0f}"'
        f' aria-valuemin="0" aria-valuemax="100"><div style="width:{share:.1f}%"></div></div><p class="pr-faint">{words}</p>'
    )


def outcome_html(
    reports: Mapping[str, IndexReport],
    error: Exception | None,
    took_s: float,
    language: Language,
) -> str:
    """Return what a build did by collection, file by file, or why it did not."""
    if isinstance(error, BuildCancelled):
        return f'<div class="pr-report" role="status"><p class="pr-weak">{say(language, "cancelled")}</p></div>'
    if isinstance(error, PaperRagError):
        return message(in_words(error, language))
    if error is not None or not reports:
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
        return message(say(language, "build_failed", reason=reason))
    took = say(language, "built", seconds=f"{took_s:.1f}")
    told = "".join(
        collection_html(name) + _report_html(report, language) for name, report in reports.items()
    )
    return f'<div class="pr-report" role="status"><p>{took}</p>{told}</div>'


def _report_html(report: IndexReport, language: Language) -> str:
    totals = "".join(
        f"<td><b>{getattr(report, unit)}</b> {say(language, f'report_{unit}')}</td>"
        for unit in (*_UNITS, "unchanged")
    )
    return (
        f'<table class="pr-totals"><tr>{totals}</tr></table>'
        f"{_files_html(report.by_file, language)}{_troubles_html(report.troubles, language)}"
    )


def _files_html(changes: Sequence[FileChange], language: Language) -> str:
    if not changes:
        return f'<p class="pr-faint">{say(language, "no_file_changed")}</p>'
    head_html = "".join(f"<th>{say(language, f'report_{unit}')}</th>" for unit in _UNITS)
    rows = "".join(
        f"<tr><td>{esc(change.source)}</td>"
        + "".join(f"<td>{getattr(change, unit) or '·'}</td>" for unit in _UNITS)
        + "</tr>"
        for change in changes
    )
    return f'<table class="pr-table"><thead><tr><th>{say(language, "file")}</th>{head_html}</tr></thead><tbody>{rows}</tbody></table>'


def _troubles_html(troubles: Sequence[Trouble], language: Language) -> str:
    if not troubles:
        return ""
    return f'<p class="pr-weak">{say(language, "report_trouble")}</p>{_list([str(trouble) for trouble in troubles])}'


def facts_html(status: IndexStatus, language: Language) -> str:
    """Return what is indexed, from where, how stale."""
    rows = "".join(
        f"<dt>{say(language, key)}</dt><dd>{esc(value)}</dd>"
        for key, value in _facts(status, language)
    )
    return f'<dl class="pr-facts">{rows}</dl>'


def _facts(status: IndexStatus, language: Language) -> Iterator[tuple[str, str]]:
    manifest, settings = status.manifest, status.settings
    if manifest is None:
        yield "fact_corpus", str(settings.corpus)
        yield "fact_index", str(settings.index)
        yield "fact_state", say(language, "no_index")
        return
    files, changed = len(manifest.files), len(status.changed_files) + len(status.removed_files)
    indexed = "indexed_one" if files == 1 else "indexed"
    counts = say(language, indexed, entries=manifest.entries, files=files)
    state = "fresh" if not changed else "stale_one" if changed == 1 else "stale"
    yield "fact_corpus", f"{settings.corpus} · {counts}"
    number = say(language, "generation", number=manifest.generation)
    yield "fact_index", f"{settings.index} · {number}"
    yield "fact_encoder", manifest.encoder
    yield "fact_size", f"{status.disk_bytes / 1e6:.1f} MB"
    yield "fact_state", say(language, state, count=changed)
    if beside := status.rebuilding:
        known, expected = beside.entries, beside.expected_entries or beside.entries
        yield "fact_beside", say(language, "beside", entries=known, expected=expected)

"""What a command did, or found amiss -> text for a terminal: indexing, status, fetching, lint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from paperrag.index.current import IndexStatus
from paperrag.index.manifest import Manifest
from paperrag.index.reporting import IndexReport
from paperrag.llm.generator import ModelState
from paperrag.output.counts import counted
from paperrag.places import user_settings
from paperrag.records import Trouble

if TYPE_CHECKING:
    from pathlib import Path

    from paperrag.papers.fetcher import FetchPlan, FetchReport, Unresolved
    from paperrag.papers.lint import Finding


_GROWING = (
    "Single words are known so far; a process beside reads word order, too, a minute or some "
    "(paperrag status says how far it is)."
)


def report_text(report: IndexReport, took_ms: float) -> str:
    """Return what an index run did, one line of counts and one for each trouble."""
    counts = ", ".join(
        f"{getattr(report, name)} {name}"
        for name in ("added", "changed", "moved", "removed", "unchanged")
    )
    read = f"{report.files} of {report.files_total} files read in {took_ms / 1000:.2f} s"
    work = f"{counted(report.embedded, 'chunk')} embedded; {read}"
    return "\n".join([f"{counts} entries; {work}", *_trouble_lines(report.troubles)])


def begun_text(
    folder: Path,
    report: IndexReport,
    entries: int,
    questions: Sequence[str],
    took_ms: float,
    is_growing: bool,
) -> str:
    """Return what `init` did, what to ask now, and what is still done: whether the index grows."""
    lines = [
        f"{folder}: {counted(report.files_total, 'file')}, {counted(entries, 'entry')}, indexed in "
        f"{took_ms / 1000:.1f} s; remembered in {user_settings()}",
        *(["Ask, from any folder:"] if questions else []),
        *(f'  paperrag ask "{question}"' for question in questions),
        *([_GROWING] if is_growing else []),
    ]
    return "\n".join(lines)


def status_text(status: IndexStatus, model: ModelState | None = None) -> str:
    """Return what is indexed, with what, how stale and how large, and which LLM writes answers."""
    manifest = status.manifest
    of_model = f"model      {model.name}: {model.why or 'connected'}" if model else ""
    if manifest is None:
        none = f"no index in {status.store}; run: paperrag index"
        lines = [*([] if status.is_unreachable else [none]), *status.faults]
        return "\n".join([*lines, *([of_model] if of_model else [])])
    stale = len(status.changed_files) + len(status.removed_files)
    state = [
        f"{counted(stale, 'file')} changed since; run: paperrag index" if stale else "up to date"
    ]
    lines = [
        f"corpus     {status.settings.corpus}: {_sizes(manifest)}",
        f"index      {status.store}: generation {manifest.generation}, {status.disk_bytes / 1e6:.1f} MB",
        f"encoder    {manifest.encoder} ({manifest.dimension} dimensions, {manifest.encoder_fingerprint[:12]})",
        *([f"rebuild    {_rebuilding(status.rebuilding)}"] if status.rebuilding else []),
        *(["checked    every byte is as it was written"] if status.checked else []),
        *([of_model] if of_model else []),
        *(f"freshness  {fact}" for fact in status.faults or state),
        *(f"           changed  {source}" for source in status.changed_files[:10]),
        *(f"           removed  {source}" for source in status.removed_files[:10]),
    ]
    troubles = [
        *manifest.troubles,
        *(trouble for record in manifest.files.values() for trouble in record.troubles),
    ]
    return "\n".join([*lines, *_trouble_lines(troubles)])


def _sizes(manifest: Manifest) -> str:
    sizes = {"file": len(manifest.files), "entry": manifest.entries, "chunk": manifest.chunks}
    return ", ".join(counted(number, name) for name, number in sizes.items())


def _rebuilding(manifest: Manifest) -> str:
    expected = manifest.expected_entries
    far = f"{manifest.entries:,} of about {expected:,}" if expected else f"all {manifest.entries:,}"
    again = f"paperrag index --rebuild --encoder {manifest.encoder}"
    return f"{far} entries so far, encoder {manifest.encoder}; if nothing is at it, run: {again}"


def fetch_text(report: FetchReport) -> str:
    """Return what a fetch did: counts, then what nobody knew, then what failed."""
    lines = [
        f"abstracts: {len(report.new)} new, {len(report.updated)} updated, {report.present} there before; "
        f"{counted(len(report.unresolved), 'paper')} unresolved"
    ]
    lines += (
        [f"asked: {', '.join(f'{api} {calls}' for api, calls in report.calls.items())}"]
        if report.calls
        else []
    )
    lines += (
        [f"papers that could not be asked for in this run: {report.not_asked}"]
        if report.not_asked
        else []
    )
    lines += [f"no abstract known: {name}" for name in report.without_abstract]
    lines += [line for item in report.unresolved for line in _unresolved_lines(item)]
    return "\n".join([*lines, *(f"failed: {failure}" for failure in report.failures)])


def _unresolved_lines(item: Unresolved) -> Iterator[str]:
    yield f"unresolved: {item.ref.name} ({item.ref.place})"
    for paper in item.candidates:
        yield f"    candidate: {paper.title} ({', '.join(map(str, filter(None, (*paper.authors[:1], paper.year))))}) {paper.url}"


def plan_text(plan: FetchPlan) -> str:
    """Return what a fetch would ask."""
    lines = [
        f"{counted(plan.named, 'paper')} in the notes, {plan.present} with an abstract; {plan.wanted} would be asked for:"
    ]
    return "\n".join([*lines, *(f"{api}: {url}" for api, url in plan.calls)])


def lint_text(findings: Sequence[Finding]) -> str:
    """Return findings, one a line, as compilers print them."""
    if not findings:
        return "nothing found"
    return "\n".join(
        f"{found.source}{'' if found.line is None else f':{found.line}'}: {found.problem}: "
        f"{found.message}"
        for found in findings
    )


def _trouble_lines(troubles: Sequence[Trouble]) -> list[str]:
    return [f"{'not read' if trouble.fatal else 'note'}: {trouble}" for trouble in troubles]

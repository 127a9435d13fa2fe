"""Results -> the JSON of the contract, as plain dicts and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from paperrag.index.current import IndexStatus
from paperrag.index.manifest import Manifest
from paperrag.index.reporting import IndexReport
from paperrag.llm.generator import ModelState
from paperrag.notes.lookup import NoteLines
from paperrag.output.paper_shapes import (
    CallShape,
    ExportShape,
    FetchPlanShape,
    FetchShape,
    LeftOutShape,
    LintShape,
    PaperShape,
    UnresolvedShape,
)
from paperrag.output.program_shapes import (
    CheckupShape,
    CollectionsShape,
    EvalShape,
    FileChangeShape,
    IndexReportShape,
    IndexShape,
    InitShape,
    MetricsShape,
    ModelShape,
    OpenShape,
    PushShape,
    StatusShape,
    TroubleShape,
)
from paperrag.output.shapes import (
    AskShape,
    CitationCheckShape,
    CitationShape,
    ClaimCheckShape,
    ClaimShape,
    EntryShape,
    ExplainShape,
    HitShape,
    LinkShape,
    NoteShape,
    ProofShape,
    RelatedShape,
    SearchShape,
    SimilarShape,
    VerifyShape,
    WorkShape,
)
from paperrag.places import user_settings
from paperrag.records import Answer, Citation, Claim, Entry, Hit, Link, Trouble
from paperrag.search.found import SearchResult

if TYPE_CHECKING:
    from pathlib import Path

    from paperrag.output.checkup import Check
    from paperrag.papers.bibtex import Export
    from paperrag.papers.fetcher import FetchPlan, FetchReport
    from paperrag.papers.lint import Finding
    from paperrag.proof.verifying import CitationCheck, Verification

Shape = TypeVar("Shape", bound=msgspec.Struct)


def search_json(result: SearchResult, explain: bool = True) -> dict[str, Any]:
    """Return what `search --json` prints."""
    hits = [_hit(hit, explain) for hit in result.hits]
    index = _index(result.manifest)
    return _plain(SearchShape(result.query, result.language, result.took_ms, index, hits))


def hit_json(hit: Hit, explain: bool = True) -> dict[str, Any]:
    """Return a hit; `explain` holds its reasons, {} if not wanted."""
    return _plain(_hit(hit, explain))


def similar_json(entry_id: str, hits: Sequence[Hit]) -> dict[str, Any]:
    """Return the entries nearest to an entry, as hits; scores are cosines."""
    return _plain(SimilarShape(entry_id, [_hit(hit, explain=False) for hit in hits]))


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return an entry whole, with its place in the note tree."""
    return _plain(_of(entry, EntryShape, entry_id=entry.id, links=_links(entry.links)))


def note_json(note: NoteLines) -> dict[str, Any]:
    """Return lines of a note."""
    return _plain(_of(note, NoteShape))


def open_json(address: str, source: str, line: int) -> dict[str, Any]:
    """Return what `open --json` prints."""
    return _plain(OpenShape(address, source, line))


def ask_json(answer: Answer, took_ms: float) -> dict[str, Any]:
    """Return what `ask --json` prints."""
    report = answer.report
    return _plain(
        _of(
            answer,
            AskShape,
            standalone_question=answer.standalone,
            answer=answer.text,
            citations=[_citation(citation) for citation in answer.citations],
            claims=[_claim(answer, claim) for claim in answer.claims],
            report=_of(report, ProofShape, summary=str(report)) if report else None,
            took_ms=took_ms,
        )
    )


def verification_json(found: Verification) -> dict[str, Any]:
    """Return what `verify --json` prints."""
    claims = [
        _of(
            claim,
            ClaimCheckShape,
            support=round(claim.support, 4),
            supported=claim.is_supported,
        )
        for claim in found.claims
    ]
    checks = [_citation_check(check) for check in found.citations]
    return _plain(VerifyShape(found.answer.question, found.holds, checks, claims))


def report_json(report: IndexReport, took_ms: float) -> dict[str, Any]:
    """Return what `index --json` prints."""
    return _plain(
        _of(
            report,
            IndexReportShape,
            embedded_chunks=report.embedded,
            files_read=report.files,
            files=report.files_total,
            by_file=[_of(change, FileChangeShape) for change in report.by_file],
            troubles=_troubles(report.troubles),
            took_ms=took_ms,
        )
    )


def status_json(status: IndexStatus, model: ModelState | None = None) -> dict[str, Any]:
    """Return what `status --json` prints; `index` and `model` are null if there is none."""
    manifest = status.manifest
    is_behind = status.changed_files or status.removed_files or status.faults
    return _plain(
        StatusShape(
            corpus=str(status.settings.corpus),
            index_folder=str(status.settings.index),
            store=status.store,
            index=_index(manifest) if manifest else None,
            rebuilding=_index(status.rebuilding) if status.rebuilding else None,
            disk_bytes=status.disk_bytes,
            checked=status.checked,
            fresh=manifest is not None and not is_behind,
            changed_files=list(status.changed_files),
            removed_files=list(status.removed_files),
            faults=list(status.faults),
            troubles=_troubles(_all_troubles(manifest) if manifest else ()),
            model=ModelShape(model.name, not model.why, model.why) if model else None,
        )
    )


def push_json(to: str, files: int, questions: int, same: int, overlap: float) -> dict[str, Any]:
    """Return what `push --json` prints."""
    return _plain(PushShape(to, files, questions, same, round(overlap, 4)))


def fetch_json(report: FetchReport) -> dict[str, Any]:
    """Return what `fetch --json` prints."""
    unresolved = [
        UnresolvedShape(
            str(item.ref.ids[0]) if item.ref.ids else None,
            item.ref.title,
            item.ref.place,
            [_of(paper, PaperShape) for paper in item.candidates],
        )
        for item in report.unresolved
    ]
    return _plain(_of(report, FetchShape, unresolved=unresolved, calls=dict(report.calls)))


def plan_json(plan: FetchPlan) -> dict[str, Any]:
    """Return what `fetch --dry-run --json` prints."""
    return _plain(_of(plan, FetchPlanShape, calls=[CallShape(*call) for call in plan.calls]))


def export_json(made: Export, file: Path) -> dict[str, Any]:
    """Return what `export --json` prints."""
    reason = "named by its title alone and not fetched yet"
    left_out = [LeftOutShape(ref.title, ref.place, reason) for ref in made.left_out]
    return _plain(ExportShape(str(file), made.papers, left_out))


def lint_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what `lint --json` prints."""
    return _plain(msgspec.convert({"findings": findings}, LintShape, from_attributes=True))


def eval_json(file: Path, groups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what `eval --json` prints."""
    return _plain(EvalShape(str(file), msgspec.convert(groups, dict[str, MetricsShape])))


def init_json(
    folder: Path, report: IndexReport, entries: int, questions: Sequence[str], took_ms: float
) -> dict[str, Any]:
    """Return what `init --json` prints."""
    return _plain(
        InitShape(
            str(folder),
            str(user_settings()),
            report.files_total,
            entries,
            _troubles(report.troubles),
            list(questions),
            took_ms,
        )
    )


def collections_json(folders: Mapping[str, Path]) -> dict[str, Any]:
    """Return what `collection --json` prints."""
    return _plain(CollectionsShape({name: str(folder) for name, folder in folders.items()}))


def checkup_json(checks: Sequence[Check]) -> dict[str, Any]:
    """Return what `doctor --json` prints."""
    return _plain(msgspec.convert({"checks": checks}, CheckupShape, from_attributes=True))


def _plain(shape: msgspec.Struct) -> dict[str, Any]:
    return msgspec.to_builtins(shape)  # type: ignore[no-any-return]  # a struct gives a dict


def _of(record: object, shape: type[Shape], **other: Any) -> Shape:
    """Return a shape whose fields are those of a record, tuples as lists, but for those that are
    given.
    """
    names = (name for name in shape.__struct_fields__ if name not in other)
    values = {name: getattr(record, name) for name in names} | other
    return shape(
        **{name: list(one) if isinstance(one, tuple) else one for name, one in values.items()}
    )


def _hit(hit: Hit, explain: bool) -> HitShape:
    reasons = _of(hit.explanation, ExplainShape) if explain else ExplainShape()
    links = hit.entry.links
    return _found(hit, HitShape, links, rank=hit.rank, explain=reasons)


def _citation(one: Citation) -> CitationShape:
    verified = one.quote_verified
    return _found(one, CitationShape, one.links, n=one.n, quote=one.quote, quote_verified=verified)


def _found(found: Hit | Citation, shape: type[Shape], links: Sequence[Link], **other: Any) -> Shape:
    """Return the shape of an entry with what a hit or a citation says of it."""
    entry = found.entry
    return _of(
        entry,
        shape,
        entry_id=entry.id,
        links=_links(links),
        work=_work(entry),
        related=_short(found.related),
        twins=_short(found.twins),
        score=found.score,
        **other,
    )


def _claim(answer: Answer, claim: Claim) -> ClaimShape:
    support = None if claim.support is None else round(claim.support, 4)
    text = answer.text[claim.start : claim.end]
    return _of(claim, ClaimShape, text=text, support=support)


def _citation_check(check: CitationCheck) -> CitationCheckShape:
    place = ("source", "line_start", "line_end")
    entry_id = check.entry.id if check.entry else None
    where = {name: getattr(check.entry, name, None) for name in place}
    return _of(check, CitationCheckShape, entry_id=entry_id, **where)


def _work(entry: Entry) -> WorkShape | None:
    work = entry.work
    if work is None:
        return None
    return _of(work, WorkShape, year=work.year or None, venue=work.venue or None)


def _short(entries: Sequence[Entry]) -> list[RelatedShape] | None:
    return [_of(entry, RelatedShape, entry_id=entry.id) for entry in entries] or None


def _links(links: Sequence[Link]) -> list[LinkShape]:
    return [_of(link, LinkShape) for link in links]


def _index(manifest: Manifest) -> IndexShape:
    return _of(manifest, IndexShape, files=len(manifest.files))


def _troubles(troubles: Sequence[Trouble]) -> list[TroubleShape]:
    return [_of(trouble, TroubleShape) for trouble in troubles]


def _all_troubles(manifest: Manifest) -> list[Trouble]:
    of_files = (trouble for record in manifest.files.values() for trouble in record.troubles)
    return [*manifest.troubles, *of_files]

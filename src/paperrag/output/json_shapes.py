"""Results -> the JSON shapes that programs rely on. Changing one is a change of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from paperrag.assistant import SearchResult
from paperrag.current import Status
from paperrag.index.reporting import IndexReport
from paperrag.index.tables import Manifest
from paperrag.notes.lookup import NoteLines
from paperrag.records import Answer, Citation, Claim, Entry, Hit, Link, Trouble, Work

if TYPE_CHECKING:
    from pathlib import Path

    from paperrag.library import Export, FetchPlan
    from paperrag.papers.fetcher import FetchReport
    from paperrag.papers.lint import Finding
    from paperrag.papers.refs import Paper
    from paperrag.proof.verifying import Verification


def search_json(result: SearchResult, explain: bool = True) -> dict[str, Any]:
    """Return what `search --json` prints."""
    return {
        "query": result.query,
        "language": result.language,
        "took_ms": result.took_ms,
        "index": _index_json(result.manifest),
        "hits": [hit_json(hit, explain) for hit in result.hits],
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return an entry whole, with its place in the note tree."""
    return {
        "entry_id": entry.id,
        "kind": entry.kind,
        "role": entry.role,
        "title": entry.title,
        "breadcrumb": list(entry.breadcrumb),
        "text": entry.text,
        "source": entry.source,
        "line_start": entry.line_start,
        "line_end": entry.line_end,
        "links": links_json(entry.links),
        "venue": entry.venue,
        "language": entry.language,
        "parent_id": entry.parent_id,
        "child_ids": list(entry.child_ids),
    }


def note_json(note: NoteLines) -> dict[str, Any]:
    """Return lines of a note."""
    return {
        "source": note.source,
        "line_start": note.line_start,
        "line_end": note.line_end,
        "text": note.text,
    }


def similar_json(entry_id: str, hits: Sequence[Hit]) -> dict[str, Any]:
    """Return the entries nearest to an entry, as hits; scores are cosines."""
    return {"entry_id": entry_id, "hits": [hit_json(hit, explain=False) for hit in hits]}


def hit_json(hit: Hit, explain: bool = True) -> dict[str, Any]:
    """Return a hit; `explain` holds its reasons, {} if not wanted."""
    entry, reasons = hit.entry, hit.explanation
    return {
        "rank": hit.rank,
        "score": hit.score,
        "entry_id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "breadcrumb": list(entry.breadcrumb),
        "text": entry.text,
        "source": entry.source,
        "line_start": entry.line_start,
        "line_end": entry.line_end,
        "links": links_json(entry.links),
        **work_json(entry.work),
        **_others_json(hit),
        "language": entry.language,
        "explain": {
            "dense": reasons.dense,
            "late": reasons.late,
            "lexical": reasons.lexical,
            "structure": reasons.structure,
            "matched_words": list(reasons.matched_words),
        }
        if explain
        else {},
    }


def ask_json(answer: Answer, took_ms: float) -> dict[str, Any]:
    """Return what `ask --json` prints."""
    return {
        "question": answer.question,
        "standalone_question": answer.standalone,
        "language": answer.language,
        "mode": answer.mode,
        "model": answer.model,
        "abstained": answer.abstained,
        "answer": answer.text,
        "citations": [citation_json(citation) for citation in answer.citations],
        "claims": [claim_json(answer, claim) for claim in answer.claims],
        "report": {**asdict(answer.report), "summary": str(answer.report)}
        if answer.report
        else None,
        "usage": asdict(answer.usage) if answer.usage else None,
        "notice": answer.notice,
        "took_ms": took_ms,
    }


def claim_json(answer: Answer, claim: Claim) -> dict[str, Any]:
    """Return a claim of an LLM's answer; `start` and `end` count characters of the answer."""
    return {
        "text": answer.text[claim.start : claim.end],
        "start": claim.start,
        "end": claim.end,
        "citations": list(claim.citations),
        "support": None if claim.support is None else round(claim.support, 4),
        "status": claim.status,
        "why": claim.why,
    }


def verification_json(found: Verification) -> dict[str, Any]:
    """Return what `verify --json` prints."""
    return {
        "question": found.answer.question,
        "holds": found.holds,
        "citations": [
            {
                "n": check.n,
                "status": check.status,
                "quote": check.quote,
                "entry_id": check.entry.id if check.entry else None,
                "source": check.entry.source if check.entry else None,
                "line_start": check.entry.line_start if check.entry else None,
                "line_end": check.entry.line_end if check.entry else None,
            }
            for check in found.citations
        ],
        "claims": [
            {
                "text": claim.text,
                "citations": list(claim.citations),
                "support": round(claim.support, 4),
                "supported": claim.is_supported,
                "why": claim.why,
            }
            for claim in found.claims
        ],
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return a citation."""
    entry = citation.entry
    return {
        "n": citation.n,
        "entry_id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "breadcrumb": list(entry.breadcrumb),
        "source": entry.source,
        "line_start": entry.line_start,
        "line_end": entry.line_end,
        "quote": citation.quote,
        "quote_verified": citation.quote_verified,
        "links": links_json(citation.links),
        **work_json(entry.work),
        **_others_json(citation),
        "score": citation.score,
    }


def work_json(work: Work | None) -> dict[str, Any]:
    """Return {"work": …} for the work that an entry belongs to, {} if it belongs to none."""
    if work is None:
        return {}
    dated = {"year": work.year, "venue": work.venue}
    return {
        "work": {
            "id": work.id,
            "name": work.name,
            **{name: value for name, value in dated.items() if value},
            "source": work.source,
            "line_start": work.line_start,
        }
    }


def _others_json(found: Hit | Citation) -> dict[str, Any]:
    """Return what of the same paper, and what says the same, stands elsewhere, if anything does."""
    others = {"related": found.related, "twins": found.twins}
    return {name: list(map(related_json, those)) for name, those in others.items() if those}


def related_json(entry: Entry) -> dict[str, Any]:
    """Return an abstract of a note, a note of an abstract, or a twin, in short."""
    return {
        "entry_id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "source": entry.source,
        "line_start": entry.line_start,
        "line_end": entry.line_end,
    }


def links_json(links: Sequence[Link]) -> list[dict[str, str]]:
    """Return links, with `arxiv_id` where it is known."""
    return [
        {"url": link.url, **({"arxiv_id": link.arxiv_id} if link.arxiv_id else {})}
        for link in links
    ]


def report_json(report: IndexReport, took_ms: float) -> dict[str, Any]:
    """Return what `index --json` prints."""
    return {
        "added": report.added,
        "changed": report.changed,
        "moved": report.moved,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "embedded_chunks": report.embedded,
        "files_read": report.files,
        "files": report.files_total,
        "by_file": [asdict(change) for change in report.by_file],
        "troubles": [trouble_json(trouble) for trouble in report.troubles],
        "took_ms": took_ms,
    }


def trouble_json(trouble: Trouble) -> dict[str, Any]:
    """Return a trouble with a file."""
    return {
        "source": trouble.source,
        "line": trouble.line,
        "message": trouble.message,
        "fatal": trouble.fatal,
    }


def status_json(status: Status) -> dict[str, Any]:
    """Return what `status --json` prints; `index` is null if there is none."""
    troubles = _troubles(status.manifest) if status.manifest else []
    return {
        "corpus": str(status.settings.corpus),
        "index_folder": str(status.settings.index),
        "index": _index_json(status.manifest) if status.manifest else None,
        "disk_bytes": status.disk_bytes,
        "fresh": not (
            status.manifest is None or status.changed_files or status.removed_files or status.faults
        ),
        "changed_files": list(status.changed_files),
        "removed_files": list(status.removed_files),
        "faults": list(status.faults),
        "troubles": [trouble_json(trouble) for trouble in troubles],
    }


def fetch_json(report: FetchReport) -> dict[str, Any]:
    """Return what `fetch --json` prints."""
    return {
        "wanted": report.wanted,
        "present": report.present,
        "new": report.new,
        "updated": report.updated,
        "without_abstract": report.without_abstract,
        "unresolved": [
            {
                "paper": str(item.ref.ids[0]) if item.ref.ids else None,
                "title": item.ref.title,
                "place": item.ref.place,
                "candidates": [_paper_json(paper) for paper in item.candidates],
            }
            for item in report.unresolved
        ],
        "not_asked": report.not_asked,
        "failures": report.failures,
        "calls": dict(report.calls),
        "linked": report.linked,
    }


def _paper_json(paper: Paper) -> dict[str, Any]:
    return {
        "title": paper.title,
        "authors": list(paper.authors),
        "year": paper.year,
        "url": paper.url,
        "source": paper.source,
    }


def plan_json(plan: FetchPlan) -> dict[str, Any]:
    """Return what `fetch --dry-run --json` prints."""
    calls = [{"api": api, "url": url} for api, url in plan.calls]
    return {"named": plan.named, "present": plan.present, "wanted": plan.wanted, "calls": calls}


def export_json(made: Export, file: Path) -> dict[str, Any]:
    """Return what `export --json` prints."""
    reason = "named by its title alone and not fetched yet"
    left_out = [{"title": ref.title, "place": ref.place, "reason": reason} for ref in made.left_out]
    return {"file": str(file), "papers": made.papers, "left_out": left_out}


def lint_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what `lint --json` prints."""
    return {
        "findings": [
            {
                "problem": found.problem,
                "source": found.source,
                "line": found.line,
                "message": found.message,
            }
            for found in findings
        ]
    }


def _index_json(manifest: Manifest) -> dict[str, Any]:
    return {
        "generation": manifest.generation,
        "encoder": manifest.encoder,
        "dimension": manifest.dimension,
        "files": len(manifest.files),
        "entries": manifest.entries,
        "chunks": manifest.chunks,
    }


def _troubles(manifest: Manifest) -> list[Trouble]:
    return [
        *manifest.troubles,
        *(trouble for record in manifest.files.values() for trouble in record.troubles),
    ]

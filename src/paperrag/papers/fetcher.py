"""References -> papers: each API in turn is asked for what is still missing, answers are written
at once.

    wanted ─> API 1 ─> API 2 ─> … ─> titles ─> Shelf
                └ Answers: what it was asked before is not asked again

What nobody knew is unresolved, with the candidates that its title found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from paperrag.errors import FetchError, HostUnusable, Unreachable
from paperrag.papers.cache import Answers
from paperrag.papers.ids import sort_ids
from paperrag.papers.refs import Paper, PaperRef, merge_papers
from paperrag.papers.resolvers import Resolver
from paperrag.papers.shelf import Shelf
from paperrag.papers.titles import is_certain, title_similarity
from paperrag.records import Progress

_CANDIDATES = 3
_LEAST_LIKENESS = 0.3
"""Of titles, from which a paper that was found may be the one that is meant. By hand."""


class Unresolved(Struct, frozen=True):
    """A paper that nobody knew for certain; `candidates` are what came nearest by title, best
    first.
    """

    ref: PaperRef
    candidates: tuple[Paper, ...] = ()


class FetchPlan(Struct, frozen=True):
    """What a fetch would do: papers named in the notes, those with an abstract, those wanted, and
    the first calls.
    """

    named: int
    present: int
    wanted: int
    calls: tuple[tuple[str, str], ...]


class FetchReport(Struct):
    """What a run did. `calls` counts calls by API, `failures` are sentences, `linked` counts files
    whose notes changed.
    """

    wanted: int = 0
    present: int = 0
    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    without_abstract: list[str] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    not_asked: int = 0
    linked: int = 0


def choose(
    refs: Sequence[PaperRef],
    shelf: Shelf,
    was_asked: Callable[[PaperRef], bool],
    everything: bool,
    limit: int | None,
) -> tuple[list[PaperRef], int]:
    """Return the papers to ask for, and how many have an abstract already.

    everything: ask again for those that have one. limit: papers at most, those never asked for
    and linked ones first.
    """
    present = {id(ref) for ref in refs if (file := shelf.find(ref)) and file.paper.abstract}
    wanted = [ref for ref in refs if everything or id(ref) not in present]
    wanted.sort(key=lambda ref: (was_asked(ref), not ref.ids))
    return wanted[:limit], len(present)


def plan(
    refs: Sequence[PaperRef], resolvers: Sequence[Resolver], answers: Answers | None
) -> list[tuple[str, str]]:
    """Return (API, address) of the calls that would be made first: each paper at the first API
    that may know it.

    What those do not know would be asked of the next ones.
    """
    calls: list[tuple[str, str]] = []
    open_refs = list(refs)
    for resolver in resolvers:
        keys = {ref: key for ref in open_refs if (key := resolver.key(ref))}
        asked = [
            key
            for key in dict.fromkeys(keys.values())
            if answers is None or answers.get(resolver.name, key) is None
        ]
        calls += [
            (resolver.name, resolver.url(batch)) for batch in _batches(asked, resolver.batch_size)
        ]
        open_refs = [ref for ref in open_refs if ref not in keys]
    return calls


class Fetcher:
    """Runs one fetch. `offline` uses only what was answered before; `fresh` only what is answered
    now.
    """

    def __init__(
        self,
        resolvers: Sequence[Resolver],
        answers: Answers,
        shelf: Shelf,
        progress: Progress | None = None,
        offline: bool = False,
        fresh: bool = False,
    ) -> None:
        self._resolvers = resolvers
        self._answers = answers
        self._shelf = shelf
        self._progress = progress or (lambda what, done, total: None)
        self._offline = offline
        self._fresh = fresh
        self._found: dict[PaperRef, Paper] = {}
        self._candidates: dict[PaperRef, list[Paper]] = {}
        self._denied: dict[PaperRef, set[str]] = {}
        self._unasked: set[PaperRef] = set()
        self._unreachable = 0
        self.report = FetchReport()

    def run(self, refs: Sequence[PaperRef]) -> FetchReport:
        """Look every reference up and write what is found; an API that fails does not stop the
        others.

        Raises Unreachable if none of the APIs could be reached.
        """
        self.report.wanted = len(refs)
        for resolver in self._resolvers:
            missing = [ref for ref in refs if not self._is_done(ref) and resolver.key(ref)]
            self._ask(resolver, missing)
        if self._unreachable and self._unreachable == self.report.calls.total():
            raise Unreachable(
                f"no network? none of the paper APIs could be reached ({self.report.failures[0]}); "
                "connect and run it again, or bring papers in with: paperrag fetch --from FILE"
            )
        for ref in refs:
            self._finish(ref)
        return self.report

    def _is_done(self, ref: PaperRef) -> bool:
        return ref in self._found and bool(self._found[ref].abstract)

    def _ask(self, resolver: Resolver, refs: Sequence[PaperRef]) -> None:
        refs_of: dict[str, list[PaperRef]] = {}
        for ref in refs:
            refs_of.setdefault(resolver.key(ref) or "", []).append(ref)
        asked = [
            key for key in refs_of if self._fresh or self._answers.get(resolver.name, key) is None
        ]
        for key in refs_of.keys() - set(asked):
            self._take(resolver, refs_of[key], self._answers.get(resolver.name, key) or ())
        if self._offline:
            self._unasked.update(ref for key in asked for ref in refs_of[key])
        else:
            self._ask_now(resolver, asked, refs_of)

    def _ask_now(
        self, resolver: Resolver, asked: Sequence[str], refs_of: Mapping[str, Sequence[PaperRef]]
    ) -> None:
        """Ask for keys in batches, up to the first after which that host is not to be asked."""
        for done, batch in enumerate(batches := _batches(asked, resolver.batch_size)):
            self._progress(resolver.name, done, len(batches))
            try:
                found = self._look_up(resolver, batch)
            except HostUnusable as error:
                self._unreachable += isinstance(error, Unreachable)
                self.report.failures.append(f"{resolver.name}: {error}")
                self._unasked.update(
                    ref for later in batches[done:] for key in later for ref in refs_of[key]
                )
                break
            for key in batch:
                if key in found:
                    self._take(resolver, refs_of[key], found[key])
                else:
                    self._unasked.update(refs_of[key])
        self._progress(resolver.name, len(batches), len(batches))

    def _look_up(self, resolver: Resolver, batch: Sequence[str]) -> dict[str, Sequence[Paper]]:
        """Ask for a batch and keep the answer; an answer that is unusable is reported, and nothing
        is kept of it.
        """
        self.report.calls[resolver.name] += 1
        try:
            found = resolver.look_up(batch)
        except HostUnusable:
            raise
        except FetchError as error:
            self.report.failures.append(f"{resolver.name}: {error}")
            return {}
        self._answers.add(resolver.name, batch, found)
        return {key: found.get(key, ()) for key in batch}

    def _take(self, resolver: Resolver, refs: Iterable[PaperRef], papers: Sequence[Paper]) -> None:
        for ref in refs:
            if not resolver.by_title and not papers:
                self._denied.setdefault(ref, set()).add(resolver.name)
            for paper in papers:
                if not resolver.by_title or _certainly(ref, paper):
                    self._accept(ref, paper)
                    break
            else:
                self._candidates.setdefault(ref, []).extend(papers)

    def _accept(self, ref: PaperRef, paper: Paper) -> None:
        """Remember a paper; write it as soon as there is an abstract. Ids that an API denied are
        not its ids.
        """
        if ref not in self._denied:
            paper = replace(paper, ids=sort_ids((*paper.ids, *ref.ids)))
        before = self._found.get(ref)
        self._found[ref] = merge_papers(before, paper) if before else paper
        if self._found[ref].abstract:
            self._write(ref)

    def _write(self, ref: PaperRef) -> None:
        paper = replace(self._found[ref], key=ref.key)
        file, is_new = self._shelf.put(paper, ref.notes)
        if file.source not in self.report.new:
            (self.report.new if is_new else self.report.updated).append(file.source)

    def _finish(self, ref: PaperRef) -> None:
        if self._is_done(ref):
            return
        if ref in self._found:
            self._write(ref)
            self.report.without_abstract.append(ref.name)
        elif ref in self._unasked:
            self.report.not_asked += 1
        else:
            near = papers_like(ref.title, self._candidates.get(ref, ()))
            self.report.unresolved.append(Unresolved(ref, near))


def papers_like(title: str, papers: Sequence[Paper]) -> tuple[Paper, ...]:
    """Return the few papers whose titles are most like one, the first of each title; unlikely ones
    only if there are no others.
    """
    ranked = sorted(papers, key=lambda paper: -title_similarity(title, paper.title))
    likely = [one for one in ranked if title_similarity(title, one.title) > _LEAST_LIKENESS]
    unique: dict[str, Paper] = {}
    for paper in likely or ranked:
        unique.setdefault(paper.title.lower(), paper)
    return tuple(unique.values())[:_CANDIDATES]


def link_notes(refs: Sequence[PaperRef], shelf: Shelf) -> int:
    """Write into each file which note entries it belongs to today; return how many files
    changed.
    """
    notes_of: dict[str, list[str]] = {}
    for ref in refs:
        if file := shelf.find(ref):
            notes_of.setdefault(file.name, []).extend(ref.notes)
    return shelf.set_notes(notes_of)


def _certainly(ref: PaperRef, paper: Paper) -> bool:
    return is_certain(ref.title, ref.year, ref.author, paper.title, paper.year, paper.authors)


def _batches(keys: Sequence[str], size: int) -> list[list[str]]:
    return [list(keys[start : start + size]) for start in range(0, len(keys), size)]

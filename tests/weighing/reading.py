"""How notes are read: their bytes, wrapped lines, works, statements and papers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from paperrag.notes.adding import NoteRefused, check_content
from paperrag.notes.bylines import read_byline
from paperrag.notes.crumbs import says_no_more
from paperrag.notes.naming import is_title
from paperrag.notes.statements import pick_statement
from paperrag.notes.tree import parse_note
from paperrag.papers.fetcher import papers_like
from paperrag.papers.lint import is_about
from paperrag.papers.shelf import belongs
from paperrag.papers.titles import same_title
from paperrag.text.alike import alike
from paperrag.text.dates import with_months_spelt
from paperrag.text.decoding import decode
from paperrag.text.wraps import WRAP, with_wraps
from weighing.case import Case


def holds(says: Callable[..., bool], *given: object) -> Callable[[Path], float]:
    """Whether something is so."""
    return lambda _: float(says(*given))


def is_refused(text: str) -> bool:
    """Whether a text is not taken in as a note."""
    try:
        check_content(text.encode())
    except NoteRefused:
        return True
    return False


def is_byline(line: str) -> bool:
    """Whether a line says who wrote a paper."""
    return read_byline.__wrapped__(line) is not None


def is_mojibake(text: str) -> bool:
    """Whether a text is taken for one that was read in a wrong encoding."""
    found = decode(text.encode())
    return found is not None and bool(found.faults)


def works_in(text: str, source: str = "notes/made-up.md") -> Callable[[Path], float]:
    """How many works the entries of a note are about, the file's own counting as one."""
    return lambda _: float(
        len({one.work.id for one in parse_note(text, source).entries if one.work})
    )


def pointers_in(text: str) -> Callable[[Path], float]:
    """How many entries of a page only point at works."""
    return lambda _: float(
        sum(entry.part == "pointer" for entry in parse_note(text, "notes/README.md").entries)
    )


def line_of_statement(*lines: str, name: str = "Sand") -> Callable[[Path], float]:
    """Which of the paragraphs of a note says what its work does."""

    def scene(_: Path) -> float:
        entries = parse_note("\n\n".join(lines), "notes/sand.md").entries
        found = pick_statement(entries, name)
        assert found is not None
        return float(next(at for at, line in enumerate(lines) if found[1] in line))

    return scene


def read_as(data: bytes, encoding: str) -> Callable[[Path], float]:
    """Whether bytes are read in an encoding."""

    def scene(_: Path) -> float:
        decoded = decode(data)
        return float(decoded is not None and decoded.encoding == encoding)

    return scene


def lines_that_go_on(*lines: str) -> Callable[[Path], float]:
    """How many lines were ended by a writer's editor."""
    return lambda _: float(with_wraps("\n".join(lines)).count(WRAP))


def is_changed_month(text: str) -> bool:
    """Whether a word of a text is taken for a month."""
    return with_months_spelt(text) != text


def items_in(text: str) -> Callable[[Path], float]:
    """How many items are read in a note."""
    return lambda _: float(
        sum(entry.role == "item" for entry in parse_note(text, "notes/lines.md").entries)
    )


def linked(count: int, plain: int) -> str:
    """A note of items with a link, and of others."""
    items = [f"- [Work{at}](https://arxiv.org/abs/2401.{at:05})" for at in range(count)]
    return "\n".join([*items, *(f"- they swim {at} times" for at in range(plain))])


def likely_papers(_: Path) -> float:
    """How many of two papers may be the one that is meant, the second called otherwise."""
    found = [SimpleNamespace(title=title) for title in ("Tides of the sun", "Lynx and owl")]
    return float(len(papers_like("Tides of the moon", found)))  # type: ignore[arg-type]


FRONT = "---\ntitle: Otters That Sleep Afloat\nvenue: ICLR\nyear: 2020\n---\n\n"
INDEX = linked(5, 0) + "".join(
    f"\n- [Tide{at}](https://arxiv.org/abs/2402.0000{at}) lets otters sleep while they float"
    for at in range(2)
)
DUNES = "The dunes wander over the plains of the north."
COLOURS = (
    "Sand of a Hundred Colours Falling Through Glass Towers Above Distant Harbours Under Purple "
    "Skies Beside Golden Rivers Near Frozen Forests"
)
APART = (
    "The otters sleep afloat and hold each other by their paws at night,",
    *("and they wake", "The sun comes", "Waves come", "calm."),
)
WRAPPED = (
    "The otters sleep afloat and hold each other by their paws at night,",
    *("and they", "wake up when the sun comes over the sea and the waves are getting", "calm."),
)
SIMPLIFIED = "水獭在河里睡觉，它们手拉着手。".encode("gb18030")
TRADITIONAL = "水獺在河裡睡覺，牠們手拉著手，並且隨著海浪漂流。".encode("big5")
JAPANESE = "ラッコは手をつないで眠る。".encode("cp932")
WIDE = "otters sleep".encode("utf-16-le")
PAPER = SimpleNamespace(
    notes=["notes/a.md"], paper=SimpleNamespace(title="Tides of the moon", abstract="They rise.")
)
REF = SimpleNamespace(notes=["notes/a.md"], title="Tides of the sun")

SOME_NAMED = "# Log\n\n" + "\n\n".join(
    [f"{name}Net: pools the tide." for name in ("Sand", "Wave", "Dune")]
    + [f"The {what} was long and dull." for what in ("day", "walk", "ride", "rain")]
)
"""Three paragraphs of seven begin with a name."""

CASES = (
    Case("notes.adding", "MOST_STRANGE", 1.0, holds(is_refused, "otters\ufffd\ufffd"), 1),
    Case("notes.bylines", "_NAMES_SHARE", 0.0, holds(is_byline, "it dives, ICLR 2020, it eats"), 0),
    Case("notes.crumbs", "_SHARE_SAID", 0.0, holds(says_no_more, "sea otter", "river seal"), 0),
    Case(
        "notes.naming",
        "TITLE_CASE",
        0.0,
        holds(is_title.__wrapped__, "Otters that sleep afloat"),
        0,
    ),
    Case("notes.file_kind", "COLLECTION_SHARE", 0.0, works_in(linked(2, 6)), 1),
    Case("notes.file_kind", "PAPER_SHARE", 0.0, works_in(FRONT + linked(8, 8)), 1),
    Case("notes.file_kind", "INDEX_SHARE", 0.0, pointers_in("# Papers\n\n" + INDEX), 0),
    Case(
        "notes.statements",
        "_ABOUT_GAIN",
        0.0,
        line_of_statement("# Sand", DUNES, "We propose to count the grains of all these dunes."),
        2,
    ),
    Case(
        "notes.statements",
        "_SUMMARY_GAIN",
        0.0,
        line_of_statement(
            "# Sand", DUNES, "## Summary", "The grains of all these dunes are counted one by one."
        ),
        3,
    ),
    Case(
        "notes.statements",
        "_LIKE_GAIN",
        0.0,
        line_of_statement(
            "# Sand", DUNES, "It is here that Sand counts all the grains one by one."
        ),
        2,
    ),
    # a word of 20 is a tenth, a sentence before it costs more
    Case(
        "notes.statements",
        "_EARLY_LOSS",
        0.0,
        line_of_statement(
            "# Sand",
            DUNES,
            "In many distant lands the grains are counted one by one.",
            name=COLOURS,
        ),
        1,
    ),
    Case("text.wraps", "_SHARE_OF_WRAPPED", 0.0, lines_that_go_on(*APART), 0),
    Case("text.wraps", "_SHORT_LINE", 0.0, lines_that_go_on(*WRAPPED), 2),
    Case("text.decoding", "_LEAST_GB", 2.0, read_as(SIMPLIFIED, "gb18030"), 1),
    Case("text.decoding", "_GB_HIGH_SECONDS", 2.0, read_as(SIMPLIFIED + b"\xff", "gb18030"), 1),
    Case(
        "text.decoding",
        "_GB_LOST",
        0.0,
        read_as(9 * SIMPLIFIED + b"\xff\xffa\xff b\xff c", "gb18030"),
        1,
    ),
    Case("text.decoding", "_LEAST_KANA", 2.0, read_as(JAPANESE, "shift_jis"), 1),
    Case("text.decoding", "_LEAST_CHINESE", 2.0, read_as(TRADITIONAL, "big5"), 1),
    Case("text.decoding", "_BIG5_HIGH_SECONDS", 2.0, read_as(TRADITIONAL, "big5"), 1),
    Case("text.decoding", "_LEAST_ZEROS", 0.9, read_as(WIDE, "utf-16-le"), 1),
    Case("text.decoding", "_LEAST_PLAUSIBLE", 2.0, read_as(WIDE, "utf-16-le"), 1),
    Case(
        "text.decoding",
        "_MOST_CONTROLS",
        0.0,
        read_as(b"otters sleep afloat" * 9 + b"\x01", "utf-8"),
        1,
    ),
    Case(
        "text.decoding",
        "_LIKELY_MOJIBAKE_SHARE",
        0.0,
        holds(is_mojibake, "ä½ ä½ ä½ " + "ü " * 40),
        0,
    ),
    Case("text.dates", "_NEAR", 0.6, holds(is_changed_month, "the Marchetti paper"), 0),
    Case("notes.named_lines", "_SHARE", 0.0, items_in(SOME_NAMED), 0),
    Case("text.alike", "LEAST_ALIKE", 1.0, lambda _: float(len(alike("otter", ["outer"]))), 1),
    Case("papers.fetcher", "_LEAST_LIKENESS", 0.0, likely_papers, 1),
    Case("papers.lint", "SHARED_WORDS", 0.0, holds(is_about, "Seals beneath glaciers", PAPER), 0),
    Case("papers.shelf", "_RELATED_TITLE", 0.0, holds(belongs, PAPER, REF), 0),
    Case(
        "papers.titles",
        "SAME",
        0.0,
        holds(same_title, "Tides under the silver moon", "Otters in the frozen river"),
        0,
    ),
)

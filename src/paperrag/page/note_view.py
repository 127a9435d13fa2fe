"""The drawer's page of a whole note: its fields, its text as it reads or as it stands in the file,
and what can be done with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from paperrag.notes.corpus import ABSTRACTS_FOLDER
from paperrag.page.fields_html import fields_html
from paperrag.page.note_names import HEADING
from paperrag.page.prose import note_html
from paperrag.page.render import esc
from paperrag.page.strings import say
from paperrag.records import Language
from paperrag.text.folding import letters
from paperrag.text.front import find_front_matter
from paperrag.text.markup import plain_text

MOST_LINES = 1200
"""Lines of a note that are shown at once; before and after them it goes on with a click."""


class Shown(Struct, frozen=True):
    """What of a note is shown: `first`..`last` of its lines, the ones from `here` to `here_end`
    marked. `entry_id`: where one came from, "" from elsewhere. `editor`: the address that opens it
    in one, "" if it is not offered. `of`: what stands before the names of notes of its collection.
    `has_picture`: whether its corpus has a picture by a path.
    """

    source: str
    title: str
    lines: Sequence[str]
    here: int = 1
    here_end: int = 1
    entry_id: str = ""
    editor: str = ""
    as_lines: bool = False
    of: str = ""
    has_picture: Callable[[str], object] | None = None

    @property
    def is_abstract(self) -> bool:
        """Whether it is a fetched abstract, which is not changed by hand."""
        return self.source.removeprefix(self.of).split("/", 1)[0] == ABSTRACTS_FOLDER

    @property
    def first(self) -> int:
        """The first line that is shown; a part of a long note begins after a blank one."""
        half = MOST_LINES // 2
        if len(self.lines) <= MOST_LINES or self.here <= half:
            return 1
        start = min(self.here - half, len(self.lines) - MOST_LINES + 1)
        blank = (n for n in range(start, self.here) if not self.lines[n - 1].strip())
        return next(blank, start)

    @property
    def last(self) -> int:
        """The last line that is shown."""
        return min(self.first + MOST_LINES - 1, len(self.lines))


def note_page(shown: Shown, language: Language, below: str = "") -> str:
    """Return the page of a note; `below` comes at its end."""
    body = _lines_html(shown) if shown.as_lines else _rendered_html(shown, language)
    title = shown.title or shown.source.rpartition("/")[2]
    return (
        f'<div class="pr-file">{esc(shown.source)}</div><h3 id="pr-view-title">{esc(title)}</h3>'
        f'<div class="pr-actions pr-note-actions">{_actions_html(shown, language)}</div>'
        f'<div id="pr-note-said" role="status"></div>'
        f'<div class="pr-whole">{_more(shown, True, language)}{body}{_more(shown, False, language)}</div>{below}'
    )


def lines_html(source: str, lines: Sequence[str], first: int, last: int, mine: range) -> str:
    """Return lines of a note with their numbers, those in `mine` marked."""
    rows = "".join(_line_html(number, lines[number - 1], mine) for number in range(first, last + 1))
    return f'<ol class="pr-lines" tabindex="0" data-source="{esc(source)}">{rows}</ol>'


def _line_html(number: int, line: str, mine: range) -> str:
    classes = ("pr-mine pr-here" if number == mine.start else "pr-mine") if number in mine else ""
    return f'<li value="{number}" class="{classes}">{esc(line) or "&nbsp;"}</li>'


def _lines_html(shown: Shown) -> str:
    is_marked = shown.entry_id or shown.here > 1
    mine = range(shown.here, shown.here_end + 1) if is_marked else range(0)
    return lines_html(shown.source, shown.lines, shown.first, shown.last, mine)


def _rendered_html(shown: Shown, language: Language) -> str:
    front = find_front_matter(shown.lines)
    first = front.last + 2 if front and shown.first == 1 else shown.first
    first += _lines_of_title(shown, first)
    text = "\n".join(shown.lines[first - 1 : shown.last])
    here = shown.here if shown.here > 1 else 0
    fields = (
        fields_html(shown.lines, shown.source, shown.title, language) if shown.first == 1 else ""
    )
    prose = note_html(text, shown.source, first, here, shown.of, shown.has_picture)
    return f'{fields}<div class="pr-prose">{prose}</div>'


def _lines_of_title(shown: Shown, first: int) -> int:
    """Return how many lines from one on say no more than the title above them."""
    lines = shown.lines[first - 1 : shown.last]
    count = next((n for n, line in enumerate(lines, start=1) if line.strip()), 0)
    line = lines[count - 1] if count else ""
    is_title = HEADING.match(line) and letters(plain_text(line)) == letters(shown.title)
    return count if is_title else 0


def _actions_html(shown: Shown, language: Language) -> str:
    source = esc(shown.source)
    back = (
        f'<button data-act="open" data-entry="{esc(shown.entry_id)}">← {say(language, "back_to_entry")}</button>'
        if shown.entry_id
        else ""
    )
    form = "read_note" if shown.as_lines else "as_text"
    buttons = [
        _button("ask-file", "ask_note", source, language),
        _button("note-form", form, source, language),
    ]
    if not shown.is_abstract:
        buttons += [
            _button(f"{name}-note", f"{name}_note", source, language, shown.here)
            for name in ("edit", "rename", "delete")
        ]
    return f"{back}{''.join(buttons)}{editor_link(shown.editor, language)}"


def editor_link(address: str, language: Language) -> str:
    """Return what opens a note in a program of this machine, "" without an address."""
    words = say(language, "open_in_editor")
    return f'<a class="pr-editor" href="{esc(address)}">{words}</a>' if address else ""


def _button(act: str, key: str, source: str, language: Language, line: int = 1) -> str:
    data = f'data-act="{act}" data-source="{source}" data-line="{line}"'
    return f"<button {data}>{say(language, key)}</button>"


def _more(shown: Shown, is_before: bool, language: Language) -> str:
    """Return the button that leads to the lines before or after those that are shown."""
    if shown.first == 1 if is_before else shown.last == len(shown.lines):
        return ""
    line = max(shown.first - MOST_LINES // 2, 1) if is_before else shown.last + MOST_LINES // 2
    to = f"{shown.source}:{min(line, len(shown.lines))}"
    words = say(language, "lines_before" if is_before else "lines_after")
    return f'<button class="pr-plain" data-act="note" data-entry="{esc(to)}">{words}</button>'

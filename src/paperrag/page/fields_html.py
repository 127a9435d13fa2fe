"""Front matter -> rows of names and values, as the drawer and cards show what it says."""

from __future__ import annotations

from collections.abc import Sequence

from paperrag.notes.front_matter import Fields, read_front_matter, values_of
from paperrag.page.prose import block_html, link_html
from paperrag.page.render import below_label, esc
from paperrag.page.strings import say
from paperrag.records import Entry, Language
from paperrag.text.folding import letters
from paperrag.text.front import find_front_matter, front_matter_end
from paperrag.text.markers import ITEM
from paperrag.text.patterns import lazy_pattern

FIELDS_SHOWN = 10

_BETWEEN: dict[Language, str] = {"en": ", ", "zh": "、"}
_ITEM = lazy_pattern(rf"[ \t]*{ITEM}[ \t]+")


def fields_html(lines: Sequence[str], source: str, title: str, language: Language) -> str:
    """Return what the front matter at the head of some lines says, a row for each field, but for
    the title that stands above; "" without front matter.
    """
    fields = _fields_of(lines, source)
    told = {
        name: values
        for name, values in fields.items()
        if letters(_joined(values)) != letters(title)
    }
    rows = [_row_html(name, values, language) for name, values in told.items() if values]
    if not rows:
        return ""
    more = "".join(rows[FIELDS_SHOWN:])
    folded = (
        f'<details><summary>{say(language, "more_fields")}</summary><dl class="pr-facts">{more}</dl></details>'
        if more
        else ""
    )
    return f'<dl class="pr-facts pr-fields">{"".join(rows[:FIELDS_SHOWN])}</dl>{folded}'


def entry_html(entry: Entry, language: Language) -> str:
    """Return what an entry says below its title, its front matter as fields."""
    text = below_label(entry)
    fields = fields_html(text.split("\n"), entry.source, entry.title, language)
    return fields + block_html(text[front_matter_end(text) :])


def quoted_fields_html(front: str, quote: str, source: str, language: Language) -> str:
    """Return the fields of some front matter that a quote is from, marked; "" for another quote."""
    if not quote or quote not in front:
        return ""
    lines = [_ITEM.sub("", line, count=1) for line in quote.splitlines()]
    names = {line.partition(":")[0].strip(" \"'").lower() for line in lines}
    rows = (
        _row_html(name, values, language, is_marked=True)
        for name, values in _fields_of(front.split("\n"), source).items()
        if name in names or not names.isdisjoint(value.lower() for value in values_of(values))
    )
    return f'<dl class="pr-facts">{"".join(rows)}</dl>'


def _fields_of(lines: Sequence[str], source: str) -> Fields:
    front = find_front_matter(lines)
    return read_front_matter(front, source)[0] if front else {}


def _joined(values: str | Sequence[str]) -> str:
    return " ".join(values_of(values))


def _row_html(
    name: str, values: str | Sequence[str], language: Language, is_marked: bool = False
) -> str:
    said = _BETWEEN[language].join(map(_value_html, values_of(values)))
    return f"<dt>{esc(name)}</dt><dd>{f'<mark>{said}</mark>' if is_marked else said}</dd>"


def _value_html(value: str) -> str:
    return link_html(value, value) if value.startswith(("http://", "https://")) else esc(value)

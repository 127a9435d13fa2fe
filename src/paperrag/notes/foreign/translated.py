"""What other programs write -> the Markdown that says the same, line for line.

Each reader finds its own blocks and says what stands for their lines; what none knows stays. Lines
are counted as in the file, and no file is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from paperrag.notes.foreign.asciidoc import asciidoc
from paperrag.notes.foreign.beside import columns_beside
from paperrag.notes.foreign.bibtex_notes import bibtex_notes
from paperrag.notes.foreign.boxed import CORNERS, boxed_tables
from paperrag.notes.foreign.cards import anki_cards, remnote_sides
from paperrag.notes.foreign.code import comments_of_code
from paperrag.notes.foreign.csv_blocks import csv_blocks
from paperrag.notes.foreign.data_files import toml_tables, yaml_lists
from paperrag.notes.foreign.escaped import escaped_marks
from paperrag.notes.foreign.evernote import evernote_notes
from paperrag.notes.foreign.html_tables import html_tables
from paperrag.notes.foreign.json_blocks import json_blocks
from paperrag.notes.foreign.latex_paragraphs import latex_paragraphs
from paperrag.notes.foreign.latex_tables import latex_tables
from paperrag.notes.foreign.mails import mail_heads
from paperrag.notes.foreign.mind_maps import mind_maps
from paperrag.notes.foreign.outlines import outlines
from paperrag.notes.foreign.records import records
from paperrag.notes.foreign.spoken import spoken_lines
from paperrag.notes.foreign.wikis import equals_titles, numbered_titles, plus_titles

_Reader = Callable[[Sequence[str]], Mapping[int, str]]
_READERS: tuple[tuple[tuple[str, ...], _Reader], ...] = (
    (("<en-export",), evernote_notes),
    (("<outline ", "<node "), outlines),
    (("\nTY  -", "\nTI  -", "\n%T ", "\nPT ", "\n{"), records),
    ((" = {", '="', "={"), bibtex_notes),
    (("\n|===", "\n= "), asciidoc),
    (("\n= ", "\n== ", "\n===== "), equals_titles),
    (("\n---+",), plus_titles),
    (tuple(f"\nh{level}. " for level in "123456"), numbered_titles),
    (("\n#!",), comments_of_code),
    (("\n#separator:",), anki_cards),
    ((" >>",), remnote_sides),
    (("\n\\#", "\n\\*", "\n\\-", "\n\\>", "\\. "), escaped_marks),
    (("<tr", "<TR"), html_tables),
    (("\\begin{tab", "\\begin{longtab"), latex_tables),
    (("paragraph{", "paragraph*{"), latex_paragraphs),
    (("-+-",), columns_beside),
    (tuple(CORNERS), boxed_tables),
    (("mindmap\n",), mind_maps),
    (('":',), json_blocks),
    (("\n[",), toml_tables),
    (("- ",), yaml_lists),
    ((",", ";", "```tsv"), csv_blocks),
    (("ubject:", "主题", "主旨", "主題", "件名"), mail_heads),
    (tuple(f":{figure}" for figure in "012345"), spoken_lines),
)
"""Each reader behind the signs of which one stands in a note that it may read."""


def in_markdown(text: str) -> str:
    """Return a note's text with all that other programs wrote as Markdown, line for line."""
    sought = f"\n{text}\n"
    for signs, reader in _READERS:
        for sign in signs:
            if sign in sought:
                lines = text.split("\n")
                if meant := reader(lines):
                    text = "\n".join(meant.get(at, line) for at, line in enumerate(lines))
                    sought = f"\n{text}\n"
                break
    return text

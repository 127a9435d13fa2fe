"""Lines of a note -> its links to files and notes of one's own that lead nowhere. Looks at file
names, opens nothing.

Read are `[x](other.md)`, `![x](image.png)`, `<img src="…">`, `[x]: other.md`,
`[[Note#Heading|words]]` and `![[image.png]]`, outside of code, formulas and front matter. What may
be something else than a link is passed over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from msgspec import Struct

from paperrag.notes.folders import is_note_name, link_names
from paperrag.text.folding import name_key
from paperrag.text.links import make_link
from paperrag.text.markers import FENCE, ITEM
from paperrag.text.patterns import lazy_pattern

_FENCE = lazy_pattern(rf"^[\s>]*(?:{ITEM}\s+)?({FENCE})")
_NOT_PROSE = lazy_pattern(r"(`+)(?!`).*?(?<!`)\1(?!`)|\$\$?[^$\n]+\$\$?|\\\(.*?\\\)|<!--.*?-->")
_INLINE = lazy_pattern(
    r"(!?)\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]\(\s*(?:<([^<>\n]+)>|((?:[^()<>\"'\n]|\([^()<>\n]*\))+?))\s*(?:[\"'(][^()\n]*)?\)"
)
_HTML = lazy_pattern(r"<(img|a)\b[^<>]*?\b(?:src|href)\s*=\s*[\"']([^\"'\n]+)[\"']", re.IGNORECASE)
_DEFINED = lazy_pattern(r"^\s*\[(?!\^)[^\[\]\n]+\]:\s*<?([^\s<>]+)>?\s*(?:[\"'(].*)?$")
_WIKI = lazy_pattern(
    r"(?<![A-Za-z0-9_\])])(!?)\[\[([^\[\]\n\s](?:[^\[\]\n]*[^\[\]\n\s])?)\]\](?!\()"
)
_ELSEWHERE = lazy_pattern(r"[a-z][a-z0-9+.-]*:|//|[#~?{]|www\.", re.IGNORECASE)
_FILE_TYPES = frozenset(
    "pdf png jpg jpeg gif svg webp bmp tif tiff csv tsv json jsonl yaml yml "
    "toml py ipynb html htm doc "
    "docx ppt pptx xls xlsx zip tar gz tgz bib tex mp3 mp4 mov wav webm canvas excalidraw epub sh js ts cpp c h r".split()
)


class Places(Struct, frozen=True):
    """What links may lead to: the corpus, the names of all files in it, and what wiki-links may
    say for a note.
    """

    corpus: Path
    file_names: frozenset[str]
    note_names: frozenset[str]

    @staticmethod
    def of(corpus: Path, titles: Iterable[str]) -> Places:
        """Return the places of a corpus whose notes have these headings and other names."""
        paths = list(_files(corpus))
        names = {
            name for path in paths for name in (name_key(path), name_key(path.rpartition("/")[2]))
        }
        notes = {name for path in paths if is_note_name(path) for name in link_names(path)}
        return Places(
            corpus, frozenset(names), frozenset(notes | {name_key(title) for title in titles})
        )


def _files(corpus: Path) -> Iterator[str]:
    """Yield the paths of all files, with slashes; hidden folders and links back to a folder seen
    are passed over.
    """
    seen: set[str] = set()
    for folder, folders, names in os.walk(corpus, followlinks=True):
        real = os.path.realpath(folder)
        folders[:] = [] if real in seen else [name for name in folders if not name.startswith(".")]
        inner = Path(folder).relative_to(corpus)
        yield from ((inner / name).as_posix() for name in names if real not in seen)
        seen.add(real)


def dead_local_links(
    lines: Sequence[str], folder: Path, places: Places
) -> Iterator[tuple[int, str]]:
    """Yield (line, message) for each link of a note in `folder` to a file or note that is not
    there. Lines from 1.
    """
    for number, line in _prose(lines):
        targets = [(mark, in_angles or bare) for mark, in_angles, bare in _INLINE.findall(line)]
        targets += [
            ("!" if tag.lower() == "img" else "", target) for tag, target in _HTML.findall(line)
        ]
        targets += [("", target) for target in _DEFINED.findall(line)]
        for mark, target in dict.fromkeys(targets):
            if not _is_there(target, bool(mark), folder, places):
                yield (
                    number,
                    f"{'the image' if mark else 'the link to'} “{target}” leads to no file",
                )
        for _, target in dict.fromkeys(_WIKI.findall(line)):
            if not _is_known(target, places):
                yield number, f"[[{target}]] names no note, heading or file of the corpus"


def _prose(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that are neither code nor front matter nor formulas, without such
    parts in them.
    """
    start = 0
    if lines and lines[0].strip() == "---":
        start = next(
            (place + 1 for place, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0
        )
    fence = ""
    in_formula = False
    for number, line in enumerate(lines[start:], start + 1):
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
            continue
        if fence:
            continue
        if line.strip() == "$$":
            in_formula = not in_formula
        if not in_formula:
            yield number, _NOT_PROSE.sub(" ", line)


def _is_there(target: str, is_image: bool, folder: Path, places: Places) -> bool:
    """Whether a target is a file, below the note's folder or the corpus or by its name anywhere in
    it, or not meant as one.
    """
    if _ELSEWHERE.match(target) or make_link(target).site != "web":
        return True
    path = unquote(re.split(r"[#?]", target, maxsplit=1)[0]).replace("\\", "/")
    is_file = is_image or _is_file_name(path) or path.startswith(("./", "../"))
    if not is_file or "\0" in path:
        return True
    if _exists(places.corpus / path.lstrip("/")) or (
        not path.startswith("/") and _exists(folder / path)
    ):
        return True
    return "/" not in path and name_key(path) in places.file_names


def _is_known(target: str, places: Places) -> bool:
    named = re.split(r"\\?\|", target, maxsplit=1)[0].replace("\\", "/")
    note, _, heading = named.partition("#")
    name = name_key(note or heading.rpartition("#")[2])
    if note and not is_note_name(note) and _is_file_name(note):
        return name in places.file_names
    if note:
        name = link_names(note)[0]
    is_number = not re.search(r"[^\W\d_]", name)  # [[1]], [[0.1, 0.2]]
    if is_number or heading.startswith("^"):  # a block has no name
        return True
    return name in places.note_names or name.rpartition("/")[2] in places.note_names


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # too long for a name: no file
        return False


def _is_file_name(path: str) -> bool:
    """Whether the end of a path is that of a kind of file that notes link to."""
    suffix = path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path else ""
    return suffix in _FILE_TYPES or is_note_name(path)

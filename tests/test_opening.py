"""Going to what was shown: addresses, editors, numbers of the last answer; and how a terminal shows
it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from paperrag.config_files import load_settings
from paperrag.errors import ConfigError
from paperrag.output.addresses import editor_command, note_address
from paperrag.output.screen import PLAIN, Screen, screen_of, wrapped
from workbench import paperrag_here, write_file

CATS = "# Cats\n\n- Tabby: striped fur https://arxiv.org/abs/2401.00001\n- Siamese: blue eyes\n"
Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line beside one note, without an editor."""
    write_file(tmp_path / "corpus" / "notes" / "cats.md", CATS)
    (tmp_path / "paperrag.toml").write_text('encoder = "bundled-static"\n')
    for name in ("VISUAL", "EDITOR", "PAPERRAG_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return lambda *arguments: paperrag_here(*arguments, cwd=tmp_path)


def test_addresses_of_a_line(tmp_path: Path):
    vault = tmp_path / "My Vault"
    (vault / ".obsidian").mkdir(parents=True)
    source = "论文/a b.md"
    quoted = f"{(tmp_path / 'My Vault').as_uri()[7:]}/%E8%AE%BA%E6%96%87/a%20b.md"
    assert note_address("file", vault, source, 7) == f"file://{quoted}"
    assert note_address("vscode", vault, source, 7) == f"vscode://file{quoted}:7"
    assert note_address("zed://file{path}:{line}:1", vault, source, 7) == f"zed://file{quoted}:7:1"
    obsidian = "obsidian://open?vault=My%20Vault&file=%E8%AE%BA%E6%96%87%2Fa%20b"
    assert note_address("obsidian", vault, source, 7) == obsidian
    assert note_address("obsidian", vault / "论文", "a b.md", 7) == obsidian


def test_folder_that_is_no_vault_is_named_as_one(tmp_path: Path):
    address = note_address("obsidian", tmp_path / "notes", "x.md", 1)
    assert address == "obsidian://open?vault=notes&file=x"


@pytest.mark.parametrize(
    ("editor", "command"),
    [
        ("vim", ["vim", "+7", "a.md"]),
        ("/usr/bin/emacsclient -t", ["/usr/bin/emacsclient", "-t", "+7", "a.md"]),
        ("code --wait", ["code", "--wait", "-g", "a.md:7"]),
        ("subl", ["subl", "a.md:7"]),
        ("typora", ["typora", "a.md"]),
    ],
)
def test_editors_are_told_the_line(editor: str, command: list[str]):
    assert editor_command(editor, Path("a.md"), 7) == command


def test_links_are_one_of_three_or_an_address():
    assert load_settings({"links": "zed://file{path}:{line}"}, {}).links.startswith("zed")
    with pytest.raises(ConfigError, match="'file', 'obsidian', 'vscode' or an address with"):
        load_settings({"links": "vim"}, {})


def test_numbers_of_the_last_answer_open(run: Run, tmp_path: Path):
    assert "no source 1 to open: the last question showed nothing" in run("open", "1").stderr
    run("ask", "What fur does the Tabby have?")
    file = (tmp_path / "corpus/notes/cats.md").as_uri()
    assert run("open", "1", "--print").stdout == f"{file}\n"
    assert run("open", "1", "--paper", "--print").stdout == "https://arxiv.org/abs/2401.00001\n"
    assert "the last question showed 1;" in run("open", "2").stderr


def test_numbers_of_a_refusal_open(run: Run):
    refused = run("ask", "How is bread baked?").stdout
    numbered = [line for line in refused.splitlines() if line.startswith("1. ")]
    place = numbered[0].rpartition("(")[2].rstrip(")")
    opened = json.loads(run("open", "1", "--json").stdout)
    assert place == f"{opened['source']}:{opened['line']}"


def test_number_is_that_of_the_last_search_and_ids_and_files_open_too(run: Run):
    hits = json.loads(run("search", "blue eyes", "--json").stdout)["hits"]
    assert hits[0]["line_start"] == 4
    opened = run("open", "1", "--json", "--corpus", "corpus")
    assert json.loads(opened.stdout)["line"] == 4
    assert json.loads(run("open", hits[0]["entry_id"], "--json").stdout)["line"] == 4
    assert json.loads(run("open", "cats:3", "--json").stdout)["line"] == 3
    assert json.loads(run("open", "cats.md", "--json").stdout)["line"] == 1
    assert "has no link to a paper" in run("open", "cats.md", "--paper").stderr


def test_number_is_that_of_the_last_answer_whichever_notes_gave_it(run: Run, tmp_path: Path):
    write_file(tmp_path / "birds" / "birds.md", "- Tern: red feet\n- Ibis: white wings\n")
    birds = ("--corpus", "birds", "--index", "birds-index")
    run("search", "striped fur", "-k", "1")
    run(*birds, "search", "white wings", "-k", "1")
    opened = [run(*named, "open", "1", "--print").stdout for named in ((), birds)]
    assert opened == [f"{(tmp_path / 'birds/birds.md').as_uri()}\n"] * 2
    own = run("--corpus", "corpus", "--index", "index", "open", "1", "--print").stdout
    assert own == f"{(tmp_path / 'corpus/notes/cats.md').as_uri()}\n"


def test_editor_is_run_at_the_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    editor = tmp_path / "vi"
    editor.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/told\nexit 3\n')
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    assert run("open", "cats:4").returncode == 3
    assert (tmp_path / "told").read_text() == "+4 corpus/notes/cats.md\n"
    monkeypatch.setenv("EDITOR", str(tmp_path / "gone"))
    assert "set EDITOR, or open" in run("open", "cats:4").stderr


def test_lines_break_at_blanks_and_beside_chinese_and_keep_their_indent():
    words = "    " + ("word " * 9).strip()  # 4 + 44 columns
    assert list(wrapped(words, 40)) == [words[:38], "    word word"]
    # 2 + 4 × 12 + 8 columns; 40 hold 2 + 3 × 12 + 2
    chinese = "  " + "把缓存合并，" * 4 + "再量化。"
    assert list(wrapped(chinese, 40)) == ["  " + "把缓存合并，" * 3 + "把", "  缓存合并，再量化。"]
    item = "[12] " + ("word " * 9).strip()  # 5 + 44 columns
    assert list(wrapped(item, 40)) == [item[:39], "     word word"]
    address = "    https://example.org/" + "x" * 60
    assert list(wrapped(address, 40)) == [address]


def test_marks_of_a_terminal_take_no_room():
    link = "\x1b]8;;file:///a/very/long/path/that/is/not/seen\x1b\\note.md:3\x1b]8;;\x1b\\"
    line = f"    {link}  Cats › Coats and Colours"  # 4 + 9 + 2 + 23 columns
    assert list(wrapped(line, 40)) == [line]
    assert "".join(wrapped(line + " and Fur", 40)).count("\x1b") == 4


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_has_links_and_colours_unless_it_says_no():
    def screen(**environment: str) -> Screen | None:
        return screen_of(Terminal(), environment, lambda entry: "")

    def can(**environment: str) -> tuple[bool, bool]:
        found = screen(**environment)
        assert found is not None
        return found.has_links, found.has_colours

    assert can(TERM="xterm") == (True, True)
    assert can(TERM="xterm", NO_COLOR="1") == (True, False)
    assert can(TERM="linux") == (False, True)
    assert can(TERM="xterm", FORCE_HYPERLINK="0") == (False, True)
    assert screen(TERM="dumb") is None
    assert screen_of(io.StringIO(), {"TERM": "xterm"}, lambda entry: "") is None


def test_table_on_a_terminal_is_told_row_by_row():
    screen = Screen(80, 99, False, False, lambda entry: "")
    table = "| | Tabby | 虎斑 |\n| --- | --- | --- |\n| Fur | striped [1] | 条纹 [2] |\n| Food |  | a\\|b |"
    told = "Fur\n  - Tabby: striped [1]\n  - 虎斑: 条纹 [2]\nFood\n  - 虎斑: a|b"
    assert screen.told(f"Both:\n{table}\nThat is all.") == f"Both:\n{told}\nThat is all."
    assert screen.told(table) == told
    assert screen.told("a | b\n- c") == "a | b\n- c"
    assert PLAIN.told(table) == table


def test_answer_on_a_terminal_links_its_places(run: Run, monkeypatch, tmp_path):
    plain = run("ask", "What fur does the Tabby have?").stdout
    assert "\x1b" not in plain
    monkeypatch.setattr(
        "paperrag.output.screen.screen_of",
        lambda stream, environment, address: Screen(80, 99, True, True, address),
    )
    shown = run("ask", "What fur does the Tabby have?").stdout
    address = (tmp_path / "corpus/notes/cats.md").as_uri()
    assert f"\x1b]8;;{address}\x1b\\notes/cats.md:3\x1b]8;;\x1b\\" in shown
    assert "[1] \x1b[1mTabby" in shown


def test_long_answer_goes_to_the_pager(run: Run, monkeypatch, tmp_path):
    pager = tmp_path / "pager"
    pager.write_text(f'#!/bin/sh\ncat >{tmp_path}/paged; echo "$LESS" >>{tmp_path}/paged\n')
    pager.chmod(0o755)
    monkeypatch.setattr(
        "paperrag.output.screen.screen_of",
        lambda stream, environment, address: Screen(80, 3, False, False, address),
    )
    monkeypatch.setenv("PAGER", str(pager))
    monkeypatch.delenv("LESS", raising=False)
    assert run("search", "fur").stdout == ""
    paged = (tmp_path / "paged").read_text()
    assert "notes/cats.md:3" in paged and paged.endswith("\nFRX\n")
    monkeypatch.setenv("PAGER", "cat")
    assert "notes/cats.md:3" in run("search", "fur").stdout


def test_chat_brings_back_what_was_typed_before(run: Run, monkeypatch, tmp_path):
    readline = pytest.importorskip("readline")
    asked = iter(["What fur does the Tabby have?", ""])

    def typed(prompt: str) -> str:
        readline.add_history("What fur does the Tabby have?")
        return next(asked)

    monkeypatch.setattr("builtins.input", typed)
    readline.clear_history()
    assert "striped fur" in run("chat").stdout
    kept = (tmp_path / "state" / "paperrag" / "chat_history").read_text()
    assert "What fur does the Tabby have?" in kept


def test_an_opener_that_fails_is_named_with_what_to_do(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    opener = tmp_path / "bin" / "xdg-open"
    write_file(opener, "#!/bin/sh\nexit 3\n")
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", str(opener.parent), prepend=":")
    ended = run("open", "cats.md:4")
    assert ended.returncode == 1
    assert "xdg-open could not open file://" in ended.stderr
    assert ended.stderr.endswith("(it ended with 3); set EDITOR\n")

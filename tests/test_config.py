from __future__ import annotations

from pathlib import Path

import pytest

from paperrag.config import Settings
from paperrag.config_files import load_settings
from paperrag.errors import ConfigError


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_config(text: str, name: str = "paperrag.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_are_used_when_nothing_is_set():
    settings = load_settings({}, {})
    assert settings == Settings()
    assert (settings.corpus, settings.index, settings.k, settings.encoder) == (
        Path("corpus"),
        Path("index"),
        10,
        "auto",
    )


def test_flags_come_before_environment_before_file_before_defaults():
    write_config("k = 1\nchunk_tokens = 100\nweak_below = 0.5\n")
    environment = {"PAPERRAG_K": "2", "PAPERRAG_CHUNK_TOKENS": "200"}
    settings = load_settings({"k": 3, "corpus": None}, environment)
    assert (settings.k, settings.chunk_tokens, settings.weak_below, settings.abstain_below) == (
        3,
        200,
        0.5,
        Settings().abstain_below,
    )


def test_environment_gives_paths_numbers_and_switches():
    settings = load_settings(
        {},
        {
            "PAPERRAG_CORPUS": "我的 笔记",
            "PAPERRAG_DOWNLOAD": "Yes",
            "PAPERRAG_ABSTAIN_BELOW": "0.5",
            "HOME": "/x",
        },
    )
    assert (settings.corpus, settings.download, settings.abstain_below) == (
        Path("我的 笔记"),
        True,
        0.5,
    )


def test_empty_environment_variables_count_as_not_set():
    assert load_settings({}, {"PAPERRAG_INDEX": "", "PAPERRAG_K": ""}) == Settings()


def test_paths_in_a_file_are_relative_to_the_file():
    config = write_config('corpus = "笔记"\nindex = "/var/idx"\n', "sub/my.toml")
    settings = load_settings({}, {}, config)
    assert (settings.corpus, settings.index) == (Path("sub/笔记"), Path("/var/idx"))


def test_file_in_the_working_folder_is_read_only_without_config():
    write_config("k = 5\n")
    other = write_config("chunk_tokens = 100\n", "other.toml")
    assert load_settings({}, {}).k == 5
    assert load_settings({}, {}, other).k == 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "kk = 1\n",
            "unknown setting 'kk' in paperrag.toml; known: abstain_below, arxiv_pause_s, arxiv_url,",
        ),
        ("[search]\nk = 1\n", "unknown setting 'search' in paperrag.toml; known: "),
        ("k = 'many'\n", "k in paperrag.toml: expected a whole number, got 'many'"),
        ("k = 2.7\n", "k in paperrag.toml: expected a whole number, got 2.7"),
        ("k = true\n", "k in paperrag.toml: expected a whole number, got True"),
        ("k = [1]\n", "k in paperrag.toml: expected a whole number, got [1]"),
        ("corpus = 3\n", "corpus in paperrag.toml: expected a text, got 3"),
        ("encoder = 3\n", "encoder in paperrag.toml: expected a text, got 3"),
        ("download = 'maybe'\n", "download in paperrag.toml: expected true or false, got 'maybe'"),
        ("weak_below = 'high'\n", "weak_below in paperrag.toml: expected a number, got 'high'"),
        ("k = 0\n", "k: expected 1 or more, got 0"),
        ("chunk_tokens = 8193\n", "chunk_tokens: expected 32 to 8192, got 8193"),
        ("abstain_below = 1.5\n", "abstain_below: expected 0 to 1, got 1.5"),
        ("abstain_below = nan\n", "abstain_below: expected 0 to 1, got nan"),
        ("refresh_s = -1\n", "refresh_s: expected 0 or more, got -1"),
        ("k == 1\n", "cannot read settings from paperrag.toml: "),
    ],
)
def test_wrong_files_are_refused_with_what_was_expected(text, message):
    write_config(text)
    with pytest.raises(ConfigError) as caught:
        load_settings({}, {})
    assert str(caught.value).startswith(message)


def test_whole_numbers_are_numbers():
    write_config("weak_below = 1\n")
    assert load_settings({}, {}).weak_below == 1.0


def test_file_that_is_not_utf8_is_refused():
    Path("paperrag.toml").write_bytes('corpus = "笔记"'.encode("gb18030"))
    with pytest.raises(ConfigError, match=r"cannot read settings from paperrag\.toml"):
        load_settings({}, {})


@pytest.mark.parametrize(
    ("name", "fault"), [("missing.toml", "No such file"), (".", "Is a directory")]
)
def test_config_that_cannot_be_opened_is_refused(name, fault):
    with pytest.raises(ConfigError, match=f"cannot read settings from {name}: .*{fault}"):
        load_settings({}, {}, Path(name))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PAPERRAG_K", "three", "PAPERRAG_K: expected a whole number, got 'three'"),
        ("PAPERRAG_K", "2.5", "PAPERRAG_K: expected a whole number, got '2.5'"),
        ("PAPERRAG_K", "-4", "PAPERRAG_K: expected 1 or more, got -4"),
        ("PAPERRAG_ABSTAIN_BELOW", "abc", "PAPERRAG_ABSTAIN_BELOW: expected a number, got 'abc'"),
        ("PAPERRAG_WEAK_BELOW", "nan", "PAPERRAG_WEAK_BELOW: expected 0 to 1, got nan"),
        ("PAPERRAG_DOWNLOAD", "2", "PAPERRAG_DOWNLOAD: expected true or false, got '2'"),
    ],
)
def test_wrong_environment_variables_are_refused(name, value, message):
    with pytest.raises(ConfigError) as caught:
        load_settings({}, {name: value})
    assert str(caught.value).startswith(message)


def test_value_out_of_range_is_blamed_on_a_variable_only_where_it_comes_from_one():
    with pytest.raises(ConfigError) as caught:
        load_settings({"k": -1}, {"PAPERRAG_K": "3"})
    assert str(caught.value) == "k: expected 1 or more, got -1"


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        (
            "PAPERRAG_ABSTAIN",
            "no setting is called PAPERRAG_ABSTAIN, it is ignored; nearest: PAPERRAG_ABSTAIN_BELOW",
        ),
        ("PAPERRAG_X", "no setting is called PAPERRAG_X, it is ignored"),
    ],
)
def test_unknown_variable_is_ignored_with_a_warning(caplog, variable, told):
    assert load_settings({}, {variable: "1", "PAPERRAG_K": "3"}) == Settings(k=3)
    assert caplog.messages == [told]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"top_k": 3}, "unknown setting 'top_k' in the call; known: "),
        ({"k": "three"}, "k in the call: expected a whole number, got 'three'"),
        ({"chunk_tokens": 31}, "chunk_tokens: expected 32 to 8192, got 31"),
    ],
)
def test_wrong_flags_are_refused(flags, message):
    with pytest.raises(ConfigError) as caught:
        load_settings(flags, {})
    assert str(caught.value).startswith(message)

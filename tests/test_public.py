"""What `import paperrag` gives."""

from __future__ import annotations

from importlib.metadata import version

import pytest

import paperrag
from conftest import REPOSITORY


def test_names_are_those_that_are_promised():
    assert paperrag.__all__ == ["Assistant", "Exchange", "__version__", "load_encoder"]
    assert all(getattr(paperrag, name) for name in paperrag.__all__)


def test_version_is_that_of_the_installed_package():
    assert paperrag.__version__ == version("paperrag")


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Asistant'"):
        paperrag.Asistant  # noqa: B018


def test_type_checkers_are_told_that_the_package_is_typed():
    assert (REPOSITORY / "src" / "paperrag" / "py.typed").is_file()

"""Commands of LaTeX among plain words."""

from __future__ import annotations

import pytest

from paperrag.text.signs import with_signs


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"images of 1024\times1024", "images of 1024×1024"),
        (r"每个 \mathrm{C}\alpha 原子", "每个 Cα 原子"),
        (r"an additional 5\% load", "an additional 5% load"),
        ("the 95^{th} percentile", "the 95^th percentile"),
        (r"\lambda|m-n| \leq \varepsilon", "λ|m-n| ≤ ε"),
        (r"\Delta of \Sigma", "Δ of Σ"),
        (r"\frac{1}{2} of C:\temp", r"\frac{1}{2} of C:\temp"),
        ("no {braces} here", "no {braces} here"),
    ],
)
def test_commands_for_signs_are_shown_as_signs(written: str, read: str):
    assert with_signs(written) == read

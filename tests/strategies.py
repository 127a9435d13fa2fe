"""Hypothesis strategies: Markdown as real note takers leave it behind."""

from __future__ import annotations

from properties import st

INDENTS = ("", " ", "  ", "   ", "    ", "\t", "  \t", "\t ", "\t\t", "        ", "\u3000")
MARKERS = (
    *(
        "",
        "",
        "- ",
        "- ",
        "* ",
        "+ ",
        "-",
        "-\t",
        "1. ",
        "2) ",
        "10. ",
        "- [ ] ",
        "- - ",
        "\u2022 ",
    ),
    *("> ", "> - ", ">", "# ", "## ", "### ", "##"),
)
WORDS = (
    "KV cache merging",
    "低秩分解",
    "量化把 KV cache 压到 2-bit。",
    "**LoRA**: freezes A",
    "[CaM](https://openreview.net/forum?id=LCTmppB165), ICML 2024",
    "https://arxiv.org/abs/2407.08454",
    "[[paper]](https://arxiv.org/pdf/2211.17192)[[repo]](https://github.com/feifeibear/LLMSpeculativeSampling)",
    "[[DriftLoom|漂移]] 见 ![[图.png]]",
    "$q_m k_n$ 与 \\(\\mu\\)",
    "`code` <b>bold</b>",
    "a\u3000b\xa0c",
    "Résumé — “quotes”, l’été",
    "🦄 emoji",
)
LONE_LINES = (
    *("", "", "", " ", "\t", "\u3000", "\x0c"),
    *(
        "```",
        "```python",
        "~~~",
        "    ```",
        "# comment",
        "===",
        "---",
        "***",
        "* * *",
        "$$",
        "\\[",
        "\\]",
    ),
    *(
        "| a | 乙 |",
        "|---|---|",
        "| 1 | 2 |",
        "<div>",
        "</div>",
        "<!-- remark",
        "-->",
        "[1]: https://a.com/x",
        "> [!note] 注意",
    ),
)

free_text = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\r\n\0"), max_size=12
)
note_lines = st.one_of(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(INDENTS),
        st.sampled_from(MARKERS),
        st.one_of(st.sampled_from(WORDS), free_text),
    ),
    st.sampled_from(LONE_LINES),
)
front_matters = st.sampled_from(
    [
        *([], [], []),
        ["---", "title: 一篇", "arxiv: 2410.10010", "---"],
        *(["---", "broken: [", "---"], ["---", "never closed"], ["---"]),
    ]
)
messy_lines = st.builds(
    lambda front, lines: front + lines, front_matters, st.lists(note_lines, max_size=25)
)
messy_notes = messy_lines.map("\n".join)

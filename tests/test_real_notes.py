"""The notes that come with the program, read: titles, links, venues, languages, parents."""

from __future__ import annotations

import pytest

from paperrag.notes.tree import ParsedNote
from paperrag.records import Entry

REAL_LINKS = {
    6: ["arxiv:2410.08146"],
    27: ["arxiv:2410.11287"],
    31: ["arxiv:2312.08935"],
    36: ["arxiv:2410.13121", "arxiv:2410.13246"],
    39: ["arxiv:2404.12358"],
    41: ["arxiv:2408.15240"],
    42: ["arxiv:2408.03314"],
    58: ["arxiv:2305.20050"],
    61: ["https://mp.weixin.qq.com/s/BrLxo_p07zX6AqmGtUoVmw"],
    67: ["arxiv:2406.03476"],
    90: ["https://thegregyang.com/"],
    109: ["arxiv:2406.08447"],
    115: ["arxiv:2405.09673"],
    124: ["arxiv:2403.03870"],
    127: ["arxiv:2401.07851"],
    128: ["arxiv:2211.17192", "github:feifeibear/LLMSpeculativeSampling"],
    129: ["arxiv:2302.01318"],
    130: ["arxiv:2305.09781"],
    131: ["arxiv:2401.15077", "https://sites.google.com/view/eagle-llm"],
    132: ["arxiv:2406.16858"],
    133: ["arxiv:2310.08461"],
    134: ["arxiv:2311.08252"],
    135: ["arxiv:2407.16207"],
    141: ["arxiv:2108.12409"],
    144: ["arxiv:2306.15595"],
    146: [
        "https://www.reddit.com/r/LocalLLaMA/comments/14lz7j5/ntkaware_scaled_rope_allows_llama_models_to_have/"
    ],
    148: ["openreview:wHBfxhZu1u"],
    150: ["openreview:ONOtpXLqqw"],
    154: ["arxiv:2309.12307"],
    156: ["arxiv:2402.10685"],
    158: ["openreview:ulaUJFd96G"],
    160: ["arxiv:2402.17463"],
    162: ["openreview:nkOMLBIiI7"],
    168: ["github:October2001/Awesome-KV-Cache-Compression"],
    171: ["arxiv:2403.01241"],
    175: ["arxiv:2406.07056"],
    179: ["arxiv:2402.09398"],
    181: ["arxiv:2403.05527"],
    188: [
        "https://proceedings.neurips.cc/paper_files/paper/2023/file/6ceefa7b15572587b78ecfcebb2827f8-Paper-Conference.pdf",
    ],
    191: ["arxiv:2309.17453"],
    193: ["arxiv:2310.01801"],
    196: ["arxiv:2406.12335"],
    198: ["arxiv:2403.09054"],
    206: ["openreview:LCTmppB165"],
    209: ["arxiv:2403.09636"],
    211: ["openreview:d775ca7f5d0bfad0e56d5e710a3953555ccaabda"],
    213: ["arxiv:2407.08454"],
    216: ["arxiv:2405.12981"],
    221: ["github:EnnengYang/Awesome-Model-Merging-Methods-Theories-Applications"],
    227: ["arxiv:2410.23743"],
    240: ["arxiv:2309.14509"],
    241: ["arxiv:2310.01889"],
    242: [
        "https://docs.nvidia.com/megatron-core/developer-guide/latest/api-guide/context_parallel.html"
    ],
    243: ["arxiv:2405.07719"],
}

REAL_VENUES = {
    130: "ASPLOS 2024",
    131: "ICML 2024",
    133: "ICLR 2024",
    134: "NAACL 2024",
    141: "ICLR 2022",
    148: "ICLR 2024",
    150: "ICML 2024",
    158: "ICLR 2024",
    160: "ICML 2024",
    162: "ICML 2024",
    188: "NeurIPS 2023",
    191: "ICLR 2024",
    206: "ICML 2024",
    209: "ICML 2024",
    227: "ACL 2025",
}

REAL_TITLES = {
    6: "Deepmind PAV",  # a label before a full-width colon and the link
    12: "多样化数据来源",  # the name before the colon of a long remark
    36: "arXiv 2410.13121",  # two links and nothing else
    66: "Instruction-Mining",  # only a name
    67: "domain upsample",  # inside the link
    84: "基于模型的质量过滤",  # bold
    109: "[initA] > [initB] 通过对神经网络宽度极限的理论分析（uP）",  # after a bare link
    124: "Learning to Decode Collaboratively with Multiple Language Models",  # before a [[paper]] button
    130: "SpecInfer: Accelerating Generative Large Language Model Serving with Tree-based Speculative Inference and Verification",
    146: "Dynamic-NTK Reddit",
    185: "Scissorhands (Liu et al., 2023b)",
    206: "CaM: Cache Merging for Memory-efficient LLMs Inference",
    227: "arXiv 2410.23743",  # a venue tag and a bare link
}

REAL_LANGUAGES = {
    7: "zh",
    25: "en",
    38: "en",
    45: "zh",
    57: "en",
    104: "zh",
    133: "en",
    175: "en",
    206: "zh",
    243: "en",
}


def at(note: ParsedNote, line: int) -> Entry:
    return next(entry for entry in note.entries if entry.line_start == line)


def test_links_of_the_real_notes(real_note):
    named = {
        entry.line_start: [
            f"{link.site}:{link.identifier}" if link.identifier else link.url
            for link in entry.links
        ]
        for entry in real_note.entries
        if entry.links
    }
    assert named == REAL_LINKS


def test_venues_of_the_real_notes(real_note):
    assert {
        entry.line_start: entry.venue for entry in real_note.entries if entry.venue
    } == REAL_VENUES


@pytest.mark.parametrize(("line", "title"), REAL_TITLES.items())
def test_titles_of_the_real_notes(real_note, line, title):
    assert at(real_note, line).title == title


@pytest.mark.parametrize(("line", "language"), REAL_LANGUAGES.items())
def test_languages_of_the_real_notes(real_note, line, language):
    assert at(real_note, line).language == language


def test_headings_of_the_real_notes(real_note):
    assert real_note.headings[:3] == ((1, "Paper-Reading"), (3, "RLHF"), (5, "PRM"))
    assert [title for line, title in real_note.headings[10:]] == [
        "Image-Tokenizer",
        "Interpretable",
        "Squence Parallel",
    ]


@pytest.mark.parametrize(
    ("line", "end", "breadcrumb"),
    [
        (18, 18, (6, 11, 17)),  # tab and six blanks under four blanks and a double-blank number
        (45, 45, (44,)),
        (
            46,
            46,
            (44, 45),
        ),  # numbers four columns right of the text above: CommonMark reads a wrapped line
        (92, 92, (90,)),  # "   \t-" beside "\t-"
        (107, 108, (106,)),  # a plain continuation line
        (116, 116, (114,)),  # two blanks beside a tab: siblings
        (185, 187, (183,)),  # continuation lines without a mark
        (193, 195, (183,)),  # a comment indented less than its bullet, and a line without ">"
        (206, 208, (200,)),
        (231, 231, (227, 230)),  # "\t\t -" beside "\t\t-"
        (232, 232, (227, 230)),
        (242, 242, (241,)),
    ],
)
def test_line_ranges_and_parents_of_the_real_notes(real_note, line, end, breadcrumb):
    entry = at(real_note, line)
    parents = [at(real_note, number) for number in breadcrumb]
    assert entry.line_end == end
    assert entry.parent_id == parents[-1].id
    assert entry.breadcrumb[-len(parents) :] == tuple(parent.title for parent in parents)


def test_merging_methods_of_the_real_notes_are_siblings(real_note):
    merging = at(real_note, 200)
    assert [entry.line_start for entry in real_note.entries if entry.id in merging.child_ids] == [
        201,
        204,
        206,
        209,
        211,
        213,
    ]
    assert at(real_note, 213).breadcrumb == ("Paper-Reading", "KV-Cache", merging.title)

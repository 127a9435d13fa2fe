from __future__ import annotations

import pytest

from paperrag.records import Link
from paperrag.text.links import find_links, make_link
from paperrag.text.venues import find_venue, venue_and_year


def named(text: str) -> list[tuple[str, str | None]]:
    return [(link.site, link.identifier) for link in find_links(text)]


def urls(text: str) -> list[str]:
    return [link.url for link in find_links(text)]


@pytest.mark.parametrize(
    "text",
    [
        "https://arxiv.org/abs/2407.08454",
        "https://arxiv.org/pdf/2407.08454v2",
        "http://arxiv.org/pdf/2407.08454.pdf",
        "arxiv.org/abs/2407.08454",
        "https://arxiv.org/html/2407.08454v1#S3",
        "https://www.alphaxiv.org/abs/2407.08454",
        "https://ar5iv.labs.arxiv.org/html/2407.08454",
        "https://huggingface.co/papers/2407.08454",
        "https://doi.org/10.48550/arXiv.2407.08454",
        "arXiv:2407.08454v3",
        "arXiv：2407.08454",
        "晚交互（arXiv 2407.08454）",
        "ARXIV: 2407.08454",
        "见 [2407.08454] 的附录",
        "[KVMerger 合并](https://arxiv.org/abs/2407.08454)",
        "<https://arxiv.org/abs/2407.08454>",
        "合并https://arxiv.org/abs/2407.08454，见附录",
        "(https://arxiv.org/abs/2407.08454).",
    ],
)
def test_arxiv_ids_are_found_in_all_forms(text):
    assert named(text) == [("arxiv", "2407.08454")]


def test_old_arxiv_ids_are_found():
    text = "https://arxiv.org/abs/cs/0701001v1 与 arXiv:hep-th/9901001"
    assert named(text) == [("arxiv", "cs/0701001"), ("arxiv", "hep-th/9901001")]


@pytest.mark.parametrize(
    ("text", "site", "identifier"),
    [
        ("https://openreview.net/forum?id=wHBfxhZu1u", "openreview", "wHBfxhZu1u"),
        ("https://openreview.net/pdf?id=LCTmppB165", "openreview", "LCTmppB165"),
        ("https://openreview.net/forum?noteId=x&id=ONOtpXLqqw#d", "openreview", "ONOtpXLqqw"),
        ("openreview.net/pdf/" + "d775ca7f5d" * 4 + ".pdf", "openreview", "d775ca7f5d" * 4),
        ("https://aclanthology.org/2024.acl-long.12/", "acl", "2024.acl-long.12"),
        ("https://aclanthology.org/P19-1285.pdf", "acl", "P19-1285"),
        ("https://www.aclweb.org/anthology/D18-1001", "acl", "D18-1001"),
        ("https://doi.org/10.1145/3620666.3651335", "doi", "10.1145/3620666.3651335"),
        ("https://dl.acm.org/doi/abs/10.1145/3620666", "doi", "10.1145/3620666"),
        ("doi: 10.1038/s41586-021-03819-2。", "doi", "10.1038/s41586-021-03819-2"),
        (
            "https://github.com/October2001/Awesome-KV-Cache",
            "github",
            "October2001/Awesome-KV-Cache",
        ),
        ("代码 github.com/a/b.git", "github", "a/b"),
        ("https://github.com/a/b/tree/main/src", "github", "a/b"),
        ("https://gist.github.com/a/5f0c", "web", None),
    ],
)
def test_papers_and_repositories_are_named(text, site, identifier):
    assert named(text) == [(site, identifier)]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (
            "MCTS： https://mp.weixin.qq.com/s/BrLxo_p07zX6",
            "https://mp.weixin.qq.com/s/BrLxo_p07zX6",
        ),
        ("[Reddit](www.reddit.com/r/x_(y)/)", "https://www.reddit.com/r/x_(y)/"),
        ('[博客](zhihu.com/p/12 "标题")', "https://zhihu.com/p/12"),
        ("blog.example.ai/post.", "https://blog.example.ai/post"),
        ("（https://a.com/x）", "https://a.com/x"),
        ("**https://a.com/x**", "https://a.com/x"),
    ],
)
def test_web_links_are_found_without_scheme_and_trimmed(text, url):
    assert urls(text) == [url]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没有链接",
        "v1.2.3 and 3.14/2",
        "[图](./a.png)",
        "[x](#节)",
        "me@example.com/x",
        "[2024]",
        "[[wiki]]",
    ],
)
def test_texts_without_links_have_none(text):
    assert find_links(text) == ()


def test_links_come_in_order_and_once():
    text = (
        "[b](https://b.com) 与 https://arxiv.org/pdf/2401.00001 和 arXiv:2401.00001、https://a.com"
    )
    assert urls(text) == ["https://b.com", "https://arxiv.org/pdf/2401.00001", "https://a.com"]


def test_link_written_twice_stands_where_it_was_first():
    text = "arXiv:2401.00001 先于 [b](https://b.com)，又见 [论文](https://arxiv.org/abs/2401.00001)"
    assert urls(text) == ["https://arxiv.org/abs/2401.00001", "https://b.com"]


def test_two_papers_with_a_full_width_comma_are_two_links():
    assert named("- https://arxiv.org/pdf/2410.13121， https://arxiv.org/pdf/2410.13246") == [
        ("arxiv", "2410.13121"),
        ("arxiv", "2410.13246"),
    ]


def test_make_link_adds_the_scheme_and_keeps_unknown_sites():
    assert make_link("mp.weixin.qq.com/s/a") == Link("https://mp.weixin.qq.com/s/a", "web", None)


def test_arxiv_id_is_none_for_other_sites():
    assert make_link("https://github.com/a/b").arxiv_id is None
    assert make_link("https://arxiv.org/abs/2401.00001v2").arxiv_id == "2401.00001"


@pytest.mark.parametrize(
    ("text", "venue"),
    [
        ("[ICLR24] DistillSpec", "ICLR 2024"),
        ("[ASPLOS'24] SpecInfer 推测", "ASPLOS 2024"),
        ("CaM 合并, ICML 2024.", "ICML 2024"),
        ("SelfExtend, ICML2024", "ICML 2024"),
        ("ALIBI, ICLR22", "ICLR 2022"),
        ("发表于 NeurIPS’23", "NeurIPS 2023"),
        ("[EuroSys 25] 系统", "EuroSys 2025"),
        ("[Interspeech24] 语音", "Interspeech 2024"),
        ("EMNLP Findings 2023", "EMNLP 2023"),
        ("[SpaNLP24] 未知的会", "SpaNLP 2024"),
        ("继 ICLR 2023 之后 [NIPS'23] 又一篇", "NeurIPS 2023"),
    ],
)
def test_venue_tags_are_read(text, venue):
    assert find_venue(text) == venue


@pytest.mark.parametrize(
    "text",
    [
        "[Zhang24] 的方法",
        "[Wang2023]",
        "Table 12",
        "XICML24",
        "ICML 的 20245 篇",
        "2024 年",
        "[2401]",
    ],
)
def test_authors_and_numbers_are_no_venues(text):
    assert find_venue(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "CVPR24",
        "CVPR 2024",
        "CVPR'24",
        "CVPR’24",
        "(CVPR 2024)",
        "（CVPR，2024）",
        "[CVPR24 oral]",
        "【CVPR 2024】高光",
        "cvpr-24",
        "论文, CVPR2024 oral",
        "CVPR (2024)",
        "CVPR_2024_paper.html",
        "ＣＶＰＲ２０２４",
        "2024年的CVPR",
        "in 2024 CVPR",
        "CVPR Workshops 2024",
    ],
)
def test_one_venue_has_one_form_however_it_is_written(text):
    assert find_venue(text) == "CVPR 2024"
    assert venue_and_year(text) == [("CVPR", 2024)]


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        (
            "[ICML24 best paper] 之前是 NIPS'23 与 SIGMOD 2019",
            [("ICML", 2024), ("NEURIPS", 2023), ("SIGMOD", 2019)],
        ),
        ("VLDB'20, again VLDB 2020 and NIPS97", [("VLDB", 2020), ("NEURIPS", 1997)]),
        ("哪些是 2023 年 NeurIPS 的，哪些是ICLR24的？", [("NEURIPS", 2023), ("ICLR", 2024)]),
        (
            "USENIX ATC '24; USENIX Security 2023; IEEE S&P 2022",
            [("ATC", 2024), ("USENIX", 2023), ("S&P", 2022)],
        ),
        (
            "EMNLP-IJCNLP 2019, Findings of ACL 2023, NeurIPS D&B 2022",
            [("EMNLP", 2019), ("ACL", 2023), ("NEURIPS", 2022)],
        ),
        (
            "in Nature 2021, Nature Methods 2022, SC24, MICRO'23",
            [("NATURE", 2021), ("NATURE METHODS", 2022), ("SC", 2024), ("MICRO", 2023)],
        ),
    ],
)
def test_all_venues_of_a_text_are_found_in_order_and_once(text, mentions):
    assert venue_and_year(text) == mentions


@pytest.mark.parametrize(
    "text",
    [
        "GPT-4",
        "LLaMA 2",
        "ViT-16",
        "[ViT16]",
        "H100",
        "CO2 2024",
        "[LoRA64]",
        "BERT 2019",
        "Data Science 2024",
        "T Cell 2023",
        "Cell 12",
        "MICRO-56",
        "SC 16 个节点",
        "it is fast 2024",
        "nature 2023",
        "ACL 2.5",
        "ICLR 24 篇",
        "ICML 12%",
        "ICML (12 of them)",
        "OSDI 16x",
        "12024 ICLR",
        "ICLR 1024",
        "in 2024 Nature",
        "Table 12",
        "XICML24",
        "https://arxiv.org/abs/2402.17463",
        "没有会议",
    ],
)
def test_models_measures_and_words_are_no_venues(text):
    assert venue_and_year(text) == []
    assert find_venue(text) is None

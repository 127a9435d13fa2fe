"""Where each training row comes from: its repository, its kind, its paper, its licence.

Knows the `source` column of the data folder and nothing about texts.
"""

from __future__ import annotations

from typing import NamedTuple

UNSTATED = "none stated"

LICENCES: dict[str, str] = {
    "CC-CEDICT": "CC BY-SA 4.0",
    "Comfy-Org/docs": "GPL-3.0",
    "FederatedAI/FATE": "Apache-2.0",
    "InternLM/lmdeploy": "Apache-2.0",
    "InternLM/xtuner": "Apache-2.0",
    "KaiserY/trpl-zh-cn": "MIT / Apache-2.0",
    "MegEngine/Documentation": "CC BY-SA 4.0",
    "Oneflow-Inc/oneflow-documentation": UNSTATED,
    "PaddlePaddle/docs": "Apache-2.0",
    "QwenLM/Qwen3": UNSTATED,
    "a1henu": "GPL-3.0",
    "adap/flower": "Apache-2.0",
    "agentscope-ai/agentscope": "Apache-2.0",
    "d2l-ai/d2l-zh": "Apache-2.0",
    "d2l-ai/d2l-zh+d2l-en": "Apache-2.0 / CC BY-SA 4.0",
    "dair-ai/Prompt-Engineering-Guide": "MIT",
    "dmlc/dgl": "Apache-2.0",
    "dw-dengwei/daily-arXiv-ai-enhanced": "Apache-2.0, modified",
    "hdShang": "GPL-3.0",
    "hpcaitech/ColossalAI": "Apache-2.0",
    "huggingface": "Apache-2.0",
    "labmlai/annotated_deep_learning_paper_implementations": "MIT",
    "langgenius/dify-docs": "CC BY 4.0",
    "microsoft/nni": "MIT",
    "mindspore-ai/docs": "Apache-2.0",
    "mined": "terms mined from the other sources",
    "modelscope": "Apache-2.0",
    "open-compass/opencompass": "Apache-2.0",
    "open-mmlab": "Apache-2.0",
    "open-mmlab/mmyolo": "GPL-3.0",
    "python/python-docs-zh-cn": "CC0 (translation), PSF (manual)",
    "qhduan/cn-chat-arxiv": UNSTATED,
    "secretflow/secretflow": "Apache-2.0",
    "shiyibihua/arxiv-daily": "GPL-3.0",
    "tatoeba (manythings cmn-eng)": "CC BY 2.0 FR",
    "tensorflow/docs-l10n": "Apache-2.0",
    "tensorflow/docs-l10n+docs": "Apache-2.0",
    "tldr-pages/tldr": "CC BY 4.0",
    "vllm-project/vllm-ascend": "Apache-2.0",
    "xmkxabc/daily-arXiv-ai-enhanced": "Apache-2.0",
}
"""Licence by repository, or by owner where all its repositories share one."""

EVERYDAY = "tatoeba (manythings cmn-eng)"


class Source(NamedTuple):
    """A parsed `source` cell: `repo#kind:paper`; kind and paper are empty where not given."""

    repo: str
    kind: str
    paper: str


def parse_source(cell: str) -> Source:
    """Return the parts of a `source` cell; a paper's version suffix (v2) is dropped."""
    repo, _, rest = cell.partition("#")
    kind, _, paper = rest.partition(":")
    if not rest:
        repo = repo.partition(":")[0]  # the glossary's "mined:N"
    head, mark, tail = paper.rpartition("v")
    return Source(repo, kind, head if mark and tail.isdigit() else paper)


def licence_of(repo: str) -> str:
    """Return the licence of a repository, or `none stated`."""
    return LICENCES.get(repo) or LICENCES.get(repo.partition("/")[0], UNSTATED)

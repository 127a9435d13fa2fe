"""Words of both languages that are one another's opposites, by what they tell."""

from __future__ import annotations

OPPOSITES = (
    "increase/decrease increases/decreases increased/decreased increasing/decreasing raise/lower "
    "raises/lowers improve/degrade improves/degrades improved/degraded improving/degrading gain/loss "
    "增加/减少 提高/降低 提升/下降 增大/减小 改善/恶化 改进/损害 增强/削弱",
    "higher/lower high/low highest/lowest more/less greater/smaller larger/smaller large/small most/least "
    "更高/更低 较高/较低 高/低 最高/最低 更多/更少 更大/更小 较大/较小 大/小 最大/最小 多/少",
    "better/worse best/worst good/bad stronger/weaker strong/weak outperforms/underperforms "
    "outperform/underperform effective/ineffective effectively/ineffectively efficient/inefficient "
    "更好/更差 最好/最差 最佳/最差 优于/劣于 更强/更弱 强/弱 好/差 有效/无效 高效/低效",
    "faster/slower fast/slow quickly/slowly 更快/更慢 快速/缓慢 快/慢",
    "longer/shorter long/short early/late earlier/later before/after first/last 更长/更短 长/短 早/晚 之前/之后 以前/以后 前/后 首先/最后",
    "all/some every/some always/sometimes both/neither 所有/部分 全部/部分 每个/某个 总是/有时 都/未必",
    "with/without 有/没有 使用/不使用 具有/缺乏",
    "can/cannot 可以/不能 能够/无法 可/不可",
    "is/is·not are/are·not was/was·not does/does·not do/do·not has/lacks have/lack 是/不是 会/不会 需要/不需要 能/不能",
    "only/also 仅/也 只/也 仅仅/同样 只有/即使",
    "maximize/minimize maximizing/minimizing maximum/minimum 最大化/最小化 最大/最小",
    "positive/negative possible/impossible known/unknown same/different similar/different simple/complex "
    "正/负 积极/消极 可能/不可能 已知/未知 相同/不同 相似/不同 简单/复杂",
    "training/testing train/test input/output encoder/decoder local/global internal/external "
    "训练/测试 输入/输出 编码器/解码器 局部/全局 内部/外部",
    "reduce/increase reduces/increases reduced/increased reducing/increasing 减少/增加 降低/提高 减轻/加重",
    "allow/prevent allows/prevents enable/prevent enables/prevents require/avoid requires/avoids "
    "允许/禁止 使得/避免 需要/无需 要求/避免",
)
"""A line for pairs that tell the same, those of either language first what the others have first;
`·` is a blank.
"""


def pairs_of(line: str) -> list[tuple[str, str]]:
    """Return the pairs of a line."""
    return [
        (one, other) for one, other in (pair.replace("·", " ").split("/") for pair in line.split())
    ]

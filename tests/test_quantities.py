"""Quantities of both languages are read, and borne out by equal, rounded and converted ones."""

from __future__ import annotations

import pytest

from paperrag.proof.bearing import verdict
from paperrag.proof.quantities import quantities


def verdicts(claim: str, text: str) -> list[str]:
    return [verdict(one, quantities(text), text) for one in quantities(claim)]


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("1.4x faster", 1.4, "times"),
        ("快了两倍", 2, "times"),
        ("twice as fast", 2, "times"),
        ("约 30% 的提升", 30, "%"),
        ("百分之三十", 30, "%"),
        ("three percent", 3, "%"),
        ("half of it", 50, "%"),
        ("500 ms", 0.5, "time"),
        ("前 3 小时", 10800, "time"),
        ("half a minute", 30, "time"),
        ("四分之一秒", 0.25, "time"),
        ("half a million hairs", 500_000, ""),
        ("two dozen eggs", 24, ""),
        ("twenty-five hundred", 2500, ""),
        ("a factor of ten", 10, "times"),
        ("nine in ten cats", 90, "%"),
        ("九成五", 95, "%"),
        ("十四万条", 140_000, ""),
        ("4-bit", 4, "bits"),
        ("7B", 7e9, ""),
        ("70 亿参数", 7e9, ""),
        ("128K tokens", 128_000, ""),
        ("十二层", 12, ""),
        ("1,000", 1000, ""),
        ("第三只猫，第二步，五分之二", 40, "%"),
        ("three quarters of them", 75, "%"),
        ("只吃两成鱼", 20, "%"),
        ("六千多亿根毛", 6e11, ""),
        ("ten million hairs", 1e7, ""),
        ("14 points", 14, "%"),
        ("two decades", 630_720_000, "time"),
        ("九十年代的 3 只猫", 3, ""),
        ("three orders of magnitude", 1000, "times"),
        ("快两个数量级", 100, "times"),
        ("前1/4的猫", 25, "%"),
        ("2 kHz", 2000, "hertz"),
        ("3 厘米", 0.03, "length"),
        ("40 美元", 40, "dollars"),
        ("三档", 3, ""),
        ("arXiv 2401.12345", 0, "id"),
    ],
)
def test_quantity_is_read_with_its_unit(text: str, value: float, kind: str) -> None:
    (one,) = quantities(text)
    assert one.value == pytest.approx(value)
    assert one.kind == kind


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("16 hours, 1.50×, 20%, 2024, 1,000", "16 h; 1.5x; 0.2; ICML24; 1000"),
        ("用了 7 秒", "七秒"),
        ("500 ms", "0.5 s"),
        ("1024 KB, 2 GiB", "1 MB; 2,097,152 KB"),
        ("a 16-byte tag, 256 bits", "128 比特，32 字节"),
        ("70 亿参数", "a 7B model"),
        ("about 14%", "13.7%"),
        ("约 1000 条", "987 entries"),
        ("1.4 倍", "1.37x"),
        ("一半", "50%"),
        ("三倍", "错误率从 9% 涨到 27%"),
        ("高出近 27 个百分点", "a dog 97.4 %, after 6 walks, a cat 70.5%"),
        ("by 56 points", "0.35 -> 0.91"),
        ("a third of it", "12%，之后 4%"),
        ("8% faster", "快 1.08 倍"),
        ("七成左右", "smaller by 1.4×"),
        ("nearly four points", "3.7%"),
        ("10k steps", "1w 步"),
        ("three tricks", "sit, roll and fetch"),
        ("半年", "6 months"),
        ("约十四万根毛", "139,255 hairs"),
        ("a third shorter", "from 5.1 m to 3.4 m"),
        ("ten thousand to a hundred thousand times faster", "快 4-5 个数量级"),
        ("24KB", "24K"),
        ("arXiv 2401.12345", "[cats](https://arxiv.org/abs/2401.12345v2)"),
        ("四分之三被扔掉", "only 25% of it is kept"),
        ("about a tenth of the cats", "8 of 76 cats"),
        ("more than 30 cats", "33 cats"),
        ("超过 1 万只", "12,400 cats"),
        ("不到 1%", "0.7%"),
        ("under 10 ms", "8.7 ms"),
        ("around 40%, roughly 5x, about three hours", "37.5%; 4.7x; 190 minutes"),
        ("between 0.15 and 0.3 seconds", "150–300 ms"),
        ("六到七倍", "6-7x"),
        ("a gain of a fifth", "from 50 to 60 ms"),
        ("just over 5%", "5.2%"),
        ("not more than 10 ms", "9.7 ms"),
        ("不超过 10 毫秒", "9.7 ms"),
        ("500 kcal", "500 千卡"),
        ("in 1990", "the 1990s"),
        ("高 12 个点", "从 41% 到 53%"),
        ("高 2 个点", "20.1, 22.1"),
        ("40 minutes less", "70 min, 110 min"),
        ("some 40% faster", "118 vs 84 Mbps"),
        ("原来的四成不到", "38 ms → 14 ms"),
        ("千分之五", "0.5%"),
        ("none of the two cats", "8 cats of 3 kinds"),
        ("降到 1/1.4", "by up to 1.4×"),
        ("a quarter", "1/4 of it"),
        ("by 0.3", "84.1，之后 83.8"),
        ("37 ms sooner", "提前 48 ms，原来 11 ms"),
        ("over a fifth", "18 %, then 22 %"),
        ("160 collars", "20 cats with 8 collars each"),
        ("3,840 cat-days, about 670 dog days", "256 cats 15 天，32 K9 dogs for 3 weeks"),
        ("Llama 3.1", "LLaMA3.1 tech report"),
        ("Cats 2024, 1 到 16 步", "Cats2024, 1..16 steps"),
        ("about 15% faster", "speedup: 1.15"),
        ("约为原来的八分之一", "from 5.1 to 0.6 mm"),
        ("layers 1,2,3 of PyTorch 2.1.0 on 2024.05.01", "第 1,2,3 层；PyTorch 2.1.0；2024.05.01"),
    ],
)
def test_equal_converted_and_rounded_quantities_are_met(claim: str, text: str) -> None:
    assert set(verdicts(claim, text)) == {"met"}


@pytest.mark.parametrize(
    ("claim", "text", "found"),
    [
        ("17 hours of KV2", "16 hours", ["missing"]),
        ("2×", "1.4×", ["missing"]),
        ("50 times", "50%", ["unit"]),
        ("3 毫秒", "3 秒", ["unit"]),
        ("1100 KB", "1 MB", ["missing"]),
        ("128 bytes", "64 bits", ["missing"]),
        ("三种方法", "four ways", ["missing"]),
        ("提高 20", "0.2", ["missing"]),
        ("三倍", "9%，27 只，18%", ["missing"]),
        ("five tricks", "four tricks", ["missing"]),
        ("by 0.7", "84.1，之后 83.8", ["missing"]),
        ("a third of them", "45 % of them", ["missing"]),
        ("半年", "9 months", ["missing"]),
        ("Llama 3.1", "LLaMA3.15, 3 steps", ["missing"]),
        ("超过 90%", "88%", ["missing"]),
        ("less than 10 ms", "12 ms", ["missing"]),
        ("about 40%", "46%", ["missing"]),
        ("more than 30 cats", "80 cats", ["missing"]),
        ("60–70%", "30 to 40%", ["missing", "missing"]),
        ("a factor of four", "four orders below", ["missing"]),
        ("1 Mb", "1 kb, 1 cat", ["unit"]),
        ("2000 美元", "2000 元", ["unit"]),
        ("11% of them", "arXiv 2401.10999, 10.9999/cats", ["missing"]),
        ("in 2010", "Cats12010", ["missing"]),
        ("by 15%, by 300%", "1.12, 4", ["missing", "missing"]),
        ("by 1150%", "12.5", ["missing"]),
        ("3 of them", "v2.3 and .3", ["missing"]),
        ("in 2010", "since 2015, with 5 cats", ["missing"]),
        ("12 collars", "4 cats, 3 collars each", ["missing"]),
        ("层 1,2,3，版本 2.1.0", "layers 1,2,4 of 2.1", ["missing", "missing"]),
    ],
)
def test_other_quantities_are_not_met(claim: str, text: str, found: list[str]) -> None:
    assert verdicts(claim, text) == found

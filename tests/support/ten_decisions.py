"""Ten decisions between Lambda and EC2: what is asked, and a calculation by hand.

`python -m tests.support.ten_decisions` writes notebooks/TEN-DECISIONS.md; a test compares.
"""

import math
import re
from dataclasses import dataclass

from lambdadeck.costs import Workload, human_count, judge
from lambdadeck.prices import ec2_price, lambda_price
from lambdadeck.prices.origin import origin
from lambdadeck.shared.paths import ROOT

DOCUMENT = ROOT / "notebooks" / "TEN-DECISIONS.md"
INTRODUCTION = """\
Ten services in eu-west-1, each on Lambda and on EC2, calculated by hand from list prices, and what
`costs.judge` says. A month has 730 hours (2,628,000 s), an LCU-hour 90,000 new connections, and
1,769 MB are one vCPU of Lambda's. Instances are at most 65% busy at the peak. Change a number:
`costs.judge(costs.Workload(requests=20e6, duration_ms=800))`, or in the panel of the slides and of
the exported page."""
NUMBER = re.compile(r"^\$?([\d.,]+)(%| M)?")


@dataclass(frozen=True)
class Decision:
    """A decision: the service, its month, and three calculations by hand."""

    service: str
    work: Workload
    on_lambda: str
    fleet: str  # how many instances the peak takes, before rounding up
    on_ec2: str


DECISIONS = (
    Decision(
        "An API that waits for other services",
        Workload(
            *(20e6, 800, 512),
            peak_factor=3,
            cpu_share=0.05,
            zones=2,
            lambda_front="http-api",
            ec2_front="alb",
        ),
        "20 M × 0.8 s × 0.5 GB × $0.0000166667 + 20 × $0.20 + 20 × $1.11",
        "20 M × 0.8 s × 3 ÷ 2,628,000 s ÷ 65% ÷ 8 in 4 GiB of memory",
        "4 × 730 h × $0.0912 + 730 h × $0.0252 + 20 M ÷ 90,000 × $0.008",
    ),
    Decision(
        "A batch job, ten minutes each night",
        Workload(30, 600_000, 1769, instance="t3.medium"),
        "30 × 600 s × 1.727539 GB × $0.0000166667 + 0.00003 × $0.20",
        "30 × 600 s ÷ 2,628,000 s ÷ 65% ÷ 2 vCPU",
        "1 × 730 h × $0.0456",
    ),
    Decision(
        "A shop with spikes",
        Workload(
            *(12e6, 150, 1024), peak_factor=20, zones=2, lambda_front="http-api", ec2_front="alb"
        ),
        "12 M × 0.15 s × 1 GB × $0.0000166667 + 12 × $0.20 + 12 × $1.11",
        "12 M × 0.15 s × 0.578858 vCPU × 20 ÷ 2,628,000 s ÷ 65% ÷ 2 vCPU",
        "7 × 730 h × $0.0912 + 730 h × $0.0252 + 12 M ÷ 90,000 × $0.008",
    ),
    Decision(
        "Video, ninety seconds a file",
        Workload(200e3, 90_000, 3008, "arm64", instance="c7g.xlarge", peak_factor=2),
        "0.2 M × 90 s × 2.9375 GB × $0.0000133334 + 0.2 × $0.20",
        "0.2 M × 90 s × 2 ÷ 2,628,000 s ÷ 65% ÷ 2 in 8 GiB of memory",
        "11 × 730 h × $0.155",
    ),
    Decision(
        "Fourteen small functions, together",
        Workload(*(2.8e6, 80, 256, "arm64"), instance="t4g.micro", cpu_share=0.3, free_tier=True),
        "0 GB-seconds of 56,000, which are free + 1.8 × $0.20",
        "2.8 M × 0.08 s × 0.144715 vCPU × 30% ÷ 2,628,000 s ÷ 65% ÷ 2 vCPU",
        "1 × 730 h × $0.0092",
    ),
    Decision(
        "Events around the clock",
        Workload(
            *(900e6, 35, 512, "arm64"),
            instance="c7g.large",
            peak_factor=2,
            zones=2,
            lambda_front="alb",
            ec2_front="alb",
        ),
        "900 M × 0.035 s × 0.5 GB × $0.0000133334 + 900 × $0.20 "
        "+ 730 h × $0.0252 + 900 M ÷ 90,000 × $0.008",
        "900 M × 0.035 s × 0.289429 vCPU × 2 ÷ 2,628,000 s ÷ 65% ÷ 2 vCPU",
        "6 × 730 h × $0.0775 + 730 h × $0.0252 + 900 M ÷ 90,000 × $0.008",
    ),
    Decision(
        "A webhook",
        Workload(300e3, 200, 256, instance="t3.nano", lambda_front="http-api"),
        "0.3 M × 0.2 s × 0.25 GB × $0.0000166667 + 0.3 × $0.20 + 0.3 × $1.11",
        "0.3 M × 0.2 s ÷ 2,628,000 s ÷ 65% ÷ 2 in 0.5 GiB of memory",
        "1 × 730 h × $0.0057",
    ),
    Decision(
        "Inference with a large model",
        Workload(*(5e6, 1200, 6144, "arm64"), instance="m7g.xlarge", peak_factor=3, zones=2),
        "5 M × 1.2 s × 6 GB × $0.0000133334 + 5 × $0.20",
        "5 M × 1.2 s × 3.473149 vCPU × 3 ÷ 2,628,000 s ÷ 65% ÷ 4 vCPU",
        "10 × 730 h × $0.1819",
    ),
    Decision(
        "An API that computes, on one burstable instance",
        Workload(30e6, 100, 1769, instance="t3.medium"),
        "30 M × 0.1 s × 1.727539 GB × $0.0000166667 + 30 × $0.20",
        "30 M × 0.1 s ÷ 2,628,000 s ÷ 65% ÷ 2 vCPU",
        "1 × 730 h × $0.0456 + 541.333 vCPU-hours above 20% × $0.05",
    ),
    Decision(
        "A committed fleet",
        Workload(
            *(250e6, 120, 1769),
            instance="c6i.2xlarge",
            peak_factor=1.5,
            zones=2,
            lambda_front="alb",
            ec2_front="alb",
            lambda_discount=0.12,
            ec2_discount=0.27,
        ),
        "250 M × 0.12 s × 1.727539 GB × $0.0000166667 × 88% + 250 × $0.20 "
        "+ 730 h × $0.0252 + 250 M ÷ 90,000 × $0.008",
        "250 M × 0.12 s × 1.5 ÷ 2,628,000 s ÷ 65% ÷ 8 vCPU",
        "4 × 730 h × $0.3648 × 73% + 730 h × $0.0252 + 250 M ÷ 90,000 × $0.008",
    ),
)


def calculated(words: str) -> float:
    """Return what a calculation by hand comes to: sums of products, each number with its unit."""
    return math.fsum(_product(part) for part in words.split(" + "))


def _product(words: str) -> float:
    value = 1.0
    for sign, factor in re.findall(r"(^|× |÷ )([^×÷]+)", words):
        found = NUMBER.match(factor)
        assert found, factor
        scale = {"%": 0.01, " M": 1e6}.get(found[2] or "", 1)
        number = float(found[1].replace(",", "")) * scale
        value = value / number if sign.startswith("÷") else value * number
    return value


def document() -> str:
    """Return the document: for each decision what is asked, by hand, and what the model says."""
    parts = ["# Ten decisions", INTRODUCTION]
    parts += [_section(number, one) for number, one in enumerate(DECISIONS, 1)]
    return "\n\n".join([*parts, _prices()]) + "\n"


def _section(number: int, one: Decision) -> str:
    work, verdict = one.work, judge(one.work)
    load = f"{human_count(work.requests)} requests a month of {work.duration_ms:,g} ms"
    seen = [verdict.break_even_sentence, verdict.flip_sentence, verdict.safe_sentence]
    lines = [
        f"- **Lambda:** {one.on_lambda} = **${calculated(one.on_lambda):,.2f}**",
        f"- **Fleet:** {one.fleet} = {calculated(one.fleet):.2f}: "
        f"{verdict.instances:,.0f} × {work.instance}",
        f"- **EC2:** {one.on_ec2} = **${calculated(one.on_ec2):,.2f}**",
        f"- **Verdict:** {' '.join(filter(None, seen))}",
    ]
    heading = f"## {number}. {one.service}\n\n**{verdict.sentence}.**"
    asked = (
        f"{load} at {work.memory_mb:,g} MB. {work.assumptions[0].upper()}{work.assumptions[1:]}."
    )
    return "\n\n".join([heading, asked, "\n".join(lines)])


def _prices() -> str:
    works = [one.work for one in DECISIONS]
    on_lambda = [lambda_price("eu-west-1", arch) for arch in sorted({one.arch for one in works})]
    ec2 = [ec2_price("eu-west-1", name) for name in sorted({one.instance for one in works})]
    words = origin("eu-west-1", max(row.as_of for row in on_lambda), aws_lambda=on_lambda, ec2=ec2)
    return f"Prices: {words.data}; load balancers and HTTP APIs: `assets/prices/other.csv`."


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")

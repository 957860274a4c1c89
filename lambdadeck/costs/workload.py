"""A workload, and what the panel "your numbers" asks about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdadeck.costs.fronts import FREE_FRONTS
from lambdadeck.costs.quantities import Quantity

_STEPS = (1, 1.5, 2, 3, 5, 7)  # of a decade: fine enough to drag, round enough to say


def _decades(low: int, high: int) -> tuple[float, ...]:
    steps = (float(f"{step * 10.0**power:.6g}") for power in range(low, high) for step in _STEPS)
    return (*steps, 10.0**high)


_MEMORY = (128, 256, 512, 1024, 1769, 2048, 3008, 4096, 6144, 8192, 10_240)
_CPU = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1)
_BUSY = (0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.8, 0.9, 1)
_LAMBDA_PLANS = (0, 0.12, 0.17)  # no upfront, all upfront (assets/prices/savings-plans.csv)
_EC2_PLANS = (0, 0.1, 0.2, 0.27, 0.35, 0.49)
_PEAKS = (1, 1.5, 2, 3, 5, 10, 20)
_COUNTS = _decades(4, 10)
_TIMES = _decades(0, 5)

QUANTITIES: Mapping[str, Quantity] = {
    "requests": Quantity("requests a month", "count", 0, 1e13, _COUNTS, "12.4 million"),
    "duration_ms": Quantity("duration", "ms", 0.001, 900_000, _TIMES, "87 ms or 1.5 s"),
    "memory_mb": Quantity("memory", "mb", 128, 10_240, _MEMORY, "1,536 MB"),
    "peak_factor": Quantity("peak / average", "times", 1, 1000, _PEAKS, "3 ×"),
    "cpu_share": Quantity("CPU share", "share", 0.001, 1, _CPU, "20%"),
    "utilization": Quantity("EC2 busy at peak", "share", 0.05, 1, _BUSY, "65%"),
    "zones": Quantity("zones", "whole", 1, 6, (1, 2, 3), "2"),
    "lambda_discount": Quantity("Lambda discount", "share", 0, 0.9, _LAMBDA_PLANS, "12%"),
    "ec2_discount": Quantity("EC2 discount", "share", 0, 0.9, _EC2_PLANS, "27%"),
}
MENU_LABELS = {
    "arch": "Lambda on",
    "region": "region",
    "instance": "EC2 instance",
    "lambda_front": "Lambda's front",
    "ec2_front": "EC2's front",
    "free_tier": "account's free tier",
}
FRONTS = {  # by what stands there
    "none": "nothing",
    "function-url": "function URL",
    "http-api": "HTTP API",
    "rest-api": "REST API",
    "alb": "ALB",
}
LAMBDA_FRONTS = ("function-url", "http-api", "rest-api", "alb")
EC2_FRONTS = ("none", "alb", "http-api", "rest-api")
UTILIZATION = 0.65  # the busy share of instances at the peak: nobody plans for 100%


@dataclass(frozen=True)
class Workload:
    """Requests a month of some ms at some MB, where they run, and what serves them.

    `cpu_share` of the duration is on a CPU; instances are at most `utilization` busy at the peak,
    at least one in each of `zones`. Discounts are those of Savings Plans.
    """

    requests: float = 5e6
    duration_ms: float = 100
    memory_mb: float = 512
    arch: str = "x86_64"
    region: str = "eu-west-1"
    instance: str = "c6i.large"
    peak_factor: float = 1
    free_tier: bool = False
    cpu_share: float = 1
    utilization: float = UTILIZATION
    zones: float = 1
    lambda_front: str = "function-url"
    ec2_front: str = "none"
    lambda_discount: float = 0
    ec2_discount: float = 0

    @property
    def load(self) -> dict[str, Any]:
        """Return what both bills need, but for the requests."""
        return {"region": self.region, "duration_ms": self.duration_ms, "memory_mb": self.memory_mb}

    @property
    def on_lambda(self) -> dict[str, Any]:
        """Return the options of `lambda_bill`."""
        front = None if self.lambda_front in FREE_FRONTS else self.lambda_front
        return {
            "arch": self.arch,
            "free_tier": self.free_tier,
            "discount": self.lambda_discount,
            "front": front,
        }

    @property
    def on_ec2(self) -> dict[str, Any]:
        """Return the options of `ec2_bill`."""
        return {
            "peak_factor": self.peak_factor,
            "cpu_share": self.cpu_share,
            "utilization": self.utilization,
            "min_instances": self.zones,
            "discount": self.ec2_discount,
            "front": None if self.ec2_front in FREE_FRONTS else self.ec2_front,
        }

    @property
    def assumptions(self) -> str:
        """Return in words all that the comparison assumes."""
        said = {name: one.show(getattr(self, name)) for name, one in QUANTITIES.items()}
        plans = [
            f"Savings Plan of {said[name]} on {side}"
            for side, name in (("Lambda", "lambda_discount"), ("EC2", "ec2_discount"))
            if getattr(self, name)
        ]
        parts = [
            f"Lambda {self.arch}, {'with' if self.free_tier else 'without'} the free tier",
            f"{FRONTS[self.lambda_front]} in front of Lambda",
            f"{FRONTS[self.ec2_front]} in front of EC2",
            f"EC2 Linux on demand, at most {said['utilization']} busy",
            f"a peak of {said['peak_factor']} the average",
            f"{said['zones']} {'zone' if self.zones == 1 else 'zones'}",
            f"{said['cpu_share']} of the duration on a CPU",
            *plans,
            "no volumes, logs, data transfer, or people",
        ]
        return "; ".join(parts)

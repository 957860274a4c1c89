"""The cost model: what a month costs on Lambda and on EC2, and where the two meet."""

from lambdadeck.costs.break_even import BreakEven, break_even, break_even_utilisation, vcpu_hour_usd
from lambdadeck.costs.ec2_bill import CatalogueBill, Ec2Bill, catalogue_bill, ec2_bill
from lambdadeck.costs.lambda_bill import (
    FREE_GB_SECONDS,
    FREE_REQUESTS,
    FULL_VCPU_MB,
    HOURS_A_MONTH,
    LambdaBill,
    lambda_bill,
)
from lambdadeck.shared.formatting import human_count, human_usd

__all__ = [
    "FREE_GB_SECONDS",
    "FREE_REQUESTS",
    "FULL_VCPU_MB",
    "HOURS_A_MONTH",
    "BreakEven",
    "CatalogueBill",
    "Ec2Bill",
    "LambdaBill",
    "break_even",
    "break_even_utilisation",
    "catalogue_bill",
    "ec2_bill",
    "human_count",
    "human_usd",
    "lambda_bill",
    "vcpu_hour_usd",
]

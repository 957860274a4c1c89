"""The cost model: a month on Lambda, a month on EC2, and their break-even.

`costs.sensitivity` is imported by its own name. Without numpy (in a web page) a workload is judged
in plain floats, by `judge`.
"""

from lambdadeck.costs.limits import (
    FREE_GB_SECONDS,
    FREE_REQUESTS,
    FULL_VCPU_MB,
    HOURS_A_MONTH,
    LCU_CONNECTIONS,
    MOST_MS,
)
from lambdadeck.costs.offers import common_instances, priced_regions, stand_in
from lambdadeck.costs.quantities import Quantity
from lambdadeck.costs.scalar import TooSmall
from lambdadeck.costs.verdict import Verdict, judge
from lambdadeck.costs.workload import QUANTITIES, UTILIZATION, Workload
from lambdadeck.shared.formatting import human_count, human_usd

try:
    import numpy  # noqa: F401 (to know if it is there)
except ImportError:
    pass
else:
    from lambdadeck.costs.arithmetic import Floats, Numbers
    from lambdadeck.costs.break_even import (
        BreakEven,
        break_even,
        break_even_utilization,
        vcpu_hour_usd,
    )
    from lambdadeck.costs.comparison import LOADS, Comparison, compare
    from lambdadeck.costs.crossings import Crossing, crossings
    from lambdadeck.costs.ec2_bill import Ec2Bill, catalogue_bill, ec2_bill
    from lambdadeck.costs.four_ways import Line, Way, as_csv, four_ways
    from lambdadeck.costs.lambda_bill import LambdaBill, account_bill, lambda_bill
    from lambdadeck.costs.month import Month, MonthFunction, example_month, read_month
    from lambdadeck.costs.month_bill import FunctionMonth, MonthBill, month_bill
    from lambdadeck.costs.month_on_ec2 import FleetMonth

__all__ = [
    "FREE_GB_SECONDS",
    "FREE_REQUESTS",
    "FULL_VCPU_MB",
    "HOURS_A_MONTH",
    "LCU_CONNECTIONS",
    "LOADS",
    "MOST_MS",
    "QUANTITIES",
    "UTILIZATION",
    "BreakEven",
    "Comparison",
    "Crossing",
    "Ec2Bill",
    "FleetMonth",
    "Floats",
    "FunctionMonth",
    "LambdaBill",
    "Line",
    "Month",
    "MonthBill",
    "MonthFunction",
    "Numbers",
    "Quantity",
    "TooSmall",
    "Verdict",
    "Way",
    "Workload",
    "account_bill",
    "as_csv",
    "break_even",
    "break_even_utilization",
    "catalogue_bill",
    "common_instances",
    "compare",
    "crossings",
    "ec2_bill",
    "example_month",
    "four_ways",
    "human_count",
    "human_usd",
    "judge",
    "lambda_bill",
    "month_bill",
    "priced_regions",
    "read_month",
    "stand_in",
    "vcpu_hour_usd",
]

"""Dated price tables of AWS Lambda and EC2, each row with region, date, and source.

Without numpy (in a web page) all but the catalogue is there.
"""

from lambdadeck.prices.dated import STALE_DAYS, TABLES, Dated, UnknownPrice, is_stale, stale_note
from lambdadeck.prices.tables import (
    ARCHITECTURES,
    TIER_BOUNDS_GB_S,
    Ec2Price,
    LambdaPrice,
    ec2_price,
    history_2017,
    instance_types,
    lambda_price,
    regions,
)
from lambdadeck.prices.unit_prices import (
    SavingsPlan,
    UnitPrice,
    known_regions,
    savings_plans,
    unit_price,
)

try:
    import numpy  # noqa: F401 (to know if it is there)
except ImportError:
    pass
else:
    from lambdadeck.prices.catalogue import Ec2Catalogue, ec2_catalogue

__all__ = [
    "ARCHITECTURES",
    "STALE_DAYS",
    "TABLES",
    "TIER_BOUNDS_GB_S",
    "Dated",
    "Ec2Catalogue",
    "Ec2Price",
    "LambdaPrice",
    "SavingsPlan",
    "UnitPrice",
    "UnknownPrice",
    "ec2_catalogue",
    "ec2_price",
    "history_2017",
    "instance_types",
    "is_stale",
    "known_regions",
    "lambda_price",
    "regions",
    "savings_plans",
    "stale_note",
    "unit_price",
]

"""Dated price tables of AWS Lambda and EC2, each row with region, date, and source."""

from lambdadeck.prices.dated import STALE_DAYS, TABLES, Dated, UnknownPrice, is_stale, stale_note
from lambdadeck.prices.tables import (
    ARCHITECTURES,
    TIER_BOUNDS_GB_S,
    Ec2Catalogue,
    Ec2Price,
    LambdaPrice,
    ec2_catalogue,
    ec2_price,
    history_2017,
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
    "is_stale",
    "known_regions",
    "lambda_price",
    "regions",
    "savings_plans",
    "stale_note",
    "unit_price",
]

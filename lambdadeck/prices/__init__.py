"""Dated price tables of AWS Lambda and EC2, each row with region, date, and source."""

from lambdadeck.prices.tables import (
    ARCHITECTURES,
    STALE_DAYS,
    TABLES,
    TIER_BOUNDS_GB_S,
    Ec2Catalogue,
    Ec2Price,
    LambdaPrice,
    UnknownPrice,
    ec2_catalogue,
    ec2_price,
    history_2017,
    is_stale,
    lambda_price,
    regions,
    stale_note,
    unit_price,
)

__all__ = [
    "ARCHITECTURES",
    "STALE_DAYS",
    "TABLES",
    "TIER_BOUNDS_GB_S",
    "Ec2Catalogue",
    "Ec2Price",
    "LambdaPrice",
    "UnknownPrice",
    "ec2_catalogue",
    "ec2_price",
    "history_2017",
    "is_stale",
    "lambda_price",
    "regions",
    "stale_note",
    "unit_price",
]

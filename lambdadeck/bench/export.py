"""The export part: what lambdadeck.export measures of itself beside stock nbconvert."""

from __future__ import annotations

import importlib.util

from lambdadeck.bench.measure import Result

KEYS = ("export_ratio_nbconvert", "export_bytes", "first_paint_ratio")
MODULE = "lambdadeck.export.measuring"


def measure(quick: bool = False) -> Result:
    """What MODULE's `measure(quick)` returns, a mapping with these keys; all None while there is no such module."""
    if importlib.util.find_spec("lambdadeck.export") is None or importlib.util.find_spec(MODULE) is None:
        return Result(dict.fromkeys(KEYS), {}, [f"Not measured: {MODULE} is not there yet."])
    found = dict(importlib.import_module(MODULE).measure(quick))
    return Result({key: found.pop(key, None) for key in KEYS}, found)

"""Money and counts in human units."""

import math

_SCALES = ((1e9, "billion"), (1e6, "million"))


def human_usd(usd: float) -> str:
    """Return US dollars as "$1,234", "$4.10", "21 cents", "0.21 cents for a million".

    Less than a hundredth of a cent is given for a million (or a billion); NaN is "unknown".
    """
    if math.isnan(usd):
        return "unknown"
    if usd < 0:
        return f"-{human_usd(-usd)}"
    if math.isinf(usd):
        return "without limit"
    if usd == 0:
        return "$0"
    for times, tail in ((1.0, ""), (1e6, " for a million"), (1e9, " for a billion")):
        if usd * times >= 0.0001:
            return _amount(usd * times) + tail
    return "less than 0.01 cents for a billion"


def human_count(count: float) -> str:
    """Return a count with two significant figures or more: "950", "12,000", "4.1 million"."""
    if math.isnan(count) or math.isinf(count):
        return "unknown" if math.isnan(count) else "without limit"
    for scale, word in _SCALES:
        if count >= scale * 0.9995:
            return f"{_significant(count / scale)} {word}"
    return _significant(count)


def _amount(usd: float) -> str:
    if usd < 0.995:
        cents = _significant(usd * 100)
        return f"{cents} cent" if cents == "1" else f"{cents} cents"
    return f"${usd:,.2f}" if usd < 99.995 else f"${usd:,.0f}"


def _significant(number: float) -> str:
    """Return two significant figures below 100, else three, without trailing zeros."""
    if number == 0:
        return "0"
    digits = (2 if number < 99.5 else 3) - 1 - math.floor(math.log10(number))
    text = f"{round(number, digits):,.{max(digits, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

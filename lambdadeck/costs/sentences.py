"""The sentences about a comparison: who is cheaper, and from what load on."""

import math

from lambdadeck.shared.formatting import human_count, human_usd


def winner(on_lambda: float, on_ec2: float, instances: float, name: str) -> str:
    """Return which side is cheaper, with both bills and a fleet that multiplies out."""
    fleet = f"{instances:,.0f} × {name}"
    ours, theirs = human_usd(on_lambda), human_usd(on_ec2)
    if _is_even(on_lambda, on_ec2):
        return f"Both cost the same: {ours} a month, for Lambda or {fleet}"
    if on_lambda < on_ec2:
        return f"Lambda is cheaper: {ours} a month against {theirs} for {fleet}"
    return f"EC2 is cheaper: {theirs} a month for {fleet} against {ours} on Lambda"


def title(on_lambda: float, on_ec2: float) -> str:
    """Return the same as briefly as a slide's title needs it."""
    less, more = (human_usd(usd) for usd in sorted((on_lambda, on_ec2)))
    if _is_even(on_lambda, on_ec2):
        return f"Both cost the same: {less} a month"
    side = "Lambda" if on_lambda < on_ec2 else "EC2"
    return f"{side} is cheaper: {less} a month" + (f", not {more}" if more != less else "")


def _is_even(on_lambda: float, on_ec2: float) -> bool:
    return math.isclose(on_lambda, on_ec2, rel_tol=0.005)


def break_even(name: str, count: float, busy: float, requests: float, settled: float) -> str:
    """Return from what load on EC2 is cheaper; `count` instances are `busy` at `requests`."""
    fleet = f"one {name} is" if count == 1 else f"{count:,.0f} {name} are"
    if math.isinf(requests):
        return f"Lambda is cheaper at any load: {name}, sized for the peak, is never busy enough."
    if requests == 0:
        first = f"{fleet[0].upper()}{fleet[1:]} cheaper from the first request on"
        return f"{first}{_later(name, settled)}"
    below = f"Below {human_count(requests)} requests a month Lambda is cheaper;"
    if math.isnan(settled):
        return f"{below} there {fleet} as cheap{_later(name, settled)}"
    if settled == requests:
        return f"{below} above it {fleet}, from {100 * busy:.0f}% utilization."
    if math.isinf(settled):
        return f"{below} above it the two take turns as {name} are added."
    return (
        f"{below} above {human_count(settled)} {name} is; "
        "between, the two take turns as instances are added."
    )


def _later(name: str, settled: float) -> str:
    if settled == 0:
        return "."
    if math.isnan(settled):
        return "; who is above it depends on an unknown price of Lambda's."
    if math.isinf(settled):
        return f", until the two take turns as {name} are added."
    return f" and above {human_count(settled)}; between, the two take turns as instances are added."

"""Calculate what the talk's invocations have cost, from Lambda's REPORT lines and the price table.

It counts every Invoke that plain boto3 makes in this process. `meter(look=True)` also finds in
CloudWatch Logs what was invoked without the log's tail, as an event or by a trigger; until then the
meter says "at least".
"""

import html
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import boto3
import numpy as np

from lambdadeck import aws, prices
from lambdadeck.aws import metering
from lambdadeck.aws.metering import Billed, Function, Usage
from lambdadeck.costs import lambda_bill
from lambdadeck.shared.formatting import human_count, human_usd
from lambdadeck.shared.table import table_of

CAPTION = "Lambda's requests and duration, no free tier; other services are not counted"
_OF_HERE = "; the durations are this machine's, not AWS's"
_ROWS = 8  # of a table that fits a slide
_Priced = tuple[prices.LambdaPrice, Billed, float]  # with US dollars


@dataclass(frozen=True)
class Meter:
    """The cost of the invocations in US dollars; NaN if no price is known.

    `unseen` are sentences about what is not counted; then `usd` is a minimum. `prices` are those
    used. `rows` are a function, its invocations, billed milliseconds, memory and cost.
    """

    where: str
    usd: float
    invocations: int
    prices: tuple[prices.LambdaPrice, ...]
    unseen: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]

    @property
    def amount(self) -> str:
        """Return the cost in dollars or cents: "at least 0.0004 cents"."""
        if math.isnan(self.usd):
            return "an unknown amount"
        is_small = 0 < self.usd < 0.0001
        said = f"{human_count(self.usd * 100)} cents" if is_small else human_usd(self.usd)
        return f"at least {said}" if self.unseen else said

    @property
    def source(self) -> str:
        """Return regions, dates and sources of the prices."""
        stated = [f"{one.region}, {one.arch}: {one.as_of}, {one.source}" for one in self.prices]
        return "; ".join(stated) or "no price"

    @property
    def caption(self) -> str:
        """Return what is counted, and with which prices."""
        return f"{CAPTION}{_OF_HERE if self.where == 'LOCAL' else ''}. {self.source}."

    @property
    def sentence(self) -> str:
        """Return the result in one sentence."""
        word = "would have cost" if self.where == "LOCAL" else "cost"
        regions = " and ".join(sorted({one.region for one in self.prices})) or "this region"
        return f"{self.where}: {_invocations(self.invocations)} {word} {self.amount} in {regions}"

    def __str__(self) -> str:
        table = [str(table_of(self.rows))] if self.rows else []
        return "\n".join([f"{self.sentence}.", *self.unseen, *table, self.caption])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        unseen = "".join(f"<p>{html.escape(line)}</p>" for line in self.unseen)
        shown = f"<p>{html.escape(self.caption)}</p>"
        if self.rows:
            shown = table_of(self.rows, self.caption)._repr_html_()
        return f'<p role="status"><strong>{html.escape(self.sentence)}</strong></p>{unseen}{shown}'


def meter(look: bool = False, *, usage: Usage | None = None, where: str | None = None) -> Meter:
    """Return what the talk has cost so far; `look` also reads each function's log in CloudWatch.

    In LOCAL it is what AWS would have charged in that region for the same REPORT lines. Errors of
    AWS are botocore's.
    """
    usage = usage or metering.THIS
    billed, waiting, gone = list(usage.billed), dict(usage.waiting), set[Function]()
    if look:
        found, gone = _read(usage)
        billed += found
        for one in found:
            waiting.pop(one.request_id, None)
    chips = {function: _chip(usage, function) for function in {one.function for one in billed}}
    priced = {function: _price(function, chip) for function, chip in chips.items()}
    counted = [(price, one, _usd(price, one)) for one in billed if (price := priced[one.function])]
    unseen = [
        *_waiting(waiting),
        *_by_triggers(usage.wired & gone if look else usage.wired, look),
        *_unpriced(Counter(one.function for one in billed if not priced[one.function]), chips),
    ]
    return Meter(
        where or ("AWS" if aws.asked() else "LOCAL"),
        math.nan if billed and not counted else sum(usd for _, _, usd in counted),
        len(billed) + len(waiting),
        tuple(dict.fromkeys(price for price, _, _ in counted)),
        tuple(unseen),
        tuple(_rows(counted)),
    )


def _usd(price: prices.LambdaPrice, one: Billed) -> float:
    region, arch = price.region, price.arch
    bill = lambda_bill(1, one.billed_ms, one.memory_mb, region=region, arch=arch, price=price)
    return float(np.asarray(bill.total_usd))


def _price(function: Function, chip: str | None) -> prices.LambdaPrice | None:
    try:
        return prices.lambda_price(function[0], chip) if chip else None
    except prices.UnknownPrice:
        return None


def _rows(counted: list[_Priced]) -> Iterator[Mapping[str, object]]:
    """Yield a row for each function, the most expensive first."""
    together: dict[tuple[Function, int], list[_Priced]] = {}
    for one in counted:
        together.setdefault((one[1].function, one[1].memory_mb), []).append(one)
    ranked = sorted(together.items(), key=lambda item: -_sum(item[1]))
    shown = _ROWS - 1 if len(ranked) > _ROWS else _ROWS
    for ((region, name), memory_mb), ones in ranked[:shown]:
        about = {"function": name, "region": region, "memory MB": f"{memory_mb:,}"}
        yield {**about, **_row(ones)}
    if rest := ranked[shown:]:
        others = [one for _, ones in rest for one in ones]
        yield {"function": f"{len(rest):,} others", **_row(others)}


def _sum(ones: Iterable[_Priced]) -> float:
    return sum(usd for _, _, usd in ones)


def _row(ones: list[_Priced]) -> dict[str, object]:
    ms = sum(one.billed_ms for _, one, _ in ones)
    cents = human_count(_sum(ones) * 100)
    return {"invocations": f"{len(ones):,}", "billed ms": f"{ms:,}", "cents": cents}


def _invocations(count: int) -> str:
    return f"{count:,} invocation{'' if count == 1 else 's'}"


def _waiting(waiting: Mapping[str, Function]) -> Iterator[str]:
    if waiting:
        names = ", ".join(sorted({name for _, name in waiting.values()}))
        yield (
            f"{len(waiting):,} of them ({names}) came back without a REPORT line, so only the "
            "others are counted: spend.meter(look=True) reads the logs."
        )


def _by_triggers(functions: Iterable[Function], looked: bool) -> Iterator[str]:
    if names := sorted({name for _, name in functions}):
        few = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        unread = "spend.meter(look=True) reads the logs that are still there."
        why = "the log is gone." if looked else unread
        yield f"What triggers invoked of {few} is not counted: {why}"


def _unpriced(counts: Counter[Function], chips: Mapping[Function, str | None]) -> Iterator[str]:
    for (region, name), count in sorted(counts.items()):
        ran_on = chips[region, name] or "an unknown processor"
        ran = f"{_invocations(count)} of {name} ran on {ran_on}"
        yield f"{ran} in {region}, whose price is unknown."


def _chip(usage: Usage, function: Function) -> str | None:
    """Return the function's processor, from AWS if it was not created here; None if it is gone."""
    if function not in usage.architectures:
        client = boto3.client("lambda", region_name=function[0])
        try:
            stated = client.get_function_configuration(FunctionName=function[1])
        except client.exceptions.ResourceNotFoundException:
            return None
        usage.architectures[function] = stated.get("Architectures", ["x86_64"])[0]
    return usage.architectures[function]


def _read(usage: Usage) -> tuple[list[Billed], set[Function]]:
    """Return the invocations that only the logs have, and the functions whose log is gone."""
    known, found, gone = {one.request_id for one in usage.billed}, list[Billed](), set[Function]()
    for function in sorted(usage.functions()):
        client = boto3.client("logs", region_name=function[0])
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{function[1]}",
            filterPattern='"REPORT RequestId"',
            startTime=int(usage.began_s * 1000),
        )
        try:
            lines = [
                metering.billed(function, event["message"])
                for page in pages
                for event in page["events"]
            ]
        except client.exceptions.ResourceNotFoundException:
            gone.add(function)
            continue
        # A retry has the request id of the first try, and is billed too.
        found += [line for line in lines if line.request_id not in known]
    return found, gone

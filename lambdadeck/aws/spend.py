"""The spend meter: what the talk's invocations have cost so far, from Lambda's own REPORT lines and the price table.

It hears of every Invoke that plain boto3 makes in this process. What was invoked without the log's tail, as an event or by a
trigger is found in CloudWatch Logs when asked for (`meter(look=True)`); until then the meter says "at least".
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import boto3
import numpy as np

from lambdadeck import aws, prices
from lambdadeck.aws import metering
from lambdadeck.aws.metering import Billed, Function, Talk
from lambdadeck.costs import lambda_bill
from lambdadeck.shared.formatting import human_count, human_usd
from lambdadeck.shared.table import table_of

CAPTION = "Lambda's requests and duration, no free tier; other services are not counted"
_OF_HERE = "; the durations are this machine's, not AWS's"
_ROWS = 8  # of a table that fits a slide


@dataclass(frozen=True)
class Meter:
    """What the invocations cost: US dollars; NaN when no price is known.

    `unseen` are sentences about what is not in it, and then `usd` is the least that it can be. `prices` are those that it
    was counted with. `rows` are a function, its invocations, billed milliseconds and memory, and what they cost.
    """

    where: str
    usd: float
    invocations: int
    prices: tuple[prices.LambdaPrice, ...]
    unseen: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]

    @property
    def amount(self) -> str:
        """ "at least 0.0004 cents": always in dollars or cents, never for a million of the same."""
        if self.usd != self.usd:
            return "an unknown amount"
        small = 0 < self.usd < 0.0001
        return ("at least " if self.unseen else "") + (
            f"{human_count(self.usd * 100)} cents" if small else human_usd(self.usd)
        )

    @property
    def source(self) -> str:
        """Regions, dates and sources of the prices."""
        return (
            "; ".join(f"{one.region}, {one.arch}: {one.as_of}, {one.source}" for one in self.prices)
            or "no price"
        )

    @property
    def caption(self) -> str:
        """What is counted, and with what prices."""
        return f"{CAPTION}{_OF_HERE if self.where == 'LOCAL' else ''}. {self.source}."

    @property
    def sentence(self) -> str:
        """What it came to, in one sentence."""
        word = "would have cost" if self.where == "LOCAL" else "cost"
        count = f"{self.invocations:,} invocation{'' if self.invocations == 1 else 's'}"
        regions = " and ".join(sorted({one.region for one in self.prices})) or "this region"
        return f"{self.where}: {count} {word} {self.amount} in {regions}"

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.sentence}.",
                *self.unseen,
                *([str(table_of(self.rows))] if self.rows else []),
                self.caption,
            ]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        unseen = "".join(f"<p>{html.escape(line)}</p>" for line in self.unseen)
        shown = (
            table_of(self.rows, self.caption)._repr_html_()
            if self.rows
            else f"<p>{html.escape(self.caption)}</p>"
        )
        return f'<p role="status"><strong>{html.escape(self.sentence)}</strong></p>{unseen}{shown}'


def meter(look: bool = False, *, talk: Talk | None = None, where: str | None = None) -> Meter:
    """What the talk has cost so far; `look` also reads the functions' logs in CloudWatch, a call or two for each.

    In LOCAL it is what AWS would have charged in that region for the same REPORT lines. Errors of AWS are botocore's.
    """
    talk = talk or metering.THIS
    billed, waiting, gone = list(talk.billed), dict(talk.waiting), set[Function]()
    if look:
        found, gone = _read(talk)
        billed += found
        waiting = {
            key: function
            for key, function in waiting.items()
            if key not in {one.request_id for one in found}
        }
    chips = {function: _chip(talk, function) for function in {one.function for one in billed}}
    counted = _priced(billed, chips)
    unseen = [
        *_waiting(waiting),
        *_elsewhere(talk.wired & gone if look else talk.wired, look),
        *_unpriced(billed, chips),
    ]
    return Meter(
        where or ("AWS" if aws.asked() else "LOCAL"),
        _total(counted, billed),
        len(billed) + len(waiting),
        tuple(dict.fromkeys(price for price, _, _ in counted)),
        tuple(unseen),
        tuple(_rows(counted)),
    )


Priced = tuple[prices.LambdaPrice, Billed, float]


def _priced(billed: Iterable[Billed], chips: Mapping[Function, str | None]) -> list[Priced]:
    """Each invocation with its price and what it cost, those left out for which there is none."""
    found = []
    for one in billed:
        price = _price(one.function, chips)
        if price is not None:
            found.append((price, one, _usd(price, one)))
    return found


def _usd(price: prices.LambdaPrice, one: Billed) -> float:
    # Billed milliseconds are whole already.
    return float(
        np.asarray(
            lambda_bill(
                1, one.billed_ms, one.memory_mb, region=price.region, arch=price.arch, price=price
            ).total_usd
        )
    )


def _price(function: Function, chips: Mapping[Function, str | None]) -> prices.LambdaPrice | None:
    chip = chips[function]
    try:
        return prices.lambda_price(function[0], chip) if chip else None
    except prices.UnknownPrice:
        return None


def _total(counted: list[Priced], billed: list[Billed]) -> float:
    return float("nan") if billed and not counted else sum(usd for _, _, usd in counted)


def _rows(counted: list[Priced]) -> Iterator[Mapping[str, object]]:
    """A row a function, the dearest first."""
    together: dict[tuple[Function, int], list[Priced]] = {}
    for one in counted:
        together.setdefault((one[1].function, one[1].memory_mb), []).append(one)
    cost = {key: sum(usd for _, _, usd in ones) for key, ones in together.items()}
    dearest = sorted(cost, key=lambda key: -cost[key])
    rest = dearest[_ROWS - 1 :] if len(dearest) > _ROWS else []
    for key in dearest[: len(dearest) - len(rest)]:
        (region, name), memory_mb = key
        yield {
            "function": name,
            "region": region,
            "memory MB": f"{memory_mb:,}",
            **_row(together[key], cost[key]),
        }
    if rest:
        ones = [one for key in rest for one in together[key]]
        yield {"function": f"{len(rest):,} others", **_row(ones, sum(cost[key] for key in rest))}


def _row(ones: list[Priced], usd: float) -> dict[str, object]:
    ms = sum(one.billed_ms for _, one, _ in ones)
    return {
        "invocations": f"{len(ones):,}",
        "billed ms": f"{ms:,}",
        "cents": human_count(usd * 100),
    }


def _waiting(waiting: Mapping[str, Function]) -> Iterator[str]:
    if waiting:
        names = ", ".join(sorted({name for _, name in waiting.values()}))
        yield (
            f"{len(waiting):,} of them ({names}) came back without a REPORT line, so only the others are counted: "
            "spend.meter(look=True) reads the logs."
        )


def _elsewhere(functions: Iterable[Function], looked: bool) -> Iterator[str]:
    if names := sorted({name for _, name in functions}):
        few = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        yield f"What triggers invoked of {few} is not counted: " + (
            "the log is gone."
            if looked
            else "spend.meter(look=True) reads the logs that are still there."
        )


def _unpriced(billed: Iterable[Billed], chips: Mapping[Function, str | None]) -> Iterator[str]:
    unknown = Counter(one.function for one in billed if _price(one.function, chips) is None)
    for (region, name), count in sorted(unknown.items()):
        chip = chips[region, name] or "an unknown processor"
        yield f"{count:,} invocation{'' if count == 1 else 's'} of {name} ran on {chip} in {region}, whose price is unknown."


def _chip(talk: Talk, function: Function) -> str | None:
    """What the function runs on: as it was made here, else as AWS says; None where it is gone."""
    if function not in talk.architectures:
        client = boto3.client("lambda", region_name=function[0])
        try:
            stated = client.get_function_configuration(FunctionName=function[1])
        except client.exceptions.ResourceNotFoundException:
            return None
        talk.architectures[function] = stated.get("Architectures", ["x86_64"])[0]
    return talk.architectures[function]


def _read(talk: Talk) -> tuple[list[Billed], set[Function]]:
    """What the logs have beyond what was heard of, since this talk began; and the functions whose log is gone."""
    known, found, gone = {one.request_id for one in talk.billed}, list[Billed](), set[Function]()
    for function in sorted(talk.functions()):
        client = boto3.client("logs", region_name=function[0])
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{function[1]}",
            filterPattern='"REPORT RequestId"',
            startTime=int(talk.began_s * 1000),
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
        found += [
            line for line in lines if line.request_id not in known
        ]  # a retry has its first try's id, and is billed
    return found, gone

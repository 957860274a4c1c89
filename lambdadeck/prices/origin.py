"""The origin of prices in words: region, date, and source, and a warning if they are old."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lambdadeck import prices

Priced: TypeAlias = prices.LambdaPrice | prices.Ec2Price
_FLAGS = {
    ("burst_baseline", True): "burstable at its baseline",
    ("burst_baseline", False): "burstable in unlimited mode",
}
_LEFT_OUT = {
    ("utilization",): "filled to 100%",
    ("peak_factor",): "no peak",
    ("min_instances", "spare"): "no spare",
    ("load_balancer",): "no load balancer",
}
_ALSO_LEFT_OUT = {  # too much for a corner; alternative text has it all
    ("concurrency", "cpu_share"): "all of the duration on a CPU",
    ("volume_gb",): "no volumes",
    ("public_ipv4",): "no public addresses",
    (): "no logs, data transfer, or people",
}


@dataclass(frozen=True)
class Origin:
    """Where a figure's numbers come from, and a warning ("" if every price is fresh).

    `brief` leaves out options and the sources' names, for the footer of a slide; "" is `data`.
    """

    data: str
    warning: str = ""
    brief: str = ""

    @property
    def footer(self) -> str:
        """Return the origin in one line of a slide."""
        return self.brief or self.data

    @property
    def text(self) -> str:
        """Return both in one line, for alternative text."""
        return f"{self.data}. Note: {self.warning}." if self.warning else self.data


def origin(
    place: str, today: dt.date | None = None, *, brief: bool = False, **priced: Iterable[Priced]
) -> Origin:
    """Name the source and date of each kind of price: `origin(place, aws_lambda=[...], ec2=[...])`.

    A source that gives no day is dated "about". Prices last confirmed over 180 days before `today`
    (None: the clock's day) give a warning with the age of the oldest row. `brief` leaves out the
    sources' names.
    """
    kinds = {
        {"aws_lambda": "Lambda", "ec2": "EC2"}.get(kind, kind): list(rows)
        for kind, rows in priced.items()
    }
    sources, dates = (
        [f"{kind} {words}" for kind, rows in kinds.items() for words in _sources(rows, short)]
        for short in (brief, True)
    )
    warnings = [_warning(kind, rows, today) for kind, rows in kinds.items()]
    return Origin(
        " · ".join([f"{place}, US$", *sources]),
        "; ".join(filter(None, warnings)),
        " · ".join([place.split(", ")[0], *dates]),
    )


def chosen(free_tier: bool, fleet: Mapping[str, object], *, all_of_it: bool = False) -> str:
    """Return in words the options of both bills, and what EC2's leaves out: most, or all of it."""
    given = {name: value for name, value in fleet.items() if value is not None}
    flags = [words for (name, value), words in _FLAGS.items() if given.get(name) is value]
    plain = {name: value for name, value in given.items() if not isinstance(value, bool)}
    values = [_option(name, value) for name, value in plain.items()]
    rate = [] if given.keys() & {"discount", "usd_per_hour"} else ["Linux on demand"]
    every = {**_LEFT_OUT, **(_ALSO_LEFT_OUT if all_of_it else {})}
    left_out = [words for names, words in every.items() if not given.keys() & set(names)]
    ec2 = ", ".join([*rate, *flags, *values, *left_out])
    return f"{'free tier used' if free_tier else 'no free tier'}; EC2 {ec2}"


def _option(name: str, value: object) -> str:
    if name == "utilization" and isinstance(value, float | int):
        return "filled to 100%" if value == 1 else f"at most {value:.0%} busy"
    return f"{name.replace('_', ' ')} {value}"


def source(*rows: prices.Dated, brief: bool = False) -> str:
    """Return the date and source that the rows share, what confirms them all, what is inferred."""
    about = "about " if "undated" in rows[0].as_of_note else ""
    confirmations = {row.confirmation for row in rows}
    inferred = {row.inferred for row in rows if isinstance(row, prices.LambdaPrice)} - {""}
    words = [
        f"{about}{rows[0].as_of.isoformat()}{'' if brief else f': {_name(rows[0])}'}",
        confirmations.pop() if len(confirmations) == 1 else "",
        *(f"{what} inferred" for what in sorted(inferred)),
    ]
    return ", ".join(filter(None, words))


def _name(row: prices.Dated) -> str:
    return row.source.split(";")[0]


def _sources(rows: Iterable[Priced], brief: bool) -> list[str]:
    """Return each source of the rows once."""
    shared: dict[tuple[str, dt.date], list[Priced]] = {}
    for row in rows:
        shared.setdefault((_name(row), row.as_of), []).append(row)
    return [source(*one, brief=brief) for one in shared.values()]


def _warning(kind: str, rows: Iterable[Priced], today: dt.date | None) -> str:
    old = [row for row in rows if prices.is_stale(row.last_confirmed, today)]
    if not old:
        return ""
    note = prices.stale_note(min(row.last_confirmed for row in old), today)
    if len(old) < len(list(rows)):
        some = ", ".join(dict.fromkeys(row.region for row in old))
        note = note.replace("prices", f"prices of {some}", 1)
    return f"{kind} {note}"
